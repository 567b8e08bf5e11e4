"""Claims over runs: formulas of the IR, with identities bound for a life (rule 12)."""

from __future__ import annotations

from attrs import evolve

from kspec.analysis.typed import OverKind, TBinder, TExpr, TLives, TTemporal
from kspec.analysis.types import KindT, TemporalT
from kspec.ir.expr import FALSE, TRUE, Expr
from kspec.ir.system import (
    Always,
    AndF,
    EachLife,
    EachValue,
    Eventually,
    Formula,
    Holds,
    NotF,
    OrF,
    Unchanged,
    Until,
)
from kspec.lower.context import CannotLower, Frame, Lowering, Sink
from kspec.lower.expressions import worlds
from kspec.lower.expressions.binding import options
from kspec.lower.values.apart import as_ident
from kspec.lower.values.codec import encode, occurring
from kspec.lower.values.smart import conj, free
from kspec.lower.values.symbolic import Ident


def formula(low: Lowering, frame: Frame, expr: TExpr) -> Formula:
    """The formula of a claim."""
    match expr:
        case TTemporal():
            return _operator(low, frame, expr)
        case TLives():
            return _lives(low, frame, expr, expr.binders)
        case _:
            if isinstance(expr.type, TemporalT):
                raise CannotLower("this claim over time is not supported yet", expr.span)
            return Holds(_atom(low, frame, expr))


def _atom(low: Lowering, frame: Frame, expr: TExpr) -> Expr:
    """A state formula; about an object that is gone it is false."""
    from kspec.lower.expressions.expr import flag

    inner = evolve(frame, sink=Sink())
    body = inner.sink.close(flag(low, inner, expr))
    used = free(body)
    alive = [
        worlds.lives(low, frame.world, sym.kind, sym.expr)
        for sym in frame.names.values()
        if isinstance(sym, Ident) and free(sym.expr) & used
    ]
    return conj((*alive, body))


def _operator(low: Lowering, frame: Frame, expr: TTemporal) -> Formula:
    match expr.op, expr.args:
        case "always", (arg,):
            return Always(formula(low, frame, arg))
        case "eventually", (arg,):
            return Eventually(formula(low, frame, arg))
        case "until", (left, right):
            return Until(formula(low, frame, left), formula(low, frame, right))
        case "leads", (left, right):
            then = Eventually(formula(low, frame, right))
            return Always(OrF((NotF(formula(low, frame, left)), then)))
        case "not", (arg,):
            return NotF(formula(low, frame, arg))
        case "and", args:
            return AndF(tuple(formula(low, frame, a) for a in args))
        case "or", args:
            return OrF(tuple(formula(low, frame, a) for a in args))
        case "implies", (left, right):
            return OrF((NotF(formula(low, frame, left)), formula(low, frame, right)))
        case "unchanged", args:
            return _all([_unchanged(low, frame, a) for a in args])
        case "while-stays", (body, then):
            stays = Eventually(Always(_unchanged(low, frame, body)))
            return OrF((NotF(stays), formula(low, frame, then)))
        case "gone", (who,):
            # Not an atom that says it is not there: of a life that is over every atom is false.
            return NotF(Holds(_there(low, frame, who)))
        case _:
            raise CannotLower(f"`{expr.op}` is not supported yet", expr.span)


def _all(parts: list[Formula]) -> Formula:
    return parts[0] if len(parts) == 1 else AndF(tuple(parts))


def _unchanged(low: Lowering, frame: Frame, expr: TExpr) -> Formula:
    return Unchanged(value_of(low, frame, expr))


def value_of(low: Lowering, frame: Frame, expr: TExpr) -> Expr:
    """The value of an expression of any type: equal ones are equal in the layer below."""
    from kspec.lower.expressions.expr import lower

    inner = evolve(frame, sink=Sink())
    sym = lower(low, inner, expr)
    sort = occurring(low.shapes, expr.type, sym)
    return inner.sink.close(encode(low.shapes, expr.type, sym, sort))


def _there(low: Lowering, frame: Frame, who: TExpr) -> Expr:
    from kspec.lower.expressions.expr import lower

    assert isinstance(who.type, KindT)
    sym = lower(low, frame, who)
    kind = who.type.name
    return worlds.lives(low, frame.world, kind, as_ident(low.shapes, kind, sym))


def _lives(low: Lowering, frame: Frame, expr: TLives, binders: tuple[TBinder, ...]) -> Formula:
    """`all`: of every life that begins where the condition holds; `some`: of one of them."""
    if not binders:
        body = formula(low, frame, expr.body)
        if expr.where is None:
            return body
        cond = Holds(_atom(low, frame, expr.where))
        if expr.kind == "all":
            return OrF((NotF(cond), body))
        return AndF((cond, body))
    binder, rest = binders[0], binders[1:]
    parts: list[Formula] = []
    for option in options(low, frame, binder):
        if option.cond == FALSE:
            continue
        inner = _lives(low, option.frame, expr, rest)
        if expr.kind == "some":
            inner = NotF(inner)
        if option.binder is None:
            part = inner if option.cond == TRUE else OrF((NotF(Holds(option.cond)), inner))
        elif isinstance(binder.over, OverKind):
            part = EachLife(option.binder, option.close(option.cond), inner)
        elif option.cond == TRUE:
            part = EachValue(option.binder, inner)
        else:
            there = Holds(option.close(option.cond))
            part = EachValue(option.binder, OrF((NotF(there), inner)))
        parts.append(part)
    whole = _all(parts) if parts else Holds(TRUE)
    return whole if expr.kind == "all" else NotF(whole)
