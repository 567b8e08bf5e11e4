"""A scenario at one point of its sweep, made finite: `Scope`, or what is wrong.

Parameters get their values, manifests and cluster data become objects, kinds their pools, and it
is settled what runs. Reading files is not done here: documents come by the path that the program
names. All mistakes that can be found at once are.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import product
from math import prod
from typing import Final, TypeAlias, final

from attrs import evolve, field

from kspec.analysis.typed import (
    Program,
    TAction,
    TExpr,
    TKindDecl,
    TLit,
    TManifests,
    TObjectDecl,
    TParam,
    TPrim,
    TScenario,
    TSweep,
)
from kspec.base import codes
from kspec.base.diagnostic import Diagnostic, Label, Severity
from kspec.base.node import Node, nodes
from kspec.base.record import frozen
from kspec.base.source import Span
from kspec.manifests.node import Document
from kspec.pure.documents.ledger import LedgerEntry
from kspec.pure.evaluation import evaluate as pure
from kspec.pure.evaluation import finite
from kspec.pure.scopes import imports, included
from kspec.pure.scopes.declared import check_declared
from kspec.pure.scopes.imports import Findings, Unknown
from kspec.pure.scopes.roster import Entry, Roster
from kspec.pure.scopes.scope import Initial, Scope, ScopeObject, ScopePool
from kspec.pure.scopes.start import Book, Wrong, declared_field, out_of, skeleton, wrong
from kspec.pure.scopes.validity import unique, valid
from kspec.pure.values.cast import as_int
from kspec.pure.values.order import in_order
from kspec.pure.values.value import Value
from kspec.pure.values.world import Context, EvaluationError, Tables, World

Point: TypeAlias = tuple[tuple[str, Value], ...]
"""A value for every dimension of a sweep: a kind's number of objects, or a parameter's value."""

MOST_POINTS: Final = 1000
"""No sweep has more scopes; somebody who wants more mistyped a number."""

MOST_OBJECTS: Final = 1000
"""No search gets anywhere with more of one kind."""

Origin: TypeAlias = "TObjectDecl | Document"


@final
@frozen
class Elaborated:
    """A scope, or None with what is wrong. Warnings may come with a scope; the ledger says what
    was made of the manifests, `unknown` which kinds in them nobody models."""

    scope: Scope | None
    diagnostics: tuple[Diagnostic, ...]
    ledger: tuple[LedgerEntry, ...] = ()
    unknown: tuple[Unknown, ...] = ()


@final
@frozen
class Member:
    """An object of the start, before its fields are read."""

    entry: Entry
    kind: TKindDecl
    origin: Origin


@final
@frozen
class Cast:
    """Everyone who is there at the start."""

    roster: Roster = field(factory=Roster)
    members: tuple[Member, ...] = ()

    def add(self, kind: TKindDecl, name: str, origin: Origin) -> Cast:
        """With one more."""
        namespace = origin.namespace if isinstance(origin, Document) else None
        roster = self.roster.add(kind.name, name, namespace, origin.span)
        member = Member(roster.of(kind.name)[-1], kind, origin)
        return Cast(roster, (*self.members, member))


# ---- sweeps ------------------------------------------------------------------------------------


def points(program: Program, scenario: TScenario) -> tuple[Point, ...]:
    """Every point of the scenario's sweep, the last dimension fastest; one empty point if there
    is no sweep. Raises `Wrong`."""
    context = Context(Tables(program), parameters(program, scenario, ()), World(), World())
    columns = [[(axis.name, v) for v in _values(axis, context)] for axis in scenario.sweep]
    if prod(map(len, columns)) > MOST_POINTS:
        raise _too_wide(scenario.sweep[0].span)
    return tuple(product(*columns))


def _too_wide(span: Span) -> Wrong:
    message = f"a sweep has at most {MOST_POINTS} scopes"
    return wrong(codes.OUT_OF_RANGE, message, span, "too many values")


def _values(axis: TSweep, context: Context) -> list[Value]:
    if isinstance(axis.values, tuple):
        lo, hi = (as_int(pure.evaluate(bound, context)) for bound in axis.values)
        if hi - lo >= MOST_POINTS:
            raise _too_wide(axis.span)
        return list(range(lo, hi + 1))
    found = pure.evaluate(axis.values, context)
    if isinstance(found, frozenset):
        type_ = axis.values.type
        return in_order(found, getattr(type_, "of", type_), context.tables)
    return list(found) if isinstance(found, tuple) else [found]


# ---- parameters --------------------------------------------------------------------------------


def parameters(program: Program, scenario: TScenario, point: Point) -> Mapping[str, Value]:
    """Every parameter's value: the sweep's, else the scenario's, else the declared one. Raises
    `Wrong`. A default may use parameters that are declared before it."""
    given: dict[str, tuple[TExpr, Span]] = {s.param: (s.value, s.span) for s in scenario.settings}
    swept = dict(point)
    found: dict[str, Value] = {}
    context = Context(Tables(program), found, World(), World())
    for decl in program.params:
        value, span = given.get(decl.name, (decl.default, decl.span))
        if decl.name in swept:
            found[decl.name] = swept[decl.name]
        elif value is None:
            message = f"the parameter `{decl.name}` has no value"
            help_ = f"give it one in the scenario: `with {decl.name} = …`, or a default here"
            label = Label(decl.span, "declared without a default")
            raise Wrong(Diagnostic(codes.MISSING_FIELD, message, label, help=(help_,)))
        else:
            found[decl.name] = pure.stored(value, decl.type, context)
        if not finite.in_range(found[decl.name], decl.type, context):
            message = f"`{decl.name}` cannot be {found[decl.name]}"
            where = Label(decl.span, "declared here")
            raise wrong(codes.OUT_OF_RANGE, message, span, out_of(decl.type, context), where)
    return found


# ---- everyone ----------------------------------------------------------------------------------


def elaborate(
    program: Program,
    scenario: TScenario,
    point: Point = (),
    documents: Mapping[str, tuple[Document, ...]] | None = None,
) -> Elaborated:
    """The scope of a scenario at a point. `documents` are those of each path that its cluster
    names (`from "…"`), in order."""
    try:
        values = parameters(program, scenario, point)
        _refuse_unsupported(scenario)
    except Wrong as mistake:
        return Elaborated(None, (mistake.diagnostic,))
    except EvaluationError as error:
        return Elaborated(None, (_failed(error, scenario.span),))
    tables = Tables(program)
    findings = Findings()
    cast = _swept(_cast(scenario, tables, documents or {}, findings), point, scenario, tables)
    context = Context(tables, values, skeleton(cast.roster), World())
    objects = _objects(cast, Book(cast.roster, context), findings, scenario)
    findings.diagnostics.extend(imports.undescribed(findings))
    findings.diagnostics.extend(unique(objects, tables))
    if not _has_errors(findings):
        findings.diagnostics.extend(valid(objects, context))
    scope: Scope | None = None
    if not _has_errors(findings):
        try:
            scope = _scope(program, scenario, point, objects, context)
            scope = evolve(scope, origins=tuple(findings.origins.items()))
        except Wrong as mistake:
            findings.diagnostics.append(mistake.diagnostic)
        except EvaluationError as error:
            findings.diagnostics.append(_failed(error, scenario.span))
    lines, unknown = tuple(findings.lines.values()), tuple(findings.unknown.values())
    return Elaborated(scope, tuple(findings.diagnostics), lines, unknown)


def _refuse_unsupported(scenario: TScenario) -> None:
    if scenario.start == "settled":
        message = "starting from a settled cluster is not supported yet"
        raise wrong(codes.NOT_MODELLED, message, scenario.span, "`start settled`")


def _refuse_deadlines(scenario: TScenario, running: tuple[TAction, ...], context: Context) -> None:
    """On a clock a deadline is one length for all states."""
    for action in running if scenario.time == "timed" else ():
        if action.within is None:
            continue
        label = Label(scenario.span, "`time timed` here")
        span = action.within.span
        if any(type(node) not in _FIXED for node in nodes(action.within, Node)):
            message = f"`within` of `{action.name}` is no constant: literals and parameters only"
            raise wrong(codes.NOT_MODELLED, message, span, "may change", label)
        value = pure.evaluate(action.within, context)
        if not isinstance(value, int | Fraction) or value < 0:
            message = f"`within` of `{action.name}` is less than nothing"
            raise wrong(codes.OUT_OF_RANGE, message, span, "a negative deadline", label)


_FIXED: Final = frozenset((TLit, TParam, TPrim))


def _failed(error: EvaluationError, span: Span) -> Diagnostic:
    return Diagnostic(codes.NOT_MODELLED, error.message, Label(error.span or span, "here"))


def _has_errors(findings: Findings) -> bool:
    return any(d.severity is Severity.ERROR for d in findings.diagnostics)


def _cast(
    scenario: TScenario,
    tables: Tables,
    documents: Mapping[str, tuple[Document, ...]],
    findings: Findings,
) -> Cast:
    kinds = imports.by_version(tables)
    cast = Cast()
    for source in scenario.cluster.objects:
        if isinstance(source, TObjectDecl):
            for name in source.names:
                cast = cast.add(tables.kinds[source.kind], name, source)
            continue
        if source.path not in documents:
            findings.diagnostics.append(_unread(source))
        for document in documents.get(source.path, ()):
            for kind in imports.kinds_of(document, kinds, findings):
                cast = cast.add(kind, imports.name_of(document), document)
    return cast


def _unread(source: TManifests) -> Diagnostic:
    message = f"nothing was read from `{source.path}`"
    return Diagnostic(codes.UNREADABLE_FILE, message, Label(source.span, "named here"))


def _swept(cast: Cast, point: Point, scenario: TScenario, tables: Tables) -> Cast:
    """As many objects of each swept kind as the point says: the first ones, or copies of the last
    one that the cluster writes."""
    counts = {name: as_int(n) for name, n in point if name in tables.kinds}
    made = Cast()
    for member in cast.members:
        kind = member.kind.name
        if kind not in counts or len(made.roster.of(kind)) < counts[kind]:
            made = made.add(member.kind, member.entry.name, member.origin)
    for kind, count in counts.items():
        written = [m.origin for m in cast.members if m.kind.name == kind]
        declared = [origin for origin in written if isinstance(origin, TObjectDecl)]
        copied = declared[-1] if declared else TObjectDecl(kind, (), (), scenario.span)
        while len(made.roster.of(kind)) < count:
            made = made.add(tables.kinds[kind], _fresh(kind, made.roster), copied)
    return made


def _fresh(kind: str, roster: Roster) -> str:
    """A name that no object of the kind has: `pod-2` for the third one, if that is free."""
    taken = {entry.name for entry in roster.of(kind)}
    index = len(roster.of(kind))
    while f"{kind.lower()}-{index}" in taken:
        index += 1
    return f"{kind.lower()}-{index}"


# ---- objects -----------------------------------------------------------------------------------


def _objects(
    cast: Cast, book: Book, findings: Findings, scenario: TScenario
) -> tuple[ScopeObject, ...]:
    """All objects whose fields can be read, kind by kind, in pool order."""
    running = included.actions(scenario, book.context.tables)
    unset = included.written(running) if scenario.start == "empty" else frozenset()
    found: list[ScopeObject] = []
    for member in cast.members:
        if isinstance(member.origin, TObjectDecl):
            made = _written(member, member.origin, book, findings)
        else:
            made = imports.import_one(
                member.origin, member.kind, member.entry.obj, book, findings, unset
            )
        if made is not None:
            found.append(made)
    found.extend(imports.interned(findings))
    order = {kind: place for place, kind in enumerate(book.context.tables.kinds)}
    return tuple(sorted(found, key=lambda obj: (order[obj.kind], obj.index)))


def _written(
    member: Member, origin: TObjectDecl, book: Book, findings: Findings
) -> ScopeObject | None:
    fields: list[tuple[str, Initial]] = []
    entry = member.entry
    for declared in member.kind.fields:
        try:
            fields.append((declared.name, declared_field(origin, entry.name, declared, book)))
        except Wrong as mistake:
            findings.diagnostics.append(mistake.diagnostic)
        except EvaluationError as error:
            findings.diagnostics.append(_failed(error, origin.span))
    if len(fields) < len(member.kind.fields):
        return None
    shown = book.roster.shown(entry.obj.kind)[entry.obj.index]
    spans = tuple((name, span_of_field(origin, name)) for name, _ in origin.fields)
    return ScopeObject(entry.obj.kind, entry.obj.index, shown, tuple(fields), entry.span, spans)


def span_of_field(origin: TObjectDecl, name: str) -> Span:
    """Where a field of a written object stands."""
    from kspec.pure.scopes.start import span_of

    return span_of(dict(origin.fields)[name])


# ---- the scope ---------------------------------------------------------------------------------


def _scope(
    program: Program,
    scenario: TScenario,
    point: Point,
    objects: tuple[ScopeObject, ...],
    context: Context,
) -> Scope:
    check_declared(context)
    running = included.actions(scenario, context.tables)
    _refuse_deadlines(scenario, running, context)
    pools = _pools(scenario, objects, running, context)
    views = included.views(scenario, context)
    return Scope(
        program=program,
        name=scenario.name,
        params=tuple(context.parameters.items()),
        pools=pools,
        objects=objects,
        actions=tuple(action.name for action in running),
        budgets=included.budgets(scenario, running, context),
        restarts=included.restarts(scenario),
        views=views,
        lossy=included.subjects(scenario, included.LOSSY),
        start=scenario.start,
        timed=scenario.time == "timed",
        assumes=scenario.assumes,
        judges=scenario.judges,
        point=point,
        assumptions=_assumptions(scenario, running, pools, context),
    )


def _pools(
    scenario: TScenario,
    objects: tuple[ScopeObject, ...],
    running: tuple[TAction, ...],
    context: Context,
) -> tuple[ScopePool, ...]:
    """Each kind's identities: as the scenario writes, else those at the start and two more for a
    kind that is created."""
    rooms = {kind: (included.number(n, context), n.span) for kind, n in scenario.room}
    created = included.created(running)
    found: list[ScopePool] = []
    for kind in context.tables.kinds:
        names = tuple(obj.name for obj in objects if obj.kind == kind)
        if kind in rooms:
            size, rule = rooms[kind][0], "room, as written"
            if size < len(names):
                message = f"there is room for {size} of `{kind}`, and {len(names)} exist"
                label = f"make it {len(names)} or more"
                raise wrong(codes.OUT_OF_RANGE, message, rooms[kind][1], label)
            if size > MOST_OBJECTS:
                message = f"there cannot be room for more than {MOST_OBJECTS} of a kind"
                raise wrong(codes.OUT_OF_RANGE, message, rooms[kind][1], "too many")
        elif kind in created:
            size, rule = len(names) + 2, "those at the start, and 2 more"
        else:
            size, rule = len(names), "those at the start: none are created"
        found.append(ScopePool(kind, size, rule, _shown(kind, names, size)))
    return tuple(found)


def _shown(kind: str, names: tuple[str, ...], size: int) -> tuple[str, ...]:
    shown = list(names)
    for index in range(len(names), size):
        name = f"{kind.lower()}-{index}"
        while name in shown:
            name += "'"
        shown.append(name)
    return tuple(shown)


def _assumptions(
    scenario: TScenario,
    running: tuple[TAction, ...],
    pools: tuple[ScopePool, ...],
    context: Context,
) -> tuple[str, ...]:
    """Sentences that a verdict about this scope rests on."""
    said: list[str] = []
    for action in running:
        if action.atomically is not None:
            said.append(f"`{action.name}` is one step: {action.atomically}")
    views = {view.controller: view for view in included.views(scenario, context)}
    fresh = [
        c.name
        for c in context.tables.components.values()
        if c.controller and c.name not in views and any(a.owner == c.name for a in running)
    ]
    if fresh:
        said.append(f"what these read is up to date when they write: {', '.join(fresh)}")
    for view in views.values():
        said.append(_lag(view.controller, view.lag, view.servers, view.unordered))
    if scenario.time != "timed":
        said.append("no clock: a timer may fire any time after it was set")
        hurried = [f"`{action.name}`" for action in running if action.within is not None]
        if hurried:
            said.append(f"no clock: `within` says nothing of {', '.join(hurried)}")
    starts = {"empty": "the objects written, their status unset where something writes it"}
    said.append("start: " + starts.get(scenario.start, "the objects as given, status included"))
    created = included.created(running)
    for pool in pools:
        if pool.kind in created:
            said.append(f"at most {pool.size} of `{pool.kind}` at once ({pool.rule})")
    for name, _ in scenario.assumes:
        said.append(f"assumed of every start: `{name}`")
    return tuple(said)


def _lag(controller: str, lag: int, servers: int, unordered: bool) -> str:
    writes = "write" if lag == 1 else "writes"
    more = f", {servers} API servers" if servers > 1 else ""
    each = ", object by object" if unordered else ""
    return f"the cache of `{controller}` is at most {lag} {writes} behind{more}{each}"
