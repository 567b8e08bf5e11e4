"""Symbolic values to expressions of a sort and back, and what needs both: equality and choice.

`decode` takes an expression apart by its type, `encode` puts a symbolic value into a sort that is
wide enough, `occurring` finds the least such sort. Nothing here knows worlds or bindings.
Next: `tables` for operations on values that are known case by case.
"""

from __future__ import annotations

from fractions import Fraction
from typing import assert_never

from kspec.analysis.types import (
    BoolT,
    EnumT,
    IntT,
    JsonT,
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
from kspec.ir.build import clamp
from kspec.ir.expr import (
    FALSE,
    TRUE,
    ArithOp,
    At,
    Binder,
    Concat,
    Expr,
    Len,
    Lit,
    Local,
    MakeMap,
    MakeRecord,
    MakeSeq,
    SetOf,
    Some,
    sort_of,
)
from kspec.ir.sorts import (
    Bool,
    Enum,
    Id,
    Int,
    Map,
    Opt,
    Record,
    Seq,
    Set,
    Sort,
    Value,
    cardinality,
    values,
)
from kspec.lower.shapes import (
    INTERNED,
    NAME,
    OBJECT,
    CannotStore,
    FinerMeasure,
    Shapes,
    common_measure,
    least,
    measure_of_both,
    meet,
)
from kspec.lower.smart import (
    all_of,
    arith,
    conj,
    disj,
    eq,
    get,
    is_some,
    ite,
    le,
    lit,
    lt,
    neg,
    or_else,
    some_of,
    times,
)
from kspec.lower.smart import contains as contains_expr
from kspec.lower.smart import field as field_expr
from kspec.lower.symbolic import (
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
)
from kspec.lower.tables import by_cases, tabled
from kspec.pure.order import any_order
from kspec.pure.value import FrozenMap, Obj, Rec
from kspec.pure.value import Value as Pure

# ---- pure values and values of sorts ------------------------------------------------------------


def stored(shapes: Shapes, type_: Type, value: Pure, sort: Sort) -> Value:
    """A pure value as a value of a sort that has it."""
    if is_value_enum(sort):
        return shapes.code(type_, value)
    match type_, value, sort:
        case TimerT(), None, _:
            return None if shapes.timed else "off"
        case TimerT(), _, _:
            if not shapes.timed:
                return "due" if value == 0 else "running"
            assert isinstance(sort, Opt)
            return (stored(shapes, UnitT("duration"), value, sort.of),)
        case OptT(), None, _:
            return None
        case OptT(of), _, Opt(inner):
            return (stored(shapes, of, value, inner),)
        case _, bool(), _:
            return value
        case ((IntT() | UnitT()), (int() | Fraction()), _):
            return shapes.measured(type_, value)
        case _, str(), _:
            return value
        case _, Obj(_, index), Id():
            return index
        case _, Obj(kind, index), Record(_, fields):
            return tuple((index,) if name == kind else None for name, _ in fields)
        case RecordT(name), Rec(_, parts), Record(_, fields):
            types = [f.type for f in shapes.tables.records[name].fields]
            whole = zip(types, parts, fields, strict=True)
            return tuple(stored(shapes, t, v, s) for t, v, (_, s) in whole)
        case TupleT(types), tuple(), Record(_, fields):
            whole = zip(types, value, fields, strict=True)
            return tuple(stored(shapes, t, v, s) for t, v, (_, s) in whole)
        case SetT(of), frozenset(), Set(inner):
            return frozenset(stored(shapes, of, v, inner) for v in value)
        case ListT(of, _), tuple(), Seq(inner, _):
            return tuple(stored(shapes, of, v, inner) for v in value)
        case MapT(key, of, total), FrozenMap(), Map(keys, inner):
            return tuple(
                _entry(shapes, of, total, value, pure(shapes, key, k, keys), inner)
                for k in values(keys)
            )
        case _:
            raise CannotStore(f"{value!r} cannot be kept in a state")


def _entry(
    shapes: Shapes, of: Type, total: bool, entries: FrozenMap, key: Pure, sort: Sort
) -> Value:
    if not total:
        found = entries.get(key)
        return stored(shapes, of if isinstance(of, OptT) else OptT(of), found, sort)
    if key in entries:
        return stored(shapes, of, entries[key], sort)
    return least(sort)


def pure(shapes: Shapes, type_: Type, value: Value, sort: Sort) -> Pure:
    """A value of a sort as a pure value: the inverse of `stored`."""
    if is_value_enum(sort):
        assert isinstance(value, str)
        return shapes.codes[value]
    match type_, value, sort:
        case TimerT(), None, _:
            return None
        case TimerT(), tuple(), Opt(inner):
            return pure(shapes, UnitT("duration"), value[0], inner)
        case OptT(), None, _:
            return None
        case OptT(of), tuple(), Opt(inner):
            return pure(shapes, of, value[0], inner)
        case UnitT(), int(), _:
            return value * shapes.unit(type_)
        case _, int(), Id(kind, _):
            return Obj(kind, value)
        case KindT(), tuple(), Opt(inner):
            return pure(shapes, type_, value[0], inner)
        case _, (bool() | int() | str()), _:
            return value
        case ObjectT(), tuple(), Record(_, fields):
            for part, (kind, _) in zip(value, fields, strict=True):
                if isinstance(part, tuple):
                    (index,) = part
                    assert isinstance(index, int)
                    return Obj(kind, index)
            return None
        case RecordT(name), tuple(), Record(_, fields):
            types = [f.type for f in shapes.tables.records[name].fields]
            whole = zip(types, value, fields, strict=True)
            return Rec(name, tuple(pure(shapes, t, v, s) for t, v, (_, s) in whole))
        case TupleT(types), tuple(), Record(_, fields):
            whole = zip(types, value, fields, strict=True)
            return tuple(pure(shapes, t, v, s) for t, v, (_, s) in whole)
        case SetT(of), frozenset(), Set(inner):
            return frozenset(pure(shapes, of, v, inner) for v in value)
        case ListT(of, _), tuple(), Seq(inner, _):
            return tuple(pure(shapes, of, v, inner) for v in value)
        case _:
            raise CannotStore(f"{value!r} of {sort} as {type_}")


def is_value_enum(sort: Sort) -> bool:
    """Is this an enumeration of interned values?"""
    return isinstance(sort, Enum) and sort.name.startswith(INTERNED)


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


def literal(shapes: Shapes, type_: Type, value: Pure, sort: Sort) -> Lit:
    """A literal of a sort, which is widened where a number is out of its range."""
    if type_ == BoolT():
        return TRUE if value else FALSE
    if is_value_enum(sort):
        return Lit(sort, shapes.code(type_, value))
    if isinstance(sort, Int):
        assert isinstance(value, int | Fraction)
        return lit(shapes.measured(type_, value))
    whole = meet(sort, shapes.occurring(type_, value))
    return Lit(whole, stored(shapes, type_, value, whole))


# ---- what occurs --------------------------------------------------------------------------------


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
            of = _content_type(type_)
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


def optional(sym: Sym) -> Sym:
    """A value of an option type, as an option where it is one that is always there."""
    if isinstance(sym, Known | Maybe) or (isinstance(sym, Tabled) and None in sym.cases):
        return sym
    return Maybe(TRUE, sym)


def _content_type(type_: Type) -> Type:
    return type_.of if isinstance(type_, OptT) else type_


def part_types(shapes: Shapes, type_: Type) -> tuple[Type, ...]:
    """The types of the parts of a record or tuple."""
    match type_:
        case RecordT(name):
            return tuple(f.type for f in shapes.tables.records[name].fields)
        case TupleT(types):
            return types
        case _:
            raise TypeError(f"no parts in {type_}")


def part_names(shapes: Shapes, type_: Type) -> tuple[str, ...]:
    """The names of the parts of a record or tuple."""
    match type_:
        case RecordT(name):
            return tuple(f.name for f in shapes.tables.records[name].fields)
        case TupleT(types):
            return tuple(str(i) for i in range(len(types)))
        case _:
            raise TypeError(f"no parts in {type_}")


# ---- taking expressions apart -------------------------------------------------------------------


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


# ---- putting values into a sort -----------------------------------------------------------------


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
            return _object(target, {kind: Some(expr)})
        case SomeIdent(alternatives):
            nothing = {a.kind: Lit(Opt(sort_of(a.expr)), None) for a in alternatives}
            return _object(
                target,
                {a.kind: ite(a.cond, Some(a.expr), nothing[a.kind]) for a in alternatives},
            )
        case Maybe(present, content):
            assert isinstance(target, Opt)
            nothing_ = Lit(target, None)
            if present == FALSE:
                return nothing_
            held = encode(shapes, _content_type(type_), content, target.of)
            return ite(present, Some(held), nothing_)
        case Parts(_, parts):
            return _encode_parts(shapes, type_, parts, target)
        case Bunch(items):
            assert isinstance(target, Set) and isinstance(type_, SetT)
            whole: Expr = Lit(target, frozenset())
            binder, local = Binder("e", target.of), Local("e", target.of)
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


def _object(target: Sort, given: dict[str, Expr]) -> Expr:
    assert isinstance(target, Record)
    return MakeRecord(
        target, tuple(given.get(name, Lit(sort, None)) for name, sort in target.fields)
    )


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
    if isinstance(type_, BoolT | EnumT | KindT) and sym.native is not None:
        if not isinstance(target, Record):
            return sym.native
    whole = target
    for value in dict.fromkeys(sym.cases):
        whole = meet(whole, shapes.occurring(type_, value))
    cases = tuple(stored(shapes, type_, value, whole) for value in sym.cases)
    return get(Lit(Map(index, whole), cases), sym.index)


def converted(expr: Expr, to: Sort) -> Expr:
    """An expression in a sort that has its values: names and keys are mapped, numbers are not."""
    have = sort_of(expr)
    if _fits(have, to):
        return expr
    if isinstance(expr, Lit):
        return Lit(meet(have, to), _converted_value(expr.value, have, to))
    match have, to:
        case Enum(_, cases), Enum(_, wanted):
            fallback = wanted[0] if wanted else None
            if fallback is None:
                raise CannotStore("there is no name for this")
            return get(
                Lit(Map(have, to), tuple(c if c in wanted else fallback for c in cases)), expr
            )
        case Opt(a), Opt(b):
            if cardinality(a) == 0:
                return Lit(to, None)
            inner = converted(or_else(expr, Lit(a, least(a))), b)
            return ite(is_some(expr), Some(inner), Lit(to, None))
        case Record("object", xs), Record("object", _):
            return _object(to, {name: field_expr(expr, name) for name, _ in xs})
        case Record(), Record(name, fields):
            args = tuple(converted(field_expr(expr, n), s) for n, s in fields)
            own = tuple((n, sort_of(a)) for (n, _), a in zip(fields, args, strict=True))
            return MakeRecord(Record(name, own), args)
        case Set(a), Set(b):
            binder, local = Binder("e", b), Local("e", b)
            inside, narrow = narrowed(local, a)
            return SetOf(binder, conj((inside, contains_expr(expr, narrow))))
        case Seq(), Seq(b, _):
            return listed(b, [(there, converted(e, b)) for there, e in elements(expr)])
        case Map(k, v), Map(m, w):
            binder, local = Binder("k", m), Local("k", m)
            inside, narrow = narrowed(local, k)
            there = converted(get(expr, narrow), w)
            if inside == TRUE:
                return MakeMap(binder, there)
            if not isinstance(w, Opt):
                raise CannotStore("the map has no value at some keys")
            return MakeMap(binder, ite(inside, there, Lit(w, None)))
        case _:
            raise CannotStore(f"{have} in {to}")


def _converted_value(value: Value, have: Sort, to: Sort) -> Value:
    match have, to:
        case Opt(a), Opt(b):
            if value is None:
                return None
            assert isinstance(value, tuple)
            return (_converted_value(value[0], a, b),)
        case Record("object", xs), Record("object", ys):
            assert isinstance(value, tuple)
            given = dict(zip((n for n, _ in xs), value, strict=True))
            return tuple(given.get(n) for n, _ in ys)
        case Record(_, xs), Record(_, ys):
            assert isinstance(value, tuple)
            return tuple(
                _converted_value(v, s, t) for v, (_, s), (_, t) in zip(value, xs, ys, strict=True)
            )
        case Set(a), Set(b):
            assert isinstance(value, frozenset)
            return frozenset(_converted_value(v, a, b) for v in value)
        case Seq(a, _), Seq(b, _):
            assert isinstance(value, tuple)
            return tuple(_converted_value(v, a, b) for v in value)
        case Map(k, v), Map(m, w):
            assert isinstance(value, tuple)
            given_ = dict(zip(values(k), value, strict=True))
            return tuple(
                _converted_value(given_[key], v, w) if key in given_ else least(w)
                for key in values(m)
            )
        case _:
            return value


def listed(of: Sort, items: list[tuple[Expr, Expr]]) -> Expr:
    """The sequence of the items whose condition is true, in order."""
    whole: Expr = MakeSeq(of, ())
    run: list[Expr] = []
    for cond, item in items:
        if cond == TRUE:
            run.append(item)
            continue
        if run:
            whole, run = _after(whole, MakeSeq(of, tuple(run))), []
        if cond != FALSE:
            one = ite(cond, MakeSeq(of, (item,)), Lit(Seq(of, 1), ()))
            whole = _after(whole, one)
    return _after(whole, MakeSeq(of, tuple(run))) if run else whole


def _after(left: Expr, right: Expr) -> Expr:
    return right if isinstance(left, MakeSeq) and not left.args else Concat(left, right)


def elements(expr: Expr) -> list[tuple[Expr, Expr]]:
    """The places of a stored list: is there an element, and which (any one where there is none)."""
    shape = sort_of(expr)
    assert isinstance(shape, Seq)
    if cardinality(shape.of) == 0:
        return []
    nothing = Lit(shape.of, least(shape.of))
    return [(lt(lit(i), Len(expr)), At(expr, lit(i), nothing)) for i in range(shape.cap)]


def sort_of_elements(sort: Sort) -> Sort:
    """The sort of a set's or list's elements."""
    assert isinstance(sort, Set | Seq)
    return sort.of


def _fits(have: Sort, to: Sort) -> bool:
    """Do the sorts differ at most in the bounds of numbers and the lengths of lists?"""
    match have, to:
        case Int(), Int():
            return True
        case (Opt(a), Opt(b)) | (Set(a), Set(b)) | (Seq(a, _), Seq(b, _)):
            return _fits(a, b)
        case Map(k, a), Map(m, b):
            return k == m and _fits(a, b)
        case Record(name, xs), Record(other, ys):
            return (
                name == other
                and tuple(n for n, _ in xs) == tuple(n for n, _ in ys)
                and all(_fits(x, y) for (_, x), (_, y) in zip(xs, ys, strict=True))
            )
        case _:
            return have == to


def narrowed(expr: Expr, to: Sort) -> tuple[Expr, Expr]:
    """Is the value in a sort, and the value in that sort (any one where it is not)?"""
    have = sort_of(expr)
    if have == to:
        return TRUE, expr
    match have, to:
        case Int(), Int(lo, hi):
            if cardinality(to) == 0:
                return FALSE, expr
            return conj((le(lit(lo), expr), le(expr, lit(hi)))), clamp(expr, lo, hi)
        case Enum(_, cases), Enum(_, wanted):
            if not wanted:
                return FALSE, expr
            inside = get(Lit(Map(have, Bool()), tuple(c in wanted for c in cases)), expr)
            to_narrow = tuple(c if c in wanted else wanted[0] for c in cases)
            return inside, get(Lit(Map(have, to), to_narrow), expr)
        case Opt(a), Opt(b):
            if cardinality(a) == 0:
                return TRUE, Lit(to, None)
            there = is_some(expr)
            inside, inner = narrowed(or_else(expr, Lit(a, least(a))), b)
            if inside == FALSE:
                return neg(there), Lit(to, None)
            return disj((neg(there), inside)), ite(there, Some(inner), Lit(to, None))
        case Record(_, xs), Record(name, ys) if name != OBJECT or xs == ys:
            parts = [narrowed(field_expr(expr, n), s) for n, s in ys]
            return conj(i for i, _ in parts), MakeRecord(to, tuple(e for _, e in parts))
        case Record("object", xs), Record("object", ys):
            mine = dict(ys)
            elsewhere = [neg(is_some(field_expr(expr, n))) for n, _ in xs if n not in mine]
            return conj(elsewhere), _object(
                to, {n: field_expr(expr, n) for n, _ in xs if n in mine}
            )
        case Set(a), Set(b):
            binder, local = Binder("e", a), Local("e", a)
            inside, _ = narrowed(local, b)
            outside = some_of((binder,), conj((contains_expr(expr, local), neg(inside))))
            return neg(outside), converted(expr, to)
        case Map(k, v), Map(m, w) if k == m and isinstance(k, Bool | Int | Enum | Id | Record):
            binder, local = Binder("k", k), Local("k", k)
            inside, narrow = narrowed(get(expr, local), w)
            return all_of((binder,), inside), MakeMap(binder, narrow)
        case Seq(), Seq(b, _):
            places = [(there, *narrowed(item, b)) for there, item in elements(expr)]
            fits = conj(disj((neg(there), inside)) for there, inside, _ in places)
            return fits, listed(b, [(there, item) for there, _, item in places])
        case _:
            if _fits(have, to):
                return TRUE, expr
            raise CannotStore(f"{have} as {to}")


# ---- symbolic values by the shape of their type --------------------------------------------------


def as_flag(shapes: Shapes, sym: Sym) -> Expr:
    """A truth value."""
    match sym:
        case Known(value):
            return TRUE if value else FALSE
        case Flag(expr):
            return expr
        case Tabled(index, cases, native):
            if native is not None:
                return native
            return get(Lit(Map(sort_of(index), Bool()), tuple(bool(c) for c in cases)), index)
        case _:
            raise TypeError(f"no truth value: {sym}")


def as_num(shapes: Shapes, sym: Sym) -> Num:
    """A number."""
    match sym:
        case Known(value):
            return number(value)
        case Num():
            return sym
        case Tabled(index, cases, native, scale):
            if native is not None:
                return Num(native, scale)
            measure = common_measure([_fraction(c) for c in cases]) or Fraction(1)
            whole = tuple(int(_fraction(c) / measure) for c in cases)
            sort = Int(min(whole), max(whole))
            return Num(get(Lit(Map(sort_of(index), sort), whole), index), measure)
        case _:
            raise TypeError(f"no number: {sym}")


def number(value: Pure) -> Num:
    """A number that is known. An amount is its own measure, so that what is made of amounts keeps
    what they have in common."""
    if isinstance(value, int):
        return Num(lit(value), Fraction(1))
    exact = _fraction(value)
    sign = (exact > 0) - (exact < 0)
    return Num(lit(sign), abs(exact))


def _fraction(value: Pure) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, int | Fraction):
        raise TypeError(f"no number: {value!r}")
    return Fraction(value)


