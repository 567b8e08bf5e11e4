"""The interpreter on small modules; every number here is counted by hand from the dynamics."""

from __future__ import annotations

from kspec.pure.interpreter.machine import Summary, explore, initial_states
from tests.random_modules.pipeline import scoped


def explored(text: str) -> Summary:
    summary = explore(scoped(text), 1000)
    assert summary is not None
    return summary


COUNTER = """
kind K from v1 { n: 0..2 = 0 }
environment e { action up(k: K) do k.n += 1 }
invariant small: all k: K | k.n < 2
property stays: on e.up(k): k.n == before(k.n) + 1
cluster c { K a {} }
room { K: 1 }
run e
check small, stays
"""


def test_a_counter_that_leaves_its_range() -> None:
    found = explored(COUNTER)
    # 0, 1, 2; the third step would write 3 and leads nowhere.
    assert (found.states, found.transitions, found.depth) == (3, 3, 2)
    assert found.violated == {"small": 2}
    assert found.broken == {"in-range": 3}


def test_any_initial_value_is_a_state_of_its_own() -> None:
    text = COUNTER.replace("K a {}", "K a { n: any of [0, 1] }")
    assert len(initial_states(scoped(text))) == 2
    assert explored(text).states == 3
    assumed = text + "assume low: all k: K | k.n == 0\n"
    assert len(initial_states(scoped(assumed))) == 1


BIRTHS = """
kind K from v1 { o: K? = none }
environment e {
  action make do new k: K {}
  action kill(k: K) do delete k
}
invariant one: count(k: K) <= 1
cluster c {}
room { K: 2 }
run e
check one
"""


def test_births_take_the_least_free_identity_and_are_cut_without_one() -> None:
    found = explored(BIRTHS)
    # Live sets: {}, {0}, {0,1}, {1}. From {1} the newborn is 0 again.
    assert (found.states, found.depth) == (4, 3)
    # make in three of them, cut in the full one; kill: 1 + 2 + 1.
    assert found.fired == {"e.make": 3, "e.kill": 4}
    assert found.cuts == {"e.make": 1}
    assert found.violated == {"one": 2}


def test_a_reference_holds_an_identity() -> None:
    text = BIRTHS.replace("cluster c {}", "cluster c { K a {} ; K b { o: a } }")
    text = text.replace("kill(k: K)", "kill(k: K) when (k.o missing)")
    # {a,b}, {b}: b still points to a's place, so nothing is free, and b is never killed.
    found = explored(text)
    assert found.states == 2
    assert found.cuts == {"e.make": 2}


STALE = """
kind K from v1 { n: 0..1 = 0 }
environment e { action flip(k: K) do k.n := 1 - k.n }
controller c {
  watches K
  memory m: bool = false
  action see(k: K) when k.n == 1, not m do m := true
}
invariant honest: c.m implies some k: K | k.n == 1
cluster c { K a {} }
room { K: 1 }
run e, c
check honest
"""


def test_without_the_fault_the_view_is_the_live_state() -> None:
    found = explored(STALE)
    # n and m: 4 states; honest is broken by flipping back, at step 3.
    assert (found.states, found.violated) == (4, {"honest": 3})


def test_a_view_one_write_behind() -> None:
    found = explored(STALE + "faults { stale_cache c lag 1 }\n")
    # Without m: live n = 0 or 1, view up to date or showing the other value: 4 states, and the
    # same with m, but m can only become true where the view shows 1: all 8 are reached.
    assert found.states == 8
    # flip everywhere (8), deliver where behind (4), see where the view shows 1 and m is false (2).
    assert found.fired == {"e.flip": 8, "c.deliver_K": 4, "c.see": 2}
    assert found.violated == {"honest": 3}


def test_lag_two_keeps_two_images_and_delivers_the_oldest_of_three() -> None:
    found = explored(STALE + "faults { stale_cache c lag 2 }\n")
    # Live n, and 0, 1 or 2 images which alternate: 2 * 3, twice for m.
    assert found.states == 12
    # deliver one of one image, or one or two of two: 3 for each live n and m.
    assert found.fired["c.deliver_K"] == 12


