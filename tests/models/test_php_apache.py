"""Two spreads that cannot both be kept: the four facts about them, and the sixth replica's trace."""

from __future__ import annotations

import pytest

from kspec.driver.check import Given, Options, check
from kspec.driver.result import CheckResult
from kspec.report.paint import Paint
from kspec.report.text import Asked, screen
from tests.models.verdicts import ROOT, verdicts

FILE = "models/php_apache.kspec"

GROW = """
grow layouts HOLDS 6552 13
grow at_five HOLDS 6552 13
grow five_is_the_end HOLDS 6552 13
grow four_is_not HOLDS 6552 13
grow never_stuck VIOLATED 12
"""
PLACEMENTS = """
placements none_for_six HOLDS
placements one_for_seven HOLDS
placements room_for_the_greatest VIOLATED
"""
ALONE = """
alone never_stuck HOLDS 7816 13
alone never_stuck HOLDS 8834 14
"""
EVICTIONS = """
evictions three_are_enough REACHED 7
evictions never_stuck VIOLATED 5
"""
AT_FIVE = (
    "{node/n1: 1, node/n2: 2, node/n3: 2}",
    "{node/n1: 2, node/n2: 1, node/n3: 2}",
)
SIXTH = """
sixth always_schedulable VIOLATED 3
"""
REFUSED = """
  refused  scheduler.bind  pod/pod-5
             node/n1  zone skew would be 2 > 1  {0}:23  (also hostname skew would be 2 > 1, :29)
             node/n2  zone skew would be 2 > 1  {0}:23
             node/n3  hostname skew would be 2 > 1  {0}:29
""".format("models/php-apache/cluster/php-apache.yaml")


def checked(scenario: str, *patterns: str) -> CheckResult:
    """One scenario of the file."""
    options = Options(scenarios=(scenario,), patterns=patterns)
    return check([Given(ROOT / FILE, FILE)], options)


def test_no_placement_of_six_and_one_of_seven() -> None:
    """Row 2: a law, about placements as such."""
    assert verdicts(FILE, "placements") == PLACEMENTS.split("\n")[1:-1]


@pytest.mark.slow
def test_with_evictions_three_pods_are_enough() -> None:
    """Row 4: stuck after five placements and two evictions."""
    assert verdicts(FILE, "evictions") == EVICTIONS.split("\n")[1:-1]
    (row,) = checked("evictions", "three_are_enough").rows
    assert row.trace is not None
    moves = [step.action for step in row.trace.steps]
    assert (moves.count("scheduler.bind"), moves.count("evictor.evict")) == (5, 2)


@pytest.mark.slow
def test_ten_layouts_and_two_of_five() -> None:
    """Row 1: what can be reached without evictions."""
    assert verdicts(FILE, "grow") == GROW.split("\n")[1:-1]
    five = next(row for row in checked("grow", "at_five").rows)
    assert five.values == AT_FIVE


@pytest.mark.slow
def test_either_constraint_alone_is_harmless() -> None:
    """Row 3."""
    assert verdicts(FILE, "alone") == ALONE.split("\n")[1:-1]


@pytest.mark.slow
def test_the_sixth_replica_is_told_node_by_node() -> None:
    assert verdicts(FILE, "sixth") == SIXTH.split("\n")[1:-1]
    result = checked("sixth")
    (row,) = result.rows
    assert row.met is True
    assert row.trace is not None
    first = [step.action for step in row.trace.steps][:3]
    assert first == ["hpa.scale", "replicaset.create", "scheduler.fail"]
    assert REFUSED in screen(result, 0, Paint(), Asked())
