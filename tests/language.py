"""What the Markdown collector asks of kspec: check a program, read a manifest, run a command.

`tests.markdown` knows texts and assertions only; this is the one place where the chapters meet
the program, so that the collector itself can be tested with something else.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from kspec.base.diagnostic import Diagnostic

MAIN = "from kspec.cli.main import main; main()"


def check(name: str, text: str, beside: Mapping[str, str] = {}) -> Sequence[Diagnostic]:
    """Read, type and lower a program; everything that is wrong with it.

    With files `beside` it, it is written into a directory with them and read from there.
    """
    driver = import_module("kspec.driver.check")
    if not beside:
        found: Sequence[Diagnostic] = driver.mistakes(name, text)
        return found
    with TemporaryDirectory() as directory:
        for file, content in {**beside, name: text}.items():
            path = Path(directory, file)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        given = driver.Given(Path(directory, name), name)
        result = driver.check([given], driver.Options(only_systems=True))
    return [d for file in result.files for d in file.diagnostics]


def read(name: str, text: str, beside: Mapping[str, str] = {}) -> Sequence[Diagnostic]:
    """Read a manifest; everything that is wrong with it. Nothing can stand beside it."""
    assert not beside
    found: Sequence[Diagnostic]
    found = import_module("kspec.manifests.read").read(name, text.encode()).diagnostics
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
