"""Who has to do with whom, in systems of two or three steps: one conflict at a time."""

from __future__ import annotations

import pytest

from kspec.engines.random_systems.loose import loose_system
from kspec.ir.build import conj, disj, lit, neg
from kspec.ir.expr import TRUE, Binder, Eq, Expr, Get, Lit, Local, Old, Ref
from kspec.ir.passes.independence import Independence, independence, numbers
from kspec.ir.sorts import Bool, Id, Int, Map
from kspec.ir.system import (
    Action,
    Claim,
    Conjunct,
    Fairness,
    Index,
    Invariant,
    Occurrence,
    Origin,
    Property,
    Reachable,
    StepCase,
    System,
    Update,
)

TASK = Id("Task", 2)
FIRST, SECOND = Lit(TASK, 0), Lit(TASK, 1)
STEPS = Int(0, 3)


def at(who: Expr) -> Expr:
    return Get(Ref("at", Map(TASK, STEPS)), who)


def mark(who: Expr) -> Expr:
    return Get(Ref("mark", Map(TASK, Bool())), who)


def go(who: Expr, value: Expr | None = None, live: Expr = TRUE) -> Update:
    return Update("at", (Index(who),), lit(1) if value is None else value, TRUE, live)


def marks(who: Expr, value: Expr = TRUE) -> Update:
    return Update("mark", (Index(who),), value, TRUE, TRUE)


def action(
    name: str,
    *updates: Update,
    guard: tuple[Expr, ...] = (),
    cut: Expr | None = None,
    params: tuple[Binder, ...] = (),
) -> Action:
    parts = tuple(map(Conjunct, guard))
    return Action(name, "", Origin.ENVIRONMENT, params, (), (), parts, cut, updates, Fairness.NONE)


def order(actions: tuple[Action, ...], *claims: Claim) -> Independence:
    """Over the variables of `loose_system`."""
    base = loose_system(0)
    system = System(
        base.name, base.pools, (), base.variables, base.init, actions, (), base.well_formed
    )
    return independence(system, [Property(f"p{i}", c) for i, c in enumerate(claims)])


SETS_MARK = action("b", marks(FIRST))


@pytest.mark.parametrize(
    "one",
    [
        action("a", go(FIRST), guard=(mark(FIRST),)),
        action("a", go(FIRST), cut=mark(FIRST)),
        action("a", go(FIRST, live=neg(mark(FIRST)))),
        action("a", Update("at", (Index(FIRST),), lit(1), mark(FIRST), TRUE)),
        action("a", marks(FIRST)),
        action("a", Update("mark", (), Ref("mark", Map(TASK, Bool())), TRUE, TRUE)),
    ],
    ids=["guard", "cut", "live", "when", "write", "whole"],
)
def test_what_has_to_do_with_a_write(one: Action) -> None:
    assert order((one, SETS_MARK)).depends == (0b10, 0b01)


@pytest.mark.parametrize(
    "one",
    [action("a", go(FIRST)), action("a", marks(SECOND)), action("a", go(FIRST, at(FIRST)))],
    ids=["variable", "index", "own"],
)
def test_what_has_not(one: Action) -> None:
    assert order((one, SETS_MARK)).depends == (0, 0)


def test_instances_are_told_apart_by_their_parameters() -> None:
    me = Local("me", TASK)
    one = action("a", go(me), guard=(mark(me),), params=(Binder("me", TASK),))
    assert order((one, SETS_MARK)).depends == (0b100, 0, 0b001)


def test_a_claim_about_steps_is_read_by_those_steps() -> None:
    body = neg(Get(Old("mark", Map(TASK, Bool())), FIRST))
    claim = Occurrence((StepCase("a", body),))
    assert order((action("a", go(FIRST)), SETS_MARK), claim).depends == (0b10, 0b01)
    claim = Occurrence((StepCase("b", Eq(at(FIRST), lit(0))),))
    assert order((action("a", go(FIRST)), SETS_MARK), claim).depends == (0b10, 0b01)


def test_a_step_that_can_never_be_has_to_do_with_nobody() -> None:
    never = action("a", marks(FIRST), guard=(Eq(FIRST, SECOND),))
    assert order((never, SETS_MARK)).depends == (0, 0)


# ---- who makes what true -----------------------------------------------------------------------


def enabling(*updates: Update) -> int:
    """Who may make it true that the first task is at 2; the second action makes these updates."""
    waits = action("a", marks(FIRST), guard=(Eq(at(FIRST), lit(2)),))
    return order((waits, action("b", *updates))).enabling[0][0]


def test_only_who_sets_the_value_makes_it_true() -> None:
    assert enabling(go(FIRST, lit(2))) == 0b10
    assert enabling(go(FIRST, lit(1))) == 0
    assert enabling(go(SECOND, lit(2))) == 0
    assert enabling(go(FIRST, at(SECOND))) == 0b10


def test_two_writes_may_make_it_true() -> None:
    assert enabling(go(FIRST, lit(1)), go(FIRST, lit(2))) == 0b10
    whole = Update("at", (), Lit(Map(TASK, STEPS), (2, 2)), TRUE, TRUE)
    assert enabling(go(FIRST, lit(1)), whole) == 0b10


def test_two_places_may_make_it_true_together() -> None:
    waits = action("a", guard=(Eq(at(FIRST), at(SECOND)),))
    other = action("b", go(FIRST, lit(1)), go(SECOND, lit(1)))
    assert order((waits, other)).enabling[0][0] == 0b10


# ---- claims about states -----------------------------------------------------------------------


def test_a_claim_is_taken_apart_and_seen() -> None:
    one, other = action("a", go(FIRST)), action("b", go(SECOND))
    both = Eq(at(FIRST), lit(1)), Eq(at(SECOND), lit(1))
    found = order((one, other), Reachable(conj(both)))
    assert [len(of.parts) for of in found.observers] == [2]
    assert [list(numbers(mask)) for mask in found.depends] == [[2], [2]]
    found = order((one, other), Reachable(disj(both)))
    assert [len(of.parts) for of in found.observers] == [1, 1]
    assert [list(numbers(mask)) for mask in found.depends] == [[2], [3]]
    found = order((one, other), Invariant(disj(both)))
    assert [len(of.parts) for of in found.observers] == [2]
