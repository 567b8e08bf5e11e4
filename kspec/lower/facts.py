"""What a scope decides before anything is lowered: what is written, born, gone, constant.

Found by walking the typed statements of the actions that run. Nothing here makes expressions.
Next: `context`, which everything that lowers is given.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import final

from kspec.analysis.typed import (
    Program,
    TAction,
    TAssign,
    TComponent,
    TDelete,
    TFieldDecl,
    TFieldPlace,
    TLit,
    TNew,
    TSeen,
    TState,
    TStatePlace,
)
from kspec.analysis.types import (
    KeyT,
    KindT,
    ListT,
    MapT,
    NameT,
    ObjectT,
    OptT,
    RecordT,
    SetT,
    TimerT,
    TupleT,
    Type,
    UnitT,
)
from kspec.base.node import nodes
from kspec.base.record import frozen
from kspec.lower.values.shapes import measure_of_both
from kspec.pure.interpreter.facts import Facts, facts_of
from kspec.pure.scopes.scope import OneOf, Scope
from kspec.pure.values.value import FrozenMap, Missing, Rec, Value
from kspec.pure.values.world import Tables


@final
@frozen(eq=False)
class Static:
    """The facts. Fields are pairs of kind and name."""

    scope: Scope
    facts: Facts
    actions: tuple[TAction, ...]  # that run and do something, in order
    blockers: tuple[TAction, ...]  # faults that block others
    written: frozenset[tuple[str, str]]
    born: frozenset[str]
    dying: frozenset[str]
    assigned: frozenset[str]  # memory, local and ghost variables
    constant: frozenset[tuple[str, str]]
    names: frozenset[str]  # that the program writes out
    tick: Fraction

    @property
    def tables(self) -> Tables:
        """The program's declarations by name."""
        return self.facts.tables

    def is_everlasting(self, kind: str) -> bool:
        """Do the same objects of the kind live in every state?"""
        return kind not in self.born and kind not in self.dying

    def component(self, name: str) -> TComponent | None:
        """A component, None for the owner of a fault."""
        return self.tables.components.get(name)

    def changes(self, kind: str) -> bool:
        """Can a step write to an object of the kind, as the API sees it?"""
        api = {f.name for f in self.tables.kinds[kind].fields if f.role == "api"}
        return not self.is_everlasting(kind) or any((kind, f) in self.written for f in api)


def static_of(scope: Scope) -> Static:
    """The facts of a scope."""
    facts = facts_of(scope)
    actions = tuple(a for a in facts.actions if a.blocks is None)
    born, dying = set[str](), set[str]()
    written, assigned = set[tuple[str, str]](), set[str]()
    bodies = [s for a in actions for step in a.steps for s in (step.body, step.refused)]
    bodies += [rule.body for ghost in scope.program.ghosts for rule in ghost.rules]
    for body in bodies:
        born.update(n.kind for n in nodes(body, TNew))
        dying.update(n.kind for n in nodes(body, TDelete))
        for assign in nodes(body, TAssign):
            match assign.place:
                case TFieldPlace(_, kind, name):
                    written.add((kind, name))
                case TStatePlace(name):
                    assigned.add(name)
    constant = frozenset(
        (kind.name, decl.name)
        for kind in scope.program.kinds
        for decl in kind.fields
        if _is_constant(facts, kind.name, decl, written, born, dying)
    )
    return Static(
        scope=scope,
        facts=facts,
        actions=actions,
        blockers=tuple(a for a in facts.actions if a.blocks is not None),
        written=frozenset(written),
        born=frozenset(born),
        dying=frozenset(dying),
        assigned=frozenset(assigned),
        constant=constant,
        names=frozenset(_names(scope.program)),
        tick=unit_of_time(facts),
    )


def _names(program: Program) -> Iterator[str]:
    for literal in nodes((program.components, program.functions, program.faults), TLit):
        if isinstance(literal.type, NameT | KeyT) and isinstance(literal.value, str):
            yield literal.value


