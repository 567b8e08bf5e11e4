"""What is known of a number before anything runs: enough to tell whether a divisor may be 0.

Only what is certain counts: the ranges of stored places, of `param`s and of names bound to every
value of a range. The ranges of a function's parameters and result are wishes that nobody checks
(values flow between ranges freely), so names bound to other values carry none: see `Env.bind`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TypeAlias, final

from kspec.analysis.typed import (
    Comp,
    TComp,
    TExpr,
    TField,
    TGet,
    TIf,
    TLet,
    TLit,
    TParam,
    TPrim,
    TState,
    TVar,
)
from kspec.analysis.types import IntT, KindT, MapT, Type
from kspec.base.record import frozen

_End: TypeAlias = "int | Fraction | None"


@final
@frozen
class Interval:
    """Both ends included; None is unknown."""

    lo: _End = None
    hi: _End = None


def excludes_zero(divisor: TExpr) -> bool:
    """Is the number never 0, whatever the state and the parameters?"""
    known = interval(divisor)
    return (known.lo is not None and known.lo > 0) or (known.hi is not None and known.hi < 0)


def interval(expr: TExpr) -> Interval:
    """Ends that the number never passes."""
    match expr:
        case TLit(int() | Fraction() as value):
            return Interval(value, value)
        case TParam() | TVar():
            return _declared(expr.type)
        case TField() | TState() | TGet():
            return _declared(expr.type) if _stored(expr) else Interval()
        case TIf(_, then, other):
            a, b = interval(then), interval(other)
            return Interval(_least(a.lo, b.lo), _most(a.hi, b.hi))
        case TLet(_, _, body):
            return interval(body)
        case TComp(Comp.COUNT):
            return Interval(0)
        case TPrim():
            return _operation(expr)
        case _:
            return Interval()


def _declared(type_: Type) -> Interval:
    if not isinstance(type_, IntT) or type_.bounds is None:
        return Interval()
    return Interval(interval(type_.bounds.lo).lo, interval(type_.bounds.hi).hi)


def _stored(expr: TExpr) -> bool:
    """Is this (a part of) a place of the state, whose range every step keeps?"""
    match expr:
        case TState():
            return True
        case TField(arg):
            return isinstance(arg.type, KindT) or _stored(arg)
        case TGet(arg):
            return isinstance(arg.type, MapT) and arg.type.total and _stored(arg)
        case _:
            return False


def _operation(expr: TPrim) -> Interval:
    if expr.op in ("size", "len", "length", "age"):
        return Interval(0)
    parts = tuple(interval(a) for a in expr.args)
    match expr.op, parts:
        case ("frac", (a,)):
            return a
        case ("neg", (a,)):
            return Interval(_negated(a.hi), _negated(a.lo))
        case ("+", (a, b)):
            return Interval(_sum(a.lo, b.lo), _sum(a.hi, b.hi))
        case ("-", (a, b)):
            return Interval(_sum(a.lo, _negated(b.hi)), _sum(a.hi, _negated(b.lo)))
        case ("min", (a, b)):
            return Interval(_least(a.lo, b.lo), _known_least(a.hi, b.hi))
        case ("max", (a, b)):
            return Interval(_known_most(a.lo, b.lo), _most(a.hi, b.hi))
        case ("*", (Interval(lo, hi), Interval(other, top))):
            if lo is None or other is None or lo < 0 or other < 0:
                return Interval()
            return Interval(lo * other, None if hi is None or top is None else hi * top)
        case _:
            return Interval()


def _negated(end: _End) -> _End:
    return None if end is None else -end


def _sum(a: _End, b: _End) -> _End:
    return None if a is None or b is None else a + b


def _least(a: _End, b: _End) -> _End:
    return None if a is None or b is None else min(a, b)


def _most(a: _End, b: _End) -> _End:
    return None if a is None or b is None else max(a, b)


def _known_least(a: _End, b: _End) -> _End:
    known = [x for x in (a, b) if x is not None]
    return min(known) if known else None


def _known_most(a: _End, b: _End) -> _End:
    known = [x for x in (a, b) if x is not None]
    return max(known) if known else None
