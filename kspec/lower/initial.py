"""The initial states: one for every choice of what is free, filtered by what is assumed."""

from __future__ import annotations

from typing import cast

from kspec.analysis.typed import TExpr
from kspec.analysis.types import KindT, Type
from kspec.ir.expr import Binder, Expr, Lit, Local, Put, Ref
from kspec.ir.rewrite import map_expr
from kspec.ir.sorts import Bool, Id, Int, Map, Opt, Sort, Value
from kspec.ir.system import Init, Role
from kspec.lower.context import Frame, Lowering, Present, Sink, Slot
from kspec.lower.expressions import worlds
from kspec.lower.steps.updates import initial_literal
from kspec.lower.values.codec import encode
from kspec.lower.values.smart import conj
from kspec.lower.values.stored import literal, stored
from kspec.lower.values.symbolic import Tabled
from kspec.pure.scopes.scope import OneOf
from kspec.pure.values.value import Obj
from kspec.pure.values.value import Value as Pure


def initial(low: Lowering) -> Init:
    """The initial states."""
    low.begin()
    params: list[Binder] = []
    assign = tuple((slot.name, _value(low, slot, params)) for slot in low.slots.values())
    given = dict(assign)
    conds = []
    for _, assumed in low.static.scope.assumes:
        from kspec.lower.expressions.expr import closed_flag

        frame = Frame({}, Present(), Present(), Sink())
        cond = frame.sink.close(closed_flag(low, frame, cast(TExpr, assumed)))
        conds.append(map_expr(lambda e: _begun(e, given), cond))
    return Init(tuple(params), conj(conds), assign)


def _begun(expr: Expr, given: dict[str, Expr]) -> Expr:
    """A variable as its first value."""
    return given.get(expr.name, expr) if isinstance(expr, Ref) else expr


def _value(low: Lowering, slot: Slot, params: list[Binder]) -> Expr:
    scope = low.static.scope
    if slot.role is Role.BUDGET:
        most = next(b.most for b in scope.budgets if f"budget.{b.action}" == slot.name)
        return Lit(slot.sort, most)
    if slot.role is Role.LIVE:
        return Lit(Map(low.shapes.id(slot.owner), Bool()), worlds.initially_live(low, slot.owner))
    if slot.owner in low.static.tables.kinds and slot.index is not None:
        if slot.name == worlds.age_name(slot.owner):
            return _ages(low, slot)
        return _field(low, slot, params)
    element = initial_literal(low, slot)
    if slot.index is None:
        return element
    from kspec.ir.sorts import cardinality

    assert isinstance(element, Lit)
    whole = Map(slot.index, element.sort)
    return Lit(whole, (element.value,) * cardinality(slot.index))


def _ages(low: Lowering, slot: Slot) -> Expr:
    """The objects of the start are as old as their places say."""
    assert isinstance(slot.index, Id)
    ages: list[Value] = []
    for alive in worlds.initially_live(low, slot.owner):
        ages.append(sum(1 for _ in range(0)) if not alive else _place(low, slot.owner, len(ages)))
    return Lit(slot.whole, tuple(ages))


def _place(low: Lowering, kind: str, index: int) -> int:
    return sum(worlds.initially_live(low, kind)[:index])


def _field(low: Lowering, slot: Slot, params: list[Binder]) -> Expr:
    assert isinstance(slot.index, Id)
    objects = {o.index: o for o in low.static.scope.objects if o.kind == slot.owner}
    base: list[Value] = []
    free: list[tuple[int, Expr]] = []
    for index in range(slot.index.size):
        if index not in objects:
            base.append(_dead(low, slot))
            continue
        value = dict(objects[index].fields)[slot.label]
        if isinstance(value, OneOf):
            base.append(_stored(low, slot, value.values[0]))
            free.append((index, _chosen(low, slot, value, index, params)))
        else:
            base.append(_stored(low, slot, value))
    result: Expr = Lit(slot.whole, tuple(base))
    for index, expr in free:
        result = Put(result, Lit(slot.index, index), expr)
    return result


def _dead(low: Lowering, slot: Slot) -> Value:
    from kspec.lower.steps.updates import default_literal

    expr = default_literal(low, slot)
    assert isinstance(expr, Lit)
    return expr.value


def _stored(low: Lowering, slot: Slot, value: Pure) -> Value:
    sort = slot.sort
    if isinstance(slot.type, KindT) and isinstance(sort, Opt):
        return (stored(low.shapes, slot.type, value, sort.of),)
    return literal(low.shapes, slot.type, value, sort).value


def _chosen(low: Lowering, slot: Slot, value: OneOf, index: int, params: list[Binder]) -> Expr:
    name = f"{slot.name}[{index}]"
    if value.everybody and _is_all_of(slot.sort, value.values):
        params.append(Binder(name, slot.sort))
        return Local(name, slot.sort)
    sort = Int(0, len(value.values) - 1)
    params.append(Binder(name, sort))
    type_: Type = slot.type
    return encode(low.shapes, type_, Tabled(Local(name, sort), value.values), slot.sort)


def _is_all_of(sort: Sort, values: tuple[Pure, ...]) -> bool:
    """Are these values all that a reference of the sort can be?"""
    id_ = sort.of if isinstance(sort, Opt) else sort
    if not isinstance(id_, Id):
        return False
    here = {Obj(id_.kind, n) for n in range(id_.size)}
    return set(values) == (here | {None} if isinstance(sort, Opt) else here)
