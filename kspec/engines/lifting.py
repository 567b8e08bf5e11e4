"""From a run of a reduced system back to a run of the system itself.

A reduced system forgets something of every state: what a property cannot see, and which of several
interchangeable objects is which. `seen` says what is left of a state. A lifted run takes the same
actions and looks the same at every step; where several do, it is the first. The caller owes the
replay of what comes out; that there is such a run is what a reduction promises, and `Unliftable`
is a mistake in kspec.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias, final

from kspec.ir.system import Implicit, Occurrence, Property, System
from kspec.semantics.claims import respects
from kspec.semantics.step import Broken, Instance, Outcome, Taken, classify, initial_states
from kspec.semantics.step import instances as instances_of
from kspec.verdict.trace import State, Step, Trace

Seen: TypeAlias = Callable[[State], State]
Asked: TypeAlias = Property | Implicit


@final
class Unliftable(Exception):
    """No run of the system looks like the reduced one; the message says from where on."""


def lift(system: System, trace: Trace, asked: Asked, seen: Seen) -> Trace:
    """The first run that looks like a trace and ends in the same way."""
    starts = [state for state in initial_states(system) if seen(state) == trace.start]
    if not starts:
        raise Unliftable("no initial state looks like the start")
    state, steps = starts[0], list[Step]()
    for number, step in enumerate(trace.steps, start=1):
        is_last = number == len(trace.steps)
        found = next(_alike(system, state, step, asked if is_last else None, seen), None)
        if found is None:
            raise Unliftable(f"step {number}, {step.action}, is not possible")
        steps.append(found)
        if found.state is not None:
            state = found.state
    return Trace(starts[0], tuple(steps))


def _alike(
    system: System, state: State, step: Step, asked: Asked | None, seen: Seen
) -> Iterator[Step]:
    """The steps that look like one of the reduced run; the last must show what is asked."""
    for instance in instances_of(system):
        if system.actions[instance.action].name != step.action:
            continue
        outcome = classify(system, state, instance)
        if _is_alike(outcome, step, asked, seen) and _shows(
            system, state, instance, outcome, asked
        ):
            after = outcome.state if isinstance(outcome, Taken) else None
            yield Step(step.action, instance.params, instance.choices, after)


def _is_alike(outcome: Outcome, step: Step, asked: Asked | None, seen: Seen) -> bool:
    if step.state is None:
        return (
            isinstance(outcome, Broken)
            and isinstance(asked, Implicit)
            and asked in outcome.properties
        )
    return isinstance(outcome, Taken) and seen(outcome.state) == step.state


def _shows(
    system: System, state: State, instance: Instance, outcome: Outcome, asked: Asked | None
) -> bool:
    """Of an occurrence property, only its last step shows something."""
    if not isinstance(asked, Property) or not isinstance(asked.claim, Occurrence):
        return True
    if not isinstance(outcome, Taken):
        return False
    return not respects(system, asked.claim, state, instance, outcome.state)
