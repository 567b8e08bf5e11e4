"""Objects of different kinds that bear one name: a node, its machine and its lease.

A name links an object to its namesakes of other kinds, and models find one by the other. So what
is so of the node `a` is as likely to be so of `b` only if machines and leases change places with
nodes. `joint` are such changes; `Names` says who is whose namesake.

For guessing only: actions may tell apart what changes places here, so whoever uses this asks about
each guess. Next: `symmetry`, whose groups are of one kind and are no guesses.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import TypeAlias, final

from kspec.base.record import frozen
from kspec.ir.passes.symmetry import Swap, moved
from kspec.ir.sorts import Enum, Id, Map
from kspec.ir.system import Const, System

Joint: TypeAlias = tuple[Swap, ...]
"""Swaps that are done one after another: of each kind, and of the names once."""


@final
@frozen
class Key:
    """A constant that gives each object of a kind a name of its own, by place."""

    constant: str
    kind: Id
    names: Enum
    of: tuple[str, ...]


@final
@frozen
class Names:
    """The keys of a system, one for each kind that has one."""

    keys: tuple[Key, ...]

    def key(self, kind: Id) -> Key | None:
        """The key of a kind."""
        return next((key for key in self.keys if key.kind.kind == kind.kind), None)

    def name(self, kind: Id, place: int) -> tuple[Enum, str] | None:
        """What an object is called; None if its kind has no key."""
        key = self.key(kind)
        return None if key is None else (key.names, key.of[place])


def names(system: System) -> Names:
    """The keys that constants are; of a kind the first."""
    found: dict[str, Key] = {}
    for constant in system.constants:
        match constant.sort:
            case Map(Id(kind) as of, Enum() as names):
                assert isinstance(constant.value, tuple)
                given = tuple(str(value) for value in constant.value)
                if len(set(given)) == len(given) > 0:
                    found.setdefault(kind, Key(constant.name, of, names, given))
            case _:
                pass
    return Names(tuple(found.values()))


def joint(system: System) -> tuple[Joint, ...]:
    """Changes of places of namesakes of more than one kind that no constant is changed by: those
    from which all others come about."""
    keys = names(system).keys
    made: list[Joint] = []
    for enum in dict.fromkeys(key.names for key in keys):
        mine = tuple(key for key in keys if key.names == enum)
        for one, other in _alike(enum, mine):
            swaps = _swaps(mine, one, other)
            if len(swaps) > 1 and all(_is_kept(swaps, c) for c in system.constants):
                made.append(swaps)
    return tuple(made)


def _is_kept(swaps: Joint, constant: Const) -> bool:
    value = constant.value
    for swap in swaps:
        value = moved(swap, constant.sort, value)
    return value == constant.value


def _alike(enum: Enum, keys: tuple[Key, ...]) -> Iterable[tuple[str, str]]:
    """Neighbours among the names that objects of the same kinds bear."""
    found: dict[tuple[bool, ...], list[str]] = {}
    for case in enum.cases:
        found.setdefault(tuple(case in key.of for key in keys), []).append(case)
    return (pair for cases in found.values() for pair in pairwise(cases))


def _swaps(keys: tuple[Key, ...], one: str, other: str) -> Joint:
    bearing = [key for key in keys if one in key.of]
    return tuple(
        Swap(
            key.kind.kind,
            (key.of.index(one), key.of.index(other)),
            None if n else (one, other),
        )
        for n, key in enumerate(bearing)
    )


__all__ = ["Joint", "Key", "Names", "joint", "names"]
