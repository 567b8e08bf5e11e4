"""A search that does not fit into memory goes on in files, and finds the same."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from attrs import evolve

from kspec.engines.api import Budget
from kspec.engines.conformance import seeded_question
from kspec.engines.explicit.engine import Explicit
from kspec.engines.explicit.llvm.tuning import CROWDED, DEFAULT, Tuning
from kspec.engines.explicit.store.journal import Journal
from kspec.engines.explicit.store.memory import Area
from kspec.ir.system import System
from kspec.verdict.answer import Inconclusive, Why
from tests.systems.bench import build

ROOT = Path(__file__).parents[3]


def names(system: System) -> tuple[str, ...]:
    return tuple(p.name for p in system.properties)


TUNINGS = {
    "crowded": CROWDED,
    "indexed": evolve(CROWDED, indexed=True),
    "default": DEFAULT,
}


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("tuning", TUNINGS.values(), ids=TUNINGS)
@pytest.mark.parametrize("most", [1, pytest.param(60_000, marks=pytest.mark.slow), 400_000])
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
    for seed in range(800, 820):
        system = seeded_question(seed).system
        whole = Explicit(0).explore(system, names(system), Budget(), lambda _: None)
        budget = Budget(max_memory=1, spill=tmp_path)
        found = Explicit(0, CROWDED).explore(system, names(system), budget, lambda _: None)
        assert found == whole, seed


@pytest.mark.parametrize("tuning", TUNINGS.values(), ids=TUNINGS)
@pytest.mark.parametrize("first", [None, 1], ids=["from memory", "from files"])
def test_it_goes_on_from_a_checkpoint_in_files(
    tmp_path: Path, tuning: Tuning, first: int | None
) -> None:
    """Rows go straight to a file then, and the table is made segment by segment."""
    system, kept = build("m2", (3, 3, 2, 2, 1)), tmp_path / "kept"
    whole = Explicit(0).run(system, names(system), Budget(), lambda _: None)
    begun = Explicit(0, tuning, journal=Journal(kept, every=0))
    budget = Budget(max_depth=11, max_memory=first, spill=tmp_path)
    begun.explore(system, names(system), budget, lambda _: None)
    budget = Budget(max_memory=60_000, spill=tmp_path)
    again = Explicit(0, tuning, journal=Journal(kept, resume=True, every=0))
    run = again.run(system, names(system), budget, lambda _: None)
    assert run.search.storage.spilled
    assert run.exploration == whole.exploration
    sample = whole.sample(300, seed=5)
    assert run.sample(300, seed=5) == sample and all(run.contains(state) for state in sample)


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


# ---- a fifth of the memory ---------------------------------------------------------------------

CHILD = """
import sys
from pathlib import Path
from attrs import evolve
from kspec.engines.api import Budget
from kspec.engines.explicit.engine import Explicit
from kspec.engines.explicit.llvm.tuning import DEFAULT
from tests.systems.bench import build

def resident(what):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith(what))

begun = []
def listen(progress):
    if not begun:  # everything is loaded and compiled
        Path("/proc/self/clear_refs").write_text("5")
        begun.append(resident("VmRSS"))

most, place, indexed = int(sys.argv[1]), sys.argv[2], sys.argv[3] == "True"
system = build("m2", (4, 4, 2, 3, 1))
budget = Budget(max_memory=most or None, spill=Path(place))
run = Explicit(2, evolve(DEFAULT, indexed=indexed)).run(
    system, ("capacity", "replicas"), budget, listen)
reached, peak = run.exploration.reached, resident("VmHWM") - begun[0]
print(run.exploration.complete, reached.states, reached.transitions, reached.depth)
print(run.search.storage.spilled, run.search.storage.memory(), peak)
"""


def measured(most: int, place: Path, indexed: bool) -> tuple[str, bool, int, int]:
    """What was found; was it in files; bytes of memory, as told and as the system saw them."""
    command = [sys.executable, "-c", CHILD, str(most), str(place), str(indexed)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    made = subprocess.run(command, env=env, capture_output=True, text=True, timeout=300, check=True)
    found, numbers = made.stdout.splitlines()
    spilled, memory, peak = numbers.split()
    return found, spilled == "True", int(memory), int(peak)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="nobody counts pages here")
@pytest.mark.parametrize("indexed", [False, True])
def test_a_fifth_of_the_memory_is_enough(tmp_path: Path, indexed: bool) -> None:
    """A million states: the same counts, in no more memory than was given. Buffers of a few
    megabytes do not depend on the limit."""
    whole, on_disk, needed, _ = measured(0, tmp_path, indexed)
    assert not on_disk and whole.startswith("True 981720 ")
    most = needed // 5
    found, on_disk, memory, peak = measured(most, tmp_path, indexed)
    assert on_disk and found == whole
    assert memory <= most
    assert peak <= most + (4 << 20)


def test_memory_without_a_file_is_not_let_go() -> None:
    area = Area(1 << 16)
    area.write(0, b"kept")
    area.rest()
    assert bytes(area.read(0, 4)) == b"kept"
    area.close()
