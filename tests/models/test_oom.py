"""Whom the kernel kills, and whether the kubelet is in time."""

from __future__ import annotations

import pytest

from tests.models.verdicts import verdicts

FILE = "properties/oom.kspec"
SCORES = """
scores by_class_if_equal HOLDS 9700 11
scores asking_protects HOLDS 9700 11
scores stays_where_it_is HOLDS 9700 11
scores a_kill REACHED 3
scores best_effort_dies_first VIOLATED 3
scores kernel_as_kubelet VIOLATED 3
scores guaranteed_never_killed VIOLATED 3
"""
RACE = """
race an_eviction_first REACHED 5
race a_kill REACHED 3
race kubelet_in_time VIOLATED 3
"""


def test_the_kernel_may_be_first() -> None:
    assert verdicts(FILE, "race") == RACE.split("\n")[1:-1]


@pytest.mark.slow
def test_scores() -> None:
    assert verdicts(FILE, "scores") == SCORES.split("\n")[1:-1]
