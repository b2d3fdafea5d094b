"""The bounded strings, integers and lists of OCPP 1.6 and its security extension.

Written by tools/generate.py from the facts of the official schemas: change that, not this.
"""

from typing import TYPE_CHECKING, Annotated, TypeVar

from msgspec import Meta

__all__ = [
    "Items",
    "ItemsTexts",
    "OneOrMore",
    "String20",
    "String25",
    "String40",
    "String50",
    "String128",
    "String255",
    "String500",
    "String512",
    "String800",
    "String5500",
    "String10000",
]

_Item = TypeVar("_Item")
if TYPE_CHECKING:  # what may be given; what is read is a list
    from collections.abc import Sequence

    Items = Sequence[_Item]
    ItemsTexts = list[_Item] | tuple[_Item, ...]
    OneOrMore = Sequence[_Item]
else:
    Items = list[_Item]
    ItemsTexts = list[_Item]
    OneOrMore = Annotated[list[_Item], Meta(min_length=1)]
String20 = Annotated[str, Meta(max_length=20)]
String25 = Annotated[str, Meta(max_length=25)]
String40 = Annotated[str, Meta(max_length=40)]
String50 = Annotated[str, Meta(max_length=50)]
String128 = Annotated[str, Meta(max_length=128)]
String255 = Annotated[str, Meta(max_length=255)]
String500 = Annotated[str, Meta(max_length=500)]
String512 = Annotated[str, Meta(max_length=512)]
String800 = Annotated[str, Meta(max_length=800)]
String5500 = Annotated[str, Meta(max_length=5500)]
String10000 = Annotated[str, Meta(max_length=10000)]
