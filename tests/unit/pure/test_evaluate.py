from __future__ import annotations

from fractions import Fraction

import pytest
from attrs import evolve

from kspec.pure.evaluation.evaluate import evaluate
from kspec.pure.values.value import FrozenMap, Obj, Rec, Value
from kspec.pure.values.world import World
from tests.unit.pure.programs import function, here, of, program, world


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("7 div 2", 3),
        ("(0 - 7) div 2", -4),
        ("(0 - 7) mod 3", 2),
        ("1/3 + 1/6", Fraction(1, 2)),
        ("floor(7/2) + ceil(7/2)", 7),
        ("floor(0 - 7/2)", -4),
        ("abs(3 - 5)", 2),
        ("500m + 1", Fraction(3, 2)),
        ("2Gi / 1Mi", Fraction(2048)),
        ("min(2, 3) + max(2, 3)", 5),
        ("(1, 2) < (1, 3)", True),
        ("(2, 1) < (1, 3)", False),
        ("false < true", True),
        ('"a" < "b"', True),
        ("1 <= 1 and not 1 < 1", True),
        ("decimal(1/3, 10)", "0.3333333333"),
        ("decimal(1/2048, 10)", "0.0004882812"),  # a tie goes to the even digit, as in Go
        ("decimal(3/2048, 10)", "0.0014648438"),
        ("decimal(0 - 1/2, 0)", "0"),
        ("decimal(5, 2)", "5.00"),
    ],
)
def test_numbers_are_exact(text: str, expected: Value) -> None:
    found = of(text)
    assert found == expected
    assert isinstance(found, Fraction) == isinstance(expected, Fraction)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('split("a.b.", ".")', ("a", "b", "")),
        ('split("ab", "")', ("a", "b")),
        ('strip_end("x.svc.svc", ".svc")', "x.svc"),
        ('strip_start("x", "y")', "x"),
        ('replace("a.b.c", ".", "-")', "a-b-c"),
        ('lower("AbC")', "abc"),
        ('"abc" starts "ab" and "abc" ends "bc" and "abc" contains "b"', True),
        ('length("abc")', 3),
        ('let n = 3; "web-{n}"', "web-3"),
        ("text(true)", "true"),
        ("text(1/3)", "1/3"),
        ("text(3/2)", "1.5"),
    ],
)
def test_names(text: str, expected: Value) -> None:
    assert of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{1, 2} union {2, 3}", frozenset({1, 2, 3})),
        ("{1, 2} minus {2}", frozenset({1})),
        ("{1, 2} inter {2}", frozenset({2})),
        ("{1} subset of {1, 2}", True),
        ("{1, 2} == {2, 1}", True),
        ("[1, 2] == [2, 1]", False),
        ("2 in {1, 2} and not 3 in [1]", True),
        ("[1] ++ [2]", (1, 2)),
        ("reverse([1, 2])", (2, 1)),
        ("[5, 6][1] or else 0", 6),
        ("[5, 6][2] or else 0", 0),
        ("[5, 6][0 - 1] or else 0", 0),
        ("head([7]) or else 0", 7),
        ("set([1, 1])", frozenset({1})),
        ("length({1, 2}) + length([3])", 3),
        ('{"a": 1}["a"] or else 0', 1),
        ('{"a": 1}["b"] or else 0', 0),
        ('"a" in {"a": 1}', True),
        ('keys({"b": 1, "a": 2})', frozenset({"a", "b"})),
        ('values({"b": 1, "a": 2})', (2, 1)),
        ('({"a": 1} with {"a": 2, "b": 3}) == {"a": 2, "b": 3}', True),
    ],
)
def test_collections(text: str, expected: Value) -> None:
    assert of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("all i in 1..3 | i > 0", True),
        ("all i in 3..1 | false", True),
        ("some i in 1..3 | i == 2", True),
        ("no i in 1..3 | i == 4", True),
        ("one i in 1..3 | i < 2", True),
        ("one i in 1..3 | i < 3", False),
        ("count(i in 1..5 where i mod 2 == 1)", 3),
        ("sum(i in 1..4 | i * i)", 30),
        ("sum(i in 1..0 | i)", 0),
        ("product(i in 1..4 | i)", 24),
        ("min(i in {3, 1} | i) or else 9", 1),
        ("max(i in 1..0) or else 9", 9),
        ("union(i in 1..2 | {i, i + 10})", frozenset({1, 2, 11, 12})),
        ("(the i in 1..3 where i > 2) or else 0", 3),
        ("(the i in 1..3 where i > 1) or else 0", 0),
        ("(the i in 1..3 where i > 3) or else 0", 0),
        ("(first i in [4, 5, 6] where i > 4) or else 0", 5),
        ("those i in [3, 1, 2] where i > 1 | i * 10", (30, 20)),
        ("those i in {3, 1}| i * 10", frozenset({10, 30})),
        ("sort q in [3, 1, 2] by -q", (3, 2, 1)),
        ("sort q in [31, 22, 11] by q mod 10", (31, 11, 22)),
        ("(choose q in {3, 1, 2} least by -q) or else 0", 3),
        ("(choose q in {3, 1, 2} least by q mod 2) or else 0", 2),
        ("(choose q in {3, 1} least by q mod 2) or else 0", 0),
        ("fold q in [1, 2, 3] from 0 as acc | acc * 10 + q", 123),
        ("count(a: bool, b: bool where a or b)", 3),
        ("sum(i in 1..3, j in 1..i | 1)", 6),
    ],
)
def test_comprehensions(text: str, expected: Value) -> None:
    assert of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('match "a/b/c" { "{x}/{y}" -> "{y}"; _ -> "" }', "b/c"),
        ('match "ab" { "{x}/{_}" -> x; _ -> "none" }', "none"),
        ('match "/b" { "{x}/b" -> "<{x}>"; _ -> "none" }', "<>"),
        ('match "a.a" { "{x}.{x}" -> x; _ -> "differ" }', "a"),
        ('match "a.b" { "{x}.{x}" -> x; _ -> "differ" }', "differ"),
        # The shortest text: what follows the literal must still match.
        ('match "p/x/x" { "{a}/x" -> a; _ -> "none" }', "none"),
        ("match [1, 2] { [] -> 0; [a] -> a; [a, b] -> a + b; _ -> 9 }", 3),
        ("match [1, 2, 3] { [a, b] -> a; _ -> 9 }", 9),
        ('match ["svc", "x"] { ["svc", n] -> n; _ -> "" }', "x"),
        ("match max(i in 1..0) { none -> 0; m -> m }", 0),
        ("match max(i in 1..4) { none -> 0; m -> m }", 4),
        ("match max(i in 1..4) { 4 -> 1; _ -> 2 }", 1),
        ("match true { true -> 1; false -> 2 }", 1),
    ],
)
def test_match(text: str, expected: Value) -> None:
    assert of(text) == expected


