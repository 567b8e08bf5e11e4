"""Clusters and scenarios: data typed by the fields it fills, names resolved, inheritance merged."""

from __future__ import annotations

from functools import partial

from attrs import evolve

from kspec.analysis import report
from kspec.analysis.checker import Checker, each
from kspec.analysis.declarations.behaviour import find_action
from kspec.analysis.env import Env
from kspec.analysis.expressions import braces, coerce
from kspec.analysis.expressions.expr import check, infer
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
    TFaultUse,
    TJudge,
    TLit,
    TManifests,
    TObject,
    TObjectDecl,
    TRecord,
    TRun,
    TScenario,
    TSet,
    TSetting,
    TSweep,
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

LANGUAGE_FAULTS = ("stale_cache", "restart", "lossy_api")


# ---- data --------------------------------------------------------------------------------------


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


# ---- clusters ----------------------------------------------------------------------------------


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


# ---- scenarios ---------------------------------------------------------------------------------


def scenarios(c: Checker) -> tuple[TScenario, ...]:
    """The scenarios of the file asked for; loose lines make one without a name."""
    asked = (d for n, d in c.tables.scenarios.items() if f"scenario {n}" in c.tables.modules)
    found = each(c, asked, lambda decl: named(c, decl))
    loose = tuple(c.tables.loose)
    judged = any(isinstance(i, ast.Check | ast.Expect | ast.Prove) for i in loose)
    others = any(not isinstance(i, ast.ClusterDecl) for i in loose)
    if judged or (others and not found):
        span = loose[0].span.to(loose[-1].span)
        found.insert(0, build(c, "", loose, None, span, file_level=True))
    return tuple(found)


def named(c: Checker, decl: ast.ScenarioDecl, seen: tuple[str, ...] = ()) -> TScenario:
    """A scenario with what it extends."""
    base: TScenario | None = None
    if decl.extends is not None:
        parent = c.tables.scenarios.get(decl.extends.text)
        if decl.extends.text in (*seen, decl.name.text):
            raise c.fail(
                report.simple(
                    codes.RECURSIVE_FUNCTION,
                    f"the scenario `{decl.extends.text}` extends itself",
                    decl.extends.span,
                    "comes back to itself",
                )
            )
        if parent is None:
            raise c.fail(
                report.unknown_name(
                    decl.extends.text, decl.extends.span, c.tables.scenarios, "scenario"
                )
            )
        base = named(c, parent, (*seen, decl.name.text))
    return build(c, decl.name.text, decl.items, base, decl.span, file_level=False)


def build(
    c: Checker,
    name: str,
    items: tuple[ast.ScenarioItem, ...],
    base: TScenario | None,
    span: Span,
    file_level: bool,
) -> TScenario:
    """Lines over what is inherited. Inherited lines to judge are not judged again."""
    made = base or TScenario("", TCluster(()), (), (), (), (), "empty", "untimed", (), (), (), span)
    made = evolve(made, name=name, judges=(), span=span)
    used_cluster = False
    if file_level and any(isinstance(item, ast.OnCluster) for item in items):
        # What `in` names is used once, and clusters that it does not name are for others.
        items = tuple(i for i in items if not isinstance(i, ast.ClusterDecl) or i.name is None)
    for item in items:
        if isinstance(item, ast.ClusterDecl | ast.OnCluster):
            used_cluster = True
        made = next(iter(each(c, (item,), partial(_line, c, made=made))), made)
    if not used_cluster and base is None and not file_level:
        made = _only_cluster(c, made)
    return made


def _only_cluster(c: Checker, made: TScenario) -> TScenario:
    """A scenario that names no cluster means the file's only one, if there is one."""
    clusters = tuple(c.tables.clusters.values())
    return evolve(made, cluster=cluster(c, clusters[-1])) if len(clusters) == 1 else made


def _line(c: Checker, item: ast.ScenarioItem, made: TScenario) -> TScenario:
    match item:
        case ast.ClusterDecl():
            both = (*made.cluster.objects, *cluster(c, item).objects)
            return evolve(made, cluster=TCluster(both))
        case ast.OnCluster(name, _):
            decl = c.tables.clusters.get(name.text)
            if decl is None:
                raise c.fail(
                    report.unknown_name(name.text, name.span, c.tables.clusters, "cluster")
                )
            both = (*made.cluster.objects, *cluster(c, decl).objects)
            return evolve(made, cluster=TCluster(both))
        case ast.Run(entries, _):
            return evolve(made, run=(*made.run, *(_run(c, e) for e in entries)))
        case ast.Faults(entries, _):
            return evolve(made, faults=(*made.faults, *(fault_use(c, e) for e in entries)))
        case ast.WithSettings(entries, _):
            return evolve(made, settings=(*made.settings, *(setting(c, e) for e in entries)))
        case ast.Start(word, _):
            return evolve(made, start=word)
        case ast.Time(word, _):
            return evolve(made, time=word)
        case ast.Room(sizes, _):
            room = tuple((kind_named(c, k), check(c, n, IntT(), Env())) for k, n in sizes)
            return evolve(made, room=(*made.room, *room))
        case ast.Assume(name, body, _):
            claim = (name.text, check(c, body, BoolT(), Env()))
            return evolve(made, assumes=(*made.assumes, claim))
        case ast.Check(names, span):
            return _judge(c, made, names, None, False, (), span)
        case ast.Prove(names, span):
            return _judge(c, made, names, None, True, (), span)
        case ast.Expect(word, names, extra, span):
            return _judge(c, made, names, word, False, extra, span)
        case ast.Sweep(entries, _):
            return evolve(made, sweep=(*made.sweep, *(_sweep(c, e) for e in entries)))


