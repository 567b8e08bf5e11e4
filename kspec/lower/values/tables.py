"""Operations on values that are known case by case: they fold to tables.

This is how operations on names disappear before there is a state (rule 17). Nothing here knows
what an operation does: it is a function of pure values.
Next: `expressions.expr`, which uses it for names.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Final

from kspec.analysis.types import JsonT, KeyT, NameT, Type
from kspec.ir.expr import FALSE, Expr, Lit, sort_of
from kspec.ir.sorts import Bool, Enum, Int, Map, Sort, cardinality, values
from kspec.lower.values.shapes import NAME, CannotStore, Shapes
from kspec.lower.values.smart import get
from kspec.lower.values.symbolic import Case, Flag, Known, Maybe, Num, Parts, Sym, Tabled
from kspec.pure.values.order import any_order
from kspec.pure.values.value import Rec, Value

MOST: Final = 50_000
"""The most cases of one table."""
MOST_JOINED: Final = 1_024
"""The most cases of a record that is joined of its parts."""


class TooManyCases(CannotStore):
    """A table would be too long."""


def by_cases(shapes: Shapes, sym: Sym) -> Known | Tabled | None:
    """The value by cases, if it is a scalar with few values; None if it is not known so."""
    match sym:
        case Known() | Tabled():
            return sym
        case Flag(expr):
            return Tabled(expr, (False, True))
        case Case(expr):
            sort = sort_of(expr)
            assert isinstance(sort, Enum)
            return Tabled(expr, sort.cases)
        case Num(num, scale, None) if cardinality(sort_of(num)) <= MOST:
            numbers = [n for n in values(sort_of(num)) if isinstance(n, int)]
            if scale == 1:
                return Tabled(num, tuple(numbers))
            return Tabled(num, tuple(n * scale for n in numbers))
        case Parts(name, parts):
            return _joined(shapes, tuple(parts), lambda *vs: Rec(name, vs) if name else vs)
        case Maybe(present, content):
            if present == FALSE:
                return Known(None)
            both = (Flag(present), content)
            return _joined(shapes, both, lambda is_there, v: v if is_there else None)
        case _:
            return None


def _joined(
    shapes: Shapes, parts: tuple[Sym, ...], function: Callable[..., Value]
) -> Known | Tabled | None:
    """A value of parts by the cases of all parts; None if one is not known so, or they are many."""
    known = [by_cases(shapes, part) for part in parts]
    size = 1
    for part in known:
        if part is None:
            return None
        size *= len(part.cases) if isinstance(part, Tabled) else 1
    if size > MOST_JOINED:
        return None
    whole = folded(shapes, function, tuple(k for k in known if k is not None), JsonT())
    assert isinstance(whole, Known | Tabled | Flag)
    return by_cases(shapes, whole)


def tabled(index: Expr, cases: tuple[Value, ...]) -> Known | Tabled:
    """A value by cases; known if there is only one, whatever the index."""
    if cases and all(c == cases[0] and type(c) is type(cases[0]) for c in cases):
        return Known(cases[0])
    return Tabled(index, cases)


def folded(
    shapes: Shapes, function: Callable[..., Value], args: tuple[Known | Tabled, ...], type_: Type
) -> Sym:
    """A function of values that are known case by case."""
    indices: dict[Expr, int] = {}
    for arg in args:
        if isinstance(arg, Tabled):
            indices.setdefault(arg.index, len(arg.cases))
    size = 1
    for n in indices.values():
        size *= n
    if size > MOST:
        raise TooManyCases(f"this has {size} cases, too many to be listed")

    def value(places: dict[Expr, int]) -> Value:
        return function(
            *(a.value if isinstance(a, Known) else a.cases[places[a.index]] for a in args)
        )

    order = list(indices)
    combos = product(*(range(indices[i]) for i in order))
    results = [value(dict(zip(order, combo, strict=True))) for combo in combos]
    if not order:
        return Known(results[0])
    if len(order) == 1:
        return tabled(order[0], tuple(results))
    return _nested(order, results, type_)


def _nested(order: list[Expr], results: list[Value], type_: Type) -> Sym:
    """A value by several indices: its place among the different values, in a nested table."""
    cases = tuple(sorted(set(results), key=any_order))
    if len(cases) == 1:
        return Known(cases[0])
    names = tuple(c for c in cases if isinstance(c, str))
    inner: Sort
    if isinstance(type_, NameT | KeyT):
        inner = Enum(NAME, names)
        places: list[object] = [r for r in results]
    elif set(cases) <= {True, False} and all(isinstance(c, bool) for c in cases):
        inner = Bool()
        places = list(results)
    else:
        inner = Int(0, len(cases) - 1)
        where = {c: i for i, c in enumerate(cases)}
        places = [where[r] for r in results]
    table: list[object] = places
    for index in reversed(order):
        sort = sort_of(index)
        n = cardinality(sort)
        table = [tuple(table[i : i + n]) for i in range(0, len(table), n)]
        inner = Map(sort, inner)
    (whole,) = table
    expr: Expr = Lit(inner, whole)  # type: ignore[arg-type]  # nested tuples of scalars
    for index in order:
        expr = get(expr, index)
    if isinstance(sort_of(expr), Bool):
        return Flag(expr)
    if isinstance(type_, NameT | KeyT):
        return Tabled(expr, cases, expr)
    return tabled(expr, cases)
