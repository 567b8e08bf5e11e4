from __future__ import annotations

import pytest
from attrs import evolve

from kspec.analysis.typed import Program, TStmt
from kspec.pure.evaluation.effects import Cut, Plan, Refused, Rules, plans, unbounded
from kspec.pure.evaluation.writes import Broken, Committed, commit
from kspec.pure.values.value import FrozenMap, Obj, Rec, Value
from kspec.pure.values.world import Context, Fixed, World
from tests.unit.pure.programs import here, program, world

KINDS = """
kind Node from v1 key name {
  name: name
  size: 0..5 = 0
  local seen: int = 0
  m: map from name to 0..3 = 0
  some_of: map from name to int
  tags: set of 0..3
}
record Inner { a: 0..3 = 1  b: map from name to int }
kind Box { inner: Inner = {}  to: Node? }
"""


def action(body: str, components: str = "") -> tuple[Program, tuple[TStmt, ...]]:
    made = program(
        f"{KINDS}\nenvironment e {{ action go(n: Node, o: Node, b: Box) do {{ {body} }} }}\n"
        + components
    )
    return made, made.components[0].actions[0].steps[0].body


def two_nodes() -> World:
    blank: dict[str, Value] = {
        "size": 1,
        "seen": 0,
        "m": FrozenMap({}, 0),
        "some_of": FrozenMap({"x": 1}),
        "tags": frozenset(),
    }
    inner = Rec("Inner", (1, FrozenMap({})))
    return world(
        ("Node", {**blank, "name": "a"}),
        ("Node", {**blank, "name": "b"}),
        ("Box", {"inner": inner, "to": Obj("Node", 1)}),
    )


def ready(made: Program, there: World) -> Context:
    names: dict[str, Value] = {"n": Obj("Node", 0), "o": Obj("Node", 1), "b": Obj("Box", 0)}
    return here(made, there).binding_all(names)


def results(body: str, there: World | None = None) -> list[Committed | Broken | Refused | Cut]:
    made, stmts = action(body)
    start = two_nodes() if there is None else there
    context = ready(made, start)
    found: list[Committed | Broken | Refused | Cut] = []
    for plan in plans(stmts, context, unbounded(start)):
        found.append(commit(plan.writes, context) if isinstance(plan, Plan) else plan)
    return found


def after(body: str, there: World | None = None) -> World:
    (only,) = results(body, there)
    assert isinstance(only, Committed), only
    return only.world


def field(there: World, name: str, kind: str = "Node", index: int = 0) -> Value:
    fields = there.fields(Obj(kind, index))
    assert fields is not None
    return fields[name]


def test_writes_read_the_state_before() -> None:
    done = after("n.size := o.size + 1  o.size := n.size + 2")
    assert (field(done, "size"), field(done, "size", index=1)) == (2, 3)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("n.size := 6", "in-range"),
        ("n.size := 0 - 1", "in-range"),
        ('n.m["x"] := 4', "in-range"),
        ("n.tags += {4}", "in-range"),
        ("b.inner.a := 9", "in-range"),
        ('new Node { name: "z", size: 7 }', "in-range"),
        ("n.size := 1  n.size := 1", "single-write"),
        ("delete n  n.size := 1", "single-write"),
        ('n.m["x"] := 1  n.m["x"] := 2', "single-write"),
        ("for k: Node { n.size := 1 }", "single-write"),
        ("for k: Box { delete n }  delete n", "single-write"),
        ("b.inner.a := 2  b.inner := b.inner", "single-write"),
    ],
)
def test_implicit_properties(body: str, expected: str) -> None:
    (only,) = results(body)
    assert isinstance(only, Broken)
    assert only.property == expected


def test_parts_of_one_place_can_be_written_together() -> None:
    done = after('n.m["x"] := 1  n.m["y"] := 2  b.inner.a := 2  b.inner.b["k"] := 5')
    assert field(done, "m") == FrozenMap({"x": 1, "y": 2}, 0)
    inner = field(done, "inner", "Box")
    assert inner.values == (2, FrozenMap({"k": 5}))  # type: ignore[union-attr]


def test_nothing_at_a_key_removes_it() -> None:
    assert field(after('n.some_of["x"] := none'), "some_of") == FrozenMap({})
    assert field(after('n.some_of["y"] := 2'), "some_of") == FrozenMap({"x": 1, "y": 2})


def test_a_total_map_set_to_its_default_is_as_before() -> None:
    once = after('n.m["x"] := 1')
    assert after('n.m["x"] := 0', once) == two_nodes()


def test_births_take_the_least_free_places_in_order() -> None:
    done = after('new p: Node { name: "c" }  new q: Node { name: "d" }')
    assert [field(done, "name", index=i) for i in (2, 3)] == ["c", "d"]
    assert done.population("Node").ages == (0, 1, 2, 3)


def test_a_place_is_taken_again_by_the_youngest() -> None:
    gone = two_nodes().without(Obj("Node", 0))
    made, stmts = action('new Node { name: "c" }')
    (plan,) = plans(stmts, ready(made, gone), unbounded(gone))
    assert isinstance(plan, Plan)
    committed = commit(plan.writes, ready(made, gone))
    assert isinstance(committed, Committed)
    done = committed.world
    assert field(done, "name", index=0) == "c"
    assert done.population("Node").ages == (1, 0)


