"""Options, records, sets, maps and sequences. See `codegen`, `values`."""

from __future__ import annotations

from typing import assert_never

from kspec.engines.explicit.code.codegen import Codegen, Env, World, in_register
from kspec.engines.explicit.code.convert import convert, member, place_of
from kspec.engines.explicit.code.logic import truth
from kspec.engines.explicit.code.values import (
    Fields,
    OptParts,
    Register,
    Scalar,
    Val,
    chain,
    either,
    element,
    field,
    is_some,
    item,
    length,
    packed,
    part,
    payload,
    register,
    scalar,
)
from kspec.engines.explicit.llvm.emit import Emitter
from kspec.engines.explicit.llvm.operand import FALSE, Op, number
from kspec.engines.explicit.store.layout import bits_of, width
from kspec.ir.expr import (
    At,
    Concat,
    Contains,
    Get,
    GetField,
    IsSome,
    Len,
    MakeMap,
    MakeRecord,
    MakeSeq,
    MakeSet,
    OrElse,
    Put,
    SetOp,
    SetOpKind,
    Some,
    Subset,
    WithField,
    sort_of,
)
from kspec.ir.sorts import Int, Map, Opt, Record, Seq, Set, Sort, cardinality


def product(
    cg: Codegen,
    expr: Some | IsSome | OrElse | MakeRecord | GetField | WithField,
    env: Env,
    world: World | None,
) -> Val:
    """Options and records."""
    match expr:
        case Some(arg):
            inner = cg.value(arg, env, world)
            return OptParts(Opt(inner.sort), number(1, 1), inner)
        case IsSome(arg):
            return truth(is_some(cg.em, cg.value(arg, env, world)))
        case OrElse():
            return _or_else(cg, expr, env, world)
        case MakeRecord(sort, args):
            pairs = zip(args, sort.fields, strict=True)
            return Fields(sort, tuple(cg.as_sort(a, s, env, world) for a, (_, s) in pairs))
        case GetField(arg, name):
            val = cg.value(arg, env, world)
            assert isinstance(val.sort, Record)
            return part(cg.em, val, val.sort.position(name))
        case WithField(arg, name, new):
            val = cg.value(arg, env, world)
            assert isinstance(val.sort, Record)
            parts = [part(cg.em, val, i) for i in range(len(val.sort.fields))]
            parts[val.sort.position(name)] = cg.as_sort(new, val.sort.field(name), env, world)
            return Fields(val.sort, tuple(parts))
        case _:
            assert_never(expr)


def _or_else(cg: Codegen, expr: OrElse, env: Env, world: World | None) -> Val:
    sort = sort_of(expr)
    option = cg.value(expr.arg, env, world)
    return cg.pick(
        is_some(cg.em, option),
        sort,
        lambda: convert(cg.em, payload(cg.em, option), sort),
        lambda: convert(cg.em, cg.value(expr.default, env, world), sort),
        cg.nodes.of(expr.default).work,
    )


# ---- sets --------------------------------------------------------------------------------------


def set_value(
    cg: Codegen, expr: MakeSet | Contains | SetOp | Subset, env: Env, world: World | None
) -> Val:
    """Sets as bits."""
    em = cg.em
    match expr:
        case MakeSet(of, args):
            total = number(register(cardinality(of)), 0)
            for arg in args:
                place = place_of(em, cg.as_sort(arg, of, env, world))
                total = em.either(total, _bit(em, cardinality(of), place))
            return Scalar(Set(of), total)
        case Contains(arg, elem):
            return truth(_contains(em, cg.value(arg, env, world), cg.value(elem, env, world)))
        case SetOp(op, left, right):
            sort = sort_of(expr)
            a = scalar(convert(em, cg.value(left, env, world), sort))
            b = scalar(convert(em, cg.value(right, env, world), sort))
            return Scalar(sort, _set_op(em, op, a, b))
        case Subset(left, right):
            sort = sort_of(SetOp(SetOpKind.UNION, left, right))
            a = scalar(convert(em, cg.value(left, env, world), sort))
            b = scalar(convert(em, cg.value(right, env, world), sort))
            return truth(em.compare("eq", em.both(a, em.flip(b)), number(a.bits, 0)))
        case _:
            assert_never(expr)


def _bit(em: Emitter, count: int, place: Op) -> Op:
    bits = register(count)
    if count == 0:
        return number(bits, 0)
    by = em.sub(number(64, count - 1), place)
    return em.up(number(bits, 1), em.resize(by, bits))


def _contains(em: Emitter, val: Val, elem: Val) -> Op:
    assert isinstance(val.sort, Set)
    of, count = val.sort.of, cardinality(val.sort.of)
    inside = member(em, elem, of)
    if count == 0 or inside == FALSE:
        return FALSE
    place = em.select(inside, place_of(em, convert(em, elem, of)), number(64, 0))
    by = em.sub(number(64, count - 1), place)
    dyn = None if by.const is not None else by
    bit = field(em, Register(scalar(val)), by.const or 0, dyn, 1)
    return em.both(inside, em.resize(bit, 1))


