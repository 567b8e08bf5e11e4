"""Small ways to write expressions: what lowering and tests build them with.

Nothing here simplifies except where a neutral element or a literal makes a node pointless, so
that a lowered system still shows what its source said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kspec.ir.expr import (
    FALSE,
    TRUE,
    And,
    Arith,
    ArithOp,
    Binder,
    Expr,
    Fold,
    IllSorted,
    Lit,
    Local,
    Not,
    Or,
    joined,
    sequence,
    sort_of,
)
from kspec.ir.sorts import Bool, Int, Sort, fits, join


def lit(value: int) -> Lit:
    """An integer literal, or a truth value for `True` and `False`."""
    if isinstance(value, bool):
        return TRUE if value else FALSE
    return Lit(Int(value, value), value)


def conj(args: Iterable[Expr]) -> Expr:
    """A flat conjunction without its neutral arguments."""
    flat: list[Expr] = []
    for arg in args:
        flat.extend(arg.args if isinstance(arg, And) else (arg,))
    kept = tuple(a for a in flat if a != TRUE)
    if FALSE in kept:
        return FALSE
    return kept[0] if len(kept) == 1 else (And(kept) if kept else TRUE)


def disj(args: Iterable[Expr]) -> Expr:
    """A flat disjunction without its neutral arguments."""
    flat: list[Expr] = []
    for arg in args:
        flat.extend(arg.args if isinstance(arg, Or) else (arg,))
    kept = tuple(a for a in flat if a != FALSE)
    if TRUE in kept:
        return TRUE
    return kept[0] if len(kept) == 1 else (Or(kept) if kept else FALSE)


def neg(arg: Expr) -> Expr:
    """Negation, with double negation and literals removed."""
    if isinstance(arg, Not):
        return arg.arg
    if isinstance(arg, Lit) and arg.sort == Bool():
        return FALSE if arg.value else TRUE
    return Not(arg)


def implies(left: Expr, right: Expr) -> Expr:
    """`left` implies `right`."""
    return disj((neg(left), right))


def clamp(arg: Expr, lo: int, hi: int) -> Expr:
    """`arg` moved into lo .. hi; used under a condition that makes the move vacuous."""
    sort = sort_of(arg)
    if fits(sort, Int(lo, hi)):
        return arg
    return Arith(ArithOp.MIN, lit(hi), Arith(ArithOp.MAX, lit(lo), arg))


def fold(acc: str, init: Expr, elem: str, seq: Expr, body: Callable[[Expr, Expr], Expr]) -> Expr:
    """A `Fold` whose accumulator sort is found by running the intervals along the capacity."""
    shape = sequence(sort_of(seq), seq)
    sort: Sort = sort_of(init)
    for _ in range(shape.cap):
        step = sort_of(body(Local(acc, sort), Local(elem, shape.of)))
        wider = join(sort, step)
        if wider is None:
            raise IllSorted(f"the accumulator {acc} is {sort}, then {step}")
        if wider == sort:
            break
        sort = wider
    return Fold(Binder(acc, sort), init, elem, seq, body(Local(acc, sort), Local(elem, shape.of)))


__all__ = ["clamp", "conj", "disj", "fold", "implies", "joined", "lit", "neg"]
