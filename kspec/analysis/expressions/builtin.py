"""Functions that the language has, and calls of those that a user wrote."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from kspec.analysis import report
from kspec.analysis.checker import Checker
from kspec.analysis.env import Env
from kspec.analysis.expressions import coerce
from kspec.analysis.typed import TCall, TExpr, TPrim
from kspec.analysis.types import (
    BoolT,
    IntT,
    JsonT,
    KeyT,
    KindT,
    ListT,
    MapT,
    NameT,
    OptT,
    RationalT,
    SetT,
    Type,
    UnitT,
)
from kspec.analysis.words import show_type
from kspec.base import codes
from kspec.base.diagnostic import Diagnostic, Label
from kspec.base.source import Span
from kspec.syntax import ast


def is_function(c: Checker, full: str) -> bool:
    """Is this the full name of a function that somebody wrote?"""
    if full in c.tables.functions:
        return True
    owner, dot, member = full.partition(".")
    decl = c.tables.components.get(owner) if dot else None
    return decl is not None and any(
        isinstance(m, ast.FnDecl) and m.name.text == member for m in decl.members
    )


def resolve(c: Checker, name: str, env: Env) -> str | None:
    """The full name of the function called `name` here."""
    if env.component and is_function(c, f"{env.component}.{name}"):
        return f"{env.component}.{name}"
    return name if is_function(c, name) else None


def exactly(c: Checker, node: ast.Call, count: int) -> tuple[ast.Expr, ...]:
    """The arguments of a built-in function, all without names."""
    name = node.function.name if isinstance(node.function, ast.Name) else "this"
    if len(node.args) != count:
        raise c.fail(report.arity(name, count, len(node.args), node.span))
    return tuple(a.value for a in node.args)


def user_call(c: Checker, full: str, node: ast.Call, env: Env) -> TExpr:
    """A call of a user's function: arguments by position or by name."""
    from kspec.analysis.expressions.expr import check

    fn = c.function(full, node.span)
    given: dict[str, ast.Expr] = {}
    names = [n for n, _ in fn.parameters]
    for i, arg in enumerate(node.args):
        if arg.name is None:
            if i >= len(names):
                raise c.fail(report.arity(full, len(names), len(node.args), node.span, names))
            given[names[i]] = arg.value
        elif arg.name.text in names and arg.name.text not in given:
            given[arg.name.text] = arg.value
        else:
            raise c.fail(_misnamed(full, arg.name, names))
    if set(given) != set(names):
        raise c.fail(report.arity(full, len(names), len(node.args), node.span, names))
    args = tuple(check(c, given[n], t, env, _declared(c, full, n)) for n, t in fn.parameters)
    return TCall(full, args, fn.result, node.span)


def _misnamed(full: str, name: ast.Ident, names: list[str]) -> Diagnostic:
    if name.text in names:
        return report.simple(
            codes.DUPLICATE_NAME,
            f"`{name.text}` is given twice",
            name.span,
            "given before, by its place or by its name",
        )
    return report.unknown_name(name.text, name.span, names, f"parameter of `{full}`")


def _declared(c: Checker, full: str, name: str) -> Label | None:
    """Where a parameter of a user's function is declared."""
    owner, _, member = full.rpartition(".")
    decl = c.tables.components.get(owner)
    functions = [*c.tables.functions.values()] if decl is None else list(decl.members)
    for fn in functions:
        if isinstance(fn, ast.FnDecl) and fn.name.text == member:
            for parameter in fn.parameters:
                if isinstance(parameter, ast.TypedParameter):
                    for ident in parameter.names:
                        if ident.text == name:
                            return Label(ident.span, f"`{name}` is declared here")
    return None


_Maker: TypeAlias = "Callable[[Checker, tuple[TExpr, ...], Span], TExpr | None]"


def _number(op: str) -> _Maker:
    def make(c: Checker, args: tuple[TExpr, ...], span: Span) -> TExpr | None:
        (a,) = args
        exact = a.type if isinstance(a.type, UnitT) else RationalT()
        if op in ("floor", "ceil"):
            if isinstance(a.type, IntT):
                return a
            return TPrim(op, (a,), IntT(), span) if a.type == exact else None
        return (
            TPrim(op, (a,), a.type, span) if isinstance(a.type, IntT | RationalT | UnitT) else None
        )

    return make


def _two(op: str) -> _Maker:
    def make(c: Checker, args: tuple[TExpr, ...], span: Span) -> TExpr | None:
        pair = coerce.meet(c, args[0], args[1])
        if pair is None or not coerce.ordered(pair[0].type):
            return None
        return TPrim(op, pair, pair[0].type, span)

    return make


def _length(c: Checker, args: tuple[TExpr, ...], span: Span) -> TExpr | None:
    (a,) = args
    match a.type:
        case SetT():
            return TPrim("size", args, IntT(), span)
        case ListT():
            return TPrim("len", args, IntT(), span)
        case MapT(key, _, _):
            return TPrim("size", (TPrim("keys", args, SetT(key), span),), IntT(), span)
        case NameT() | KeyT():
            return TPrim("length", args, IntT(), span)
        case JsonT():
            return TPrim("len", (coerce.fit(c, a, ListT(JsonT()), None),), IntT(), span)
        case _:
            return None


def _keys(c: Checker, args: tuple[TExpr, ...], span: Span) -> TExpr | None:
    (a,) = args
    if isinstance(a.type, JsonT):
        a = coerce.fit(c, a, MapT(NameT(), JsonT(), False), None)
    return TPrim("keys", (a,), SetT(a.type.key), span) if isinstance(a.type, MapT) else None


def _values(c: Checker, args: tuple[TExpr, ...], span: Span) -> TExpr | None:
    (a,) = args
    return TPrim("values", args, ListT(a.type.value), span) if isinstance(a.type, MapT) else None


