"""What the Markdown collector asks of kspec: check a program, run a command.

`tests.markdown` knows texts and assertions only; this is the one place where the chapters meet
the program, so that the collector itself can be tested with something else.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from kspec.base.diagnostic import Diagnostic

MAIN = "from kspec.cli.main import main; main()"


def check(name: str, text: str) -> Sequence[Diagnostic]:
    """Read, type and lower a program; everything that is wrong with it."""
    found: Sequence[Diagnostic] = import_module("kspec.driver.check").mistakes(name, text)
    return found


def run(arguments: Sequence[str], directory: Path) -> tuple[str, int]:
    """What `kspec ARGUMENTS` prints in a directory, both streams in turn, and its exit code."""
    root = str(Path(__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", MAIN, *arguments],
        cwd=directory,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": root, "NO_COLOR": "1", "COLUMNS": "100"},
        timeout=300,
        check=False,
    )
    return done.stdout, done.returncode
