"""Quantifiers, aggregates and comprehensions: which is which.

Next: `binding` for the walk over bindings, `aggregates` and `gathering` for what is made of them.
"""

from __future__ import annotations

from fractions import Fraction

from kspec.analysis.typed import Comp, TComp
from kspec.analysis.types import IntT
from kspec.ir.expr import FALSE, TRUE, Expr
from kspec.lower.context import Frame, Lowering
from kspec.lower.expressions.aggregates import extreme, least_by, product_of, sum_of, the_only
from kspec.lower.expressions.arithmetic import simplified
from kspec.lower.expressions.binding import count_of, for_all, for_some
from kspec.lower.values.smart import conj, eq, lit, neg
from kspec.lower.values.symbolic import Flag, Num, Sym


def lower_comp(low: Lowering, frame: Frame, expr: TComp) -> Sym:
    """The value of a quantifier, an aggregate or a comprehension."""
    from kspec.lower.expressions import gathering
    from kspec.lower.expressions.expr import flag

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
            return simplified(sum_of(low, frame, expr, expr.binders, where), expr.type)
        case Comp.PRODUCT:
            return product_of(low, frame, expr, where)
        case Comp.MIN | Comp.MAX:
            return extreme(low, frame, expr, where)
        case Comp.THE:
            return the_only(low, frame, expr, where)
        case Comp.LEAST:
            return least_by(low, frame, expr, where)
        case _:
            return gathering.gather(low, frame, expr, where)