def _names(op: str, count: int, result: Type) -> _Maker:
    def make(c: Checker, args: tuple[TExpr, ...], span: Span) -> TExpr | None:
        fitted = tuple(coerce.fit(c, a, NameT(), None) for a in args)
        return TPrim(op, fitted, result, span)

    return make


def _head(c: Checker, args: tuple[TExpr, ...], span: Span) -> TExpr | None:
    (a,) = args
    if isinstance(a.type, ListT):
        return TPrim("head", args, coerce.optional(a.type.of), span)
    return None


def _reverse(c: Checker, args: tuple[TExpr, ...], span: Span) -> TExpr | None:
    (a,) = args
    return TPrim("reverse", args, a.type, span) if isinstance(a.type, ListT) else None


def _set(c: Checker, args: tuple[TExpr, ...], span: Span) -> TExpr | None:
    (a,) = args
    match a.type:
        case ListT(of, _):
            return TPrim("set-of-list", args, SetT(of), span)
        case OptT(of):
            listed = TPrim("to-list", args, ListT(of), span)
            return TPrim("set-of-list", (listed,), SetT(of), span)
        case _:
            return None


def _text(c: Checker, args: tuple[TExpr, ...], span: Span) -> TExpr | None:
    return TPrim("text", args, NameT(), span)


def _decimal(c: Checker, args: tuple[TExpr, ...], span: Span) -> TExpr | None:
    number = coerce.fit(c, args[0], RationalT(), None)
    places = coerce.fit(c, args[1], IntT(), None)
    return TPrim("decimal", (number, places), NameT(), span)


def _age(c: Checker, args: tuple[TExpr, ...], span: Span) -> TExpr | None:
    (a,) = args
    return TPrim("age", args, IntT(), span) if isinstance(a.type, KindT) and a.type.live else None


def _older(c: Checker, args: tuple[TExpr, ...], span: Span) -> TExpr | None:
    ages = tuple(_age(c, (a,), span) for a in args)
    first, second = ages
    if first is None or second is None:
        return None
    return TPrim("<", (first, second), BoolT(), span)


def _alive(c: Checker, args: tuple[TExpr, ...], span: Span) -> TExpr | None:
    (a,) = args
    if isinstance(a.type, OptT) and isinstance(a.type.of, KindT):
        return TPrim("live?", args, BoolT(), span)
    return TPrim("live?", args, BoolT(), span) if isinstance(a.type, KindT) else None


def _key_of(c: Checker, args: tuple[TExpr, ...], span: Span) -> TExpr | None:
    (a,) = args
    if not isinstance(a.type, KindT):
        return None
    c.always_named(a.type.name, span)
    return TPrim("name-of", args, KeyT(a.type.name), span)


FUNCTIONS: Final[dict[str, tuple[int, _Maker, str]]] = {
    "floor": (1, _number("floor"), "a fraction"),
    "ceil": (1, _number("ceil"), "a fraction"),
    "abs": (1, _number("abs"), "a number"),
    "min": (2, _two("min"), "two numbers"),
    "max": (2, _two("max"), "two numbers"),
    "length": (1, _length, "a name, a set, a list or a map"),
    "size": (1, _length, "a set, a list or a map"),
    "keys": (1, _keys, "a map"),
    "values": (1, _values, "a map"),
    "lower": (1, _names("lower", 1, NameT()), "a name"),
    "strip_end": (2, _names("strip-end", 2, NameT()), "two names"),
    "strip_start": (2, _names("strip-start", 2, NameT()), "two names"),
    "split": (2, _names("split", 2, ListT(NameT())), "two names"),
    "replace": (3, _names("replace", 3, NameT()), "three names"),
    "head": (1, _head, "a list"),
    "reverse": (1, _reverse, "a list"),
    "set": (1, _set, "a list"),
    "text": (1, _text, "a value"),
    "decimal": (2, _decimal, "a fraction and a number of places"),
    "age": (1, _age, "a live object"),
    "older": (2, _older, "two live objects"),
    "alive": (1, _alive, "a reference"),
    "name_of": (1, _key_of, "an object"),
}
"""Name: how many arguments, how it is built, and what it takes in words."""


_AGGREGATES: Final = frozenset({"count", "sum", "product", "union"})


def _no_function(c: Checker, name: str, at: Span) -> Diagnostic:
    if name in _AGGREGATES:
        return report.aggregate(name, at)
    if name in c.tables.effects:
        return report.simple(
            codes.NOT_ALLOWED_HERE,
            f"`{name}` is an effect: it changes something and has no value",
            at,
            "no value",
            "effects stand among the changes of a `do`, or behind `after`",
        )
    known = {*FUNCTIONS, *c.tables.functions, *c.tables.records}
    return report.unknown_name(name, at, known, "function")


def call(c: Checker, name: str, at: Span, node: ast.Call, env: Env) -> TExpr:
    """A call of a built-in function."""
    from kspec.analysis.expressions.expr import infer

    if name not in FUNCTIONS:
        raise c.fail(_no_function(c, name, at))
    count, make, takes = FUNCTIONS[name]
    args = tuple(infer(c, a, env) for a in exactly(c, node, count))
    for arg in args:
        if isinstance(arg.type, OptT) and name not in ("set", "text", "alive"):
            raise c.fail(coerce.absence(arg))
    found = make(c, args, node.span)
    if found is None:
        shown = " and ".join(show_type(a.type) for a in args)
        raise c.fail(
            report.simple(
                codes.TYPE_MISMATCH,
                f"`{name}` takes {takes}, not {shown}",
                args[0].span.to(args[-1].span),
                f"this is {shown}",
            )
        )
    return found
