"""A search that does not fit into memory goes on in files, and finds the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve

from kspec.engines.api import Budget
from kspec.engines.conformance import seeded_question
from kspec.engines.explicit.engine import Explicit
from kspec.engines.explicit.tuning import CROWDED, DEFAULT, Tuning
from kspec.ir.system import System
from kspec.verdict.answer import Inconclusive, Why
from tests.systems.bench import build


def names(system: System) -> tuple[str, ...]:
    return tuple(p.name for p in system.properties)


TUNINGS = {
    "crowded": CROWDED,
    "indexed": evolve(CROWDED, indexed=True),
    "default": DEFAULT,
}


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("tuning", TUNINGS.values(), ids=TUNINGS)
@pytest.mark.parametrize("most", [1, 60_000, 400_000])
def test_the_same_in_files(tmp_path: Path, most: int, tuning: Tuning, workers: int) -> None:
    system = build("m2", (3, 3, 2, 2, 1))
    whole = Explicit(0).run(system, names(system), Budget(), lambda _: None)
    budget = Budget(max_memory=most, spill=tmp_path)
    run = Explicit(0, tuning, workers).run(system, names(system), budget, lambda _: None)
    if tuning is not DEFAULT or most == 1:
        assert run.search.storage.spilled
    assert run.exploration == whole.exploration
    sample = whole.sample(300, seed=5)
    assert run.sample(300, seed=5) == sample and all(run.contains(state) for state in sample)
    assert not list(tmp_path.iterdir()), "files have no names"


def test_random_systems_in_files(tmp_path: Path) -> None:
    for seed in range(800, 840):
        system = seeded_question(seed).system
        whole = Explicit(0).explore(system, names(system), Budget(), lambda _: None)
        budget = Budget(max_memory=1, spill=tmp_path)
        found = Explicit(0, CROWDED).explore(system, names(system), budget, lambda _: None)
        assert found == whole, seed


def test_a_limit_on_states_is_the_same_in_files(tmp_path: Path) -> None:
    system = build("m2", (3, 3, 2, 2, 1))
    for limit in (5_000, 21_303, 21_304):
        budget = Budget(max_states=limit)
        whole = Explicit(0).explore(system, names(system), budget, lambda _: None)
        small = evolve(budget, max_memory=1, spill=tmp_path)
        assert Explicit(0, CROWDED).explore(system, names(system), small, lambda _: None) == whole


def test_without_a_place_for_files_the_search_ends(tmp_path: Path) -> None:
    system = build("m2", (4, 3, 2, 3, 1))
    for spill in (None, tmp_path / "nowhere"):
        budget = Budget(max_memory=2 << 20, spill=spill)
        found = Explicit(0).explore(system, names(system), budget, lambda _: None)
        assert found.answers[0][1] == Inconclusive(Why.MEMORY, found.reached)
        assert 0 < found.reached.states < 276_872
