"""Reductions: small programs that get another verdict if one of the rules of what may be left out is
broken. Each is checked with all reductions and with none; `said` is what the report says."""

from __future__ import annotations

from pathlib import Path

import pytest

from kspec.driver.check import Given, Options, check
from kspec.driver.result import Row
from kspec.driver.searching.reduce import ALL, NONE, Reductions


def rows(tmp_path: Path, text: str, reductions: Reductions) -> tuple[Row, ...]:
    path = tmp_path / "a.kspec"
    path.write_text(text, encoding="utf-8")
    result = check([Given(path, "a.kspec")], Options(reductions=reductions))
    assert [d.message for file in result.files for d in file.diagnostics] == []
    return result.rows


def shown(row: Row) -> tuple[str, str, int]:
    return row.name, row.word.value, len(row.trace.steps) if row.trace else -1


def assert_same(tmp_path: Path, text: str, *said: str) -> tuple[tuple[int, int], ...]:
    """The same verdicts and lengths; the beginnings of what is said. States with and without."""
    plain, fewer = rows(tmp_path, text, NONE), rows(tmp_path, text, ALL)
    assert [shown(row) for row in fewer] == [shown(row) for row in plain]
    lines = [line for row in fewer for line in row.reduced]
    for wanted in said:
        assert any(line.startswith(wanted) for line in lines), lines
    counts = []
    for one, other in zip(fewer, plain, strict=True):
        assert one.reached is not None
        assert other.reached is not None
        counts.append((one.reached.states, other.reached.states))
    return tuple(counts)


PODS = """
kind Node { up: bool = true }
kind Pod { on: Node? = none  done: bool = false }
environment world {
  action bind(p: Pod, n: Node) when p.on missing, n.up do p.on := n
  action finish(p: Pod) when p.on exists do p.done := true
  action crash(n: Node) when n.up do n.up := false
}
"""


# ---- symmetry ----------------------------------------------------------------------------------


def test_objects_that_are_alike_are_merged(tmp_path: Path) -> None:
    text = (
        PODS
        + """
invariant not_all: some p: Pod | not p.done
cluster c { node a, b {} pod x, y {} }
check not_all
"""
    )
    assert_same(tmp_path, text, "symmetry on: Node all 2 alike; Pod all 2 alike")
    text = text.replace("not_all", "bound")
    text = text.replace("some p: Pod | not p.done", "all p: Pod | p.done implies p.on exists")
    ((fewer, plain),) = assert_same(tmp_path, text)
    # Each pod: nowhere, or on one of two nodes and done or not; each node up or not. Of the group
    # of order four, the exchange of pods keeps 5 * 4 states, of nodes 2, of both 10.
    assert plain == 5 * 5 * 4
    assert fewer == (plain + 5 * 4 + 2 + 5 * 2) // 4


def test_an_object_that_a_property_names_is_not_merged(tmp_path: Path) -> None:
    text = """
kind Pod key name { name: name  done: bool = false }
environment world { action finish(p: Pod) when p.name != "a" do p.done := true }
invariant b_is_not: all p: Pod | p.name == "b" implies not p.done
invariant a_is_not: all p: Pod | p.name == "a" implies not p.done
cluster c { pod a, b, d {} }
check a_is_not
expect violated b_is_not
"""
    assert_same(tmp_path, text, "symmetry off: Pod told apart by")


def test_an_object_that_only_a_property_names_is_not_merged(tmp_path: Path) -> None:
    text = """
kind Pod key name { name: name  done: bool = false }
environment world {
  action finish(p: Pod) when all q: Pod | not q.done do p.done := true
}
invariant a_is_not: all p: Pod | p.name == "a" implies not p.done
invariant b_is_not: all p: Pod | p.name == "b" implies not p.done
invariant d_is_not: all p: Pod | p.name == "d" implies not p.done
cluster c { pod a, b, d {} }
expect violated a_is_not, b_is_not, d_is_not
"""
    assert_same(tmp_path, text, "symmetry off: Pod told apart by the property")


