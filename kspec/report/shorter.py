"""Clauses with the same meaning, said shorter: two bounds of a number are a range, several values
of which one is meant are a set. Every change is exact. Next: `plain`, which writes what comes out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias, final

from attrs import evolve

from kspec.base.record import frozen
from kspec.ir.build import conj, disj, lit, neg
from kspec.ir.expr import (
    And,
    At,
    Contains,
    Eq,
    Expr,
    Get,
    GetField,
    IsSome,
    Le,
    Len,
    Lit,
    Lt,
    Not,
    Or,
    OrElse,
    Quant,
    QuantKind,
    Some,
    sort_of,
)
from kspec.ir.sorts import Int, Opt, Set, fits


@final
@frozen
class Within:
    """A number from `least` to `most`, where it is there at all."""

    given: tuple[Expr, ...]
    number: Expr
    least: int
    most: int


Part: TypeAlias = "tuple[bool, Within | Expr]"
"""A part of a clause: whether it is a condition, and what is so."""


def shorter(expr: Expr) -> Expr:
    """The same of every state, in fewer words where there are some."""
    if isinstance(expr, Quant) and expr.kind is QuantKind.ALL:
        return Quant(expr.kind, expr.binder, shorter(expr.body))
    parts = _joined([_part(arg) for arg in (expr.args if isinstance(expr, Or) else (expr,))])
    given = [neg(_said(what)) for is_given, what in parts if is_given]
    return disj((*given, *_one_of(_said(what) for is_given, what in parts if not is_given)))


def needs(expr: Expr) -> tuple[Expr, ...]:
    """What has to be there for a comparison to say something, the outermost first."""
    match expr:
        case OrElse(arg, Lit()):
            return (*needs(arg), IsSome(arg))
        case At(arg, index, Lit()):
            return (*needs(arg), Lt(index, Len(arg)))
        case GetField(arg, _) | IsSome(arg) | Len(arg) | Some(arg):
            return needs(arg)
        case Get(a, b) | Contains(a, b) | Eq(a, b) | Le(a, b) | Lt(a, b):
            return tuple(dict.fromkeys((*needs(a), *needs(b))))
        case _:
            return ()


# ---- ranges ------------------------------------------------------------------------------------


def _part(expr: Expr) -> Part:
    if isinstance(expr, Not):
        return True, _within(expr.arg) or expr.arg
    return False, _within(expr) or expr


def _within(expr: Expr) -> Within | None:
    """A bound of a number, if it is one."""
    given: tuple[Expr, ...] = ()
    if isinstance(expr, And) and expr.args:
        *before, expr = expr.args
        given = tuple(before)
    if not isinstance(expr, Le | Eq) or not isinstance(expr.right, Lit):
        return None
    sort, value = sort_of(expr.left), expr.right.value
    if not isinstance(sort, Int) or type(value) is not int or given != needs(expr):
        return None
    least = sort.lo if isinstance(expr, Le) else value
    return Within(given, expr.left, least, value) if sort.lo <= value <= sort.hi else None


def _joined(parts: list[Part]) -> list[Part]:
    """What is known of one number in one place. A conclusion that limits what a condition says
    goes into it, if another conclusion is left or only one value is left out."""
    found: list[Part] = []
    ends = sum(1 for is_given, _ in parts if not is_given)
    for is_given, what in parts:
        place = next((n for n, other in enumerate(found) if _is_beside(other, what)), None)
        both = None
        if place is not None and isinstance(what, Within):
            other = found[place][1]
            assert isinstance(other, Within)
            both = _both(other, what) if is_given else _less(other, what)
            if both is not None and not is_given and ends == 1 and both.least < both.most:
                both = None
        if place is None or both is None:
            found.append((is_given, what))
            continue
        found[place] = True, both
        ends -= not is_given
    return found


def _is_beside(part: Part, what: Within | Expr) -> bool:
    is_given, other = part
    if not is_given or not isinstance(other, Within) or not isinstance(what, Within):
        return False
    return (other.given, other.number) == (what.given, what.number)


def _both(one: Within, other: Within) -> Within | None:
    """What both say; None if they cannot both be so."""
    least, most = max(one.least, other.least), min(one.most, other.most)
    return evolve(one, least=least, most=most) if least <= most else None


def _less(one: Within, other: Within) -> Within | None:
    """What one says and the other does not, if that is a range."""
    if other.least <= one.least <= other.most < one.most:
        return evolve(one, least=other.most + 1)
    if one.least < other.least <= one.most <= other.most:
        return evolve(one, most=other.least - 1)
    return None


def _said(what: Within | Expr) -> Expr:
    """A formula of a range."""
    if not isinstance(what, Within):
        return what
    sort = sort_of(what.number)
    assert isinstance(sort, Int)
    if what.least == what.most:
        return conj((*what.given, Eq(what.number, lit(what.most))))
    bounds: list[Expr] = []
    if what.least > sort.lo:
        bounds.append(Lt(lit(what.least - 1), what.number))
    if what.most < sort.hi or not bounds:
        bounds.append(Le(what.number, lit(what.most)))
    if len(bounds) == 2:
        bounds[0] = Le(lit(what.least), what.number)
    return conj((*what.given, *bounds))


# ---- values ------------------------------------------------------------------------------------


def _one_of(parts: Iterable[Expr]) -> list[Expr]:
    """Several values that one place may have are said at once."""
    found: list[Expr] = []
    of: dict[Expr, list[Lit]] = {}
    for part in parts:
        known = _value(part)
        if known is None:
            found.append(part)
            continue
        if known[0] not in of:
            found.append(known[0])
        of.setdefault(known[0], []).append(known[1])
    return [_in(part, of[part]) if part in of else part for part in found]


def _value(expr: Expr) -> tuple[Expr, Lit] | None:
    """A place that is no truth, and the value that it is said to have."""
    match expr:
        case Eq(Lit(), _):
            return None
        case Eq(place, Some(Lit() as value)) | Eq(place, Lit() as value):
            return (place, value) if not isinstance(sort_of(place), Set) else None
        case _:
            return None


def _in(place: Expr, of: list[Lit]) -> Expr:
    sort = sort_of(place)
    held = isinstance(sort, Opt) and fits(of[0].sort, sort.of)
    if len(of) == 1 or len({one.sort for one in of}) > 1:
        return disj(Eq(place, Some(one) if held else one) for one in of)
    members = frozenset((one.value,) if held else one.value for one in of)
    return Contains(Lit(Set(Opt(of[0].sort) if held else of[0].sort), members), place)


__all__ = ["needs", "shorter"]
