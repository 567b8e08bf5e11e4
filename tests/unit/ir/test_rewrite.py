"""Walking and changing expressions."""

from __future__ import annotations

import pytest

from kspec.ir.build import lit
from kspec.ir.expr import (
    Arith,
    ArithOp,
    Binder,
    Count,
    Eq,
    Expr,
    Fold,
    IllSorted,
    Let,
    Lit,
    Local,
    Lt,
    MakeSeq,
    Old,
    Quant,
    QuantKind,
    Ref,
    sort_of,
)
from kspec.ir.rewrite import (
    bound,
    bound_names,
    children,
    free_locals,
    map_expr,
    olds,
    parts,
    rebuild,
    refs,
    rename,
    subexpressions,
    substitute,
)
from kspec.ir.sorts import Int, Value, contains
from kspec.semantics.evaluate import Env, evaluate
from tests.unit.semantics.cases import CASES

NODES = [node for _, expr, _ in CASES for node in subexpressions(expr)]
DIGIT = Int(0, 9)
a, b, c = (Local(name, DIGIT) for name in "abc")


def test_taking_apart_and_putting_together_is_identity() -> None:
    for node in NODES:
        assert rebuild(node, children(node)) == node
        assert rename(node, bound_names(node)) == node
        assert tuple(binder.name for binder in bound(node)) == bound_names(node)
        assert any(part.is_inside for part in parts(node)) == bool(bound_names(node))


def test_children_are_in_the_order_that_rebuild_takes() -> None:
    """Other children, all different, come back where they were put."""
    for node in NODES:
        marks = tuple(Lit(Int(1000 + i, 1000 + i), 1000 + i) for i in range(len(children(node))))
        assert children(rebuild(node, marks)) == marks
    with pytest.raises(ValueError, match="children"):
        rebuild(Eq(a, b), (a,))


def test_map_is_bottom_up_and_reaches_everything() -> None:
    def widen(node: Expr) -> Expr:
        seen.append(node)
        return Lit(Int(-100, 100), node.value) if isinstance(node, Lit) else node

    seen: list[Expr] = []
    got = map_expr(widen, Arith(ArithOp.ADD, lit(1), Arith(ArithOp.MUL, lit(2), a)))
    wide = [Lit(Int(-100, 100), n) for n in (1, 2)]
    assert got == Arith(ArithOp.ADD, wide[0], Arith(ArithOp.MUL, wide[1], a))
    assert seen[0] == lit(1) and seen[-1] == got


def test_map_with_the_identity_changes_nothing() -> None:
    for _, expr, _ in CASES:
        assert map_expr(lambda node: node, expr) == expr


def test_what_is_read() -> None:
    expr = Eq(Ref("x", DIGIT), Count(Binder("i", DIGIT), Lt(Old("y", DIGIT), Ref("z", DIGIT))))
    assert refs(expr) == {"x", "z"} and olds(expr) == {"y"}


def test_free_names() -> None:
    some = Quant(QuantKind.SOME, Binder("a", DIGIT), Lt(a, b))
    assert free_locals(some) == {"b"}
    assert free_locals(Let("a", a, a)) == {"a"}, "the value of a let is outside its scope"
    assert free_locals(Let("a", b, a)) == {"b"}
    fold = Fold(Binder("a", DIGIT), a, "b", MakeSeq(DIGIT, (b, c)), Arith(ArithOp.MIN, a, b))
    assert free_locals(fold) == {"a", "b", "c"}
    assert free_locals(Fold(Binder("a", DIGIT), c, "b", MakeSeq(DIGIT, ()), a)) == {"c"}
    for _, expr, _ in CASES:
        assert free_locals(expr) == frozenset()


def test_substitution_is_simultaneous() -> None:
    assert substitute(Lt(a, b), {"a": b, "b": a}) == Lt(b, a)


def test_bound_names_are_not_replaced() -> None:
    some = Quant(QuantKind.SOME, Binder("a", DIGIT), Lt(a, b))
    assert substitute(some, {"a": c}) == some
    assert substitute(Let("a", a, a), {"a": c}) == Let("a", c, a)


def test_capture_is_avoided() -> None:
    some = Quant(QuantKind.SOME, Binder("a", DIGIT), Lt(a, b))
    got = substitute(some, {"b": a})
    fresh = Local("a'1", DIGIT)
    assert got == Quant(QuantKind.SOME, Binder("a'1", DIGIT), Lt(fresh, a))
    assert free_locals(got) == {"a"}


def test_fresh_names_are_fresh() -> None:
    taken = Local("a'1", DIGIT)
    some = Quant(QuantKind.SOME, Binder("a", DIGIT), Lt(Arith(ArithOp.ADD, a, taken), b))
    got = substitute(some, {"b": a})
    assert free_locals(got) == {"a", "a'1"} and bound_names(got) == ("a'2",)


ENV = Env({}, None, {"a": 3, "b": 5, "c": 7})
WRAPPERS: tuple[Expr, ...] = (
    Arith(ArithOp.ADD, a, b),
    Let("a", Arith(ArithOp.ADD, a, b), Arith(ArithOp.MUL, Local("a", Int(0, 18)), b)),
    Count(Binder("a", DIGIT), Lt(a, b)),
    Count(Binder("a", DIGIT), Quant(QuantKind.ALL, Binder("b", Int(4, 6)), Lt(a, b))),
    Fold(
        Binder("a", Int(0, 99)),
        b,
        "b",
        MakeSeq(DIGIT, (a, b)),
        Arith(ArithOp.MIN, lit(99), Arith(ArithOp.ADD, Local("a", Int(0, 99)), b)),
    ),
    Quant(QuantKind.SOME, Binder("c", DIGIT), Eq(c, Arith(ArithOp.ADD, a, b))),
)


@pytest.mark.parametrize("expr", WRAPPERS, ids=str)
@pytest.mark.parametrize(
    "by", [{"a": b}, {"b": a}, {"a": b, "b": a}, {"b": c}, {"a": lit(2), "b": c}], ids=str
)
def test_substituting_then_evaluating_is_evaluating_in_the_changed_environment(
    expr: Expr, by: dict[str, Expr]
) -> None:
    changed: dict[str, Value] = {name: evaluate(value, ENV) for name, value in by.items()}
    inner = Env({}, None, {**ENV.bound, **changed})
    got = substitute(expr, by)
    assert evaluate(got, ENV) == evaluate(expr, inner)
    assert contains(sort_of(got), evaluate(got, ENV))


def test_sorts_of_bound_names_are_found_or_loud() -> None:
    assert bound(Let("v", lit(3), a)) == (Binder("v", Int(3, 3)),)
    with pytest.raises(IllSorted):
        bound(Fold(Binder("a", DIGIT), a, "e", lit(3), a))
