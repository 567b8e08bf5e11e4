"""New values for a place that keep a system moving: made from the old value, or chosen freely.

Some leave the sort of the place when the old value is at its edge: an integer at its bound, a full
sequence.
"""

from __future__ import annotations

from itertools import pairwise
from typing import assert_never

from kspec.engines.random_systems.expressions import Expressions
from kspec.engines.random_systems.scope import Scope
from kspec.engines.random_systems.universe import is_inhabited
from kspec.ir.build import lit
from kspec.ir.expr import (
    Arith,
    ArithOp,
    Concat,
    Eq,
    Expr,
    GetField,
    IsSome,
    Ite,
    Lit,
    MakeSeq,
    MakeSet,
    Not,
    Put,
    SetOp,
    SetOpKind,
    Some,
    WithField,
    sort_of,
)
from kspec.ir.sorts import Bool, Enum, Id, Int, Map, Opt, Record, Seq, Set, Sort, Value, fits


def new_value(expressions: Expressions, sort: Sort, current: Expr, scope: Scope) -> Expr:
    """A value for a place of this sort that now holds `current`."""
    d = expressions.draw
    bound = [x for x in scope.locals if fits(x.sort, sort)]
    if bound and d.chance(50):
        return d.pick(bound)
    if d.chance(65):
        return changed(expressions, sort, current, scope)
    if d.chance(12):
        return expressions.of(expressions.universe.widened(sort), scope, 1)
    return expressions.of(sort, scope, 2)


def changed(expressions: Expressions, sort: Sort, current: Expr, scope: Scope) -> Expr:
    """A value near the present one, mostly different from it."""
    match sort:
        case Bool():
            return Not(current)
        case Int():
            return _counted(expressions, sort, current)
        case Enum(_, cases):
            return rotated(sort, cases, current)
        case Id(_, size):
            return rotated(sort, tuple(range(size)), current)
        case Opt(of):
            nothing = Lit(sort, None)
            if not is_inhabited(of):
                return nothing
            return Ite(IsSome(current), nothing, Some(expressions.of(of, scope, 1)))
        case Record(_, fields):
            name, part = expressions.draw.pick(fields)
            value = changed(expressions, part, GetField(current, name), scope)
            return WithField(current, name, _kept(expressions, part, value, scope))
        case Set(of):
            return _grown(expressions, of, current, scope)
        case Map(key, of):
            if not is_inhabited(key):
                return current
            place = expressions.key(key, scope, 1)
            return Put(current, place, expressions.of(of, scope, 1))
        case Seq(of, _):
            if not is_inhabited(of):
                return current
            return _longer(expressions, sort, current, scope)
        case _:
            assert_never(sort)


def _kept(expressions: Expressions, sort: Sort, value: Expr, scope: Scope) -> Expr:
    """What goes into a part of a value must be of the part's sort."""
    return value if fits(sort_of(value), sort) else expressions.of(sort, scope, 1)


def _counted(expressions: Expressions, sort: Int, current: Expr) -> Expr:
    d = expressions.draw
    by = lit(d.pick((1, 1, 2)))
    match d.below(5):
        case 0:
            return Arith(ArithOp.ADD, current, by)
        case 1:
            return Arith(ArithOp.SUB, current, by)
        case 2:
            return Arith(ArithOp.MIN, lit(sort.hi), Arith(ArithOp.ADD, current, by))
        case _:
            size, lo = lit(sort.hi - sort.lo + 1), lit(sort.lo)
            offset = Arith(ArithOp.ADD, Arith(ArithOp.SUB, current, lo), by)
            return Arith(ArithOp.ADD, lo, Arith(ArithOp.MOD, offset, size))


def rotated(sort: Sort, values: tuple[Value, ...], current: Expr) -> Expr:
    """The next of the values, the first after the last."""
    following: Expr = Lit(sort, values[0])
    for before, after in pairwise(values):
        following = Ite(Eq(current, Lit(sort, before)), Lit(sort, after), following)
    return following


def _grown(expressions: Expressions, of: Sort, current: Expr, scope: Scope) -> Expr:
    if not is_inhabited(of):
        return current
    op = expressions.draw.pick((SetOpKind.UNION, SetOpKind.UNION, SetOpKind.MINUS))
    return SetOp(op, current, MakeSet(of, (expressions.of(of, scope, 1),)))


def _longer(expressions: Expressions, sort: Seq, current: Expr, scope: Scope) -> Expr:
    d = expressions.draw
    item = MakeSeq(sort.of, (expressions.of(sort.of, scope, 1),))
    if d.chance(25):
        return item
    if d.chance(25):
        return Concat(item, current)
    return Concat(current, item)
