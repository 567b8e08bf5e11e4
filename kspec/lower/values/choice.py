"""One of two symbolic values of one type, by a condition. Next: `expressions.expr`."""

from __future__ import annotations

from fractions import Fraction

from kspec.analysis.types import (
    BoolT,
    EnumT,
    IntT,
    KeyT,
    KindT,
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
    TRUE,
    Expr,
    Lit,
    sort_of,
)
from kspec.ir.sorts import (
    Enum,
    Int,
    Map,
)
from kspec.lower.values.apart import as_alternatives, as_case, as_flag, as_ident, as_maybe, as_parts
from kspec.lower.values.codec import encode, occurring
from kspec.lower.values.equality import bunch
from kspec.lower.values.numbers import aligned, as_num
from kspec.lower.values.shapes import (
    Shapes,
    measure_of_both,
    meet,
)
from kspec.lower.values.smart import (
    conj,
    disj,
    get,
    ite,
    lit,
    neg,
    times,
)
from kspec.lower.values.stored import part_types
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
)
from kspec.lower.values.tables import tabled
from kspec.pure.values.value import Value as Pure


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
