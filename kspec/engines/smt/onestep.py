"""One step that breaks a claim, from a state in which all that is assumed of it is so: as small a
state as there is.

Asked of one scope, where numbers are exact, by whoever failed to prove the claim of every size.
Nothing here is a proof, and the state need not be reached. Next: `stuck`, which looks for a run to
it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, final

from kspec.base.record import frozen
from kspec.engines.smt.decode import Reading
from kspec.engines.smt.encode import TooLarge
from kspec.engines.smt.model import Goal, Model, OfState, model, named_goal, well_formed
from kspec.engines.smt.solver import Limits, Sat, Solver
from kspec.engines.smt.stuck import Looked, look
from kspec.engines.smt.terms import Node
from kspec.engines.smt.unroll import Unrolling
from kspec.engines.smt.values import leaves
from kspec.ir.system import Role, System
from kspec.verdict.trace import Trace

MOST_QUESTIONS: Final = 300
"""So often it is asked whether something may be left out of a state."""


@final
@frozen
class Broken:
    """A state and a step from it, after a look for a run to that state."""

    trace: Trace
    looked: Looked


def breaking(
    system: System, asked: str, assumed: tuple[str, ...], action: str, limits: Limits
) -> Broken | None:
    """A step after which what is `asked` is not so, or which breaks it; of this action if there is
    one. `assumed` are the properties that are so before it. None if there is none, or if nobody
    knows."""
    try:
        of = model(system)
        found = _Question(of, asked, assumed, limits).smallest(action)
        if found is None:
            return None
        return Broken(found, look(of, found.start, (), limits))
    except (TooLarge, RecursionError):
        return None


@final
class _Question:
    """Any state that is well-formed and in which all that is assumed is so, and a bad step."""

    def __init__(self, of: Model, asked: str, assumed: tuple[str, ...], limits: Limits) -> None:
        self.model = of
        self.unrolling = Unrolling(of)
        self.solver = Solver(limits, self.unrolling.translator.context)
        goal = named_goal(of, asked)
        assert goal is not None, asked
        self.goal: Goal = goal
        self.solver.add(self.unrolling.state(0))
        self.solver.add(self.unrolling.given(0))
        before = (well_formed(of), *(named_goal(of, name) for name in assumed))
        for other in before:
            if isinstance(other, OfState):
                self.solver.add([self._not(self.unrolling.bad(0, other))])
        self.last = 0
        if isinstance(goal, OfState):
            self.last = 1
            self.solver.add([self.unrolling.step(0)])
            self.solver.add(self.unrolling.state(1))
        self.solver.add([self.unrolling.bad(self.last, goal)])

    def _not(self, formula: Any) -> Any:
        return self.unrolling.z3.Not(formula)

    def smallest(self, action: str) -> Trace | None:
        """With as little in it as there can be, one thing after another."""
        fixed = [self._of(action)]
        found = self._found(fixed)
        if found is None:
            fixed = []
            found = self._found(fixed)
        if found is None:
            return None
        questions = 0
        for empty in self._nothing():
            if not self.unrolling.z3.is_true(found.eval(empty, model_completion=True)):
                questions += 1
                smaller = self._found([*fixed, empty])
                if questions >= MOST_QUESTIONS:
                    break
                if smaller is None:
                    continue
                found = smaller
            fixed.append(empty)
        return Reading(self.unrolling, found).trace(0, self.last, self.goal)

    def _of(self, action: str) -> Any:
        """That the step is one of an action."""
        of = self.model
        places = (n for n, m in enumerate(of.moves) if of.system.actions[m.action].name == action)
        chosen = of.terms.or_(of.terms.equal(of.chosen, n) for n in places)
        return self.unrolling.at(0, chosen)

    def _found(self, fixed: list[Any]) -> Any | None:
        outcome = self.solver.check(fixed)
        return outcome.model if isinstance(outcome, Sat) else None

    def _nothing(self) -> Iterator[Any]:
        """For everything in a state that it is not there, objects first."""
        pairs = list(zip(self.model.system.variables, self.model.state, strict=True))
        pairs.sort(key=lambda pair: pair[0].role is not Role.LIVE)
        for _, sym in pairs:
            for variable in leaves(sym):
                if isinstance(variable, Node):
                    here = self.unrolling.copy_of(variable, 0)
                    is_flag = variable.op == "flag"
                    yield self._not(here) if is_flag else here == variable.lo


__all__ = ["Broken", "breaking"]
