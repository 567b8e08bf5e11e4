"""Equality of symbolic values of one type, and membership in sets. Next: `choice`."""

from __future__ import annotations

from kspec.analysis.types import (
    BoolT,
    EnumT,
    IntT,
    JsonT,
    KeyT,
    KindT,
    NameT,
    ObjectT,
    OptT,
    RationalT,
    RecordT,
    SetT,
    TupleT,
    Type,
    UnitT,
)
from kspec.ir.expr import (
    FALSE,
    TRUE,
    Expr,
    Lit,
    sort_of,
)
from kspec.ir.sorts import (
    Bool,
    Enum,
    Map,
    Set,
    Sort,
    cardinality,
    values,
)
from kspec.lower.values.apart import as_alternatives, as_case, as_flag, as_maybe, as_parts
from kspec.lower.values.codec import element_sort, encode, occurring
from kspec.lower.values.convert import narrowed
from kspec.lower.values.numbers import aligned, as_num
from kspec.lower.values.shapes import (
    CannotStore,
    Shapes,
    meet,
)
from kspec.lower.values.smart import (
    conj,
    disj,
    eq,
    get,
    neg,
)
from kspec.lower.values.smart import contains as contains_expr
from kspec.lower.values.stored import is_value_enum, part_types, pure
from kspec.lower.values.symbolic import (
    Bunch,
    Known,
    Sym,
    Tabled,
    Whole,
)
from kspec.lower.values.tables import by_cases
from kspec.pure.values.order import any_order
from kspec.pure.values.value import Value as Pure


def equal(shapes: Shapes, type_: Type, a: Sym, b: Sym) -> Expr:
    """Equality of two values of one type."""
    if isinstance(a, Known) and isinstance(b, Known):
        return TRUE if a.value == b.value else FALSE
    if isinstance(a, Known):
        a, b = b, a
    if isinstance(a, Tabled) and isinstance(b, Known) and a.native is None:
        return get(
            Lit(Map(sort_of(a.index), Bool()), tuple(c == b.value for c in a.cases)), a.index
        )
    match type_:
        case BoolT():
            return eq(as_flag(shapes, a), as_flag(shapes, b))
        case IntT() | UnitT() | RationalT():
            left, right = aligned(as_num(shapes, a), as_num(shapes, b))
            return eq(left, right)
        case NameT() | KeyT():
            return _equal_names(shapes, a, b)
        case EnumT():
            return eq(as_case(shapes, type_, a), as_case(shapes, type_, b))
        case KindT() | ObjectT():
            return equal_objects(shapes, a, b)
        case OptT(of):
            x, y = as_maybe(shapes, a), as_maybe(shapes, b)
            if FALSE in (x.present, y.present):
                return conj((neg(x.present), neg(y.present)))
            same = conj((x.present, y.present, equal(shapes, of, x.content, y.content)))
            if TRUE in (x.present, y.present):
                return same
            return disj((same, conj((neg(x.present), neg(y.present)))))
        case RecordT() | TupleT():
            types = part_types(shapes, type_)
            xs, ys = as_parts(shapes, type_, a), as_parts(shapes, type_, b)
            return conj(equal(shapes, t, x, y) for t, x, y in zip(types, xs, ys, strict=True))
        case SetT(of) if isinstance(a, Bunch) or isinstance(b, Bunch):
            return _equal_bunches(shapes, of, a, b)
        case JsonT():
            raise CannotStore("documents cannot be compared in a state")
        case _:
            sort = meet(occurring(shapes, type_, a), occurring(shapes, type_, b))
            return eq(encode(shapes, type_, a, sort), encode(shapes, type_, b, sort))


def equal_objects(shapes: Shapes, a: Sym, b: Sym) -> Expr:
    """Are these one identity? Either may be of any kind."""
    if (isinstance(a, Known) and a.value is None) or (isinstance(b, Known) and b.value is None):
        return FALSE
    xs, ys = as_alternatives(shapes, a), as_alternatives(shapes, b)
    return disj(
        conj((x.cond, y.cond, eq(x.expr, y.expr))) for x in xs for y in ys if x.kind == y.kind
    )


def _equal_names(shapes: Shapes, a: Sym, b: Sym) -> Expr:
    xs, ys = occurring(shapes, NameT(), a), occurring(shapes, NameT(), b)
    assert isinstance(xs, Enum) and isinstance(ys, Enum)
    if not set(xs.cases) & set(ys.cases):
        return FALSE
    if isinstance(b, Known):
        return eq(encode(shapes, NameT(), a, xs), Lit(xs, _text(b.value)))
    both = meet(xs, ys)
    return eq(encode(shapes, NameT(), a, both), encode(shapes, NameT(), b, both))


def _text(value: Pure) -> str:
    assert isinstance(value, str)
    return value


def bunch(shapes: Shapes, of: Type, sym: Sym) -> Bunch:
    """A set by what may be in it."""
    match sym:
        case Bunch():
            return sym
        case Known(frozenset() as items):
            return Bunch(tuple((TRUE, Known(i)) for i in in_order(items)))
        case Tabled(index, cases):
            sort = sort_of(index)
            everything = in_order(
                frozenset().union(*(c for c in cases if isinstance(c, frozenset)))
            )
            return Bunch(
                tuple((_membership(sort, index, cases, item), Known(item)) for item in everything)
            )
        case Whole(expr):
            whole = sort_of(expr)
            assert isinstance(whole, Set)
            return Bunch(
                tuple(
                    (contains_expr(expr, Lit(whole.of, v)), Known(pure(shapes, of, v, whole.of)))
                    for v in values(whole.of)
                )
            )
        case _:
            raise TypeError(f"no set: {sym}")


def _membership(sort: Sort, index: Expr, cases: tuple[Pure, ...], item: Pure) -> Expr:
    flags = tuple(isinstance(c, frozenset) and item in c for c in cases)
    return get(Lit(Map(sort, Bool()), flags), index)


def in_order(items: frozenset[Pure]) -> list[Pure]:
    """The elements in an order that is the same every time."""
    return sorted(items, key=any_order)


def _equal_bunches(shapes: Shapes, of: Type, a: Sym, b: Sym) -> Expr:
    xs, ys = bunch(shapes, of, a), bunch(shapes, of, b)
    return conj((_all_in(shapes, of, xs, ys), _all_in(shapes, of, ys, xs)))


def _all_in(shapes: Shapes, of: Type, xs: Bunch, ys: Bunch) -> Expr:
    return conj(
        disj((neg(c), disj(conj((d, equal(shapes, of, x, y))) for d, y in ys.items)))
        for c, x in xs.items
    )


def member(shapes: Shapes, of: Type, item: Sym, whole: Sym) -> Expr:
    """Is a value in a set?"""
    if isinstance(whole, Whole):
        sort = sort_of(whole.expr)
        assert isinstance(sort, Set)
        if cardinality(sort.of) == 0:
            return FALSE
        if is_value_enum(sort.of) and by_cases(shapes, item) is None:
            items = bunch(shapes, of, whole).items
            return disj(conj((c, equal(shapes, of, item, x))) for c, x in items)
        seen = element_sort(shapes, of, item)
        inside, narrow = narrowed(encode(shapes, of, item, seen), sort.of)
        return conj((inside, contains_expr(whole.expr, narrow)))
    items = bunch(shapes, of, whole).items
    return disj(conj((c, equal(shapes, of, item, x))) for c, x in items)
