"""Deadlines: how long an instance of an action with `within D` may still stay enabled.

A variable for each such action holds, for every instance, what would be left of its deadline if
the instance is enabled, and D if it is not, or has just fired. So a step needs the guards of the
state before it only: an instance that was not enabled then starts anew at D if it is enabled
afterwards, and one that was keeps what it had, unless it fired. What is stored for an instance
that is not enabled means nothing, and is D again one step later.

Here stand the variables, their updates, and what keeps the clock from ticking; `timers` has the
tick itself. Docs: `docs/language/time.md`. Must not look at the typed guards: what is enabled is
what the lowered action says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import final

from attrs import evolve

from kspec.base.record import frozen
from kspec.ir.build import clamp
from kspec.ir.expr import FALSE, TRUE, ArithOp, Binder, Expr, Let, Lit, Local, Ref
from kspec.ir.rewrite import bound_names, map_expr, rename
from kspec.ir.sorts import Int, Map, Sort, cardinality
from kspec.ir.sorts import Value as Stored
from kspec.ir.system import Action, Conjunct, Index, Origin, Role, System, Template, Update, Var
from kspec.lower.context import CannotLower, Lowering
from kspec.lower.expressions.pure_expr import constants
from kspec.lower.steps.actions import Made
from kspec.lower.values.smart import (
    all_of,
    arith,
    conj,
    disj,
    eq,
    free,
    get,
    ite,
    le,
    lit,
    neg,
    some_of,
)
from kspec.pure.evaluation.evaluate import evaluate


@final
@frozen(eq=False)
class Deadline:
    """The deadline of an action: `most` ticks, for each value of `binders`.

    `enabled` is whether the instance is, cut or not; `left` reads what is stored for it. Nothing
    is stored where `most` is 0. The names in both are those of no action.
    """

    action: str
    owner: str
    most: int
    binders: tuple[Binder, ...]
    own: tuple[Binder, ...]
    enabled: Expr
    left: Expr
    conjunct: Conjunct

    @property
    def variable(self) -> str:
        """The name of the variable."""
        return f"{self.action}.deadline"

    @property
    def sort(self) -> Sort:
        """Its sort."""
        return _sort(self.most, self.binders)


def _sort(most: int, binders: tuple[Binder, ...]) -> Sort:
    sort: Sort = Int(0, most)
    for binder in reversed(binders):
        sort = Map(binder.sort, sort)
    return sort


def deadlines(low: Lowering, made: Iterable[Made]) -> tuple[Deadline, ...]:
    """Every deadline of a scope with a clock, of actions that can be enabled at all."""
    if not low.shapes.timed:
        return ()
    first = [m for m in made if m.place == 0 and m.source.within is not None]
    found = [_deadline(low, m, f"'w{n}") for n, m in enumerate(first)]
    return tuple(d for d in found if d.enabled != FALSE)


def _deadline(low: Lowering, made: Made, mark: str) -> Deadline:
    action, most = made.action, _ticks(low, made)
    binders = tuple(Binder(b.name + mark, b.sort) for b in action.params)
    enabled: Expr = FALSE
    if all(cardinality(b.sort) for b in binders):
        enabled = _marked(_enabled(action), mark)
    left = _left(action, most, binders)
    because = Template((f"`{action.name}` has to happen first",))
    in_time = all_of(binders, disj((neg(enabled), neg(le(left, lit(0))))))
    conjunct = Conjunct(in_time, because, action.span)
    return Deadline(
        action.name, action.owner, most, binders, action.params, enabled, left, conjunct
    )


def _left(action: Action, most: int, binders: tuple[Binder, ...]) -> Expr:
    if most == 0:
        return lit(0)
    left: Expr = Ref(f"{action.name}.deadline", _sort(most, binders))
    for binder in binders:
        left = get(left, Local(binder.name, binder.sort))
    return left


def _ticks(low: Lowering, made: Made) -> int:
    assert made.source.within is not None
    value = evaluate(made.source.within, constants(low))
    assert isinstance(value, int | Fraction)
    ticks = Fraction(value) / low.static.tick
    # INVARIANT: `elaborate` refuses what is negative.
    assert ticks >= 0
    if ticks.denominator != 1:
        message = f"`within` of `{made.source.name}` is no whole number of ticks"
        raise CannotLower(message, made.source.within.span)
    return int(ticks)


def _enabled(action: Action) -> Expr:
    """Is the instance enabled or cut, whatever is chosen?"""
    cond = conj(c.expr for c in action.guard)
    for name, value in reversed(action.lets):
        if name in free(cond):
            cond = Let(name, value, cond)
    return some_of(action.choices, cond)


def _marked(expr: Expr, mark: str) -> Expr:
    """The expression with other names for all that it binds and reads, so that none is hidden."""

    def change(node: Expr) -> Expr:
        if isinstance(node, Local):
            return Local(node.name + mark, node.sort)
        return rename(node, tuple(name + mark for name in bound_names(node)))

    return map_expr(change, expr)


# ---- the clock ---------------------------------------------------------------------------------


def running(found: tuple[Deadline, ...]) -> Iterator[Expr]:
    """Is an instance enabled, so that time counts for it?"""
    for deadline in found:
        yield some_of(deadline.binders, deadline.enabled)


def in_time(found: tuple[Deadline, ...]) -> Iterator[Conjunct]:
    """What keeps the clock from ticking: none that is enabled is at its end."""
    for deadline in found:
        yield deadline.conjunct


# ---- the system --------------------------------------------------------------------------------


def with_deadlines(system: System, found: tuple[Deadline, ...]) -> System:
    """The system with the variables of deadlines, and what each step does to them."""
    kept = tuple(d for d in found if d.most)
    if not kept:
        return system
    assign = tuple((d.variable, _fresh(d.sort)) for d in kept)
    return evolve(
        system,
        variables=(*system.variables, *(_variable(d) for d in kept)),
        init=evolve(system.init, assign=(*system.init.assign, *assign)),
        actions=tuple(_with_updates(a, kept) for a in system.actions),
    )


def _variable(deadline: Deadline) -> Var:
    label = f"{deadline.action.rsplit('.', 1)[-1]}.deadline"
    return Var(deadline.variable, deadline.sort, Role.TASK, deadline.owner, label)


def _fresh(sort: Sort) -> Lit:
    return Lit(sort, _most(sort))


def _most(sort: Sort) -> Stored:
    match sort:
        case Map(key, value):
            return (_most(value),) * cardinality(key)
        case Int(_, hi):
            return hi
        case _:
            raise AssertionError(sort)


def _with_updates(action: Action, kept: tuple[Deadline, ...]) -> Action:
    if all(conjunct.expr == FALSE for conjunct in action.guard) and action.guard:
        return action
    is_tick = action.origin is Origin.CLOCK
    updates = [_ticked(d) if is_tick else _stepped(action, d) for d in kept]
    return evolve(action, updates=(*action.updates, *updates))


def _path(deadline: Deadline) -> tuple[Index, ...]:
    return tuple(Index(Local(b.name, b.sort)) for b in deadline.binders)


def _ticked(deadline: Deadline) -> Update:
    """One tick less for who is enabled, all for who is not."""
    less = clamp(arith(ArithOp.SUB, deadline.left, lit(1)), 0, deadline.most)
    value = ite(deadline.enabled, less, lit(deadline.most))
    path = _path(deadline)
    return Update(deadline.variable, path, value, TRUE, TRUE, deadline.binders)


def _stepped(action: Action, deadline: Deadline) -> Update:
    """All again for who is not enabled, and for the instance that fires."""
    starts = disj((neg(deadline.enabled), _fires(action, deadline)))
    when = conj((starts, neg(eq(deadline.left, lit(deadline.most)))))
    path = _path(deadline)
    value = lit(deadline.most)
    return Update(deadline.variable, path, value, when, TRUE, deadline.binders)


def _fires(action: Action, deadline: Deadline) -> Expr:
    if action.name != deadline.action:
        return FALSE
    pairs = zip(deadline.binders, deadline.own, strict=True)
    return conj(eq(Local(a.name, a.sort), Local(b.name, b.sort)) for a, b in pairs)
