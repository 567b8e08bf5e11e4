"""Literals: text with values in it, sets, maps, records and their defaults.

A family of `expr`, which dispatches; mistakes are raised as `Wrong`.
"""

from __future__ import annotations

from kspec.analysis import report
from kspec.analysis.checker import Checker
from kspec.analysis.env import Env
from kspec.analysis.expressions import coerce, expr
from kspec.analysis.typed import (
    TExpr,
    TLit,
    TMap,
    TPrim,
    TRecord,
    TSet,
    TSome,
)
from kspec.analysis.types import (
    BoolT,
    EnumT,
    IntT,
    KeyT,
    KindT,
    MapT,
    NameT,
    NothingT,
    OptT,
    RecordT,
    SetT,
    Type,
)
from kspec.base import codes
from kspec.base.diagnostic import Label
from kspec.base.source import Span
from kspec.syntax import ast


def text_of(c: Checker, node: ast.StringLit, env: Env) -> TExpr:
    """Text with values in it: a name."""
    if all(isinstance(p, str) for p in node.parts):
        return TLit("".join(p for p in node.parts if isinstance(p, str)), NameT(), node.span)
    parts: list[TExpr] = []
    for part in node.parts:
        if isinstance(part, str):
            if part:
                parts.append(TLit(part, NameT(), node.span))
            continue
        parts.append(_printable(c, expr.infer(c, part, env)))
    return TPrim("concat", tuple(parts), NameT(), node.span)


def _printable(c: Checker, value: TExpr) -> TExpr:
    if isinstance(value.type, NameT | KeyT | IntT):
        return value
    if isinstance(value.type, EnumT | BoolT):
        return TPrim("text", (value,), NameT(), value.span)
    if isinstance(value.type, KindT):
        return TPrim("name-of", (value,), KeyT(value.type.name), value.span)
    raise c.fail(report.mismatch(NameT(), value.type, value.span))


def braces(c: Checker, node: ast.Braces, wanted: Type, env: Env) -> TExpr:
    """`{…}` where a set, a map or a record is wanted."""
    match wanted:
        case SetT(of):
            _no_keys(c, node)
            return TSet(
                tuple(expr.check(c, e.value, of, env) for e in node.entries), wanted, node.span
            )
        case MapT(key, value, total):
            entries = tuple(
                (
                    expr.check(c, entry_key(c, e, wanted), key, env),
                    expr.check(c, e.value, value, env),
                )
                for e in node.entries
            )
            partial = TMap(entries, MapT(key, value, False), node.span)
            if total:
                raise c.fail(report.mismatch(wanted, partial.type, node.span))
            return partial
        case RecordT(name):
            given = [(field_key(c, e), e.value, e.span) for e in node.entries]
            return record(c, name, given, env, node.span)
        case OptT(of):
            return TSome(braces(c, node, of, env), wanted, node.span)
        case _:
            return coerce.fit(c, free_braces(c, node, env), wanted, None)


def free_braces(c: Checker, node: ast.Braces, env: Env) -> TExpr:
    """`{…}` that decides its own type: a set, or a map if it has keys."""
    if not node.entries:
        return TSet((), NothingT("{}"), node.span)
    if node.entries[0].key is None:
        _no_keys(c, node)
        items = coerce.common(c, tuple(expr.infer(c, e.value, env) for e in node.entries))
        return TSet(items, SetT(items[0].type), node.span)
    keys = coerce.common(
        c, tuple(expr.infer(c, entry_key(c, e, SetT(BoolT())), env) for e in node.entries)
    )
    values = coerce.common(c, tuple(expr.infer(c, e.value, env) for e in node.entries))
    entries = tuple(zip(keys, values, strict=True))
    return TMap(entries, MapT(keys[0].type, values[0].type, False), node.span)


def _no_keys(c: Checker, node: ast.Braces) -> None:
    for entry in node.entries:
        if entry.key is not None:
            message = "a set has elements, not keys"
            raise c.fail(
                report.simple(codes.TYPE_MISMATCH, message, entry.key.span, "this is a key")
            )


def entry_key(c: Checker, entry: ast.BraceEntry, wanted: Type) -> ast.Expr:
    """The key of an entry of a map, or a located mistake."""
    if entry.key is None:
        raise c.fail(
            report.simple(
                codes.TYPE_MISMATCH,
                "a map or a record has a value behind each key",
                entry.span,
                "no key",
                "write `key: value`",
            )
        )
    return entry.key


def field_key(c: Checker, entry: ast.BraceEntry) -> ast.Ident:
    """The name before the colon of a record's field."""
    key = entry_key(c, entry, BoolT())
    if isinstance(key, ast.Name):
        return ast.Ident(key.name, key.span)
    if isinstance(key, ast.StringLit) and all(isinstance(p, str) for p in key.parts):
        return ast.Ident("".join(str(p) for p in key.parts), key.span)
    raise c.fail(
        report.simple(
            codes.TYPE_MISMATCH,
            "the key of a record is the name of a field",
            key.span,
            "not a name",
        )
    )


def record(
    c: Checker,
    name: str,
    given: list[tuple[ast.Ident, ast.Expr, Span]],
    env: Env,
    span: Span,
) -> TExpr:
    """A record from the fields given, defaults for the others."""
    return TRecord(complete(c, name, given, env, span), RecordT(name), span)


def complete(
    c: Checker,
    owner: str,
    given: list[tuple[ast.Ident, ast.Expr, Span]],
    env: Env,
    span: Span,
) -> tuple[tuple[str, TExpr], ...]:
    """Every field of a record or kind: as given, or its default, in declaration order."""
    values: dict[str, TExpr] = {}
    places: dict[str, Span] = {}
    for ident, value, _ in given:
        decl = c.field_of(owner, ident.text, ident.span)
        if ident.text in values:
            raise c.fail(report.given_twice(ident.text, ident.span, places[ident.text]))
        where = Label(decl.span, f"`{ident.text}` is declared here")
        values[ident.text] = expr.check(c, value, decl.type, env, where)
        places[ident.text] = ident.span
    return tuple(
        (n, values[n] if n in values else default(c, owner, n, span)) for n in c.fields_of(owner)
    )


def default(c: Checker, owner: str, name: str, span: Span) -> TExpr:
    """A field's declared default, or what an absent value of its type is."""
    decl = c.fields_of(owner)[name]
    if decl.default is not None:
        return decl.default
    implied = coerce.absent(decl.type, span)
    if implied is not None:
        return implied
    raise c.fail(report.missing_field(owner, name, span, decl.span))