def as_case(shapes: Shapes, type_: EnumT, sym: Sym) -> Expr:
    """A case of an enumeration."""
    return (
        sym.expr
        if isinstance(sym, Case)
        else encode(shapes, type_, sym, Enum(type_.name, type_.cases))
    )


def as_ident(shapes: Shapes, kind: str, sym: Sym) -> Expr:
    """An identity of this kind."""
    match sym:
        case Ident(_, expr):
            return expr
        case SomeIdent(alternatives):
            mine = [a.expr for a in alternatives if a.kind == kind]
            return mine[0] if mine else Lit(shapes.id(kind), 0)
        case Known(None):
            return Lit(shapes.id(kind), 0)
        case _:
            return encode(shapes, KindT(kind), sym, shapes.id(kind))


def as_alternatives(shapes: Shapes, sym: Sym) -> tuple[Alternative, ...]:
    """An identity of some kind, by kinds."""
    match sym:
        case SomeIdent(alternatives):
            return alternatives
        case Ident(kind, expr):
            return (Alternative(kind, TRUE, expr),)
        case Known(Obj(kind, index)):
            return (Alternative(kind, TRUE, Lit(shapes.id(kind), index)),)
        case Tabled(index, cases):
            kinds = sorted({c.kind for c in cases if isinstance(c, Obj)})
            return tuple(_tabled_alternative(shapes, index, cases, kind) for kind in kinds)
        case _:
            raise TypeError(f"no identity: {sym}")


