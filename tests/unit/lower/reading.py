"""From the text of a module to its system, and to what the interpreter says of it."""

from __future__ import annotations

from kspec.ir.sorts import Sort, Value
from kspec.ir.system import Action, System
from kspec.ir.validate import validate
from kspec.lower.lower import Lowered, lower
from kspec.semantics.evaluate import truth
from kspec.semantics.state import State, env_of
from kspec.semantics.step import Instance, Outcome, Taken, initial_states, outcomes
from tests.random_modules.compare import interpreted, searched
from tests.random_modules.pipeline import scoped


def lowered(text: str) -> Lowered:
    """What becomes of the only scenario of a module."""
    return lower(scoped(text))


def system(text: str) -> System:
    """The system of a module that must have a well-formed one."""
    found = lowered(text)
    assert found.system is not None, found.diagnostics
    assert validate(found.system) == []
    return found.system


def slugs(text: str) -> list[str]:
    """The codes of what a module is told."""
    found = lowered(text)
    assert found.system is None
    return [d.code.slug for d in found.diagnostics]


def agree(text: str) -> None:
    """The interpreter and the search of the system must find the same; states are well-formed."""
    made = system(text)
    here, there = interpreted(scoped(text)), searched(made)
    assert here is not None
    assert here == there
    assert all(truth(made.well_formed, env_of(made, s)) for s in reachable(made, 60))


def reachable(made: System, most: int) -> list[State]:
    """The first states that a search finds."""
    found = list(initial_states(made))
    for state in found:
        for _, outcome in outcomes(made, state):
            if isinstance(outcome, Taken) and outcome.state not in found and len(found) < most:
                found.append(outcome.state)
    return found


def sorts(made: System) -> dict[str, Sort]:
    """The sort of every variable."""
    return {v.name: v.sort for v in made.variables}


def start(made: System) -> dict[str, Value]:
    """The only initial state, by variable."""
    (state,) = initial_states(made)
    return dict(zip((v.name for v in made.variables), state, strict=True))


def action(made: System, name: str) -> Action:
    """An action by its name."""
    (found,) = [a for a in made.actions if a.name == name]
    return found


def happening(made: System, state: State, name: str) -> list[tuple[Instance, Outcome]]:
    """What the instances of an action do in a state."""
    return [(i, o) for i, o in outcomes(made, state) if made.actions[i.action].name == name]
