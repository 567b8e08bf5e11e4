"""Symbolic values to expressions of a sort and back.

`decode` takes an expression apart by its type, `encode` puts a symbolic value into a sort that is
wide enough, `occurring` finds the least such sort. Nothing here knows worlds or bindings.
Next: `apart` for values by the shape of their type, `equality` and `choice` for two of them.
"""

from __future__ import annotations

from typing import assert_never

from kspec.analysis.types import (
    BoolT,
    EnumT,
    IntT,
    KeyT,
    KindT,
    ListT,
    MapT,
    NameT,
    ObjectT,
    OptT,
    RationalT,
    RecordT,
    SetT,
    TimerT,
    TupleT,
    Type,
    UnitT,
)
from kspec.ir.expr import (
    FALSE,
    Expr,
    Lit,
    MakeRecord,
    SetOf,
    Some,
    sort_of,
)
from kspec.ir.sorts import (
    Bool,
    Enum,
    Int,
    Map,
    Opt,
    Record,
    Set,
    Sort,
    cardinality,
)
from kspec.lower.values.convert import converted, object_of
from kspec.lower.values.numbers import as_num
from kspec.lower.values.shapes import (
    NAME,
    OBJECT,
    CannotStore,
    FinerMeasure,
    Shapes,
    least,
    meet,
)
from kspec.lower.values.smart import (
    conj,
    disj,
    get,
    inner_binder,
    is_some,
    ite,
    or_else,
    times,
)
from kspec.lower.values.smart import field as field_expr
from kspec.lower.values.stored import (
    content_type,
    is_value_enum,
    literal,
    optional,
    part_names,
    part_types,
    pure,
    stored,
)
from kspec.lower.values.symbolic import (
    Alternative,
    Bunch,
    Case,
    Clock,
    Flag,
    Ident,
    Known,
    Maybe,
    Num,
    Parts,
    SomeIdent,
    Sym,
    Tabled,
    Whole,
    expressions,
)
from kspec.lower.values.tables import by_cases


def element_sort(shapes: Shapes, type_: Type, sym: Sym) -> Sort:
    """`occurring` of an element of a set or a key of a map."""
    if not shapes.is_interned(type_):
        return occurring(shapes, type_, sym)
    known = by_cases(shapes, sym)
    if known is None:
        raise CannotStore("this has too many values to be an element of a set or a key")
    sort = shapes.element_floor(type_)
    for value in dict.fromkeys((known.value,) if isinstance(known, Known) else known.cases):
        sort = meet(sort, shapes.element(type_, value))
    return sort


def occurring(shapes: Shapes, type_: Type, sym: Sym) -> Sort:
    """The least sort that a symbolic value can be put into.

    Raises `FinerMeasure` where an amount needs a finer measure, `CannotStore` where nothing helps.
    """
    if isinstance(type_, OptT):
        sym = optional(sym)
    match sym:
        case Known(value):
            return shapes.occurring(type_, value)
        case Tabled(_, cases):
            sort = shapes.floor(type_) if not isinstance(type_, IntT) else Int(0, -1)
            for value in dict.fromkeys(cases):
                sort = meet(sort, shapes.occurring(type_, value))
            return sort
        case Flag():
            return Bool()
        case Num():
            return sort_of(measured(shapes, type_, sym))
        case Ident(kind, _) if isinstance(type_, ObjectT):
            return Record(OBJECT, ((kind, Opt(shapes.id(kind))),))
        case Case(expr) | Ident(_, expr) | Whole(expr) | Clock(expr):
            return sort_of(expr)
        case SomeIdent(alternatives):
            kinds = sorted({a.kind for a in alternatives})
            return Record(OBJECT, tuple((k, Opt(shapes.id(k))) for k in kinds))
        case Maybe(present, content):
            of = content_type(type_)
            if present == FALSE:
                return Opt(shapes.floor(of))
            return Opt(occurring(shapes, of, content))
        case Parts(name, parts):
            types = part_types(shapes, type_)
            names = part_names(shapes, type_)
            sorts = (occurring(shapes, t, p) for t, p in zip(types, parts, strict=True))
            return Record(name or "tuple", tuple(zip(names, sorts, strict=True)))
        case Bunch(items):
            assert isinstance(type_, SetT)
            sort = shapes.element_floor(type_.of)
            for _, item in items:
                sort = meet(sort, element_sort(shapes, type_.of, item))
            return Set(sort)
        case _:
            assert_never(sym)


def measured(shapes: Shapes, type_: Type, number: Num) -> Expr:
    """A number in multiples of its type's measure."""
    unit = shapes.unit(type_)
    if number.den is not None or isinstance(type_, RationalT):
        raise CannotStore("the result of a division is a fraction, and no state keeps fractions")
    factor = number.scale / unit
    if factor.denominator != 1:
        if isinstance(type_, UnitT):
            raise FinerMeasure(type_.unit, number.scale)
        raise CannotStore("this may be no whole number")
    return times(number.num, int(factor))


