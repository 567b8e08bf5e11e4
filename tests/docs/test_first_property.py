"""The tutorial is followed literally: its commands are run, its edits are made, in order."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = ROOT / "docs" / "first-property.md"
FENCE: Final = re.compile(r"^```(\w+)(?: (\w+)=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SKIPPED: Final = "…"


def test_the_tutorial_says_what_happens(tmp_path: Path) -> None:
    here = tmp_path
    for language, _, file, text in FENCE.findall(PAGE.read_text()):
        match language:
            case "kspec":
                with (here / file).open("a") as stream:
                    stream.write(text)
            case "edit":
                old, new = text.splitlines()
                before = (here / file).read_text()
                assert before.count(old) == 1, f"{old!r} is not there once"
                (here / file).write_text(before.replace(old, new))
            case "console":
                here = _followed(text, here)
            case _:
                raise AssertionError(f"a fence in {language}")


def _followed(transcript: str, here: Path) -> Path:
    for part in re.split(r"^\$ ", transcript, flags=re.MULTILINE)[1:]:
        line, _, expected = part.partition("\n")
        command = shlex.split(line)
        if command[0] == "cd":
            here = here / command[1]
            continue
        assert command[0] == "kspec"
        seen = _seen(command[1:], here)
        assert _is_like(seen, expected), f"$ {line}\n{seen}\n--- but the page says\n{expected}"
    return here


def _seen(arguments: list[str], here: Path) -> str:
    run = subprocess.run(
        [sys.executable, "-m", "kspec", *arguments],
        cwd=here,
        env={"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0", "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return run.stderr + run.stdout


def _is_like(seen: str, expected: str) -> bool:
    """A line `…` stands for any lines, `…` within a line for anything in it."""
    lines = [
        r"(?:.*\n)*?" if line == SKIPPED else re.escape(line).replace(SKIPPED, ".*") + r"\n"
        for line in expected.splitlines()
    ]
    return re.fullmatch("".join(lines), seen) is not None
