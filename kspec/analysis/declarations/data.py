"""What declares data, beside its fields: records, kinds, extensions, parameters, universes.

Next: `functions`.
"""

from __future__ import annotations

from kspec.analysis import report
from kspec.analysis.checker import Checker, Unreported, each
from kspec.analysis.declarations.fields import declared, members
from kspec.analysis.env import Env
from kspec.analysis.expressions import coerce
from kspec.analysis.expressions.expr import check as check_expr
from kspec.analysis.typed import (
    LedgerLine,
    TExpr,
    TKindDecl,
    TParamDecl,
    TRecordDecl,
    TUniverseDecl,
)
from kspec.analysis.types import BoolT, KindT, RecordT, Type
from kspec.syntax import ast


def record(c: Checker, node: ast.RecordDecl) -> TRecordDecl:
    """A record with its fields."""
    fields = tuple(c.fields_of(node.name.text).values())
    valid = _valid(c, node.name.text, RecordT(node.name.text))
    return TRecordDecl(node.name.text, fields, valid, node.span)


def _valid(c: Checker, owner: str, me: Type) -> tuple[TExpr, ...]:
    env = Env().with_self(me)
    return tuple(
        check_expr(c, m.cond, BoolT(), env) for m in members(c, owner) if isinstance(m, ast.Valid)
    )


def kind(c: Checker, node: ast.KindDecl) -> TKindDecl:
    """A kind, with its fields, its key and what it tells documents."""
    name = node.name.text
    fields = tuple(c.fields_of(name).values())
    key = coerce.inherited_key(c, name)
    for part in key:
        c.field_of(name, part.text, part.span)
    ledger = tuple(
        LedgerLine(m.word == "approximates", m.path.text, m.why)
        for m in members(c, name)
        if isinstance(m, ast.Ledger)
    )
    return TKindDecl(
        name,
        node.const,
        tuple(_version(v, name) for v in node.versions),
        tuple(k.text for k in key),
        fields,
        _valid(c, name, KindT(name, True)),
        ledger,
        c.tables.modules.get(name, ""),
        node.span,
    )


def _version(node: ast.ApiVersion, kind: str) -> tuple[str, str]:
    """apiVersion and the API's name of the kind: `v1/PersistentVolumeClaim` names another."""
    parts = node.text.split("/")
    if len(parts) > 1 and parts[-1][:1].isupper():
        return "/".join(parts[:-1]), parts[-1]
    return node.text, node.named.text if node.named else kind


def extensions(c: Checker) -> None:
    """What is extended must be there."""
    for name, decls in c.tables.extends.items():
        if name not in c.tables.types() or name in c.tables.enums:
            known = {*c.tables.kinds, *c.tables.records, *c.tables.mixins}
            c.note(report.unknown_name(name, decls[0].name.span, known, "kind or record"))


def all_params(c: Checker) -> tuple[TParamDecl, ...]:
    """Parameters, those of components behind the others."""
    found: list[tuple[str, ast.ParamDecl]] = list(c.tables.params.items())
    for owner, decl in c.tables.components.items():
        found.extend(
            (f"{owner}.{m.name.text}", m) for m in decl.members if isinstance(m, ast.ParamDecl)
        )
    return tuple(each(c, found, lambda pair: _param(c, *pair)))


def _param(c: Checker, full: str, node: ast.ParamDecl) -> TParamDecl:
    c.demand(f"signature {full}")
    if full not in c.params:
        raise Unreported
    type_ = c.params[full]
    default: TExpr | None = None
    if node.default is not None:
        default = check_expr(c, node.default, type_, Env(), declared(node.type))
    return TParamDecl(full, type_, default, node.span)


def universe(c: Checker, node: ast.UniverseDecl) -> TUniverseDecl:
    """A set that scenarios may name."""
    c.demand(f"signature {node.name.text}")
    type_ = c.universes[node.name.text]
    return TUniverseDecl(node.name.text, type_, check_expr(c, node.value, type_, Env()), node.span)
