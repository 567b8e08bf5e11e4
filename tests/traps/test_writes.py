"""What a write finds and may do: programs that mean something else if one of the rules is broken."""

from __future__ import annotations

from tests.traps.meaning import assert_means

ADDRESSED = """
kind Pod from v1 key name { name: name  mark: bool = false }
controller marker {
  watches Pod
  memory done: bool = false
  action mark_it(p: Pod) when not p.mark, not done do { p.mark := true HOW  done := true }
}
environment world {
  action kill(p: Pod) do delete p
  action make when no p: Pod do new Pod { name: "web" }
}
property its_own "what is marked is what was seen": on marker.mark_it(p): alive(p) == marker.done
property marks: reachable some p: Pod where p.mark
cluster c { pod web {} }
room { Pod: 2 }
run marker, world.kill at most 1, world.make
faults { stale_cache marker lag 2 }
check its_own, marks
"""


def test_by_uid_is_this_very_object() -> None:
    text = ADDRESSED.replace("HOW", "by uid")
    assert_means(text, states=22, transitions=28, found={"marks": 1})


def test_by_name_is_whoever_bears_it() -> None:
    text = ADDRESSED.replace("HOW", "by name")
    assert_means(text, states=23, transitions=30, found={"marks": 1, "its_own": 3})


def test_if_unchanged_asks_for_every_write_since() -> None:
    # Whoever scribbles on a flag makes the write of a setter that has not seen it a conflict.
    assert_means(
        """
kind Flag from v1 { up: bool = false  note: bool = false }
controller setter {
  watches Flag
  memory sorry: bool = false
  action set_it(f: Flag) when not f.up, not sorry do f.up := true if unchanged refused sorry := true
}
environment hand { action scribble(f: Flag) when not f.note do f.note := true }
property conflict: reachable setter.sorry
cluster c { flag a, b {} }
faults { stale_cache setter lag 1 }
check conflict
""",
        states=95,
        transitions=198,
        found={"conflict": 2},
    )


def test_a_refused_write_does_what_refused_says_and_no_more() -> None:
    # The pod: unmarked, marked, gone from either, each shown late or not; sorry once it was late.
    assert_means(
        """
kind Pod from v1 { mark: bool = false }
controller marker {
  watches Pod
  memory sorry: bool = false
  action mark_it(p: Pod) when not p.mark, not sorry do p.mark := true by uid refused sorry := true
}
environment world { action kill(p: Pod) do delete p }
property apologises: on marker.mark_it(p): alive(p) != marker.sorry
cluster c { pod a {} }
faults { stale_cache marker lag 1 }
check apologises
""",
        states=8,
        transitions=10,
    )


def test_a_require_that_fails_refuses_the_whole_step() -> None:
    # Where one is up, raising either is refused: a step that changes nothing.
    assert_means(
        """
kind Flag from v1 { up: bool = false }
controller setter {
  action set_it(f: Flag) do { f.up := true  require no g: Flag where g.up }
}
cluster c { flag a, b {} }
""",
        states=3,
        transitions=2 + 2 * 2,
    )


def test_a_value_outside_its_range_is_not_stored() -> None:
    # 0, 1, 2; the third step would store 3.
    assert_means(
        """
controller counter {
  memory n: 0..2 = 0
  action up do n += 1
}
""",
        states=3,
        transitions=3,
        found={"in-range": 3},
    )


def test_a_field_outside_its_range_is_not_stored() -> None:
    assert_means(
        """
kind Cell { value: 0..1 = 0 }
environment e { action set_it(c: Cell, v: 0..2) do c.value := v }
cluster c { cell a {} }
""",
        states=2,
        transitions=6,
        found={"in-range": 1},
    )


def test_a_place_is_written_once_a_step() -> None:
    # Both at once is no step; nothing is written if neither is asked for.
    assert_means(
        """
controller c {
  memory n: 0..2 = 0
  action both(x: bool, y: bool) do { if x { n := 1 }  if y { n := 2 } }
}
""",
        states=3,
        transitions=3 * 4,
        found={"single-write": 1},
    )


def test_a_direct_write_needs_a_live_target() -> None:
    # What a reconcile chose may be gone when it comes to write it.
    assert_means(
        """
kind Cell { value: 0..1 = 0 }
controller slow { action fill(c: Cell) when c.value == 0 do nothing next c.value := 1 }
environment life { action kill(c: Cell) do delete c }
cluster c { cell a {} }
""",
        states=5,
        transitions=6,
        found={"live-target": 3},
    )


def test_a_lost_request_may_have_been_done_or_not() -> None:
    # Done; not done once, then done or not again.
    assert_means(
        """
kind Pod from v1 { v: bool = false }
controller c {
  memory tries: 0..2 = 0
  action put(p: Pod) when not p.v, tries < 2 do { p.v := true  tries += 1 } refused tries += 1
}
cluster k { pod a {} }
faults { lossy_api c }
""",
        states=5,
        transitions=4,
    )
