"""Identities that are called interchangeable are: when they change places in a state, the same
steps lead to the same states but for such a change, and what is asked is answered the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kspec.driver.info import info
from kspec.engines.random_systems import seeded_system
from kspec.ir.passes.births import interchangeable
from kspec.ir.passes.symmetry import Group, nontrivial
from kspec.ir.system import Invariant, Reachable, System
from kspec.semantics.claims import is_true_in
from kspec.semantics.permute import least, renamed_state, renamings
from kspec.semantics.state import State
from kspec.semantics.step import (
    Broken,
    CutInstance,
    Disabled,
    Taken,
    initial_states,
    outcomes,
)
from kspec.sources.imports import Given
from tests.cli.programs import ROOT

MOST = 60


def some_states(system: System) -> list[State]:
    """The first states, breadth first."""
    seen = dict.fromkeys(initial_states(system))
    for state in list(seen):
        if len(seen) > MOST:
            break
        for _, outcome in outcomes(system, state):
            if isinstance(outcome, Taken):
                seen.setdefault(outcome.state)
    return list(seen)[:MOST]


def steps(system: System, groups: tuple[Group, ...], state: State) -> Iterator[object]:
    """What is possible in a state, up to changes of place."""
    for instance, outcome in outcomes(system, state):
        name = system.actions[instance.action].name
        match outcome:
            case Taken(after):
                yield name, least(system, groups, after)
            case Broken(properties):
                yield name, properties
            case CutInstance():
                yield name, "cut"
            case Disabled():
                pass


def answers(system: System, state: State) -> list[bool]:
    return [
        is_true_in(system, prop.claim.body, state)
        for prop in system.properties
        if isinstance(prop.claim, Invariant | Reachable)
    ]


def is_symmetric(system: System, groups: tuple[Group, ...], state: State) -> bool:
    """Does no change of places make a difference to a state?"""
    here = set(steps(system, groups, state)), answers(system, state)
    for by in list(renamings(groups))[:24]:
        image = renamed_state(by, system, state)
        if (set(steps(system, groups, image)), answers(system, image)) != here:
            return False
    return True


def checked(seeds: range) -> tuple[int, int]:
    """How many systems were looked at, and how many have identities that are told apart."""
    looked = apart = 0
    for seed in seeds:
        system = seeded_system(seed)
        made, found = interchangeable(system, system.properties)
        apart += any(len(of.groups) > 1 for of in found)
        groups = nontrivial(found)
        if groups:
            looked += 1
            for state in some_states(system)[:25]:
                assert is_symmetric(made, groups, state), seed
    return looked, apart


def test_random_systems() -> None:
    looked, apart = checked(range(150))
    assert looked >= 10
    assert apart >= 50


@pytest.mark.slow
def test_more_random_systems() -> None:
    looked, _ = checked(range(1000, 3000))
    assert looked >= 120


def test_a_symmetry_that_is_none_is_noticed() -> None:
    """The comparison can fail: where all identities are said to be interchangeable it does."""
    for seed in range(60):
        system = seeded_system(seed)
        pools = [pool for pool in system.pools if pool.size > 1]
        groups = tuple(Group(pool.name, tuple(range(pool.size))) for pool in pools)
        if groups and not all(is_symmetric(system, groups, s) for s in some_states(system)[:5]):
            return
    raise AssertionError("nothing differed")


@pytest.mark.slow
def test_the_demo() -> None:
    path = ROOT / "models" / "demo.kspec"
    (file,) = info([Given(path, "models/demo.kspec")], ("remembers",), False)
    (scope,) = file.scopes
    found = {of.kind: (of.groups, of.apart) for of in scope.symmetry}
    assert found["Pod"] == ((("pod-0", "pod-1", "pod-2"),), "")
    assert found["Node"] == ((("a", "b"),), "")
