"""More than the suite for engines asks: not only counts and traces, but the very states."""

from __future__ import annotations

from kspec.engines.conformance import Question, require
from kspec.engines.explicit.engine import Explicit
from kspec.ir.system import System
from kspec.semantics.step import Taken, initial_states, outcomes
from kspec.verdict.trace import State


def require_same(engine: Explicit, question: Question) -> None:
    """Raise unless the engine answers as the reference does and has visited the same states."""
    require(engine, question)
    run = engine.run(question.system, question.properties, question.budget, lambda progress: None)
    reached = run.exploration.reached
    found = run.sample(reached.states, seed=0)
    depth = reached.depth if reached.states else -1
    expected = states(question.system, depth)
    assert len(found) == len(set(found)) == reached.states
    assert set(found) == expected, sorted(set(found) ^ expected, key=repr)[:3]
    assert all(run.contains(state) for state in expected)


def states(system: System, depth: int) -> set[State]:
    """The states at most so many steps from a start, by the reference semantics."""
    level = set(initial_states(system)) if depth >= 0 else set()
    seen = set(level)
    for _ in range(depth):
        steps = (outcome for state in level for _, outcome in outcomes(system, state))
        level = {outcome.state for outcome in steps if isinstance(outcome, Taken)} - seen
        seen |= level
    return seen
