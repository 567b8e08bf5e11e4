"""Expressions that visit the values of a sort or the items of a sequence. See `codegen`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, assert_never

from kspec.engines.explicit.code.codegen import (
    Bound,
    Codegen,
    Env,
    World,
    in_register,
)
from kspec.engines.explicit.code.convert import convert, size_of, value_at
from kspec.engines.explicit.code.logic import truth
from kspec.engines.explicit.code.sorting import sort_values
from kspec.engines.explicit.code.values import (
    OptParts,
    Scalar,
    Val,
    either,
    flat,
    int_width,
    item,
    length,
    literal,
    packed,
    push,
    register,
    scalar,
    unflat,
)
from kspec.engines.explicit.llvm.emit import Emitter
from kspec.engines.explicit.llvm.operand import FALSE, TRUE, Op, number
from kspec.engines.explicit.store.layout import Refusal, bits_of
from kspec.ir.expr import (
    Agg,
    AggKind,
    Best,
    Binder,
    Count,
    Expr,
    First,
    Fold,
    MakeMap,
    Quant,
    QuantKind,
    SetOf,
    Sorted,
    sort_of,
)
from kspec.ir.sorts import Int, Opt, Seq, Sort, fits, join
from kspec.ir.validate_expr import narrowed

Combine: TypeAlias = Callable[[Bound, list[Val], list[Op]], list[Op]]
"""Takes the binder's value, the values of some expressions there, and what is carried."""


def value(
    cg: Codegen,
    expr: SetOf | MakeMap | Quant | Count | Agg | First,
    env: Env,
    world: World | None,
) -> Val:
    """One pass over the values of a sort."""
    match expr:
        case SetOf(binder, cond):
            bits = number(register(size_of(binder.sort)), 0)
            return Scalar(sort_of(expr), _pushed(cg, binder, cond, bits, 1, env, world))
        case MakeMap(binder, body):
            sort = sort_of(expr)
            zero = number(register(bits_of(sort)), 0)
            size = bits_of(sort_of(body))
            return in_register(sort, _pushed(cg, binder, body, zero, size, env, world))
        case Quant():
            return truth(_quant(cg, expr, env, world))
        case Count(binder, cond):
            return Scalar(sort_of(expr), _count(cg, binder, cond, env, world))
        case Agg():
            return _agg(cg, expr, env, world)
        case First():
            return _first(cg, expr, env, world)
        case _:
            assert_never(expr)


def _pass(
    cg: Codegen,
    binder: Binder,
    exprs: tuple[Expr, ...],
    env: Env,
    world: World | None,
    start: list[Op],
    combine: Combine,
    stop: int | None = None,
) -> list[Op]:
    def step(bound: Bound, ops: list[Op]) -> list[Op]:
        inner = {**env, binder.name: bound}
        return combine(bound, [cg.value(e, inner, world) for e in exprs], ops)

    work = sum(cg.nodes.of(e).work for e in exprs)
    return cg.iterate(binder, work, start, step, stop)


def _pushed(
    cg: Codegen, binder: Binder, body: Expr, zero: Op, size: int, env: Env, world: World | None
) -> Op:
    """The packed values of `body`, one after the other, the first on top."""

    def combine(_: Bound, got: list[Val], ops: list[Op]) -> list[Op]:
        return [push(cg.em, ops[0], packed(cg.em, got[0]), size)]

    return _pass(cg, binder, (body,), env, world, [zero], combine)[0]


def _count(cg: Codegen, binder: Binder, cond: Expr, env: Env, world: World | None) -> Op:
    def combine(_: Bound, got: list[Val], ops: list[Op]) -> list[Op]:
        return [cg.em.add(ops[0], cg.em.resize(scalar(got[0]), 64))]

    return _pass(cg, binder, (cond,), env, world, [number(64, 0)], combine)[0]


def _quant(cg: Codegen, expr: Quant, env: Env, world: World | None) -> Op:
    em, every = cg.em, expr.kind is QuantKind.ALL

    def combine(_: Bound, got: list[Val], ops: list[Op]) -> list[Op]:
        hit = em.flip(scalar(got[0])) if every else scalar(got[0])
        return [em.either(ops[0], hit)]

    (found,) = _pass(cg, expr.binder, (expr.body,), env, world, [FALSE], combine, stop=0)
    return em.flip(found) if every else found


def _agg(cg: Codegen, expr: Agg, env: Env, world: World | None) -> Val:
    match expr.kind:
        case AggKind.SUM:
            return _sum(cg, expr, env, world)
        case AggKind.MIN | AggKind.MAX:
            return _extreme(cg, expr, env, world)
        case _:
            assert_never(expr.kind)


def _sum(cg: Codegen, expr: Agg, env: Env, world: World | None) -> Val:
    """INVARIANT: every partial sum lies in the interval of the whole."""
    em, sort = cg.em, sort_of(expr)
    assert isinstance(sort, Int)
    bits = int_width(sort)

    def combine(_: Bound, got: list[Val], ops: list[Op]) -> list[Op]:
        term = em.resize(scalar(got[1]), bits, sign=True)
        return [em.add(ops[0], em.select(scalar(got[0]), term, number(bits, 0)))]

    parts = (expr.cond, expr.term)
    (total,) = _pass(cg, expr.binder, parts, env, world, [number(bits, 0)], combine)
    return Scalar(sort, total)