ADDRESS = """
kind K from v1 key name { name: name  n: 0..1 = 0 }
environment e { action gone(k: K) do delete k }
controller c {
  watches K
  action write(k: K) when k.n == 0 do k.n := 1 WORD
    refused SORRY
  memory sorry: bool = false
}
cluster c { K a {} }
room { K: 1 }
run e, c
faults { stale_cache c lag 1 }
property fine: no deadlock
check fine
"""


def test_a_write_to_what_is_gone_is_refused() -> None:
    for word in ("by uid", "by name", "if unchanged"):
        text = ADDRESS.replace("WORD", word).replace("SORRY", "sorry := true")
        found = explored(text)
        # live n=0, n=1, n=1 behind (view 0), gone behind view 0, gone behind view 1, gone; the
        # refused write sets `sorry` where the view shows a live object with 0.
        assert found.broken == {}, word
        assert "c.write" in found.fired
        assert found.violated["fine"] > 0


def test_direct_writes_to_what_is_gone_break_live_target() -> None:
    text = """
kind K { n: 0..1 = 0 }
environment e { action gone(k: K) do delete k }
controller c {
  action a(k: K) do nothing
    next k.n := 1
}
cluster c { K a {} }
room { K: 1 }
run e, c
check fine
property fine: no deadlock
"""
    found = explored(text)
    # alive idle, alive busy, gone busy, gone idle; the second step with n = 1 makes two more.
    assert found.broken == {"live-target": 3}


TASK = """
kind K from v1 { n: 0..1 = 0 }
controller c {
  memory m: 0..2 = 0
  action go when m == 0 do m := 1
    next each k in (those q: K where q.n == 0): k.n := 1
    next when (all k: K | k.n == 1): m := 2
}
invariant never: c.m < 2
cluster c { K a, b {} }
room { K: 2 }
run c
check never
"""


def test_a_reconcile_goes_through_its_members_in_any_order() -> None:
    found = explored(TASK)
    # start; at step 2 with {a,b}, {b}, {a}; at step 3; done.
    assert (found.states, found.depth, found.transitions) == (6, 4, 6)
    assert found.fired == {"c.go": 1, "c.go/2": 4, "c.go/3": 1}
    assert found.violated == {"never": 4}


def test_an_empty_each_is_passed_over() -> None:
    found = explored(TASK.replace("q.n == 0", "q.n == 1"))
    # start, then waiting at step 3 for ever: nobody ever sets n.
    assert (found.states, found.transitions) == (2, 1)


def test_the_second_of_two_ordered_actions_waits_for_the_first() -> None:
    text = """
kind K from v1 { n: 0..2 = 0 }
controller c {
  ordered {
    action one(k: K) when k.n == 0 do k.n := 1
    action two(k: K) when k.n < 2 do k.n := 2
  }
}
cluster c { K a {} }
room { K: 1 }
run c
property skipped: on c.two(k): before(k.n) == 1
check skipped
"""
    found = explored(text)
    assert (found.states, found.transitions, found.violated) == (3, 2, {})


TIMERS = """
kind K from v1 { n: 0..1 = 0 }
controller c {
  memory t: timer = off
  action set when t is off do t := in 20s
  action ring when t is due do t := in 40s
}
cluster c {}
room { K: 1 }
run c
property some_due: reachable c.t is due
check some_due
"""


def test_timed_timers_count_in_units_of_the_gcd() -> None:
    found = explored(TIMERS + "time timed\n")
    # off, 1, 0, 2.
    assert (found.states, found.transitions, found.reached) == (4, 4, {"some_due": 2})


def test_untimed_timers_run_or_are_due() -> None:
    found = explored(TIMERS + "time untimed\n")
    assert (found.states, found.transitions) == (3, 3)
    assert found.fired == {"c.set": 1, "c.t.elapse": 1, "c.ring": 1}


