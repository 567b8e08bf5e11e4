"""What a command costs before and besides its search: `make bench`, or

    python -m benchmarks.startup            # five turns
    python -m benchmarks.startup --runs 15

One JSON line a run on standard output; the commands take turns. At the end `benchmarks/STARTUP.md`
is written. `cold` is with nothing remembered, `again` a second run of the same file, whose machine
code is. CPU seconds are of all processors, code that is made better meanwhile included.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final, final

from attrs import frozen

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parent


@final
@frozen
class Case:
    """A command, and whether anything may be remembered."""

    name: str
    words: tuple[str, ...]
    cold: bool

    @property
    def title(self) -> str:
        """For a row of the table."""
        return f"{self.name}, {'cold' if self.cold else 'again'}"


MODELS: Final = (
    ("two states (m0)", ("check", "benchmarks/models/m0.kspec")),
    ("981 720 states (m2)", ("check", "benchmarks/models/m2.kspec", "-s", "p4n4c2r3k1")),
    ("two scenarios of the library (demo)", ("check", "models/demo.kspec")),
)
CASES: Final = (
    Case("version", ("version",), False),
    *(Case(name, words, cold) for name, words in MODELS for cold in (True, False)),
)


@final
@frozen
class Run:
    """Seconds of one run."""

    case: Case
    wall: float
    cpu: float

    def record(self) -> dict[str, object]:
        """For JSON."""
        shown = {"command": " ".join(("kspec", *self.case.words)), "cold": self.case.cold}
        return {**shown, "wall_seconds": round(self.wall, 3), "cpu_seconds": round(self.cpu, 3)}


def run(case: Case, cache: Path) -> Run:
    """Run a command as a user does."""
    place = "off" if case.cold else str(cache)
    # Python's own files of compiled modules are part of what is installed.
    hidden = ("PYTHONDONTWRITEBYTECODE", "KSPEC_CACHE")
    environment = {k: v for k, v in os.environ.items() if k not in hidden}
    environment |= {"PYTHONPATH": str(ROOT), "KSPEC_CACHE": place}
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
    subprocess.run(
        [sys.executable, "-m", "kspec", *case.words],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    wall, after = perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(case, wall, cpu)


def table(runs: Iterable[Run]) -> str:
    """Markdown: a row for each command."""
    rows = ["| command | wall s | least | CPU s | least |", "|---|--:|--:|--:|--:|"]
    groups: dict[Case, list[Run]] = {}
    for one in runs:
        groups.setdefault(one.case, []).append(one)
    for case, some in groups.items():
        wall, cpu = [one.wall for one in some], [one.cpu for one in some]
        shown = (median(wall), min(wall), median(cpu), min(cpu))
        rows.append(f"| {case.title} | " + " | ".join(f"{x:.2f}" for x in shown) + " |")
    return "\n".join(rows) + "\n"


def page(runs: Sequence[Run], turns: int) -> str:
    """The whole of STARTUP.md."""
    load = os.getloadavg()[1]
    return (
        "# Start-up\n\n"
        f"Written by `make bench`: medians and least values of {turns} runs, in which the commands "
        f"took turns, on one machine ({platform.machine()}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}, a load of {load:.1f} in the last five minutes: with more "
        "than the cores, trust the least values). `cold`: nothing was remembered; `again`: a "
        "second run of the same file.\n\n" + table(runs)
    )


def main(words: Sequence[str]) -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="benchmarks.startup", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--dry", action="store_true", help="leave STARTUP.md as it is")
    given = parser.parse_args(words)
    runs: list[Run] = []
    with tempfile.TemporaryDirectory() as directory:
        for case in CASES:  # what may be remembered is, from here on
            run(case, Path(directory))
        for _ in range(given.runs):
            for case in CASES:
                runs.append(run(case, Path(directory)))
                print(json.dumps(runs[-1].record()), flush=True)
    print(table(runs), file=sys.stderr)
    if not given.dry:
        (HERE / "STARTUP.md").write_text(page(runs, given.runs), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
