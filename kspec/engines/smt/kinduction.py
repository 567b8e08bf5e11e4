"""k-induction: what is true of the first `k` states of every run, and after any `k` different ones
of which it is true, is true of all.

A prover: it answers `Proved`, with the groups that were proved one after another, or with what
bounded search found or how deep it looked. `well_formed` goes first; what is proved is assumed in
what follows. Claims that need each other are proved together: of all that are open the largest
set that implies itself is found by leaving out what fails. Different states suffice since a
shortest run to something bad visits none twice. Next: `kspec.certify`, which checks the proofs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, assert_never, final

from attrs import field

from kspec.base.record import define
from kspec.engines.api import Proofs
from kspec.engines.smt.bmc import Bounded
from kspec.engines.smt.decode import Reading
from kspec.engines.smt.encode import TooLarge
from kspec.engines.smt.model import CUT, Goal, Model, OfState, OfStep, cut_goal, well_formed
from kspec.engines.smt.solver import GaveUp, Limits, Sat, Solver, Unsat
from kspec.engines.smt.unroll import Unrolling
from kspec.verdict.answer import (
    Found,
    Inconclusive,
    Induction,
    Inductive,
    Proved,
    ProverAnswer,
    Reached,
    Why,
)
from kspec.verdict.trace import Trace

DEPTH: Final = 8


def prove(model: Model, goals: Iterable[Goal], depth: int, limits: Limits) -> Proofs:
    """Try to prove that nothing reachable is what the goals speak of, with up to `depth` states
    assumed."""
    return _Attempt(model, tuple(goals), limits).run(depth)


@final
class _Assumed:
    """Any run of so many states, all different, with what is assumed of them."""

    def __init__(self, model: Model, limits: Limits) -> None:
        self.unrolling = Unrolling(model)
        self.solver = Solver(limits, self.unrolling.translator.context)
        self.k = 0
        self._lemmas: list[Goal] = []
        self._supposed: dict[str, tuple[Goal, Any]] = {}
        self._add_state(0)

    def _add_state(self, place: int) -> None:
        self.solver.add(self.unrolling.state(place))
        self.solver.add(self.unrolling.given(place))
        for lemma in self._lemmas:
            self._never(lemma, place)

    def _never(self, goal: Goal, place: int) -> None:
        self.solver.add([self.unrolling.z3.Not(self.unrolling.bad(place, goal))])

    def lemma(self, goal: Goal) -> None:
        """What a goal speaks of never happens: it was proved."""
        self._lemmas.append(goal)
        for place in range(self.k + 1):
            self._never(goal, place)

    def longer(self) -> None:
        """One state more."""
        place = self.k
        self.solver.add([self.unrolling.step(place)])
        self.k = place + 1
        self._add_state(self.k)
        if self.k == 2:
            self.solver.add([self.unrolling.differ(0, 1)])
        if self.k >= 2:
            self.solver.add(self.unrolling.differ(n, self.k) for n in range(self.k))
        for goal, literal in self._supposed.values():
            self._suppose(goal, literal, place)

    def _suppose(self, goal: Goal, literal: Any, place: int) -> None:
        z3 = self.unrolling.z3
        self.solver.add([z3.Implies(literal, z3.Not(self.unrolling.bad(place, goal)))])

    def supposed(self, goal: Goal) -> Any:
        """The literal of: what a goal speaks of has not happened before the last state."""
        if goal.name not in self._supposed:
            literal = self.unrolling.flag(f"suppose!{len(self._supposed)}")
            self._supposed[goal.name] = (goal, literal)
            for place in range(self.k):
                self._suppose(goal, literal, place)
        return self._supposed[goal.name][1]

    def failing(self, goal: Goal, others: Iterable[Goal]) -> Sat | Unsat | GaveUp:
        """Can it happen now, if none of the others has?"""
        z3, unrolling = self.unrolling.z3, self.unrolling
        others = tuple(others)
        assumed = [unrolling.bad(self.k, goal), *(self.supposed(other) for other in others)]
        if isinstance(goal, OfStep):
            # The state that a step begins in comes before the step.
            states = (other for other in others if isinstance(other, OfState))
            assumed += [z3.Not(unrolling.bad(self.k, other)) for other in states]
        return self.solver.check(assumed)


@final
@define
class _Attempt:
    """A proof under way."""

    model: Model
    asked: tuple[Goal, ...]
    limits: Limits
    groups: list[Induction] = field(factory=list)
    proved: dict[str, int] = field(factory=dict)  # how many groups it takes
    stuck: dict[str, Trace] = field(factory=dict)
    gave_up: dict[str, str] = field(factory=dict)

    def run(self, depth: int) -> Proofs:
        """All of it."""
        first = well_formed(self.model)
        cuts, unknown = self._cuts()
        base = Bounded(self.model, (first, *self.asked, *cuts), self.limits)
        step = _Assumed(self.model, self.limits)
        wanted = {goal.name for goal in self.asked}
        for k in range(1, depth + 1):
            deeper = base.deepen()
            if not deeper and not base.ended:
                break
            step.longer()
            if k == 1:
                self._group(step, [goal for goal in base.open if goal.name == first.name])
            self._group(step, [goal for goal in base.open if self._is_open(goal)])
            if base.ended:
                # Nothing can come later: whatever was not found is nowhere.
                left = [goal for goal in base.open if self._is_open(goal)]
                self._prove(left, max(1, base.depth + 1), ends=True)
            if not any(goal.name in wanted and self._is_open(goal) for goal in base.open):
                break
        spent = base.solver.spent + step.solver.spent
        unproved = tuple(c.name.removeprefix(CUT) for c in cuts if c.name not in self.proved)
        answers = tuple(
            (goal.name, self._answer(goal, base, (*unproved, *unknown), spent))
            for goal in self.asked
        )
        return Proofs(answers, tuple(self._stuck(answers)), spent)

    def _cuts(self) -> tuple[tuple[Goal, ...], tuple[str, ...]]:
        """Goals about cuts, and actions for which there are too many instances for one."""
        goals: list[Goal] = []
        unknown: list[str] = []
        for action in self.model.system.actions:
            if action.cut is not None:
                try:
                    goals.append(cut_goal(self.model, action.name))
                except TooLarge:
                    unknown.append(action.name)
        return tuple(goals), tuple(unknown)

    def _is_open(self, goal: Goal) -> bool:
        return goal.name not in self.proved and goal.name not in self.gave_up

    # ---- the induction step -------------------------------------------------------------------

    def _group(self, step: _Assumed, candidates: list[Goal]) -> None:
        """Prove as many as possible together."""
        kept = self._largest(step, candidates)
        self._prove(kept, step.k)
        for goal in kept:
            step.lemma(goal)

    def _prove(self, kept: list[Goal], k: int, ends: bool = False) -> None:
        if kept:
            self.groups.append(Induction(tuple(goal.name for goal in kept), k, ends))
        for goal in kept:
            self.proved[goal.name] = len(self.groups)
            self.stuck.pop(goal.name, None)

    def _largest(self, step: _Assumed, candidates: list[Goal]) -> list[Goal]:
        kept = list(candidates)
        while True:
            failed = next((g for g in kept if not self._follows(step, g, kept)), None)
            if failed is None:
                return kept
            kept.remove(failed)

    def _follows(self, step: _Assumed, goal: Goal, others: list[Goal]) -> bool:
        outcome = step.failing(goal, others)
        match outcome:
            case Unsat():
                return True
            case Sat(found):
                reading = Reading(step.unrolling, found)
                self.stuck[goal.name] = reading.trace(step.k - 1, step.k, goal)
                return False
            case GaveUp(reason):
                self.gave_up[goal.name] = reason
                return False
            case _:
                assert_never(outcome)

    # ---- answers ------------------------------------------------------------------------------

    def _answer(self, goal: Goal, base: Bounded, cuts: tuple[str, ...], spent: int) -> ProverAnswer:
        name = goal.name
        if name in base.found:
            return Found(base.found[name])
        if name in self.proved:
            needed = tuple(self.groups[: self.proved[name]])
            return Proved(Inductive(max(g.k for g in needed), needed, cuts, spent))
        reached = Reached(0, 0, base.depth)
        reason = self.gave_up.get(name) or base.gave_up
        if reason:
            return Inconclusive(Why.SOLVER, reached, reason)
        return Inconclusive(Why.INDUCTION, reached)

    def _stuck(self, answers: tuple[tuple[str, ProverAnswer], ...]) -> Iterator[tuple[str, Trace]]:
        for name, answer in answers:
            if isinstance(answer, Inconclusive) and name in self.stuck:
                yield name, self.stuck[name]


__all__ = ["DEPTH", "Proofs", "prove"]
