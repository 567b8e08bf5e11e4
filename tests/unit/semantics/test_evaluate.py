"""The evaluator against the pinned table, and what it refuses."""

from __future__ import annotations

from typing import cast

import pytest

from kspec.ir import expr as nodes
from kspec.ir.build import lit
from kspec.ir.expr import Arith, ArithOp, Expr, Get, IllSorted, Lit, Local, Not, Old, Ref, sort_of
from kspec.ir.rewrite import subexpressions
from kspec.ir.sorts import Bool, Int, Map, Value, contains
from kspec.semantics.evaluate import Env, evaluate
from tests.unit.semantics.cases import CASES

NOTHING = Env({}, None, {})


@pytest.mark.parametrize(("name", "expr", "value"), CASES, ids=[name for name, _, _ in CASES])
def test_pinned_value(name: str, expr: Expr, value: Value) -> None:
    found = evaluate(expr, NOTHING)
    assert found == value
    assert type(found) is type(value), "True is not 1"
    assert contains(sort_of(expr), found), "the value lies in the sort that engines rely on"


def test_case_names_are_unique() -> None:
    assert len({name for name, _, _ in CASES}) == len(CASES)


def test_every_node_is_in_the_table() -> None:
    names = cast(str, nodes.Expr).split(" | ")  # the alias is a string when it runs
    union = {getattr(nodes, name) for name in names}
    seen = {type(node) for _, expr, _ in CASES for node in subexpressions(expr)}
    assert len(union) > 30 and union - seen == {Ref, Old}


def test_names_read_their_own_place() -> None:
    env = Env({"v": 1}, {"v": 2}, {"v": 3})
    sort = Int(0, 9)
    assert [evaluate(e, env) for e in (Ref("v", sort), Old("v", sort), Local("v", sort))] == [
        1,
        2,
        3,
    ]


@pytest.mark.parametrize(
    "expr",
    [
        Old("v", Bool()),
        Not(lit(1)),
        Arith(ArithOp.ADD, Lit(Bool(), True), lit(1)),
        Arith(ArithOp.DIV, lit(1), Lit(Int(0, 1), 0)),
        Arith(ArithOp.MOD, lit(1), Lit(Int(-1, 1), -1)),
        Get(Lit(Map(Int(0, 1), Bool()), (False, True)), lit(2)),
        Get(Lit(Map(Int(0, 1), Bool()), (False, True)), lit(-1)),
    ],
)
def test_mistakes_of_kspec_are_loud(expr: Expr) -> None:
    with pytest.raises(IllSorted):
        evaluate(expr, Env({"v": True}, None, {}))
