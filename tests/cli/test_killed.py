"""A check that is killed goes on where it was: the same output as if nothing had happened."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from random import Random
from typing import Final

import pytest

from tests.cli.programs import MAIN, PODS, ROOT, run

KILLS: Final = 20
MODEL: Final = ROOT / "benchmarks" / "models" / "m2.kspec"
DEEP: Final = """
invariant few_end "at most three pods end at once": count(p: Pod where p.phase is terminating) <= 3
scenario killed {
  in base
  with C = 2, R = 3, K = 2
  for Pod in 5..5, Node in 3..3
  check capacity, replicas_bound
  expect violated few_end
}
"""
CHECK: Final = ("check", "m2.kspec", "-s", "killed", "-o", "json")


def begun(where: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-u", "-c", MAIN, *CHECK, *arguments],
        cwd=where,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def ended(process: subprocess.Popen[str], place: Path, wait: float) -> tuple[int, str, str]:
    """Kill it so many seconds after it wrote a checkpoint, if it did not end before that."""
    head = next(place.glob("*/head"), None)
    was = head.stat().st_mtime_ns if head else 0

    def kill() -> None:
        while process.poll() is None:
            head = next(place.glob("*/head"), None)
            if head is not None and head.stat().st_mtime_ns != was:
                time.sleep(wait)
                process.kill()
                return
            time.sleep(0.001)

    watcher = threading.Thread(target=kill)
    watcher.start()
    out, said = process.communicate(timeout=300)
    watcher.join()
    return process.returncode, out, said


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="nothing to kill with")
def test_killed_again_and_again(tmp_path: Path) -> None:
    """Twenty times, at moments drawn with a seed; counts, verdicts and trace stay the same."""
    (tmp_path / "m2.kspec").write_text(MODEL.read_text(encoding="utf-8") + DEEP, encoding="utf-8")
    whole = begun(tmp_path)
    expected, _ = whole.communicate(timeout=300)
    assert whole.returncode == 0 and '"states": 5826926' in expected and '"trace"' in expected
    draw, killed, went_on, turn, first = Random(5), 0, 0, 0, True
    while killed < KILLS:
        place = tmp_path / f"search{turn}"
        how = ("--checkpoint", str(place)) if first else ("--resume", str(place))
        jobs = str(1 + draw.randrange(2))
        process = begun(tmp_path, *how, "--checkpoint-every", "0", "-j", jobs)
        code, out, said = ended(process, place, draw.random() * 0.4)
        went_on += "goes on after level" in said
        assert code in (0, -signal.SIGKILL), said
        if code:
            killed, first = killed + 1, False
        else:
            assert out == expected
            turn, first = turn + 1, True
    done = begun(tmp_path, "--resume", str(place))
    out, _ = done.communicate(timeout=300)
    assert out == expected
    assert went_on > KILLS // 2, "most went on from what was there"


# ---- what is said --------------------------------------------------------------------------------


@pytest.fixture
def program(tmp_path: Path) -> Path:
    text = PODS + "scenario s { for Pod in 1..2; check true_of_all, stays }\n"
    text = text.replace("room { Pod: 2 }\n", "")
    (tmp_path / "a.kspec").write_text(text, encoding="utf-8")
    return tmp_path


def test_what_begins_anew_is_said(program: Path) -> None:
    """A scope without a checkpoint is no mistake, but nobody must take it for resumed."""
    kept = program / "kept"
    first = run("check", "a.kspec", "--checkpoint", "kept", "--checkpoint-every", "0", cwd=program)
    assert first.returncode == 0 and "note:" not in first.stderr
    again = run("check", "a.kspec", "--resume", "kept", cwd=program)
    assert again.stdout == first.stdout
    notes = [line for line in again.stderr.splitlines() if line.startswith("note:")]
    assert len(notes) == 2 and all("goes on after level" in line for line in notes)
    (lost,) = kept.glob("*Pod=2*")
    for file in lost.iterdir():
        file.unlink()
    lost.rmdir()
    third = run("check", "a.kspec", "--resume", "kept", cwd=program)
    assert third.stdout == first.stdout
    assert "note: a.kspec s Pod=2 begins anew: there is no checkpoint of it in kept" in third.stderr


def test_a_checkpoint_of_another_program_is_refused(program: Path) -> None:
    text = (program / "a.kspec").read_text(encoding="utf-8")
    run("check", "a.kspec", "--checkpoint", "kept", "--checkpoint-every", "0", cwd=program)
    changed = text.replace("Pending, Running", "Pending, Running, Done", 1)
    (program / "a.kspec").write_text(changed, encoding="utf-8")
    done = run("check", "a.kspec", "--resume", "kept", cwd=program)
    assert done.returncode == 2 and not done.stdout
    assert "a.kspec_s_Pod=1" in done.stderr and "is of another system" in done.stderr


def test_only_the_native_engine_keeps_checkpoints(program: Path) -> None:
    done = run("check", "a.kspec", "--engine", "reference", "--checkpoint", "kept", cwd=program)
    assert done.returncode == 2 and "keeps no checkpoints" in done.stderr
