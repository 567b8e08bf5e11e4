"""Measures the native explorer on one benchmark model: one JSON line on standard output.

    python -m benchmarks.explicit m2 p4n4c2r3k1            # one worker
    python -m benchmarks.explicit m2 p4n4c2r3k1 --jobs 2
    python -m benchmarks.explicit m1 n9 --megabytes 40     # in files, beyond so much memory

Something else is searched first, so that what a program loads when it is first used is loaded;
`run` has that in the total. `search_seconds` is the search alone, `compile_seconds` the making of
its code; `peak_bytes` the largest resident size of the process, `base_bytes` that before the
measured search, and `ready_bytes` that after its first level, when the compiler has done its work.
`memory_bytes` is what the search says it holds. `run` measures the whole command, and other tools.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from kspec.driver.check import Given, Options, check
from kspec.engines.api import Budget, Progress
from kspec.engines.explicit.engine import FAST, Explicit
from kspec.ir.system import System

MODELS = Path(__file__).parent / "models"


def system_of(model: str, scenario: str) -> System:
    """The system of a scenario of a model in `models/`."""
    path = MODELS / f"{model}.kspec"
    options = Options(only_systems=True, scenarios=(scenario,) if scenario else ())
    (file,) = check([Given(path, path.name)], options).files
    if not file.systems:
        raise SystemExit(f"{path.name} has no scenario {scenario!r}")
    return file.systems[0][1]


def measure(
    model: str, scenario: str, jobs: int, megabytes: int | None = None
) -> dict[str, object]:
    """Search once, here."""
    _loaded(jobs)
    system = system_of(model, scenario)
    names = tuple(p.name for p in system.properties)
    base = resident()
    budget, ready = Budget(), list[int]()

    def listen(_: Progress) -> None:
        if not ready:
            ready.append(resident())

    if megabytes is not None:
        budget = Budget(max_memory=megabytes << 20, spill=Path(tempfile.gettempdir()))
    began, used = time.perf_counter(), time.process_time()
    run = Explicit(FAST, workers=jobs).run(system, names, budget, listen)
    seconds, used = time.perf_counter() - began, time.process_time() - used
    if not run.exploration.complete:
        raise SystemExit(f"{model} {scenario}: the search did not end")
    return {
        "threads": jobs,
        "states": run.exploration.reached.states,
        "transitions": run.exploration.reached.transitions,
        "search_seconds": round(seconds - run.preparing, 4),
        "cpu_seconds": round(used - run.preparing_cpu, 4),
        "compile_seconds": round(run.preparing, 4),
        "base_bytes": base,
        "ready_bytes": ready[0] if ready else base,
        "peak_bytes": resident(),
        "memory_bytes": run.search.storage.memory(),
        "in_files": run.search.storage.spilled,
    }


def _loaded(jobs: int) -> None:
    """Use everything once."""
    small = system_of("m2", "p3n2c2r2k1")
    Explicit(FAST, workers=jobs).run(small, (small.properties[0].name,), Budget(), lambda _: None)


def resident() -> int:
    """The largest resident size of this process so far, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def main(words: Sequence[str]) -> None:
    """Measure what the arguments name."""
    parser = argparse.ArgumentParser(prog="benchmarks.explicit", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("model", choices=sorted(path.stem for path in MODELS.glob("*.kspec")))
    parser.add_argument("scenario", nargs="?", default="")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--megabytes", type=int, help="no more memory than this")
    given = parser.parse_args(words)
    print(json.dumps(measure(given.model, given.scenario, given.jobs, given.megabytes)))


if __name__ == "__main__":
    main(sys.argv[1:])
