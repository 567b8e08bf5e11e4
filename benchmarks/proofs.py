"""How long proofs take, by induction, with lemmas, and by looking at all states; and what the
library's `prove` lines take, with their certificates checked again: `make bench`, or

    python -m benchmarks.proofs                          # everything, some minutes
    python -m benchmarks.proofs --only 'models/[a-k]*' --seconds 60 --add      # in pieces
    python -m benchmarks.proofs --lines none --add       # no `prove` lines; `only`: these alone

Of each scenario the largest scope is taken, and of that every claim that no infinite run is needed
for and that nobody expects to be violated. Each scenario has a process of its own, each engine
another one (`proof_cases`), each scenario with `prove` lines two (`proof_lines`). CPU seconds are
those of that process; z3's own count of what it did is the same on every machine, and so is the
number of states. What an engine has not ended in its seconds is left open and says so, and so does
a scenario that has nothing to measure. What an engine ended in an earlier run that gave it more
seconds stays, if it was of the very same system. At the end `benchmarks/PROOFS.md` is written.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeAlias

from benchmarks import proof_lines
from benchmarks.proof_cases import ENGINES, ROOT, case, files, scenarios
from benchmarks.proof_page import SOLVERS, page

PAGE: Final = Path(__file__).parent / "PROOFS.md"
KEPT: Final = Path(__file__).parent / "proofs.json"
PREPARING: Final = 30
"""Seconds of processor for making a system."""
JOBS: Final = min(2, os.cpu_count() or 1)

Row: TypeAlias = dict[str, Any]


def told(command: Iterable[str]) -> tuple[Row, str]:
    """What a process told, all its lines in one, and how it failed if it did."""
    done = subprocess.run(
        [sys.executable, "-m", *command],
        capture_output=True,
        check=False,
        encoding="utf-8",
        cwd=ROOT,
    )
    found: Row = {}
    for line in done.stdout.splitlines():
        found |= json.loads(line)
    if not done.returncode:
        return found, ""
    said = done.stderr.strip().splitlines()
    return found, said[-1] if said and done.returncode > 0 else f"signal {-done.returncode}"


def measured(file: str, scenario: str, seconds: float) -> Row:
    """What became of a scenario."""
    command = ("benchmarks.proofs", "--one", file, scenario, "--seconds", str(seconds))
    found, failed = told(command)
    row = {"file": file, "scenario": scenario, **found}
    if failed:
        late = failed == "signal 24" and "claims" not in found
        row["failed"] = f"its system is not made in {PREPARING} s" if late else failed
    return row


def line(file: str, scenario: str) -> Row:
    """What became of the `prove` lines of a scenario, and of their certificates."""
    with TemporaryDirectory() as directory:
        row: Row = {"file": file, "scenario": scenario}
        row["proved"], row["failed"] = told(
            ("benchmarks.proof_lines", "prove", file, scenario, directory)
        )
        for solver in SOLVERS:
            found, failed = told(("benchmarks.proof_lines", "recheck", directory, solver))
            row[solver] = found | ({"failed": failed} if failed else {})
    return row


def merged(new: list[Row], old: list[Row]) -> list[Row]:
    """The new rows, with old ones that have no new one, in order."""
    before = {(row["file"], row["scenario"]): row for row in old}
    rows = {**before, **{(r["file"], r["scenario"]): r for r in new}}
    return [rows[key] for key in sorted(rows)]


def with_longer(new: list[Row], old: list[Row]) -> list[Row]:
    """Where an engine was ended, what it came to when it had more time with the same system."""
    before = {(r["file"], r["scenario"], r.get("system")): r for r in old if "system" in r}
    return [
        _longer(row, before.get((row["file"], row["scenario"], row.get("system")))) for row in new
    ]


def _longer(row: Row, old: Row | None) -> Row:
    if old is None or old.get("claims") != row.get("claims"):
        return row
    kept = dict(row)
    for engine in ENGINES:
        now, then = row.get(engine), old.get(engine)
        if then and (now is None or (now["over"] and then["seconds"] > now["seconds"])):
            kept[engine] = then
    return kept


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--one", nargs=2, metavar=("FILE", "SCENARIO"), help=argparse.SUPPRESS)
    parser.add_argument("--only", default="*", help="files that match this")
    parser.add_argument("--seconds", type=float, default=2.0, help="CPU seconds for each engine")
    parser.add_argument("--lines", choices=("too", "none", "only"), default="too")
    parser.add_argument("--add", action="store_true", help="keep the other rows of the page")
    parser.add_argument("--jobs", type=int, default=JOBS, help="processes at a time")
    asked = parser.parse_args()
    if asked.one:
        file, scenario = asked.one
        case(file, scenario, asked.seconds, PREPARING)
        return
    _Page(asked.add).run(list(_work(asked)), asked.jobs)


Job: TypeAlias = tuple[str, Callable[[], Row]]


def _work(asked: argparse.Namespace) -> Iterator[Job]:
    """What there is to do, and of which table it is."""
    chosen = [file for file in files() if fnmatchcase(file, asked.only)]
    if asked.lines != "none":
        for f, s in proof_lines.scenarios(asked.only):
            yield "lines", partial(line, f, s)
    if asked.lines != "only":
        for file in chosen:
            for scenario in scenarios(file):
                yield "scenarios", partial(measured, file, scenario, asked.seconds)


class _Page:
    """The page, and what it is made of: written whenever something has been measured, so that
    nothing is lost if somebody ends it."""

    def __init__(self, adds: bool) -> None:
        self.old = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
        self.kept: dict[str, list[Row]] = {"scenarios": [], "lines": []}
        if adds:
            self.kept |= self.old
        else:
            self.kept["scenarios"] = [
                {"file": f, "scenario": s, "nothing": "not measured"}
                for f in files()
                for s in scenarios(f)
            ]

    def run(self, work: list[Job], jobs: int) -> None:
        """Do it, so many at a time."""
        with ThreadPoolExecutor(jobs) as pool:
            doing = {pool.submit(job): what for what, job in work}
            for done in as_completed(doing):
                self.add(doing[done], done.result())
        self.write()

    def add(self, what: str, row: Row) -> None:
        """Something was measured."""
        print(json.dumps(row), flush=True)
        rows = [row] if what == "lines" else with_longer([row], self.old.get("scenarios", []))
        self.kept[what] = merged(rows, self.kept[what])
        self.write()

    def write(self) -> None:
        """The page, and what it is made of."""
        KEPT.write_text(json.dumps(self.kept, indent=0) + "\n", encoding="utf-8")
        PAGE.write_text(page(self.kept["scenarios"], self.kept["lines"]), encoding="utf-8")


if __name__ == "__main__":
    main()