def test_a_taken_key_refuses_and_nothing_happens() -> None:
    (only,) = results('n.size := 2  new Node { name: "b" }')
    assert isinstance(only, Refused)
    assert only.why == "key"


def test_a_refusal_hides_a_cut() -> None:
    made, stmts = action('new p: Node { name: "c" }  if n.size > 5 { delete o }')
    context = ready(made, two_nodes())
    full = Rules(lambda kind, taken: None)
    (only,) = plans(stmts, context, full)
    assert isinstance(only, Cut)
    assert only.kind == "Node"
    made, stmts = action('new p: Node { name: "c" }  new q: Node { name: "a" }')
    (only,) = plans(stmts, ready(made, two_nodes()), full)
    assert isinstance(only, Refused)


def test_a_birth_that_does_not_happen_is_no_cut() -> None:
    made, stmts = action('if n.size > 5 { new p: Node { name: "c" } }')
    (only,) = plans(stmts, ready(made, two_nodes()), Rules(lambda kind, taken: None))
    assert only == Plan()


def test_every_choice_is_a_way() -> None:
    found = results("choose i in 1..3 where i != 2  n.size := i")
    sizes = [field(one.world, "size") for one in found if isinstance(one, Committed)]
    assert sizes == [1, 3]
    assert results("choose i in 3..1  n.size := i") == []


def test_writing_to_the_dead_is_broken() -> None:
    made, stmts = action("n.size := 2")
    there = two_nodes().without(Obj("Node", 0))
    context = ready(made, there)
    (plan,) = plans(stmts, context, unbounded(there))
    assert isinstance(plan, Plan)
    assert commit(plan.writes, context) == Broken("live-target", stmts[0].span)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("n.size := 1", ()),  # the API server drops it
        ("n.size := 2", (Obj("Node", 0),)),
        ("n.seen := 9", ()),  # the API server does not see it
        ("delete n", (Obj("Node", 0),)),
        ("n.size := 2  o.size := 1", (Obj("Node", 0),)),
    ],
)
def test_what_counts_as_a_write(body: str, expected: tuple[Obj, ...]) -> None:
    (only,) = results(body)
    assert isinstance(only, Committed)
    assert only.written == expected


CONTROLLER = """
controller c { watches Node
  action name(n: Node) do n.size := 4 by name
  action uid(n: Node) do n.size := 4 by uid
  action same(n: Node) do n.size := 4 if unchanged
  action once(n: Node) do { require n.size == 1  n.size := 4 by uid }
}
"""


def addressed(which: str, live: World, unchanged: bool = True) -> Committed | Broken | Refused:
    """The action of `which` on node `a` as the view of two nodes shows it."""
    made, _ = action("nothing", CONTROLLER)
    stmts = next(a for a in made.components[1].actions if a.name == f"c.{which}").steps[0].body
    context = evolve(ready(made, two_nodes()), live=live)
    (plan,) = plans(stmts, context, evolve(unbounded(live), unchanged=lambda obj: unchanged))
    assert not isinstance(plan, Cut)
    return commit(plan.writes, context) if isinstance(plan, Plan) else plan


def reborn() -> World:
    """Node `a` has gone and come back as another object."""
    old = two_nodes()
    fields = old.fields(Obj("Node", 0))
    assert fields is not None
    return old.without(Obj("Node", 0)).with_fields(Obj("Node", 5), fields)


def test_by_name_reaches_whoever_bears_the_name_now() -> None:
    done = addressed("name", reborn())
    assert isinstance(done, Committed)
    assert field(done.world, "size", index=5) == 4
    assert isinstance(addressed("name", World()), Refused)


def test_by_uid_reaches_this_object_only() -> None:
    refused = addressed("uid", reborn())
    assert isinstance(refused, Refused) and refused.why == "gone"
    done = addressed("uid", two_nodes())
    assert isinstance(done, Committed)
    assert field(done.world, "size") == 4


def test_if_unchanged_asks_the_view() -> None:
    assert isinstance(addressed("same", two_nodes()), Committed)
    refused = addressed("same", two_nodes(), unchanged=False)
    assert isinstance(refused, Refused) and refused.why == "changed"
    refused = addressed("same", reborn())
    assert isinstance(refused, Refused) and refused.why == "gone"


def test_require_refuses() -> None:
    assert isinstance(addressed("once", two_nodes()), Committed)
    made, _ = action("nothing", CONTROLLER)
    fields = two_nodes().fields(Obj("Node", 0))
    assert fields is not None
    seen = two_nodes().with_fields(Obj("Node", 0), fields.put("size", 3))
    stmts = next(a for a in made.components[1].actions if a.name == "c.once").steps[0].body
    (plan,) = plans(stmts, ready(made, seen), unbounded(seen))
    assert isinstance(plan, Refused) and plan.why == "require"


def test_equal_worlds_are_equal_whatever_their_history() -> None:
    there = two_nodes()
    new = there.with_fields(Obj("Node", 9), Fixed({"name": "z"})).without(Obj("Node", 9))
    assert new == there
    assert hash(new) == hash(there)
    assert there.without(Obj("Box", 0)) == there.without(Obj("Box", 0)).without(Obj("Box", 1))
