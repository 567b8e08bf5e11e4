"""A third opinion: every walk up to some length, each read as a run that loops.

Knows no product and no component: it asks `kspec.semantics.runs` about each. What it finds must
be found by whoever decides; what it does not find may only be longer.
"""

from __future__ import annotations

from collections.abc import Iterator

from kspec.ir.system import Settles, System, Temporal
from kspec.semantics.runs import Run, is_violated_on, neglected
from kspec.semantics.state import State
from kspec.semantics.step import Instance, Taken, initial_states, outcomes


def is_violated_within(
    system: System, claim: Temporal | Settles, steps: int, most: int
) -> bool | None:
    """Does some run of at most so many steps, stem and loop together, violate the claim? None if
    there are more than `most` walks."""
    for tried, run in enumerate(runs(system, steps)):
        if tried == most:
            return None
        if neglected(system, run) is None and is_violated_on(system, claim, run):
            return True
    return False


def runs(system: System, steps: int) -> Iterator[Run]:
    """Every run whose stem and loop are a walk of at most so many steps; shorter ones first."""
    known: dict[State, list[tuple[Instance, State]]] = {}

    def following(state: State) -> list[tuple[Instance, State]]:
        if state not in known:
            found = outcomes(system, state)
            known[state] = [(i, o.state) for i, o in found if isinstance(o, Taken)]
        return known[state]

    walks = [((state,), ()) for state in initial_states(system)]
    for _ in range(steps + 1):
        longer: list[tuple[tuple[State, ...], tuple[Instance, ...]]] = []
        for states, instances in walks:
            for loop, state in enumerate(states):
                if state == states[-1]:
                    yield Run(states, instances, loop)
            for instance, after in following(states[-1]):
                longer.append(((*states, after), (*instances, instance)))
        walks = longer
