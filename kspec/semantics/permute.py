"""Trusted: what a permutation of identities makes of a value, of a state; the least state of an
orbit.

Obvious and slow: the group is listed. Which permutations are automorphisms is not decided here
(`ir.passes.symmetry`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import permutations, product
from typing import assert_never, final

from kspec.base.record import frozen
from kspec.ir.passes.symmetry import Group
from kspec.ir.sorts import (
    Bool,
    Enum,
    Id,
    Int,
    Map,
    Opt,
    Record,
    Seq,
    Set,
    Sort,
    Value,
    index_of,
    values,
)
from kspec.ir.system import System
from kspec.semantics.state import State, state_key


@final
@frozen
class Renaming:
    """Where places go, kind by kind, and what names become; what is not there stays. An
    enumeration that lacks one of the names keeps them all."""

    places: Mapping[str, Mapping[int, int]]
    names: Mapping[str, str]


def renamings(groups: tuple[Group, ...]) -> Iterator[Renaming]:
    """Every combination of permutations within groups; the first changes nothing."""
    for chosen in product(*(permutations(range(len(g.places))) for g in groups)):
        places: dict[str, dict[int, int]] = {}
        names: dict[str, str] = {}
        for group, order in zip(groups, chosen, strict=True):
            pairs = [(i, j) for i, j in enumerate(order)]
            moved = {group.places[i]: group.places[j] for i, j in pairs}
            places.setdefault(group.kind, {}).update(moved)
            if group.names:
                names.update({group.names[i]: group.names[j] for i, j in pairs})
        yield Renaming(places, names)


def renamed(by: Renaming, sort: Sort, value: Value) -> Value:
    """The image of a value."""
    match sort:
        case Bool() | Int():
            return value
        case Id(kind, _):
            assert isinstance(value, int)
            return by.places.get(kind, {}).get(value, value)
        case Enum(_, cases):
            assert isinstance(value, str)
            after = by.names.get(value, value)
            return after if after in cases else value
        case Opt(of) | Seq(of, _):
            return None if value is None else tuple(renamed(by, of, v) for v in _items(value))
        case Record(_, fields):
            pairs = zip(fields, _items(value), strict=True)
            return tuple(renamed(by, of, v) for (_, of), v in pairs)
        case Set(of):
            assert isinstance(value, frozenset)
            return frozenset(renamed(by, of, v) for v in value)
        case Map(key, of):
            pairs_ = [
                (index_of(key, renamed(by, key, k)), renamed(by, of, v))
                for k, v in zip(values(key), _items(value), strict=True)
            ]
            return tuple(v for _, v in sorted(pairs_, key=lambda pair: pair[0]))
        case _:
            assert_never(sort)


def renamed_state(by: Renaming, system: System, state: State) -> State:
    """The image of a state."""
    pairs = zip(system.variables, state, strict=True)
    return tuple(renamed(by, variable.sort, value) for variable, value in pairs)


def orbit(system: System, groups: tuple[Group, ...], state: State) -> frozenset[State]:
    """All images of a state."""
    return frozenset(renamed_state(by, system, state) for by in renamings(groups))


def least(system: System, groups: tuple[Group, ...], state: State) -> State:
    """The least image of a state, in the order of states."""
    return min(orbit(system, groups, state), key=lambda image: state_key(system, image))


def _items(value: Value) -> tuple[Value, ...]:
    assert isinstance(value, tuple)
    return value
