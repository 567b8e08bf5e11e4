"""Builds imports and what declares data: enums, records, kinds, parameters, functions, effects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, final

from kspec.base.record import frozen
from kspec.base.source import Span
from kspec.syntax import ast
from kspec.syntax.building.children import Builder, Children, Stmts
from kspec.syntax.building.text import plain, unquote
from kspec.syntax.building.types import EnumCases, parameters


@final
@frozen
class Dotted:
    """`a.b.c`, as one name."""

    name: ast.Ident
    span: Span


@final
@frozen
class Bases:
    """`is A, B`"""

    names: tuple[ast.Ident, ...]
    span: Span


@final
@frozen
class Key:
    """`key a, b`"""

    names: tuple[ast.Ident, ...]
    span: Span


@final
@frozen
class Versions:
    """`from apps/v1`"""

    versions: tuple[ast.ApiVersion, ...]
    span: Span


@final
@frozen
class Flag:
    """A word that is there or not."""

    text: str
    span: Span


@final
@frozen
class AtRead:
    """`exists`, `is C`, `by f`"""

    read: str
    word: ast.Ident | None
    span: Span


def path_name(c: Children) -> Dotted:
    """`a.b.c`, one name with dots in it."""
    parts = c.dotted()
    return Dotted(ast.Ident(".".join(p.text for p in parts), c.span), c.span)


def paths(c: Children) -> tuple[ast.Ident, ...]:
    """Dotted names with commas between."""
    return tuple(found.name for found in c.many(Dotted, (",",)))


def import_(c: Children) -> ast.Item:
    """`import a.b, c`"""
    c.need("import")
    return ast.Import(paths(c), c.span)


def enum(c: Children) -> ast.Item:
    """`enum E { A, B }`"""
    c.need("enum")
    return ast.EnumDecl(c.ident(), c.take(EnumCases).cases, c.span)


def alias(c: Children) -> ast.Item:
    """`type T = …`"""
    c.need("type")
    name = c.ident()
    c.need("=")
    return ast.AliasDecl(name, c.type_node(), c.span)


def _members(c: Children) -> tuple[ast.Member, ...]:
    c.need("{")
    found: list[ast.Member] = []
    while not c.skip("}"):
        found.append(c.maybe(ast.FieldDecl) or c.maybe(ast.Valid) or c.take(ast.Ledger))
    return tuple(found)


def record(c: Children) -> ast.Item:
    """`record R { … }`"""
    c.need("record")
    return ast.RecordDecl(c.ident(), _members(c), c.span)


def mixin(c: Children) -> ast.Item:
    """`mixin M is N { … }`"""
    c.need("mixin")
    return ast.MixinDecl(c.ident(), _bases(c), _members(c), c.span)


def extend(c: Children) -> ast.Item:
    """`extend K { … }`"""
    c.need("extend")
    return ast.ExtendDecl(c.ident(), _members(c), c.span)


def kind(c: Children) -> ast.Item:
    """`const kind K is M from apps/v1 key name { … }`"""
    const = c.skip("const")
    c.need("kind")
    name = c.ident()
    bases = _bases(c)
    versions = c.maybe(Versions)
    key = c.maybe(Key)
    return ast.KindDecl(
        const,
        name,
        bases,
        versions.versions if versions else (),
        key.names if key else (),
        _members(c),
        c.span,
    )


def is_(c: Children) -> Bases:
    """`is A, B`"""
    c.need("is")
    return Bases(c.idents(), c.span)


def _bases(c: Children) -> tuple[ast.Ident, ...]:
    found = c.maybe(Bases)
    return found.names if found else ()


def key_(c: Children) -> Key:
    """`key a, b`"""
    c.need("key")
    return Key(c.idents(), c.span)


def from_(c: Children) -> Versions:
    """`from apps/v1, v1`"""
    c.need("from")
    return Versions(c.many(ast.ApiVersion, (",",)), c.span)


def api_version(c: Children) -> ast.ApiVersion:
    """`apps/v1 named K`"""
    token = c.token("API_VERSION")
    return ast.ApiVersion(token.text, c.ident() if c.skip("named") else None, c.span)


def field(c: Children) -> ast.FieldDecl:
    """`const f: T = e at p`"""
    flags = tuple(flag.text for flag in c.many(Flag))
    name = c.take(ast.Ident)
    c.need(":")
    type_ = c.type_node()
    return ast.FieldDecl(flags, name, type_, c.expr_after("="), c.maybe(ast.At), c.span)


def any_word(c: Children) -> ast.Ident:
    """A name where keywords are names too; text is unescaped."""
    token = c.token()
    text = unquote(c, token) if token.kind == "STRING" else token.text
    return ast.Ident(text, c.span)


def flag(c: Children) -> Flag:
    """A word that is there or not; `strongly fair` is one."""
    words = []
    while c.more():
        words.append(c.token().text)
    return Flag(" ".join(words), c.span)


def at(c: Children) -> ast.At:
    """`at p, q is C`"""
    c.need("at")
    found = [c.ident("PATH")]
    while c.skip(","):
        found.append(c.ident("PATH"))
    how = c.maybe(AtRead)
    return ast.At(tuple(found), how and how.read, how and how.word, c.span)


def at_exists(c: Children) -> AtRead:
    """`exists`"""
    c.need("exists")
    return AtRead("exists", None, c.span)


def at_is(c: Children) -> AtRead:
    """`is C`, `is "text"`"""
    c.need("is")
    token = c.token("NAME", "STRING")
    text = unquote(c, token) if token.kind == "STRING" else token.text
    return AtRead("is", ast.Ident(text, c.span_of(token)), c.span)


def at_by(c: Children) -> AtRead:
    """`by f`"""
    c.need("by")
    return AtRead("by", c.ident(), c.span)


def valid(c: Children) -> ast.Member:
    """`valid e`"""
    c.need("valid")
    return ast.Valid(c.expr(), c.span)


def ledger(c: Children) -> ast.Member:
    """`approximates PATH "…"`, `ignores PATH "…"`"""
    word = c.token("APPROXIMATES", "IGNORES").text
    return ast.Ledger(word, c.ident("PATH"), plain(c), c.span)


def param(c: Children) -> ast.ParamDecl:
    """`param p: T = e`"""
    c.need("param")
    name = c.ident()
    c.need(":")
    return ast.ParamDecl(name, c.type_node(), c.expr_after("="), c.span)


def universe(c: Children) -> ast.Item:
    """`universe U: set of T = e`"""
    c.need("universe")
    name = c.ident()
    c.need(":")
    type_ = c.type_node()
    c.need("=")
    return ast.UniverseDecl(name, type_, c.expr(), c.span)


def fn(c: Children) -> ast.FnDecl:
    """`fn f(x: T): U = e`"""
    c.need("fn")
    name = c.ident()
    given = parameters(c)
    result = c.type_node() if c.skip(":") else None
    c.need("=")
    return ast.FnDecl(name, given, result, c.expr(), c.span)


def effect(c: Children) -> ast.Item:
    """`effect f(x: T) { … }`"""
    c.need("effect")
    name = c.ident()
    given = parameters(c)
    return ast.EffectDecl(name, given, c.take(Stmts).body, c.span)


BUILDERS: Final[Mapping[str, Builder]] = {
    "alias": alias,
    "api_version": api_version,
    "approximates": ledger,
    "at": at,
    "at_by": at_by,
    "at_exists": at_exists,
    "at_is": at_is,
    "effect": effect,
    "enum": enum,
    "extend": extend,
    "field": field,
    "field_flag": flag,
    "field_name": any_word,
    "fn": fn,
    "from_": from_,
    "ignores": ledger,
    "import_": import_,
    "is_": is_,
    "key_": key_,
    "kind": kind,
    "mixin": mixin,
    "param": param,
    "path_name": path_name,
    "record": record,
    "universe": universe,
    "valid": valid,
}
