"""Every trace that kspec shows of its models is accepted by the checker that knows nothing of it.

The checker runs as a program of its own, on the text of the system and the trace as JSON: what
anybody has who was sent the two.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kspec.certify import check_lasso, check_trace
from kspec.driver.check import Given, Options, check
from kspec.driver.result import Row
from kspec.ir.text import print_system
from kspec.verdict.codec import encode_trace

ROOT = Path(__file__).parents[2]
LIBRARY = sorted(p.relative_to(ROOT) for p in (ROOT / "models").glob("**/*.kspec"))
HARDEST = sorted(p.relative_to(ROOT) for p in (ROOT / "tests" / "hardest").glob("*.kspec"))
FAST = {Path("models/demo.kspec"), Path("tests/hardest/conntrack.kspec")}
MOST_STATES = 20_000
"""Where that is too few a search ends with what it has found: those traces are shown, too."""

FILES = [
    pytest.param(path, marks=() if path in FAST else pytest.mark.slow, id=path.as_posix())
    for path in (*LIBRARY, *HARDEST)
]


def run(system: str, trace: Any, prop: str, directory: Path) -> subprocess.CompletedProcess[str]:
    """The checker, isolated: no package but Python's own can be imported."""
    text, data = directory / "system.txt", directory / "trace.json"
    text.write_text(system, encoding="utf-8")
    data.write_text(json.dumps(trace), encoding="utf-8")
    checker = check_trace if trace["loop"] is None else check_lasso
    command = [sys.executable, "-I", "-S", checker.__file__, str(text), str(data), prop]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def shown(path: Path) -> Iterator[Row]:
    """What is judged of a file with a trace to show."""
    result = check([Given(ROOT / path, path.name)], Options(max_states=MOST_STATES, vacuity=False))
    assert result.judged
    yield from (row for row in result.rows if row.trace is not None)


@pytest.mark.parametrize("path", FILES)
def test_every_trace_is_accepted(path: Path, tmp_path: Path) -> None:
    rows = list(shown(path))
    assert rows or path not in FAST
    for row in rows:
        assert row.system is not None and row.trace is not None
        text, trace = print_system(row.system), encode_trace(row.trace, row.system)
        done = run(text, trace, row.name, tmp_path)
        assert (done.returncode, done.stdout) == (0, "ok\n"), (row.scope.scenario, row.name, done)


def test_a_trace_that_stops_short_is_not() -> None:
    """Accepting would mean little if the checker could not refuse."""
    checked = 0
    for row in shown(Path("tests/hardest/conntrack.kspec")):
        assert row.system is not None and row.trace is not None
        if row.trace.loop is not None:
            continue
        trace = json.loads(json.dumps(encode_trace(row.trace, row.system)))
        trace["steps"].pop()
        (node,) = check_trace.read_nodes(print_system(row.system))
        with pytest.raises(check_trace.Wrong):
            check_trace.Checker(check_trace.System(node)).check(trace, row.name)
        checked += 1
    assert checked >= 5


MODEL = """
kind Pod { n: 0..3 = 0 }
environment world { action up(p: Pod) when p.n < 3 do p.n += 1 }
invariant low: all p: Pod | p.n < 2
cluster c { pod a, b {} }
check low
"""


def test_what_the_command_prints_is_enough(tmp_path: Path) -> None:
    """`--emit-system` and `-o json` give what the checker reads."""
    path = tmp_path / "model.kspec"
    path.write_text(MODEL, encoding="utf-8")
    kspec = [sys.executable, "-m", "kspec", "check", str(path)]

    def printed(*options: str) -> str:
        done = subprocess.run(
            [*kspec, *options], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode in (0, 1), done.stderr
        return done.stdout

    (result,) = json.loads(printed("-o", "json"))["results"]
    done = run(printed("--emit-system"), result["trace"], result["name"], tmp_path)
    assert (done.returncode, done.stdout) == (0, "ok\n")
