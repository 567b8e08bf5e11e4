"""Builds types, parameters and binders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, final

from kspec.base.record import frozen
from kspec.base.source import Span
from kspec.syntax import ast
from kspec.syntax.building.children import Builder, Children
from kspec.syntax.building.text import number


@final
@frozen
class EnumCases:
    """`{ A, B }`"""

    cases: tuple[ast.Ident, ...]
    span: Span


def named_type(c: Children) -> ast.TypeNode:
    """`Pod`"""
    return ast.NamedType(c.ident().text, c.span)


def option_type(c: Children) -> ast.TypeNode:
    """`T?`"""
    of = c.type_node()
    c.need("?")
    return ast.OptionType(of, c.span)


def set_type(c: Children) -> ast.TypeNode:
    """`set of T`"""
    c.need("set", "of")
    return ast.SetType(c.type_node(), c.span)


def list_type(c: Children) -> ast.TypeNode:
    """`list at most n of T`"""
    c.need("list")
    most = c.expr_after("at", "most")
    c.need("of")
    return ast.ListType(c.type_node(), most, c.span)


def map_type(c: Children) -> ast.TypeNode:
    """`map from K to V`"""
    c.need("map", "from")
    key = c.type_node()
    c.need("to")
    return ast.MapType(key, c.type_node(), c.span)


def key_type(c: Children) -> ast.TypeNode:
    """`name of K`"""
    c.need("name", "of")
    return ast.KeyType(c.ident(), c.span)


def name_type(c: Children) -> ast.TypeNode:
    """`name`"""
    c.need("name")
    return ast.NameType(c.span)


def enum_cases(c: Children) -> EnumCases:
    """`{ A, B }`"""
    c.need("{")
    cases = []
    while not c.skip("}"):
        cases.append(c.ident())
        c.skip(",")
    return EnumCases(tuple(cases), c.span)


def enum_type(c: Children) -> ast.TypeNode:
    """`enum { A, B }`"""
    c.need("enum")
    return ast.EnumType(c.take(EnumCases).cases, c.span)


def range_type(c: Children) -> ast.TypeNode:
    """`lo..hi`"""
    lo = c.expr()
    c.need("..")
    return ast.RangeType(lo, c.expr(), c.span)


def tuple_type(c: Children) -> ast.TypeNode:
    """`tuple of (A, B)`"""
    c.need("tuple", "of", "(")
    parts = [c.type_node()]
    while c.skip(","):
        parts.append(c.type_node())
    c.need(")")
    return ast.TupleType(tuple(parts), c.span)


def negative_int(c: Children) -> ast.Expr:
    """`-3` as the end of a range."""
    c.need("-")
    value, token = number(c)
    return ast.Unary("-", ast.IntLit(value, c.span_of(token)), c.span)


def typed_parameter(c: Children) -> ast.Parameter:
    """`p, q: T`"""
    names = c.idents()
    c.need(":")
    return ast.TypedParameter(names, c.type_node(), c.span)


def drawn_parameter(c: Children) -> ast.Parameter:
    """`x in e`"""
    name = c.ident()
    c.need("in")
    return ast.DrawnParameter(name, c.expr(), c.span)


def parameters(c: Children) -> tuple[ast.Parameter, ...]:
    """What stands in the parentheses after a name, if they are there."""
    if not c.skip("("):
        return ()
    found: list[ast.Parameter] = []
    while not c.skip(")"):
        parameter = c.maybe(ast.TypedParameter) or c.take(ast.DrawnParameter)
        found.append(parameter)
        c.skip(",")
    return tuple(found)


def typed_binder(c: Children) -> ast.Binder:
    """`p, q: T`"""
    names = c.idents()
    c.need(":")
    return ast.TypedBinder(names, c.type_node(), c.span)


def drawn_binder(c: Children) -> ast.Binder:
    """`x in e`, `x in lo..hi`"""
    name = c.ident()
    c.need("in")
    return ast.DrawnBinder(name, c.expr(), c.expr_after(".."), c.span)


def binders(c: Children) -> ast.Binders:
    """`p: Pod, n in ns where g`"""
    found: list[ast.Binder] = []
    while True:
        found.append(c.maybe(ast.TypedBinder) or c.take(ast.DrawnBinder))
        if not c.skip(","):
            return ast.Binders(tuple(found), c.expr_after("where"), c.span)


BUILDERS: Final[Mapping[str, Builder]] = {
    "binders": binders,
    "drawn_binder": drawn_binder,
    "drawn_parameter": drawn_parameter,
    "enum_cases": enum_cases,
    "enum_type": enum_type,
    "key_type": key_type,
    "list_type": list_type,
    "map_type": map_type,
    "name_type": name_type,
    "named_type": named_type,
    "negative_int": negative_int,
    "option_type": option_type,
    "range_type": range_type,
    "set_type": set_type,
    "tuple_type": tuple_type,
    "typed_binder": typed_binder,
    "typed_parameter": typed_parameter,
}
