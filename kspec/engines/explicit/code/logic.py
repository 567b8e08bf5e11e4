"""Truth values and numbers. See `codegen`; rule 6 (exact arithmetic, `div` floors)."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from kspec.engines.explicit.code.codegen import Codegen, Env, World
from kspec.engines.explicit.code.convert import convert, equal
from kspec.engines.explicit.code.values import WIDE, Scalar, Val, int_width, scalar
from kspec.engines.explicit.llvm.emit import Emitter
from kspec.engines.explicit.llvm.operand import FALSE, TRUE, Op, number, signed
from kspec.ir.expr import And, Arith, ArithOp, Eq, Expr, Ite, Le, Lt, Not, Or, joined, sort_of
from kspec.ir.sorts import Bool, Int


def value(
    cg: Codegen,
    expr: Not | And | Or | Ite | Eq | Lt | Le | Arith,
    env: Env,
    world: World | None,
) -> Val:
    """The value of a connective, a comparison or an operation on numbers."""
    em = cg.em
    match expr:
        case Not(arg):
            return truth(em.flip(cg.truth(arg, env, world)))
        case And(args):
            return truth(conjunction(cg, args, env, world))
        case Or(args):
            return truth(_disjunction(cg, args, env, world))
        case Ite():
            return _ite(cg, expr, env, world)
        case Eq(left, right):
            return truth(_equal(cg, expr, cg.value(left, env, world), cg.value(right, env, world)))
        case Lt(left, right):
            a, b = _pair(em, cg.value(left, env, world), cg.value(right, env, world))
            return truth(em.compare("slt", a, b))
        case Le(left, right):
            a, b = _pair(em, cg.value(left, env, world), cg.value(right, env, world))
            return truth(em.compare("sle", a, b))
        case Arith(op, left, right):
            return _arith(em, op, cg.value(left, env, world), cg.value(right, env, world), expr)
        case _:
            assert_never(expr)


def truth(op: Op) -> Scalar:
    """A bit as a value."""
    return Scalar(Bool(), op)


def conjunction(cg: Codegen, args: tuple[Expr, ...], env: Env, world: World | None) -> Op:
    """All of them; an expensive one only if those before it are true."""
    return _connect(cg, args, lambda arg: cg.truth(arg, env, world), TRUE)


def _disjunction(cg: Codegen, args: tuple[Expr, ...], env: Env, world: World | None) -> Op:
    def negated(arg: Expr) -> Op:
        return cg.em.flip(cg.truth(arg, env, world))

    return cg.em.flip(_connect(cg, args, negated, TRUE))


def _connect(cg: Codegen, args: tuple[Expr, ...], get: Callable[[Expr], Op], total: Op) -> Op:
    """`total` and what `get` gives for all the arguments."""
    for i, arg in enumerate(args):
        if total.const == 0:
            return FALSE
        if total.const is None and cg.nodes.of(arg).work >= cg.tuning.branch_work:
            return _only_if(cg, total, args[i:], get)
        total = cg.em.both(total, get(arg))
    return total


def _only_if(cg: Codegen, cond: Op, args: tuple[Expr, ...], get: Callable[[Expr], Op]) -> Op:
    return cg.em.choose(cond, lambda: [_connect(cg, args, get, TRUE)], lambda: [FALSE], "and")[0]


def _ite(cg: Codegen, expr: Ite, env: Env, world: World | None) -> Val:
    sort = sort_of(expr)
    work = cg.nodes.of(expr.then).work + cg.nodes.of(expr.other).work
    return cg.pick(
        cg.truth(expr.cond, env, world),
        sort,
        lambda: convert(cg.em, cg.value(expr.then, env, world), sort),
        lambda: convert(cg.em, cg.value(expr.other, env, world), sort),
        work,
    )


def _equal(cg: Codegen, expr: Eq, a: Val, b: Val) -> Op:
    if isinstance(a.sort, Int) and isinstance(b.sort, Int):
        return cg.em.compare("eq", *_pair(cg.em, a, b))
    sort = joined(a.sort, b.sort, expr)
    return equal(cg.em, convert(cg.em, a, sort), convert(cg.em, b, sort))


def _pair(em: Emitter, a: Val, b: Val) -> tuple[Op, Op]:
    x, y = scalar(a), scalar(b)
    bits = max(x.bits, y.bits)
    return em.resize(x, bits, sign=True), em.resize(y, bits, sign=True)


def _arith(em: Emitter, op: ArithOp, a: Val, b: Val, expr: Expr) -> Val:
    sort = sort_of(expr)
    assert isinstance(sort, Int) and isinstance(a.sort, Int) and isinstance(b.sort, Int)
    x, y = _pair(em, a, b)
    bits = max(x.bits, int_width(sort))
    x, y = em.resize(x, bits, sign=True), em.resize(y, bits, sign=True)
    if op in (ArithOp.DIV, ArithOp.MOD):
        result = _divide(em, op, x, y, a.sort.lo >= 0)
    else:
        result = _plain(em, op, x, y)
    return Scalar(sort, em.resize(result, int_width(sort), sign=True))


def _plain(em: Emitter, op: ArithOp, x: Op, y: Op) -> Op:
    match op:
        case ArithOp.ADD:
            return em.add(x, y)
        case ArithOp.SUB:
            return em.sub(x, y)
        case ArithOp.MUL:
            return em.mul(x, y)
        case ArithOp.MIN:
            return em.select(em.compare("slt", x, y), x, y)
        case ArithOp.MAX:
            return em.select(em.compare("slt", x, y), y, x)
        case _:
            raise TypeError(f"not here: {op}")


def _divide(em: Emitter, op: ArithOp, x: Op, y: Op, natural: bool) -> Op:
    """The divisor is positive; round down, and the rest is never negative.

    For a negative x, x div y is -1 - ((-1 - x) div y), and -1 - x has the bits of x flipped.
    """
    if x.const is not None and y.const is not None and y.const:
        a, b = signed(x.bits, x.const), signed(y.bits, y.const)
        return number(x.bits, a // b if op is ArithOp.DIV else a % b)
    below = FALSE if natural else em.compare("slt", x, number(x.bits, 0))
    quotient = _quotient(em, em.select(below, em.flip(x), x), y)
    quotient = em.select(below, em.flip(quotient), quotient)
    return quotient if op is ArithOp.DIV else em.sub(x, em.mul(quotient, y))


def _quotient(em: Emitter, x: Op, y: Op) -> Op:
    """Unsigned division. LLVM calls a library for 128 bits, which is not linked: by hand there."""
    if x.bits < WIDE:
        return em.binary("udiv", x, y)
    zero, one = number(x.bits, 0), number(x.bits, 1)

    def digit(_: Op, ops: list[Op]) -> list[Op]:
        left, rest, quotient = ops
        rest = em.either(em.up(rest, 1), em.down(left, x.bits - 1))
        fits = em.compare("ule", y, rest)
        rest = em.select(fits, em.sub(rest, y), rest)
        quotient = em.either(em.up(quotient, 1), em.select(fits, one, zero))
        return [em.up(left, 1), rest, quotient]

    return em.loop(number(64, x.bits), [x, zero, zero], digit, hint="divide")[2]
