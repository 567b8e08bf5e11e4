"""Computing with numbers that are known in part: exact, with a scale and perhaps a divisor.

Next: `operations` for the other built-in operations.
"""

from __future__ import annotations

from fractions import Fraction

from kspec.analysis.typed import TPrim
from kspec.analysis.types import (
    IntT,
    OptT,
    Type,
    UnitT,
)
from kspec.ir.expr import FALSE, ArithOp, Lit
from kspec.lower.context import CannotLower, Lowering
from kspec.lower.values.numbers import aligned, as_num, number
from kspec.lower.values.shapes import measure_of_both
from kspec.lower.values.smart import (
    arith,
    eq,
    integer_sort,
    ite,
    lit,
    lt,
    neg,
    times,
)
from kspec.lower.values.symbolic import Known, Maybe, Num, Sym


def lower_arithmetic(low: Lowering, expr: TPrim, args: tuple[Num, ...]) -> Sym:
    """The value of an operation on numbers."""
    match expr.op:
        case "+":
            result = args[0]
            for other in args[1:]:
                result = plus(result, other, ArithOp.ADD)
        case "-":
            result = plus(args[0], args[1], ArithOp.SUB)
        case "*":
            result = args[0]
            for other in args[1:]:
                result = product(result, other)
        case "neg":
            result = plus(number(0), args[0], ArithOp.SUB)
        case "abs":
            (arg,) = args
            flipped = arith(ArithOp.SUB, lit(0), arg.num)
            result = Num(ite(lt(arg.num, lit(0)), flipped, arg.num), arg.scale, arg.den)
        case "/":
            return _divided(low, expr, args[0], args[1])
        case "div" | "mod":
            return _rounded(low, expr, args[0], args[1])
        case "floor":
            result = _floor(args[0])
        case "ceil":
            down = _floor(plus(number(0), args[0], ArithOp.SUB))
            result = plus(number(0), down, ArithOp.SUB)
        case _:
            (result,) = args
    return simplified(result, expr.type)


def simplified(result: Num, type_: Type) -> Sym:
    """A number that is known, as such."""
    if isinstance(result.num, Lit) and (result.den is None or isinstance(result.den, Lit)):
        top = result.num.value
        bottom = result.den.value if isinstance(result.den, Lit) else 1
        assert isinstance(top, int) and isinstance(bottom, int)
        exact = Fraction(top, bottom) * result.scale
        if isinstance(type_, IntT):
            assert exact.denominator == 1, exact
            return Known(int(exact))
        return Known(exact)
    return result


def plus(a: Num, b: Num, op: ArithOp) -> Num:
    """The sum or difference."""
    measure = measure_of_both(a.scale, b.scale)
    if measure == 0:
        return number(0)
    if a.den is None and b.den is None:
        x, y = times(a.num, int(a.scale / measure)), times(b.num, int(b.scale / measure))
        return Num(arith(op, x, y), measure)
    x, y = aligned(a, b)
    den = arith(ArithOp.MUL, a.den or lit(1), b.den or lit(1))
    return Num(arith(op, x, y), measure, den)


def product(a: Num, b: Num) -> Num:
    """The product."""
    den = None
    if a.den is not None or b.den is not None:
        den = arith(ArithOp.MUL, a.den or lit(1), b.den or lit(1))
    return Num(arith(ArithOp.MUL, a.num, b.num), a.scale * b.scale, den)


def _divided(low: Lowering, expr: TPrim, a: Num, b: Num) -> Sym:
    if b.scale == 0 or b.num == lit(0):
        return _without_divisor(expr)
    sort = integer_sort(b.num)
    zero = eq(b.num, lit(0))
    sign = 1
    if sort.hi <= 0:
        sign = -1
    elif sort.lo < 0:
        raise CannotLower("the divisor may be negative or positive", expr.args[1].span)
    bottom = times(b.num, sign)
    if zero != FALSE:
        if not isinstance(expr.type, OptT):
            raise CannotLower("the divisor may be 0", expr.args[1].span)
        bottom = arith(ArithOp.MAX, bottom, lit(1))
    num = times(arith(ArithOp.MUL, a.num, b.den or lit(1)), sign)
    den = arith(ArithOp.MUL, a.den or lit(1), bottom)
    result = simplified(Num(num, a.scale / b.scale, den), _inner(expr.type))
    return result if zero == FALSE else Maybe(neg(zero), result)


def _inner(type_: Type) -> Type:
    return type_.of if isinstance(type_, OptT) else type_


def _without_divisor(expr: TPrim) -> Sym:
    if isinstance(expr.type, OptT):
        return Known(None)
    raise CannotLower("division by zero", expr.args[1].span)


def _rounded(low: Lowering, expr: TPrim, a: Num, b: Num) -> Sym:
    """`div` and `mod`: rounded down, the remainder with the divisor's sign."""
    x, y = aligned(a, b)
    sort = integer_sort(y)
    if sort.lo == sort.hi == 0:
        return _without_divisor(expr)
    zero = eq(y, lit(0))
    if sort.lo < 0:
        raise CannotLower("the divisor may be negative", expr.args[1].span)
    if zero != FALSE:
        if not isinstance(expr.type, OptT):
            raise CannotLower("the divisor may be 0", expr.args[1].span)
        y = arith(ArithOp.MAX, y, lit(1))
    if expr.op == "div":
        result = Num(arith(ArithOp.DIV, x, y), Fraction(1))
    else:
        measure = measure_of_both(a.scale, b.scale)
        den = None
        if a.den is not None or b.den is not None:
            den = arith(ArithOp.MUL, a.den or lit(1), b.den or lit(1))
        result = Num(arith(ArithOp.MOD, x, y), measure, den)
    value = simplified(result, _inner(expr.type))
    return value if zero == FALSE else Maybe(neg(zero), value)


def _floor(a: Num) -> Num:
    top = times(a.num, a.scale.numerator)
    bottom = times(a.den or lit(1), a.scale.denominator)
    return Num(arith(ArithOp.DIV, top, bottom), Fraction(1))


def least_of_numbers(low: Lowering, expr: TPrim, args: tuple[Sym, ...]) -> Sym | None:
    """`min` or `max` of two integers or amounts; None where a divisor is in the way."""
    if not isinstance(expr.type, IntT | UnitT):
        return None
    a, b = (as_num(low.shapes, arg) for arg in args)
    if a.den is not None or b.den is not None:
        return None
    measure = measure_of_both(a.scale, b.scale)
    if measure == 0:
        return Known(0 if isinstance(expr.type, IntT) else Fraction(0))
    x, y = aligned(a, b)
    op = ArithOp.MIN if expr.op == "min" else ArithOp.MAX
    return simplified(Num(arith(op, x, y), measure), expr.type)
