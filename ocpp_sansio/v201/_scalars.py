"""The bounded strings, integers and lists of OCPP 2.0.1.

Written by tools/generate.py from the facts of the official schemas: change that, not this.
"""

from typing import TYPE_CHECKING, Annotated, TypeVar

from msgspec import Meta

__all__ = [
    "Int0To100",
    "List1To3",
    "List1To4",
    "List1To1024",
    "NonNegativeInt",
    "OneOrMore",
    "OneOrMoreTexts",
    "String6",
    "String8",
    "String16",
    "String20",
    "String25",
    "String32",
    "String36",
    "String40",
    "String50",
    "String64",
    "String128",
    "String255",
    "String500",
    "String512",
    "String800",
    "String1000",
    "String2500",
    "String5500",
    "String5600",
    "String10000",
]

_Item = TypeVar("_Item")
if TYPE_CHECKING:  # what may be given; what is read is a list
    from collections.abc import Sequence

    List1To1024 = Sequence[_Item]
    List1To3 = Sequence[_Item]
    List1To4 = Sequence[_Item]
    OneOrMore = Sequence[_Item]
    OneOrMoreTexts = list[_Item] | tuple[_Item, ...]
else:
    List1To1024 = Annotated[list[_Item], Meta(min_length=1, max_length=1024)]
    List1To3 = Annotated[list[_Item], Meta(min_length=1, max_length=3)]
    List1To4 = Annotated[list[_Item], Meta(min_length=1, max_length=4)]
    OneOrMore = Annotated[list[_Item], Meta(min_length=1)]
    OneOrMoreTexts = Annotated[list[_Item], Meta(min_length=1)]
Int0To100 = Annotated[int, Meta(ge=0, le=100)]
NonNegativeInt = Annotated[int, Meta(ge=0, le=9223372036854775807)]
String6 = Annotated[str, Meta(max_length=6)]
String8 = Annotated[str, Meta(max_length=8)]
String16 = Annotated[str, Meta(max_length=16)]
String20 = Annotated[str, Meta(max_length=20)]
String25 = Annotated[str, Meta(max_length=25)]
String32 = Annotated[str, Meta(max_length=32)]
String36 = Annotated[str, Meta(max_length=36)]
String40 = Annotated[str, Meta(max_length=40)]
String50 = Annotated[str, Meta(max_length=50)]
String64 = Annotated[str, Meta(max_length=64)]
String128 = Annotated[str, Meta(max_length=128)]
String255 = Annotated[str, Meta(max_length=255)]
String500 = Annotated[str, Meta(max_length=500)]
String512 = Annotated[str, Meta(max_length=512)]
String800 = Annotated[str, Meta(max_length=800)]
String1000 = Annotated[str, Meta(max_length=1000)]
String2500 = Annotated[str, Meta(max_length=2500)]
String5500 = Annotated[str, Meta(max_length=5500)]
String5600 = Annotated[str, Meta(max_length=5600)]
String10000 = Annotated[str, Meta(max_length=10000)]
