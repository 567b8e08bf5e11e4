"""A search that was killed goes on where it was, with the same end; what is damaged is refused."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from attrs import evolve

from kspec.engines.api import Budget
from kspec.engines.conformance import seeded_question
from kspec.engines.explicit.engine import BadCheckpoint, Explicit
from kspec.engines.explicit.llvm.codes import Codes
from kspec.engines.explicit.llvm.tuning import CROWDED, DEFAULT
from kspec.engines.explicit.store.journal import Journal
from kspec.ir.system import System
from kspec.verdict.answer import Exploration
from tests.systems.bench import build

ROOT = Path(__file__).parents[3]
SMALL = (3, 2, 2, 2, 1)


def names(system: System) -> tuple[str, ...]:
    return tuple(p.name for p in system.properties)


def explored(
    system: System, journal: Journal | None, depth: int | None = None, workers: int = 1
) -> Exploration:
    engine = Explicit(0, CROWDED, workers, journal=journal)
    budget = Budget(max_depth=depth)
    return engine.explore(system, names(system), budget, lambda _: None)


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("depth", [0, 1, 7, 14])
def test_a_search_goes_on_from_every_level(tmp_path: Path, depth: int, workers: int) -> None:
    system, place = build("m2", SMALL), tmp_path / "search"
    explored(system, Journal(place, every=0), depth, workers)
    resumed = Journal(place, resume=True, every=0)
    assert explored(system, resumed, workers=workers) == explored(system, None)


def test_random_systems_go_on(tmp_path: Path) -> None:
    """With marks, cuts, several words, and indexed rows."""
    tried = 0
    for seed in range(740, 755):
        question = seeded_question(seed)
        system = question.system
        whole = explored(system, None)
        if whole.reached.depth < 3:
            continue
        tried += 1
        for tuning in (DEFAULT, evolve(CROWDED, indexed=True)):
            place = tmp_path / f"{seed}{tuning.indexed}"
            first = Explicit(0, tuning, journal=Journal(place, every=0))
            first.explore(system, names(system), Budget(max_depth=2), lambda _: None)
            if (place / "head").exists():
                again = Explicit(0, tuning, 2, journal=Journal(place, resume=True, every=0))
                found = again.explore(system, names(system), Budget(), lambda _: None)
                assert found == whole, seed
    assert tried >= 5


def test_without_resume_a_search_begins_anew(tmp_path: Path) -> None:
    place = tmp_path / "search"
    explored(build("m2", (3, 3, 2, 2, 1)), Journal(place, every=0), 5)
    system = build("m2", SMALL)
    assert explored(system, Journal(place, every=0)) == explored(system, None)


# ---- what is refused ---------------------------------------------------------------------------


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    place = tmp_path / "search"
    explored(build("m2", SMALL), Journal(place, every=0), 9)
    return place


@pytest.mark.parametrize("file", ["head", "rows"])
def test_a_changed_byte_is_refused(kept: Path, file: str) -> None:
    data, draw = (kept / file).read_bytes(), Random(3)
    for _ in range(12):
        changed = bytearray(data)
        changed[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        (kept / file).write_bytes(changed)
        with pytest.raises(BadCheckpoint):
            explored(build("m2", SMALL), Journal(kept, resume=True))


@pytest.mark.parametrize("file", ["head", "rows"])
def test_what_is_missing_is_refused(kept: Path, file: str) -> None:
    data = (kept / file).read_bytes()
    (kept / file).write_bytes(data[: len(data) // 2])
    with pytest.raises(BadCheckpoint):
        explored(build("m2", SMALL), Journal(kept, resume=True))
    (kept / file).unlink()
    with pytest.raises(BadCheckpoint):
        explored(build("m2", SMALL), Journal(kept, resume=True))


def test_where_nothing_is_a_search_begins_anew_and_says_so(tmp_path: Path) -> None:
    system, said = build("m2", SMALL), list[str]()
    for place in (tmp_path / "search", tmp_path):
        journal = Journal(place, resume=True, name="it ", tell=said.append)
        assert explored(system, journal) == explored(system, None)
    assert len(said) == 2 and all(text.startswith("it begins anew: ") for text in said)


def test_a_limit_that_is_reached_is_no_reason_to_go_on(kept: Path) -> None:
    """The same limit again says the same; a higher one goes on from where the lower one was."""
    system, names_ = build("m2", SMALL), names(build("m2", SMALL))
    head, said = (kept / "head").read_bytes(), list[str]()
    resumed = Journal(kept, resume=True, every=0, tell=said.append)
    assert explored(system, resumed, 9) == explored(system, None, 9)
    assert (kept / "head").read_bytes() == head
    assert said == [f"goes on after level 9, with {json.loads(head)['bounds'][-1]} states"]
    limited = Explicit(0, journal=Journal(kept / "other"))
    few = limited.explore(system, names_, Budget(max_states=3000), lambda _: None)
    assert few == Explicit(0).explore(system, names_, Budget(max_states=3000), lambda _: None)
    assert explored(system, Journal(kept / "other", True, tell=said.append)) == explored(
        system, None
    )
    assert said[1].startswith(f"goes on after level {few.reached.depth}, ")


def test_rows_beyond_the_head_do_not_count(kept: Path) -> None:
    """They were written when the search was killed."""
    with (kept / "rows").open("ab") as file:
        file.write(b"x" * 123)
    system = build("m2", SMALL)
    explored(system, Journal(kept, resume=True, every=0), 12)
    assert (kept / "rows").stat().st_size == json.loads((kept / "head").read_bytes())["bytes"]
    resumed = explored(system, Journal(kept, resume=True, every=0))
    assert resumed == explored(system, None)


def test_another_search_is_refused(kept: Path) -> None:
    with pytest.raises(BadCheckpoint, match="another system"):
        explored(build("m2", (3, 2, 2, 3, 1)), Journal(kept, resume=True))
    system = build("m2", SMALL)
    with pytest.raises(BadCheckpoint, match="another set of properties"):
        Explicit(0, journal=Journal(kept, resume=True)).explore(
            system, ("capacity",), Budget(), lambda _: None
        )


# ---- killed inside a checkpoint ------------------------------------------------------------------


class Killed(BaseException):
    """Nothing catches it."""


class Fate:
    """Ends everything at the k-th moment at which a checkpoint asks the system for something. What
    was not written for sure by then is lost in part, or wrong."""

    def __init__(self, moment: int, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left, self.draw, self.sure = moment, Random(moment), 0
        self.rows = place / "rows"
        fsync, replace = os.fsync, Path.replace

        def synced(handle: int) -> None:
            is_rows = Path(f"/proc/self/fd/{handle}").readlink().name == "rows"
            self.come(lambda: None if is_rows else self.tear(handle, 0))
            fsync(handle)
            if is_rows:
                self.sure = os.fstat(handle).st_size
            self.come(lambda: None)

        def replaced(path: Path, target: Path) -> Path:
            self.come(lambda: None)
            found = replace(path, target)
            self.come(lambda: None)
            return found

        monkeypatch.setattr(os, "fsync", synced)
        monkeypatch.setattr(Path, "replace", replaced)

    def come(self, damage: Callable[[], None]) -> None:
        self.left -= 1
        if self.left == 0:
            damage()
            if self.rows.exists():
                with self.rows.open("r+b") as file:
                    self.tear(file.fileno(), min(self.sure, os.fstat(file.fileno()).st_size))
            raise Killed

    def tear(self, handle: int, sure: int) -> None:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return
        size = os.fstat(handle).st_size
        end = self.draw.randint(sure, max(sure, size))
        os.ftruncate(handle, end)
        if end > sure:
            os.pwrite(handle, self.draw.randbytes(end - sure), sure)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="nobody tells which file it is")
@pytest.mark.parametrize("steps", [11, pytest.param(1, marks=pytest.mark.slow)])
def test_killed_inside_a_checkpoint(tmp_path: Path, steps: int) -> None:
    """Between any two calls of the system: what was complete before is used."""
    system, codes = build("m2", SMALL), Codes(tmp_path / "codes")
    whole, moment, depths = explored(system, None), 0, set[str]()
    Explicit(2, CROWDED, codes=codes).explore(system, names(system), Budget(0), lambda _: None)

    def explored_at_once(journal: Journal) -> Exploration:
        engine = Explicit(None, CROWDED, codes=codes, journal=journal)
        return engine.explore(system, names(system), Budget(), lambda _: None)

    while True:
        moment += steps
        place = tmp_path / str(moment)
        with pytest.MonkeyPatch.context() as patch:
            Fate(moment, place, patch)
            try:
                found = explored_at_once(Journal(place, every=0))
            except Killed:
                pass
            else:
                assert found == whole
                break
        said = list[str]()
        resumed = Journal(place, resume=True, every=0, tell=said.append)
        assert explored_at_once(resumed) == whole, moment
        depths.update(text.split(":")[0] for text in said)
    if steps == 1:
        assert len(depths) == whole.reached.depth + 2, "from every level, and from the beginning"


# ---- SIGKILL -----------------------------------------------------------------------------------

CHILD = """
import sys
from pathlib import Path
from kspec.engines.api import Budget
from kspec.engines.explicit.engine import Explicit
from kspec.engines.explicit.store.journal import Journal
from tests.systems.bench import build
system = build("m2", (4, 3, 2, 3, 1))
journal = Journal(Path(sys.argv[1]), resume=sys.argv[2] == "resume", every=0)
found = Explicit(0, workers=int(sys.argv[3]), journal=journal).explore(
    system, ("capacity", "replicas"), Budget(), lambda _: None)
print(found.reached.states, found.reached.transitions, found.reached.depth, found.complete)
"""


def child(place: Path, how: str, workers: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CHILD, str(place), how, str(workers)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="nothing to kill with")
@pytest.mark.parametrize(
    "times", [2, pytest.param(20, marks=pytest.mark.slow)], ids=["few", "twenty"]
)
def test_killed_at_any_moment(tmp_path: Path, times: int) -> None:
    draw, killed = Random(7), 0
    for turn in range(times):
        place, how, workers = tmp_path / str(turn), "start", 1 + turn % 2
        process = child(place, how, workers)
        while not (place / "head").exists() and process.poll() is None:
            time.sleep(0.001)
        time.sleep(draw.random() * 0.2)
        process.kill()
        process.communicate()
        killed += process.returncode == -signal.SIGKILL
        process = child(place, "resume", workers)
        said, _ = process.communicate(timeout=120)
        assert said.split() == ["276872", "1852884", "20", "True"], turn
    assert killed > times // 2, "most were killed in the middle"