def _tabled_alternative(
    shapes: Shapes, index: Expr, cases: tuple[Pure, ...], kind: str
) -> Alternative:
    sort, id_ = sort_of(index), shapes.id(kind)
    mine = [c if isinstance(c, Obj) and c.kind == kind else None for c in cases]
    is_mine = get(Lit(Map(sort, Bool()), tuple(c is not None for c in mine)), index)
    which = get(Lit(Map(sort, id_), tuple(c.index if c else 0 for c in mine)), index)
    return Alternative(kind, is_mine, which)


def as_maybe(shapes: Shapes, sym: Sym) -> Maybe:
    """An option."""
    match sym:
        case Maybe():
            return sym
        case Known(None):
            return Maybe(FALSE, sym)
        case Tabled(index, cases) if None in cases:
            given = [c for c in cases if c is not None]
            if not given:
                return Maybe(FALSE, Known(None))
            flags = tuple(c is not None for c in cases)
            filled = tuple(given[0] if c is None else c for c in cases)
            content = Known(given[0]) if len(set(filled)) == 1 else Tabled(index, filled)
            return Maybe(get(Lit(Map(sort_of(index), Bool()), flags), index), content)
        case _:
            return Maybe(TRUE, sym)


def as_parts(shapes: Shapes, type_: Type, sym: Sym) -> tuple[Sym, ...]:
    """The parts of a record or tuple."""
    match sym:
        case Parts(_, parts):
            return parts
        case Known(Rec(_, parts)):
            return tuple(Known(p) for p in parts)
        case Known(tuple() as items):
            return tuple(Known(item) for item in items)
        case Tabled(index, cases):
            rows = [c.values if isinstance(c, Rec) else c for c in cases]
            columns = zip(*(r for r in rows if isinstance(r, tuple)), strict=True)
            return tuple(tabled(index, tuple(column)) for column in columns)
        case Known(None):
            return tuple(Known(None) for _ in part_types(shapes, type_))
        case _:
            raise TypeError(f"no parts: {sym}")


