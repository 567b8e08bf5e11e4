"""Fields, entries and lookups by key; calls that are not of functions.

A family of `expr`, which dispatches; mistakes are raised as `Wrong`.
"""

from __future__ import annotations

from kspec.analysis import report
from kspec.analysis.checker import Checker
from kspec.analysis.env import Env
from kspec.analysis.expressions import braces, builtin, coerce, expr, names, quantify, temporal
from kspec.analysis.typed import (
    PBind,
    PNone,
    TAt,
    TBefore,
    TExpr,
    TField,
    TGet,
    TLit,
    TLookup,
    TMatch,
    TPrim,
    TRefField,
    TSome,
    TVar,
)
from kspec.analysis.types import (
    EnumT,
    IntT,
    JsonT,
    KeyT,
    KindT,
    ListT,
    MapT,
    NameT,
    OptT,
    RecordT,
)
from kspec.analysis.words import show_type
from kspec.base import codes
from kspec.base.diagnostic import Diagnostic, Label
from kspec.base.source import Span
from kspec.syntax import ast


def field_of(c: Checker, node: ast.FieldOf, env: Env) -> TExpr:
    """`e.f`, `component.memory`, `Enum.Case`."""
    member = _component_member(c, node, env)
    if member is not None:
        return member
    return read_field(c, expr.infer(c, node.arg, env), node.name, node.span)


def _component_member(c: Checker, node: ast.FieldOf, env: Env) -> TExpr | None:
    """`component.memory`, `Enum.Case`."""
    if not isinstance(node.arg, ast.Name) or node.arg.name in env.names:
        return None
    owner = node.arg.name
    if owner in c.tables.enums:
        cases = tuple(x.text for x in c.tables.enums[owner].cases)
        if node.name.text not in cases:
            raise c.fail(report.unknown_case(node.name.text, owner, node.name.span, cases))
        return TLit(node.name.text, EnumT(owner, cases), node.span)
    if owner in c.tables.components:
        found = names.global_name(c, f"{owner}.{node.name.text}", node.span)
        if found is None:
            raise c.fail(_unknown_member(c, owner, node.name))
        return found
    return None


def _unknown_member(c: Checker, owner: str, name: ast.Ident) -> Diagnostic:
    decl = c.tables.components[owner]
    known = [
        m.name.text
        for m in decl.members
        if isinstance(m, ast.MemoryDecl | ast.ParamDecl | ast.FnDecl)
    ]
    return report.unknown_name(name.text, name.span, known, f"value of `{owner}`")


def read_field(c: Checker, arg: TExpr, name: ast.Ident, span: Span) -> TExpr:
    """`arg.name`: through options and stored references the result may be absent."""
    match arg.type:
        case KindT(kind, True):
            found = c.field_of(kind, name.text, name.span, arg.span)
            return TField(arg, name.text, found.type, span)
        case RecordT(owner):
            found = c.field_of(owner, name.text, name.span, arg.span)
            return TField(arg, name.text, found.type, span)
        case KindT(kind, False) | KeyT(kind):
            found = c.field_of(kind, name.text, name.span, arg.span)
            return TRefField(arg, name.text, coerce.optional(found.type), span)
        case OptT(of):
            var = c.unique("o")
            inner = read_field(c, TVar(var, of, arg.span), name, span)
            result = coerce.optional(inner.type)
            body = inner if isinstance(inner.type, OptT) else TSome(inner, result, span)
            nothing = TLit(None, result, span)
            return TMatch(arg, ((PNone(), nothing), (PBind(var, of), body)), result, span)
        case JsonT():
            return TPrim("json-get", (arg, TLit(name.text, NameT(), name.span)), JsonT(), span)
        case _:
            raise c.fail(
                Diagnostic(
                    codes.UNKNOWN_FIELD,
                    f"{show_type(arg.type)} has no fields, and `{name.text}` is asked for",
                    Label(name.span, "no such field"),
                    (Label(arg.span, f"this is {show_type(arg.type)}"),),
                )
            )


def index_of(c: Checker, node: ast.IndexOf, env: Env) -> TExpr:
    """`e[i]`, `K[n]`."""
    if isinstance(node.arg, ast.Name) and node.arg.name in c.tables.kinds:
        return _lookup(c, node.arg.name, node, env)
    return index(c, expr.infer(c, node.arg, env), node.index, env, node.span)


