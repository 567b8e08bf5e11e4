"""What a lowered system is made of: variables, constants, sorts, actions, texts."""

from __future__ import annotations

from kspec.ir.expr import Lit
from kspec.ir.sorts import Enum, Id, Int, Map, Opt, Record, Set
from kspec.ir.system import Fairness, Invariant, Origin, Role
from kspec.semantics.step import CutInstance, initial_states
from tests.unit.lower.reading import action, happening, reachable, sorts, start, system

TAIL = "\nproperty t: no deadlock\ncheck t\n"


def test_what_nobody_writes_costs_nothing() -> None:
    made = system(
        """
kind Node { cpu: cpu = 2  up: bool = true }
kind Pod { node: Node }
environment e { action down(n: Node) when n.cpu > 1 do n.up := false }
invariant up: all p: Pod | p.node.up or else false
cluster small { Node a {} Node b { cpu: 500m } Pod p { node: a } }
run e
check up
"""
    )
    assert sorts(made) == {"Node.up": Map(Id("Node", 2), made.variables[0].sort.value)}  # type: ignore[union-attr]
    (cpu,) = made.constants
    assert (cpu.name, cpu.value) == ("Node.cpu", (4, 1))  # in units of 500m


def test_only_the_names_that_occur_are_names() -> None:
    made = system(
        """
kind K key name { name: name  phase: name = "new" }
controller c { action a(k: K) when k.phase == "new" do k.phase := "{k.name}-done" }
cluster small { K x, y {} }
run c
"""
        + TAIL
    )
    stored = sorts(made)["K.phase"]
    assert isinstance(stored, Map)
    assert stored.value == Enum("name", ("new", "x-done", "y-done"))


def test_a_map_has_room_for_the_keys_that_occur() -> None:
    made = system(
        """
kind K key name { name: name }
controller c {
  memory seen: map from name to bool = false
  memory held: map from K to 0..3 = {}
  action a(k: K) when not seen[k.name] do { seen[k.name] := true; held[k] := 2 }
  action b when seen["x"], seen["z"] do seen["x"] := false
}
cluster small { K x, y {} }
run c
"""
        + TAIL
    )
    key = Enum("name", ("x", "y", "z"))
    assert sorts(made)["c.seen"] == Map(key, made.init.assign[0][1].sort.value)  # type: ignore[union-attr]
    assert sorts(made)["c.held"] == Map(Id("K", 2), Opt(Int(0, 3)))


def test_amounts_are_multiples_of_what_they_have_in_common() -> None:
    made = system(
        """
kind K { wants: memory = 512Mi  limit: memory = 1Gi }
controller c {
  action grow(k: K) when k.wants < k.limit do k.wants := k.limit
  action shrink(k: K) when k.wants == k.limit do k.wants := 768Mi
}
cluster small { K x {} }
run c
"""
        + TAIL
    )
    # 512Mi, 768Mi and 1Gi are 2, 3 and 4 times 256Mi
    assert sorts(made) == {"K.wants": Map(Id("K", 1), Int(2, 4))}
    assert start(made) == {"K.wants": (2,)}


def test_sets_of_records_are_sets_of_the_records_that_occur() -> None:
    made = system(
        """
record Rule { verbs: set of name  n: 0..9 = 0 }
kind Role { rules: set of Rule }
universe more: set of Rule = {Rule(verbs: {"get"}), Rule(verbs: {"put"}, n: 3)}
environment e { action add(r: Role, x in more) do r.rules := r.rules union {x} }
cluster small { Role a { rules: [{verbs: ["list"]}] } }
run e
"""
        + TAIL
    )
    stored = sorts(made)["Role.rules"]
    assert isinstance(stored, Map) and isinstance(stored.value, Set)
    assert isinstance(stored.value.of, Enum)
    assert len(stored.value.of.cases) == 3
    assert len(reachable(made, 20)) == 4


def test_an_object_of_any_kind_is_one_of_the_kinds_that_occur() -> None:
    made = system(
        """
kind A { n: 0..1 = 0 }
kind B { n: 0..1 = 0 }
kind C { owner: object? = none }
controller c {
  action own(c: C, a: A) when c.owner missing do c.owner := a
  action move(c: C, a: A, b: B) when c.owner is a do c.owner := b
}
cluster small { A a {} B b {} C c {} }
run c
"""
        + TAIL
    )
    stored = sorts(made)["C.owner"]
    assert isinstance(stored, Map) and isinstance(stored.value, Opt)
    either = (("A", Opt(Id("A", 1))), ("B", Opt(Id("B", 1))))
    assert stored.value.of == Record("object", either)


PODS = """
kind Owner { n: 0..3 = 2 }
kind Pod { owner: Owner }
controller c {
  action make(o: Owner) when count(p: Pod) < o.n do new p: Pod { owner: o }
  event Made "made {p} for {o}"
}
environment e { action kill(p: Pod) fair do delete p }
fault bad(o: Owner) do o.n := 0
invariant few: count(p: Pod) < 2
cluster small { Owner o {} }
room { Pod: 1 }
run c, e
faults { bad at most 1 }
check few
"""


def test_dead_objects_hold_nothing_and_births_are_cut_when_nobody_is_free() -> None:
    made = system(PODS)
    assert start(made)["Pod.owner"] == (None,)
    full = reachable(made, 2)[1]
    assert [o for _, o in happening(made, full, "c.make")] == [CutInstance()]


def test_who_acts_how_fair_and_what_is_said() -> None:
    made = system(PODS)
    make, kill, bad = (action(made, n) for n in ("c.make", "e.kill", "bad"))
    assert [a.origin for a in (make, kill, bad)] == [
        Origin.CONTROLLER,
        Origin.ENVIRONMENT,
        Origin.FAULT,
    ]
    assert [a.fairness for a in (make, kill, bad)] == [
        Fairness.WEAK,
        Fairness.WEAK,
        Fairness.NONE,
    ]
    assert make.reason == "Made"
    assert make.event is not None and make.event.parts[0] == "made "
    budget = next(v for v in made.variables if v.role is Role.BUDGET)
    assert budget.sort == Int(0, 1)
    assert "Pod ≤ 1" in made.bounds


def test_a_free_field_is_a_parameter_of_the_start() -> None:
    made = system(
        """
kind K { n: 0..3 = 0 }
environment e { action up(k: K) when k.n < 3 do k.n += 1 }
cluster small { K a { n: any of [0, 2] } K b { n: any } }
run e
assume apart: all j: K, k: K | j is k or j.n != k.n
"""
        + TAIL
    )
    assert len(initial_states(made)) == 6
    assert [len(b.sort.__class__.__name__) for b in made.init.params] == [3, 3]


def test_a_claim_that_is_known_is_known() -> None:
    made = system(
        """
kind K { n: 0..3 = 1  m: 0..1 = 0 }
environment e { action up(k: K) do k.m := 1 }
invariant small: all k: K | k.n < 3
cluster small { K a, b {} }
run e
check small
"""
    )
    (claim,) = made.properties
    assert isinstance(claim.claim, Invariant)
    assert isinstance(claim.claim.body, Lit) and claim.claim.body.value is True


def test_places_where_nobody_ever_is_are_told_of() -> None:
    made = system(
        """
        kind A { n: 0..1 = 0 }
        kind B { n: 0..1 = 0 }
        environment e { action x(a: A) do a.n := 1 - a.n }
        cluster c { a one { }  b two { } }
        scenario s { in c  room { B: 2 } }
        """
    )
    assert {c.name: c.value for c in made.constants} == {"B.live": (True, False)}
