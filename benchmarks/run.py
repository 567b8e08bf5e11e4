"""Runs everything on the benchmark models: `make bench`, or

    python -m benchmarks.run                # the modest sizes, less than twenty minutes
    python -m benchmarks.run --full         # all sizes
    python -m benchmarks.run --only m1,m2p4 --states 1000000 --runs 1

One JSON line a run on standard output; the states of every run must be the number in `sizes`, or
everything ends with an error. The tools take turns, run by run, so that a machine that is busy for
a while is so for all of them. At the end `benchmarks/RESULTS.md` and its figure are written from
medians, and ratios are printed. Next: `results`.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from benchmarks.explicit import MODELS
from benchmarks.peers import Peer, peers, ran
from benchmarks.results import Line, table, write
from benchmarks.sizes import MODEST, PATIENT, SIZES, Size

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parent


def kspec(size: Size, threads: int, where: Path) -> Line:
    """The search in a process of its own, and the whole command, with nothing remembered."""
    python = [sys.executable, "-m"]
    module = [
        *python,
        "benchmarks.explicit",
        size.model,
        *([size.scenario] if size.scenario else []),
    ]
    found = json.loads(
        ran(["env", f"PYTHONPATH={ROOT}", *module, "--jobs", str(threads)], where).text
    )
    file = MODELS / f"{size.model}.kspec"
    some = ["-s", size.scenario] if size.scenario else []
    check = [*python, "kspec", "check", file, *some, "--reduction", "none", "-j", str(threads)]
    whole = ran(["env", f"PYTHONPATH={ROOT}", "KSPEC_CACHE=off", *check], where)
    return Line(
        model=size.model,
        parameters=size.parameters,
        tool="kspec",
        threads=threads,
        states=found["states"],
        transitions=found["transitions"],
        search_seconds=found["search_seconds"],
        cpu_seconds=found["cpu_seconds"],
        total_seconds=round(whole.seconds, 4),
        peak_bytes=found["peak_bytes"],
        base_bytes=found["base_bytes"],
    )


def other(size: Size, peer: Peer) -> Line:
    """One run of another tool; its own compilers are part of the total."""
    found = peer.run()
    return Line(
        model=size.model,
        parameters=size.parameters,
        tool=peer.tool,
        threads=peer.threads,
        states=found.states,
        transitions=found.transitions,
        search_seconds=round(found.search, 4),
        cpu_seconds=round(found.cpu, 4),
        total_seconds=round(found.search + peer.building, 4),
        peak_bytes=found.peak,
    )


def measured(size: Size, where: Path, runs: int, slow: bool) -> Iterator[Line]:
    """All runs of one size. Without `slow`, Rumur is spared the sizes that take it minutes."""
    built = peers(size, where, two=size.states > 1000)
    if size.states > PATIENT and not slow:
        built = [peer for peer in built if peer.tool != "rumur"]
    for turn in range(runs):
        for threads in (1, 2):
            yield kspec(size, threads, where)
        for peer in built:
            if turn == 0 or size.states <= PATIENT or peer.tool == "c":
                yield other(size, peer)


def main(words: Sequence[str]) -> None:
    """Measure, check, print, write."""
    parser = argparse.ArgumentParser(prog="benchmarks.run", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--full", action="store_true", help="all sizes, and Rumur on all of them")
    parser.add_argument("--only", default="", metavar="NAME,...")
    parser.add_argument("--states", type=int, help="no size with more states")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--dry", action="store_true", help="leave RESULTS.md as it is")
    given = parser.parse_args(words)
    most = given.states or (1 << 40 if given.full else MODEST)
    lines: list[Line] = []
    with tempfile.TemporaryDirectory() as directory:
        for size in SIZES:
            name = size.model + size.scenario
            if size.states > most or not name.startswith(tuple(given.only.split(","))):
                continue
            where = Path(directory) / (size.model + size.scenario)
            where.mkdir()
            for line in measured(size, where, given.runs, given.full):
                if line.states != size.states:
                    said = f"{line.tool}: {line.states} states, not {size.states}"
                    raise SystemExit(f"{size.model} {size.parameters}: {said}")
                print(json.dumps(line.record()), flush=True)
                lines.append(line)
    print(table(lines), file=sys.stderr)
    if not given.dry:
        write(lines, HERE)


if __name__ == "__main__":
    main(sys.argv[1:])
