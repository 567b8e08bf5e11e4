"""Expressions that are the same in every state, by evaluating them: defaults, ranges, first
values. Next: `expr` for the others.
"""

from __future__ import annotations

from kspec.analysis.typed import (
    OverKind,
    OverType,
    TCall,
    TExpr,
    TLookup,
    TRefField,
    TState,
)
from kspec.analysis.types import KindT, MapT, NameT, Type
from kspec.base.node import nodes
from kspec.lower.context import CannotLower, Lowering
from kspec.lower.values.symbolic import Known, Sym
from kspec.pure.evaluation import finite
from kspec.pure.evaluation.evaluate import stored
from kspec.pure.values.value import Value
from kspec.pure.values.world import EMPTY, Context, EvaluationError


def constants(low: Lowering) -> Context:
    """A context in which only parameters mean anything."""
    return Context(low.static.tables, low.params, EMPTY, EMPTY, names=low.universe)


def value_of(low: Lowering, expr: TExpr, type_: Type) -> Value:
    """The value of an expression that reads no world, in a place of a type."""
    if reads_world(low, expr):
        raise CannotLower(
            "this depends on the state, and stands where only a constant can", expr.span
        )
    try:
        return stored(expr, type_, constants(low))
    except EvaluationError as error:
        raise CannotLower(error.message, error.span or expr.span) from error


def reads_world(low: Lowering, expr: TExpr) -> bool:
    """May the value depend on the state?"""
    done: set[str] = set()
    todo: list[object] = [expr]
    while todo:
        here = todo.pop()
        for call in nodes(here, TCall):
            if call.function not in done:
                done.add(call.function)
                todo.append(low.static.tables.functions[call.function].body)
        for over in nodes(here, OverType):
            if isinstance(over.type, NameT | KindT):
                return True
        reading = (OverKind, TLookup, TRefField, TState)
        if any(next(iter(nodes(here, kind)), None) is not None for kind in reading):
            return True
    return False


def least_value(low: Lowering, type_: Type) -> Value:
    """The least value of a type."""
    return finite.least(type_, constants(low))


def initial_of(low: Lowering, name: str) -> Sym:
    """What a state variable begins with."""
    decl, _ = low.static.tables.state[name]
    return Known(value_of(low, decl.init, decl.type))


def total_default(type_: Type, value: Value) -> Value | None:
    """What a total map has where nothing was written; None for other values."""
    from kspec.pure.values.value import FrozenMap, Missing

    if isinstance(type_, MapT) and type_.total and isinstance(value, FrozenMap):
        return None if isinstance(value.default, Missing) else value.default
    return None