def test_a_restart_forgets_memory_and_keeps_local() -> None:
    text = """
kind K from v1 { n: 0..1 = 0 }
controller c {
  memory m: bool = false
  local l: bool = false
  action a when not m do { m := true; l := true }
}
cluster c {}
room { K: 1 }
run c
faults { restart c at most 1 }
invariant both: c.m == c.l
check both
"""
    found = explored(text)
    # (m, l, budget): ff1 tt1 ff0 ft0 tt0.
    assert found.states == 5
    assert found.violated == {"both": 2}


def test_budgets_are_part_of_the_state() -> None:
    found = explored(STALE.replace("run e, c", "run e at most 3"))
    assert found.states == 4
    assert found.transitions == 3


def test_ghosts_see_every_step_that_matches() -> None:
    text = COUNTER + "ghost g: 0..2 = 0 { on e.up(k): g := k.n }\n"
    text = text.replace("k.n < 2", "k.n <= 1 or g == 1")
    # The ghost keeps what was before the step.
    assert explored(text).violated == {}


def test_two_writes_of_one_place_break_single_write() -> None:
    text = COUNTER.replace("do k.n += 1", "do { k.n := 1; k.n := 1 }")
    assert explored(text).broken == {"single-write": 1}


def test_deleting_and_writing_an_object_overlap() -> None:
    text = COUNTER.replace("do k.n += 1", "do { delete k; k.n := 1 }")
    assert explored(text).broken == {"single-write": 1}


def test_a_newborn_key_that_is_taken_is_refused() -> None:
    text = """
kind K from v1 key name { name: name }
environment e { action make do new K { name: "a" } }
cluster c { K a {} }
room { K: 2 }
run e
property n: no deadlock
check n
"""
    found = explored(text)
    assert (found.states, found.transitions, found.cuts) == (1, 1, {})


def test_the_age_of_objects_is_an_order() -> None:
    text = BIRTHS + "invariant aged: all a, b: K | a is b or age(a) != age(b)\n"
    # {}, {0}, {0,1} with 0 the older, {1}, {0,1} with 1 the older.
    assert explored(text).states == 5
    assert "aged" not in explored(text).violated


def test_lossy_writes_may_be_lost() -> None:
    text = """
kind K from v1 { n: 0..1 = 0 }
controller c { action a(k: K) when k.n == 0 do k.n := 1 }
cluster c { K a {} }
room { K: 1 }
run c
faults { lossy_api c }
property n: no deadlock
check n
"""
    found = explored(text)
    assert (found.states, found.transitions) == (2, 2)


def test_instances_have_memory_of_their_own() -> None:
    text = """
kind K from v1 { n: 0..1 = 0 }
controller c for s: K {
  memory m: bool = false
  action a when not m do m := true
}
cluster c { K a, b {} }
room { K: 2 }
run c
property n: no deadlock
check n
"""
    found = explored(text)
    assert (found.states, found.transitions, found.violated) == (4, 4, {"n": 2})


def test_a_fault_that_blocks_an_action_under_other_names() -> None:
    text = """
kind K from v1 { n: 0..2 = 0 }
environment e { action add(k: K, by: 1..2) when k.n + by <= 2 do k.n += by }
fault stuck blocks e.add(by, k) when k == 1
cluster c { K a {} }
room { K: 1 }
run e
faults { stuck }
property n: no deadlock
check n
"""
    # Only `by` 2 is left, which the pattern calls `k`.
    found = explored(text)
    assert (found.states, found.fired) == (2, {"e.add": 1})


def test_amounts_of_other_units_do_not_divide_time() -> None:
    text = TIMERS.replace("n: 0..1 = 0", "n: cpu = 500m").replace(
        "cluster c {}", "cluster c { K a {} }"
    )
    assert explored(text + "time timed\n").states == 4
