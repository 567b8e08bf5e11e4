"""Built-in operations on symbolic values.

What is known case by case folds (`tables`); numbers are computed as integers with an exact scale;
the rest becomes nodes of the IR. Next: `binding` for what binds names.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from kspec.analysis.typed import TPrim
from kspec.analysis.types import (
    BoolT,
    KeyT,
    KindT,
    NameT,
    ObjectT,
    OptT,
    Type,
)
from kspec.ir.expr import FALSE, TRUE, Expr, Lit
from kspec.lower.context import CannotLower, Frame, Lowering
from kspec.lower.expressions import worlds
from kspec.lower.expressions.arithmetic import least_of_numbers, lower_arithmetic
from kspec.lower.expressions.gathered import lower_collection
from kspec.lower.expressions.ranking import less
from kspec.lower.values.apart import (
    as_alternatives,
    as_flag,
    as_ident,
    as_maybe,
)
from kspec.lower.values.choice import choose
from kspec.lower.values.equality import equal
from kspec.lower.values.numbers import as_num
from kspec.lower.values.shapes import UNTIMED, CannotStore
from kspec.lower.values.smart import (
    conj,
    disj,
    eq,
    implies,
    is_some,
    lit,
    neg,
    or_else,
)
from kspec.lower.values.symbolic import Clock, Flag, Known, Num, Sym, Tabled
from kspec.lower.values.tables import by_cases, folded
from kspec.pure.values import prims
from kspec.pure.values.value import Value

TEXTUAL: Final = frozenset(
    {
        "starts",
        "ends",
        "has-text",
        "lower",
        "strip-end",
        "strip-start",
        "split",
        "replace",
        "length",
        "concat",
        "decimal",
    }
)


def lower_prim(low: Lowering, frame: Frame, expr: TPrim) -> Sym:
    """The value of an operation."""
    from kspec.lower.expressions.expr import lower

    match expr.op:
        case "and" | "or" | "implies":
            return Flag(_logic(low, frame, expr))
        case "live?" | "age" | "name-of" | "kind-is":
            return _about_object(low, frame, expr)
    args = tuple(lower(low, frame, arg) for arg in expr.args)
    types = tuple(arg.type for arg in expr.args)
    if expr.op == "text":
        return _text(low, frame, expr, args[0])
    if expr.op in TEXTUAL:
        return _textual(low, expr, args)
    match expr.op:
        case "not":
            return Flag(neg(as_flag(low.shapes, args[0])))
        case "==":
            return Flag(equal(low.shapes, _common(types), *args))
        case "<" | "<=":
            return Flag(less(low, types[0], args[0], args[1], expr.op == "<="))
        case "+" | "-" | "*" | "neg" | "abs" | "/" | "div" | "mod" | "floor" | "ceil" | "frac":
            return lower_arithmetic(low, expr, tuple(as_num(low.shapes, a) for a in args))
        case "min" | "max":
            is_first = less(low, types[0], args[0], args[1], True)
            first, second = args if expr.op == "min" else (args[1], args[0])
            both = least_of_numbers(low, expr, args)
            return both or choose(low.shapes, expr.type, is_first, first, second)
        case "exists":
            return Flag(as_maybe(low.shapes, args[0]).present)
        case "off?" | "on?" | "due?":
            return Flag(_timer_state(low, expr.op, args[0]))
        case _:
            return lower_collection(low, expr, args)


def _common(types: tuple[Type, ...]) -> Type:
    """The type to compare in: an object of any kind if one side is one."""
    a, b = types
    if isinstance(a, OptT) and isinstance(b, OptT):
        return OptT(_common((a.of, b.of)))
    return b if isinstance(b, ObjectT) else a


def _logic(low: Lowering, frame: Frame, expr: TPrim) -> Expr:
    from kspec.lower.expressions.expr import flag

    if expr.op == "implies":
        left = flag(low, frame, expr.args[0])
        return TRUE if left == FALSE else implies(left, flag(low, frame, expr.args[1]))
    stop = FALSE if expr.op == "and" else TRUE
    parts: list[Expr] = []
    for arg in expr.args:
        part = flag(low, frame, arg)
        if part == stop:
            return stop
        parts.append(part)
    return conj(parts) if expr.op == "and" else disj(parts)


def _textual(low: Lowering, expr: TPrim, args: tuple[Sym, ...]) -> Sym:
    known = tuple(by_cases(low.shapes, a) for a in args)
    if any(k is None for k in known):
        raise CannotLower("the text of this cannot be listed case by case", expr.span)
    function = prims.TABLE[expr.op]
    return folded(low.shapes, function, tuple(k for k in known if k is not None), expr.type)


def _text(low: Lowering, frame: Frame, expr: TPrim, arg: Sym) -> Sym:
    type_ = expr.args[0].type
    if isinstance(type_, KindT):
        return name_of(low, frame, type_.name, arg)
    known = by_cases(low.shapes, arg)
    if known is None and isinstance(type_, OptT):
        inner = as_maybe(low.shapes, arg)
        content = by_cases(low.shapes, inner.content)
        if content is not None:
            shown = folded(low.shapes, lambda v: prims.text(v, type_.of), (content,), NameT())
            return choose(low.shapes, NameT(), inner.present, shown, Known("none"))
    if known is None:
        raise CannotLower("the text of this cannot be listed case by case", expr.span)
    return folded(low.shapes, lambda v: prims.text(v, type_), (known,), NameT())


def name_of(low: Lowering, frame: Frame, kind: str, obj: Sym) -> Sym:
    """The name that refers to an object: its key, the parts joined by `/`."""
    names = low.static.tables.kinds[kind].key
    if not names:
        where = as_ident(low.shapes, kind, obj)
        size = low.shapes.pools[kind]
        return Tabled(where, tuple(f"{kind.lower()}-{i}" for i in range(size)))
    parts = tuple(worlds.read_field(low, frame.world, kind, n, obj) for n in names)
    types = low.static.tables.fields[kind]
    if any(isinstance(types[n].type, OptT) for n in names):
        return _name_if_any(low, kind, obj, parts)
    if len(parts) == 1 and isinstance(low.static.tables.fields[kind][names[0]].type, NameT):
        return parts[0]
    known = tuple(by_cases(low.shapes, p) for p in parts)
    if any(k is None for k in known):
        raise CannotStore("this key cannot be listed case by case")
    return folded(
        low.shapes,
        lambda *vs: "/".join(str(v) for v in vs),
        tuple(k for k in known if k is not None),
        NameT(),
    )


def _name_if_any(low: Lowering, kind: str, obj: Sym, parts: tuple[Sym, ...]) -> Sym:
    """The text of a key that may be absent, and then the object's place."""
    where = as_ident(low.shapes, kind, obj)
    size = low.shapes.pools[kind]
    place = Tabled(where, tuple(f"{kind.lower()}-{i}" for i in range(size)))
    named = worlds.has_key(low, kind, parts)
    if named == FALSE:
        return place
    known = tuple(by_cases(low.shapes, as_maybe(low.shapes, p).content) for p in parts)
    if any(k is None for k in known):
        raise CannotStore("this key cannot be listed case by case")
    text = folded(
        low.shapes,
        lambda *vs: "/".join(str(v) for v in vs),
        tuple(k for k in known if k is not None),
        NameT(),
    )
    return choose(low.shapes, NameT(), named, text, place)


