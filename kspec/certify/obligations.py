"""What must have no solution for a proof to be one, as SMT-LIB scripts.

For each group of claims, in order: runs from the initial states in which one of them is false
within the first `k` states; and runs of `k` steps between different states, in which all of them
and of earlier groups are true but for the end. Nothing of the engines is used, `semantics` neither.
Next: `recheck`, which has the scripts decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Final, TypeAlias, final

from kspec.base.record import frozen
from kspec.certify.formulas import Flat, Leaf, Script, lift
from kspec.certify.meaning import Doing, Meaning, Seen, World, doing
from kspec.ir.expr import Expr, sort_of
from kspec.ir.rewrite import children
from kspec.ir.sorts import Enum, Id, Int, Map, Opt, Record, Seq, Set, Sort, cardinality, values
from kspec.ir.system import (
    Action,
    Implicit,
    Index,
    Invariant,
    NoDeadlock,
    Occurrence,
    Reachable,
    System,
)
from kspec.verdict.answer import Induction

WELL_FORMED: Final = "$well-formed"
CUT: Final = "$cut "


MOST_STEPS: Final = 1000
"""Whoever checks a certificate does not go further, whatever it asks for."""


class Unfounded(Exception):
    """A certificate speaks of something that is no claim of the system."""


@final
@frozen
class Obligation:
    """A script that must have no solution; `what` says it for people."""

    what: str
    script: str


@final
@frozen(eq=False)
class _Act:
    """What one action does at one place of a run; `fires` if it is the one that is taken."""

    action: Action
    fires: Leaf
    does: Doing


Acts: TypeAlias = tuple[_Act, ...]


def obligations(system: System, groups: tuple[Induction, ...]) -> Iterator[Obligation]:
    """Everything that groups of claims rest on. Raises `Unfounded`."""
    before: tuple[str, ...] = ()
    bits = width(system)
    for number, group in enumerate(groups, start=1):
        if group.k < 1 or not group.names or len(set(group.names)) != len(group.names):
            raise Unfounded(f"group {number} is not one")
        if group.k > MOST_STEPS:
            raise Unfounded(f"group {number} is about runs of more than {MOST_STEPS} steps")
        for depth in range(group.k):
            what = f"group {number}, true at the start: runs of {depth} steps"
            yield Obligation(what, _Run(system, bits).begins(depth, group.names))
        if group.ends:
            what = f"group {number}, no run has {group.k} steps"
            yield Obligation(what, _Run(system, bits).goes_on(group.k))
        else:
            what = f"group {number}, stays true: {group.k} states before"
            yield Obligation(what, _Run(system, bits).steps(group.k, group.names, before))
        before += group.names


def _intervals(sort: Sort) -> Iterator[int]:
    """The numbers that bound those in the values of a sort."""
    match sort:
        case Int(lo, hi):
            yield from (lo, hi)
        case Enum() | Id():
            yield cardinality(sort)
        case Opt(of) | Set(of):
            yield from _intervals(of)
        case Record(_, fields):
            for _, s in fields:
                yield from _intervals(s)
        case Map(key, of):
            yield from (*_intervals(key), *_intervals(of))
        case Seq(of, cap):
            yield from (cap, *_intervals(of))
        case _:
            return


def _expressions(system: System) -> Iterator[Expr]:
    yield from (system.well_formed, system.init.where)
    yield from (expr for _, expr in system.init.assign)
    for action in system.actions:
        yield from (expr for _, expr in action.lets)
        yield from (part.expr for part in action.guard)
        yield from () if action.cut is None else (action.cut,)
        for update in action.updates:
            yield from (update.value, update.when, update.live)
            yield from (step.key for step in update.path if isinstance(step, Index))
    for prop in system.properties:
        match prop.claim:
            case Invariant(body) | Reachable(body):
                yield body
            case Occurrence(cases):
                yield from (case.body for case in cases)
            case _:
                pass


def width(system: System) -> int:
    """Bits that hold every number that any expression of a system can have, with its sign and room
    for a quotient's remainder."""
    greatest, seen, stack = 1, set[Expr](), list(_expressions(system))
    binders = [b for a in system.actions for b in (*a.params, *a.choices)]
    sorts = [b.sort for b in (*system.init.params, *binders)]
    for sort in (*(variable.sort for variable in system.variables), *sorts):
        greatest = max(greatest, *map(abs, _intervals(sort)), 1)
    while stack:
        expr = stack.pop()
        if expr not in seen:
            seen.add(expr)
            greatest = max(greatest, *map(abs, _intervals(sort_of(expr))), 1)
            stack.extend(children(expr))
    return greatest.bit_length() + 3


