"""Clusters: data typed by the fields that it fills, references as names of objects.

Next: `scenario`.
"""

from __future__ import annotations

from kspec.analysis import report
from kspec.analysis.checker import Checker
from kspec.analysis.expressions import braces, coerce
from kspec.analysis.expressions.literals import quantity
from kspec.analysis.typed import Comp as CompKind
from kspec.analysis.typed import (
    DAny,
    DataValue,
    DItems,
    DParts,
    DValue,
    OverRange,
    TBinder,
    TCluster,
    TComp,
    TExpr,
    TLit,
    TManifests,
    TObject,
    TObjectDecl,
    TRecord,
    TSet,
    TVar,
)
from kspec.analysis.types import (
    BoolT,
    EnumT,
    IntT,
    KeyT,
    KindT,
    ListT,
    MapT,
    NameT,
    ObjectT,
    OptT,
    RationalT,
    RecordT,
    SetT,
    TimerT,
    Type,
    UnitT,
)
from kspec.analysis.words import show_type
from kspec.base import codes
from kspec.base.diagnostic import Diagnostic
from kspec.base.source import Span
from kspec.syntax import ast


def data(c: Checker, node: ast.Data, wanted: Type) -> DataValue:
    """Data as a value of the type of the field it stands for."""
    match node:
        case ast.DataAny(ast.DataRange(lo, hi, _), span):
            return DAny(_range_set(lo, hi, span), wanted, span)
        case ast.DataAny(of, span):
            chosen = None if of is None else _plain(data(c, of, SetT(wanted)), span, c)
            return DAny(chosen, wanted, span)
        case ast.DataRange(lo, hi, span):
            return DAny(_range_set(lo, hi, span), wanted, span)
        case ast.DataAtom():
            return DValue(_atom(c, node, wanted))
        case ast.DataList(items, span):
            inner = wanted.of if isinstance(wanted, OptT) else wanted
            if not isinstance(inner, SetT | ListT):
                raise c.fail(_another(wanted, "a list", span))
            return DItems(tuple(data(c, i, inner.of) for i in items), inner, span)
        case ast.DataMap(entries, span):
            return _map(c, entries, wanted, span)


def _another(wanted: Type, found: str, span: Span) -> Diagnostic:
    message = f"{show_type(wanted)} is wanted here, and this is {found}"
    return report.simple(codes.TYPE_MISMATCH, message, span, f"this is {found}")


def _range_set(lo: int, hi: int, span: Span) -> TExpr:
    one = TLit(lo, IntT(), span)
    over = OverRange(one, TLit(hi, IntT(), span))
    binder = TBinder("i", IntT(), over, span)
    body = TVar("i", IntT(), span)
    return TComp(CompKind.SET, (binder,), None, body, None, SetT(IntT()), span)


def _plain(value: DataValue, span: Span, c: Checker) -> TExpr:
    """Data without objects or free parts, as an expression."""
    match value:
        case DValue(found) if not isinstance(found, TObject):
            return found
        case DItems(items, type_, _):
            return TSet(tuple(_plain(i, span, c) for i in items), type_, span)
        case DParts(parts, RecordT() as type_, _):
            return TRecord(tuple((n, _plain(v, span, c)) for n, v in parts), type_, span)
        case _:
            pass
    raise c.fail(
        report.simple(
            codes.NOT_ALLOWED_HERE,
            "`any of` chooses among values that are written out",
            span,
            "an object, or something free, is in it",
        )
    )