def _judge(
    c: Checker,
    made: TScenario,
    names: tuple[ast.Ident, ...],
    word: str | None,
    prove: bool,
    extra: tuple[ast.Setting | ast.FaultItem, ...],
    span: Span,
) -> TScenario:
    settings = tuple(setting(c, e) for e in extra if isinstance(e, ast.Setting))
    faults = tuple(fault_use(c, e) for e in extra if isinstance(e, ast.FaultItem))
    lines = []
    for name in names:
        if name.text not in c.tables.properties and name.text not in c.tables.laws:
            known = {*c.tables.properties, *c.tables.laws}
            c.note(report.unknown_property(name.text, name.span, known))
            continue
        lines.append(TJudge(name.text, word, prove, settings, faults, name.span))
    return evolve(made, judges=(*made.judges, *lines))


def _run(c: Checker, node: ast.RunItem) -> TRun:
    owner = node.path[0].text
    action = node.path[1] if len(node.path) > 1 else None
    decl = c.tables.components.get(owner)
    if decl is None and not (owner in c.tables.faults and action is None):
        known = {*c.tables.components, *c.tables.faults}
        raise c.fail(report.unknown_name(owner, node.path[0].span, known, "component"))
    if action is not None and decl is not None and find_action(decl, action.text) is None:
        from kspec.analysis.declarations.claims import action_names

        raise c.fail(report.unknown_name(action.text, action.span, action_names(decl), "action"))
    most = check(c, node.most, IntT(), Env()) if node.most is not None else None
    return TRun(node.remove, owner, action.text if action else None, most, node.span)


def fault_use(c: Checker, node: ast.FaultItem) -> TFaultUse:
    """A line of `faults { … }`."""

    def number(given: ast.Expr | None) -> TExpr | None:
        return check(c, given, IntT(), Env()) if given is not None else None

    subject = node.subject.text if node.subject else None
    if node.name.text in LANGUAGE_FAULTS:
        _subject(c, node)
    elif node.name.text not in c.tables.faults and subject is None:
        subject = _environment_action(c, node)
    elif node.name.text not in c.tables.faults:
        known = {*c.tables.faults, *LANGUAGE_FAULTS}
        raise c.fail(report.unknown_name(node.name.text, node.name.span, known, "fault"))
    return TFaultUse(
        node.name.text,
        subject,
        number(node.most),
        number(node.lag),
        number(node.servers),
        node.unordered,
        node.span,
    )


def _subject(c: Checker, node: ast.FaultItem) -> None:
    if node.subject is None:
        raise c.fail(
            report.simple(
                codes.WRONG_ARITY,
                f"`{node.name.text}` does not say of which controller",
                node.span,
                "whose?",
                f"write `{node.name.text} c`",
            )
        )
    if not isinstance(c.tables.components.get(node.subject.text), ast.ControllerDecl):
        raise c.fail(
            report.unknown_name(
                node.subject.text,
                node.subject.span,
                [n for n, d in c.tables.components.items() if isinstance(d, ast.ControllerDecl)],
                "controller",
            )
        )


def _environment_action(c: Checker, node: ast.FaultItem) -> str:
    """An environment's action used as a fault: `force_delete at most 1`."""
    owners = [
        owner
        for owner, decl in c.tables.components.items()
        if isinstance(decl, ast.EnvironmentDecl) and find_action(decl, node.name.text) is not None
    ]
    if len(owners) != 1:
        known = {*c.tables.faults, *LANGUAGE_FAULTS}
        raise c.fail(report.unknown_name(node.name.text, node.name.span, known, "fault"))
    return owners[0]


def setting(c: Checker, node: ast.Setting) -> TSetting:
    """A parameter's value in a scenario."""
    full = ".".join(p.text for p in node.path)
    c.demand(f"signature {full}")
    if full not in c.params:
        raise c.fail(report.unknown_name(full, node.path[0].span, c.params, "parameter"))
    return TSetting(full, check(c, node.value, c.params[full], Env()), node.span)


def _sweep(c: Checker, node: ast.SweepItem) -> TSweep:
    low = infer(c, node.source, Env())
    if node.hi is None:
        values: TExpr | tuple[TExpr, TExpr] = low
    else:
        values = (coerce.fit(c, low, IntT(), None), check(c, node.hi, IntT(), Env()))
    name = node.name.text
    if name in c.tables.params:
        return TSweep(name, values, node.span)
    return TSweep(kind_named(c, node.name), values, node.span)