def test_enums_are_ordered_as_declared() -> None:
    assert of("Low < High", "enum Size { Low, High, Absurd }") is True
    assert of("max(s: Size) or else Low", "enum Size { Low, High, Absurd }") == "Absurd"


def test_records() -> None:
    text = "record R { a: int = 1 b: set of name m: map from name to int = 0 }"
    assert of("R(b: {}).a", text) == 1
    assert of('(R(a: 2) with {b: {"x"}}).b', text) == frozenset({"x"})
    made = of("R()", text)
    assert made == Rec("R", (1, frozenset(), FrozenMap({}, 0)))
    assert of('R().m["anything"]', text) == 0


def test_nothing_is_divided_by_zero() -> None:
    assert of("1/0 or else 7") == 7
    assert of("(1 div 0) or else 7") == 7
    assert of("(1 mod 0) or else 7") == 7


KINDS = """
kind Node key name { name: name  size: int = 0  up: bool = true }
kind Pod { node: Node? = none  home: name of Node = ""  owner: object? = none  rank: int = 0 }
"""


def pods() -> World:
    a, b = Obj("Node", 0), Obj("Node", 1)
    blank: dict[str, Value] = {"home": "", "owner": None}
    return world(
        ("Node", {"name": "a", "size": 3, "up": True}),
        ("Node", {"name": "b", "size": 4, "up": False}),
        ("Pod", {**blank, "node": a, "rank": 5}),
        ("Pod", {**blank, "node": a, "home": "b", "rank": 6}),
        ("Pod", {**blank, "node": None, "owner": b, "rank": 7}),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("count(p: Pod where p.node is none)", 1),
        ("sum(n: Node | count(p: Pod where p.node is n))", 2),
        ('Node["b"].size or else 0', 4),
        ('Node["c"].size or else 0', 0),
        ("those p: Pod | p.node.size or else 0", frozenset({3, 0})),
        ("those p: Pod | p.home.size or else 0", frozenset({4, 0})),
        ("count(p: Pod where some n: Node | p.owner is n)", 1),
        ("(choose p: Pod least by age(p)).rank or else 0", 5),
        ("(choose p: Pod least by -age(p)).rank or else 0", 7),
        ("sum(p: Pod | age(p))", 3),
        ("(map n: Node | n.size)", FrozenMap({Obj("Node", 0): 3, Obj("Node", 1): 4})),
        ("those n: Node | name_of(n)", frozenset({"a", "b"})),
        ("all n: Node, m: Node where n.name == m.name | n is m", True),
    ],
)
def test_objects(text: str, expected: Value) -> None:
    assert of(text, KINDS, pods()) == expected