def index(c: Checker, arg: TExpr, key: ast.Expr, env: Env, span: Span) -> TExpr:
    """`arg[key]` of a map or list."""
    match arg.type:
        case MapT(of, value, total):
            typed = expr.check(c, key, of, env)
            return TGet(arg, typed, value if total else coerce.optional(value), span)
        case ListT(of, _):
            return TAt(arg, expr.check(c, key, IntT(), env), coerce.optional(of), span)
        case JsonT():
            return TPrim("json-get", (arg, expr.infer(c, key, env)), JsonT(), span)
        case OptT(of):
            var = c.unique("o")
            inner = index(c, TVar(var, of, arg.span), key, env, span)
            result = coerce.optional(inner.type)
            body = inner if isinstance(inner.type, OptT) else TSome(inner, result, span)
            nothing = TLit(None, result, span)
            return TMatch(arg, ((PNone(), nothing), (PBind(var, of), body)), result, span)
        case _:
            raise c.fail(
                report.simple(
                    codes.TYPE_MISMATCH,
                    "only a map, a list or a kind with a key can be asked with `[…]`",
                    arg.span,
                    f"this is {show_type(arg.type)}",
                )
            )


def _lookup(c: Checker, kind: str, node: ast.IndexOf, env: Env) -> TExpr:
    key = c.tables.kinds[kind].key or coerce.inherited_key(c, kind)
    if not key:
        raise c.fail(
            report.simple(
                codes.TYPE_MISMATCH,
                f"`{kind}` has no key to be found by",
                node.span,
                "found by what?",
                f"declare what it is found by: `kind {kind} key name {{ … }}`",
            )
        )
    given = node.index.items if isinstance(node.index, ast.TupleLit) else (node.index,)
    if len(given) != len(key):
        raise c.fail(report.key_parts(kind, [k.text for k in key], len(given), node.index.span))
    first = expr.infer(c, given[0], env)
    if len(key) == 1 and isinstance(first.type, OptT):
        var = c.unique("o")
        result = OptT(KindT(kind, True))
        content = TVar(var, first.type.of, first.span)
        wanted = c.field_of(kind, key[0].text, key[0].span).type
        inner = coerce.fit(c, content, wanted if isinstance(wanted, OptT) else NameT(), None)
        body = TLookup(kind, (inner,), result, node.span)
        nothing = TLit(None, result, node.span)
        return TMatch(
            first, ((PNone(), nothing), (PBind(var, first.type.of), body)), result, node.span
        )
    keys = tuple(
        expr.check(c, k, c.field_of(kind, f.text, f.span).type, env)
        for k, f in zip(given, key, strict=True)
    )
    return TLookup(kind, keys, OptT(KindT(kind, True)), node.span)


def call(c: Checker, node: ast.Call, env: Env) -> TExpr:
    """A call: an aggregate, a record, a claim over time or a function."""
    match node.function:
        case ast.Name(name, _) if name in quantify.AGGREGATES and quantify.is_aggregate(node):
            return quantify.aggregate(c, name, node, env)
        case ast.Name("before", _):
            return _before(c, node, env)
        case ast.Name(name, _) if name in temporal.CALLS:
            return temporal.call(c, name, node, env)
        case ast.Name(name, span):
            _plain(c, node)
            if name in c.tables.records:
                given = [(_arg_name(c, a), a.value, a.span) for a in node.args]
                return braces.record(c, name, given, env, node.span)
            full = builtin.resolve(c, name, env)
            if full is not None:
                return builtin.user_call(c, full, node, env)
            return builtin.call(c, name, span, node, env)
        case ast.FieldOf(ast.Name(owner, _), name, _) if owner in c.tables.components:
            _plain(c, node)
            return builtin.user_call(c, f"{owner}.{name.text}", node, env)
        case _:
            raise c.fail(
                report.simple(
                    codes.NOT_ALLOWED_HERE,
                    "only a function can be called",
                    node.function.span,
                    "this is no function's name",
                )
            )


def _plain(c: Checker, node: ast.Call) -> None:
    if node.where is not None or node.body is not None:
        raise c.fail(
            report.simple(
                codes.NOT_ALLOWED_HERE,
                "`where` and `|` stand in `count`, `sum`, `min`, `max`, `product` and `union` only",
                node.function.span,
                "not one of these",
            )
        )


def _arg_name(c: Checker, arg: ast.Arg) -> ast.Ident:
    if arg.name is None:
        raise c.fail(
            report.simple(
                codes.NOT_ALLOWED_HERE,
                "the fields of a record are given by name",
                arg.span,
                "which field?",
                "write `field: value`",
            )
        )
    return arg.name


def _before(c: Checker, node: ast.Call, env: Env) -> TExpr:
    if not env.two_state:
        raise c.fail(
            report.simple(
                codes.NOT_ALLOWED_HERE,
                "`before` looks back over a step, and here is one state only",
                node.span,
                "no step here",
                "write a property of a step: `property p: on any step: …`, or `on c.a: …`",
            )
        )
    (arg,) = builtin.exactly(c, node, 1)
    inner = expr.infer(c, arg, env)
    return TBefore(inner, inner.type, node.span)