def test_births_among_those_that_are_told_apart(tmp_path: Path) -> None:
    # The newborn has the least free identity, and by the rule of the model not all are alike.
    text = """
kind Pod { host: Host? = none }
kind Host key name { name: name  free: bool = true }
environment world {
  action make when count(p: Pod) < 2 do new Pod { }
  action place(p: Pod, h: Host) when p.host missing, h.name != "a", h.free do {
    p.host := h
    h.free := false
  }
  action kill(p: Pod) do delete p
}
property both: reachable count(p: Pod where p.host exists) == 2
invariant a_is_free: all h: Host | h.name == "a" implies h.free
cluster c { host a, b, d {} }
room { Pod: 3 }
check both, a_is_free
"""
    assert_same(tmp_path, text, "symmetry on: Pod all 3 alike; Host b, d alike")


def test_constants_tell_objects_apart(tmp_path: Path) -> None:
    text = """
kind Node { cpu: 0..3 }
kind Pod { on: Node? = none }
environment world { action bind(p: Pod, n: Node) when n.cpu > 1, p.on missing do p.on := n }
property on_the_last: reachable some p: Pod, n: Node | p.on is n and n.cpu == 3
invariant never_small: all p: Pod, n: Node where p.on is n | n.cpu > 1
cluster c { node a { cpu: 1 } node b, d { cpu: 2 } node e { cpu: 3 } pod x, y {} }
check on_the_last, never_small
"""
    assert_same(tmp_path, text, "symmetry on: Node b, d alike (others told apart by Node.cpu)")


def test_what_only_the_start_tells_apart_is_told_apart_by_states(tmp_path: Path) -> None:
    # Three pods are alike to every rule; that one begins as done is part of the state.
    text = """
kind Pod { done: bool = false  seen: bool = false }
environment world {
  action see(p: Pod) when not p.done do p.seen := true
  action undo(p: Pod) when p.done, p.seen do p.done := false
}
invariant one_is_not_seen: some p: Pod | not p.seen
cluster c { pod x { done: true } pod y, z {} }
check one_is_not_seen
"""
    assert_same(tmp_path, text, "symmetry on: Pod all 3 alike")


def test_ages_move_with_their_objects(tmp_path: Path) -> None:
    # The oldest goes first: were pods of different ages merged, the marked one could be it.
    text = """
kind Pod { marked: bool = false }
fn oldest: Pod? = choose p: Pod least by age(p)
environment world {
  action make do new Pod { }
  action mark(p: Pod) when age(p) == 1, no q: Pod | q.marked  do p.marked := true
  action kill do { choose p: Pod where p is oldest  delete p }
}
property marked_dies: reachable some p: Pod | p.marked and age(p) == 0
property alone: reachable count(p: Pod) == 1 and some p: Pod | p.marked
invariant never_behind_two: all p: Pod | p.marked implies age(p) <= 1
cluster c { }
room { Pod: 3 }
check marked_dies, alone, never_behind_two
"""
    assert_same(tmp_path, text, "symmetry on: Pod all 3 alike")


def test_free_choice_is_free(tmp_path: Path) -> None:
    text = """
kind Pod { marked: bool = false }
environment world {
  action mark do { choose p: Pod where not p.marked  p.marked := true }
}
invariant few: count(p: Pod where p.marked) <= 2
cluster c { pod x, y, z {} }
expect violated few
"""
    assert_same(tmp_path, text, "symmetry on: Pod all 3 alike")


