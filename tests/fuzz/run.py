"""Runs `kspec` on broken inputs, each in a process of its own, and says what must not happen.

    python -m tests.fuzz.run 20000 [FIRST]

No traceback, no signal, no hang, no exit code but 0 to 3 and 5. The child processes are forks of
one that has loaded everything, so that an input costs milliseconds.
"""

from __future__ import annotations

import atexit
import os
import resource
import sys
import tempfile
import time
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Final, final

from attrs import frozen

from tests.fuzz.inputs import Input, seeded_input

ALLOWED: Final = frozenset((0, 1, 2, 3, 5))
SECONDS: Final = 20
"""Of processor time for one input: most take hundredths."""
MEMORY: Final = 3 * 2**30
LOADED: Final = (
    "kspec.cli.check",
    "kspec.cli.main",
    "kspec.driver.preparing.lowering",
    "kspec.driver.searching.search",
    "kspec.manifests.explain",
    "kspec.manifests.read",
    "kspec.syntax.mistakes.explain",
    "kspec.syntax.mistakes.recover",
)
"""What an input may need: without, each child would load it again."""


@final
@frozen
class Outcome:
    """How a run ended; `code` is negative for a signal."""

    code: int
    stdout: bytes
    stderr: bytes
    seconds: float

    @property
    def flaw(self) -> str | None:
        """What must not happen and did."""
        if self.code not in ALLOWED:
            return f"exit code {self.code}"
        if b"Traceback" in self.stderr or b"Traceback" in self.stdout:
            return "a traceback"
        if self.code == 2 and not self.stderr.strip():
            return "exit code 2 without a word"
        return None


def run(given: Input, directory: Path) -> Outcome:
    """What `kspec` does with an input, whose files are written to an empty directory."""
    for name, content in given.files:
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return called(given.arguments, directory)


def called(arguments: tuple[str, ...], directory: Path) -> Outcome:
    """What `kspec` does when it is called in a directory."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.monotonic()
        child = os.fork()
        if child == 0:
            _become(arguments, directory, out.fileno(), err.fileno())
        _, status = os.waitpid(child, 0)
        seconds = time.monotonic() - started
        out.seek(0)
        err.seek(0)
        return Outcome(os.waitstatus_to_exitcode(status), out.read(), err.read(), seconds)


def _become(arguments: tuple[str, ...], directory: Path, out: int, err: int) -> None:
    code = 99
    try:
        atexit._clear()  # what the parent wants done at its own end; `main` would do it
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        os.chdir(directory)
        os.dup2(out, 1)
        os.dup2(err, 2)
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.argv = ["kspec", *arguments]
        from kspec.cli.main import main

        try:
            main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 98
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def preload() -> None:
    """Load what every run needs, once."""
    for name in LOADED:
        import_module(name)


def flaw_of(seed: int) -> tuple[str | None, Outcome]:
    """What goes wrong with the input of a seed."""
    with tempfile.TemporaryDirectory() as name:
        outcome = run(seeded_input(seed), Path(name))
        return outcome.flaw, outcome


def _main() -> int:
    count = int(sys.argv[1])
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    preload()
    codes: Counter[int] = Counter()
    flawed = 0
    slowest = (0.0, -1)
    for seed in range(first, first + count):
        flaw, outcome = flaw_of(seed)
        codes[outcome.code] += 1
        slowest = max(slowest, (outcome.seconds, seed))
        if flaw is not None:
            flawed += 1
            print(f"seed {seed}: {flaw}; {outcome.stderr[-300:]!r}", flush=True)
    print(f"{count} inputs, {flawed} flawed; exit codes {dict(sorted(codes.items()))}", end="; ")
    print(f"the slowest took {slowest[0]:.1f} s (seed {slowest[1]})")
    return 1 if flawed else 0


if __name__ == "__main__":
    raise SystemExit(_main())
