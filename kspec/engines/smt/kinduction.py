"""k-induction: what is true of the first `k` states of every run, and after any `k` different ones
of which it is true, is true of all.

A prover: it answers `Proved`, with the groups that were proved one after another, or with what
bounded search found or how deep it looked. `well_formed` goes first; what is proved is assumed in
what follows. Claims that need each other are proved together: of all that are open the largest
set that implies itself is found by leaving out what fails. Different states suffice since a
shortest run to something bad visits none twice. What stays open after a few states is given to a
search for lemmas; those that it suggests are claims like all others. Next: `suggest` for lemmas,
`kspec.certify`, which checks the proofs.
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
from kspec.engines.smt.lemmas import Lemma
from kspec.engines.smt.model import (
    CUT,
    Goal,
    Model,
    OfState,
    OfStep,
    cut_goal,
    well_formed,
)
from kspec.engines.smt.model import goal as goal_of
from kspec.engines.smt.pdr import QUESTIONS
from kspec.engines.smt.solver import GaveUp, Limits, Sat, Solver, Unsat
from kspec.engines.smt.stuck import distinct, look, runs
from kspec.engines.smt.suggest import Bad, Nothing, Suggested, Suggestions
from kspec.engines.smt.unroll import Unrolling
from kspec.ir.expr import Expr
from kspec.ir.system import Implicit, Invariant, Property
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
PATIENCE: Final = 2
"""With so many states assumed and something still open, lemmas are sought."""
FARTHEST: Final = 64
"""A run to what a search for lemmas found bad is made if it has no more steps."""
_IMPLICIT: Final = tuple(which.value for which in Implicit)


def prove(
    model: Model, goals: Iterable[Goal], depth: int, limits: Limits, questions: int = QUESTIONS
) -> Proofs:
    """Try to prove that nothing reachable is what the goals speak of, with up to `depth` states
    assumed; the search for lemmas may ask so many `questions` about each."""
    return _Attempt(model, tuple(goals), limits, questions).run(depth)


@final
class _Assumed:
    """Any run of so many states, all different, with what is assumed of them."""

    def __init__(self, model: Model, limits: Limits) -> None:
        self.unrolling = Unrolling(model)
        self.solver = Solver(limits, self.unrolling.translator.context)
        self.k = 0
        self.lemmas: list[Goal] = []
        self._supposed: dict[str, tuple[Goal, Any]] = {}
        self._add_state(0)

    def _add_state(self, place: int) -> None:
        self.solver.add(self.unrolling.state(place))
        self.solver.add(self.unrolling.given(place))
        for lemma in self.lemmas:
            self._never(lemma, place)

    def _never(self, goal: Goal, place: int) -> None:
        self.solver.add([self.unrolling.z3.Not(self.unrolling.bad(place, goal))])

    def lemma(self, goal: Goal) -> None:
        """What a goal speaks of never happens: it was proved."""
        self.lemmas.append(goal)
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
    questions: int
    groups: list[Induction] = field(factory=list)
    proved: dict[str, int] = field(factory=dict)  # how many groups it takes
    stuck: dict[str, Trace] = field(factory=dict)
    gave_up: dict[str, str] = field(factory=dict)
    lemmas: dict[str, Expr] = field(factory=dict)
    tried: int = 0  # lemmas that have had a name, whatever became of them
    hints: dict[str, tuple[Expr, ...]] = field(factory=dict)
    spent: int = 0

    def run(self, depth: int) -> Proofs:
        """All of it."""
        first = well_formed(self.model)
        cuts, unknown = self._cuts()
        base = Bounded(self.model, (first, *self.asked, *cuts), self.limits)
        step = _Assumed(self.model, self.limits)
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
            if self._is_done(base):
                break
            if k == min(depth, PATIENCE):
                self._search(base, step)
                if self._is_done(base):
                    break
        spent = base.solver.spent + step.solver.spent + self.spent
        unproved = tuple(c.name.removeprefix(CUT) for c in cuts if c.name not in self.proved)
        answers = {
            goal.name: self._answer(goal, base, (*unproved, *unknown), spent) for goal in self.asked
        }
        return self._with_looks(answers, spent)

    def _with_looks(self, answers: dict[str, ProverAnswer], spent: int) -> Proofs:
        """The answers; where the induction step failed, after a look for where that was."""
        failed = tuple(self._stuck(tuple(answers.items())))
        hints: list[tuple[str, tuple[Expr, ...]]] = []
        looked: list[tuple[str, int]] = []
        for state, names in distinct(failed):
            believed = tuple(e for name in names for e in self.hints.get(name, ()))
            found = look(self.model, state, believed, self.limits)
            for name in names:
                if found.run is not None:
                    answers[name] = Found(runs(found.run, self.stuck[name]))
                hints.append((name, found.lemmas))
                looked.append((name, found.depth))
        stuck = tuple((n, trace) for n, trace in failed if not isinstance(answers[n], Found))
        return Proofs(tuple(answers.items()), stuck, spent, tuple(hints), tuple(looked))

    def _is_done(self, base: Bounded) -> bool:
        wanted = {goal.name for goal in self.asked}
        return not any(goal.name in wanted and self._is_open(goal) for goal in base.open)

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

    # ---- lemmas -------------------------------------------------------------------------------

    def _search(self, base: Bounded, step: _Assumed) -> None:
        """Ask for lemmas about what is open, and prove it with them: the implicit properties first,
        since all others rest on them."""
        if self.questions <= 0:
            return
        names = [goal.name for goal in self.asked]
        search = Suggestions(self.model.system, names, self.limits)
        for first in (True, False):
            mine = [goal for goal in self.asked if (goal.name in _IMPLICIT) is first]
            open_ = [goal for goal in mine if goal in base.open and self._is_open(goal)]
            for goals in [open_] if first and open_ else [[goal] for goal in open_]:
                self._with_suggestions(search, goals, base, step)
        self.spent += search.spent

    def _with_suggestions(
        self, search: Suggestions, goals: list[Goal], base: Bounded, step: _Assumed
    ) -> None:
        while goals:
            names = [goal.name for goal in goals]
            known = [name for name in self.proved if name not in self.lemmas]
            found = search.about(names, known, self.questions)
            match found:
                case Suggested(lemmas):
                    self._prove_with(lemmas, goals, step)
                    return
                case Nothing(_, lemmas):
                    believed = tuple(lemma.body for lemma in lemmas)
                    self.hints.update((name, believed) for name in names)
                    return
                case Bad(name, depth):
                    while depth <= FARTHEST and base.depth < depth and base.deepen():
                        pass
                    goals = [goal for goal in goals if goal.name != name]
                case _:
                    assert_never(found)

    def _prove_with(self, lemmas: tuple[Lemma, ...], goals: list[Goal], step: _Assumed) -> None:
        """Prove goals with lemmas: about all objects where that goes through, else about those that
        they were found of."""
        wanted = {goal.name for goal in goals}
        known = set(self.lemmas.values())
        lemmas = tuple(lemma for lemma in lemmas if lemma.body not in known)
        general = {lemma.body for lemma in lemmas}
        while True:
            forms = [f for x in lemmas for f in ((x.body,) if x.body in general else x.instances)]
            named = {f"lemma {n}": f for n, f in enumerate(forms, start=self.tried + 1)}
            kept = self._together(named, goals, step.lemmas)
            names = {goal.name for goal in kept}
            if wanted <= names or not general:
                break
            failed = {body for name, body in named.items() if name not in names}
            general = general - failed if general & failed else set()
        if not wanted & names:
            return
        self._prove(kept, 1)
        # INVARIANT: no name is used twice: earlier groups go on meaning what they meant.
        self.tried += len(named)
        self.lemmas.update((name, body) for name, body in named.items() if name in names)
        for goal in kept:
            step.lemma(goal)

    def _together(
        self, named: dict[str, Expr], goals: list[Goal], known: Iterable[Goal]
    ) -> list[Goal]:
        """Of lemmas and goals the most that follow from each other, with one state assumed."""
        made = (goal_of(self.model, Property(n, Invariant(body))) for n, body in named.items())
        start = Bounded(self.model, (claim for claim in made if claim is not None), self.limits)
        start.deepen()
        assumed = _Assumed(self.model, self.limits)
        for lemma in known:
            assumed.lemma(lemma)
        assumed.longer()
        kept = self._largest(assumed, [*start.open, *goals])
        self.spent += start.solver.spent + assumed.solver.spent
        return kept

    # ---- answers ------------------------------------------------------------------------------

    def _answer(self, goal: Goal, base: Bounded, cuts: tuple[str, ...], spent: int) -> ProverAnswer:
        name = goal.name
        if name in base.found:
            return Found(base.found[name])
        if name in self.proved:
            needed = tuple(self.groups[: self.proved[name]])
            named = {name for group in needed for name in group.names}
            lemmas = tuple((n, body) for n, body in self.lemmas.items() if n in named)
            return Proved(Inductive(max(g.k for g in needed), needed, cuts, spent, lemmas))
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
