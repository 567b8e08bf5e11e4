"""Controllers and environments: their scope, their state, their watches, their actions.

Next: `actions`.
"""

from __future__ import annotations

from functools import partial

from attrs import evolve

from kspec.analysis import report
from kspec.analysis.checker import Checker, Unreported, each
from kspec.analysis.declarations.actions import action
from kspec.analysis.env import Env
from kspec.analysis.expressions import coerce
from kspec.analysis.expressions.expr import check
from kspec.analysis.expressions.quantify import typed_binder
from kspec.analysis.typed import TAction, TBinder, TComponent, TStateDecl, TWatch
from kspec.analysis.types import BoolT, KindT
from kspec.analysis.words import show_type
from kspec.base import codes
from kspec.base.source import Span
from kspec.syntax import ast


def component(c: Checker, decl: ast.ControllerDecl | ast.EnvironmentDecl) -> TComponent:
    """A controller or an environment with all its actions."""
    _unique_members(c, decl)
    env, instance = component_env(c, decl)
    controller = isinstance(decl, ast.ControllerDecl)
    watches: list[TWatch] = []
    actor: str | None = None
    actions: list[TAction] = []
    for member in decl.members:
        match member:
            case ast.Watches(entries, _):
                watches.extend(each(c, entries, lambda w: _watch(c, w, env)))
            case ast.ActsAs(text, _):
                actor = text
            case ast.ActionDecl():
                actions.extend(_safely(c, member, decl, env, ()))
            case ast.Ordered(inner, _):
                before: list[str] = []
                for one in inner:
                    actions.extend(_safely(c, one, decl, env, tuple(before)))
                    before.append(f"{decl.name.text}.{one.name.text}")
            case _:
                pass
    return TComponent(
        decl.name.text,
        controller,
        instance,
        tuple(watches),
        _state(c, decl),
        tuple(actions),
        actor,
        c.tables.modules.get(decl.name.text, ""),
        decl.span,
    )


def _unique_members(c: Checker, decl: ast.ControllerDecl | ast.EnvironmentDecl) -> None:
    """Within a component a name means one thing."""
    named = ast.ActionDecl | ast.MemoryDecl | ast.FnDecl | ast.ParamDecl
    inside = [m.actions if isinstance(m, ast.Ordered) else (m,) for m in decl.members]
    first: dict[str, Span] = {}
    for member in (m for members in inside for m in members if isinstance(m, named)):
        name, span = member.name.text, member.name.span
        if name in first:
            c.note(report.duplicate(name, span, first[name]))
        first.setdefault(name, span)
        if isinstance(member, ast.ActionDecl) and name in _taken(c, decl):
            c.note(report.reserved(name, span))


def _taken(c: Checker, decl: ast.ControllerDecl | ast.EnvironmentDecl) -> set[str]:
    """Names of actions that the language itself gives."""
    delivers = {f"deliver_{kind}" for kind in c.tables.kinds}
    return delivers | {"restart"} if isinstance(decl, ast.ControllerDecl) else delivers


def component_env(
    c: Checker, decl: ast.ControllerDecl | ast.EnvironmentDecl
) -> tuple[Env, TBinder | None]:
    """The scope inside a component, and the binder of its instance."""
    env = Env(component=decl.name.text)
    if isinstance(decl, ast.EnvironmentDecl):
        return env, None
    watched = frozenset(
        w.kind.text for m in decl.members if isinstance(m, ast.Watches) for w in m.watches
    )
    env = evolve(env, watched=watched)
    if decl.each is None:
        return env, None
    name, type_node = decl.each
    binder, _ = typed_binder(c, name, c.type_of(type_node, stored=False))
    return env.bind(binder.name, binder.type), binder


def _state(c: Checker, decl: ast.ControllerDecl | ast.EnvironmentDecl) -> tuple[TStateDecl, ...]:
    if isinstance(decl, ast.EnvironmentDecl):
        return ()
    states = []
    for member in decl.members:
        if isinstance(member, ast.MemoryDecl):
            full = f"{decl.name.text}.{member.name.text}"
            states.extend(each(c, (member,), partial(_memory, c, full)))
    return tuple(states)


def _memory(c: Checker, full: str, member: ast.MemoryDecl) -> TStateDecl:
    c.demand(f"signature {full}")
    if full not in c.states:
        raise Unreported
    role = "local" if member.local else "memory"
    return state_decl(c, full, member.default, role, member.span)


def state_decl(
    c: Checker, full: str, default: ast.Expr | None, role: str, span: Span
) -> TStateDecl:
    """A component's variable and what it is at the start."""
    type_ = c.states[full]
    if default is None:
        init = coerce.absent(type_, span)
        if init is None:
            raise c.fail(
                report.simple(
                    codes.MISSING_FIELD,
                    f"`{full}` needs a first value",
                    span,
                    f"{show_type(type_)} is nothing by itself",
                    "write it behind `=`",
                )
            )
    elif getattr(type_, "total", False):
        init = check(c, default, type_.value, Env())  # type: ignore[union-attr]  # a total map
    else:
        init = check(c, default, type_, Env())
    return TStateDecl(full, type_, init, role, span)


def _watch(c: Checker, node: ast.Watch, env: Env) -> TWatch:
    kind = node.kind.text
    if kind not in c.tables.kinds:
        raise c.fail(report.unknown_name(kind, node.kind.span, c.tables.kinds, "kind"))
    where = None
    if node.where is not None:
        where = check(c, node.where, BoolT(), env.with_self(KindT(kind, True)))
    return TWatch(kind, where, node.span)


def _safely(
    c: Checker,
    node: ast.ActionDecl,
    decl: ast.ControllerDecl | ast.EnvironmentDecl,
    env: Env,
    before: tuple[str, ...],
) -> list[TAction]:
    origin = "controller" if isinstance(decl, ast.ControllerDecl) else "environment"
    return each(c, (node,), lambda n: action(c, n, decl.name.text, origin, env, before))
