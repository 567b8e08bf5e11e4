"""Types, parameters and binders as canonical text; see `expressions`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from kspec.syntax import ast
from kspec.syntax.formatting import expressions
from kspec.syntax.formatting.doc import EMPTY, SOFT, SPACE, Doc, Group, Nest, join
from kspec.syntax.formatting.follow import COMMA
from kspec.syntax.formatting.sheet import Sheet


def type_(s: Sheet, t: ast.TypeNode) -> Doc:
    """A type."""
    match t:
        case ast.NamedType(name):
            return name
        case ast.NameType():
            return "name"
        case ast.KeyType(kind):
            return f"name of {kind.text}"
        case ast.OptionType(of):
            return (type_(s, of), "?")
        case ast.SetType(of):
            return ("set of ", type_(s, of))
        case ast.ListType(of, most):
            bound = EMPTY if most is None else (" at most ", _sum(s, most))
            return ("list", bound, " of ", type_(s, of))
        case ast.MapType(key, value):
            first = type_(s, key)
            return ("map from ", first, " to ", type_(s, value))
        case ast.EnumType(cases):
            return ("enum ", enum_cases(cases))
        case ast.RangeType(lo, hi):
            first = expressions.expr(s, lo)
            return (first, "..", expressions.expr(s, hi))
        case ast.TupleType(parts):
            return ("tuple of (", join(", ", [type_(s, part) for part in parts]), ")")
        case _:
            assert_never(t)


def _sum(s: Sheet, e: ast.Expr) -> Doc:
    return expressions.expr(s, e, 8)


def enum_cases(cases: Sequence[ast.Ident]) -> Doc:
    """`{ A, B }`"""
    if not cases:
        return "{}"
    names: list[Doc] = [case.text for case in cases]
    return Group(("{", Nest(2, (SPACE, join((",", SPACE), names))), SPACE, "}"))


def idents(names: Sequence[ast.Ident]) -> str:
    """`a, b`"""
    return ", ".join(name.text for name in names)


def parameters(s: Sheet, given: Sequence[ast.Parameter]) -> Doc:
    """`(p: Pod, x in xs)`, or nothing."""
    if not given:
        return EMPTY
    docs = [_parameter(s, parameter) for parameter in given]
    return Group(("(", Nest(2, (SOFT, join((",", SPACE), docs))), SOFT, ")"))


def _parameter(s: Sheet, parameter: ast.Parameter) -> Doc:
    match parameter:
        case ast.TypedParameter(names, of):
            return (idents(names), ": ", type_(s, of))
        case ast.DrawnParameter(name, source):
            return (name.text, " in ", expressions.expr(s, source, 0, COMMA))
        case _:
            assert_never(parameter)


def binders(s: Sheet, b: ast.Binders, follow: int) -> Doc:
    """`p: Pod, n in ns where g`"""
    docs = Group(Nest(2, join((",", SPACE), [_binder(s, binder) for binder in b.binders])))
    if b.where is None:
        return docs
    return (docs, " where ", expressions.expr(s, b.where, 0, follow))


def _binder(s: Sheet, binder: ast.Binder) -> Doc:
    match binder:
        case ast.TypedBinder(names, of):
            return (idents(names), ": ", type_(s, of))
        case ast.DrawnBinder(name, source, hi):
            first = _sum(s, source)
            over = first if hi is None else expressions.range_(first, _sum(s, hi))
            return (name.text, " in ", over)
        case _:
            assert_never(binder)
