"""Reconciles of several steps, order, budgets, restarts and timers: programs whose states tell."""

from __future__ import annotations

from tests.traps.meaning import assert_means

MOVER = """
kind Pod from v1 { v: 0..2 = 0 }
controller mover {
  action move(p: Pod)
    when p.v == 0
    do p.v := 1
    next p.v := 2
}
invariant one_at_a_time: count(p: Pod where p.v == 1) <= 1
cluster c { pod a, b {} }
check one_at_a_time
"""


def test_one_reconcile_at_a_time() -> None:
    # In either order: nothing moved, the first half-way, there, the second half-way, all there.
    assert_means(MOVER, states=8, transitions=8)


def test_what_was_frozen_is_let_go_at_the_end() -> None:
    # At rest with 0, 1 or 2; under way with 1 or with 2: at rest nothing tells what was frozen.
    assert_means(
        """
kind Pod from v1 { v: 0..2 = 0 }
controller mover {
  action move(p: Pod, x: 1..2)
    when p.v == 0
    do nothing
    next p.v := x
}
environment world { action reset(p: Pod) when p.v != 0 do p.v := 0 }
cluster c { pod a {} }
""",
        states=5,
        transitions=2 + 2 + 2,
    )


def test_a_refused_step_ends_its_reconcile() -> None:
    # Half-way, there; then every step is refused and the reconcile does not go on.
    assert_means(
        """
kind Pod from v1 { v: 0..2 = 0 }
controller mover {
  action move(p: Pod)
    when p.v == 0
    do { require no q: Pod where q.v == 2  p.v := 1 }
    next p.v := 2
}
property moves: on mover.move(p): p.v == 1
cluster c { pod a, b {} }
check moves
""",
        states=5,
        transitions=6,
        found={"moves": 3},
    )


def test_each_goes_through_its_members_once() -> None:
    # To do {a, b}; {a} or {b} is left; none.
    assert_means(
        """
kind Pod from v1 { v: bool = false }
controller sweeper {
  local done: bool = false
  action sweep
    when not done
    do done := true
    next each p in (those q: Pod where not q.v): p.v := true
}
cluster c { pod a, b {} }
""",
        states=5,
        transitions=1 + 2 + 2,
    )


def test_a_later_action_waits_for_an_earlier_one() -> None:
    assert_means(
        """
kind Pod from v1 { a: bool = false  b: bool = false }
controller c {
  ordered {
    action first(p: Pod) when not p.a do p.a := true
    action second(p: Pod) when not p.b do p.b := true
  }
}
property in_order: on c.second(p): all q: Pod | before(q.a)
cluster k { pod x, y {} }
check in_order
""",
        states=4 + 3,
        transitions=4 + 4,
    )


def test_a_fault_blocks_what_it_says() -> None:
    # go before set_b, or set_b alone.
    assert_means(
        """
kind Pod from v1 { a: bool = false  b: bool = false }
controller c { action go(p: Pod) when not p.a do p.a := true }
fault stuck blocks c.go(p) when p.b
environment e { action set_b(p: Pod) when not p.b do p.b := true }
property no_go: on c.go(p): not before(p.b)
cluster k { pod x {} }
faults { stuck }
check no_go
""",
        states=4,
        transitions=3,
    )


def test_a_budget_is_spent() -> None:
    assert_means(
        """
kind Pod from v1 { v: bool = false }
environment world { action flip(p: Pod) do p.v := not p.v }
cluster c { pod a {} }
run world.flip at most 2
""",
        states=3,
        transitions=2,
    )


def test_a_restart_loses_memory_and_what_is_under_way() -> None:
    # Restarted in each of four states: fresh, half-way, done, and again half-way, as memory is lost.
    assert_means(
        """
kind Pod from v1 { v: 0..1 = 0 }
controller c {
  memory busy: bool = false
  local ever: bool = false
  action go(p: Pod)
    when p.v == 0, not busy
    do { busy := true  ever := true }
    next p.v := 1
}
cluster k { pod a {} }
faults { restart c at most 1 }
""",
        states=8,
        transitions=8,
    )


def test_a_restart_is_spent() -> None:
    # One restart, one more try.
    assert_means(
        """
controller c {
  memory warm: bool = false
  local tries: 0..3 = 0
  action heat when not warm, tries < 3 do { warm := true  tries += 1 }
}
faults { restart c at most 1 }
""",
        states=6,
        transitions=5,
    )


ALARM = """
controller alarm {
  memory t: timer = off
  action arm when t is off do t := in 20s
  action ring when t is due do t := off
}
time TIME
"""


def test_a_timer_that_is_due_stays_due() -> None:
    # Off, one unit of 20 s, due: the clock stands still while nothing runs.
    assert_means(ALARM.replace("TIME", "timed"), states=3, transitions=3)


def test_without_a_clock_a_timer_is_due_at_any_time() -> None:
    assert_means(ALARM.replace("TIME", "untimed"), states=3, transitions=3)


def test_durations_keep_their_proportion() -> None:
    # Units of 10 s: off, 0..2 and off, 0..3.
    assert_means(
        """
controller alarm {
  memory t: timer = off
  memory u: timer = off
  action arm when t is off do t := in 20s
  action brm when u is off do u := in 30s
}
time timed
""",
        states=4 * 5,
        transitions=25,
    )
