"""The names of a scope: those inside values, those that a formula writes, and one that is none of
them. What a quantifier over names goes through, where the scope has to be finite.
"""

from __future__ import annotations

from collections.abc import Iterator

from kspec.analysis.typed import Program, TCall, TExpr, TLit
from kspec.analysis.types import KeyT, ListT, MapT, NameT, OptT, RecordT, SetT, TupleT, Type
from kspec.base.node import nodes
from kspec.pure.scopes.scope import OneOf, Scope
from kspec.pure.values.value import FrozenMap, Missing, Rec, Value
from kspec.pure.values.world import Tables

SOMETHING_ELSE = "something-else"
"""The name that stands for all that nobody writes; primes are added where somebody does."""


def names_in(tables: Tables, type_: Type, value: Value) -> Iterator[str]:
    """Every name inside a value of a type."""
    match type_, value:
        case ((NameT() | KeyT()), str()):
            yield value
        case OptT(of), _ if value is not None:
            yield from names_in(tables, of, value)
        case ((SetT(of) | ListT(of)), (frozenset() | tuple())):
            for part in value:
                yield from names_in(tables, of, part)
        case TupleT(types), tuple():
            for t, part in zip(types, value, strict=True):
                yield from names_in(tables, t, part)
        case RecordT(name), Rec(_, parts):
            for field, part in zip(tables.records[name].fields, parts, strict=True):
                yield from names_in(tables, field.type, part)
        case MapT(key, of), FrozenMap():
            for k, v in value.items():
                yield from names_in(tables, key, k)
                yield from names_in(tables, of, v)
            if not isinstance(value.default, Missing):
                yield from names_in(tables, of, value.default)
        case _:
            return


def vocabulary(scope: Scope, formula: TExpr) -> tuple[str, ...]:
    """The names of the scope's objects and parameters, those written in the formula and in the
    functions that it calls, and one more; in order."""
    tables = Tables(scope.program)
    found = {*_of_objects(scope, tables), *_of_parameters(scope, tables)}
    for expr in reached(formula, scope.program):
        found.update(_written(expr))
    other = SOMETHING_ELSE
    while other in found:
        other += "'"
    return (*sorted(found), other)


def _written(expr: TExpr) -> Iterator[str]:
    for literal in nodes(expr, TLit):
        assert isinstance(literal, TLit)
        of = literal.type.of if isinstance(literal.type, OptT) else literal.type
        if isinstance(of, NameT | KeyT) and isinstance(literal.value, str):
            yield literal.value


def _of_objects(scope: Scope, tables: Tables) -> Iterator[str]:
    for obj in scope.objects:
        for name, initial in obj.fields:
            type_ = tables.fields[obj.kind][name].type
            for value in initial.values if isinstance(initial, OneOf) else (initial,):
                yield from names_in(tables, type_, value)


def _of_parameters(scope: Scope, tables: Tables) -> Iterator[str]:
    for name, value in scope.params:
        yield from names_in(tables, tables.params[name].type, value)


def reached(formula: TExpr, program: Program) -> tuple[TExpr, ...]:
    """The formula and the bodies of all functions that it calls, each once."""
    tables = Tables(program)
    done: dict[str, TExpr] = {}
    waiting: list[TExpr] = [formula]
    while waiting:
        for called in _calls(waiting.pop()):
            if called not in done and called in tables.functions:
                done[called] = tables.functions[called].body
                waiting.append(done[called])
    universes = (u.value for u in program.universes)
    return (formula, *done.values(), *universes)


def _calls(expr: TExpr) -> Iterator[str]:
    for call in nodes(expr, TCall):
        assert isinstance(call, TCall)
        yield call.function


__all__ = ["SOMETHING_ELSE", "names_in", "reached", "vocabulary"]
