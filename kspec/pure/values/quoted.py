"""Values as expressions of their type, and expressions rewritten all through.

For questions that are made of a program rather than written: `posed` makes such. Nothing is
evaluated here.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TypeVar

import attrs

from kspec.analysis.typed import TExpr, TList, TLit, TMap, TRecord, TSet, TSome, TTuple
from kspec.analysis.types import ListT, MapT, OptT, RecordT, SetT, TupleT, Type
from kspec.base.source import Span
from kspec.pure.values.order import any_order
from kspec.pure.values.value import FrozenMap, Missing, Rec, Value
from kspec.pure.values.world import Tables

T = TypeVar("T")


class NotQuoted(Exception):
    """A value that no expression here stands for."""


def quoted(value: Value, type_: Type, tables: Tables, span: Span) -> TExpr:
    """An expression that has this value, in whatever world. Raises `NotQuoted`."""
    match type_, value:
        case OptT(), None:
            return TLit(None, type_, span)
        case OptT(of), _:
            return TSome(quoted(value, of, tables, span), type_, span)
        case RecordT(name), Rec(_, values):
            fields = zip(tables.records[name].fields, values, strict=True)
            made = ((f.name, quoted(v, f.type, tables, span)) for f, v in fields)
            return TRecord(tuple(made), type_, span)
        case TupleT(types), tuple():
            parts = (quoted(v, t, tables, span) for t, v in zip(types, value, strict=True))
            return TTuple(tuple(parts), type_, span)
        case SetT(of), frozenset():
            items = sorted(value, key=any_order)
            return TSet(tuple(quoted(v, of, tables, span) for v in items), type_, span)
        case ListT(of), tuple():
            return TList(tuple(quoted(v, of, tables, span) for v in value), type_, span)
        case MapT(key, of), FrozenMap() if isinstance(value.default, Missing):
            entries = (
                (quoted(k, key, tables, span), quoted(v, of, tables, span))
                for k, v in sorted(value.items(), key=lambda pair: any_order(pair[0]))
            )
            return TMap(tuple(entries), type_, span)
        case _, bool() | int() | str() | Fraction():
            return TLit(value, type_, span)
        case _:
            raise NotQuoted(f"a value of a type that cannot be written down: {value!r}")


def rewritten(node: T, change: Callable[[object], object]) -> T:
    """A typed tree with `change` applied to every node, inner ones first. What does not change is
    the same object."""
    return _rewritten(node, change)  # type: ignore[return-value]  # `change` keeps kinds of nodes


def _rewritten(node: object, change: Callable[[object], object]) -> object:
    if isinstance(node, tuple):
        parts = tuple(_rewritten(part, change) for part in node)
        return node if all(a is b for a, b in zip(parts, node, strict=True)) else parts
    if not attrs.has(type(node)) or isinstance(node, Span):
        return node
    changed: dict[str, object] = {}
    for field in attrs.fields(type(node)):  # type: ignore[arg-type]  # `has`
        old = getattr(node, field.name)
        new = _rewritten(old, change)
        if new is not old:
            changed[field.name] = new
    return change(attrs.evolve(node, **changed) if changed else node)  # type: ignore[misc]  # `has`


__all__ = ["NotQuoted", "quoted", "rewritten"]