@final
class _Run:
    """A script about a run: its states, and what is done in each."""

    def __init__(self, system: System, bits: int) -> None:
        self.system = system
        self.script = Script(bits)
        self.meaning = Meaning(system, self.script)
        self.constants = {c.name: lift(c.sort, c.value) for c in system.constants}
        self.worlds: list[World] = []
        self.acts: list[Acts] = []

    # ---- the three kinds of scripts -----------------------------------------------------------

    def begins(self, depth: int, names: tuple[str, ...]) -> str:
        """From an initial state some steps to one where a claim is false, or a step from it is."""
        self._initial()
        self._walk(depth)
        self._do()
        self.script.require(self.script.any(self._bad(name, depth) for name in names))
        return self._text()

    def goes_on(self, k: int) -> str:
        """From an initial state `k` steps."""
        self._initial()
        self._walk(k)
        return self._text()

    def steps(self, k: int, names: tuple[str, ...], lemmas: tuple[str, ...]) -> str:
        """Any `k` steps between different states, true but for the end."""
        script = self.script
        self._state()
        self._walk(k)
        self._do()
        of_states = [n for n in names if self._is_of_state(n)]
        of_steps = [n for n in names if not self._is_of_state(n)]
        for place in range(k):
            for name in (*lemmas, *names):
                script.require(script.no(self._bad(name, place)))
        self._lemmas_at_the_end(lemmas, k)
        if k > 1:
            self._all_different()
        state_is_bad = script.any(self._bad(name, k) for name in of_states)
        step_is_bad = script.any(self._bad(name, k, lemmas) for name in of_steps)
        late = script.both((script.no(state_is_bad), step_is_bad))
        script.require(script.any((state_is_bad, late)))
        return self._text()

    def _lemmas_at_the_end(self, lemmas: tuple[str, ...], k: int) -> None:
        script = self.script
        for name in lemmas:
            if name not in _IMPLICIT:
                script.require(script.no(self._bad(name, k)))

    def _text(self) -> str:
        return "\n".join(("(set-logic QF_BV)", *self.script.lines, "(check-sat)", ""))

    # ---- runs ---------------------------------------------------------------------------------

    def _state(self) -> World:
        place = len(self.worlds)
        world: dict[str, Flat] = dict(self.constants)
        for number, variable in enumerate(self.system.variables):
            world[variable.name] = self.script.variable(variable.sort, f"s{place} {number}")
        self.worlds.append(world)
        return world

    def _initial(self) -> None:
        init, script = self.system.init, self.script
        seen = Seen(dict(self.constants))
        for number, binder in enumerate(init.params):
            flat = self._any(binder.sort, f"init {number}")
            seen = seen.bind(binder.name, flat, binder.sort)
        script.require(self.meaning.truth(init.where, seen))
        world = self._state()
        for variable, (_, expr) in zip(self.system.variables, init.assign, strict=True):
            start = self.meaning.into(expr, seen, variable.sort)
            script.require(script.equal(world[variable.name], start))

    def _any(self, sort: Sort, name: str) -> Flat:
        if cardinality(sort) == 0:
            self.script.require(False)
        return self.script.variable(sort, name)

    def _do(self) -> None:
        """What may be done in the last state."""
        place, found = len(self.acts), []
        for number, action in enumerate(self.system.actions):
            binders = (*action.params, *action.choices)
            if any(cardinality(b.sort) == 0 for b in binders):
                continue
            name = f"a{place} {number}"
            given = tuple(
                self.script.variable(b.sort, f"{name} {n}") for n, b in enumerate(binders)
            )
            fires = f"|{name}|"
            self.script.lines.append(f"(declare-const {fires} Bool)")
            does = doing(self.meaning, action, self.worlds[-1], given)
            found.append(_Act(action, fires, does))
        self.acts.append(tuple(found))

    def _walk(self, steps: int) -> None:
        """So many steps; one action fires in each, or several that lead to the same state."""
        script = self.script
        for _ in range(steps):
            self._do()
            after = self._state()
            acts = self.acts[-1]
            script.require(script.any(act.fires for act in acts))
            for act in acts:
                is_so = script.both((self._taken(act), self._leads_to(act, after)))
                script.require(script.any((script.no(act.fires), is_so)))

    def _taken(self, act: _Act) -> Leaf:
        """Enabled, and breaks nothing."""
        script, does = self.script, act.does
        whole = (script.no(broken) for broken in does.breaks.values())
        return script.both((does.guard, script.no(does.cut), *whole))

    def _leads_to(self, act: _Act, after: World) -> Leaf:
        names = (variable.name for variable in self.system.variables)
        return self.script.both(self.script.equal(after[n], act.does.after[n]) for n in names)

    def _all_different(self) -> None:
        names = [variable.name for variable in self.system.variables]
        for n, later in enumerate(self.worlds):
            for earlier in self.worlds[:n]:
                same = (self.script.equal(earlier[name], later[name]) for name in names)
                self.script.require(self.script.no(self.script.both(same)))

    # ---- claims -------------------------------------------------------------------------------

    def _is_of_state(self, name: str) -> bool:
        if name in _IMPLICIT:
            return False
        claims = [p.claim for p in self.system.properties if p.name == name]
        return not (claims and isinstance(claims[0], Occurrence))

    def _bad(self, name: str, place: int, lemmas: tuple[str, ...] = ()) -> Leaf:
        """That a claim is false of the state at a place, or of what is done there."""
        script, acts = self.script, self.acts[place]
        if name == WELL_FORMED:
            return script.no(self._so(self.system.well_formed, place))
        if name in _IMPLICIT:
            return script.any(self._breaks(act, _IMPLICIT[name], lemmas) for act in acts)
        if name.startswith(CUT):
            return self._is_cut(name.removeprefix(CUT), place)
        claims = [p.claim for p in self.system.properties if p.name == name]
        match claims:
            case [Invariant(body)]:
                return script.no(self._so(body, place))
            case [Reachable(body)]:
                return self._so(body, place)
            case [NoDeadlock()]:
                found = (d.guard for a in self.system.actions for d in self._all_of(a, place))
                return script.no(script.any(found))
            case [Occurrence() as claim]:
                return script.any(self._forbidden(act, claim, place) for act in acts)
            case _:
                raise Unfounded(f"`{name}` is no claim that is proved by induction")

    def _so(self, body: Expr, place: int) -> Leaf:
        return self.meaning.truth(body, Seen(self.worlds[place]))

    def _breaks(self, act: _Act, which: Implicit, lemmas: tuple[str, ...]) -> Leaf:
        """It is tried, and breaks this one; what was proved before is not broken by anything."""
        script, does = self.script, act.does
        others = (script.no(does.breaks[_IMPLICIT[name]]) for name in lemmas if name in _IMPLICIT)
        tried = (act.fires, does.guard, script.no(does.cut), *others)
        return script.both((*tried, does.breaks[which]))

    def _forbidden(self, act: _Act, claim: Occurrence, place: int) -> Leaf:
        script, seen = self.script, act.does.seen
        there = Seen(act.does.after, self.worlds[place], seen.bound)
        bodies = [case.body for case in claim.cases if case.action == act.action.name]
        good = script.both(self.meaning.truth(body, there) for body in bodies)
        return script.both((act.fires, self._taken(act), script.no(good)))

    def _is_cut(self, name: str, place: int) -> Leaf:
        actions = [a for a in self.system.actions if a.name == name and a.cut is not None]
        if len(actions) != 1:
            raise Unfounded(f"`{name}` is no action that can be cut")
        script = self.script
        found = self._all_of(actions[0], place)
        return script.any(script.both((does.guard, does.cut)) for does in found)

    def _all_of(self, action: Action, place: int) -> Iterable[Doing]:
        """Every instance of an action."""
        binders = (*action.params, *action.choices)
        for chosen in product(*(tuple(values(b.sort)) for b in binders)):
            given = tuple(lift(b.sort, v) for b, v in zip(binders, chosen, strict=True))
            yield doing(self.meaning, action, self.worlds[place], given)


_IMPLICIT: Final = {implicit.value: implicit for implicit in Implicit}

__all__ = ["CUT", "Obligation", "Unfounded", "WELL_FORMED", "obligations", "width"]
