"""Runs one test on a copy of kspec with one mistake in it."""

from __future__ import annotations

import compileall
import os
import py_compile
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import final

from attrs import frozen

ROOT = Path(__file__).parents[2]
COPIED = ("kspec", "tests", "docs", "pyproject.toml")
TIMEOUT = 300  # seconds; a mutant that makes its test hang counts as noticed


@final
@frozen
class Mutant:
    """`old` occurs once in `file` and becomes `new`; the test `killer` must then fail, and so must
    `second`, where there is one.

    Paths are relative to the repository; killers are pytest node ids.
    """

    name: str
    file: str
    old: str
    new: str
    killer: str
    second: str = ""

    @property
    def killers(self) -> tuple[str, ...]:
        """The tests that must fail."""
        return (self.killer, self.second) if self.second else (self.killer,)


def occurrences(mutant: Mutant) -> int:
    """How often the snippet to be changed occurs in its file."""
    return (ROOT / mutant.file).read_text(encoding="utf-8").count(mutant.old)


def copied(into: Path) -> Path:
    """A copy of what is needed to run tests."""
    for name in COPIED:
        source, target = ROOT / name, into / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    # Compiled once, and by hash: what is changed later is compiled anew by whoever imports it.
    mode = py_compile.PycInvalidationMode.CHECKED_HASH
    compileall.compile_dir(into / "kspec", quiet=1, invalidation_mode=mode)
    return into


@contextmanager
def mutated(copy: Path, mutant: Mutant) -> Iterator[None]:
    """The copy with the mistake in it; afterwards without."""
    path = copy / mutant.file
    text = path.read_text(encoding="utf-8")
    if text.count(mutant.old) != 1:
        raise ValueError(f"the snippet of {mutant.name!r} does not occur once in {mutant.file}")
    path.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(text, encoding="utf-8")


def outcome(copy: Path, killer: str) -> tuple[int, str]:
    """The exit code of one test in the copy, and what it printed.

    0: passed. 1: failed. Anything else, except -1 for a test that took too long, means that the
    test could not be run, which shows nothing.
    """
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", killer]
    env = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=copy, env=env, capture_output=True, text=True, timeout=TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        return -1, "took too long"
    return done.returncode, done.stdout + done.stderr


__all__ = ["Mutant", "copied", "mutated", "occurrences", "outcome"]
