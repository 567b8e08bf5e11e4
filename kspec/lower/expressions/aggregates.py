"""Aggregates and choices over bindings: sums, extremes, `the`, the least by a key.

Next: `binding` for the walk over bindings.
"""

from __future__ import annotations

from fractions import Fraction

from kspec.analysis.typed import (
    Comp,
    TBinder,
    TComp,
)
from kspec.analysis.types import (
    IntT,
    OptT,
    Type,
    UnitT,
)
from kspec.ir.expr import FALSE, TRUE, Agg, AggKind, Best, Expr, Lit, Local, sort_of
from kspec.ir.sorts import Opt
from kspec.lower.context import CannotLower, Frame, Lowering
from kspec.lower.expressions.arithmetic import plus, product, simplified
from kspec.lower.expressions.binding import Leaf, Option, options
from kspec.lower.expressions.gathered import first_of
from kspec.lower.expressions.ranking import key_numbers, less
from kspec.lower.values.apart import as_maybe
from kspec.lower.values.choice import choose
from kspec.lower.values.codec import decode
from kspec.lower.values.numbers import as_num
from kspec.lower.values.shapes import least
from kspec.lower.values.smart import (
    conj,
    disj,
    is_some,
    ite,
    lit,
    neg,
    or_else,
    total,
)
from kspec.lower.values.symbolic import Known, Maybe, Num, Sym


def sum_of(
    low: Lowering, frame: Frame, expr: TComp, binders: tuple[TBinder, ...], where: Leaf
) -> Num:
    """The sum of the body over all bindings; 0 of nothing."""
    from kspec.ir.expr import ArithOp
    from kspec.lower.expressions.expr import lower

    result = Num(lit(0), Fraction(0))
    for option in options(low, frame, binders[0], once=True):
        cond = option.cond
        if len(binders) == 1:
            cond = conj((cond, where(option.frame)))
            if cond == FALSE:
                continue
            term = as_num(low.shapes, lower(low, option.frame, expr.body))
        else:
            term = sum_of(low, option.frame, expr, binders[1:], where)
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


def product_of(low: Lowering, frame: Frame, expr: TComp, where: Leaf) -> Sym:
    """The product of the body over all bindings; 1 of nothing."""
    from kspec.lower.expressions.expr import lower

    result = Num(lit(1), Fraction(1))
    for cond, inner in written_out(low, frame, expr, where, once=True):
        factor = as_num(low.shapes, lower(low, inner, expr.body))
        if cond != TRUE:
            chosen = choose(low.shapes, expr.type, cond, factor, Num(lit(1), Fraction(1)))
            factor = as_num(low.shapes, chosen)
        result = product(result, factor)
    return simplified(result, expr.type)


def extreme(low: Lowering, frame: Frame, expr: TComp, where: Leaf) -> Sym:
    """The least or greatest body of all bindings, as an option."""
    from kspec.lower.expressions.expr import lower

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
    from kspec.lower.expressions.expr import lower

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


def the_only(low: Lowering, frame: Frame, expr: TComp, where: Leaf) -> Sym:
    """The only binding, as an option."""
    from kspec.lower.expressions.expr import lower

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


def least_by(low: Lowering, frame: Frame, expr: TComp, where: Leaf) -> Sym:
    """The element with the least key; nothing if two share it."""
    from kspec.lower.expressions.expr import lower

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