def as_whole(shapes: Shapes, type_: Type, sym: Sym) -> Expr:
    """A set, map or list as the IR has it."""
    if isinstance(sym, Whole):
        return sym.expr
    return encode(shapes, type_, sym, occurring(shapes, type_, sym))


def as_name(shapes: Shapes, sym: Sym) -> Expr:
    """A name, in the enumeration of the names it can be."""
    sort = occurring(shapes, NameT(), sym)
    return encode(shapes, NameT(), sym, sort)


# ---- equality and choice ------------------------------------------------------------------------


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


def aligned(a: Num, b: Num) -> tuple[Expr, Expr]:
    """Both numbers times one positive factor that makes them whole."""
    measure = measure_of_both(a.scale, b.scale)
    if measure == 0:
        return lit(0), lit(0)
    left, right = times(a.num, int(a.scale / measure)), times(b.num, int(b.scale / measure))
    return _times(left, b.den), _times(right, a.den)


def _times(expr: Expr, by: Expr | None) -> Expr:
    return expr if by is None else arith(ArithOp.MUL, expr, by)


def choose(shapes: Shapes, type_: Type, cond: Expr, a: Sym, b: Sym) -> Sym:
    """`a` if `cond`, else `b`; both of one type."""
    if cond == TRUE or a == b:
        return a
    if cond == FALSE:
        return b
    match type_:
        case BoolT():
            return Flag(ite(cond, as_flag(shapes, a), as_flag(shapes, b)))
        case IntT() | UnitT() | RationalT():
            return _choose_number(cond, as_num(shapes, a), as_num(shapes, b))
        case NameT() | KeyT():
            both = meet(occurring(shapes, NameT(), a), occurring(shapes, NameT(), b))
            x, y = encode(shapes, NameT(), a, both), encode(shapes, NameT(), b, both)
            assert isinstance(both, Enum)
            index = ite(cond, x, y)
            return Tabled(index, both.cases, index)
        case EnumT():
            return Case(ite(cond, as_case(shapes, type_, a), as_case(shapes, type_, b)))
        case KindT(name):
            return Ident(name, ite(cond, as_ident(shapes, name, a), as_ident(shapes, name, b)))
        case ObjectT():
            return _choose_object(shapes, cond, a, b)
        case OptT(of):
            return _choose_option(shapes, of, cond, a, b)
        case RecordT() | TupleT():
            types = part_types(shapes, type_)
            xs, ys = as_parts(shapes, type_, a), as_parts(shapes, type_, b)
            parts = zip(types, xs, ys, strict=True)
            name = type_.name if isinstance(type_, RecordT) else ""
            return Parts(name, tuple(choose(shapes, t, cond, x, y) for t, x, y in parts))
        case TimerT():
            sort = meet(occurring(shapes, type_, a), occurring(shapes, type_, b))
            return Clock(ite(cond, encode(shapes, type_, a, sort), encode(shapes, type_, b, sort)))
        case _:
            return _choose_whole(shapes, type_, cond, a, b)


