"""A fallback tells identities apart unless it is known that it is never used."""

from __future__ import annotations

import pytest

from kspec.ir.build import conj, disj, lit, neg
from kspec.ir.expr import (
    Agg,
    AggKind,
    At,
    Binder,
    Eq,
    Expr,
    First,
    Get,
    IsSome,
    Ite,
    Lit,
    Local,
    OrElse,
    Quant,
    QuantKind,
    Ref,
    Some,
    Sorted,
)
from kspec.ir.passes.births import interchangeable
from kspec.ir.passes.symmetry import nontrivial
from kspec.ir.sorts import Bool, Id, Map, Opt
from kspec.ir.system import Init, Invariant, Pool, Property, Role, System, Var

NODE, POD = Id("Node", 2), Id("Pod", 2)
ON, UP = Map(POD, Opt(NODE)), Map(NODE, Bool())
P = Local("p", POD)
WHERE = Get(Ref("on", ON), P)
UP_THERE = Get(Ref("up", UP), OrElse(WHERE, Lit(NODE, 0)))
IS_THERE = IsSome(WHERE)


def alike(body: Expr) -> bool:
    """Are the nodes interchangeable for a property of every pod?"""
    prop = Property("p", Invariant(Quant(QuantKind.ALL, Binder("p", POD), body)))
    system = System(
        name="s",
        pools=(Pool("Pod", 2, ("x", "y")), Pool("Node", 2, ("a", "b"))),
        constants=(),
        variables=(
            Var("on", ON, Role.API, "Pod", "on"),
            Var("up", UP, Role.API, "Node", "up"),
        ),
        init=Init((), lit(True), (("on", Lit(ON, (None, None))), ("up", Lit(UP, (True, False))))),
        actions=(),
        properties=(prop,),
        well_formed=lit(True),
    )
    groups = nontrivial(interchangeable(system, (prop,))[1])
    return "Node" in [group.kind for group in groups]


KNOWN = {
    "and": conj((IS_THERE, UP_THERE)),
    "and, the other way round": conj((UP_THERE, IS_THERE)),
    "or not": disj((neg(IS_THERE), UP_THERE)),
    "then": Ite(IS_THERE, UP_THERE, lit(False)),
    "else of not": Ite(neg(IS_THERE), lit(False), UP_THERE),
    "equal to something": conj((Eq(WHERE, Some(Local("n", NODE))), UP_THERE)),
    "not equal to nothing": conj((neg(Eq(WHERE, Lit(Opt(NODE), None))), UP_THERE)),
    "both alternatives": conj((disj((conj((IS_THERE, lit(True))), IS_THERE)), UP_THERE)),
}
N = Binder("f", NODE)
UNKNOWN = {
    "the first": Eq(First(N, Get(Ref("up", UP), Local("f", NODE))), WHERE),
    "sorted": Eq(At(Sorted(N, lit(True), ()), lit(0), Local("n", NODE)), Local("n", NODE)),
    "alone": UP_THERE,
    "or": disj((IS_THERE, UP_THERE)),
    "else": Ite(IS_THERE, lit(False), UP_THERE),
    "and not": conj((neg(IS_THERE), UP_THERE)),
    "one alternative": conj((disj((IS_THERE, Get(Ref("up", UP), Local("n", NODE)))), UP_THERE)),
    "another of the same name": conj(
        (IS_THERE, Quant(QuantKind.SOME, Binder("p", POD), UP_THERE)),
    ),
}


def with_node(body: Expr) -> Expr:
    """`n` stands for any node."""
    return Quant(QuantKind.SOME, Binder("n", NODE), body)


@pytest.mark.parametrize("body", KNOWN.values(), ids=KNOWN)
def test_an_option_that_is_known_to_hold_something(body: Expr) -> None:
    assert alike(with_node(body))


@pytest.mark.parametrize("body", UNKNOWN.values(), ids=UNKNOWN)
def test_an_option_that_is_not(body: Expr) -> None:
    assert not alike(with_node(body))


def test_the_terms_of_an_aggregate_know_its_condition() -> None:
    def total(cond: Expr, term: Expr) -> Expr:
        binder = Binder("p", POD)
        return Eq(Agg(AggKind.SUM, binder, cond, Ite(term, lit(1), lit(0))), lit(1))

    assert alike(total(IS_THERE, UP_THERE))
    assert not alike(total(UP_THERE, IS_THERE))