def _set_op(em: Emitter, op: SetOpKind, a: Op, b: Op) -> Op:
    match op:
        case SetOpKind.UNION:
            return em.either(a, b)
        case SetOpKind.INTER:
            return em.both(a, b)
        case SetOpKind.MINUS:
            return em.both(a, em.flip(b))
        case _:
            assert_never(op)


# ---- maps and sequences ------------------------------------------------------------------------


def indexed(
    cg: Codegen,
    expr: Get | Put | MakeSeq | Len | At | Concat,
    env: Env,
    world: World | None,
) -> Val:
    """What has places."""
    em = cg.em
    match expr:
        case Get(MakeMap(binder, body), key):
            inside = cg.as_sort(key, binder.sort, env, world)
            inner = {**env, binder.name: cg.bound(inside)}
            return cg.value(body, inner, world)
        case Get(arg, key):
            val = cg.value(arg, env, world)
            assert isinstance(val.sort, Map)
            return element(em, val, place_of(em, cg.as_sort(key, val.sort.key, env, world)))
        case Put():
            return _put(cg, expr, env, world)
        case MakeSeq(of, args):
            items = [packed(em, cg.as_sort(arg, of, env, world)) for arg in args]
            return _sequence(em, of, len(args), number(64, len(args)), items)
        case Len(arg):
            return Scalar(sort_of(expr), length(em, cg.value(arg, env, world)))
        case At():
            return _at(cg, expr, env, world)
        case Concat(left, right):
            return _concat(
                em, sort_of(expr), cg.value(left, env, world), cg.value(right, env, world)
            )
        case _:
            assert_never(expr)


def _put(cg: Codegen, expr: Put, env: Env, world: World | None) -> Val:
    em = cg.em
    val = cg.value(expr.arg, env, world)
    sort = val.sort
    assert isinstance(sort, Map)
    count, size = cardinality(sort.key), bits_of(sort.value)
    new = packed(em, cg.as_sort(expr.value, sort.value, env, world))
    place = place_of(em, cg.as_sort(expr.key, sort.key, env, world))
    total = packed(em, val)
    if count == 0 or size == 0:
        return in_register(sort, total)
    back = em.mul(em.sub(number(64, count - 1), place), number(64, size))
    by = em.resize(back, total.bits)
    hole = em.flip(em.up(number(total.bits, (1 << size) - 1), by))
    filled = em.up(em.resize(new, total.bits), by)
    return in_register(sort, em.either(em.both(total, hole), filled))


def _sequence(em: Emitter, of: Sort, cap: int, count: Op, items: list[Op]) -> Val:
    sort = Seq(of, cap)
    parts = [(count, width(cap + 1)), *((op, bits_of(of)) for op in items)]
    return in_register(sort, chain(em, bits_of(sort), parts))


def _at(cg: Codegen, expr: At, env: Env, world: World | None) -> Val:
    em = cg.em
    sort = sort_of(expr)
    seq = cg.value(expr.arg, env, world)
    assert isinstance(seq.sort, Seq)
    default = convert(em, cg.value(expr.default, env, world), sort)
    if seq.sort.cap == 0:
        return default
    index = scalar(cg.value(expr.index, env, world))
    index_sort = sort_of(expr.index)
    assert isinstance(index_sort, Int)
    count = em.resize(length(em, seq), index.bits)
    inside = em.compare("slt", index, count)
    if index_sort.lo < 0:
        inside = em.both(inside, em.compare("sle", number(index.bits, 0), index))
    place = em.resize(em.select(inside, index, number(index.bits, 0)), 64)
    return either(em, inside, convert(em, item(em, seq, place), sort), default)


def _concat(em: Emitter, sort: Sort, left: Val, right: Val) -> Val:
    """The right items lie below the left ones that are there; tails are 0."""
    assert isinstance(sort, Seq) and isinstance(left.sort, Seq) and isinstance(right.sort, Seq)
    many, few, size = left.sort.cap, right.sort.cap, bits_of(sort.of)
    a, b = convert(em, left, Seq(sort.of, many)), convert(em, right, Seq(sort.of, few))
    bits = register(bits_of(sort))
    first, second = length(em, a), length(em, b)
    count = em.resize(em.add(first, second), bits)
    total = em.up(count, sort.cap * size) if width(sort.cap + 1) else number(bits, 0)
    if many * size:
        upper = em.resize(em.mask(packed(em, a), many * size), bits)
        total = em.either(total, em.up(upper, few * size))
    if few * size:
        lower = em.resize(em.mask(packed(em, b), few * size), bits)
        by = em.mul(em.sub(number(64, many), first), number(64, size))
        total = em.either(total, em.up(lower, em.resize(by, bits)))
    return in_register(sort, total)
