"""Every model and property of the library: reductions change no verdict and no length."""

from __future__ import annotations

import pytest

from kspec.driver.check import Given, Options, check
from kspec.driver.reduce import ALL, NONE, Reductions
from kspec.driver.result import Row, Word
from kspec.verdict.trace import Trace
from tests.models.verdicts import ROOT

MOST = 20_000
"""States of one search; what is not decided in so many is not compared."""
FILES = sorted(
    str(path.relative_to(ROOT))
    for place in ("models", "properties")
    for path in (ROOT / place).glob("*.kspec")
)
DECIDED = (Word.HOLDS, Word.VIOLATED, Word.REACHED)


def judged(file: str, reductions: Reductions) -> tuple[Row, ...]:
    options = Options(max_states=MOST, reductions=reductions)
    return check([Given(ROOT / file, file)], options).rows


def line(row: Row) -> tuple[object, ...]:
    """What must be the same; a loop may be another one, and longer."""
    where = (row.scope.scenario, row.scope.point, row.scope.extra, row.name, row.word)
    trace = row.trace
    if isinstance(trace, Trace) and trace.loop is None:
        return (*where, len(trace.steps))
    return where


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES)
def test_the_same_with_and_without(file: str) -> None:
    plain, fewer = judged(file, NONE), judged(file, ALL)
    assert len(plain) == len(fewer)
    for one, other in zip(plain, fewer, strict=True):
        if one.word in DECIDED:
            assert line(one) == line(other)
            assert one.vacuous == other.vacuous
            if one.reached and other.reached and one.trace is None:
                assert other.reached.states <= one.reached.states
