"""Jobs come to the same wherever they are done, whoever is first, and whatever happens to others."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from random import Random

import pytest
from attrs import evolve

from kspec.base.internal import InternalError
from kspec.driver.portfolio import side_by_side
from kspec.driver.portfolio.schedule import AllStates, Planned, Solving
from kspec.driver.portfolio.side_by_side import SideBySide
from kspec.driver.portfolio.turns import Failed, Job, Outcome, Seen, Solved, perform
from kspec.engines.random_systems import seeded_system
from kspec.ir.system import Settles, System, Temporal

ROOT = Path(__file__).parents[3].as_posix()
TURNS: tuple[Planned, ...] = (
    Solving("portfolio", depth=2, rlimit=1_000_000, questions=30),
    AllStates(2_000),
    Solving("bmc", depth=3, rlimit=1_000_000),
    Solving("bmc", over_runs=True, depth=2, rlimit=1_000_000, questions=30),
)


def jobs(system: System) -> tuple[Job, ...]:
    over = tuple(p.name for p in system.properties if isinstance(p.claim, Temporal | Settles))
    rest = tuple(p.name for p in system.properties if p.name not in over)
    found = (
        Job(turn, system, over if getattr(turn, "over_runs", False) else rest) for turn in TURNS
    )
    return tuple(job for job in found if job.names)


def beside(of: tuple[Job, ...], most: int) -> SideBySide:
    return SideBySide(of, most, lambda: False, lambda: False, lambda _: None, lambda _: None)


def outcomes(of: tuple[Job, ...], most: int) -> list[Outcome | None]:
    with beside(of, most) as side:
        return [side.outcome(place) for place in range(len(of))]


def late(seconds: Callable[[], float], first: str = "") -> Callable[[], subprocess.Popen[bytes]]:
    """Processes that begin so many seconds late, and do something else first."""
    text = side_by_side.CHILD.format([ROOT])

    def started() -> subprocess.Popen[bytes]:
        begin = f"import time; time.sleep({seconds()});{first}\n"
        command = [sys.executable, "-c", begin + text]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    return started


def compared(seeds: range, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = Random(7)
    monkeypatch.setattr(side_by_side, "_started", late(lambda: draw.random() * 0.3))
    for seed in seeds:
        of = jobs(seeded_system(seed))[:most]
        assert outcomes(of, 3) == outcomes(of, 1), seed


def test_the_same_wherever_it_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    compared(range(23, 24), 2, monkeypatch)


@pytest.mark.slow
def test_random_systems_with_processes_that_are_late(monkeypatch: pytest.MonkeyPatch) -> None:
    compared(range(20, 40), 4, monkeypatch)


def test_what_cannot_matter_is_stopped_and_another_one_begins() -> None:
    of = jobs(seeded_system(23))
    told: list[tuple[int, ...]] = []
    with SideBySide(of, 2, lambda: False, lambda: False, told.append, lambda _: None) as side:
        (first, second) = (process for process, _ in side._running.values())
        side.drop(0)
        assert first.poll() is not None and second.poll() is None
        assert told == [(0, 1), (1, 2)]
    assert second.poll() is not None


def test_a_process_that_dies_takes_no_other_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    die = count()
    killed = (
        f"import sys; sys.path.insert(0, {ROOT!r}); import os, signal\n"
        "from kspec.driver.portfolio import side_by_side\n"
        "side_by_side.perform = lambda *_: os.kill(os.getpid(), signal.SIGKILL)"
    )
    started = (late(lambda: 0, killed), late(lambda: 0))
    monkeypatch.setattr(side_by_side, "_started", lambda: started[min(next(die), 1)]())
    first, second = outcomes(jobs(seeded_system(23))[:2], 2)
    assert first == Failed("its process was ended by signal 9")
    assert isinstance(second, Seen)


def test_what_dies_before_it_begins_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    of = jobs(seeded_system(23))[:2]
    monkeypatch.setattr(side_by_side, "_started", late(lambda: 0, "raise SystemExit(3)"))
    assert outcomes(of, 2) == outcomes(of, 1)


def test_what_fails_fails_alike_here_and_there() -> None:
    of = jobs(seeded_system(23))
    wrong = tuple(evolve(job, names=("nobody",)) for job in of[:2])
    here, there = outcomes(wrong, 1), outcomes(wrong, 2)
    assert here == there and isinstance(here[0], Failed) and "nobody" in here[0].why


def test_a_mistake_in_kspec_stays_one(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = (
        "from kspec.driver.portfolio import side_by_side; from kspec.driver.searching.search import UntrustedEngine\n"
        "def perform(job, *_): raise UntrustedEngine('impossible', job.system)\n"
        "side_by_side.perform = perform"
    )
    path = f"import sys; sys.path.insert(0, {ROOT!r});"
    monkeypatch.setattr(side_by_side, "_started", late(lambda: 0, path + wrong))
    system = seeded_system(23)
    with beside(jobs(system)[:2], 2) as side, pytest.raises(InternalError, match="impossible") as e:
        side.outcome(1)
    assert system.name in getattr(e.value, "text", "")


def test_where_no_process_can_be_started_all_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> subprocess.Popen[bytes]:
        raise OSError("no more processes")

    of = jobs(seeded_system(23))[:2]
    monkeypatch.setattr(side_by_side, "_started", refused)
    assert outcomes(of, 2) == outcomes(of, 1)


def test_who_waits_no_longer_gets_nothing_and_leaves_nobody() -> None:
    of = jobs(seeded_system(23))
    with SideBySide(of, 2, lambda: False, lambda: True, lambda _: None, lambda _: None) as side:
        running = [process for process, _ in side._running.values()]
        assert side.outcome(0) is None
    assert all(process.poll() is not None for process in running)


def test_a_brief_turn_asks_no_more_than_it_may() -> None:
    (job, *_) = jobs(seeded_system(23))
    assert isinstance(job.turn, Solving)
    brief = perform(evolve(job, turn=evolve(job.turn, questions=1)), lambda: False, lambda _: None)
    long = perform(
        evolve(job, turn=evolve(job.turn, questions=None)), lambda: False, lambda _: None
    )
    assert isinstance(brief, Solved) and brief.spent
    assert isinstance(long, Solved) and not long.spent
