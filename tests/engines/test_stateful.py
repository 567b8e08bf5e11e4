"""Hypothesis' state machine of a system: what it finds is so, is short, and is found again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from attrs import evolve

from kspec.engines.api import Budget
from kspec.engines.conformance import seeded_question
from kspec.engines.reference import Reference
from kspec.engines.stateful import Runs, run
from kspec.ir.build import lit
from kspec.ir.expr import Binder, Eq, Local
from kspec.ir.system import Implicit, Reachable, System
from kspec.verdict.answer import Absent, Found
from kspec.verdict.replay import replay
from kspec.verdict.trace import Trace
from tests.systems.bench import action, write
from tests.systems.small import DIGIT, X, birth, counter, several_starts, system

ROOT = Path(__file__).parents[2]


def met(of: System, plan: Runs) -> dict[str, Trace]:
    """What is found, all of it replayed."""
    found = dict(run(of, tuple(p.name for p in of.properties), plan).found)
    asked = {p.name: p for p in of.properties}
    for name, trace in found.items():
        assert replay(trace, of, asked.get(name) or Implicit(name)) is None
    return found


def differences(seed: int) -> list[int]:
    """How much longer than the shortest what is found is; fails where something is wrong."""
    of = seeded_question(seed).system
    names = tuple(p.name for p in of.properties)
    seen = Reference().explore(of, names, Budget(max_states=400), lambda _: None)
    found = met(of, Runs(runs=25, depth=12, seed=seed))
    longer = []
    for name, answer in seen.answers:
        assert not (isinstance(answer, Absent) and name in found), (seed, name)
        if isinstance(answer, Found) and name in found:
            longer.append(len(found[name].steps) - len(answer.trace.steps))
            assert longer[-1] >= 0, (seed, name)
    return longer


@pytest.mark.slow
def test_what_is_found_is_so() -> None:
    longer = [d for seed in range(2) for d in differences(seed)]
    assert len(longer) > 1
    # Of two in three nothing is left out that could be: shrinking is what this engine is for.
    assert longer.count(0) * 3 > len(longer) * 2


@pytest.mark.slow
def test_what_is_found_is_so_of_many() -> None:
    longer = [d for seed in range(2, 200) for d in differences(seed)]
    assert longer.count(0) * 10 > len(longer) * 9


@pytest.mark.slow
def test_every_kind_of_claim_is_looked_at() -> None:
    found = met(counter(9), Runs(runs=2, depth=10))
    lengths = {name: len(trace.steps) for name, trace in found.items()}
    # There is one run, so what is shrunk is the shortest.
    assert lengths == {"below": 3, "reaches": 4, "lives": 9, "small_steps": 6}


def test_what_breaks_is_found_too() -> None:
    found = met(counter(10), Runs(runs=2, depth=11))
    assert len(found["in-range"].steps) == 10
    assert found["in-range"].steps[-1].state is None
    assert "lives" not in found


def test_it_begins_anywhere() -> None:
    found = met(several_starts(), Runs(runs=40, depth=3))
    assert found["below"].steps == ()
    # 4 comes after 3 alone.
    assert [s[0] for s in found["reaches"].states()] == [3, 4]


def test_a_cut_is_no_rest() -> None:
    full = birth(2)
    assert "lives" not in met(full, Runs(runs=5, depth=5))
    # Where nobody dies, nothing can happen but what is cut.
    born = evolve(full, actions=full.actions[:1])
    assert run(born, ("lives",), Runs(runs=5, depth=5)).longest == 2
    assert "lives" not in met(born, Runs(runs=5, depth=5))


def test_it_goes_no_further_than_it_is_told() -> None:
    found = run(counter(9), ("reaches", "never"), Runs(runs=20, depth=3))
    assert found.found == () and found.longest == 3


def test_a_hundred_instances_are_drawn_in_parts() -> None:
    from kspec.engines import stateful

    class Data:
        """Draws the greatest."""

        def draw(self, strategy: object) -> object:
            return strategy.wrapped_strategy.end  # type: ignore[attr-defined]

    for size in (1, 2, 64, 65, 4097, 5000):
        assert stateful._one_of(Data(), range(size)) == size - 1


def test_somebody_may_stop_it() -> None:
    asked = iter([False] * 20)
    found = run(counter(9), ("never",), Runs(interrupted=lambda: next(asked, True)))
    assert found.interrupted and 0 < found.walks < 20


@pytest.mark.slow
def test_what_was_found_is_remembered(tmp_path: Path) -> None:
    digit = Binder("k", DIGIT)
    jump = action("jump", (digit,), (), (write("x", None, Local("k", DIGIT)),))
    of = system({"x": (DIGIT, lit(0))}, (jump,), {"seven": Reachable(Eq(X, lit(7)))})
    once = Runs(runs=1, depth=1, seed=3)
    assert met(of, once) == {}
    assert met(of, evolve(once, runs=60, seed=1, database=tmp_path))
    assert met(of, evolve(once, database=tmp_path))
    assert met(of, once) == {}


SAME = """
import sys
from kspec.engines.conformance import seeded_question
{more}
from kspec.engines.stateful import Runs, run
of = seeded_question(4).system
print(run(of, tuple(p.name for p in of.properties), Runs(runs=20, depth=10, seed=5)))
"""


def test_same_seed_same_bytes_whatever_else_is_loaded(tmp_path: Path) -> None:
    said = set()
    for salt, more in enumerate(("", "import tests.random.features")):
        done = subprocess.run(
            [sys.executable, "-c", SAME.format(more=more)],
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": str(salt)},
            capture_output=True,
            check=True,
            encoding="utf-8",
        )
        said.add(done.stdout)
    assert len(said) == 1 and "Trace" in said.pop()
    assert list(tmp_path.iterdir()) == [], "nothing is written where one stands"
