"""Bounded search: is there a run to what is asked about, of 0 steps, of 1, of 2, …?

A hunter: it finds the shortest traces, or says how deep it looked. It never says that there is
none. One solver holds the run; each depth adds a step to it. Next: `kinduction`, which can prove.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import final

from kspec.engines.smt.decode import Reading
from kspec.engines.smt.model import Goal, Model
from kspec.engines.smt.solver import GaveUp, Limits, Sat, Solver, Unsat
from kspec.engines.smt.unroll import Unrolling
from kspec.verdict.answer import Found, HunterAnswer, Inconclusive, Reached, Why
from kspec.verdict.trace import Trace


@final
class Bounded:
    """A bounded search under way. `depth` is how far all open goals have been looked at, -1 before
    the beginning; `ended` is true when no run is longer."""

    def __init__(self, model: Model, goals: Iterable[Goal], limits: Limits) -> None:
        self.model = model
        self.unrolling = Unrolling(model)
        self.solver = Solver(limits, self.unrolling.translator.context)
        self.open = list(goals)
        self.found: dict[str, Trace] = {}
        self.gave_up = ""
        self.depth = -1
        self.ended = False
        self._steps = 0
        self.solver.add(self.unrolling.state(0))
        self.solver.add(self.unrolling.initial())

    def deepen(self) -> bool:
        """Look one step deeper; false if the solver gave up or no run is as long."""
        if self.gave_up or self.ended:
            return False
        place = self.depth + 1
        if not self._extended(place):
            return False
        self.solver.add(self.unrolling.given(place))
        for goal in tuple(self.open):
            outcome = self.solver.check([self.unrolling.bad(place, goal)])
            match outcome:
                case Sat(found):
                    trace = Reading(self.unrolling, found).trace(0, place, goal)
                    self.found[goal.name] = trace
                    self.open.remove(goal)
                case GaveUp(reason):
                    self.gave_up = reason
                    return False
                case Unsat():
                    pass
        self.depth = place
        return True

    def _extended(self, place: int) -> bool:
        """Is there a run of so many steps?"""
        if place > 0:
            self.solver.add([self.unrolling.step(place - 1)])
            self.solver.add(self.unrolling.state(place))
        match self.solver.check([]):
            case Unsat():
                self.ended = True
                return False
            case GaveUp(reason):
                self.gave_up = reason
                return False
            case Sat():
                return True

    def answer(self, name: str) -> HunterAnswer:
        """What is known about a goal so far."""
        if name in self.found:
            return Found(self.found[name])
        reached = Reached(0, 0, self.depth)
        if self.gave_up:
            return Inconclusive(Why.SOLVER, reached, self.gave_up)
        return Inconclusive(Why.DEPTH, reached)


def hunt(
    model: Model, goals: Iterable[Goal], depth: int, limits: Limits
) -> tuple[tuple[str, HunterAnswer], ...]:
    """Look to a depth, or until everything is found."""
    asked = tuple(goals)
    bounded = Bounded(model, asked, limits)
    while bounded.open and bounded.depth < depth and bounded.deepen():
        pass
    return tuple((goal.name, bounded.answer(goal.name)) for goal in asked)


__all__ = ["Bounded", "hunt"]
