"""Whom the kubelet evicts: the belief is refuted, the real order holds."""

from __future__ import annotations

import pytest

from tests.models.verdicts import unmet, verdicts

FILE = "properties/eviction.kspec"
ORDER = """
order eviction_order HOLDS 41010 12
order excess_last HOLDS 41010 12
order within_requests_last HOLDS 41010 12
order guaranteed_behind_excess HOLDS 41010 12
order one_a_round HOLDS 41010 12
order only_under_pressure HOLDS 41010 12
order evicted_for_good HOLDS 41010 12
order never_deletes HOLDS 41010 12
order an_eviction REACHED 4
order two_in_line REACHED 2
order a_guaranteed_victim REACHED 5
order measures_again = false one_a_round VIOLATED 5
"""
THREE = """
order_of_three eviction_order HOLDS 3995436 17
order_of_three excess_last HOLDS 3995436 17
order_of_three within_requests_last HOLDS 3995436 17
order_of_three guaranteed_behind_excess HOLDS 3995436 17
order_of_three one_a_round HOLDS 3995436 17
"""
BELIEVED = """
believed popular_order VIOLATED 4
believed by_priority VIOLATED 4
believed by_use VIOLATED 4
believed still_low VIOLATED 5
believed best_effort_first VIOLATED 4
"""
ELSEWHERE = """
within best_effort_first HOLDS 15334 11
within an_eviction REACHED 4
within popular_order VIOLATED 4
disk eviction_order HOLDS 52320 11
disk popular_order VIOLATED 3
disk guaranteed_behind_excess VIOLATED 3
process_ids by_priority HOLDS 48224 11
process_ids an_eviction REACHED 4
process_ids popular_order VIOLATED 3
process_ids eviction_order VIOLATED 3
critical critical_spared HOLDS 4910 9
critical an_eviction REACHED 5
critical all_critical_and_low REACHED 2
unmeasured unmeasured_first HOLDS 20464 9
unmeasured an_eviction REACHED 5
in_the_end somebody_goes HOLDS 6328 9
in_the_end relief HOLDS 6328 9
never_relieved relief VIOLATED 3
"""


def test_the_beliefs_are_refuted() -> None:
    assert verdicts(FILE, "believed") == BELIEVED.split("\n")[1:-1]


@pytest.mark.slow
def test_the_order_holds() -> None:
    assert verdicts(FILE, "order") == ORDER.split("\n")[1:-1]


@pytest.mark.slow
def test_the_order_of_three_holds() -> None:
    assert verdicts(FILE, "order_of_three") == THREE.split("\n")[1:-1]


@pytest.mark.slow
def test_other_signals_and_pods() -> None:
    names = ("within", "disk", "process_ids", "critical", "unmeasured")
    names += ("in_the_end", "never_relieved")
    assert verdicts(FILE, *names) == ELSEWHERE.split("\n")[1:-1]
    assert unmet(FILE, "process_ids") == []