def _choose_whole(shapes: Shapes, type_: Type, cond: Expr, a: Sym, b: Sym) -> Sym:
    if isinstance(a, Known | Tabled) and isinstance(b, Known | Tabled):
        return _choose_tabled(cond, a, b)
    if isinstance(type_, SetT) and (isinstance(a, Bunch) or isinstance(b, Bunch)):
        xs, ys = bunch(shapes, type_.of, a), bunch(shapes, type_.of, b)
        mine = tuple((conj((cond, c)), x) for c, x in xs.items)
        return Bunch((*mine, *((conj((neg(cond), c)), y) for c, y in ys.items)))
    sort = meet(occurring(shapes, type_, a), occurring(shapes, type_, b))
    return Whole(ite(cond, encode(shapes, type_, a, sort), encode(shapes, type_, b, sort)))


def _choose_tabled(cond: Expr, a: Known | Tabled, b: Known | Tabled) -> Sym:
    xs = (a.value,) if isinstance(a, Known) else a.cases
    ys = (b.value,) if isinstance(b, Known) else b.cases
    cases = tuple(dict.fromkeys((*xs, *ys)))
    sort = Int(0, len(cases) - 1)
    place = {c: i for i, c in enumerate(cases)}

    def index(sym: Known | Tabled) -> Expr:
        if isinstance(sym, Known):
            return lit(place[sym.value])
        table = Lit(Map(sort_of(sym.index), sort), tuple(place[c] for c in sym.cases))
        return get(table, sym.index)

    return reindexed(ite(cond, index(a), index(b)), cases)


