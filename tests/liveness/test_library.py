"""What the library's models do in the end, with the number of states: both are pinned."""

from __future__ import annotations

from pathlib import Path

import pytest

from kspec.certify import check_lasso, check_trace
from kspec.driver.check import Given, Options, check
from kspec.driver.result import Row, Word
from kspec.ir.text import print_system
from kspec.verdict.codec import encode_trace

FILE = Path(__file__).with_name("reconciles.kspec")
ANSWERS = {
    "fresh": (Word.HOLDS, 25),
    "stale": (Word.HOLDS, 55),
    "stale_believes": (Word.VIOLATED, 1011),
}


@pytest.fixture(scope="module")
def rows() -> dict[str, Row]:
    result = check([Given(FILE, FILE.name)], Options())
    assert result.judged
    return {row.scope.scenario: row for row in result.rows}


@pytest.mark.parametrize("scenario", ANSWERS)
def test_a_replicaset_reconciles_unless_it_forgets_what_it_asked_for(
    scenario: str, rows: dict[str, Row]
) -> None:
    row = rows[scenario]
    assert row.reached is not None
    assert (row.word, row.reached.states) == ANSWERS[scenario]


def test_it_makes_and_deletes_for_ever_on_a_stale_cache(rows: dict[str, Row]) -> None:
    row = rows["stale_believes"]
    assert row.system is not None and row.trace is not None and row.trace.loop is not None
    again = {step.action for step in row.trace.steps[row.trace.loop :]}
    assert {"replicaset.create", "replicaset.remove", "replicaset.deliver_Pod"} <= again
    assert row.why[0] == "for rs = replicaset/web:"
    assert row.why[1] == "rs.replicas stays as it is"
    assert "in every round of the loop" in row.why[2]
    (node,) = check_trace.read_nodes(print_system(row.system))
    check_lasso.check(node, encode_trace(row.trace, row.system), row.name)