def decode(shapes: Shapes, type_: Type, expr: Expr) -> Sym:
    """What an expression of a stored sort is, by its type."""
    sort = sort_of(expr)
    if is_value_enum(sort):
        assert isinstance(sort, Enum)
        if isinstance(expr, Lit):
            return Known(pure(shapes, type_, expr.value, sort))
        return Tabled(expr, tuple(shapes.codes[c] for c in sort.cases))
    if isinstance(expr, Lit) and not isinstance(sort, Map):
        return Known(pure(shapes, type_, expr.value, sort))
    match type_:
        case BoolT():
            return Flag(expr)
        case IntT() | UnitT():
            return Num(expr, shapes.unit(type_))
        case NameT() | KeyT():
            assert isinstance(sort, Enum)
            return Tabled(expr, sort.cases, expr)
        case EnumT():
            return Case(expr)
        case KindT(name):
            if isinstance(sort, Opt):
                return Ident(name, or_else(expr, Lit(sort.of, 0)))
            return Ident(name, expr)
        case ObjectT():
            assert isinstance(sort, Record)
            return SomeIdent(tuple(_alternative(expr, kind, s) for kind, s in sort.fields))
        case OptT(of):
            assert isinstance(sort, Opt)
            if cardinality(sort.of) == 0:
                return Maybe(FALSE, Known(None))
            content = or_else(expr, Lit(sort.of, least(sort.of)))
            return Maybe(is_some(expr), decode(shapes, of, content))
        case RecordT(name):
            fields = shapes.tables.records[name].fields
            return Parts(
                name, tuple(decode(shapes, f.type, field_expr(expr, f.name)) for f in fields)
            )
        case TupleT(types):
            return Parts(
                "", tuple(decode(shapes, t, field_expr(expr, str(i))) for i, t in enumerate(types))
            )
        case SetT() | ListT() | MapT():
            return Whole(expr)
        case TimerT():
            return Clock(expr)
        case _:
            raise CannotStore(f"{type_} in a state")


def _alternative(expr: Expr, kind: str, sort: Sort) -> Alternative:
    part = field_expr(expr, kind)
    assert isinstance(sort, Opt)
    if cardinality(sort.of) == 0:
        return Alternative(kind, FALSE, Lit(sort.of, 0))
    return Alternative(kind, is_some(part), or_else(part, Lit(sort.of, 0)))


def encode(shapes: Shapes, type_: Type, sym: Sym, target: Sort) -> Expr:
    """An expression of the value in a sort; numbers keep their own interval."""
    if isinstance(type_, KindT) and isinstance(target, Opt):
        return Some(encode(shapes, type_, sym, target.of))
    if is_value_enum(target):
        return _encode_interned(shapes, type_, sym, target)
    if isinstance(type_, OptT):
        sym = optional(sym)
    match sym:
        case Known(value):
            return literal(shapes, type_, value, target)
        case Tabled():
            return _encode_tabled(shapes, type_, sym, target)
        case Flag(expr) | Case(expr) | Ident(_, expr) if not isinstance(target, Record):
            return expr
        case Num():
            return measured(shapes, type_, sym)
        case Clock(expr) | Whole(expr):
            return converted(expr, target)
        case Ident(kind, expr):
            return object_of(target, {kind: Some(expr)})
        case SomeIdent(alternatives):
            nothing = {a.kind: Lit(Opt(sort_of(a.expr)), None) for a in alternatives}
            return object_of(
                target,
                {a.kind: ite(a.cond, Some(a.expr), nothing[a.kind]) for a in alternatives},
            )
        case Maybe(present, content):
            assert isinstance(target, Opt)
            nothing_ = Lit(target, None)
            if present == FALSE:
                return nothing_
            held = encode(shapes, content_type(type_), content, target.of)
            return ite(present, Some(held), nothing_)
        case Parts(_, parts):
            return _encode_parts(shapes, type_, parts, target)
        case Bunch(items):
            # Equality itself puts values into sorts, so that the two need each other.
            from kspec.lower.values.equality import equal

            assert isinstance(target, Set) and isinstance(type_, SetT)
            for _, item in items:
                # An element may be out of range: the set's sort is as wide as its elements.
                target = Set(meet(target.of, element_sort(shapes, type_.of, item)))
            whole: Expr = Lit(target, frozenset())
            inside = [e for c, item in items for e in (c, *expressions(item))]
            binder, local = inner_binder("e", target.of, inside)
            of = decode(shapes, type_.of, local)
            cond = disj(conj((c, equal(shapes, type_.of, item, of))) for c, item in items)
            return whole if cond == FALSE else SetOf(binder, cond)
        case _:
            raise CannotStore(f"{type_} cannot be kept in a state")


def _encode_interned(shapes: Shapes, type_: Type, sym: Sym, target: Sort) -> Expr:
    known = by_cases(shapes, sym)
    if known is None:
        raise CannotStore("this has too many values to be an element of a set or a key")
    if isinstance(known, Known):
        return literal(shapes, type_, known.value, target)
    codes = tuple(shapes.code(type_, value) for value in known.cases)
    return get(Lit(Map(sort_of(known.index), target), codes), known.index)


def _encode_parts(shapes: Shapes, type_: Type, parts: tuple[Sym, ...], target: Sort) -> Expr:
    assert isinstance(target, Record)
    types = part_types(shapes, type_)
    whole = zip(types, parts, target.fields, strict=True)
    args = tuple(encode(shapes, t, p, s) for t, p, (_, s) in whole)
    # A number may be outside its range: the record's sort is as wide as the number.
    own = tuple((n, sort_of(a)) for (n, _), a in zip(target.fields, args, strict=True))
    return MakeRecord(Record(target.name, own), args)


def _encode_tabled(shapes: Shapes, type_: Type, sym: Tabled, target: Sort) -> Expr:
    index = sort_of(sym.index)
    if isinstance(target, Enum) and target.name == NAME and sym.native is not None:
        return converted(sym.native, target)
    if isinstance(type_, IntT | UnitT):
        return measured(shapes, type_, as_num(shapes, sym))
    is_same = isinstance(type_, BoolT | EnumT | KindT) and not isinstance(target, Record)
    if is_same and sym.native is not None:
        return sym.native
    whole = target
    for value in dict.fromkeys(sym.cases):
        whole = meet(whole, shapes.occurring(type_, value))
    cases = tuple(stored(shapes, type_, value, whole) for value in sym.cases)
    return get(Lit(Map(index, whole), cases), sym.index)
