"""Births, deaths and cuts: small programs that mean something else if one of their rules is broken."""

from __future__ import annotations

from tests.traps.meaning import assert_means


def test_a_newborn_takes_a_free_identity() -> None:
    # None, either, both; from the first two and the last of them there is a birth or a cut.
    assert_means(
        """
kind Pod from v1 { }
environment world {
  action make do new Pod {}
  action kill(p: Pod) do delete p
}
property two: reachable count(p: Pod) == 2
cluster c { }
room { Pod: 2 }
check two
""",
        states=4,
        transitions=3 + 4,
        found={"two": 2},
        cuts={"world.make": 1},
    )


def test_two_born_in_one_step_are_two() -> None:
    # None, both, either: one step makes two, four steps kill one.
    assert_means(
        """
kind Pod from v1 { }
environment world {
  action pair when no p: Pod do { new a: Pod {}  new b: Pod {} }
  action kill(p: Pod) do delete p
}
property both: reachable count(p: Pod) == 2
cluster c { }
room { Pod: 3 }
check both
""",
        states=4,
        transitions=1 + 4,
        found={"both": 1},
    )


def test_what_a_reconcile_remembers_is_not_free() -> None:
    # With a: at rest, under way, done. Without: the same, and `make` is cut while it is under way.
    assert_means(
        """
kind Pod from v1 { }
controller maker {
  local step: 0..2 = 0
  action forget(p: Pod)
    when step == 0
    do step := 1
    next { step := 2; if alive(p) { nothing } }
}
environment world {
  action make when no p: Pod do new Pod {}
  action kill(p: Pod) do delete p
}
cluster c { pod a {} }
room { Pod: 1 }
""",
        states=6,
        transitions=8,
        cuts={"world.make": 1},
    )


def test_what_a_cache_shows_is_not_free() -> None:
    assert_means(
        """
kind Pod from v1 { }
controller watcher {
  watches Pod
  memory n: 0..1 = 0
  action count_them when n == 0, some p: Pod do n := 1
}
environment world {
  action make when no p: Pod do new Pod {}
  action kill(p: Pod) do delete p
}
cluster c { pod a {} }
room { Pod: 1 }
faults { stale_cache watcher lag 1 }
""",
        states=8,
        transitions=12,
        cuts={"world.make": 2},
    )


def test_what_memory_holds_is_not_free() -> None:
    # Nothing yet; a pod; noted; noted and gone, for ever.
    assert_means(
        """
kind Pod from v1 { }
controller keeper {
  memory last: Pod? = none
  action note(p: Pod) when last missing do last := p
}
environment world {
  action make when no p: Pod do new Pod {}
  action kill(p: Pod) do delete p
}
cluster c { }
room { Pod: 1 }
""",
        states=4,
        transitions=4,
        cuts={"world.make": 1},
    )


def test_a_birth_without_room_is_cut() -> None:
    # Without a pod: make, maybe (twice). With one: maybe(false), kill; make and maybe(true) are cut.
    assert_means(
        """
kind Pod from v1 { }
environment world {
  action make do new Pod {}
  action maybe(b: bool) do { if b { new Pod {} } }
  action kill(p: Pod) do delete p
}
cluster c { }
room { Pod: 1 }
""",
        states=2,
        transitions=3 + 2,
        cuts={"world.make": 1, "world.maybe": 1},
    )


def test_a_refused_birth_is_not_cut() -> None:
    # The second `make` is refused: a step that changes nothing.
    assert_means(
        """
kind Pod from v1 { }
controller maker { action make do { require no p: Pod  new Pod {} } }
cluster c { }
room { Pod: 1 }
""",
        states=2,
        transitions=2,
    )


def test_a_key_is_borne_once() -> None:
    # One pod at most, though there is room for two: the second `make` is refused.
    assert_means(
        """
kind Pod from v1 key name { name: name }
environment world {
  action make do new Pod { name: "web" }
  action kill(p: Pod) do delete p
}
cluster c { }
room { Pod: 2 }
""",
        states=2,
        transitions=1 + 2,
    )


def test_the_dead_are_all_alike() -> None:
    # Unmarked, marked with one of three values, none. fill: 3, kill: 4, make: 1.
    assert_means(
        """
kind Cell { value: 0..2 = 1  mark: bool = false }
environment life {
  action make when no c: Cell do new Cell { }
  action fill(c: Cell, v: 0..2) when not c.mark do { c.value := v  c.mark := true }
  action kill(c: Cell) do delete c
}
cluster c { cell a {} }
room { Cell: 1 }
""",
        states=5,
        transitions=8,
    )


def test_a_death_writes_every_field() -> None:
    # With both the same cell a field is written twice. Both: four instances; one: itself alone.
    assert_means(
        """
kind Cell { value: 0..1 = 0 }
environment life {
  action both(a: Cell, b: Cell) do { delete a  b.value := 1 }
}
cluster c { cell a, b {} }
""",
        states=3,
        transitions=4 + 2,
        found={"single-write": 1},
    )


def test_the_younger_move_down_when_an_elder_dies() -> None:
    assert_means(
        """
kind Pod from v1 { }
environment world {
  action make when count(p: Pod) < 2 do new Pod {}
  action kill(p: Pod) do delete p
}
invariant dense: all p: Pod | age(p) < count(q: Pod)
invariant apart: all p, q: Pod | p is q or age(p) != age(q)
cluster c { }
room { Pod: 2 }
check dense, apart
""",
        states=5,  # none, one of two, two in either order
        transitions=3 + 2 + 4,
    )


def test_an_instance_takes_its_memory_along() -> None:
    # A node whose agent has started or not; none.
    assert_means(
        """
kind Node { }
controller agent for n: Node {
  memory ready: bool = false
  action start when not ready do ready := true
}
environment world {
  action make when no n: Node do new Node {}
  action kill(n: Node) do delete n
}
cluster c { node a {} }
room { Node: 1 }
""",
        states=3,
        transitions=4,
    )
