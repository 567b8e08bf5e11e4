"""The orbits of the benchmark, known from other checkers, and more nodes for a Deployment."""

from __future__ import annotations

import pytest

from kspec.driver.check import Given, Options, check
from kspec.driver.result import Row
from kspec.driver.searching.reduce import ALL, NONE, Reductions
from tests.models.verdicts import ROOT

M2 = "benchmarks/models/m2.kspec"
WIDER = "models/php_apache_wider.kspec"
SYMMETRY = Reductions(symmetry=True)


def judged(file: str, scenario: str, reductions: Reductions) -> Row:
    """The first row of a scenario."""
    options = Options(scenarios=(scenario,), reductions=reductions)
    return check([Given(ROOT / file, file)], options).rows[0]


def states(file: str, scenario: str, reductions: Reductions) -> int:
    reached = judged(file, scenario, reductions).reached
    assert reached is not None
    return reached.states


def test_orbits_of_four_pods_on_four_nodes() -> None:
    assert states(M2, "p4n4c2r3k1", SYMMETRY) == 3_542


@pytest.mark.slow
@pytest.mark.parametrize(("scenario", "orbits"), [("p5n3c2r2k1", 7_294), ("p5n3c2r3k2", 14_668)])
def test_orbits_of_five_pods(scenario: str, orbits: int) -> None:
    assert states(M2, scenario, SYMMETRY) == orbits


@pytest.mark.slow
def test_nine_pods_get_stuck_on_two_and_two_nodes() -> None:
    row = judged(WIDER, "two_and_two_of_nine", ALL)
    assert row.trace is not None
    assert len(row.trace.steps) == 13
    moves = [step.action for step in row.trace.steps]
    assert set(moves) == {"scheduler.bind", "evictor.evict"}


@pytest.mark.slow
def test_nine_pods_get_stuck_on_three_and_three_nodes() -> None:
    row = judged(WIDER, "three_and_three_of_nine", ALL)
    assert row.trace is not None
    assert len(row.trace.steps) == 11


@pytest.mark.slow
def test_eight_pods_do_not() -> None:
    row = judged(WIDER, "two_and_two", ALL)
    assert row.word.value == "HOLDS"
    assert row.reduced[1].startswith("symmetry on: Pod all 8 alike; Node n1, n2 and n3, n4 alike")


@pytest.mark.slow
def test_eight_pods_do_not_whichever_is_which() -> None:
    row = judged(WIDER, "two_and_two", NONE)
    assert row.word.value == "HOLDS"
    assert row.reduced == ()
