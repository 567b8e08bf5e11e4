"""Operations on sets, lists and maps. Next: `gathering` for comprehensions that make them."""

from __future__ import annotations

from fractions import Fraction

from kspec.analysis.typed import TPrim
from kspec.analysis.types import (
    BoolT,
    KindT,
    ListT,
    MapT,
    OptT,
    SetT,
    Type,
)
from kspec.ir.expr import FALSE, TRUE, ArithOp, Expr, Lit, SetOf, SetOp, SetOpKind, sort_of
from kspec.ir.sorts import Map, Set, cardinality, values
from kspec.lower.context import CannotLower, Lowering
from kspec.lower.values.apart import (
    as_flag,
    as_maybe,
    as_whole,
)
from kspec.lower.values.choice import choose
from kspec.lower.values.codec import decode, encode, occurring
from kspec.lower.values.convert import elements
from kspec.lower.values.equality import bunch, equal, member
from kspec.lower.values.shapes import CannotStore, meet
from kspec.lower.values.smart import (
    arith,
    as_int,
    conj,
    contains,
    disj,
    get,
    is_some,
    lit,
    neg,
    subset,
    total,
)
from kspec.lower.values.stored import pure
from kspec.lower.values.symbolic import Bunch, Flag, Known, Maybe, Num, Sym, Tabled, Whole
from kspec.lower.values.tables import by_cases, folded
from kspec.pure.values import prims


def lower_collection(low: Lowering, expr: TPrim, args: tuple[Sym, ...]) -> Sym:
    """The value of an operation on sets, lists or maps."""
    known = tuple(a for a in args if isinstance(a, Known | Tabled))
    if len(known) == len(args) and expr.op in prims.TABLE:
        return folded(low.shapes, prims.TABLE[expr.op], known, expr.type)
    types = tuple(a.type for a in expr.args)
    match expr.op, types:
        case "in", (_, SetT(of)):
            return Flag(_in_set(low, of, args[0], args[1]))
        case "in-list", (_, ListT(of)):
            return Flag(
                disj(
                    conj((c, equal(low.shapes, of, args[0], x)))
                    for c, x in items_of(low, types[1], args[1])
                )
            )
        case "has", (_, MapT() as type_):
            return Flag(_has(low, type_, args[0], args[1]))
        case "keys", (MapT() as type_,):
            return _keys(low, type_, args[0])
        case "values", (MapT() as type_,):
            return _values(low, type_, args[0])
        case "size", (SetT(of),):
            return Num(size_of(low, of, args[0]), Fraction(1))
        case (("union" | "inter" | "minus"), (SetT(), *_)):
            result = args[0]
            for other in args[1:]:
                result = set_operation(low, expr.op, expr.type, result, other)
            return result
        case "subset", (SetT(of), _):
            return Flag(_subset(low, of, types[0], args[0], args[1]))
        case (("len" | "size"), (ListT() as type_,)):
            items = items_of(low, type_, args[0])
            if isinstance(args[0], Whole):
                from kspec.ir.expr import Len

                return Num(Len(args[0].expr), Fraction(1))
            return Num(_sum(as_int(c) for c, _ in items), Fraction(1))
        case (("head" | "reverse" | "++" | "set-of-list"), (ListT(of), *_)):
            return _list_operation(low, expr, of, args)
        case "to-list", (OptT(of),):
            from kspec.lower.expressions.displays import list_of

            maybe = as_maybe(low.shapes, args[0])
            return list_of(
                low, of, [] if maybe.present == FALSE else [(maybe.present, maybe.content)]
            )
        case _:
            raise CannotLower(f"`{expr.op}` of this cannot be computed in a state", expr.span)


def _sum(terms: object) -> Expr:
    result: Expr = lit(0)
    for term in terms:  # type: ignore[attr-defined]  # any iterable of expressions
        result = arith(ArithOp.ADD, result, term)
    return result


