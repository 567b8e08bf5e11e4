"""cvc5, in a process of its own: it keeps Python's lock while it thinks, so that in ours nobody
would hear Ctrl-C before its answer, and a fault of its own would take everything with it.

Run as a file this is that process. It imports nothing of kspec: for each script, a line with its
length and then the text, it prints one line with the answer. Next: `recheck`.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from importlib import import_module
from typing import Final, TypeAlias, final

Blocking: TypeAlias = Callable[[Callable[[], None]], AbstractContextManager[None]]
"""`kspec.base.blocking.blocking`, which this file does not import when it is run."""

RLIMIT: Final = 5_000_000
"""What one question may cost, in cvc5's units."""
EAGER: Final = "(set-logic QF_BV)"
"""Scripts with this are made bits of at once: else cvc5 takes a minute for two seconds' work
(docs/adr/019)."""


@final
class SecondSolver:
    """A decider that starts its process at the first question, and again if it has ended.
    `blocking` tells whoever may end a question how that is done."""

    def __init__(self, blocking: Blocking) -> None:
        self._blocking = blocking
        self._process: subprocess.Popen[bytes] | None = None

    def __call__(self, script: str) -> str:
        """`unsat`, `sat`, or why neither."""
        process = self._running()
        assert process.stdin is not None and process.stdout is not None
        text = script.encode()
        with self._blocking(process.kill):
            try:
                process.stdin.write(b"%d\n" % len(text) + text)
                process.stdin.flush()
                said = process.stdout.readline()
            except OSError:
                said = b""
        if said.endswith(b"\n"):
            return said.decode().strip()
        process.kill()
        return f"nothing: its process ended ({process.wait()})"

    def close(self) -> None:
        """No more questions."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            # In a session of its own: Ctrl-C is for whoever asks.
            self._process = subprocess.Popen(
                [sys.executable, "-P", __file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        return self._process


def decided(script: str) -> str:
    """What cvc5 says of a script."""
    cvc5 = import_module("cvc5")
    solver = cvc5.Solver()
    solver.setOption("rlimit-per", str(RLIMIT))
    if EAGER in script:
        solver.setOption("bitblast", "eager")
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, script, "obligation")
    said = ""
    while True:
        command = parser.nextCommand()
        if command.isNull():
            return said.strip()
        said = command.invoke(solver, parser.getSymbolManager()) or said


def main() -> None:
    """Answer until nobody asks any more."""
    reads, writes = sys.stdin.buffer, sys.stdout.buffer
    while length := reads.readline():
        script = reads.read(int(length)).decode()
        try:
            said = decided(script)
        except Exception as error:  # whatever a solver says, it is no answer
            said = f"{type(error).__name__}: {error}"
        writes.write(" ".join(said.split()).encode() + b"\n")
        writes.flush()


if __name__ == "__main__":
    main()

__all__ = ["RLIMIT", "SecondSolver", "decided"]
