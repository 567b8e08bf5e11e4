"""Trusted: what claims over whole runs say of one run that loops, and whether that run is fair.

Rules 8, 9 and 12. A `Run` is finite data for an infinite run, so everything here is decided by
walking it until nothing new comes. This module searches nothing; every counterexample to a claim
over runs is believed because of it alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias, assert_never, final

from attrs import evolve

from kspec.base.record import frozen
from kspec.ir.expr import Expr
from kspec.ir.rewrite import free_locals
from kspec.ir.sorts import Value, index_of, values
from kspec.ir.system import (
    Always,
    AndF,
    EachLife,
    EachValue,
    Eventually,
    Fairness,
    Formula,
    Holds,
    NotF,
    OrF,
    Origin,
    Settles,
    StepCase,
    Steps,
    System,
    Temporal,
    Unchanged,
    Until,
)
from kspec.semantics.evaluate import Env, evaluate, truth
from kspec.semantics.state import State, env_of, named
from kspec.semantics.step import Fair, Instance, fair_enabled, fair_of, instance_env


@final
@frozen
class Run:
    """An infinite run: `instances[k]` leads from `states[k]` to `states[k + 1]`.

    INVARIANT: there is one state more than instances; if `loop` is less than the number of
    instances, the last state is `states[loop]`, and the run goes on with `instances[loop]`, for
    ever. If it is equal, the run stays in the last state for ever.
    """

    states: tuple[State, ...]
    instances: tuple[Instance, ...]
    loop: int

    @property
    def rests(self) -> bool:
        """Does the run stay in its last state for ever?"""
        return self.loop == len(self.instances)


@final
@frozen
class Bound:
    """A name that a formula has bound. For a life, `live` says whether the object exists and
    `is_over` that it did not at some moment since."""

    name: str
    value: Value
    live: Expr | None = None
    is_over: bool = False


Names: TypeAlias = tuple[Bound, ...]
"""Outer names first; a later one hides an earlier one of the same name."""


@final
@frozen
class Moment:
    """A place in a run, and what has become of the lives that are spoken of.

    `at` is 0 at the start and k after the first k steps; one more than the number of steps is
    every moment of rest after them.
    """

    at: int
    names: Names


def is_violated_on(system: System, claim: Temporal | Settles, run: Run) -> bool:
    """Does the run show that the claim is false; for `oscillates`, that it is true?

    Whether the run is fair is not asked here.
    """
    match claim:
        case Temporal(formula):
            return not _Reader(system, run).is_true(formula, Moment(0, ()))
        case Settles(observed, _):
            return is_unsettled(system, observed, run)
        case _:
            assert_never(claim)


def neglected(system: System, run: Run) -> Fair | None:
    """The least fair instance that the run treats unfairly, if there is one (rule 8).

    A weakly fair instance is neglected if it is enabled all along the loop and not taken in it,
    a strongly fair one if it is enabled anywhere in it and not taken.
    """
    offered = [fair_enabled(system, state) for state in run.states[run.loop :]]
    taken = {fair for fair, _, _ in fair_steps(run)}
    for fair in sorted(frozenset().union(*offered), key=lambda f: _order(system, f)):
        strong = system.actions[fair.action].fairness is Fairness.STRONG
        asked = strong or all(fair in here for here in offered)
        if asked and fair not in taken:
            return fair
    return None


def fair_steps(run: Run) -> Iterator[tuple[Fair, State, State]]:
    """The steps of the loop that change the state, with the states before and after them."""
    for at in range(run.loop, len(run.instances)):
        before, after = run.states[at], run.states[at + 1]
        if before != after:
            yield fair_of(run.instances[at]), before, after


def _order(system: System, fair: Fair) -> tuple[int, tuple[int, ...]]:
    binders = system.actions[fair.action].params
    places = (index_of(b.sort, v) for b, v in zip(binders, fair.params, strict=True))
    return fair.action, tuple(places)


def is_unsettled(system: System, observed: tuple[str, ...], run: Run) -> bool:
    """Do controllers change observed variables in the loop, and only finitely many steps of
    environment and faults happen in the run?"""
    seen = [place for place, v in enumerate(system.variables) if v.name in observed]
    changes = False
    for at in range(run.loop, len(run.instances)):
        origin = system.actions[run.instances[at].action].origin
        if origin in (Origin.ENVIRONMENT, Origin.FAULT):
            return False
        before, after = run.states[at], run.states[at + 1]
        differs = any(before[place] != after[place] for place in seen)
        changes = changes or (origin is Origin.CONTROLLER and differs)
    return changes


@final
@frozen
class _Reader:
    """Reads formulas at the moments of one run."""

    system: System
    run: Run

    def is_true(self, formula: Formula, now: Moment) -> bool:
        """The truth of a formula from a moment on."""
        match formula:
            case Holds(body):
                return not mentions_over(body, now.names) and truth(body, self._env(now))
            case Steps(cases):
                return any(self._was_step(case, now) for case in cases)
            case NotF(arg):
                return not self.is_true(arg, now)
            case AndF(args):
                return all(self.is_true(arg, now) for arg in args)
            case OrF(args):
                return any(self.is_true(arg, now) for arg in args)
            case Always(arg):
                return all(self.is_true(arg, then) for then in self._onwards(now))
            case Eventually(arg):
                return any(self.is_true(arg, then) for then in self._onwards(now))
            case Until(left, right):
                return self._until(left, right, now)
            case Unchanged(body):
                return all(self._stays(body, then) for then in self._onwards(now))
            case EachLife() | EachValue():
                return self._each(formula, now)
            case _:
                assert_never(formula)

    def _until(self, left: Formula, right: Formula, now: Moment) -> bool:
        for then in self._onwards(now):
            if self.is_true(right, then):
                return True
            if not self.is_true(left, then):
                return False
        return False

    def _stays(self, body: Expr, now: Moment) -> bool:
        """Is this no change: what is spoken of is there, and the next step leaves the value?"""
        following = self._after(now)
        over = mentions_over(body, now.names)
        return not over and evaluate(body, self._env(now)) == evaluate(body, self._env(following))

    def _each(self, formula: EachLife | EachValue, now: Moment) -> bool:
        if isinstance(formula, EachValue):
            bound = (Bound(formula.binder.name, v) for v in values(formula.binder.sort))
            return all(self.is_true(formula.arg, evolve(now, names=(*now.names, b))) for b in bound)
        return all(
            self.is_true(formula.arg, evolve(then, names=(*then.names, life)))
            for value in values(formula.binder.sort)
            for life in (Bound(formula.binder.name, value, formula.live),)
            for then in self._onwards(now)
            if self._begins(life, then, then == now)
        )

    def _begins(self, life: Bound, then: Moment, is_first: bool) -> bool:
        """Is the object there, and was it not before, unless this is where we begin to look?"""
        if not self._is_live((*then.names, life), then.at):
            return False
        return is_first or not self._is_live((*then.names, life), then.at - 1)

    # ---- moments ------------------------------------------------------------------------------

    def _onwards(self, now: Moment) -> Iterator[Moment]:
        """This moment and all later ones, each once."""
        seen: set[Moment] = set()
        while now not in seen:
            seen.add(now)
            yield now
            now = self._after(now)

    def _after(self, now: Moment) -> Moment:
        at, last = now.at + 1, len(self.run.instances)
        if at > last:
            at = last + 1 if self.run.rests else self.run.loop + 1
        # What is over stays so; what is not is if the object is not there now.
        names = tuple(
            evolve(bound, is_over=bound.is_over or not self._is_live(now.names[: place + 1], at))
            if bound.live is not None
            else bound
            for place, bound in enumerate(now.names)
        )
        return Moment(at, names)

    def _state(self, at: int) -> State:
        return self.run.states[min(at, len(self.run.states) - 1)]

    def _is_live(self, names: Names, at: int) -> bool:
        live = names[-1].live
        assert live is not None
        return truth(live, bind(env_of(self.system, self._state(at)), names))

    def _env(self, now: Moment) -> Env:
        return bind(env_of(self.system, self._state(now.at)), now.names)

    def _was_step(self, case: StepCase, now: Moment) -> bool:
        if not 0 < now.at <= len(self.run.instances):
            return False
        before, instance = self._state(now.at - 1), self.run.instances[now.at - 1]
        action = self.system.actions[instance.action]
        own = instance_env(self.system, before, instance).bound
        about = tuple(b for b in now.names if b.name not in own)
        if action.name != case.action or mentions_over(case.body, about):
            return False
        outer = bind(env_of(self.system, before), now.names).bound
        present = named(self.system, self._state(now.at))
        env = Env(present, named(self.system, before), {**outer, **own})
        return truth(case.body, env)


def bind(env: Env, names: Names) -> Env:
    """An environment with the names of a formula."""
    for bound in names:
        env = env.bind(bound.name, bound.value)
    return env


def mentions_over(body: Expr, names: Names) -> bool:
    """Does an expression speak of a life that is over? What is said of it is false (rule 12)."""
    visible = {bound.name: bound for bound in names}
    return any(visible[n].is_over for n in free_locals(body) if n in visible)
