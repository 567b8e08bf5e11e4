"""Deadlines in the interpreter: read off literally after every step. Docs: `language/time.md`.

An instance that is enabled after a step keeps what is left of its deadline, or starts at the full
one if it was not enabled before, or has just fired; one that is not enabled has none. Next:
`clock`, which does not tick while a deadline is at its end.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TypeAlias

from attrs import evolve

from kspec.pure.evaluation.evaluate import evaluate
from kspec.pure.interpreter.clock import TICK
from kspec.pure.interpreter.facts import Facts
from kspec.pure.interpreter.read import Now, slots
from kspec.pure.interpreter.state import MachineState
from kspec.pure.interpreter.steps import Happening, Taken, first_steps
from kspec.pure.interpreter.timers import unit_of_time
from kspec.pure.values.value import Value
from kspec.pure.values.world import Fixed

Instance: TypeAlias = "tuple[str, tuple[Value, ...]]"


def begun(facts: Facts, state: MachineState) -> MachineState:
    """An initial state with the deadlines that start in it."""
    return evolve(state, deadlines=Fixed(dict(_full(Now(facts, state)))))


def followed(now: Now, happening: Happening) -> Happening:
    """What happens, with the deadlines of the state after it."""
    if not isinstance(happening.outcome, Taken):
        return happening
    fired = (happening.action, happening.arguments)
    less = unit_of_time(now.facts) if happening.action == TICK else Fraction(0)
    left = {who: rest - less for who, rest in now.state.deadlines.items() if who != fired}
    after = happening.outcome.state
    full = dict(_full(Now(now.facts, after)))
    whole = _lengths(now.facts)
    state = evolve(
        after,
        deadlines=Fixed({who: left.get(who, length) for who, length in full.items()}),
        lapsed=Fixed({w: rest for w, rest in left.items() if w not in full and rest < whole[w[0]]}),
    )
    return evolve(happening, outcome=Taken(state))


def _lengths(facts: Facts) -> dict[str, Fraction]:
    """How long each deadline is, by action; no deadline counts without a clock."""
    found: dict[str, Fraction] = {}
    for action in facts.actions if facts.scope.timed else ():
        if action.within is not None:
            value = evaluate(action.within, facts.nowhere)
            assert isinstance(value, int | Fraction)
            found[action.name] = Fraction(value)
    return found


def _full(now: Now) -> Iterator[tuple[Instance, Fraction]]:
    """Every instance with a deadline that is enabled or cut, and the whole of its deadline."""
    lengths = _lengths(now.facts)
    for action in now.facts.actions:
        if action.name in lengths and action.blocks is None:
            component = now.facts.component(action.owner)
            for slot in slots(now, component):
                for happening in first_steps(now, action, component, slot):
                    yield (action.name, happening.arguments), lengths[action.name]
