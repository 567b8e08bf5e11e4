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
map         `FrozenMap`; a total map answers every key (with its default, if it has one)
tuple       `tuple`
timer       `None` when off, else the `Fraction` of seconds left, 0 when due
json        `Doc`
==========  ==============================================================================
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Final, TypeAlias, final

from attrs import field

from kspec.base.record import frozen


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


class Missing(enum.Enum):
    """The type of `MISSING`."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING
"""No default: not the same as the default `None`."""


@final
class FrozenMap(Mapping["Value", "Value"]):
    """An immutable, hashable map.

    With a `default` it is a total map: asked for any key it answers, and only entries that differ
    from the default are kept, so that two are equal if they agree everywhere. Going through it
    goes through those entries alone.
    """

    __slots__ = ("_default", "_entries", "_hash")

    def __init__(self, entries: Mapping[Value, Value], default: Value | Missing = MISSING) -> None:
        if isinstance(default, Missing):
            self._entries = dict(entries)
        else:
            self._entries = {key: value for key, value in entries.items() if value != default}
        self._default = default
        self._hash = hash((default, frozenset(self._entries.items())))

    @property
    def default(self) -> Value | Missing:
        """What every key without an entry has, or `MISSING`."""
        return self._default

    def put(self, entries: Mapping[Value, Value]) -> FrozenMap:
        """The map with these entries put in the place of others."""
        return FrozenMap({**self._entries, **entries}, self._default)

    def __getitem__(self, key: Value) -> Value:
        if isinstance(self._default, Missing):
            return self._entries[key]
        return self._entries.get(key, self._default)

    def __iter__(self) -> Iterator[Value]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, FrozenMap)
            and self._default == other._default
            and self._entries == other._entries
        )

    def __repr__(self) -> str:
        more = "" if isinstance(self._default, Missing) else f", default={self._default!r}"
        return f"FrozenMap({self._entries!r}{more})"


@final
@frozen
class Doc:
    """A document: plain data of `json` with exact numbers (`int`, `Fraction`)."""

    data: object = field(eq=repr)


Value: TypeAlias = (
    "bool | int | Fraction | str | None | Obj | Rec | frozenset[Value] | tuple[Value, ...]"
    " | FrozenMap | Doc"
)
