"""What a file of the library comes to: one short line a property, to be pinned in tests.

`order eviction_order HOLDS 41010 12` is a property that holds in all of so many states, to such a
depth; `believed popular_order VIOLATED 4` one with a trace of so many steps.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from kspec.driver.check import Given, Options, check
from kspec.driver.result import Row
from kspec.verdict.trace import Trace

ROOT = Path(__file__).parents[2]


def verdicts(file: str, *scenarios: str) -> list[str]:
    """The verdicts of a file of the library, in its order; of some scenarios alone, if named."""
    result = check([Given(ROOT / file, file)], Options(scenarios=scenarios))
    assert [d for found in result.files for d in found.diagnostics] == []
    return [_line(row) for found in result.files for row in found.rows]


def unmet(file: str, *scenarios: str) -> list[str]:
    """The expectations that did not come true."""
    result = check([Given(ROOT / file, file)], Options(scenarios=scenarios))
    return [_line(row) for found in result.files for row in found.rows if row.met is False]


def _line(row: Row) -> str:
    where = " ".join((row.scope.scenario, *row.scope.extra))
    return " ".join((where, row.name, row.word.value, *_measure(row.trace, row)))


def _measure(trace: Trace | None, row: Row) -> Iterable[str]:
    if trace is not None:
        return (str(len(trace.steps)),)
    if row.reached is None:
        return ()
    return (str(row.reached.states), str(row.reached.depth))
