"""Small programs for tests of the command, and a way to run it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
MAIN: Final = "from kspec.cli.main import main; main()"

PODS: Final = """\"\"\"Pods come and go.\"\"\"
enum Phase { Pending, Running }
kind Pod { phase: Phase = Pending }

environment people {
  action make do new p: Pod { }
  action run(p: Pod) when p.phase is Pending do p.phase := Running
}

invariant few "at most one pod": count(p: Pod) <= 1
invariant true_of_all: all p: Pod | p.phase is Pending or p.phase is Running
property busy: reachable some p: Pod | p.phase is Running
property idle: reachable count(p: Pod) > 5
property stays: on people.run(p): p.phase is Running
property never_made: on people.make: false
property goes_on: no deadlock
property later: always eventually all p: Pod | p.phase is Pending or p.phase is Running

cluster one { }
room { Pod: 2 }
"""


def run(
    *arguments: str, cwd: Path, environ: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", MAIN, *arguments],
        cwd=cwd,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environ or {})},
        timeout=300,
        check=False,
    )