def test_newborns_take_a_free_identity_whichever(tmp_path: Path) -> None:
    # A note may still speak of a pod that is gone: its identity is not free, and not like others.
    text = """
kind Pod { new_one: bool = true }
kind Note { about: Pod? = none }
environment world {
  action make when count(p: Pod) < 2 do new Pod { }
  action kill(p: Pod) do delete p
  action write(n: Note, p: Pod) when n.about missing do n.about := p
  action age(p: Pod) when p.new_one do p.new_one := false
}
property mistaken "a note comes to speak of another pod than the one it was written about":
  on world.make: no n: Note where before(n.about) exists and alive(n.about) and not before(alive(n.about))
property all_gone: reachable some n: Note | n.about exists and not alive(n.about)
cluster c { note n {} }
room { Pod: 3 }
check mistaken, all_gone
"""
    assert_same(tmp_path, text, "symmetry on: Pod all 3 alike")


def test_who_is_served_is_not_mixed_up(tmp_path: Path) -> None:
    # The pods take turns for ever, but each is served again and again only if nobody is exchanged.
    text = """
kind Pod { turn: bool = false }
environment world {
  action take(p: Pod) when no q: Pod | q.turn  do p.turn := true
  action leave(p: Pod) when p.turn do p.turn := false
}
property served: all p: Pod | always eventually p.turn
cluster c { pod x, y {} }
expect violated served
"""
    off = "claims over whole runs need every state as it is"
    ((fewer, plain),) = assert_same(tmp_path, text, f"symmetry off: {off}", f"slicing off: {off}")
    assert fewer == plain


def test_values_are_counted_in_states_as_they_are(tmp_path: Path) -> None:
    text = """
kind Pod { done: bool = false }
environment world { action finish(p: Pod) when not p.done do p.done := true }
property which: 4 values of map p: Pod | p.done
cluster c { pod x, y {} }
check which
"""
    assert_same(tmp_path, text, "symmetry off: values are counted in states as they are")


def test_a_run_is_told_of_the_objects_that_it_is_about(tmp_path: Path) -> None:
    # What is found of representatives is no run of the system: who is who changes on the way.
    text = """
kind Pod { step: 0..3 = 0 }
environment world { action go(p: Pod) when p.step < 3 do p.step += 1 }
property both_ways: reachable some p: Pod, q: Pod | p.step == 3 and q.step == 1
cluster c { pod x, y, z {} }
check both_ways
"""
    assert_same(tmp_path, text, "symmetry on: Pod all 3 alike")


# ---- slicing -----------------------------------------------------------------------------------


def test_what_no_property_sees_is_dropped(tmp_path: Path) -> None:
    text = """
kind Pod { on: 0..3 = 0  heat: 0..3 = 0 }
environment world {
  action up(p: Pod) when p.on < 3 do p.on := min(3, p.on + 1)
  action warm(p: Pod, h: 0..3) do p.heat := h
}
invariant fits: all p: Pod | p.on <= 3
invariant low: all p: Pod | p.on <= 2
cluster c { pod x {} }
check fits
expect violated low
"""
    counts = assert_same(tmp_path, text, "slicing on: Pod.heat cannot make a difference")
    assert counts == ((4, 16), (4, 16))


def test_what_a_guard_reads_is_kept(tmp_path: Path) -> None:
    text = """
kind Pod { on: bool = false  heat: 0..3 = 0 }
environment world {
  action up(p: Pod) when p.heat == 3 do p.on := true
  action warm(p: Pod) when p.heat < 3 do p.heat := min(3, p.heat + 1)
}
invariant off: all p: Pod | not p.on
cluster c { pod x {} }
expect violated off
"""
    assert_same(tmp_path, text, "slicing off: every variable makes a difference")


def test_what_a_birth_depends_on_is_kept(tmp_path: Path) -> None:
    # The only pod that could be born again is held by a note that no property reads.
    text = """
kind Pod { born: bool = true }
kind Note { about: Pod? = none }
environment world {
  action make when no p: Pod do new Pod { }
  action kill(p: Pod) do delete p
  action write(n: Note, p: Pod) when n.about missing do n.about := p
}
property stuck: reachable no p: Pod
invariant one: count(p: Pod) <= 1
cluster c { note n {} }
room { Pod: 1 }
check stuck, one
"""
    plain, fewer = rows(tmp_path, text, NONE), rows(tmp_path, text, ALL)
    assert [row.cuts for row in plain] == [row.cuts for row in fewer]
    assert plain[1].cuts