def items_of(low: Lowering, type_: Type, sym: Sym) -> list[tuple[Expr, Sym]]:
    """The places of a list or the possible elements of a set, each with its condition."""
    match type_, sym:
        case ListT(), Known(tuple() as items):
            return [(TRUE, Known(i)) for i in items]
        case ListT(), Tabled(index, cases):
            rows = [c if isinstance(c, tuple) else () for c in cases]
            found: list[tuple[Expr, Sym]] = []
            for place in range(max(map(len, rows), default=0)):
                filler = next(r[place] for r in rows if len(r) > place)
                column = tuple(r[place] if len(r) > place else filler for r in rows)
                here = folded(low.shapes, lambda row, n=place: len(row) > n, (sym,), BoolT())
                from kspec.lower.values.tables import tabled

                found.append((as_flag(low.shapes, here), tabled(index, column)))
            return found
        case ListT(of), Whole(expr):
            return [(there, decode(low.shapes, of, e)) for there, e in elements(expr)]
        case SetT(of), _:
            return list(bunch(low.shapes, of, sym).items)
        case OptT(), _:
            maybe = as_maybe(low.shapes, sym)
            return [] if maybe.present == FALSE else [(maybe.present, maybe.content)]
        case _:
            raise CannotStore("this has no elements")


def _in_set(low: Lowering, of: Type, item: Sym, whole: Sym) -> Expr:
    known = by_cases(low.shapes, item)
    if isinstance(whole, Known | Tabled) and known is not None and not isinstance(of, KindT):
        found = folded(low.shapes, prims.TABLE["in"], (known, whole), BoolT())
        return as_flag(low.shapes, found)
    return member(low.shapes, of, item, whole)


def _has(low: Lowering, type_: MapT, key: Sym, whole: Sym) -> Expr:
    from kspec.lower.expressions.displays import get_from

    if type_.total:
        return TRUE
    return as_maybe(low.shapes, get_from(low, type_, whole, key)).present


def _keys(low: Lowering, type_: MapT, sym: Sym) -> Sym:
    expr = as_whole(low.shapes, type_, sym)
    sort = sort_of(expr)
    assert isinstance(sort, Map)
    binder, local = low.binder("k", sort.key)
    cond = TRUE if type_.total else is_some(get(expr, local))
    if type_.total and isinstance(type_.key, KindT):
        raise CannotStore("the keys of a total map are all objects; range over the kind")
    return Whole(SetOf(binder, cond))


def _values(low: Lowering, type_: MapT, sym: Sym) -> Sym:
    """The values by the order of their keys."""
    from kspec.lower.expressions.displays import list_of

    expr = as_whole(low.shapes, type_, sym)
    sort = sort_of(expr)
    assert isinstance(sort, Map)
    found: list[tuple[Expr, Sym]] = []
    for key in _ordered_keys(low, type_, sort):
        value = get(expr, Lit(sort.key, key))  # type: ignore[arg-type]  # a value of the sort
        if type_.total:
            found.append((TRUE, decode(low.shapes, type_.value, value)))
        else:
            inner = type_.value if isinstance(type_.value, OptT) else OptT(type_.value)
            maybe = as_maybe(low.shapes, decode(low.shapes, inner, value))
            found.append((maybe.present, maybe.content))
    of = type_.value.of if isinstance(type_.value, OptT) else type_.value
    return list_of(low, of, [(c, s) for c, s in found if c != FALSE])


def _ordered_keys(low: Lowering, type_: MapT, sort: Map) -> list[object]:
    from kspec.pure.values.order import rank

    keys = [(pure(low.shapes, type_.key, v, sort.key), v) for v in values(sort.key)]
    order = rank(type_.key, low.static.tables)
    return [v for _, v in sorted(keys, key=lambda pair: order(pair[0]))]


def size_of(low: Lowering, of: Type, sym: Sym) -> Expr:
    """How many elements a set has."""
    if isinstance(sym, Whole):
        sort = sort_of(sym.expr)
        assert isinstance(sort, Set)
        binder, local = low.binder("e", sort.of)
        return total(binder, contains(sym.expr, local), lit(1))
    items = bunch(low.shapes, of, sym).items
    return _sum(as_int(c) for c in distinct(low, of, items))


def distinct(low: Lowering, of: Type, items: tuple[tuple[Expr, Sym], ...]) -> list[Expr]:
    """For each element, whether it is in the set and no earlier one is equal to it."""
    found: list[Expr] = []
    for i, (cond, item) in enumerate(items):
        again = disj(conj((c, equal(low.shapes, of, x, item))) for c, x in items[:i])
        found.append(conj((cond, neg(again))))
    return found


