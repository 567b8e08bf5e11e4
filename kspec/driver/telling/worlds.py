"""States of a lowered system as worlds of the pure layer: for explaining a trace, never judging.

The way back from `kspec.lower`: variables are found by the names that lowering gives them
(`Pod.live`, `Pod.phase`, `replicaset.seen`), values by their declared types. What has no way back
raises `CannotTell`, and then nothing is explained.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import final

from attrs import field

from kspec.analysis.types import (
    BoolT,
    EnumT,
    IntT,
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
from kspec.base.record import frozen
from kspec.ir.sorts import Enum, Map, Opt, Record, Seq, Set, Sort, Value, values
from kspec.ir.system import System
from kspec.lower.values.shapes import INTERNED
from kspec.pure.scopes.scope import Scope
from kspec.pure.values.value import FrozenMap, Obj, Rec
from kspec.pure.values.value import Value as Pure
from kspec.pure.values.world import Fixed, Tables, World, population
from kspec.verdict.trace import State


class CannotTell(Exception):
    """A value with no way back."""


@final
@frozen(eq=False)
class Reader:
    """Reads states of one system; `units` is the measure of each unit, `tick` of timers; `codes`
    says which value a case of an enumeration of values stands for."""

    system: System
    scope: Scope
    tables: Tables
    units: Mapping[str, Fraction]
    tick: Fraction
    codes: Mapping[str, Pure] = field(factory=dict)

    def world(self, state: State) -> World:
        """The live objects with their fields, ages and the components' variables."""
        values_of = self._values(state)
        world = World()
        for kind, decl in self.tables.kinds.items():
            size = next((p.size for p in self.scope.pools if p.kind == kind), 0)
            live = values_of.get(f"{kind}.live")
            alive = [i for i in range(size) if live is None or _items(live[1])[i]]
            if live is None:
                alive = [o.index for o in self.scope.objects if o.kind == kind]
            rows = {
                i: Fixed(
                    {f.name: self._field(values_of, kind, f.name, f.type, i) for f in decl.fields}
                )
                for i in alive
            }
            ages = values_of.get(f"{kind}.age")
            order = sorted(alive, key=lambda i: _number(_items(ages[1])[i])) if ages else alive
            if rows:
                world = world.with_population(kind, population(rows, order))
        return self._with_state(world, values_of)

    def _values(self, state: State) -> dict[str, tuple[Sort, Value]]:
        found = {c.name: (c.sort, c.value) for c in self.system.constants}
        for variable, value in zip(self.system.variables, state, strict=True):
            found[variable.name] = (variable.sort, value)
        return found

    def _field(
        self,
        values_of: Mapping[str, tuple[Sort, Value]],
        kind: str,
        name: str,
        type_: Type,
        index: int,
    ) -> Pure:
        found = values_of.get(f"{kind}.{name}")
        if found is None:
            initial = [
                dict(o.fields)[name]
                for o in self.scope.objects
                if (o.kind, o.index) == (kind, index)
            ]
            if not initial:
                raise CannotTell(f"{kind}.{name}")
            return initial[0]  # type: ignore[return-value]  # free fields are variables
        sort, value = found
        if not isinstance(sort, Map):
            raise CannotTell(f"{kind}.{name}")
        return self.value(type_, sort.value, _items(value)[index])

    def _with_state(self, world: World, values_of: Mapping[str, tuple[Sort, Value]]) -> World:
        for name, (decl, owner) in self.tables.state.items():
            found = values_of.get(name)
            if found is None:
                continue
            sort, value = found
            if owner is None or owner.instance is None:
                world = world.with_state((name, None), self.value(decl.type, sort, value))
            elif isinstance(sort, Map):
                for key, item in zip(values(sort.key), _items(value), strict=True):
                    at = self.value(owner.instance.type, sort.key, key)
                    world = world.with_state((name, at), self.value(decl.type, sort.value, item))
        return world

    def value(self, type_: Type, sort: Sort, value: Value) -> Pure:
        """A value of a sort as one of the pure layer."""
        if isinstance(sort, Enum) and str(value) in self.codes and sort.name.startswith(INTERNED):
            return self.codes[str(value)]
        match type_, sort:
            case KindT(), Opt(inner):
                return self.value(type_, inner, _items(value)[0])
            case ((BoolT() | IntT() | NameT() | KeyT() | EnumT()), _):
                return value  # the same in both layers
            case UnitT(unit), _ if isinstance(value, int):
                return value * self.units.get(unit, Fraction(1))
            case KindT(kind), _ if isinstance(value, int):
                return Obj(kind, value)
            case ObjectT(), Record(_, fields):
                there = zip(fields, _items(value), strict=True)
                found = [
                    Obj(name, _number(_items(v)[0])) for (name, _), v in there if v is not None
                ]
                if len(found) != 1:
                    raise CannotTell(repr(value))
                return found[0]
            case OptT(of), Opt(inner):
                return None if value is None else self.value(of, inner, _items(value)[0])
            case RecordT(name), Record(_, fields):
                types = [f.type for f in self.tables.records[name].fields]
                triples = zip(types, fields, _items(value), strict=True)
                return Rec(name, tuple(self.value(t, s, v) for t, (_, s), v in triples))
            case SetT(of), Set(inner) if isinstance(value, frozenset):
                return frozenset(self.value(of, inner, v) for v in value)
            case ListT(of), Seq(inner):
                return tuple(self.value(of, inner, v) for v in _items(value))
            case TupleT(types), Record(_, fields):
                triples = zip(types, fields, _items(value), strict=True)
                return tuple(self.value(t, s, v) for t, (_, s), v in triples)
            case MapT(), Map():
                return self._map(type_, sort, value)
            case TimerT(), Opt():
                return None if value is None else Fraction(str(_items(value)[0])) * self.tick
            case TimerT(), _:
                return {"off": None, "running": Fraction(1), "due": Fraction(0)}[str(value)]
            case _:
                raise CannotTell(f"{type_} in {sort}")

    def _map(self, type_: MapT, sort: Map, value: Value) -> Pure:
        entries: dict[Pure, Pure] = {}
        optional = not type_.total and not isinstance(type_.value, OptT)
        of: Type = OptT(type_.value) if optional else type_.value
        for key, item in zip(values(sort.key), _items(value), strict=True):
            found = self.value(of, sort.value, item)
            if type_.total or found is not None:
                entries[self.value(type_.key, sort.key, key)] = found
        return FrozenMap(entries)


def _items(value: Value) -> tuple[Value, ...]:
    if not isinstance(value, tuple):
        raise CannotTell(repr(value))
    return value


def _number(value: Value) -> int:
    if not isinstance(value, int):
        raise CannotTell(repr(value))
    return value
