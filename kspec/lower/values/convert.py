"""Expressions of one sort as expressions of another that has the same values, or some of them.

Names, kinds of objects and keys differ between sorts; numbers keep their own intervals.
Next: `codec`.
"""

from __future__ import annotations

from kspec.ir.build import clamp
from kspec.ir.expr import (
    FALSE,
    TRUE,
    At,
    Concat,
    Expr,
    Len,
    Lit,
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
from kspec.lower.values.shapes import (
    OBJECT,
    CannotStore,
    least,
    meet,
)
from kspec.lower.values.smart import (
    all_of,
    conj,
    disj,
    get,
    inner_binder,
    is_some,
    ite,
    le,
    lit,
    lt,
    neg,
    or_else,
    some_of,
)
from kspec.lower.values.smart import contains as contains_expr
from kspec.lower.values.smart import field as field_expr


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
            return object_of(to, {name: field_expr(expr, name) for name, _ in xs})
        case Record(), Record(name, fields):
            args = tuple(converted(field_expr(expr, n), s) for n, s in fields)
            own = tuple((n, sort_of(a)) for (n, _), a in zip(fields, args, strict=True))
            return MakeRecord(Record(name, own), args)
        case Set(a), Set(b):
            binder, local = inner_binder("e", b, (expr,))
            inside, narrow = narrowed(local, a)
            return SetOf(binder, conj((inside, contains_expr(expr, narrow))))
        case Seq(), Seq(b, _):
            return listed(b, [(there, converted(e, b)) for there, e in elements(expr)])
        case Map(k, _), Map(m, w):
            binder, local = inner_binder("k", m, (expr,))
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


def object_of(target: Sort, given: dict[str, Expr]) -> Expr:
    """An identity of any kind, given as an option of each kind."""
    assert isinstance(target, Record)
    return MakeRecord(
        target, tuple(given.get(name, Lit(sort, None)) for name, sort in target.fields)
    )


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
            return conj(elsewhere), object_of(
                to, {n: field_expr(expr, n) for n, _ in xs if n in mine}
            )
        case Set(a), Set(b):
            binder, local = inner_binder("e", a, (expr,))
            inside, _ = narrowed(local, b)
            outside = some_of((binder,), conj((contains_expr(expr, local), neg(inside))))
            return neg(outside), converted(expr, to)
        case Map(k, _), Map(m, w) if k == m and isinstance(k, Bool | Int | Enum | Id | Record):
            binder, local = inner_binder("k", k, (expr,))
            inside, narrow = narrowed(get(expr, local), w)
            return all_of((binder,), inside), MakeMap(binder, narrow)
        case Map(k, Opt()), Map(m, Opt()):
            binder, local = inner_binder("k", k, (expr,))
            there, _ = narrowed(local, m)
            lost = some_of((binder,), conj((is_some(get(expr, local)), neg(there))))
            return neg(lost), converted(expr, to)
        case Seq(), Seq(b, _):
            places = [(there, *narrowed(item, b)) for there, item in elements(expr)]
            fits = conj(disj((neg(there), inside)) for there, inside, _ in places)
            return fits, listed(b, [(there, item) for there, _, item in places])
        case _:
            if _fits(have, to):
                return TRUE, expr
            raise CannotStore(f"{have} as {to}")
