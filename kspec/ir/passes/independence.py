"""Which instances of actions have nothing to do with each other: what each reads and writes.

A *place* is a variable with a path into it, as far as it is known without a state: the parameters
and choices of an instance are known, so `ready[p]` is another place for every `p`. Two instances
are *independent* if neither writes a place that the other reads or writes. Then neither changes
whether the other is enabled, cut or broken, what it writes, or what a claim about its steps says;
and both orders lead to the same state.

What reads count: everything that decides what an instance does, all that could make it break an
implicit property, and what claims about its steps read. A claim about states is taken apart into
the ways in which it can be decided: each is as if it were an instance that writes nothing, an
*observer*.

For an instance that is disabled, `enabling` has for each part of its guard who may make it true.
This says nothing of what need not be searched: `docs/adr/016` does, and `engines.stubborn`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, product
from math import prod
from typing import Final, final

from attrs import field

from kspec.base.record import frozen
from kspec.ir.build import neg
from kspec.ir.expr import And, Expr, Let, Lit, Not, Or, Quant, QuantKind
from kspec.ir.passes.places import (
    NOWHERE,
    SMALL,
    Env,
    Known,
    Meaning,
    Place,
    Reader,
    overlap,
)
from kspec.ir.rewrite import substitute
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
MOST_WAYS: Final = 128
"""Ways for one claim to be decided that are told apart."""
MOST_LOOKS: Final = 200_000
"""How often it is asked whether a step can make a formula true."""


@final
@frozen
class Observer:
    """One way for a claim about states to be decided: all of `parts` are true. `enabling[c]`: who
    may make part c true; those that fewer may come first."""

    parts: tuple[Expr, ...]
    enabling: tuple[int, ...]


@final
@frozen
class Independence:
    """Sets of numbers, as bits. Instances are numbered in the order of actions, params, choices,
    `bases` has the first of each action; observers come behind all instances.

    `depends[n]`: who is not independent of n. `enabling[n][c]`: who may make part c of the guard of
    n true. `orders`: for each action, in which order to look at the parts of a guard: those that
    fewer may make true come first.
    """

    bases: tuple[int, ...]
    depends: tuple[int, ...]
    enabling: tuple[tuple[int, ...], ...]
    orders: tuple[tuple[int, ...], ...]
    observers: tuple[Observer, ...]

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
    owners = [(action, env) for action in system.actions for env in _environments(action)]
    found = [_footprint(reader, a, env, _bodies(asked, a)) for a, env in owners]
    ways = [way for prop in asked for way in ways_of(reader, prop)]
    watching = [reader.reads(And(way), {}) for way in ways]
    index = _Index(reader, found, watching)
    enabling = tuple(
        tuple(
            0 if of.never else index.enabling(conjunct.expr, env) & ~(1 << n)
            for conjunct in action.guard
        )
        for n, (of, (action, env)) in enumerate(zip(found, owners, strict=True))
    )
    bases = tuple(_bases(system))
    return Independence(
        bases,
        tuple(index.conflicts(of.reads, of.writes) & ~(1 << n) for n, of in enumerate(found)),
        enabling,
        tuple(_orders(system, bases, enabling)),
        tuple(_observer(index, way) for way in ways),
    )


def _observer(index: _Index, way: tuple[Expr, ...]) -> Observer:
    masks = [index.enabling(part, {}) for part in way]
    order = sorted(range(len(way)), key=lambda c: (masks[c].bit_count(), c))
    return Observer(tuple(way[c] for c in order), tuple(masks[c] for c in order))


def _bases(system: System) -> Iterator[int]:
    total = 0
    for action in system.actions:
        yield total
        total += prod(cardinality(b.sort) for b in (*action.params, *action.choices))


def _orders(
    system: System, bases: tuple[int, ...], enabling: tuple[tuple[int, ...], ...]
) -> Iterator[tuple[int, ...]]:
    ends = (*bases[1:], len(enabling))
    for action, low, high in zip(system.actions, bases, ends, strict=False):
        counts = [
            (sum(enabling[n][c].bit_count() for n in range(low, high)), c)
            for c in range(len(action.guard))
        ]
        yield tuple(c for _, c in sorted(counts))


# ---- what one instance reads and writes --------------------------------------------------------


@final
@frozen
class _Footprint:
    """Of one instance. `writes`: what is written where, if it is the same in every state; `never`:
    it is never enabled and never cut."""

    reads: frozenset[Place] = NOWHERE
    writes: Mapping[Place, Known | None] = field(factory=dict)
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


def _footprint(reader: Reader, action: Action, env: Env, bodies: tuple[Expr, ...]) -> _Footprint:
    guard = tuple(conjunct.expr for conjunct in action.guard)
    if any(reader.known(expr, env) == Known(False) for expr in guard):
        return _Footprint(never=True)
    cut = () if action.cut is None else (action.cut,)
    reads = NOWHERE.union(*(reader.reads(expr, env) for expr in (*guard, *bodies, *cut)))
    writes: dict[Place, Known | None] = {}
    for update in action.updates:
        for inner in _bindings(update, env):
            if reader.known(update.when, inner) != Known(False):
                place, read = _write(reader, update, inner)
                reads |= read
                value = None if place in writes else reader.known(update.value, inner)
                writes[place] = value
    return _Footprint(reads, writes)


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
    return (update.var, path), NOWHERE.union(*read)


def _step(reader: Reader, step: Index | Field, env: Env) -> Known | str | None:
    return step.name if isinstance(step, Field) else reader.key(step.key, env)


# ---- who meets whom ----------------------------------------------------------------------------


@final
class _Index:
    """Who reads and who writes each place."""

    def __init__(
        self, reader: Reader, found: list[_Footprint], watching: list[frozenset[Place]]
    ) -> None:
        self._reader, self._found = reader, found
        self._readers: dict[str, dict[Place, int]] = {}
        self._writers: dict[str, dict[Place, int]] = {}
        for n, of in enumerate(found):
            self._enter(self._readers, of.reads, n)
            self._enter(self._writers, of.writes, n)
        for k, places in enumerate(watching):
            self._enter(self._readers, places, len(found) + k)
        self._met: dict[tuple[bool, Place], int] = {}
        self._left = MOST_LOOKS

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

    def _writing(self, places: Iterable[Place]) -> int:
        mask = 0
        for place in places:
            mask |= self._meeting(place, writes=True)
        return mask

    def conflicts(self, reads: Iterable[Place], writes: Iterable[Place]) -> int:
        """Who is not independent of what reads and writes these."""
        writes = tuple(writes)
        mask = self._writing(reads) | self._writing(writes)
        for place in writes:
            mask |= self._meeting(place, writes=False)
        return mask

    def enabling(self, expr: Expr, env: Env) -> int:
        """Who may make a formula true that is false: whoever writes something that it reads, but
        for those after whose step it is false."""
        read = self._reader.reads(expr, env)
        mask = self._writing(read)
        for n in numbers(mask):
            if self._left <= 0:
                break
            self._left -= 1
            if self._leaves_false(n, read, expr, env):
                mask &= ~(1 << n)
        return mask

    def _leaves_false(self, n: int, read: frozenset[Place], expr: Expr, env: Env) -> bool:
        """Is a formula, if it is false, false after every step of an instance? It is if all that
        the step changes of what is read is one place, and the formula is false with that value."""
        changed = [w for w in self._found[n].writes.items() if any(overlap(w[0], r) for r in read)]
        if len(changed) != 1:
            return False
        place, value = changed[0]
        met = {r for r in read if overlap(place, r)}
        if value is None or met != {place} or None in place[1]:
            return False
        return self._reader.supposing(place, value, expr, env) == Known(False)


# ---- claims about states -----------------------------------------------------------------------


def ways_of(reader: Reader, prop: Property) -> list[tuple[Expr, ...]]:
    """The ways for a search to find a claim: each a list of formulas that are true together."""
    match prop.claim:
        case Invariant(body):
            return _ways(reader, body, False)
        case Reachable(body):
            return _ways(reader, body, True)
        case _:
            return []


def _ways(reader: Reader, expr: Expr, wanted: bool) -> list[tuple[Expr, ...]]:
    """The ways for a formula to be as it is wanted; no more than `MOST_WAYS`."""
    atom: list[tuple[Expr, ...]] = [(expr if wanted else neg(expr),)]
    known = reader.known(expr, {})
    if known is not None:
        return [()] if known.value is wanted else []
    match expr:
        case Not(arg):
            return _ways(reader, arg, not wanted)
        case Let(name, value, body):
            return _ways(reader, substitute(body, {name: value}), wanted)
        case And(args) | Or(args):
            parts = args
        case Quant(_, binder, body) if cardinality(binder.sort) <= SMALL:
            lits = (Lit(binder.sort, value) for value in values(binder.sort))
            parts = tuple(substitute(body, {binder.name: lit}) for lit in lits)
        case _:
            return atom
    is_and = isinstance(expr, And) or (isinstance(expr, Quant) and expr.kind is QuantKind.ALL)
    found = [_ways(reader, part, wanted) for part in parts]
    if is_and is wanted:
        if prod(map(len, found)) > MOST_WAYS:
            return atom
        return [tuple(chain.from_iterable(ways)) for ways in product(*found)]
    apart = list(chain.from_iterable(found))
    return apart if len(apart) <= MOST_WAYS else atom


def numbers(mask: int) -> Iterator[int]:
    """The numbers in a set, least first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


__all__ = ["Independence", "MOST", "Observer", "independence", "instances", "numbers", "ways_of"]