def test_what_is_cut_is_told_although_nobody_sees_it(tmp_path: Path) -> None:
    text = """
kind Pod { }
kind Note { read: bool = false }
environment world {
  action make do new Pod { }
  action read(n: Note) do n.read := true
}
invariant any: all n: Note where n.read | n.read
cluster c { note n {} }
room { Pod: 1 }
check any
"""
    plain, fewer = rows(tmp_path, text, NONE), rows(tmp_path, text, ALL)
    assert [cut.action for cut in plain[0].cuts] == ["world.make"]
    assert [cut.action for cut in fewer[0].cuts] == ["world.make"]


def test_what_may_leave_its_range_is_kept(tmp_path: Path) -> None:
    text = """
kind Pod { on: bool = false  heat: 0..3 = 0 }
environment world {
  action up(p: Pod) do p.on := true
  action warm(p: Pod) do p.heat += 1
}
invariant any: all p: Pod | p.on or not p.on
cluster c { pod x {} }
expect unknown any
"""
    plain, fewer = rows(tmp_path, text, NONE), rows(tmp_path, text, ALL)
    assert [shown(row) for row in plain] == [shown(row) for row in fewer]
    assert [row.name for row in fewer] == ["any", "in-range"]


def test_what_may_be_written_twice_is_kept(tmp_path: Path) -> None:
    text = """
kind Pod { on: bool = false  heat: 0..3 = 0 }
environment world {
  action up(p: Pod) do p.on := true
  action both(p: Pod, q: Pod) do { p.heat := 1  q.heat := 2 }
}
invariant any: all p: Pod | p.on or not p.on
cluster c { pod x, y {} }
expect unknown any
"""
    plain, fewer = rows(tmp_path, text, NONE), rows(tmp_path, text, ALL)
    assert [shown(row) for row in plain] == [shown(row) for row in fewer]
    assert [row.name for row in fewer] == ["any", "single-write"]


def test_what_may_be_written_to_the_dead_is_kept(tmp_path: Path) -> None:
    text = """
kind Pod { heat: 0..3 = 0 }
kind Note { about: Pod? = none  read: bool = false }
environment world {
  action write(n: Note, p: Pod) when n.about missing do n.about := p
  action kill(p: Pod) do delete p
  action warm(n: Note, p: Pod) when not n.read do { delete p  n.read := true }
  action read(n: Note) do n.read := true
}
invariant any: all n: Note | n.read or not n.read
cluster c { note n {} pod x {} }
check any
"""
    assert_same(tmp_path, text)


def test_a_deadlock_is_looked_for_in_everything(tmp_path: Path) -> None:
    text = """
kind Pod { on: bool = false  heat: 0..3 = 0 }
environment world {
  action up(p: Pod) when not p.on do p.on := true
  action warm(p: Pod) when p.heat < 3 do p.heat := min(3, p.heat + 1)
}
property goes_on: no deadlock
cluster c { pod x {} }
expect violated goes_on
"""
    assert_same(tmp_path, text, "slicing off: goes_on sees everything")


@pytest.mark.parametrize("engine", ["explicit", "reference"])
def test_the_reference_searches_all(tmp_path: Path, engine: str) -> None:
    path = tmp_path / "a.kspec"
    path.write_text(
        PODS + "invariant i: all p: Pod | p.done implies p.on exists\n"
        "cluster c { node a, b {} pod x, y {} }\ncheck i\n",
        encoding="utf-8",
    )
    options = Options(engine=engine, reductions=ALL)
    (row,) = check([Given(path, "a.kspec")], options).rows
    assert row.reached is not None
    assert (row.reached.states == 100) is (engine == "reference")
