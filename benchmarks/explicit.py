"""Measures the native explorer on the benchmark models: one JSON line a run, on standard output.

    python -m benchmarks.explicit                 # the sizes below three million states
    python -m benchmarks.explicit --full          # all sizes
    python -m benchmarks.explicit m2 4 4 2 3 1    # one, in this process

Each run has a process of its own. `search_seconds` is from the end of the first level to that of
the last, so it has the second compilation in it that long searches get; `total_seconds` is the
process's wall time; `peak_bytes` its largest resident size and `base_bytes` that before the
search. A count that differs from the one known from other tools ends everything with an error.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence

from kspec.engines.api import Budget
from kspec.engines.explicit.engine import Explicit
from tests.systems.bench import KNOWN, build

REPEATS = 3
MODEST = 3_000_000


def measure(model: str, arguments: tuple[int, ...]) -> dict[str, object]:
    """Search once, here."""
    system = build(model, arguments)
    names = tuple(p.name for p in system.properties)
    base = resident()
    times: list[float] = []
    result = Explicit().explore(system, names, Budget(), lambda _: times.append(now()))
    if not result.complete:
        raise SystemExit(f"{model} {arguments}: the search did not end")
    return {
        "model": model,
        "parameters": list(arguments),
        "tool": "kspec",
        "threads": 1,
        "states": result.reached.states,
        "transitions": result.reached.transitions,
        "search_seconds": round(times[-1] - times[0], 4),
        "base_bytes": base,
        "peak_bytes": resident(),
    }


def now() -> float:
    """Seconds."""
    return time.perf_counter()


def resident() -> int:
    """The largest resident size of this process so far, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def apart(model: str, arguments: tuple[int, ...]) -> dict[str, object]:
    """Search once in a new process; adds `total_seconds`."""
    command = [sys.executable, "-m", "benchmarks.explicit", model, *map(str, arguments)]
    start = now()
    done = subprocess.run(command, capture_output=True, check=True, encoding="utf-8")
    total = now() - start
    line: dict[str, object] = json.loads(done.stdout)
    return {**line, "total_seconds": round(total, 4)}


def main(words: Sequence[str]) -> None:
    """All models, or the one that is named."""
    if words and words[0] != "--full":
        print(json.dumps(measure(words[0], tuple(map(int, words[1:])))))
        return
    known = {(model, arguments): states for model, arguments, states in KNOWN}
    wanted = [k for k in known if words or known[k] <= MODEST]
    for model, arguments in [("m0", ()), *wanted]:
        for _ in range(REPEATS):
            line = apart(model, arguments)
            states = known.get((model, arguments), 2)
            if line["states"] != states:
                raise SystemExit(f"{model} {arguments}: {line['states']} states, not {states}")
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
