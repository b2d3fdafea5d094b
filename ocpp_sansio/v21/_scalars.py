"""The bounded strings, integers and lists of OCPP 2.1.

Written by tools/generate.py from the facts of the official schemas: change that, not this.
"""

from typing import TYPE_CHECKING, Annotated, TypeVar

from msgspec import Meta

__all__ = [
    "Int0To3",
    "Int0To100",
    "List1To3",
    "List1To4",
    "List1To4Texts",
    "List1To5",
    "List1To5Texts",
    "List1To7",
    "List1To8",
    "List1To8Texts",
    "List1To10",
    "List1To20",
    "List1To24",
    "List1To24Texts",
    "List1To100",
    "List1To1024",
    "NonNegativeInt",
    "OneOrMore",
    "OneOrMoreTexts",
    "PositiveInt",
    "String3",
    "String6",
    "String8",
    "String16",
    "String20",
    "String25",
    "String32",
    "String36",
    "String40",
    "String48",
    "String50",
    "String60",
    "String64",
    "String80",
    "String88",
    "String100",
    "String128",
    "String160",
    "String200",
    "String255",
    "String256",
    "String500",
    "String512",
    "String800",
    "String1000",
    "String1024",
    "String2000",
    "String2500",
    "String5500",
    "String10000",
    "String11000",
    "String17000",
    "String18000",
    "String32768",
]

_Item = TypeVar("_Item")
if TYPE_CHECKING:  # what may be given; what is read is a list
    from collections.abc import Sequence

    List1To10 = Sequence[_Item]
    List1To100 = Sequence[_Item]
    List1To1024 = Sequence[_Item]
    List1To20 = Sequence[_Item]
    List1To24 = Sequence[_Item]
    List1To24Texts = list[_Item] | tuple[_Item, ...]
    List1To3 = Sequence[_Item]
    List1To4 = Sequence[_Item]
    List1To4Texts = list[_Item] | tuple[_Item, ...]
    List1To5 = Sequence[_Item]
    List1To5Texts = list[_Item] | tuple[_Item, ...]
    List1To7 = Sequence[_Item]
    List1To8 = Sequence[_Item]
    List1To8Texts = list[_Item] | tuple[_Item, ...]
    OneOrMore = Sequence[_Item]
    OneOrMoreTexts = list[_Item] | tuple[_Item, ...]
else:
    List1To10 = Annotated[list[_Item], Meta(min_length=1, max_length=10)]
    List1To100 = Annotated[list[_Item], Meta(min_length=1, max_length=100)]
    List1To1024 = Annotated[list[_Item], Meta(min_length=1, max_length=1024)]
    List1To20 = Annotated[list[_Item], Meta(min_length=1, max_length=20)]
    List1To24 = Annotated[list[_Item], Meta(min_length=1, max_length=24)]
    List1To24Texts = Annotated[list[_Item], Meta(min_length=1, max_length=24)]
    List1To3 = Annotated[list[_Item], Meta(min_length=1, max_length=3)]
    List1To4 = Annotated[list[_Item], Meta(min_length=1, max_length=4)]
    List1To4Texts = Annotated[list[_Item], Meta(min_length=1, max_length=4)]
    List1To5 = Annotated[list[_Item], Meta(min_length=1, max_length=5)]
    List1To5Texts = Annotated[list[_Item], Meta(min_length=1, max_length=5)]
    List1To7 = Annotated[list[_Item], Meta(min_length=1, max_length=7)]
    List1To8 = Annotated[list[_Item], Meta(min_length=1, max_length=8)]
    List1To8Texts = Annotated[list[_Item], Meta(min_length=1, max_length=8)]
    OneOrMore = Annotated[list[_Item], Meta(min_length=1)]
    OneOrMoreTexts = Annotated[list[_Item], Meta(min_length=1)]
Int0To3 = Annotated[int, Meta(ge=0, le=3)]
Int0To100 = Annotated[int, Meta(ge=0, le=100)]
NonNegativeInt = Annotated[int, Meta(ge=0, le=9223372036854775807)]
PositiveInt = Annotated[int, Meta(ge=1, le=9223372036854775807)]
String3 = Annotated[str, Meta(max_length=3)]
String6 = Annotated[str, Meta(max_length=6)]
String8 = Annotated[str, Meta(max_length=8)]
String16 = Annotated[str, Meta(max_length=16)]
String20 = Annotated[str, Meta(max_length=20)]
String25 = Annotated[str, Meta(max_length=25)]
String32 = Annotated[str, Meta(max_length=32)]
String36 = Annotated[str, Meta(max_length=36)]
String40 = Annotated[str, Meta(max_length=40)]
String48 = Annotated[str, Meta(max_length=48)]
String50 = Annotated[str, Meta(max_length=50)]
String60 = Annotated[str, Meta(max_length=60)]
String64 = Annotated[str, Meta(max_length=64)]
String80 = Annotated[str, Meta(max_length=80)]
String88 = Annotated[str, Meta(max_length=88)]
String100 = Annotated[str, Meta(max_length=100)]
String128 = Annotated[str, Meta(max_length=128)]
String160 = Annotated[str, Meta(max_length=160)]
String200 = Annotated[str, Meta(max_length=200)]
String255 = Annotated[str, Meta(max_length=255)]
String256 = Annotated[str, Meta(max_length=256)]
String500 = Annotated[str, Meta(max_length=500)]
String512 = Annotated[str, Meta(max_length=512)]
String800 = Annotated[str, Meta(max_length=800)]
String1000 = Annotated[str, Meta(max_length=1000)]
String1024 = Annotated[str, Meta(max_length=1024)]
String2000 = Annotated[str, Meta(max_length=2000)]
String2500 = Annotated[str, Meta(max_length=2500)]
String5500 = Annotated[str, Meta(max_length=5500)]
String10000 = Annotated[str, Meta(max_length=10000)]
String11000 = Annotated[str, Meta(max_length=11000)]
String17000 = Annotated[str, Meta(max_length=17000)]
String18000 = Annotated[str, Meta(max_length=18000)]
String32768 = Annotated[str, Meta(max_length=32768)]
