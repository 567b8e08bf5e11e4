"""What only the start tells apart: the orbits of what is reachable are exactly what a search with
symmetry stores, wherever a system starts (docs/adr/015, "The start").

Each random system is started anew, in one state that it can get to and that no symmetry leaves as it
is. All that is reachable from there is found without symmetry, by the reference, and its images are
compared with what the native search has stored: none is missing, and none is of a state that cannot
be reached. Verdicts and lengths are compared as everywhere (`compare`).
"""

from __future__ import annotations

from random import Random

import pytest
from attrs import evolve

from kspec.engines.api import Budget
from kspec.engines.explicit.engine import Explicit
from kspec.engines.explicit.store.layout import Refusal
from kspec.engines.random_systems import seeded_system
from kspec.engines.reference import Reference
from kspec.ir.expr import TRUE, Lit
from kspec.ir.passes.births import interchangeable
from kspec.ir.passes.symmetry import Group, nontrivial
from kspec.ir.system import Init, System
from kspec.semantics.permute import Renaming, renamed_state
from kspec.verdict.trace import State
from tests.reductions.compare import compared, complete

SMALL = 300


def started(system: System, state: State) -> System:
    """The system, started in one state."""
    pairs = zip(system.variables, state, strict=True)
    return evolve(system, init=Init((), TRUE, tuple((v.name, Lit(v.sort, x)) for v, x in pairs)))


def swaps(group: Group) -> list[Renaming]:
    """The first of a group changes places with each other one."""
    made = []
    for place, other in enumerate(group.places[1:], 1):
        names: dict[str, str] = {}
        if group.names:
            names = {group.names[0]: group.names[place], group.names[place]: group.names[0]}
        places = {group.places[0]: other, other: group.places[0]}
        made.append(Renaming({group.kind: places}, names))
    return made


def reachable(system: System) -> tuple[State, ...] | None:
    """All states, if they are few."""
    names = tuple(prop.name for prop in system.properties)
    explored, states = Reference().visit(system, names, Budget(max_states=SMALL), lambda _: None)
    return states if explored.complete else None


def told_apart(seeds: range) -> int:
    """Compare; how many systems started in a state that a symmetry changes."""
    looked = 0
    for seed in seeds:
        plain = complete(seeded_system(seed))
        states = reachable(plain)
        if not states:
            continue
        start = Random(seed).choice(states)
        system = started(plain, start)
        made, of = interchangeable(system, system.properties)
        groups = nontrivial(of)
        moved = [s for g in groups for s in swaps(g) if renamed_state(s, system, start) != start]
        everything = reachable(made) if moved else None
        if everything is None:
            continue
        try:
            names = tuple(prop.name for prop in made.properties)
            run = Explicit(0, groups=groups).run(made, names, Budget(), lambda _: None)
        except Refusal:
            continue
        stored = {run.stored(k) for k in range(run.exploration.reached.states)}
        assert {run.canonical(state) for state in everything} == stored, seed
        compared(started(seeded_system(seed), start))
        looked += len(everything) > 1
    return looked


@pytest.mark.slow
def test_the_orbits_of_what_is_reachable_from_any_start() -> None:
    assert told_apart(range(240, 340)) >= 5


@pytest.mark.slow
@pytest.mark.parametrize("block", range(6))
def test_the_orbits_of_what_is_reachable_from_more_starts(block: int) -> None:
    assert told_apart(range(30_000 + 250 * block, 30_250 + 250 * block)) >= 3
