"""The reference search with symmetry: breadth first over least states of orbits.

As plain as `engines.reference`, for systems so small that the group can be listed: it says how many
orbits there are and how far away what is asked for is. It walks the system itself, births and all,
so that it also checks what the native quotient assumes of them (`passes.births`). For tests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import final

from attrs import field, mutable

from kspec.base.record import frozen
from kspec.engines.lifting import lift
from kspec.ir.passes.symmetry import Group
from kspec.ir.system import (
    Implicit,
    Invariant,
    NoDeadlock,
    Occurrence,
    Property,
    Reachable,
    System,
)
from kspec.semantics.claims import is_true_in, respects
from kspec.semantics.permute import least
from kspec.semantics.step import Broken, Disabled, Taken, initial_states, outcomes
from kspec.verdict.trace import State, Step, Trace


@final
@frozen
class Quotient:
    """What was seen of all orbits: how many there are, the greatest distance, and for what was
    found a run of the system itself, by the name of the property."""

    states: int
    depth: int
    found: tuple[tuple[str, Trace], ...]


@mutable
class _Search:
    system: System
    asked: tuple[Property, ...]
    seen: Callable[[State], State]
    before: dict[State, tuple[State, Step] | None] = field(factory=dict)
    found: dict[str, Trace] = field(factory=dict)


def quotient(
    system: System, asked: tuple[Property, ...], groups: tuple[Group, ...], most: int
) -> Quotient | None:
    """Every orbit; None if there are more than `most`."""
    images: dict[State, State] = {}

    def seen(state: State) -> State:
        if state not in images:
            images[state] = least(system, groups, state)
        return images[state]

    search = _Search(system, asked, seen)
    level = list(dict.fromkeys(map(seen, initial_states(system))))
    search.before.update(dict.fromkeys(level))
    depth = -1
    while level:
        depth += 1
        for state in level:
            _look(search, state)
        following: dict[State, None] = {}
        for state in level:
            _expand(search, state, following)
        if len(search.before) > most:
            return None
        level = list(following)
    return Quotient(len(search.before), depth, tuple(sorted(search.found.items())))


def _look(search: _Search, state: State) -> None:
    for prop in search.asked:
        match prop.claim:
            case Invariant(body):
                wanted = not is_true_in(search.system, body, state)
            case Reachable(body):
                wanted = is_true_in(search.system, body, state)
            case _:
                wanted = False
        if wanted:
            _find(search, prop, state, None)


def _expand(search: _Search, state: State, following: dict[State, None]) -> None:
    is_dead = True
    for instance, outcome in outcomes(search.system, state):
        is_dead = is_dead and isinstance(outcome, Disabled)
        name = search.system.actions[instance.action].name
        if isinstance(outcome, Broken):
            for implicit in outcome.properties:
                step = Step(name, instance.params, instance.choices, None)
                _find(search, implicit, state, step)
        if isinstance(outcome, Taken):
            after = search.seen(outcome.state)
            step = Step(name, instance.params, instance.choices, after)
            for prop in search.asked:
                if isinstance(prop.claim, Occurrence) and not respects(
                    search.system, prop.claim, state, instance, outcome.state
                ):
                    _find(search, prop, state, step)
            if after not in search.before:
                search.before[after] = (state, step)
                following[after] = None
    for prop in search.asked:
        if is_dead and isinstance(prop.claim, NoDeadlock):
            _find(search, prop, state, None)


def _find(search: _Search, asked: Property | Implicit, state: State, last: Step | None) -> None:
    name = asked.value if isinstance(asked, Implicit) else asked.name
    if name in search.found:
        return
    steps = [] if last is None else [last]
    came = search.before[state]
    while came is not None:
        state, step = came
        steps.append(step)
        came = search.before[state]
    found = Trace(state, tuple(reversed(steps)))
    search.found[name] = lift(search.system, found, asked, search.seen)
