"""What a bare name means where it stands: local names, fields of `self`, members, globals, cases.

A family of `expr`, which dispatches; mistakes are raised as `Wrong`.
"""

from __future__ import annotations

from kspec.analysis import report
from kspec.analysis.checker import Checker
from kspec.analysis.env import Env
from kspec.analysis.expressions import builtin
from kspec.analysis.typed import (
    TCall,
    TExpr,
    TField,
    TLit,
    TParam,
    TSome,
    TState,
    TUniverse,
    TVar,
)
from kspec.analysis.types import (
    BoolT,
    EnumT,
    KindT,
    OptT,
    RecordT,
    TimerT,
    Type,
)
from kspec.base.source import Span


def expected_case(c: Checker, name: str, span: Span, wanted: Type, env: Env) -> TExpr | None:
    """A bare word as a case of the wanted enumeration, where no local name is meant."""
    if name in env.names:
        return None
    inner = wanted.of if isinstance(wanted, OptT) else wanted
    if isinstance(inner, EnumT) and name in inner.cases:
        lit = TLit(name, inner, span)
        return TSome(lit, wanted, span) if isinstance(wanted, OptT) else lit
    if isinstance(inner, TimerT) and name == "off":
        return TLit("off", TimerT(), span)
    return None


def name(c: Checker, name: str, span: Span, env: Env) -> TExpr:
    """A bare name: what it stands for, or a case of an enumeration."""
    found = find_name(c, name, span, env)
    if found is not None:
        return found
    if name in ("true", "false"):
        return TLit(name == "true", BoolT(), span)
    owners = c.cases.get(name, [])
    if len(owners) == 1:
        decl = c.tables.enums[owners[0]]
        return TLit(name, EnumT(owners[0], tuple(x.text for x in decl.cases)), span)
    if owners:
        raise c.fail(report.ambiguous_case(name, span, owners))
    known = {*env.names, *c.tables.words(), *c.cases}
    if isinstance(env.self_type, KindT | RecordT):
        known |= set(c.fields_of(env.self_type.name))
    raise c.fail(report.unknown_name(name, span, known))


def find_name(c: Checker, name: str, span: Span, env: Env) -> TExpr | None:
    """What a bare name means here, looked for from the inside out; None if nothing."""
    if name in env.names:
        return TVar(name, env.names[name], span)
    me = env.self_type
    if isinstance(me, KindT | RecordT) and name in c.fields_of(me.name):
        decl = c.fields_of(me.name)[name]
        return TField(TVar("self", me, span), name, decl.type, span)
    for full in (f"{env.component}.{name}", name) if env.component else (name,):
        found = global_name(c, full, span)
        if found is not None:
            return found
    return None


def global_name(c: Checker, full: str, span: Span) -> TExpr | None:
    """A parameter, universe, ghost, memory or function without parameters, by full name."""
    c.demand(f"signature {full}")
    if full in c.states:
        return TState(full, c.states[full], span)
    if full in c.params:
        return TParam(full, c.params[full], span)
    if full in c.universes:
        return TUniverse(full, c.universes[full], span)
    if builtin.is_function(c, full):
        fn = c.function(full, span)
        if fn.parameters:
            names = [n for n, _ in fn.parameters]
            raise c.fail(report.arity(full, len(names), 0, span, names))
        return TCall(full, (), fn.result, span)
    return None
