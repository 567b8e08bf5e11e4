"""Orders of values: the one that `<` means, and one of everything for equal output.

`rank` follows the language: numbers by size, names as text, enums by declaration, tuples
lexicographically. `any_order` has no meaning; it makes iteration over sets repeatable. Identities
have no order in the language: pool order, which binders over a kind follow, is `any_order`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any, TypeAlias

from kspec.analysis.types import BoolT, EnumT, ListT, OptT, RecordT, SetT, TupleT, Type
from kspec.pure.values.cast import as_set, as_tuple
from kspec.pure.values.value import Doc, FrozenMap, Obj, Rec, Value
from kspec.pure.values.world import Tables

Comparable: TypeAlias = Any
"""What Python can compare with its like; the values of one type give comparable ones."""


def rank(type_: Type, tables: Tables) -> Callable[[Value], Comparable]:
    """What to compare values of this type by; everything else than scalars and tuples of them
    gets a fixed order without meaning."""
    match type_:
        case EnumT(_, cases):
            places = {case: place for place, case in enumerate(cases)}
            return lambda value: places.get(str(value), len(places))
        case BoolT():
            return bool
        case TupleT(parts):
            ranks = tuple(rank(part, tables) for part in parts)
            return lambda value: tuple(r(v) for r, v in zip(ranks, as_tuple(value), strict=True))
        case OptT(of):
            inner = rank(of, tables)
            return lambda value: (0,) if value is None else (1, inner(value))
        case ListT(of, _):
            inner = rank(of, tables)
            return lambda value: tuple(inner(item) for item in as_tuple(value))
        case SetT(of):
            inner = rank(of, tables)
            return lambda value: sorted(inner(item) for item in as_set(value))
        case RecordT(name):
            return _record_rank(name, tables)
        case _:
            return any_order


def _record_rank(name: str, tables: Tables) -> Callable[[Value], Comparable]:
    declared = tables.records.get(name)
    if declared is None:
        return any_order
    ranks = tuple(rank(field.type, tables) for field in declared.fields)

    def of(value: Value) -> Comparable:
        values = value.values if isinstance(value, Rec) else ()
        return tuple(r(v) for r, v in zip(ranks, values, strict=True))

    return of


def any_order(value: Value) -> Comparable:
    """A total order of all values: by kind of value, then by content."""
    match value:
        case None:
            return (0,)
        case bool() | int() | Fraction():
            return (1, value)
        case str():
            return (2, value)
        case Obj(kind, index):
            return (3, kind, index)
        case tuple():
            return (4, tuple(any_order(item) for item in value))
        case Rec(name, values):
            return (5, name, tuple(any_order(item) for item in values))
        case frozenset():
            return (6, sorted(any_order(item) for item in value))
        case FrozenMap():
            entries = ((any_order(k), any_order(v)) for k, v in value.items())
            return (7, sorted(entries))
        case Doc(data):
            return (8, repr(data))


def in_order(values: Iterable[Value], type_: Type, tables: Tables) -> list[Value]:
    """Values of one type, each where `rank` puts it."""
    return sorted(values, key=rank(type_, tables))