def _is_constant(
    facts: Facts,
    kind: str,
    decl: TFieldDecl,
    written: set[tuple[str, str]],
    born: set[str],
    dying: set[str],
) -> bool:
    """Has every object of the kind one value of the field, in every state?

    A dead object's field would be the default. Nobody reads that, so that a constant is as good,
    unless the field points to identities that could be taken again.
    """
    if (kind, decl.name) in written or kind in born:
        return False
    if kind in dying and points_to(facts.tables, decl.type) & born:
        return False
    for obj in facts.scope.objects:
        if obj.kind == kind:
            initial = dict(obj.fields)[decl.name]
            if isinstance(initial, OneOf) or has_timer(facts.tables, decl.type):
                return False
    return True


def has_timer(tables: Tables, type_: Type) -> bool:
    """Can a value of the type hold a timer?"""
    match type_:
        case TimerT():
            return True
        case OptT(of) | ListT(of) | SetT(of) | MapT(_, of):
            return has_timer(tables, of)
        case TupleT(parts):
            return any(has_timer(tables, p) for p in parts)
        case RecordT(name):
            return any(has_timer(tables, f.type) for f in tables.records[name].fields)
        case _:
            return False


def points_to(tables: Tables, type_: Type) -> frozenset[str]:
    """The kinds whose identities a value of the type can hold."""
    match type_:
        case KindT(name):
            return frozenset((name,))
        case ObjectT():
            return frozenset(tables.kinds)
        case OptT(of) | SetT(of) | ListT(of):
            return points_to(tables, of)
        case MapT(key, of):
            return points_to(tables, key) | points_to(tables, of)
        case TupleT(parts):
            return frozenset[str]().union(*(points_to(tables, p) for p in parts))
        case RecordT(name):
            fields = tables.records[name].fields
            return frozenset[str]().union(*(points_to(tables, f.type) for f in fields))
        case _:
            return frozenset()


def unit_of_time(facts: Facts) -> Fraction:
    """The greatest duration that divides all durations of the scope: those written in components
    and faults, those of parameters, those that objects start with."""
    scope = facts.scope
    written = (*nodes(scope.program.components, TLit), *nodes(scope.program.faults, TLit))
    found = [Fraction(0)]
    for literal in written:
        if literal.type == UnitT("duration") and isinstance(literal.value, int | Fraction):
            found.append(Fraction(literal.value))
    for name, value in scope.params:
        found.extend(amounts(facts.tables, facts.tables.params[name].type, value, "duration"))
    for obj in scope.objects:
        for name, initial in obj.fields:
            type_ = facts.tables.fields[obj.kind][name].type
            for value in initial.values if isinstance(initial, OneOf) else (initial,):
                found.extend(amounts(facts.tables, type_, value, "duration"))
    result = Fraction(0)
    for amount in found:
        result = measure_of_both(result, abs(amount))
    return result or Fraction(1)


def amounts(tables: Tables, type_: Type, value: Value, unit: str) -> Iterator[Fraction]:
    """Every amount of a unit inside a value of a type; timers hold durations."""
    match type_, value:
        case UnitT(name), (int() | Fraction()) if name == unit:
            yield Fraction(value)
        case TimerT(), (int() | Fraction()) if unit == "duration":
            yield Fraction(value)
        case OptT(of), _ if value is not None:
            yield from amounts(tables, of, value, unit)
        case ((SetT(of) | ListT(of)), (frozenset() | tuple())):
            for part in value:
                yield from amounts(tables, of, part, unit)
        case TupleT(types), tuple():
            for t, part in zip(types, value, strict=True):
                yield from amounts(tables, t, part, unit)
        case RecordT(name), Rec(_, parts):
            for field, part in zip(tables.records[name].fields, parts, strict=True):
                yield from amounts(tables, field.type, part, unit)
        case MapT(key, of), FrozenMap():
            for k, v in value.items():
                yield from amounts(tables, key, k, unit)
                yield from amounts(tables, of, v, unit)
            if not isinstance(value.default, Missing):
                yield from amounts(tables, of, value.default, unit)
        case _:
            return


def seen_state(scope: Scope) -> frozenset[str]:
    """The state variables that anything in the program reads."""
    return frozenset(n.name for n in nodes(scope.program, TState))


def seers(scope: Scope) -> frozenset[str]:
    """The controllers whose views a property reads."""
    return frozenset(n.controller for n in nodes(scope.program.properties, TSeen))
