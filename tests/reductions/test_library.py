"""Every scenario of the library: reductions change no verdict and no length.

A scenario is looked at up to `MOST` states, with and without. What is not decided in so many states
as they are, but in so many of fewer, must be as the library expects it (`tests/models` pins what the
library comes to). Where nothing is left out there is nothing to compare.
"""

from __future__ import annotations

import re

import pytest

from kspec.driver.check import Given, Options, check
from kspec.driver.preparing.load import load
from kspec.driver.result import Row, Word
from kspec.driver.searching.reduce import ALL, NONE, Reductions
from kspec.verdict.trace import Trace
from tests.models.verdicts import ROOT

MOST = 20_000
"""States of one search."""
FILES = sorted(
    str(path.relative_to(ROOT))
    for place in ("models", "properties")
    for path in (ROOT / place).glob("*.kspec")
)
DECIDED = (Word.HOLDS, Word.VIOLATED, Word.REACHED)


def scenarios(file: str) -> tuple[str, ...]:
    """The scenarios of a file by name; `""` is the one that lines of their own make."""
    text = (ROOT / file).read_text(encoding="utf-8")
    named = re.findall(r"^scenario (\w+)", text, re.MULTILINE)
    alone = re.search(r"^(check|expect) ", text, re.MULTILINE)
    return (*([""] if alone else []), *named)


CASES = [(file, name) for file in FILES for name in scenarios(file)]


def judged(file: str, scenario: str, reductions: Reductions) -> tuple[Row, ...]:
    options = Options(max_states=MOST, reductions=reductions, scenarios=(scenario,))
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
def test_every_scenario_is_a_case(file: str) -> None:
    loaded = load(ROOT / file, file).loaded
    assert loaded is not None
    judging = [s.name for s in loaded.program.scenarios if s.judges]
    assert set(judging) <= set(scenarios(file))


@pytest.mark.slow
@pytest.mark.parametrize(("file", "scenario"), CASES, ids=lambda value: value or "alone")
def test_the_same_with_and_without(file: str, scenario: str) -> None:
    fewer = judged(file, scenario, ALL)
    if not any(" on: " in said for row in fewer for said in row.reduced):
        return
    plain = judged(file, scenario, NONE)
    assert len(plain) == len(fewer)
    for one, other in zip(plain, fewer, strict=True):
        if one.word in DECIDED:
            assert line(one) == line(other)
            assert one.vacuous == other.vacuous
            if one.reached and other.reached and one.trace is None:
                assert other.reached.states <= one.reached.states
        elif other.word in DECIDED:
            assert other.met if other.expected else other.word is not Word.VIOLATED