def set_operation(low: Lowering, op: str, type_: Type, a: Sym, b: Sym) -> Sym:
    """Union, intersection or difference."""
    assert isinstance(type_, SetT)
    if isinstance(a, Known | Tabled) and isinstance(b, Known | Tabled):
        return folded(low.shapes, prims.TABLE[op], (a, b), type_)
    if stays_whole(low, type_.of, a) and stays_whole(low, type_.of, b):
        return Whole(_whole_operation(low, op, type_, a, b))
    xs, ys = bunch(low.shapes, type_.of, a).items, bunch(low.shapes, type_.of, b).items
    if op == "union":
        return Bunch((*xs, *ys))
    keep = []
    for cond, item in xs:
        there = member(low.shapes, type_.of, item, b)
        keep.append((conj((cond, there if op == "inter" else neg(there))), item))
    return Bunch(tuple((c, i) for c, i in keep if c != FALSE))


def stays_whole(low: Lowering, of: Type, sym: Sym) -> bool:
    """Is a set small enough as the IR stores it?"""
    if isinstance(sym, Whole):
        return True
    try:
        sort = occurring(low.shapes, SetT(of), sym)
    except CannotStore:
        return False
    assert isinstance(sort, Set)
    return cardinality(sort.of) <= 64


def _whole_operation(low: Lowering, op: str, type_: SetT, a: Sym, b: Sym) -> Expr:
    sort = meet(occurring(low.shapes, type_, a), occurring(low.shapes, type_, b))
    kind = {"union": SetOpKind.UNION, "inter": SetOpKind.INTER, "minus": SetOpKind.MINUS}[op]
    x, y = encode(low.shapes, type_, a, sort), encode(low.shapes, type_, b, sort)
    return SetOp(kind, x, y)


def _subset(low: Lowering, of: Type, type_: Type, a: Sym, b: Sym) -> Expr:
    if stays_whole(low, of, a) and stays_whole(low, of, b):
        sort = meet(occurring(low.shapes, type_, a), occurring(low.shapes, type_, b))
        return subset(encode(low.shapes, type_, a, sort), encode(low.shapes, type_, b, sort))
    items = bunch(low.shapes, of, a).items
    return conj(disj((neg(c), member(low.shapes, of, x, b))) for c, x in items)


def _list_operation(low: Lowering, expr: TPrim, of: Type, args: tuple[Sym, ...]) -> Sym:
    from kspec.lower.expressions.displays import list_of

    lists = [items_of(low, a.type, s) for a, s in zip(expr.args, args, strict=True)]
    match expr.op:
        case "++":
            if all(isinstance(a, Whole | Known) for a in args):
                whole = [
                    as_whole(low.shapes, t.type, a) for t, a in zip(expr.args, args, strict=True)
                ]
                return Whole(_concatenated(low, whole))
            return list_of(low, of, [item for items in lists for item in items])
        case "reverse":
            return list_of(low, of, list(reversed(lists[0])))
        case "set-of-list":
            return Bunch(tuple(lists[0]))
        case _:
            return first_of(low, of, lists[0])


def first_of(low: Lowering, of: Type, items: list[tuple[Expr, Sym]]) -> Sym:
    """The first item whose condition is true, as an option."""
    present = disj(c for c, _ in items)
    usable = [(c, s) for c, s in items if c != FALSE]
    if not usable:
        return Known(None)
    result = usable[-1][1]
    for cond, item in reversed(usable[:-1]):
        result = choose(low.shapes, of, cond, item, result)
    if isinstance(of, OptT):
        inner = as_maybe(low.shapes, result)
        return Maybe(conj((present, inner.present)), inner.content)
    return Maybe(present, result)


def _concatenated(low: Lowering, parts: list[Expr]) -> Expr:
    from kspec.ir.expr import Concat
    from kspec.ir.sorts import Seq
    from kspec.lower.values.convert import converted

    sorts = [sort_of(p) for p in parts]
    of = sorts[0].of if isinstance(sorts[0], Seq) else None
    assert of is not None
    for sort in sorts[1:]:
        assert isinstance(sort, Seq)
        of = meet(of, sort.of)
    coded = []
    for part, sort in zip(parts, sorts, strict=True):
        assert isinstance(sort, Seq)
        if sort.cap:
            coded.append(converted(part, Seq(of, sort.cap)))
    if not coded:
        return parts[0]
    whole = coded[0]
    for part in coded[1:]:
        whole = Concat(whole, part)
    return whole
