"""What is asked for by name, before its declaration has its turn: fields, types of variables,
functions, names beside an action's parameters. So declarations may stand in any order.
"""

from __future__ import annotations

from typing import final

from kspec.analysis.checker import Checker
from kspec.analysis.declarations.actions import names_beside
from kspec.analysis.declarations.components import component_env
from kspec.analysis.declarations.fields import default_of, find_fields
from kspec.analysis.declarations.functions import find_function
from kspec.analysis.declarations.patterns import action_types, find_action
from kspec.syntax import ast


@final
class Demand:
    """Finds what is asked for by name: fields, signatures, functions, an action's extra names."""

    def __init__(self, checker: Checker) -> None:
        self.c = checker
        self.done: set[str] = set()

    def __call__(self, what: str) -> None:
        """Find it, if that was not done before; what is none of the former is a function's name."""
        if what in self.done:
            return
        word, _, name = what.partition(" ")
        if word == "fields":
            self.done.add(what)
            find_fields(self.c, name)
        elif word == "signature":
            self.done.add(what)
            _find_signature(self.c, name)
        elif word == "action":
            self.done.add(what)
            _find_extras(self.c, name)
        else:
            find_function(self.c, what)


def _find_signature(c: Checker, full: str) -> None:
    """The type of a parameter, universe, ghost or component variable, if that is what it is."""
    owner, dot, name = full.partition(".")
    if not dot:
        if owner in c.tables.params:
            c.params[owner] = c.type_of(c.tables.params[owner].type, stored=False)
        elif owner in c.tables.universes:
            c.universes[owner] = c.type_of(c.tables.universes[owner].type, stored=False)
        elif owner in c.tables.ghosts:
            node = c.tables.ghosts[owner]
            type_ = c.type_of(node.type, stored=True)
            c.states[owner] = default_of(c, node.init, type_, node.type)[0]
        return
    decl = c.tables.components.get(owner)
    for member in decl.members if decl is not None else ():
        if isinstance(member, ast.MemoryDecl) and member.name.text == name:
            type_ = c.type_of(member.type, stored=True)
            if member.default is not None:
                type_ = default_of(c, member.default, type_, member.type)[0]
            c.states[full] = type_
        elif isinstance(member, ast.ParamDecl) and member.name.text == name:
            c.params[full] = c.type_of(member.type, stored=False)


def _find_extras(c: Checker, full: str) -> None:
    """Names that an action's steps carry besides parameters: yields, bindings, new objects."""
    owner, _, name = full.partition(".")
    decl = c.tables.components.get(owner)
    action = find_action(decl, name) if decl is not None else None
    if decl is None or action is None:
        return
    env, _ = component_env(c, decl)
    for shown, type_ in action_types(c, full):
        env = env.bind(shown, type_)
    c.extras[full] = names_beside(c, full, action.clauses, env)
