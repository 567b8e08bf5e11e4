"""Measures a search of 61 million states in all the memory it wants, and in a fifth of it:

    python -m benchmarks.files              # two minutes, and up to 10 GB below TMPDIR

Counts must be equal, or everything ends with an error. Writes `benchmarks/FILES.md`. Next:
`explicit`, which is run in processes of its own.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
MODEL, SCENARIO, STATES = "m1", "n10", 61_515_776
SAME: Final = ("states", "transitions")
ABOUT: Final = """# A search that does not fit into memory

Written by `python -m benchmarks.files`, on {machine}, one run each. The same model ({model},
{scenario}: two-phase commit with ten resource managers) in all the memory that its search wants,
and in a fifth of that (`--max-memory`); the counts are equal, or there would be no table.
`resident` is what the system saw at most of the process, less the {base} MB that it had before
the search (Python, the compiler, the model), which no limit bounds.

| memory | states | transitions | search s | CPU s | resident MB | states/s |
|---|--:|--:|--:|--:|--:|--:|
"""


def ran(megabytes: int | None, jobs: int) -> dict[str, Any]:
    """One run of `benchmarks.explicit`."""
    command = [sys.executable, "-m", "benchmarks.explicit", MODEL, SCENARIO, "--jobs", str(jobs)]
    limit = [] if megabytes is None else ["--megabytes", str(megabytes)]
    done = subprocess.run([*command, *limit], cwd=HERE.parent, capture_output=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def row(name: str, found: dict[str, Any]) -> str:
    """One line of the table."""
    resident = (found["peak_bytes"] - found["ready_bytes"]) >> 20
    speed = found["states"] / found["search_seconds"] / 1e6
    return (
        f"| {name} | {found['states']} | {found['transitions']} | {found['search_seconds']:.1f}"
        f" | {found['cpu_seconds']:.1f} | {resident} | {speed:.2f} M |\n"
    )


def main() -> None:
    """Measure, check, write."""
    whole = ran(None, 1)
    needed = (whole["peak_bytes"] - whole["ready_bytes"]) >> 20
    fifth = ran(needed // 5, 1)
    if whole["states"] != STATES or any(whole[key] != fifth[key] for key in SAME):
        raise SystemExit(f"other counts: {whole} {fifth}")
    if not fifth["in_files"] or fifth["peak_bytes"] - fifth["ready_bytes"] > needed // 5 << 20:
        raise SystemExit(f"not in a fifth of the memory: {fifth}")
    machine = f"{platform.machine()}, Python {platform.python_version()}"
    base = whole["ready_bytes"] >> 20
    text = ABOUT.format(machine=machine, model=MODEL, scenario=SCENARIO, base=base)
    text += row("all", whole) + row(f"{needed // 5} MB, in files", fifth)
    (HERE / "FILES.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
