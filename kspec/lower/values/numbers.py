"""Numbers that are known in part: how they are read, and what they have in common.

Next: `expressions.operations`, which computes with them.
"""

from __future__ import annotations

from fractions import Fraction

from kspec.ir.expr import (
    ArithOp,
    Expr,
    Lit,
    sort_of,
)
from kspec.ir.sorts import (
    Int,
    Map,
)
from kspec.lower.values.shapes import (
    Shapes,
    common_measure,
    measure_of_both,
)
from kspec.lower.values.smart import (
    arith,
    get,
    lit,
    times,
)
from kspec.lower.values.symbolic import (
    Known,
    Num,
    Sym,
    Tabled,
)
from kspec.pure.values.value import Value as Pure


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


def aligned(a: Num, b: Num) -> tuple[Expr, Expr]:
    """Both numbers times one positive factor that makes them whole."""
    measure = measure_of_both(a.scale, b.scale)
    if measure == 0:
        return lit(0), lit(0)
    left, right = times(a.num, int(a.scale / measure)), times(b.num, int(b.scale / measure))
    return _times(left, b.den), _times(right, a.den)


def _times(expr: Expr, by: Expr | None) -> Expr:
    return expr if by is None else arith(ArithOp.MUL, expr, by)
