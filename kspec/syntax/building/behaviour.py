"""Builds what behaves: controllers, environments, actions, faults, ghosts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast, final

from kspec.base.record import frozen
from kspec.base.source import Span
from kspec.syntax import ast
from kspec.syntax.building.children import Builder, Children
from kspec.syntax.building.kinds import Flag, flag
from kspec.syntax.building.text import plain
from kspec.syntax.building.types import parameters

_CLAUSE: Final = frozenset(
    {
        ast.When,
        ast.LetClause,
        ast.Yields,
        ast.Do,
        ast.Next,
        ast.Refused,
        ast.Event,
        ast.Within,
    }
)
_CONTROLLER: Final = frozenset(
    {
        ast.Watches,
        ast.ActsAs,
        ast.MemoryDecl,
        ast.ParamDecl,
        ast.FnDecl,
        ast.ActionDecl,
        ast.Ordered,
    }
)
_ENVIRONMENT: Final = frozenset({ast.FnDecl, ast.ActionDecl, ast.ParamDecl})


@final
@frozen
class ForEach:
    """`for s: K`"""

    name: ast.Ident
    type: ast.TypeNode
    span: Span


@final
@frozen
class Atomically:
    """`atomically "why"`"""

    why: str
    span: Span


def controller(c: Children) -> ast.Item:
    """`controller c for s: K instances n { … }`"""
    c.need("controller")
    name = c.ident()
    each = c.maybe(ForEach)
    instances = c.expr_after("instances")
    c.need("{")
    members: list[ast.ControllerMember] = []
    while not c.skip("}"):
        if type(c.peek()) not in _CONTROLLER:
            raise c.wrong(f"not a member of a controller: {c.peek()!r}")
        members.append(cast("ast.ControllerMember", c.part()))
    pair = (each.name, each.type) if each else None
    return ast.ControllerDecl(name, pair, instances, tuple(members), c.span)


def for_each(c: Children) -> ForEach:
    """`for s: K`"""
    c.need("for")
    name = c.ident()
    c.need(":")
    return ForEach(name, c.type_node(), c.span)


def environment(c: Children) -> ast.Item:
    """`environment e { … }`"""
    c.need("environment")
    name = c.ident()
    c.need("{")
    members: list[ast.FnDecl | ast.ActionDecl | ast.ParamDecl] = []
    while not c.skip("}"):
        if type(c.peek()) not in _ENVIRONMENT:
            raise c.wrong(f"not a member of an environment: {c.peek()!r}")
        members.append(cast("ast.FnDecl | ast.ActionDecl | ast.ParamDecl", c.part()))
    return ast.EnvironmentDecl(name, tuple(members), c.span)


def watches(c: Children) -> ast.ControllerMember:
    """`watches A, B`"""
    c.need("watches")
    return ast.Watches(c.many(ast.Watch, (",",)), c.span)


def watch(c: Children) -> ast.Watch:
    """`A where g`"""
    return ast.Watch(c.ident(), c.expr_after("where"), c.span)


def acts(c: Children) -> ast.ControllerMember:
    """`acts as "…"`"""
    c.need("acts", "as")
    return ast.ActsAs(plain(c), c.span)


def memory(c: Children) -> ast.ControllerMember:
    """`memory m: T = e`, `local m: T = e`"""
    local = c.token("MEMORY", "LOCAL").kind == "LOCAL"
    name = c.ident()
    c.need(":")
    return ast.MemoryDecl(local, name, c.type_node(), c.expr_after("="), c.span)


def ordered(c: Children) -> ast.ControllerMember:
    """`ordered { … }`"""
    c.need("ordered", "{")
    actions = c.many(ast.ActionDecl)
    c.need("}")
    return ast.Ordered(actions, c.span)


def action(c: Children) -> ast.ActionDecl:
    """`action a(p: Pod) fair when … do …`"""
    c.need("action")
    name = c.ident()
    given = parameters(c)
    flags = []
    why: str | None = None
    while not _is_clause(c) and c.more():
        if (atomically := c.maybe(Atomically)) is not None:
            why = atomically.why
        else:
            flags.append(c.take(Flag).text)
    return ast.ActionDecl(name, given, tuple(flags), why, _clauses(c), c.span)


def _is_clause(c: Children) -> bool:
    return type(c.peek()) in _CLAUSE


def _clauses(c: Children) -> tuple[ast.Clause, ...]:
    found = []
    while _is_clause(c):
        found.append(cast(ast.Clause, c.part()))
    return tuple(found)


def atomically(c: Children) -> Atomically:
    """`atomically "why"`"""
    c.need("atomically")
    return Atomically(plain(c), c.span)


def fault(c: Children) -> ast.Item:
    """`fault f(x: T) blocks c.a(p) when … do …`"""
    c.need("fault")
    name = c.ident()
    given = parameters(c)
    blocks = c.take(ast.Pattern) if c.skip("blocks") else None
    return ast.FaultDecl(name, given, blocks, _clauses(c), c.span)


def recovery(c: Children) -> ast.Item:
    """`recovery r(x: T) may last when … do …`"""
    c.need("recovery")
    name = c.ident()
    given = parameters(c)
    may_last = bool(c.many(Flag))
    return ast.RecoveryDecl(name, given, may_last, _clauses(c), c.span)


def any_step(c: Children) -> ast.Pattern:
    """`any step`"""
    c.need("any", "step")
    return ast.Pattern((), None, c.span)


def step_pattern(c: Children) -> ast.Pattern:
    """`c.a(x, _)`"""
    path = c.dotted()
    if not c.skip("("):
        return ast.Pattern(path, None, c.span)
    names = () if c.sees(")") else c.idents()
    c.need(")")
    return ast.Pattern(path, names, c.span)


def ghost(c: Children) -> ast.Item:
    """`ghost g: T = e { on … }`"""
    c.need("ghost")
    name = c.ident()
    c.need(":")
    type_ = c.type_node()
    c.need("=")
    init = c.expr()
    rules: tuple[ast.GhostRule, ...] = ()
    if c.skip("{"):
        rules = c.many(ast.GhostRule)
        c.need("}")
    return ast.GhostDecl(name, type_, init, rules, c.span)


def on_stmt(c: Children) -> ast.GhostRule:
    """`on c.a(x): …`"""
    c.need("on")
    pattern = c.take(ast.Pattern)
    c.need(":")
    return ast.GhostRule(pattern, c.body(), c.span)


BUILDERS: Final[Mapping[str, Builder]] = {
    "action": action,
    "acts": acts,
    "any_step": any_step,
    "atomically": atomically,
    "controller": controller,
    "environment": environment,
    "fair": flag,
    "fault": fault,
    "for_each": for_each,
    "ghost": ghost,
    "local_var": memory,
    "may_last": flag,
    "memory": memory,
    "on_stmt": on_stmt,
    "ordered": ordered,
    "recovery": recovery,
    "step_pattern": step_pattern,
    "strongly_fair": flag,
    "unfair": flag,
    "watch": watch,
    "watches": watches,
}