def test_a_reference_to_the_dead_reads_as_nothing() -> None:
    gone = pods().without(Obj("Node", 0))
    assert of("count(p: Pod where p.node exists)", KINDS, gone) == 2
    assert of("count(p: Pod where p.node.up or else false)", KINDS, gone) == 0
    assert of("count(p: Pod where some n in p.node | n.up)", KINDS, gone) == 0
    assert of("count(p: Pod where alive(p.node))", KINDS, gone) == 0


def test_after_reads_the_changed_world_and_leaves_the_other() -> None:
    law = "count(n: Node) - (count(n: Node) after delete m)"
    assert of(f"sum(m: Node | {law})", KINDS, pods()) == 2
    two = "((count(p: Pod where p.rank == 9)) after p.rank := 9)"
    assert of(f"max(p: Pod | {two}) or else 0", KINDS, pods()) == 1
    born = '(count(n: Node) after new Node { name: "c" })'
    assert of(born, KINDS, pods()) == 3


def test_after_a_refused_effect_nothing_has_changed() -> None:
    born = '(count(n: Node) after new Node { name: "b" })'
    assert of(born, KINDS, pods()) == 2


def test_functions_read_the_world_of_their_caller() -> None:
    text = f"{KINDS}\nfn pods: int = count(p: Pod)\nfn x = (pods after new Pod {{}}) - pods"
    assert function(text, world=pods()) == 1


def test_memory_has_its_first_value_until_written() -> None:
    made = program(
        KINDS
        + """
        controller c for n: Node {
          memory seen: map from name to int = 7
          action go when seen["a"] == 7 do seen["a"] := 8
        }
        """
    )
    action = made.components[0].actions[0]
    guard = action.guards[0]
    inside = here(made, pods()).binding("n", Obj("Node", 0))
    inside = evolve(inside, component="c", instance=Obj("Node", 0))
    assert evaluate(guard.cond, inside) is True  # type: ignore[union-attr]
    key = ("c.seen", Obj("Node", 0))
    written = pods().with_state(key, FrozenMap({"a": 8}, 7))
    changed = evolve(inside, world=written, live=written)
    assert evaluate(guard.cond, changed) is False  # type: ignore[union-attr]
    other = evolve(changed, instance=Obj("Node", 1))
    assert evaluate(guard.cond, other) is True  # type: ignore[union-attr]
