"""A checked program in a few readable lines: what the checker made of each declaration.

For golden files only: every type is spelled as it would be written, references with `&` where they
are known to be live. Next: `test_hardest`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from kspec.analysis.typed import (
    CAlways,
    CNoDeadlock,
    COn,
    CReachable,
    CSettles,
    CTemporal,
    CValues,
    Program,
    TAction,
    TClaim,
    TComponent,
    TFieldDecl,
    TLit,
    TParam,
    TPrim,
    TScenario,
    TStmt,
)
from kspec.analysis.types import (
    BoolT,
    EnumT,
    IntT,
    JsonT,
    KeyT,
    KindT,
    ListT,
    MapT,
    NameT,
    NothingT,
    ObjectT,
    OptT,
    RationalT,
    RecordT,
    SetT,
    TemporalT,
    TimerT,
    TupleT,
    Type,
    UnitT,
)


def summary(program: Program) -> str:
    """All declarations, in order."""
    return "\n".join(_lines(program)) + "\n"


def _lines(program: Program) -> Iterator[str]:
    for enum in program.enums:
        yield f"enum {enum.name} {{ {', '.join(enum.cases)} }}"
    for record in program.records:
        yield f"record {record.name}: valid {len(record.valid)}"
        yield from (_field(f) for f in record.fields)
    for kind in program.kinds:
        versions = ", ".join("/".join(v) for v in kind.versions) or "no API"
        const = "const " if kind.const else ""
        key = ", ".join(kind.key) or "none"
        yield f"{const}kind {kind.name} ({versions}) key {key}: valid {len(kind.valid)}"
        yield from (_field(f) for f in kind.fields)
    yield from (f"param {p.name}: {spelled(p.type)}" for p in program.params)
    yield from (f"universe {u.name}: {spelled(u.type)}" for u in program.universes)
    for fn in program.functions:
        given = ", ".join(f"{n}: {spelled(t)}" for n, t in fn.parameters)
        yield f"fn {fn.name}({given}): {spelled(fn.result)}"
    for component in program.components:
        yield from _component(component)
    for fault in program.faults:
        yield _action(fault)
        yield from _steps(fault)
    for ghost in program.ghosts:
        watched = ", ".join(f"{n}({', '.join(a)})" for r in ghost.rules for n, a in r.actions)
        yield f"ghost {ghost.state.name}: {spelled(ghost.state.type)} on {watched}"
    yield from (f"property {p.name}: {_claim(p.claim)}" for p in program.properties)
    for law in program.laws:
        by = f" by induction on {law.induction}" if law.induction else ""
        yield f"{'belief' if law.belief else 'law'} {law.name}{by}"
    yield from (line for s in program.scenarios for line in _scenario(s))


def _field(field: TFieldDecl) -> str:
    flags = [
        w
        for w, on in (("const", field.const), ("fixed", field.fixed), ("beat", field.heartbeat))
        if on
    ]
    default = "" if field.default is None else " ="
    at = "" if field.at is None else f" at {', '.join(field.at.paths)} ({field.at.read})"
    words = " ".join([field.role, *flags])
    return f"  {words} {field.name}: {spelled(field.type)}{default}{at}"


def _component(component: TComponent) -> Iterator[str]:
    who = "controller" if component.controller else "environment"
    each = "" if component.instance is None else f" for {spelled(component.instance.type)}"
    watched = ", ".join(f"{w.kind}{' where' if w.where else ''}" for w in component.watches)
    yield f"{who} {component.name}{each} watches {watched or 'nothing'}"
    yield from (f"  {s.role} {s.name}: {spelled(s.type)}" for s in component.state)
    for action in component.actions:
        yield "  " + _action(action)
        yield from ("  " + line for line in _steps(action))


def _action(action: TAction) -> str:
    given = ", ".join(f"{p.name}: {spelled(p.type)}" for p in action.parameters)
    after = f" after {', '.join(action.after)}" if action.after else ""
    blocks = f" blocks {action.blocks[0]}" if action.blocks else ""
    why = " atomically" if action.atomically else ""
    guards = f"{len(action.guards)} guards"
    return f"{action.origin} {action.name}({given}) {action.fair}{why}: {guards}{after}{blocks}"


def _steps(action: TAction) -> Iterator[str]:
    for number, step in enumerate(action.steps, 1):
        each = f" each {spelled(step.each[2])}" if step.each else ""
        when = " when" if step.when else ""
        refused = "" if step.refused is None else f" refused [{_words(step.refused)}]"
        yield f"    {number}{each}{when} [{_words(step.body)}]{refused}"


def _words(body: tuple[TStmt, ...]) -> str:
    found = []
    for stmt in body:
        address = getattr(stmt, "address", None)
        name = type(stmt).__name__.removeprefix("T").lower()
        found.append(name if address is None else f"{name} {address.value}")
    return ", ".join(found)


def _claim(claim: TClaim) -> str:
    match claim:
        case CAlways():
            return "always"
        case COn(actions, where, _):
            if len(actions) > 3:
                shown = f"{len(actions)} actions"
            else:
                shown = ", ".join(f"{n}({', '.join(a)})" for n, a in actions)
            return f"on {shown}{' where' if where else ''}"
        case CReachable():
            return "reachable"
        case CTemporal():
            return "over runs"
        case CNoDeadlock():
            return "no deadlock"
        case CValues(count):
            return f"{count} values"
        case CSettles(negated, observed):
            return f"{'oscillates' if negated else 'settles'} {len(observed)}"
        case _:
            assert_never(claim)


def _scenario(scenario: TScenario) -> Iterator[str]:
    objects = len(scenario.cluster.objects)
    yield f"scenario {scenario.name}: {objects} lines of cluster, {scenario.start}, {scenario.time}"
    faults = [f"{f.fault} {f.subject or ''}".strip() for f in scenario.faults]
    if faults:
        yield f"  faults {', '.join(faults)}"
    for judge in scenario.judges:
        word = "prove" if judge.prove else judge.expected or "check"
        extra = f" with {len(judge.settings) + len(judge.faults)}"
        more = extra if judge.settings or judge.faults else ""
        yield f"  {word} {judge.property}{more}"


def spelled(type_: Type) -> str:
    """A type as it is written; `&` marks a reference that is known to be live."""
    match type_:
        case BoolT():
            return "bool"
        case IntT(bounds):
            if bounds is None:
                return "int"
            return f"{_bound(bounds.lo)}..{_bound(bounds.hi)}"
        case RationalT():
            return "rational"
        case NameT():
            return "name"
        case UnitT(unit):
            return unit
        case EnumT(name, _) | RecordT(name):
            return name
        case KindT(name, live):
            return f"&{name}" if live else name
        case ObjectT():
            return "object"
        case KeyT(kind):
            return f"name of {kind}"
        case OptT(of):
            return f"{spelled(of)}?"
        case SetT(of):
            return f"set of {spelled(of)}"
        case ListT(of, most):
            return f"list {'' if most is None else f'at most {most} '}of {spelled(of)}"
        case MapT(key, value, total):
            return f"{'total ' if total else ''}map from {spelled(key)} to {spelled(value)}"
        case TupleT(parts):
            return f"tuple of ({', '.join(map(spelled, parts))})"
        case TimerT():
            return "timer"
        case JsonT():
            return "json"
        case NothingT(what):
            return what
        case TemporalT():
            return "formula"
        case _:
            assert_never(type_)


def _bound(expr: object) -> str:
    match expr:
        case TLit(value):
            return str(value)
        case TParam(name):
            return name
        case TPrim(op, (a, b)):
            return f"{_bound(a)} {op} {_bound(b)}"
        case _:
            return "…"
