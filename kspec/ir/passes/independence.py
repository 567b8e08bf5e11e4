"""Which instances of actions have nothing to do with each other: what each reads and writes.

A *place* is a variable with a path into it, as far as it is known without a state: the parameters
and choices of an instance are known, so `ready[p]` is another place for every `p`. Two instances
are *independent* if neither writes a place that the other reads or writes. Then neither changes
whether the other is enabled, cut or broken, what it writes, or what a claim about its steps says;
and both orders lead to the same state.

What reads count: everything that decides what an instance does, all that could make it break an
implicit property, and what claims about its steps read. A claim about states reads as if it were
an instance that writes nothing: an *observer*.

For an instance that is disabled, `enabling` has for each part of its guard who may make it true.
This says nothing of what need not be searched: `docs/adr/016` does, and `engines.stubborn`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from math import prod
from typing import Final, final

from attrs import field

from kspec.base.record import frozen
from kspec.ir.expr import Expr
from kspec.ir.passes.places import Env, Known, Meaning, Place, Reader, overlap
from kspec.ir.sorts import cardinality, values
from kspec.ir.system import (
    Action,
    Field,
    Index,
    Invariant,
    Occurrence,
    Property,
    Reachable,
    System,
    Update,
)

MOST: Final = 2048
"""Instances that are compared with each other."""
MOST_WRITES: Final = 256
"""Instances of an update that are told apart."""


@final
@frozen
class Independence:
    """Sets of numbers, as bits. Instances are numbered in the order of actions, params, choices,
    `bases` has the first of each action; observers come behind all instances.

    `depends[n]`: who is not independent of n. `enabling[n][c]`: who may make part c of the guard of
    n true. `orders`: for each action, in which order to look at the parts of a guard: those that
    fewer may make true come first. `observers[k]`: who may change what claim k reads.
    """

    bases: tuple[int, ...]
    depends: tuple[int, ...]
    enabling: tuple[tuple[int, ...], ...]
    orders: tuple[tuple[int, ...], ...]
    observers: tuple[int, ...]

    @property
    def instances(self) -> int:
        """How many instances there are."""
        return len(self.depends)

    @property
    def width(self) -> int:
        """How many numbers there are."""
        return len(self.depends) + len(self.observers)

    @property
    def is_useless(self) -> bool:
        """Has everything to do with everything?"""
        real = (1 << self.instances) - 1
        return all((mask | 1 << n) & real == real for n, mask in enumerate(self.depends))


def instances(system: System) -> int:
    """How many instances all actions have."""
    return sum(prod(cardinality(b.sort) for b in (*a.params, *a.choices)) for a in system.actions)


def independence(system: System, asked: Iterable[Property]) -> Independence:
    """Who has to do with whom, for a search that asks for these properties. The caller owes that
    there are at most `MOST` instances."""
    asked = tuple(asked)
    reader = Reader(frozenset(v.name for v in system.variables))
    found = [
        _footprint(reader, action, env, _bodies(asked, action))
        for action in system.actions
        for env in _environments(action)
    ]
    seen = [_observed(reader, prop) for prop in asked]
    watching = [places for places in seen if places]
    index = _Index(found, watching)
    enabling = tuple(
        tuple(0 if of.never else index.writers(part) & ~(1 << n) for part in of.guard)
        for n, of in enumerate(found)
    )
    bases = tuple(_bases(system))
    return Independence(
        bases,
        tuple(index.conflicts(of.reads, of.writes) & ~(1 << n) for n, of in enumerate(found)),
        enabling,
        tuple(_orders(system, bases, enabling)),
        tuple(index.writers(places) for places in watching),
    )


def _bases(system: System) -> Iterator[int]:
    total = 0
    for action in system.actions:
        yield total
        total += prod(cardinality(b.sort) for b in (*action.params, *action.choices))


def _orders(
    system: System, bases: tuple[int, ...], enabling: tuple[tuple[int, ...], ...]
) -> Iterator[tuple[int, ...]]:
    ends = (*bases[1:], len(enabling))
    for action, low, high in zip(system.actions, bases, ends, strict=True):
        counts = [
            (sum(enabling[n][c].bit_count() for n in range(low, high)), c)
            for c in range(len(action.guard))
        ]
        yield tuple(c for _, c in sorted(counts))


# ---- what one instance reads and writes --------------------------------------------------------


@final
@frozen
class _Footprint:
    """Of one instance; `guard` is what each part of the guard reads; `never`: it is never
    enabled and never cut."""

    reads: frozenset[Place] = frozenset()
    writes: frozenset[Place] = frozenset()
    guard: tuple[frozenset[Place], ...] = field(default=())
    never: bool = False


def _environments(action: Action) -> Iterator[Env]:
    binders = (*action.params, *action.choices)
    for chosen in product(*(tuple(values(b.sort)) for b in binders)):
        env: Env = {b.name: Known(v) for b, v in zip(binders, chosen, strict=True)}
        for name, value in action.lets:
            env = {**env, name: Meaning(value, env)}
        yield env


def _bodies(asked: tuple[Property, ...], action: Action) -> tuple[Expr, ...]:
    """What claims say about steps of the action."""
    return tuple(
        case.body
        for prop in asked
        if isinstance(prop.claim, Occurrence)
        for case in prop.claim.cases
        if case.action == action.name
    )


def _observed(reader: Reader, prop: Property) -> frozenset[Place]:
    match prop.claim:
        case Invariant(body) | Reachable(body):
            return reader.reads(body, {})
        case _:
            return frozenset()


def _footprint(reader: Reader, action: Action, env: Env, bodies: tuple[Expr, ...]) -> _Footprint:
    guard = tuple(reader.reads(conjunct.expr, env) for conjunct in action.guard)
    if any(reader.known(conjunct.expr, env) == Known(False) for conjunct in action.guard):
        return _Footprint(guard=guard, never=True)
    others = bodies if action.cut is None else (*bodies, action.cut)
    reads = frozenset[Place]().union(*guard, *(reader.reads(expr, env) for expr in others))
    writes: set[Place] = set()
    for update in action.updates:
        for inner in _bindings(update, env):
            place, read = _write(reader, update, inner)
            if reader.known(update.when, inner) != Known(False):
                writes.add(place)
                reads |= read
    return _Footprint(reads, frozenset(writes), guard)


def _bindings(update: Update, env: Env) -> Iterator[Env]:
    if prod(cardinality(b.sort) for b in update.binders) > MOST_WRITES:
        hidden = {b.name for b in update.binders}
        yield {name: bound for name, bound in env.items() if name not in hidden}
        return
    for chosen in product(*(tuple(values(b.sort)) for b in update.binders)):
        yield {**env, **{b.name: Known(v) for b, v in zip(update.binders, chosen, strict=True)}}


def _write(reader: Reader, update: Update, env: Env) -> tuple[Place, frozenset[Place]]:
    """Where it writes, and all that it depends on, what might break an implicit property too."""
    keys = [step.key for step in update.path if isinstance(step, Index)]
    read = (reader.reads(e, env) for e in (update.when, update.live, update.value, *keys))
    path = tuple(_step(reader, step, env) for step in update.path)
    return (update.var, path), frozenset[Place]().union(*read)


def _step(reader: Reader, step: Index | Field, env: Env) -> Known | str | None:
    return step.name if isinstance(step, Field) else reader.key(step.key, env)


# ---- who meets whom ----------------------------------------------------------------------------


@final
class _Index:
    """Who reads and who writes each place."""

    def __init__(self, found: list[_Footprint], watching: list[frozenset[Place]]) -> None:
        self._readers: dict[str, dict[Place, int]] = {}
        self._writers: dict[str, dict[Place, int]] = {}
        for n, of in enumerate(found):
            self._enter(self._readers, of.reads, n)
            self._enter(self._writers, of.writes, n)
        for k, places in enumerate(watching):
            self._enter(self._readers, places, len(found) + k)
        self._met: dict[tuple[bool, Place], int] = {}

    def _enter(self, into: dict[str, dict[Place, int]], places: Iterable[Place], n: int) -> None:
        for place in places:
            of_variable = into.setdefault(place[0], {})
            of_variable[place] = of_variable.get(place, 0) | 1 << n

    def _meeting(self, place: Place, *, writes: bool) -> int:
        key = (writes, place)
        if key not in self._met:
            those = (self._writers if writes else self._readers).get(place[0], {})
            mask = 0
            for other, numbers in those.items():
                if overlap(place, other):
                    mask |= numbers
            self._met[key] = mask
        return self._met[key]

    def writers(self, places: Iterable[Place]) -> int:
        """Who may write one of them."""
        mask = 0
        for place in places:
            mask |= self._meeting(place, writes=True)
        return mask

    def conflicts(self, reads: Iterable[Place], writes: Iterable[Place]) -> int:
        """Who is not independent of what reads and writes these."""
        writes = tuple(writes)
        mask = self.writers(reads) | self.writers(writes)
        for place in writes:
            mask |= self._meeting(place, writes=False)
        return mask


__all__ = ["MOST", "Independence", "independence", "instances"]
