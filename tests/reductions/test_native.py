"""Orbits in the native explorer: the same for any number of workers, in files, and whatever image of
a state somebody asks about."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from kspec.driver.preparing.load import load
from kspec.driver.preparing.prepare import Preparation, Prepared
from kspec.driver.preparing.stages import Made
from kspec.engines.api import Budget
from kspec.engines.explicit.engine import Explicit, ExplicitRun
from kspec.engines.explicit.llvm.tuning import CROWDED, DEFAULT, LOOPS, Tuning
from kspec.ir.passes.births import interchangeable
from kspec.ir.passes.symmetry import Group, nontrivial
from kspec.ir.system import System
from kspec.semantics.permute import renamed_state, renamings
from tests.models.verdicts import ROOT
from tests.systems.graphs import DIGRAPHS, GRAPHS, graphs

FILE = "benchmarks/models/m2.kspec"
ORBITS = 852


@cache
def benchmark() -> tuple[System, tuple[Group, ...]]:
    """Three pods on three nodes: pods are flat, nodes are what pods speak of."""
    loaded = load(ROOT / FILE, FILE).loaded
    assert loaded is not None
    preparation = Preparation(loaded)
    scenario = next(s for s in preparation.scenarios if s.name == "p3n3c2r2k1")
    scope = next(iter(preparation.scopes(scenario)))
    assert isinstance(scope, Prepared)
    assert isinstance(scope.stage, Made)
    system, found = interchangeable(scope.stage.system, scope.stage.system.properties)
    return system, nontrivial(found)


def run(tuning: Tuning, workers: int, budget: Budget) -> ExplicitRun:
    system, groups = benchmark()
    names = tuple(prop.name for prop in system.properties)
    engine = Explicit(0, tuning, workers, groups=groups)
    return engine.run(system, names, budget, lambda _: None)


@pytest.mark.parametrize("tuning", [CROWDED, LOOPS], ids=["crowded", "loops"])
@pytest.mark.parametrize("workers", [1, 3])
def test_the_same_orbits_for_any_workers(tuning: Tuning, workers: int) -> None:
    found = run(tuning, workers, Budget())
    assert found.exploration == run(DEFAULT, 1, Budget()).exploration
    assert found.exploration.reached.states == ORBITS


def test_the_same_orbits_in_files(tmp_path: Path) -> None:
    found = run(CROWDED, 2, Budget(max_memory=1, spill=tmp_path))
    assert found.search.storage.spilled
    assert found.exploration == run(DEFAULT, 1, Budget()).exploration


def test_all_images_are_stored_as_the_same() -> None:
    system, groups = benchmark()
    found = run(DEFAULT, 1, Budget())
    for state in found.sample(40, seed=3):
        for by in renamings(groups):
            image = renamed_state(by, system, state)
            assert found.canonical(image) == state
            assert found.contains(image)


@pytest.mark.parametrize("directed", [False, True], ids=["graphs", "digraphs"])
@pytest.mark.parametrize("size", [2, 3, 4, 5])
def test_graphs_up_to_isomorphism(size: int, directed: bool) -> None:
    known = DIGRAPHS if directed else GRAPHS
    if size not in known:
        pytest.skip("as many as a million")
    system = graphs(size, directed=directed)
    groups = nontrivial(interchangeable(system, system.properties)[1])
    found = Explicit(0, groups=groups).run(system, ("any",), Budget(), lambda _: None)
    assert found.exploration.reached.states == known[size]
    for state in found.sample(60, seed=1):
        for by in renamings(groups):
            assert found.canonical(renamed_state(by, system, state)) == state
