"""Deadlines on a clock: who has to act before time goes on, and who may be late."""

from __future__ import annotations

import pytest

from kspec.pure.scopes.elaborate import elaborate
from tests.random_modules.pipeline import checked as program_of
from tests.traps.meaning import Meaning, assert_means, checked, interpreted

LAMP = """
kind Lamp { lit: bool = true  left: timer = off }
controller lamp {
  action out(l: Lamp) when l.lit do l.lit := false WITHIN
}
environment user {
  action start(l: Lamp) when l.left is off do l.left := in LATER
}
invariant out_by_then: all l: Lamp | l.left is due implies not l.lit
cluster c { lamp a {} }
time TIME
check out_by_then
"""


def lamp(within: str, later: str, time: str = "timed") -> str:
    text = LAMP.replace("WITHIN", within).replace("LATER", later)
    return text.replace("TIME", time)


def test_who_has_a_deadline_acts_before_a_later_timer() -> None:
    # Lit, by what is left of the deadline: 1 or 0, the timer off; 1 or 0 with 2s, 0 with 1s. Out,
    # right after it: timer off, 2, 1 and due.
    assert_means(lamp("within 1s", "2s"), states=9, transitions=12)


def test_who_has_none_may_be_late() -> None:
    # Lit or out, with the timer off, at 2 (the tick is 2s: one unit) and due.
    assert_means(lamp("", "2s"), states=6, transitions=7, found={"out_by_then": 2})


def test_both_at_once_come_in_any_order() -> None:
    found = checked(lamp("within 1s", "1s"), "reference")
    assert found == interpreted(lamp("within 1s", "1s"))
    assert found.found == {"out_by_then": 2}


def test_no_time_at_all() -> None:
    # No tick while it is lit: out comes first, before or after the timer is set.
    assert_means(lamp("within 0s", "2s"), states=5, transitions=5)


def test_without_a_clock_it_says_nothing() -> None:
    hurried, slow = lamp("within 1s", "2s", "untimed"), lamp("", "2s", "untimed")
    assert interpreted(hurried) == interpreted(slow) == checked(hurried, "reference")
    assert interpreted(hurried).found == {"out_by_then": 2}


STARTS_ANEW = """
kind Lamp { lit: bool = true  phase: 0..2 = 0  left: timer = off }
controller lamp { action out(l: Lamp) when l.lit do l.lit := false within 1s }
environment user {
  action start(l: Lamp) when l.left is off do l.left := in 2s
  action flick(l: Lamp) when l.lit, l.phase == 0 do { l.lit := false  l.phase := 1 }
  action back(l: Lamp) when l.phase == 1 do { l.lit := true  l.phase := 2 } within 0s
}
property late: reachable some l: Lamp | l.left is due and l.lit
property in_time: reachable some l: Lamp | l.left is due and not l.lit
cluster c { lamp a {} }
time timed
check late, in_time
"""


def test_disabled_for_a_moment_it_starts_anew() -> None:
    here, there = interpreted(STARTS_ANEW), checked(STARTS_ANEW, "reference")
    assert here == there
    # start, tick, flick, back, tick: at its end the first deadline was given up, the second runs.
    assert here.found["late"] == 5


REPEATS = """
kind Job { n: 0..3 = 0  left: timer = in 3s }
controller worker {
  action run(j: Job) when j.n < 3, j.left is on, not (j.left is due) do j.n += 1 within 1s
}
invariant at_least_twice: all j: Job | j.left is due implies j.n >= 2
invariant at_least_thrice: all j: Job | j.left is due implies j.n >= 3
cluster c { job a {} }
time timed
check at_least_twice, at_least_thrice
"""


def test_what_happens_again_has_a_whole_deadline_again() -> None:
    # At 1s and 2s at the latest; then the timer is due, and nothing is asked any more.
    here, there = interpreted(REPEATS), checked(REPEATS, "reference")
    assert here == there
    assert set(here.found) == {"at_least_thrice"}


def test_both_engines_say_the_same() -> None:
    for text in (lamp("within 1s", "2s"), STARTS_ANEW, REPEATS):
        found: Meaning = checked(text, "explicit")
        assert found == checked(text, "reference")


@pytest.mark.parametrize(
    ("within", "code"),
    [("within l.wait", "not-modelled"), ("within 0s - 1s", "out-of-range")],
)
def test_what_is_no_length_is_refused(within: str, code: str) -> None:
    text = lamp(within, "2s").replace("left: timer", "wait: duration = 1s  left: timer")
    program = program_of(text)
    found = elaborate(program, program.scenarios[0])
    assert found.scope is None
    assert [d.code.slug for d in found.diagnostics] == [code]
