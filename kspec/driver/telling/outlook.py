"""A scope's values in words, and what reports need beside its system (`shown`)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import final

from kspec.analysis.typed import TAction, TChoose, TComponent
from kspec.analysis.types import (
    ListT,
    MapT,
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
from kspec.driver.preparing.lowering import Lowered
from kspec.driver.telling.shown import (
    Amount,
    Each,
    Either,
    Parts,
    Shape,
    Shown,
    amount,
    given,
    said,
)
from kspec.ir.sorts import Map
from kspec.ir.system import Role
from kspec.pure.scopes.included import created
from kspec.pure.scopes.scope import OneOf, Scope
from kspec.pure.values.order import in_order
from kspec.pure.values.value import FrozenMap, Obj, Rec, Value
from kspec.pure.values.world import Tables, World


@final
@frozen(eq=False)
class Words:
    """Values of the pure layer in words; objects by their key, else as their pool calls them."""

    scope: Scope
    tables: Tables
    world: World | None = None

    def say(self, value: Value, type_: Type) -> str:
        """A value of a type."""
        match value, type_:
            case None, _:
                return "off" if isinstance(type_, TimerT) else "none"
            case _, OptT(of):
                return self.say(value, of)
            case bool(), _:
                return "true" if value else "false"
            case Obj(), _:
                return self.object(value)
            case ((int() | Fraction()), _):
                return amount(Fraction(value), unit_of(type_))
            case str(), _:
                return value or '""'
            case frozenset(), SetT(of):
                return self._braces(self.say(v, of) for v in in_order(value, of, self.tables))
            case Rec(name, parts), _:
                fields = zip(self.tables.records[name].fields, parts, strict=True)
                return self._braces(
                    f"{f.name}: {self.say(v, f.type)}" for f, v in fields if not is_empty(v)
                )
            case FrozenMap(), MapT(key, of):
                entries = ((self.say(k, key), self.say(v, of)) for k, v in value.items())
                return self._braces(f"{k}: {v}" for k, v in sorted(entries))
            case tuple(), ListT(of):
                return "[" + ", ".join(self.say(v, of) for v in value) + "]"
            case tuple(), TupleT(types):
                return "(" + ", ".join(map(self.say, value, types)) + ")"
            case _:
                return "…"

    def object(self, obj: Obj) -> str:
        """`pod/web-1`"""
        return f"{obj.kind.lower()}/{self._name(obj)}"

    def _name(self, obj: Obj) -> str:
        key = self.tables.kinds[obj.kind].key
        fields = self.world.fields(obj) if self.world is not None else None
        if len(key) == 1 and fields is not None:
            borne = fields.get(key[0])
            if isinstance(borne, str) and borne:
                return borne
        names = next((p.names for p in self.scope.pools if p.kind == obj.kind), ())
        return names[obj.index] if obj.index < len(names) else str(obj.index)

    def _braces(self, parts: Iterator[str]) -> str:
        return "{" + ", ".join(parts) + "}"


def unit_of(type_: Type) -> str:
    """The unit of a number's type; `""` for plain numbers."""
    match type_:
        case UnitT(unit):
            return unit
        case TimerT():
            return "timer"
        case _:
            return ""


def shown(scope: Scope, lowered: Lowered) -> Shown:
    """What reports need beside a system."""
    tables = lowered.reader.tables
    kinds = tables.kinds.values()
    codes = sorted(lowered.reader.codes.items())
    origins = dict(scope.origins)
    return Shown(
        keys=tuple((kind.name, kind.key[0]) for kind in kinds if len(kind.key) == 1),
        fields=tuple((kind.name, tuple(f.name for f in kind.fields)) for kind in kinds),
        shapes=tuple(_shapes(scope, lowered)),
        constants=tuple(_constants(scope, lowered)),
        births=tuple(_births(scope, tables)),
        codes=tuple((code, _said(v, Words(scope, tables))) for code, v in codes),
        origins=tuple(
            (code, origins[v]) for code, v in codes if isinstance(v, Rec) and v in origins
        ),
        written=tuple(
            (o.kind, o.index, o.span) for o in scope.objects if not o.span.file.endswith(".kspec")
        ),
        instances=tuple(
            name for name, one in tables.components.items() if one.instance is not None
        ),
    )


