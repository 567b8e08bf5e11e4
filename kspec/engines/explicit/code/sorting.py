"""`Sorted`: each chosen value goes to the place that its rank says. See `binders`.

Ranks are counted, every value against every other, with ties in the sort's order: straight code
for a few values, loops over arrays on the stack for many.
"""

from __future__ import annotations

from kspec.engines.explicit.code.codegen import (
    Bound,
    Codegen,
    Env,
    World,
    in_register,
)
from kspec.engines.explicit.code.convert import size_of, value_at
from kspec.engines.explicit.code.values import Val, operand_width, packed, register, scalar
from kspec.engines.explicit.llvm.emit import Emitter
from kspec.engines.explicit.llvm.operand import FALSE, TRUE, Op, number
from kspec.engines.explicit.store.layout import bits_of, width
from kspec.ir.expr import Binder, Expr
from kspec.ir.sorts import Seq

MOST_STRAIGHT = 6


def sort_values(
    cg: Codegen,
    binder: Binder,
    cond: Expr,
    keys: tuple[Expr, ...],
    env: Env,
    world: World | None,
) -> Val:
    """The values of the binder's sort with `cond`, least first."""
    count = size_of(binder.sort)
    sort = Seq(binder.sort, count)
    work = sum(cg.nodes.of(e).work for e in (cond, *keys))
    if count <= MOST_STRAIGHT and cg.unrolls(count, work):
        rows = [
            _row(cg, cg.nth(binder.sort, i), binder, cond, keys, env, world) for i in range(count)
        ]
        return in_register(sort, _straight(cg.em, sort, rows))
    return in_register(sort, _looped(cg, sort, binder, cond, keys, env, world))


def _row(
    cg: Codegen,
    bound: Bound,
    binder: Binder,
    cond: Expr,
    keys: tuple[Expr, ...],
    env: Env,
    world: World | None,
) -> list[Op]:
    """The condition and the keys for one value."""
    inner = {**env, binder.name: bound}
    return [scalar(cg.value(e, inner, world)) for e in (cond, *keys)]


def precedes(em: Emitter, a: list[Op], b: list[Op], earlier: Op) -> Op:
    """Does row `a` come before row `b`? `earlier` decides between equal keys."""
    less, same = FALSE, TRUE
    for x, y in zip(a[1:], b[1:], strict=True):
        less = em.either(less, em.both(same, em.compare("slt", x, y)))
        same = em.both(same, em.compare("eq", x, y))
    return em.both(a[0], em.either(less, em.both(same, earlier)))


def _straight(em: Emitter, sort: Seq, rows: list[list[Op]]) -> Op:
    bits = number(register(bits_of(sort)), 0)
    chosen = number(64, 0)
    for i, row in enumerate(rows):
        rank = number(64, 0)
        for j, other in enumerate(rows):
            if i != j:
                before = precedes(em, other, row, TRUE if j < i else FALSE)
                rank = em.add(rank, em.resize(before, 64))
        bits = _deposit(em, sort, bits, row[0], rank, number(64, i))
        chosen = em.add(chosen, em.resize(row[0], 64))
    return _with_length(em, sort, bits, chosen)


def _deposit(em: Emitter, sort: Seq, bits: Op, cond: Op, rank: Op, place: Op) -> Op:
    """Put the value at `place` of the order at position `rank` of the sequence."""
    size = bits_of(sort.of)
    if size == 0:
        return bits
    last = number(64, sort.cap - 1)
    inside = em.select(cond, rank, number(64, 0))
    by = em.mul(em.sub(last, inside), number(64, size))
    value = em.resize(packed(em, value_at(em, sort.of, place)), bits.bits)
    moved = em.up(value, em.resize(by, bits.bits))
    return em.either(bits, em.select(cond, moved, number(bits.bits, 0)))


def _with_length(em: Emitter, sort: Seq, bits: Op, count: Op) -> Op:
    if width(sort.cap + 1) == 0:
        return bits
    return em.either(bits, em.up(em.resize(count, bits.bits), sort.cap * bits_of(sort.of)))


def _looped(
    cg: Codegen,
    sort: Seq,
    binder: Binder,
    cond: Expr,
    keys: tuple[Expr, ...],
    env: Env,
    world: World | None,
) -> Op:
    em, count = cg.em, number(64, sort.cap)
    widths = [8, *(scalar_width(cg, key) for key in keys)]
    arrays = [em.alloca(sort.cap * bits // 8, binder.name) for bits in widths]

    def fill(place: Op, _: list[Op]) -> list[Op]:
        bound = cg.bound(value_at(em, binder.sort, place))
        row = _row(cg, bound, binder, cond, keys, env, world)
        for op, array, bits in zip(row, arrays, widths, strict=True):
            em.store(em.resize(op, bits), _entry(em, array, place, bits), align=1)
        return []

    def load(place: Op) -> list[Op]:
        row = [
            em.load(_entry(em, array, place, bits), bits, align=1)
            for array, bits in zip(arrays, widths, strict=True)
        ]
        return [em.resize(row[0], 1), *row[1:]]

    def outer(place: Op, ops: list[Op]) -> list[Op]:
        row = load(place)

        def inner(other: Op, ranks: list[Op]) -> list[Op]:
            before = precedes(em, load(other), row, em.compare("ult", other, place))
            return [em.add(ranks[0], em.resize(before, 64))]

        (rank,) = em.loop(count, [number(64, 0)], inner, hint="rank")
        chosen = em.add(ops[1], em.resize(row[0], 64))
        return [_deposit(em, sort, ops[0], row[0], rank, place), chosen]

    em.loop(count, [], fill, hint="keys")
    start = [number(register(bits_of(sort)), 0), number(64, 0)]
    bits_, chosen_ = em.loop(count, start, outer, hint="sort")
    return _with_length(em, sort, bits_, chosen_)


def scalar_width(cg: Codegen, key: Expr) -> int:
    """The operand width of a key."""
    return operand_width(cg.nodes.of(key).sort)


def _entry(em: Emitter, array: Op, place: Op, bits: int) -> Op:
    return em.offset(array, em.mul(place, number(64, bits // 8)))