def _extreme(cg: Codegen, expr: Agg, env: Env, world: World | None) -> Val:
    em, sort = cg.em, sort_of(expr)
    assert isinstance(sort, Opt) and isinstance(sort.of, Int)
    least = expr.kind is AggKind.MIN

    def combine(_: Bound, got: list[Val], ops: list[Op]) -> list[Op]:
        cond, term, (found, best) = scalar(got[0]), scalar(got[1]), ops
        better = em.compare("slt", term, best) if least else em.compare("slt", best, term)
        take = em.both(cond, em.either(em.flip(found), better))
        return [em.either(found, cond), em.select(take, term, best)]

    start = [FALSE, scalar(literal(sort.of, sort.of.lo))]
    found, best = _pass(cg, expr.binder, (expr.cond, expr.term), env, world, start, combine)
    return OptParts(sort, found, Scalar(sort.of, best))


def _place(bound: Bound, place: Op) -> Op:
    return place


def _first(cg: Codegen, expr: First, env: Env, world: World | None) -> Val:
    """Carries whether one was found and the value, flat."""
    em, sort = cg.em, expr.binder.sort

    def combine(bound: Bound, got: list[Val], ops: list[Op]) -> list[Op]:
        found, cond = ops[0], scalar(got[0])
        take = em.both(cond, em.flip(found))
        return [em.either(found, cond), *_select(em, take, flat(em, bound.value), ops[1:])]

    ops = _pass(cg, expr.binder, (expr.cond,), env, world, _none_yet(em, expr.binder), combine, 0)
    return OptParts(Opt(sort), ops[0], unflat(sort, ops[1:]))


def _select(em: Emitter, cond: Op, new: list[Op], old: list[Op]) -> list[Op]:
    return [em.select(cond, a, b) for a, b in zip(new, old, strict=True)]


def _none_yet(em: Emitter, binder: Binder) -> list[Op]:
    """Nothing found, and the operands of the sort's first value (zeros if it has none)."""
    return [FALSE, *flat(em, value_at(em, binder.sort, number(64, 0)))]


def ordered(cg: Codegen, expr: Best | Sorted | Fold, env: Env, world: World | None) -> Val:
    """What compares keys, and what goes along a sequence."""
    match expr:
        case Best():
            return _best(cg, expr, env, world)
        case Sorted(binder, cond, keys):
            return sort_values(cg, binder, cond, keys, env, world)
        case Fold():
            return _fold(cg, expr, env, world)
        case _:
            assert_never(expr)


def _best(cg: Codegen, expr: Best, env: Env, world: World | None) -> Val:
    """Carries: found, tied, the keys of the best, its value."""
    em, sort, count = cg.em, expr.binder.sort, len(expr.keys)

    def combine(bound: Bound, got: list[Val], ops: list[Op]) -> list[Op]:
        found, tied, cond = ops[0], ops[1], scalar(got[0])
        keys, best = [scalar(v) for v in got[1:]], ops[2 : 2 + count]
        less, same = compare_keys(em, keys, best)
        take = em.both(cond, em.either(em.flip(found), less))
        tie = em.both(em.both(cond, found), same)
        tied = em.both(em.flip(take), em.either(tied, tie))
        new = [*keys, *flat(em, bound.value)]
        return [em.either(found, cond), tied, *_select(em, take, new, ops[2:])]

    found, *first = _none_yet(em, expr.binder)
    lows = [_lowest(key) for key in expr.keys]
    parts = (expr.cond, *expr.keys)
    ops = _pass(cg, expr.binder, parts, env, world, [found, FALSE, *lows, *first], combine)
    one = em.both(ops[0], em.flip(ops[1]))
    return OptParts(Opt(sort), one, unflat(sort, ops[2 + count :]))


def _lowest(key: Expr) -> Op:
    sort = sort_of(key)
    assert isinstance(sort, Int)
    return number(int_width(sort), sort.lo)


def compare_keys(em: Emitter, a: list[Op], b: list[Op]) -> tuple[Op, Op]:
    """Lexicographically: is `a` less, are they the same?"""
    less, same = FALSE, TRUE
    for x, y in zip(a, b, strict=True):
        less = em.either(less, em.both(same, em.compare("slt", x, y)))
        same = em.both(same, em.compare("eq", x, y))
    return less, same


def _fold(cg: Codegen, expr: Fold, env: Env, world: World | None) -> Val:
    em, acc = cg.em, expr.acc
    seq = cg.value(expr.seq, env, world)
    assert isinstance(seq.sort, Seq)
    if not _is_held(expr, seq.sort):
        raise Refusal(f"the accumulator {acc.name} may leave {acc.sort}")
    count, cap = length(em, seq), seq.sort.cap

    def step(place: Op, ops: list[Op]) -> list[Op]:
        inner = {
            **env,
            acc.name: cg.bound(unflat(acc.sort, list(ops))),
            expr.elem: cg.bound(item(em, seq, place)),
        }
        return flat(em, convert(em, cg.value(expr.body, inner, world), acc.sort))

    ops = flat(em, cg.as_sort(expr.init, acc.sort, env, world))
    if cg.unrolls(cap, cg.nodes.of(expr.body).work):
        for i in range(cap):
            place = number(64, i)
            ops = _select(em, em.compare("ult", place, count), step(place, ops), ops)
    elif cap:
        ops = em.loop(count, ops, step, hint=expr.elem)
    return unflat(acc.sort, ops)


def _is_held(expr: Fold, seq: Seq) -> bool:
    """Does the accumulator's sort hold what it is after each of at most `cap` items?

    The body's own sort may be wider: it allows for one item more.
    """
    if fits(sort_of(expr.body), expr.acc.sort):
        return True
    sort: Sort | None = sort_of(expr.init)
    for _ in range(seq.cap):
        if sort is None or not fits(sort, expr.acc.sort):
            return False
        body = narrowed(expr.body, {expr.acc.name: sort, expr.elem: seq.of})
        sort = join(sort, sort_of(body))
    return sort is not None and fits(sort, expr.acc.sort)


__all__ = ["compare_keys", "either", "ordered", "value"]