def reindexed(index: Expr, cases: tuple[Pure, ...]) -> Sym:
    """A value by its place in a list; the index may lie in a part of the places only."""
    sort = sort_of(index)
    assert isinstance(sort, Int)
    return tabled(index, cases[sort.lo : sort.hi + 1])


def _choose_number(cond: Expr, a: Num, b: Num) -> Sym:
    if a.den is None and b.den is None:
        measure = measure_of_both(a.scale, b.scale)
        if measure == 0:
            return Num(lit(0), Fraction(1))
        x, y = aligned(a, b)
        return Num(ite(cond, x, y), measure)
    measure = measure_of_both(a.scale, b.scale) or Fraction(1)
    x, y = times(a.num, int(a.scale / measure)), times(b.num, int(b.scale / measure))
    den = ite(cond, a.den or lit(1), b.den or lit(1))
    return Num(ite(cond, x, y), measure, den)


def _choose_object(shapes: Shapes, cond: Expr, a: Sym, b: Sym) -> Sym:
    xs = {x.kind: x for x in as_alternatives(shapes, a)}
    ys = {y.kind: y for y in as_alternatives(shapes, b)}
    found = []
    for kind in sorted({*xs, *ys}):
        x, y = xs.get(kind), ys.get(kind)
        mine = conj((cond, x.cond)) if x else FALSE
        other = conj((neg(cond), y.cond)) if y else FALSE
        if x and y:
            which = ite(cond, x.expr, y.expr)
        else:
            only = x or y
            assert only is not None
            which = only.expr
        found.append(Alternative(kind, disj((mine, other)), which))
    return SomeIdent(tuple(found))


def _choose_option(shapes: Shapes, of: Type, cond: Expr, a: Sym, b: Sym) -> Sym:
    x, y = as_maybe(shapes, a), as_maybe(shapes, b)
    present = ite(cond, x.present, y.present)
    if x.present == FALSE:
        return Maybe(present, y.content)
    if y.present == FALSE:
        return Maybe(present, x.content)
    return Maybe(present, choose(shapes, of, cond, x.content, y.content))
