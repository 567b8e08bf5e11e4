"""Values of the pure layer.

==========  ==============================================================================
type        value
==========  ==============================================================================
bool, int   `bool`, `int`
rational,   `Fraction`, in the base unit (cores, bytes, seconds, ones)
units
name, enum  `str`
kind        `Obj`
key         `str`, the name
option      `None`, or the value itself (options do not nest)
record      `Rec`, values in declaration order
set         `frozenset`
list        `tuple`
map         `FrozenMap`; a total map has an entry for every key
tuple       `tuple`
timer       `None` when off, else the `Fraction` of seconds left, 0 when due
json        `Doc`
==========  ==============================================================================
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import TypeAlias, final

from attrs import field, frozen


@final
@frozen(order=True)
class Obj:
    """An identity: a place in its kind's pool. What it stands for depends on the world."""

    kind: str
    index: int


@final
@frozen
class Rec:
    """A record by value."""

    name: str
    values: tuple[Value, ...]


@final
class FrozenMap(Mapping["Value", "Value"]):
    """An immutable, hashable map; equal to another with the same entries."""

    __slots__ = ("_entries", "_hash")

    def __init__(self, entries: Mapping[Value, Value]) -> None:
        self._entries = dict(entries)
        self._hash = hash(frozenset(self._entries.items()))

    def __getitem__(self, key: Value) -> Value:
        return self._entries[key]

    def __iter__(self) -> Iterator[Value]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FrozenMap) and self._entries == other._entries

    def __repr__(self) -> str:
        return f"FrozenMap({self._entries!r})"


@final
@frozen
class Doc:
    """A document: plain data of `json` with exact numbers (`int`, `Fraction`)."""

    data: object = field(eq=repr)


Value: TypeAlias = "bool | int | Fraction | str | None | Obj | Rec | frozenset[Value] | tuple[Value, ...] | FrozenMap | Doc"
