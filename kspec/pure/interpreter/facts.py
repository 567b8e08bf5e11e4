"""What is fixed for every state of the interpreter: who owns what, what a view has to keep.

Found by walking the typed tree. Next: `state` for what changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

from attrs import evolve

from kspec.analysis.typed import (
    Address,
    OverKind,
    OverType,
    Program,
    TAction,
    TAssign,
    TCall,
    TComponent,
    TDelete,
    TField,
    TFieldDecl,
    TFieldPlace,
    TLive,
    TLookup,
    TPrim,
    TRefField,
    TSeen,
    TStateDecl,
    TWatch,
)
from kspec.analysis.types import KeyT, KindT, NameT, Type
from kspec.base.node import nodes, parts
from kspec.base.record import frozen
from kspec.pure.scopes.scope import Scope, ViewSetting
from kspec.pure.values.world import EMPTY, Context, Tables


@final
@frozen(eq=False)
class Facts:
    """A scope with what the interpreter asks of it again and again."""

    scope: Scope
    tables: Tables
    actions: tuple[TAction, ...]  # that run, in the order of the scope
    aged: frozenset[str]  # kinds whose age the program reads
    visible: dict[tuple[str, str], frozenset[str]]  # (controller, kind): fields its views keep
    asks_unchanged: frozenset[tuple[str, str]]  # (controller, kind)

    @property
    def nowhere(self) -> Context:
        """A context in which nothing exists: for what depends on parameters alone."""
        return Context(self.tables, dict(self.scope.params), EMPTY, EMPTY)

    @property
    def program(self) -> Program:
        """The program."""
        return self.scope.program

    def component(self, name: str) -> TComponent | None:
        """The component of this name; None for the owner of a fault."""
        return self.tables.components.get(name)

    def fields(self, kind: str) -> tuple[TFieldDecl, ...]:
        """The fields of a kind in the order of declaration."""
        return self.tables.kinds[kind].fields

    def stale(self, controller: str) -> ViewSetting | None:
        """How far behind a controller's views may be; None if they are the live state."""
        for setting in self.scope.views:
            if setting.controller == controller and setting.lag > 0:
                return setting
        return None

    def watch(self, controller: str, kind: str) -> TWatch | None:
        """How a controller watches a kind, if it does."""
        component = self.tables.components[controller]
        for watch in component.watches:
            if watch.kind == kind:
                return watch
        return None

    def size(self, kind: str) -> int:
        """How many identities a kind has."""
        (pool,) = [pool for pool in self.scope.pools if pool.kind == kind]
        return pool.size


def facts_of(scope: Scope) -> Facts:
    """The facts of a scope. `NotImplementedError` for what only lowering can do."""
    # Laws and vectors are no part of how a system behaves.
    behaving = evolve(scope.program, laws=(), vectors=())
    if any(over.type == NameT() for over in nodes(behaving, OverType)):
        raise NotImplementedError("a binder over all names: the interpreter does not know them")
    tables = Tables(scope.program)
    declared = {
        a.name: a
        for a in (*(a for c in scope.program.components for a in c.actions), *scope.program.faults)
    }
    seen = tuple(nodes(scope.program, TSeen))
    controllers = [c for c in scope.program.components if c.controller]
    return Facts(
        scope=scope,
        tables=tables,
        actions=tuple(declared[name] for name in scope.actions),
        aged=frozenset(_aged(scope.program)),
        visible={
            (c.name, w.kind): frozenset(_fields_read(tables, c, w, looked_at))
            for c in controllers
            for looked_at in (_looked_at(tables, c, seen),)
            for w in c.watches
        },
        asks_unchanged=frozenset(
            (c.name, kind) for c in controllers for kind in _addressed(c, Address.UNCHANGED)
        ),
    )


def _aged(program: Program) -> Iterator[str]:
    for prim in nodes(program, TPrim):
        if prim.op == "age":
            yield from _kinds(prim.args[0].type)


def _kinds(kind: Type) -> Iterator[str]:
    match kind:
        case KindT(name):
            yield name
        case KeyT(name):
            yield name
        case _:
            return


def _addressed(component: TComponent, address: Address) -> Iterator[str]:
    for assign in nodes(component.actions, TAssign):
        if assign.address is address and isinstance(assign.place, TFieldPlace):
            yield assign.place.kind
    for delete in nodes(component.actions, TDelete):
        if delete.address is address:
            yield delete.kind


def _looked_at(
    tables: Tables, component: TComponent, seen: tuple[TSeen, ...]
) -> tuple[object, ...]:
    """Every node that a controller's views are read in: its actions, the functions they call, and
    what properties read with `seen`; not what it reads with `live`."""
    asked = [s.arg for s in seen if s.controller == component.name]
    return tuple(_reached(tables, [component.actions, *asked]))


def _fields_read(
    tables: Tables, component: TComponent, watch: TWatch, looked_at: tuple[object, ...]
) -> Iterator[str]:
    """The fields of a watched kind that a controller reads in its view, which is `looked_at`, or
    that the watch itself asks for."""
    kind = tables.kinds[watch.kind]
    for node in (*looked_at, *_reached(tables, [watch.where])):
        match node:
            case TField(arg, name) | TRefField(arg, name) if watch.kind in _kinds(arg.type):
                yield name
            case TLookup(looked_up) if looked_up == watch.kind:
                yield from kind.key
            case TPrim("name-of", args) if watch.kind in _kinds(args[0].type):
                yield from kind.key
            case _:
                pass
        if any(watch.kind in _kinds(t) and isinstance(t, KeyT) for t in _types(node)):
            yield from kind.key
    if watch.kind in _addressed(component, Address.BY_NAME):
        yield from kind.key


def _types(node: object) -> Iterator[Type]:
    if isinstance(node, TRefField):
        yield node.arg.type
    if isinstance(node, TPrim) and node.op == "live?":
        yield node.args[0].type


def _reached(tables: Tables, roots: list[object]) -> Iterator[object]:
    """Every node inside, functions that are called included, each once; `live(…)` left out."""
    called: set[str] = set()
    todo = list(roots)
    while todo:
        node = todo.pop()
        if isinstance(node, TLive):
            continue
        if isinstance(node, TCall) and node.function not in called:
            called.add(node.function)
            todo.append(tables.functions[node.function].body)
        yield node
        todo.extend(parts(node))


def over_kind(component: TComponent) -> str | None:
    """The kind whose live objects are the component's instances, if it is so."""
    binder = component.instance
    return binder.over.kind if binder is not None and isinstance(binder.over, OverKind) else None


def state_decls(facts: Facts, role: str) -> Iterator[tuple[TComponent, TStateDecl]]:
    """The `memory` or `local` variables of all components."""
    for component in facts.program.components:
        for decl in component.state:
            if decl.role == role:
                yield component, decl
