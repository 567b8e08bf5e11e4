"""Views of the interpreter: filters, addressing, what counts as a write, restarts."""

from __future__ import annotations

from tests.unit.machine.test_machine import explored

FILTERED = """
kind K from v1 { on: bool = true  n: 0..1 = 0 }
environment e {
  action flip(k: K) when k.n == 0 do k.n := 1
  action hide(k: K) when k.on do k.on := false
}
controller c {
  watches K where on
  memory m: 0..2 = 0
  action look when m == 0 do m := count(k: K) + 1
}
cluster c { K a {} }
room { K: 1 }
run e, c
property none: reachable c.m == 1
property one: reachable c.m == 2
check none, one
"""


def test_a_filtered_watch_shows_only_what_it_asks_for() -> None:
    found = explored(FILTERED)
    # (n, on): 4; m: 0, or 2 (seen), or 1 (seen without).
    assert found.reached == {"none": 2, "one": 1}
    # on with m = 0, 2; off with m = 0, 1, 2; twice for n.
    assert found.states == 10


def test_a_write_that_is_not_shown_does_not_put_the_view_behind() -> None:
    found = explored(FILTERED + "faults { stale_cache c lag 1 }\n")
    # Writes count while the object is shown, before or after; an image keeps `on`, which is all
    # that the controller reads. On: n=0; n=1 behind; n=1. Off: each n, behind or not.
    shapes = 3 + 4
    # m = 0 or 2 in all; m = 1 where it was read up to date and hidden: off shapes reached after
    # that have no image: n=0, n=1.
    assert found.states == 2 * shapes + 2


UNCHANGED = """
kind K from v1 { n: 0..1 = 0  other: 0..1 = 0 }
environment e { action touch(k: K) when k.other == 0 do k.other := 1 }
controller c {
  watches K
  memory sorry: bool = false
  action write(k: K) when k.n == 0, not sorry do k.n := 1 if unchanged
    refused sorry := true
}
cluster c { K a {} }
room { K: 1 }
run e, c
property refused: reachable c.sorry
check refused
"""


def test_if_unchanged_is_refused_after_a_write_of_another_field() -> None:
    assert explored(UNCHANGED).reached == {}
    stale = explored(UNCHANGED + "faults { stale_cache c lag 1 }\n")
    assert stale.reached == {"refused": 2}
    by_uid = UNCHANGED.replace("if unchanged", "by uid")
    assert explored(by_uid + "faults { stale_cache c lag 1 }\n").reached == {}


def test_the_server_drops_a_write_that_changes_nothing() -> None:
    text = UNCHANGED.replace("when k.other == 0 do k.other := 1", "do k.other := k.other")
    stale = explored(text + "faults { stale_cache c lag 1 }\n")
    # Only its own write can stand between the view and the object.
    assert stale.reached == {"refused": 2}
    # n = 0; n = 1 behind; n = 1; refused, behind or not.
    assert stale.states == 5


NAMES = """
kind K from v1 key name { name: name  n: 0..1 = 0 }
environment e {
  action gone(k: K) do delete k
  action again when K["a"] missing do new K { name: "a" }
}
controller c {
  watches K
  memory done: 0..2 = 0
  action write(k: K) when k.n == 0, done == 0 do { k.n := 1 WORD; done := 1 }
    refused done := 2
}
cluster c { K a {} }
room { K: 2 }
run e at most 1, c
faults { stale_cache c lag 2 }
property written: reachable c.done == 1 and some k: K | k.n == 1 and age(k) == 0
property deleted: on c.write(k): c.done == 1 or before(not alive(k))
property second: reachable c.done == 1 and e_made and some k: K | k.n == 1
ghost e_made: bool = false { on e.again: e_made := true }
check written, deleted
"""


def test_by_name_finds_the_second_bearer_and_by_uid_does_not() -> None:
    by_name = explored(NAMES.replace("WORD", "by name"))
    assert by_name.reached["second"] == 3
    assert by_name.violated == {}
    by_uid = explored(NAMES.replace("WORD", "by uid"))
    # Only after the new one is seen: delivery comes first.
    assert by_uid.reached["second"] == 4
    assert by_uid.violated == {}


def test_an_image_holds_identities() -> None:
    text = """
kind K from v1 {}
environment e {
  action make do new K {}
  action kill(k: K) do delete k
}
controller c { watches K  action nothing_much when false do nothing }
cluster c { K a {} }
room { K: 1 }
run e, c
faults { stale_cache c lag 1 }
property n: no deadlock
check n
"""
    found = explored(text)
    # {a}; {} behind; {}; {a} behind (the image before the birth is empty). While behind with a
    # in the image nothing is free.
    assert found.states == 4
    assert found.cuts == {"e.make": 3}
