"""What the scheduler keeps, and whom preemption hits."""

from __future__ import annotations

import pytest

from tests.models.verdicts import verdicts

FILE = "properties/scheduling.kspec"
VICTIMS = """
victims spares_the_high HOLDS 10 5
victims breaks_a_budget REACHED 2
victims only_lower HOLDS 10 5
victims sorted_victims = false spares_the_high VIOLATED 1
"""
PREEMPTING = """
preempting capacity HOLDS 24 10
preempting bound_for_life HOLDS 24 10
preempting even_at_bind HOLDS 24 10
preempting apart_at_bind HOLDS 24 10
preempting tolerated_at_bind HOLDS 24 10
preempting only_lower HOLDS 24 10
preempting never_preempts HOLDS 24 10
preempting full REACHED 0
preempting some_victim REACHED 2
preempting made_room REACHED 4
preempting all_placed REACHED 5
"""


@pytest.mark.slow
def test_the_first_victim_is_not_the_highest() -> None:
    assert verdicts(FILE, "victims") == VICTIMS.split("\n")[1:-1]


@pytest.mark.slow
def test_preemption() -> None:
    assert verdicts(FILE, "preempting") == PREEMPTING.split("\n")[1:-1]
