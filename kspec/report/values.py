"""Values of a system in words, and which object is meant by which name.

Identities are called by their key where they have one (`pod/db-0`), else as their pool calls them
(`pod/pod-2`). Next: `story` for what happens to them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import assert_never, final

from attrs import evolve, field

from kspec.base.record import frozen
from kspec.driver.telling.shown import NOTHING, Amount, Each, Either, Parts, Shape, Shown, amount
from kspec.ir.sorts import (
    Bool,
    Enum,
    Id,
    Int,
    Map,
    Opt,
    Record,
    Seq,
    Set,
    Sort,
    Value,
    index_of,
    values,
)
from kspec.ir.system import Role, System, Var
from kspec.verdict.trace import State


@final
@frozen(eq=False)
class Lens:
    """A system with what is needed to show its states as their authors wrote them.

    `remembered` are the names that objects had when they were last seen alive.
    """

    system: System
    shown: Shown = NOTHING
    remembered: Mapping[tuple[str, int], str] = field(factory=dict)
    keys: Mapping[str, str] = field(init=False)
    shapes: Mapping[str, Shape] = field(init=False)
    codes: Mapping[str, str] = field(init=False)
    _places: Mapping[str, int] = field(init=False)
    _pools: Mapping[str, tuple[str, ...]] = field(init=False)

    @keys.default
    def _find_keys(self) -> Mapping[str, str]:
        return dict(self.shown.keys)

    @shapes.default
    def _find_shapes(self) -> Mapping[str, Shape]:
        return dict(self.shown.shapes)

    @codes.default
    def _find_codes(self) -> Mapping[str, str]:
        return dict(self.shown.codes)

    @_places.default
    def _find_places(self) -> Mapping[str, int]:
        return {variable.name: place for place, variable in enumerate(self.system.variables)}

    @_pools.default
    def _find_pools(self) -> Mapping[str, tuple[str, ...]]:
        return {pool.name: pool.names for pool in self.system.pools}

    def value(self, state: State, name: str) -> Value:
        """A variable's or constant's value."""
        place = self._places.get(name)
        if place is not None:
            return state[place]
        return next(c.value for c in self.system.constants if c.name == name)

    def live(self, state: State, kind: str) -> tuple[int, ...]:
        """The places of a kind's live objects; all if its objects neither come nor go."""
        variable = self.live_variable(kind)
        size = len(self._pools.get(kind, ()))
        if variable is None:
            fixed = [c for c in self.system.constants if c.name == f"{kind}.live"]
            alive = fixed[0].value if fixed else (True,) * size
        else:
            alive = self.value(state, variable.name)
        assert isinstance(alive, tuple)
        return tuple(place for place, lives in enumerate(alive) if lives)

    def live_variable(self, kind: str) -> Var | None:
        """The variable that says which objects of a kind live."""
        for variable in self.system.variables:
            if variable.role is Role.LIVE and variable.owner == kind:
                return variable
        return None

    def fields(self, kind: str) -> tuple[tuple[str, str, Sort], ...]:
        """The fields of a kind that are variables: label, name of the variable, sort."""
        return tuple(
            (v.label, v.name, v.sort.value)
            for v in self.system.variables
            if v.owner == kind and v.role in (Role.API, Role.LOCAL) and isinstance(v.sort, Map)
            if is_of(v.sort, kind)
        )

    def constants(self, kind: str, place: int) -> Mapping[str, str]:
        """The fields of an object that never change and say something, in words."""
        found = [dict(fields) for k, p, fields in self.shown.constants if (k, p) == (kind, place)]
        return found[0] if found else {}

    def order(self, kind: str) -> tuple[str, ...]:
        """The fields of a kind as they were declared."""
        return dict(self.shown.fields).get(kind, ())

    def field_value(self, state: State, variable: str, place: int) -> Value:
        """A field of one object."""
        row = self.value(state, variable)
        assert isinstance(row, tuple)
        return row[place]

    def name(self, kind: str, place: int, state: State | None) -> str:
        """What an object is called in a state, without its kind."""
        names = self._pools.get(kind, ())
        given = names[place] if place < len(names) else f"{kind.lower()}-{place}"
        key = self.keys.get(kind)
        if key is None or state is None:
            return given
        if place not in self.live(state, kind):
            return self.remembered.get((kind, place), given)
        borne = [self.field_value(state, v, place) for n, v, _ in self.fields(kind) if n == key]
        if not borne:
            return self.constants(kind, place).get(key, given)
        name = borne[0][0] if isinstance(borne[0], tuple) and borne[0] else borne[0]
        return name if isinstance(name, str) and name else given

    def object(self, kind: str, place: int, state: State | None) -> str:
        """`pod/web-1`; the lower-case kind is how people write it."""
        gone = state is not None and (kind, place) in self.remembered
        gone = gone and state is not None and place not in self.live(state, kind)
        return f"{kind.lower()}/{self.name(kind, place, state)}{' (gone)' if gone else ''}"

    def remembering(self, state: State) -> Lens:
        """This lens, with the names of everything that lives in a state."""
        names = {
            (kind, place): self.name(kind, place, state)
            for kind in self.keys
            if self.live_variable(kind) is not None
            for place in self.live(state, kind)
        }
        return evolve(self, remembered={**self.remembered, **names})

    def show(
        self, sort: Sort, value: Value, state: State | None = None, shape: Shape = None
    ) -> str:
        """A value of a sort; `shape` says where amounts are in it."""
        inner = shape.of if isinstance(shape, Each) else None
        match sort:
            case Bool():
                return "true" if value else "false"
            case Int():
                assert isinstance(value, int)
                if isinstance(shape, Amount):
                    return amount(value * shape.measure, shape.unit)
                return str(value)
            case Enum() if isinstance(shape, Amount) and str(value) in self.codes:
                return amount(Fraction(str(value)), shape.unit)  # a case of a written set
            case Enum():
                told = self.codes.get(str(value), str(value))
                return told if told != "" else '""'
            case Id(kind):
                assert isinstance(value, int)
                return self.object(kind, value, state)
            case Opt(of):
                if value is None:
                    return "off" if is_timer(shape) else "none"
                return self.show(of, _parts(value)[0], state, inner)
            case Record(_, fields) if isinstance(shape, Either):
                there = zip(fields, _parts(value), strict=True)
                return " ".join(self.show(of, v, state) for (_, of), v in there if v is not None)
            case Record(_, fields):
                shapes = shape.parts if isinstance(shape, Parts) else (None,) * len(fields)
                triples = zip(fields, _parts(value), shapes, strict=True)
                return _braces(
                    f"{n}: {self.show(of, v, state, s)}"
                    for (n, of), v, s in triples
                    if not self.is_empty(of, v, inside=True)
                )
            case Set(of):
                assert isinstance(value, frozenset)
                inside = sorted(value, key=lambda element: index_of(of, element))
                return _braces(self.show(of, element, state, inner) for element in inside)
            case Map(key, of):
                entries = zip(values(key), _parts(value), strict=True)
                return _braces(
                    f"{self.show(key, k, state)}: {self.show(of, v, state, inner)}"
                    for k, v in entries
                    if v is not None
                )
            case Seq(of):
                items = (self.show(of, item, state, inner) for item in _parts(value))
                return "[" + ", ".join(items) + "]"
            case _:
                assert_never(sort)

    def is_empty(self, sort: Sort, value: Value, inside: bool = False) -> bool:
        """Does a value say nothing: none, false, empty text or collection? Inside another value,
        so does 0."""
        match sort:
            case Opt() | Set() | Seq():
                return not value
            case Map(_, of):
                return all(self.is_empty(of, part, inside) for part in _parts(value))
            case Record(_, fields):
                pairs = zip(fields, _parts(value), strict=True)
                return all(self.is_empty(of, part, inside=True) for (_, of), part in pairs)
            case Enum():
                return self.codes.get(str(value), value) in SAYS_NOTHING
            case Int():
                return inside and value == 0
            case _:
                return value is False


SAYS_NOTHING = ("", "[]", "{}")
"""Empty text, and how values that are written out are called where there is nothing in them."""


def is_timer(shape: Shape) -> bool:
    """Is this how an option is shown that is a timer?"""
    of = shape.of if isinstance(shape, Each) else None
    return isinstance(of, Amount) and of.unit == "timer"


def is_of(sort: Sort, kind: str) -> bool:
    """Is this a map from the identities of the kind?"""
    return isinstance(sort, Map) and isinstance(sort.key, Id) and sort.key.kind == kind


def _braces(parts: Iterable[str]) -> str:
    return "{" + ", ".join(parts) + "}"


def _parts(value: Value) -> tuple[Value, ...]:
    assert isinstance(value, tuple)
    return value
