"""Fields of kinds and records: their types, their defaults, their places in documents.

Next: `data`.
"""

from __future__ import annotations

from kspec.analysis import report
from kspec.analysis.checker import Checker, Wrong
from kspec.analysis.declarations import claims
from kspec.analysis.env import Env
from kspec.analysis.expressions.expr import check as check_expr
from kspec.analysis.typed import AtPath, TExpr, TFieldDecl
from kspec.analysis.types import MapT, Type
from kspec.base import codes
from kspec.base.diagnostic import Label
from kspec.syntax import ast


def find_fields(c: Checker, owner: str) -> None:
    """The fields of a kind or record; a mistake in one is noted, and the others are found."""
    inside = members(c, owner)
    found: dict[str, TFieldDecl] = {}
    c.fields[owner] = found
    api = owner in c.tables.kinds and bool(c.tables.kinds[owner].versions)
    for member in inside:
        if not isinstance(member, ast.FieldDecl):
            continue
        name = member.name.text
        if name in found:
            c.note(report.duplicate(name, member.name.span, found[name].span))
            continue
        try:
            found[name] = _field(c, member, owner, api)
        except Wrong as wrong:
            c.note(wrong.diagnostic)


def members(c: Checker, owner: str) -> list[ast.Member]:
    """The members of a kind, record or mixin: bases first, then its own, then extensions."""
    tables = c.tables
    decl: ast.KindDecl | ast.RecordDecl | ast.MixinDecl
    if owner in tables.kinds:
        decl = tables.kinds[owner]
    elif owner in tables.records:
        decl = tables.records[owner]
    else:
        decl = tables.mixins[owner]
    found: list[ast.Member] = []
    for base in getattr(decl, "bases", ()):
        if base.text not in tables.mixins:
            raise c.fail(report.unknown_name(base.text, base.span, tables.mixins, "mixin"))
        if f"mixin {base.text}" in c.busy:
            raise c.fail(
                report.simple(
                    codes.RECURSIVE_FUNCTION,
                    f"the mixin `{base.text}` is based on itself",
                    base.span,
                    "comes back to itself",
                )
            )
        c.busy.append(f"mixin {base.text}")
        found.extend(members(c, base.text))
        c.busy.pop()
    found.extend(decl.members)
    for more in tables.extends.get(owner, []):
        found.extend(more.members)
    return found


def _field(c: Checker, node: ast.FieldDecl, owner: str, api: bool) -> TFieldDecl:
    type_ = c.type_of(node.type, stored=True)
    default: TExpr | None = None
    if node.default is not None:
        type_, default = default_of(c, node.default, type_, node.type)
    role = next((f for f in node.flags if f in ("local", "ghost")), "api" if api else "local")
    if owner in c.tables.records:
        role = "api"
    if role == "ghost":
        claims.no_object(c, type_, node.span)
    return TFieldDecl(
        node.name.text,
        type_,
        default,
        _at(c, node.at),
        role,
        "const" in node.flags,
        "fixed" in node.flags,
        "heartbeat" in node.flags,
        node.span,
    )


def default_of(
    c: Checker, node: ast.Expr, type_: Type, written: ast.TypeNode
) -> tuple[Type, TExpr]:
    """A declaration's first value; a map given a value for every key is total."""
    if isinstance(type_, MapT) and not isinstance(node, ast.Braces):
        try:
            value = check_expr(c, node, type_.value, Env())
        except Wrong:
            return type_, check_expr(c, node, type_, Env(), declared(written))
        return MapT(type_.key, type_.value, True), value
    return type_, check_expr(c, node, type_, Env(), declared(written))


def declared(node: ast.TypeNode) -> Label:
    """The label that shows which type was wanted."""
    return Label(node.span, "declared to be this")


def _at(c: Checker, node: ast.At | None) -> AtPath | None:
    if node is None:
        return None
    if node.read == "by" and node.word is not None:
        decl = c.tables.functions.get(node.word.text)
        if decl is None:
            known = c.tables.functions
            raise c.fail(report.unknown_name(node.word.text, node.word.span, known, "function"))
        names = [
            ident.text
            for p in decl.parameters
            for ident in (p.names if isinstance(p, ast.TypedParameter) else (p.name,))
        ]
        if len(names) != len(node.paths):
            found, name = len(node.paths), node.word.text
            raise c.fail(report.arity(name, len(names), found, node.word.span, names))
    return AtPath(
        tuple(p.text for p in node.paths), node.read or "value", node.word.text if node.word else ""
    )