def _map(
    c: Checker, entries: tuple[tuple[ast.Ident, ast.Data], ...], wanted: Type, span: Span
) -> DataValue:
    inner = wanted.of if isinstance(wanted, OptT) else wanted
    match inner:
        case RecordT(owner):
            given = {}
            for key, value in entries:
                decl = c.field_of(owner, key.text, key.span)
                given[key.text] = data(c, value, decl.type)
            parts = tuple(
                (n, given[n] if n in given else DValue(_default(c, owner, n, span)))
                for n in c.fields_of(owner)
            )
            return DParts(parts, inner, span)
        case MapT(key_type, value_type, _):
            pairs = []
            for key, value in entries:
                if isinstance(key_type, EnumT) and key.text not in key_type.cases:
                    name, cases = key_type.name, key_type.cases
                    raise c.fail(report.unknown_case(key.text, name, key.span, cases))
                pairs.append((key.text, data(c, value, value_type)))
            return DParts(tuple(pairs), inner, span)
        case SetT() if not entries:
            return DItems((), inner, span)
        case _:
            raise c.fail(_another(wanted, "a block", span))


def _default(c: Checker, owner: str, name: str, span: Span) -> TExpr:
    return braces.default(c, owner, name, span)


def _atom(c: Checker, node: ast.DataAtom, wanted: Type) -> TExpr | TObject:
    span = node.span
    word = node.token in ("NAME", "DASHED", "STRING")
    match wanted:
        case OptT(of):
            if node.token == "NAME" and node.text == "none":
                return TLit(None, wanted, span)
            inner = _atom(c, node, of)
            return inner if isinstance(inner, TObject) else coerce.fit(c, inner, wanted, None)
        case KindT(kind, _) if word:
            return TObject(kind, node.text, wanted, span)
        case ObjectT() if word:
            return TObject(None, node.text, wanted, span)
        case KeyT() | NameT() if word or node.token == "INT":
            return TLit(node.text, wanted, span)
        case EnumT(name, cases) if word:
            if node.text not in cases:
                raise c.fail(report.unknown_case(node.text, name, span, cases))
            return TLit(node.text, wanted, span)
        case BoolT() if node.text in ("true", "false"):
            return TLit(node.text == "true", wanted, span)
        case TimerT() if node.text == "off":
            return TLit("off", wanted, span)
        case _:
            return _number(c, node, wanted)


def _number(c: Checker, node: ast.DataAtom, wanted: Type) -> TExpr:
    if node.token == "INT":
        value = TLit(int(node.text), IntT(), node.span)
        if isinstance(wanted, IntT | RationalT | UnitT):
            return coerce.fit(c, value, wanted, None)
    if node.token == "QUANTITY" and isinstance(wanted, UnitT | RationalT | IntT):
        return coerce.fit(c, quantity(c, node.text, node.span, wanted), wanted, None)
    if node.token == "QUANTITY":
        raise c.fail(report.mismatch(wanted, UnitT("cpu"), node.span))
    found: Type = IntT() if node.token == "INT" else NameT()
    raise c.fail(report.mismatch(wanted, found, node.span))


def cluster(c: Checker, node: ast.ClusterDecl) -> TCluster:
    """The objects and manifests of a cluster."""
    objects: list[TObjectDecl | TManifests] = [TManifests(s.path, s.span) for s in node.sources]
    for item in node.objects:
        if isinstance(item, ast.ObjectsFrom):
            objects.append(TManifests(item.path, item.span))
        else:
            objects.append(_object(c, item))
    return TCluster(tuple(objects))


def kind_named(c: Checker, ident: ast.Ident) -> str:
    """The kind of this name, whatever the case of its letters."""
    for kind in c.tables.kinds:
        if kind.lower() == ident.text.lower():
            return kind
    raise c.fail(report.unknown_name(ident.text, ident.span, c.tables.kinds, "kind"))


def _object(c: Checker, node: ast.ObjectDecl) -> TObjectDecl:
    kind = kind_named(c, node.kind)
    fields: list[tuple[str, DataValue]] = []
    for key, value in node.body.entries:
        decl = c.field_of(kind, key.text, key.span)
        fields.append((key.text, data(c, value, decl.type)))
    return TObjectDecl(kind, tuple(n.text for n in node.names), tuple(fields), node.span)
