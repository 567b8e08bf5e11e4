"""Random options, records, sets, maps and sequences: the nodes that make one. See `expressions`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kspec.engines.random_systems.scope import Scope
from kspec.engines.random_systems.universe import has_identities, is_inhabited
from kspec.ir.expr import (
    Agg,
    AggKind,
    Best,
    Binder,
    Concat,
    Expr,
    First,
    MakeMap,
    MakeRecord,
    MakeSeq,
    MakeSet,
    Put,
    SetOf,
    SetOp,
    SetOpKind,
    Some,
    Sorted,
    WithField,
    sort_of,
)
from kspec.ir.sorts import Int, Map, Opt, Record, Seq, Set, Sort, cardinality

if TYPE_CHECKING:
    from kspec.engines.random_systems.expressions import Expressions


def option(e: Expressions, sort: Opt, scope: Scope, depth: int) -> Expr:
    """Nothing, something, or what an expression that may fail gives."""
    match e.draw.below(4 if is_inhabited(sort.of) else 1):
        case 1:
            return Some(e.of(sort.of, scope, depth))
        case 2 if isinstance(sort.of, Int):
            return _extreme(e, sort.of, scope, depth)
        case 2 | 3:
            return _chosen(e, sort, scope, depth)
        case _:
            return e.leaf(sort, scope, depth)


def _extreme(e: Expressions, sort: Int, scope: Scope, depth: int) -> Expr:
    binder = e.binder(scope)
    if binder is None:
        return e.leaf(Opt(sort), scope, depth)
    inner = scope.within(binder)
    kind = e.draw.pick((AggKind.MIN, AggKind.MAX))
    return Agg(kind, binder, e.truth(inner, depth), e.of(sort, inner, depth))


def _chosen(e: Expressions, sort: Opt, scope: Scope, depth: int) -> Expr:
    among = narrowed(sort.of, min(6, scope.room))
    if among is None:
        return e.leaf(sort, scope, depth)
    binder = Binder(e.name(scope), among)
    inner = scope.within(binder)
    if not has_identities(among) and e.draw.chance(45):
        return First(binder, e.truth(inner, depth))
    keys = tuple(e.integer(inner, depth) for _ in range(e.draw.between(1, 2)))
    return Best(binder, e.truth(inner, depth), keys)


def record(e: Expressions, sort: Record, scope: Scope, depth: int) -> Expr:
    """A record made of its fields, or with one replaced."""
    if e.draw.chance(50):
        return MakeRecord(sort, tuple(e.of(s, scope, depth) for _, s in sort.fields))
    arg = e.of(sort, scope, depth)
    name = e.draw.pick(sort.fields)[0]
    found = sort_of(arg)
    assert isinstance(found, Record)
    return WithField(arg, name, e.of(found.field(name), scope, depth))


def subset(e: Expressions, sort: Set, scope: Scope, depth: int) -> Expr | None:
    """A set of some values; None where a binder over all of them has no room."""
    kind = e.draw.below(3)
    if kind == 0 and is_inhabited(sort.of):
        return MakeSet(sort.of, e.many(sort.of, scope, depth))
    if kind == 1:
        op = e.draw.pick((SetOpKind.UNION, SetOpKind.INTER, SetOpKind.MINUS))
        return SetOp(op, e.of(sort, scope, depth), e.of(sort, scope, depth))
    if cardinality(sort.of) > scope.room:
        return None
    among = narrowed(sort.of, e.draw.between(2, 6)) or sort.of
    binder = Binder(e.name(scope), among)
    return SetOf(binder, e.truth(scope.within(binder), depth))


def mapping(e: Expressions, sort: Map, scope: Scope, depth: int) -> Expr | None:
    """A map made key by key, or with one value replaced; None if it has no values."""
    if not is_inhabited(sort.value):
        return None
    if cardinality(sort.key) <= scope.room and e.draw.chance(50):
        binder = Binder(e.name(scope), sort.key)
        return MakeMap(binder, e.of(sort.value, scope.within(binder), depth))
    if not is_inhabited(sort.key):
        return None
    arg = e.of(sort, scope, depth)
    found = sort_of(arg)
    assert isinstance(found, Map)
    key = e.of(sort.key, scope, depth)
    return Put(arg, key, e.of(found.value, scope, depth))


def sequence(e: Expressions, sort: Seq, scope: Scope, depth: int) -> Expr | None:
    """Items, two sequences, or values in order; None if there is nothing to order."""
    kind = e.draw.below(3)
    if kind == 0 and is_inhabited(sort.of):
        n = e.draw.between(0, sort.cap)
        return MakeSeq(sort.of, tuple(e.of(sort.of, scope, depth) for _ in range(n)))
    if kind == 1:
        n = e.draw.between(0, sort.cap)
        left = e.of(Seq(sort.of, n), scope, depth)
        return Concat(left, e.of(Seq(sort.of, sort.cap - n), scope, depth))
    among = narrowed(sort.of, min(sort.cap, scope.room))
    if among is None or has_identities(among):
        return None
    binder = Binder(e.name(scope), among)
    inner = scope.within(binder)
    keys = tuple(e.integer(inner, depth) for _ in range(e.draw.between(1, 2)))
    return Sorted(binder, e.truth(inner, depth), keys)


def narrowed(sort: Sort, most: int) -> Sort | None:
    """The sort, or a part of an integer range, with at most `most` values."""
    if cardinality(sort) <= most:
        return sort
    if isinstance(sort, Int) and most >= 1:
        return Int(sort.lo, sort.lo + most - 1)
    return None
