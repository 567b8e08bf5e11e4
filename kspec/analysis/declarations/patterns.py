"""Which actions a pattern speaks of, and the names that it binds. Next: `claims`."""

from __future__ import annotations

from collections.abc import Iterator

from kspec.analysis import report
from kspec.analysis.checker import Checker
from kspec.analysis.declarations.actions import action_parameters
from kspec.analysis.declarations.components import component_env
from kspec.analysis.env import Env
from kspec.analysis.types import Type
from kspec.base import codes
from kspec.base.diagnostic import Diagnostic, Label
from kspec.syntax import ast


def action_types(c: Checker, full: str) -> tuple[tuple[str, Type], ...]:
    """The names that an action's steps can be spoken of with, instance first, then parameters."""
    owner, _, member = full.partition(".")
    decl = c.tables.components.get(owner)
    if decl is None:
        node = c.tables.faults[full]
        binders, _, _ = action_parameters(c, node.parameters, Env())
        return tuple((b.name, b.type) for b in binders)
    env, instance = component_env(c, decl)
    action = find_action(decl, member)
    assert action is not None
    binders, _, _ = action_parameters(c, action.parameters, env)
    first = ((instance.name, instance.type),) if instance else ()
    return (*first, *((b.name, b.type) for b in binders))


def find_action(decl: ast.ControllerDecl | ast.EnvironmentDecl, name: str) -> ast.ActionDecl | None:
    """An action of a component, inside `ordered` blocks too."""
    for member in decl.members:
        inner = member.actions if isinstance(member, ast.Ordered) else (member,)
        for one in inner:
            if isinstance(one, ast.ActionDecl) and one.name.text == name:
                return one
    return None


def matched(c: Checker, node: ast.Pattern) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The actions a pattern speaks of, each with the names bound to its parameters in order."""
    if not node.path:
        return tuple((full, ()) for full in all_actions(c))
    owner = node.path[0].text
    if len(node.path) == 1 and owner in c.tables.faults:
        return (_match(c, owner, node),)
    decl = c.tables.components.get(owner)
    if decl is None:
        known = {*c.tables.components, *c.tables.faults}
        raise c.fail(report.unknown_name(owner, node.path[0].span, known, "component"))
    if len(node.path) == 1:
        return tuple(_match(c, f"{owner}.{a}", node) for a in action_names(decl))
    member = node.path[1]
    if find_action(decl, member.text) is None:
        raise c.fail(report.unknown_name(member.text, member.span, action_names(decl), "action"))
    return (_match(c, f"{owner}.{member.text}", node),)


def with_later(c: Checker, node: ast.Pattern) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What a pattern of steps speaks of: one action is its first step; a component as such, and any
    step, are also the later steps of reconciles (`c.a/2`), for which no names are bound."""
    found = matched(c, node)
    if len(node.path) > 1 or node.names is not None:
        return found
    return (*found, *((later, ()) for full, _ in found for later in _later(c, full)))


def _later(c: Checker, full: str) -> Iterator[str]:
    owner, _, name = full.partition(".")
    component = c.tables.components.get(owner)
    action = find_action(component, name) if component is not None else None
    if action is not None:
        count = sum(isinstance(clause, ast.Next) for clause in action.clauses)
        yield from (f"{full}/{place + 2}" for place in range(count))


def _match(c: Checker, full: str, node: ast.Pattern) -> tuple[str, tuple[str, ...]]:
    types = action_types(c, full)
    if node.names is None:
        return full, tuple("_" for _ in types)
    if len(node.names) != len(types):
        shown = ", ".join(n for n, _ in types)
        raise c.fail(
            Diagnostic(
                codes.WRONG_ARITY,
                f"`{full}` has {_counted(len(types), 'parameter')}, and"
                f" {_counted(len(node.names), 'name')} {'is' if len(node.names) == 1 else 'are'}"
                " given",
                Label(node.span, f"it is `{full}({shown})`"),
                help=("give a name to each, `_` where it does not matter, or leave them all out",),
            )
        )
    return full, tuple(n.text for n in node.names)


def _counted(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"


def action_names(decl: ast.ControllerDecl | ast.EnvironmentDecl) -> list[str]:
    """The actions of a component, in order."""
    names: list[str] = []
    for member in decl.members:
        inner = member.actions if isinstance(member, ast.Ordered) else (member,)
        names.extend(one.name.text for one in inner if isinstance(one, ast.ActionDecl))
    return names


def all_actions(c: Checker) -> list[str]:
    """The full names of all actions and faults."""
    found = [
        f"{owner}.{name}"
        for owner, decl in c.tables.components.items()
        for name in action_names(decl)
    ]
    return [*found, *(n for n, d in c.tables.faults.items() if not getattr(d, "blocks", None))]


def step_env(c: Checker, found: tuple[tuple[str, tuple[str, ...]], ...], env: Env) -> Env:
    """The names that a pattern binds, with their types; yields of a single action too."""
    for full, names in found:
        if not names:
            continue
        for shown, (_, type_) in zip(names, action_types(c, full), strict=False):
            if shown != "_":
                env = env.bind(shown, type_)
    if len(found) == 1:
        for name, type_ in _yielded(c, found[0][0]):
            if name not in env.names:
                env = env.bind(name, type_)
    return env


def _yielded(c: Checker, full: str) -> tuple[tuple[str, Type], ...]:
    """Names that an action's steps carry besides its parameters: yields and new objects."""
    c.demand(f"action {full}")
    return tuple(c.extras.get(full, ()))
