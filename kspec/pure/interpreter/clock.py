"""Time in the interpreter. Dynamics: "Timers".

Timed, `tick` brings every running timer nearer to due by one unit: what divides every duration of
the scope; it waits while the deadline of an instance is at its end. Untimed, a running timer may
become due at any moment, each by an action of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final, TypeAlias

from kspec.analysis.types import TimerT
from kspec.pure.interpreter.effects import PutField, PutState, apply
from kspec.pure.interpreter.facts import Facts
from kspec.pure.interpreter.read import Now
from kspec.pure.interpreter.state import MachineState, Slot
from kspec.pure.interpreter.timers import timers_in, unit_of_time
from kspec.pure.values.value import Value

TICK: Final = "tick"

Place: TypeAlias = PutField | PutState
"""A timer, as a write that leaves it as it is."""


def clock_steps(now: Now) -> Iterator[tuple[str, tuple[Value, ...], MachineState]]:
    """What time may do: action, arguments, state."""
    running = [place for place in _timers(now) if _is_running(place.value)]
    if not now.facts.scope.timed:
        for place in running:
            yield _elapse(now, place)
    elif (running or now.state.deadlines) and all(now.state.deadlines.values()):
        unit = unit_of_time(now.facts)
        yield (
            TICK,
            (),
            apply(now, tuple(_put(place, _less(place.value, unit)) for place in running)),
        )


def _elapse(now: Now, place: Place) -> tuple[str, tuple[Value, ...], MachineState]:
    after = apply(now, (_put(place, Fraction(0)),))
    match place:
        case PutField(obj, name, path):
            return f"{obj.kind}.{name}.elapse", (obj, *path), after
        case PutState(name, slot, path):
            owner = now.facts.tables.state[name][1]
            instance = () if owner is None or owner.instance is None else (slot,)
            return f"{name}.elapse", (*instance, *path), after


def _is_running(value: Value) -> bool:
    return isinstance(value, Fraction) and value > 0


def _less(value: Value, unit: Fraction) -> Value:
    assert isinstance(value, Fraction)
    return value - unit


def _put(place: Place, value: Value) -> Place:
    match place:
        case PutField(obj, name, path, _, kind):
            return PutField(obj, name, path, value, kind)
        case PutState(name, slot, path, _, kind):
            return PutState(name, slot, path, value, kind)


def _timers(now: Now) -> Iterator[Place]:
    """Every timer that is stored, running or not."""
    for obj, row in now.state.objects.items():
        for name, value in row.items():
            kind = now.facts.tables.fields[obj.kind][name].type
            for path, left in timers_in(now.facts, kind, value):
                yield PutField(obj, name, path, left, TimerT())
    for (name, slot), value in now.state.store.items():
        yield from _of_variable(now.facts, name, slot, value)
    for name, value in now.state.ghosts.items():
        yield from _of_variable(now.facts, name, None, value)


def _of_variable(facts: Facts, name: str, slot: Slot, value: Value) -> Iterator[Place]:
    for path, left in timers_in(facts, facts.tables.state[name][0].type, value):
        yield PutState(name, slot, path, left, TimerT())
