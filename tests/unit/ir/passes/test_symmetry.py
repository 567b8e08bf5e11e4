"""Identities that are called interchangeable are: what is reachable stays reachable when they change
places."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest

from kspec.driver.info import info
from kspec.engines.random_systems import seeded_system
from kspec.ir.expr import First
from kspec.ir.passes.symmetry import _moved, _Swap, classes
from kspec.ir.rewrite import subexpressions
from kspec.ir.system import System
from kspec.semantics.state import State
from kspec.semantics.step import Taken, initial_states, outcomes
from kspec.sources.imports import Given
from tests.cli.programs import ROOT

MOST = 150


def reachable(system: System) -> set[State] | None:
    """All states, None if there are many."""
    seen = set(initial_states(system))
    todo = list(seen)
    while todo:
        for _, outcome in outcomes(system, todo.pop()):
            if isinstance(outcome, Taken) and outcome.state not in seen:
                if len(seen) > MOST:
                    return None
                seen.add(outcome.state)
                todo.append(outcome.state)
    return seen


def swaps(system: System) -> Iterator[_Swap]:
    """The changes of two places each that the classes promise; plain ones or with names."""
    names = {pool.name: pool.names for pool in system.pools}
    for of in classes(system):
        for group in of.groups:
            for one, other in pairwise(group):
                yield _Swap(of.kind, (one, other), None)
                yield _Swap(of.kind, (one, other), (names[of.kind][one], names[of.kind][other]))


def is_closed(system: System, states: set[State], swap: _Swap) -> bool:
    def moved(state: State) -> State:
        pairs = zip(system.variables, state, strict=True)
        return tuple(_moved(swap, variable.sort, value) for variable, value in pairs)

    return all(moved(state) in states for state in states)


def has_births(system: System) -> bool:
    """Births take the least free identity, so that only states up to a renaming are the same."""
    exprs = [e for a in system.actions for _, e in a.lets]
    return any(isinstance(node, First) for e in exprs for node in subexpressions(e))


def test_random_systems() -> None:
    looked = apart = 0
    for seed in range(200):
        system = seeded_system(seed)
        if has_births(system):
            continue
        promised = list(swaps(system))
        apart += any(len(of.groups) > 1 for of in classes(system))
        states = reachable(system) if promised else None
        if states is None or len(states) < 2:
            continue
        pairs = zip(promised[::2], promised[1::2], strict=True)
        for plain, named in pairs:
            assert is_closed(system, states, plain) or is_closed(system, states, named), seed
            looked += 1
    assert looked >= 5
    assert apart >= 5


@pytest.mark.slow
def test_the_demo() -> None:
    path = ROOT / "models" / "demo.kspec"
    (file,) = info([Given(path, "models/demo.kspec")], ("remembers",), False)
    (scope,) = file.scopes
    found = {of.kind: (of.groups, of.apart) for of in scope.symmetry}
    assert found["Pod"] == ((("pod-0", "pod-1", "pod-2"),), "")
    assert found["Node"] == ((("a", "b"),), "")
