"""What a person sees: progress, an interrupted run and a resumed one, in a terminal."""

from __future__ import annotations

import os
import re
import select
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.cli.programs import MAIN, ROOT

pty = pytest.importorskip("pty")
MODEL = ROOT / "benchmarks" / "models" / "m2.kspec"
CHECK = ("check", str(MODEL), "-s", "p5n3c2r3k2", "-j", "1")


def seen(where: Path, *arguments: str, stop: str | None = None) -> tuple[int, str, list[str]]:
    """The exit code, what is on the screen at the end, and what was on the line of progress;
    Ctrl-C is typed once this stands there."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "160"}
    pid, handle = pty.fork()
    if pid == 0:
        os.chdir(where)
        os.execve(sys.executable, [sys.executable, "-c", MAIN, *arguments], environ)
    text, end = "", time.monotonic() + 300
    while time.monotonic() < end:
        if not select.select([handle], [], [], 1)[0]:
            continue
        try:
            data = os.read(handle, 1 << 16)
        except OSError:
            break
        if not data:
            break
        text += data.decode("utf-8", "ignore")
        if stop is not None and re.search(stop, text):
            os.write(handle, b"\x03")
            stop = None
    _, status = os.waitpid(pid, 0)
    os.close(handle)
    assert os.WIFEXITED(status), signal.Signals(os.WTERMSIG(status)).name
    lines = [line for part in text.split("\n") for line in part.split("\x1b[2K")]
    screen = "\n".join(part.split("\x1b[2K")[-1] for part in text.replace("\r", "").split("\n"))
    plain = re.sub(r"\x1b\[[0-9;]*m", "", screen)
    return os.WEXITSTATUS(status), plain, [line.strip("\r") for line in lines]


@pytest.mark.slow
def test_interrupted_and_resumed(tmp_path: Path) -> None:
    code, screen, lines = seen(tmp_path, *CHECK, "--checkpoint", "kept", stop=r"depth 1\d")
    assert code == 130
    assert re.search(r"\? NO BUG TO \d+ capacity +interrupted; looked at [\d ]+ states", screen)
    assert "note: go on with --resume kept" in screen
    shown = r"m2\.kspec p5n3c2r3k2 Pod=5 Node=3: [\d.]+ [kM] states, [\d.]+ [kM]/s, depth \d+, "
    assert any(re.match(shown, line) for line in lines)
    assert "left" not in screen, "no line of progress stays on the screen"
    code, screen, lines = seen(tmp_path, *CHECK, "--resume", "kept")
    assert code == 0 and "all 5 826 926 states, 49 508 060 transitions, depth 24" in screen
    note = re.search(
        r"^note: .*m2\.kspec p5n3c2r3k2 Pod=5 Node=3 goes on after level (\d+)", screen
    )
    assert note and int(note[1]) >= 8


@pytest.mark.slow
def test_in_files(tmp_path: Path) -> None:
    limits = ("--max-memory", "12M", "--spill", str(tmp_path))
    code, screen, lines = seen(tmp_path, *CHECK, *limits)
    assert code == 0 and "all 5 826 926 states" in screen
    assert any(re.search(r"[\d.]+ [kM]B and files", line) for line in lines)
