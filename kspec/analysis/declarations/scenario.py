"""Scenarios: what they are made of, one line at a time, and what they inherit."""

from __future__ import annotations

from functools import partial

from attrs import evolve

from kspec.analysis import report
from kspec.analysis.checker import Checker, each
from kspec.analysis.declarations.objects import cluster, kind_named
from kspec.analysis.declarations.patterns import action_names, find_action
from kspec.analysis.env import Env
from kspec.analysis.expressions import coerce
from kspec.analysis.expressions.expr import check, infer
from kspec.analysis.typed import (
    TCluster,
    TExpr,
    TFaultUse,
    TJudge,
    TRun,
    TScenario,
    TSetting,
    TSweep,
)
from kspec.analysis.types import BoolT, IntT
from kspec.base import codes
from kspec.base.source import Span
from kspec.syntax import ast

LANGUAGE_FAULTS = ("stale_cache", "restart", "lossy_api")


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