def _shapes(scope: Scope, lowered: Lowered) -> Iterator[tuple[str, Shape]]:
    tables = lowered.reader.tables
    for kind in tables.kinds.values():
        for field in kind.fields:
            yield f"{kind.name}.{field.name}", _shape(field.type, lowered)
    for name, (decl, owner) in tables.state.items():
        shape = _shape(decl.type, lowered)
        indexed = owner is not None and owner.instance is not None
        yield name, Each(shape) if indexed and shape is not None else shape
    for owner, action in _actions(tables):
        instance = () if owner is None or owner.instance is None else (owner.instance,)
        chosen = (b for choice in nodes(action.steps, TChoose) for b in choice.binders)
        for binder in (*instance, *action.parameters, *chosen):
            yield given(action.name, binder.name), _shape(binder.type, lowered)
        for place, part in enumerate(action.event.text if action.event else ()):
            if not isinstance(part, str):
                yield said(action.name, place), _shape(part.type, lowered)
    yield from _deadlines(lowered)


def _ticks(lowered: Lowered) -> Shape:
    return Amount("duration", lowered.reader.tick)


def _deadlines(lowered: Lowered) -> Iterator[tuple[str, Shape]]:
    """What is left of deadlines, which lowering counts in ticks."""
    for variable in lowered.system.variables:
        if variable.role is Role.TASK and variable.label.endswith(".deadline"):
            sort, found = variable.sort, _ticks(lowered)
            while isinstance(sort, Map):
                sort, found = sort.value, Each(found)
            yield variable.name, found


def _actions(tables: Tables) -> Iterator[tuple[TComponent | None, TAction]]:
    for component in tables.components.values():
        yield from ((component, action) for action in component.actions)
    yield from ((None, fault) for fault in tables.program.faults)


def _shape(type_: Type, lowered: Lowered) -> Shape:
    match type_:
        case UnitT(unit):
            return Amount(unit, lowered.reader.units.get(unit, Fraction(1)))
        case TimerT():
            return Each(Amount("timer", lowered.reader.tick))
        case ObjectT():
            return Either()
        case OptT(of) | SetT(of) | ListT(of):
            return _each(_shape(of, lowered))
        case MapT(_, of, total):
            inner = _shape(of, lowered)
            return _each(inner if total or isinstance(of, OptT) else _each(inner))
        case RecordT(name):
            fields = lowered.reader.tables.records[name].fields
            return _parts(tuple(_shape(f.type, lowered) for f in fields))
        case TupleT(types):
            return _parts(tuple(_shape(t, lowered) for t in types))
        case _:
            return None


def _each(inner: Shape) -> Shape:
    return None if inner is None else Each(inner)


def _parts(inner: tuple[Shape, ...]) -> Shape:
    return Parts(inner) if any(part is not None for part in inner) else None


def _constants(
    scope: Scope, lowered: Lowered
) -> Iterator[tuple[str, int, tuple[tuple[str, str], ...]]]:
    """The fields of the first objects that are no variables of the system."""
    tables, variables = lowered.reader.tables, {v.name for v in lowered.system.variables}
    words = Words(scope, tables)
    for obj in scope.objects:
        told = tuple(
            (name, words.say(value, tables.fields[obj.kind][name].type))
            for name, value in obj.fields
            if f"{obj.kind}.{name}" not in variables and not isinstance(value, OneOf)
            if not is_empty(value)
        )
        yield obj.kind, obj.index, told


def _said(value: Value, words: Words) -> str:
    """A value of an enumeration of values, whose type is not at hand."""
    match value:
        case Rec(name, _):
            return words.say(value, RecordT(name))
        case FrozenMap():
            entries = sorted((_said(k, words), _said(v, words)) for k, v in value.items())
            return "{" + ", ".join(f"{k}: {v}" for k, v in entries) + "}"
        case frozenset():
            return "{" + ", ".join(sorted(_said(v, words) for v in value)) + "}"
        case tuple():
            return "[" + ", ".join(_said(v, words) for v in value) + "]"
        case str():
            return value or '""'
        case bool():
            return "true" if value else "false"
        case int() | Fraction():
            return amount(Fraction(value), "")
        case None:
            return "none"
        case _:
            return "…"


def is_empty(value: Value) -> bool:
    """Does a value say nothing: none, false, empty text or collection, zero?"""
    match value:
        case Rec(_, parts):
            return all(map(is_empty, parts))
        case FrozenMap():
            return not value and (not isinstance(value.default, Rec) or is_empty(value.default))
        case Obj():
            return False
        case _:
            return not value


def _births(scope: Scope, tables: Tables) -> Iterator[tuple[str, str, int]]:
    rooms = {pool.kind: pool.size for pool in scope.pools}
    actions = [a for c in tables.components.values() for a in c.actions]
    for action in (*actions, *scope.program.faults):
        for kind in created((action,)):
            yield action.name, kind, rooms.get(kind, 0)