def _about_object(low: Lowering, frame: Frame, expr: TPrim) -> Sym:
    from kspec.lower.expressions.expr import lower

    arg, type_ = lower(low, frame, expr.args[0]), expr.args[0].type
    there: Expr = TRUE
    if isinstance(type_, OptT):
        maybe = as_maybe(low.shapes, arg)
        there, arg, type_ = maybe.present, maybe.content, type_.of
        if there == FALSE:
            return Known(False)
    match expr.op, type_:
        case "live?", KindT(kind):
            where = as_ident(low.shapes, kind, arg)
            return Flag(conj((there, worlds.lives(low, frame.world, kind, where))))
        case "live?", KeyT(kind):
            return Flag(conj((there, worlds.bearer(low, frame.world, kind, arg).present)))
        case "live?", ObjectT():
            parts = as_alternatives(low.shapes, arg)
            return Flag(
                conj(
                    (
                        there,
                        disj(
                            conj((a.cond, worlds.lives(low, frame.world, a.kind, a.expr)))
                            for a in parts
                        ),
                    )
                )
            )
        case "age", KindT(kind):
            where = as_ident(low.shapes, kind, arg)
            return Num(worlds.age(low, frame.world, kind, where), Fraction(1))
        case "name-of", KindT(kind):
            return name_of(low, frame, kind, arg)
        case "kind-is", _:
            parts = as_alternatives(low.shapes, arg)
            return Flag(conj((there, disj(a.cond for a in parts if a.kind == expr.extra))))
        case _:
            raise CannotLower(f"`{expr.op}` of this cannot be computed in a state", expr.span)


def _timer_state(low: Lowering, op: str, sym: Sym) -> Expr:
    if isinstance(sym, Known):
        value: Value = sym.value
        found = {"off?": value is None, "on?": value is not None, "due?": value == 0}
        return TRUE if found[op] else FALSE
    if isinstance(sym, Tabled):
        flags = folded(low.shapes, lambda t: prims.TABLE[op](t), (sym,), BoolT())
        return as_flag(low.shapes, flags)
    assert isinstance(sym, Clock)
    if not low.shapes.timed:
        off, due = Lit(UNTIMED, "off"), Lit(UNTIMED, "due")
        return {
            "off?": eq(sym.expr, off),
            "on?": neg(eq(sym.expr, off)),
            "due?": eq(sym.expr, due),
        }[op]
    on = is_some(sym.expr)
    if op == "due?":
        return conj((on, eq(or_else(sym.expr, lit(1)), lit(0))))
    return on if op == "on?" else neg(on)
