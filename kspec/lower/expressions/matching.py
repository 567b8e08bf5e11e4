"""`match`: the first case whose pattern fits, and the names it binds.

Patterns over text and lists of known values are matched case by case. Next: `expr`.
"""

from __future__ import annotations

from kspec.analysis.typed import (
    PAny,
    Pattern,
    PBind,
    PList,
    PLit,
    PNone,
    PTemplate,
    TExpr,
    TMatch,
)
from kspec.analysis.types import BoolT, ListT, NameT, OptT, Type
from kspec.ir.expr import FALSE, TRUE, Expr
from kspec.lower.context import CannotLower, Frame, Lowering, shared
from kspec.lower.expressions.gathered import items_of
from kspec.lower.values.apart import as_flag, as_maybe
from kspec.lower.values.choice import choose
from kspec.lower.values.equality import equal
from kspec.lower.values.smart import conj, neg
from kspec.lower.values.symbolic import Flag, Known, Sym
from kspec.lower.values.tables import by_cases, folded
from kspec.pure.values.patterns import holes


def lower_match(low: Lowering, frame: Frame, expr: TMatch) -> Sym:
    """The body of the first case that matches."""
    from kspec.lower.expressions.expr import lower

    arg = shared(low, frame, "m", lower(low, frame, expr.arg))
    found: list[tuple[Expr, Sym]] = []
    for pattern, body in expr.cases:
        cond, names = fit(low, frame, pattern, expr.arg.type, arg, expr.arg)
        if cond == FALSE:
            continue
        named = {
            name: shared(low, frame, name, sym) if low.uses(name, body) > 1 else sym
            for name, sym in names.items()
        }
        found.append((cond, lower(low, frame.bind(**named), body)))
        if cond == TRUE:
            break
    if not found:
        raise CannotLower("no case matches", expr.span)
    result = found[-1][1]
    for cond, sym in reversed(found[:-1]):
        named_cond = shared(low, frame, "c", Flag(cond))
        assert isinstance(named_cond, Flag)
        result = choose(low.shapes, expr.type, named_cond.expr, sym, result)
    return result


def fit(
    low: Lowering, frame: Frame, pattern: Pattern, type_: Type, sym: Sym, at: TExpr
) -> tuple[Expr, dict[str, Sym]]:
    """Does the pattern fit, and what does it bind?"""
    from kspec.lower.expressions.expr import lower

    if isinstance(pattern, PAny):
        return TRUE, {}
    there: Expr = TRUE
    if isinstance(type_, OptT):
        maybe = as_maybe(low.shapes, sym)
        if isinstance(pattern, PNone):
            return neg(maybe.present), {}
        there, sym, type_ = maybe.present, maybe.content, type_.of
        if there == FALSE:
            return FALSE, {}
    match pattern:
        case PNone():
            return FALSE, {}
        case PBind(name):
            return there, {name: sym}
        case PLit(value):
            same = equal(low.shapes, type_, sym, lower(low, frame, value))
            return conj((there, same)), {}
        case PTemplate():
            cond, names = _template(low, pattern, sym, at)
            return conj((there, cond)), names
        case PList(items):
            assert isinstance(type_, ListT)
            cond, names = _list(low, frame, items, type_, sym, at)
            return conj((there, cond)), names


def _template(
    low: Lowering, pattern: PTemplate, sym: Sym, at: TExpr
) -> tuple[Expr, dict[str, Sym]]:
    known = by_cases(low.shapes, sym)
    if known is None:
        raise CannotLower("the text of this cannot be listed case by case", at.span)
    fits = folded(low.shapes, lambda v: holes(pattern.parts, v) is not None, (known,), BoolT())
    cond = as_flag(low.shapes, fits)
    names: dict[str, Sym] = {}
    for what, name in pattern.parts:
        if what == "hole" and name != "_" and cond != FALSE:
            names[name] = folded(
                low.shapes,
                lambda v, name=name: (holes(pattern.parts, v) or {}).get(name, ""),
                (known,),
                NameT(),
            )
    return cond, names


def _list(
    low: Lowering,
    frame: Frame,
    items: tuple[Pattern, ...],
    type_: ListT,
    sym: Sym,
    at: TExpr,
) -> tuple[Expr, dict[str, Sym]]:
    places = items_of(low, type_, sym)
    if len(places) < len(items):
        return FALSE, {}
    if len(places) > len(items) and isinstance(sym, Known):
        return FALSE, {}
    conds = [c for c, _ in places[: len(items)]]
    conds += [neg(c) for c, _ in places[len(items) : len(items) + 1]]
    cond, names = conj(conds), dict[str, Sym]()
    if cond == FALSE:
        return FALSE, {}
    for pattern, (_, item) in zip(items, places, strict=False):
        part, bound = fit(low, frame, pattern, type_.of, item, at)
        cond = conj((cond, part))
        for name, value in bound.items():
            if name in names:
                cond = conj((cond, equal(low.shapes, type_.of, names[name], value)))
            names[name] = value
    return cond, names
