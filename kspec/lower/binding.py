"""What binds names: quantifiers, aggregates, comprehensions, choices by a key.

A binder becomes one of the IR where it ranges over a sort (a kind, a range, a stored set), and is
written out where it ranges over what is listed (known sets, lists). Next: `gathering` for the
comprehensions that make sets, maps and lists.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TypeAlias, final

from attrs import evolve, frozen

from kspec.analysis.typed import (
    Comp,
    OverKind,
    OverList,
    OverOption,
    OverRange,
    OverSet,
    OverType,
    TBinder,
    TComp,
    TExpr,
)
from kspec.analysis.types import (
    BoolT,
    EnumT,
    IntT,
    KeyT,
    KindT,
    NameT,
    OptT,
    SetT,
    TupleT,
    Type,
    UnitT,
)
from kspec.ir.expr import FALSE, TRUE, Agg, AggKind, Best, Binder, Expr, Lit, Local, sort_of
from kspec.ir.sorts import Enum, Int, Opt, Record, Set, Sort, cardinality, values
from kspec.lower import worlds
from kspec.lower.codec import (
    as_maybe,
    as_num,
    as_whole,
    choose,
    decode,
    measured,
    pure,
)
from kspec.lower.context import CannotLower, Frame, Lowering
from kspec.lower.operations import (
    distinct,
    first_of,
    items_of,
    key_numbers,
    less,
    plus,
    product,
    simplified,
)
from kspec.lower.shapes import NAME, CannotStore, least
from kspec.lower.smart import (
    all_of,
    conj,
    contains,
    disj,
    eq,
    implies,
    integer_sort,
    is_some,
    ite,
    le,
    lit,
    neg,
    or_else,
    some_of,
    total,
)
from kspec.lower.symbolic import Bunch, Flag, Ident, Known, Maybe, Num, Sym
from kspec.pure.value import Obj


@final
@frozen(eq=False)
class Option:
    """One way to bind a name: a binder of the IR, or None where one value is written out.

    `cond` says that the value is one of those ranged over; `frame` has the name.
    """

    binder: Binder | None
    cond: Expr
    frame: Frame
    value: Sym

    def close(self, expr: Expr) -> Expr:
        """The lets of the block around an expression in it."""
        return expr if self.binder is None else self.frame.sink.close(expr)


def options(
    low: Lowering, frame: Frame, binder: TBinder, unrolled: bool = False, once: bool = False
) -> list[Option]:
    """The ways to bind a name. `unrolled`: only listed values; `once`: no value twice."""
    match binder.over:
        case OverKind(kind):
            id_ = low.shapes.id(kind)
            if id_.size == 0:
                return []
            if unrolled:
                return [
                    _listed(
                        frame,
                        binder,
                        worlds.lives(low, frame.world, kind, Lit(id_, i)),
                        Known(Obj(kind, i)),
                    )
                    for i in range(id_.size)
                ]
            bound, local = low.binder(binder.name, id_)
            cond = worlds.lives(low, frame.world, kind, local)
            return [_bound(frame, binder, bound, cond, Ident(kind, local))]
        case OverType(type_):
            return _over_sort(low, frame, binder, type_, full_sort(low, type_), None, unrolled)
        case OverRange(lo, hi):
            return _over_range(low, frame, binder, lo, hi, unrolled)
        case OverSet(arg):
            return _over_set(low, frame, binder, arg, unrolled, once)
        case OverList(arg) | OverOption(arg):
            from kspec.lower.expr import lower

            items = items_of(low, arg.type, lower(low, frame, arg))
            return [_listed(frame, binder, c, s) for c, s in items if c != FALSE]


def _listed(frame: Frame, binder: TBinder, cond: Expr, value: Sym) -> Option:
    return Option(None, cond, frame.binding(binder.name, value), value)


def _bound(frame: Frame, binder: TBinder, bound: Binder, cond: Expr, value: Sym) -> Option:
    inner = evolve(frame.inner(), names={**frame.names, binder.name: value})
    return Option(bound, cond, inner, value)


def full_sort(low: Lowering, type_: Type) -> Sort:
    """The sort of all values of a finite type."""
    match type_:
        case NameT() | KeyT():
            return Enum(NAME, low.universe)
        case OptT(of):
            return Opt(full_sort(low, of))
        case TupleT(parts):
            return Record("tuple", tuple((str(i), full_sort(low, p)) for i, p in enumerate(parts)))
        case BoolT() | EnumT() | KindT():
            return low.shapes.floor(type_)
        case IntT(bounds) if bounds is not None:
            return low.shapes.floor(type_)
        case _:
            raise CannotStore("too many values to go through")


def _over_sort(
    low: Lowering,
    frame: Frame,
    binder: TBinder,
    type_: Type,
    sort: Sort,
    cond: Callable[[Expr], Expr] | None,
    unrolled: bool,
) -> list[Option]:
    """All values of a sort, or those that satisfy a condition."""
    if cardinality(sort) == 0:
        return []
    if unrolled:
        return [
            _listed(
                frame,
                binder,
                conj(
                    (_alive(low, frame, type_, Lit(sort, v)), cond(Lit(sort, v)) if cond else TRUE)
                ),
                Known(pure(low.shapes, type_, v, sort)),
            )
            for v in values(sort)
        ]
    bound, local = low.binder(binder.name, sort)
    where = conj((_alive(low, frame, type_, local), cond(local) if cond else TRUE))
    return [_bound(frame, binder, bound, where, decode(low.shapes, type_, local))]


def _alive(low: Lowering, frame: Frame, type_: Type, expr: Expr) -> Expr:
    """Binders over a type that has objects range over live ones (`OverType` alone)."""
    return TRUE


def _over_range(
    low: Lowering, frame: Frame, binder: TBinder, lo: TExpr, hi: TExpr, unrolled: bool
) -> list[Option]:
    from kspec.lower.expr import lower

    first = measured(low.shapes, IntT(), as_num(low.shapes, lower(low, frame, lo)))
    last = measured(low.shapes, IntT(), as_num(low.shapes, lower(low, frame, hi)))
    sort = Int(integer_sort(first).lo, integer_sort(last).hi)

    def cond(value: Expr) -> Expr:
        return conj((le(first, value), le(value, last)))

    return _over_sort(low, frame, binder, IntT(), sort, cond, unrolled)


def _over_set(
    low: Lowering, frame: Frame, binder: TBinder, arg: TExpr, unrolled: bool, once: bool
) -> list[Option]:
    from kspec.lower.expr import lower

    assert isinstance(arg.type, SetT)
    of, sym = arg.type.of, lower(low, frame, arg)
    is_scalar = isinstance(of, BoolT | EnumT | NameT | KeyT | KindT | IntT)
    if isinstance(sym, Bunch) or not is_scalar or unrolled:
        items = items_of(low, arg.type, sym)
        conds = distinct(low, of, tuple(items)) if once else [c for c, _ in items]
        pairs = zip(conds, items, strict=True)
        return [_listed(frame, binder, c, s) for c, (_, s) in pairs if c != FALSE]
    whole = as_whole(low.shapes, arg.type, sym)
    sort = sort_of(whole)
    assert isinstance(sort, Set)
    if isinstance(whole, Lit) and isinstance(whole.value, frozenset):
        if len(whole.value) == cardinality(sort.of):
            return _over_sort(low, frame, binder, of, sort.of, None, False)
    return _over_sort(low, frame, binder, of, sort.of, lambda v: contains(whole, v), False)


# ---- walking all bindings ---------------------------------------------------------------------------

Leaf: TypeAlias = "Callable[[Frame], Expr]"


def lower_comp(low: Lowering, frame: Frame, expr: TComp) -> Sym:
    """The value of a quantifier, an aggregate or a comprehension."""
    from kspec.lower import gathering
    from kspec.lower.expr import flag

    def where(here: Frame) -> Expr:
        return TRUE if expr.where is None else flag(low, here, expr.where)

    def claim(here: Frame) -> Expr:
        cond = where(here)
        return FALSE if cond == FALSE else conj((cond, flag(low, here, expr.body)))

    match expr.kind:
        case Comp.ALL:
            return Flag(for_all(low, frame, expr.binders, where, lambda f: flag(low, f, expr.body)))
        case Comp.SOME:
            return Flag(for_some(low, frame, expr.binders, claim))
        case Comp.NO:
            return Flag(neg(for_some(low, frame, expr.binders, claim)))
        case Comp.ONE:
            return Flag(eq(count_of(low, frame, expr.binders, claim), lit(1)))
        case Comp.COUNT:
            return simplified(Num(count_of(low, frame, expr.binders, where), Fraction(1)), IntT())
        case Comp.SUM:
            return simplified(_sum(low, frame, expr, expr.binders, where), expr.type)
        case Comp.PRODUCT:
            return _product(low, frame, expr, where)
        case Comp.MIN | Comp.MAX:
            return _extreme(low, frame, expr, where)
        case Comp.THE:
            return _the(low, frame, expr, where)
        case Comp.LEAST:
            return _least(low, frame, expr, where)
        case _:
            return gathering.gather(low, frame, expr, where)


def for_some(low: Lowering, frame: Frame, binders: tuple[TBinder, ...], claim: Leaf) -> Expr:
    """Is the claim true of some binding?"""
    if not binders:
        return claim(frame)
    found: list[Expr] = []
    for option in options(low, frame, binders[0]):
        if option.cond == FALSE:
            continue
        inner = conj((option.cond, for_some(low, option.frame, binders[1:], claim)))
        if option.binder is not None:
            inner = some_of((option.binder,), option.close(inner))
        if inner == TRUE:
            return TRUE
        found.append(inner)
    return disj(found)


def for_all(
    low: Lowering, frame: Frame, binders: tuple[TBinder, ...], where: Leaf, body: Leaf
) -> Expr:
    """Is the body true of every binding that satisfies the condition?"""
    if not binders:
        cond = where(frame)
        return TRUE if cond == FALSE else implies(cond, body(frame))
    found: list[Expr] = []
    for option in options(low, frame, binders[0]):
        if option.cond == FALSE:
            continue
        inner = implies(option.cond, for_all(low, option.frame, binders[1:], where, body))
        if option.binder is not None:
            inner = all_of((option.binder,), option.close(inner))
        if inner == FALSE:
            return FALSE
        found.append(inner)
    return conj(found)


def count_of(low: Lowering, frame: Frame, binders: tuple[TBinder, ...], claim: Leaf) -> Expr:
    """Of how many bindings is the claim true?"""
    from kspec.ir.expr import ArithOp
    from kspec.lower.smart import arith

    result: Expr = lit(0)
    for option in options(low, frame, binders[0], once=True):
        if option.cond == FALSE:
            continue
        if len(binders) == 1:
            term: Expr = lit(1)
            cond = conj((option.cond, claim(option.frame)))
        else:
            cond = option.cond
            term = count_of(low, option.frame, binders[1:], claim)
        if option.binder is None:
            part = ite(cond, term, lit(0))
        else:
            part = total(option.binder, option.close(cond), option.close(term))
        result = arith(ArithOp.ADD, result, part)
    return result


def _sum(
    low: Lowering, frame: Frame, expr: TComp, binders: tuple[TBinder, ...], where: Leaf
) -> Num:
    from kspec.ir.expr import ArithOp
    from kspec.lower.expr import lower

    result = Num(lit(0), Fraction(0))
    for option in options(low, frame, binders[0], once=True):
        cond = option.cond
        if len(binders) == 1:
            cond = conj((cond, where(option.frame)))
            if cond == FALSE:
                continue
            term = as_num(low.shapes, lower(low, option.frame, expr.body))
        else:
            term = _sum(low, option.frame, expr, binders[1:], where)
        result = plus(result, _term(option, cond, term, expr), ArithOp.ADD)
    return result


def _term(option: Option, cond: Expr, term: Num, expr: TComp) -> Num:
    if option.binder is None:
        return Num(ite(cond, term.num, lit(0)), term.scale, term.den)
    if term.den is not None:
        raise CannotLower("a sum of fractions with different divisors", expr.body.span)
    return Num(total(option.binder, option.close(cond), option.close(term.num)), term.scale)


def leaves(
    low: Lowering, frame: Frame, binders: tuple[TBinder, ...], once: bool
) -> list[tuple[Expr, Frame]]:
    """Every binding written out, with the condition that it is one."""
    if not binders:
        return [(TRUE, frame)]
    return [
        (conj((option.cond, cond)), inner)
        for option in options(low, frame, binders[0], unrolled=True, once=once)
        if option.cond != FALSE
        for cond, inner in leaves(low, option.frame, binders[1:], once)
    ]


def written_out(
    low: Lowering, frame: Frame, expr: TComp, where: Leaf, once: bool
) -> list[tuple[Expr, Frame]]:
    """Every binding that can satisfy the condition, written out."""
    found = []
    for cond, inner in leaves(low, frame, expr.binders, once):
        both = conj((cond, where(inner)))
        if both != FALSE:
            found.append((both, inner))
    return found


def _product(low: Lowering, frame: Frame, expr: TComp, where: Leaf) -> Sym:
    from kspec.lower.expr import lower

    result = Num(lit(1), Fraction(1))
    for cond, inner in written_out(low, frame, expr, where, once=True):
        factor = as_num(low.shapes, lower(low, inner, expr.body))
        if cond != TRUE:
            chosen = choose(low.shapes, expr.type, cond, factor, Num(lit(1), Fraction(1)))
            factor = as_num(low.shapes, chosen)
        result = product(result, factor)
    return simplified(result, expr.type)


def _extreme(low: Lowering, frame: Frame, expr: TComp, where: Leaf) -> Sym:
    from kspec.lower.expr import lower

    assert isinstance(expr.type, OptT)
    if isinstance(expr.type.of, IntT | UnitT):
        found = _extreme_number(low, frame, expr, expr.binders, where)
        if found is not None:
            return found
    best: Sym = Known(None)
    for cond, inner in written_out(low, frame, expr, where, once=False):
        item = lower(low, inner, expr.body)
        old = as_maybe(low.shapes, best)
        if old.present == FALSE:
            best = Maybe(cond, item)
            continue
        a, b = (item, old.content) if expr.kind is Comp.MIN else (old.content, item)
        better = conj((cond, disj((neg(old.present), less(low, expr.type.of, a, b, False)))))
        best = Maybe(
            disj((cond, old.present)),
            choose(low.shapes, expr.type.of, better, item, old.content),
        )
    return best


def _extreme_number(
    low: Lowering, frame: Frame, expr: TComp, binders: tuple[TBinder, ...], where: Leaf
) -> Maybe | None:
    """The least or greatest number over binders of the IR; None if something is written out."""
    from kspec.lower.expr import lower

    found = options(low, frame, binders[0])
    if not found:
        return Maybe(FALSE, Known(None))
    option = found[0]
    if len(found) > 1 or option.binder is None:
        return None
    if len(binders) > 1:
        inner = _extreme_number(low, option.frame, expr, binders[1:], where)
        if inner is None:
            return None
        cond, content = conj((option.cond, inner.present)), inner.content
        if cond == FALSE:
            return Maybe(FALSE, Known(None))
    else:
        cond = conj((option.cond, where(option.frame)))
        if cond == FALSE:
            return Maybe(FALSE, Known(None))
        content = lower(low, option.frame, expr.body)
    number = as_num(low.shapes, content)
    if number.den is not None:
        return None
    kind = AggKind.MIN if expr.kind is Comp.MIN else AggKind.MAX
    best = Agg(kind, option.binder, option.close(cond), option.close(number.num))
    sort = sort_of(best)
    assert isinstance(sort, Opt)
    named = low.fresh("best")
    frame.sink.lets.append((named, best))
    local_expr = Local(named, sort)
    content_expr = or_else(local_expr, Lit(sort.of, least(sort.of)))
    return Maybe(is_some(local_expr), Num(content_expr, number.scale))


def _one_binder(low: Lowering, frame: Frame, expr: TComp) -> tuple[Option, Type] | None:
    """The only option of a single binder, if it is one of the IR."""
    if len(expr.binders) != 1:
        return None
    found = options(low, frame, expr.binders[0])
    if len(found) == 1 and found[0].binder is not None:
        return found[0], expr.binders[0].type
    return None


def _best(low: Lowering, frame: Frame, option: Option, cond: Expr, keys: tuple[Expr, ...]) -> Expr:
    assert option.binder is not None
    best = Best(option.binder, option.close(cond), tuple(option.close(k) for k in keys))
    named = low.fresh("best")
    frame.sink.lets.append((named, best))
    return Local(named, Opt(option.binder.sort))


def _the(low: Lowering, frame: Frame, expr: TComp, where: Leaf) -> Sym:
    """The only binding, as an option."""
    from kspec.lower.expr import lower

    single = _one_binder(low, frame, expr)
    of = expr.type.of if isinstance(expr.type, OptT) else expr.type
    if single is not None:
        option, type_ = single
        cond = conj((option.cond, where(option.frame)))
        if cond == FALSE:
            return Known(None)
        assert option.binder is not None
        best = _best(low, frame, option, cond, ())
        sort = option.binder.sort
        value = decode(low.shapes, type_, or_else(best, Lit(sort, least(sort))))
        body = lower(low, frame.binding(expr.binders[0].name, value), expr.body)
        return _present(low, is_some(best), body, expr.body.type)
    found = written_out(low, frame, expr, where, once=True)
    items = [(cond, lower(low, inner, expr.body)) for cond, inner in found]
    alone = [
        (conj((c, *(neg(d) for j, (d, _) in enumerate(items) if j != i))), s)
        for i, (c, s) in enumerate(items)
    ]
    return first_of(low, expr.body.type, alone) if items else _nothing(of)


def _nothing(of: Type) -> Sym:
    return Known(None)


def _present(low: Lowering, there: Expr, value: Sym, type_: Type) -> Sym:
    if isinstance(type_, OptT):
        inner = as_maybe(low.shapes, value)
        return Maybe(conj((there, inner.present)), inner.content)
    return Maybe(there, value)


def _least(low: Lowering, frame: Frame, expr: TComp, where: Leaf) -> Sym:
    """The element with the least key; nothing if two share it."""
    from kspec.lower.expr import lower

    assert expr.key is not None
    single = _one_binder(low, frame, expr)
    if single is not None:
        option, type_ = single
        cond = conj((option.cond, where(option.frame)))
        if cond == FALSE:
            return Known(None)
        assert option.binder is not None
        keys = key_numbers(low, expr.key.type, lower(low, option.frame, expr.key))
        best = _best(low, frame, option, cond, keys)
        sort = option.binder.sort
        return Maybe(
            is_some(best), decode(low.shapes, type_, or_else(best, Lit(sort, least(sort))))
        )
    found = written_out(low, frame, expr, where, once=True)
    rows = [(c, lower(low, f, expr.body), lower(low, f, expr.key)) for c, f in found]
    key = expr.key
    items = []
    for i, (cond, item, rank) in enumerate(rows):
        before_all = [
            disj((neg(c), less(low, key.type, rank, other, False)))
            for j, (c, _, other) in enumerate(rows)
            if j != i
        ]
        items.append((conj((cond, *before_all)), item))
    return first_of(low, expr.body.type, items) if items else Known(None)
