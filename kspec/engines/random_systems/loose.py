"""Random systems whose parts have little to do with each other: a few tasks that each go through
steps of their own, and now and then look at each other or at something they share.

What `seeded_system` makes has everything to do with everything; partial order reduction is tried
on these. All that it must not overlook occurs: steps that may leave a range, may write one place
twice, may be cut, that only a claim about steps reads; loops, and steps that change nothing.
"""

from __future__ import annotations

import random
from typing import Final

from kspec.engines.random_systems.draw import Draw
from kspec.ir.build import conj, disj, implies, lit, neg
from kspec.ir.expr import (
    FALSE,
    TRUE,
    Arith,
    ArithOp,
    Binder,
    Count,
    Eq,
    Expr,
    Get,
    Le,
    Lit,
    Local,
    Old,
    Quant,
    QuantKind,
    Ref,
)
from kspec.ir.sorts import Bool, Id, Int, Map
from kspec.ir.system import (
    Action,
    Claim,
    Conjunct,
    Fairness,
    Index,
    Init,
    Invariant,
    Occurrence,
    Origin,
    Pool,
    Property,
    Reachable,
    Role,
    StepCase,
    System,
    Update,
    Var,
)

STEPS: Final = Int(0, 3)
SHARED: Final = Int(0, 2)


def loose_system(seed: int) -> System:
    """The system of a seed: the same on every machine."""
    draw = Draw(random.Random(seed).randrange)
    task = Id("Task", draw.between(2, 4))
    at, mark = Map(task, STEPS), Map(task, Bool())
    names = tuple(f"t{i}" for i in range(task.size))
    start = (0,) * task.size if draw.chance(80) else tuple(draw.below(2) for _ in names)
    actions = tuple(_action(draw, task, f"a{i}") for i in range(draw.between(2, 5)))
    claims = tuple(_claim(draw, task, actions) for _ in range(draw.between(1, 3)))
    return System(
        name="loose",
        pools=(Pool("Task", task.size, names),),
        constants=(),
        variables=(
            Var("at", at, Role.API, "Task", "at"),
            Var("mark", mark, Role.API, "Task", "mark"),
            Var("shared", SHARED, Role.API, "", "shared"),
        ),
        init=Init(
            (),
            TRUE,
            (
                ("at", Lit(at, start)),
                ("mark", Lit(mark, (False,) * task.size)),
                ("shared", lit(0)),
            ),
        ),
        actions=actions,
        properties=tuple(Property(f"p{i}", claim) for i, claim in enumerate(claims)),
        well_formed=TRUE,
    )


# ---- formulas ----------------------------------------------------------------------------------


def _at(task: Id, who: Expr, *, old: bool = False) -> Expr:
    sort = Map(task, STEPS)
    return Get(Old("at", sort) if old else Ref("at", sort), who)


def _mark(task: Id, who: Expr) -> Expr:
    return Get(Ref("mark", Map(task, Bool())), who)


def _shared() -> Expr:
    return Ref("shared", SHARED)


def _about(draw: Draw, task: Id, who: Expr) -> Expr:
    """An atom about one task, seldom about more."""
    kind = draw.below(10)
    if kind < 5:
        return Eq(_at(task, who), lit(draw.between(0, 3)))
    if kind < 7:
        found = _mark(task, who)
        return found if draw.chance(50) else neg(found)
    if kind < 8:
        return Le(_at(task, who), lit(draw.between(0, 3)))
    if kind < 9:
        return Eq(_shared(), lit(draw.between(0, 2)))
    return _others(draw, task, who)


def _others(draw: Draw, task: Id, who: Expr) -> Expr:
    other = Local("other", task)
    inner = disj([Eq(other, who), neg(_mark(task, other))])
    if draw.chance(50):
        return Quant(QuantKind.ALL, Binder("other", task), inner)
    return Le(Count(Binder("other", task), _mark(task, other)), lit(1))


# ---- actions -----------------------------------------------------------------------------------


def _action(draw: Draw, task: Id, name: str) -> Action:
    me = Local("me", task)
    params: tuple[Binder, ...] = (Binder("me", task),)
    who: Expr = me
    if draw.chance(15):
        params, who = (), Lit(task, draw.below(task.size))
    guard = [Conjunct(_about(draw, task, who)) for _ in range(draw.between(1, 2))]
    updates = [_update(draw, task, who)]
    if draw.chance(30):
        updates.append(_update(draw, task, who))
    cut = _about(draw, task, who) if draw.chance(8) else None
    return Action(
        name=name,
        owner="tasks",
        origin=Origin.ENVIRONMENT,
        params=params,
        choices=(),
        lets=(),
        guard=tuple(guard),
        cut=cut,
        updates=tuple(updates),
        fairness=Fairness.NONE,
    )


def _update(draw: Draw, task: Id, who: Expr) -> Update:
    when = _about(draw, task, who) if draw.chance(15) else TRUE
    live = neg(_mark(task, who)) if draw.chance(4) else TRUE
    kind = draw.below(10)
    if kind < 6:
        more = Arith(ArithOp.ADD, _at(task, who), lit(1))
        value = lit(draw.between(0, 3)) if draw.chance(70) else more
        return Update("at", (Index(who),), value, when, live)
    if kind < 9:
        return Update("mark", (Index(who),), TRUE if draw.chance(70) else FALSE, when, live)
    more = Arith(ArithOp.ADD, _shared(), lit(1))
    return Update("shared", (), lit(draw.between(0, 2)) if draw.chance(70) else more, when, live)


# ---- claims ------------------------------------------------------------------------------------


def _claim(draw: Draw, task: Id, actions: tuple[Action, ...]) -> Claim:
    kind, one = draw.below(4), Local("one", task)
    if kind == 0:
        body = implies(_about(draw, task, one), _about(draw, task, one))
        return Invariant(Quant(QuantKind.ALL, Binder("one", task), body))
    if kind == 1:
        return Invariant(disj([_state(draw, task), _state(draw, task)]))
    if kind == 2:
        return Reachable(conj([_state(draw, task), _state(draw, task)]))
    return Occurrence((_case(draw, task, draw.pick(actions)),))


def _state(draw: Draw, task: Id) -> Expr:
    return _about(draw, task, Lit(task, draw.below(task.size)))


def _case(draw: Draw, task: Id, action: Action) -> StepCase:
    who: Expr = Lit(task, draw.below(task.size))
    before = Eq(_at(task, who, old=True), lit(draw.between(0, 3)))
    if action.params and draw.chance(50):
        return StepCase(action.name, implies(before, _about(draw, task, Local("me", task))))
    return StepCase(action.name, disj([neg(before), _state(draw, task)]))


__all__ = ["loose_system"]
