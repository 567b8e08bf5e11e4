"""Worlds: which objects live, with which fields, how old, and what components remember.

A world is a value: hashable, equal by content, never changed. Expressions are evaluated in a
`Context`, which says what every name means and which world plain reads see. Nothing here
evaluates anything: `evaluate` does, and `effects` makes new worlds of old ones.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Generic, TypeAlias, TypeVar, final

from attrs import field

from kspec.analysis.typed import (
    EnumDecl,
    Program,
    TComponent,
    TFieldDecl,
    TFn,
    TKindDecl,
    TParamDecl,
    TRecordDecl,
    TStateDecl,
    TUniverseDecl,
)
from kspec.base.record import frozen
from kspec.base.source import Span
from kspec.pure.values.value import Obj, Rec, Value

K = TypeVar("K", bound=Hashable)
V = TypeVar("V", bound=Hashable)


@final
class Fixed(Mapping[K, V], Generic[K, V]):
    """An immutable mapping, hashable, equal to another with the same entries in any order."""

    __slots__ = ("_entries", "_hash")

    def __init__(self, entries: Mapping[K, V] | Iterable[tuple[K, V]] = ()) -> None:
        self._entries = dict(entries)
        self._hash: int | None = None

    def __getitem__(self, key: K) -> V:
        return self._entries[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self._entries.items()))
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fixed) and self._entries == other._entries

    def __repr__(self) -> str:
        return f"Fixed({self._entries!r})"

    def put(self, key: K, value: V) -> Fixed[K, V]:
        """The mapping with one entry more, or another one."""
        return Fixed({**self._entries, key: value})

    def drop(self, key: K) -> Fixed[K, V]:
        """The mapping without an entry."""
        return Fixed({k: v for k, v in self._entries.items() if k != key})


Fields: TypeAlias = Fixed[str, Value]
"""The fields of an object, by name."""


class EvaluationError(Exception):
    """Something that the checker rules out, or that a document does not hold.

    Expressions are total on well-typed values: only documents of the wrong shape (vectors,
    manifests), a division by zero without `else`, and mistakes of kspec itself end up here.
    """

    def __init__(self, message: str, span: Span | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.span = span


@final
@frozen
class Population:
    """The live objects of one kind.

    `objects` maps places in the pool, in ascending order, to fields. `ages` lists the places
    oldest first.

    INVARIANT: `ages` is a permutation of the keys of `objects`.
    """

    objects: Fixed[int, Fields]
    ages: tuple[int, ...]


def population(objects: Mapping[int, Fields], ages: Iterable[int]) -> Population:
    """A population with its places in order."""
    return Population(Fixed({index: objects[index] for index in sorted(objects)}), tuple(ages))


NOBODY = Population(Fixed(), ())

StateKey: TypeAlias = tuple[str, Value]
"""The full name of a `memory`, `local` or ghost variable and the instance (None without)."""


@final
@frozen
class World:
    """Objects by kind and state by `StateKey`.

    A state variable that is missing has its initial value.

    INVARIANT: `kinds` has no empty populations, so that equal worlds compare equal.
    """

    kinds: Fixed[str, Population] = field(factory=Fixed)
    state: Fixed[StateKey, Value] = field(factory=Fixed)

    def population(self, kind: str) -> Population:
        """The live objects of a kind."""
        return self.kinds.get(kind, NOBODY)

    def fields(self, obj: Obj) -> Fields | None:
        """The fields of an object, or None if it is not alive."""
        return self.population(obj.kind).objects.get(obj.index)

    def lives(self, obj: Obj) -> bool:
        """Is the object alive?"""
        return obj.index in self.population(obj.kind).objects

    def age(self, obj: Obj) -> int:
        """The object's place in the order of creation, the oldest 0; the number of live objects
        of its kind if it is not alive."""
        ages = self.population(obj.kind).ages
        return ages.index(obj.index) if obj.index in ages else len(ages)

    def with_population(self, kind: str, who: Population) -> World:
        """The world with other objects of one kind."""
        kinds = self.kinds.put(kind, who) if who.objects else self.kinds.drop(kind)
        return World(kinds, self.state)

    def with_fields(self, obj: Obj, fields: Fields) -> World:
        """The world where an object has these fields; one that is not alive is born, the
        youngest of its kind."""
        old = self.population(obj.kind)
        if obj.index in old.objects:
            changed = Population(old.objects.put(obj.index, fields), old.ages)
        else:
            changed = population(old.objects.put(obj.index, fields), (*old.ages, obj.index))
        return self.with_population(obj.kind, changed)

    def without(self, obj: Obj) -> World:
        """The world where the object is not alive."""
        old = self.population(obj.kind)
        ages = tuple(index for index in old.ages if index != obj.index)
        return self.with_population(obj.kind, Population(old.objects.drop(obj.index), ages))

    def with_state(self, key: StateKey, value: Value) -> World:
        """The world where a state variable has this value."""
        return World(self.kinds, self.state.put(key, value))


EMPTY = World()
"""The world without objects, every state variable at its initial value."""


@final
class Tables:
    """A program's declarations by name. Made once; never changed."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.enums: Mapping[str, EnumDecl] = {e.name: e for e in program.enums}
        self.records: Mapping[str, TRecordDecl] = {r.name: r for r in program.records}
        self.kinds: Mapping[str, TKindDecl] = {k.name: k for k in program.kinds}
        self.params: Mapping[str, TParamDecl] = {p.name: p for p in program.params}
        self.universes: Mapping[str, TUniverseDecl] = {u.name: u for u in program.universes}
        self.functions: Mapping[str, TFn] = {f.name: f for f in program.functions}
        self.components: Mapping[str, TComponent] = {c.name: c for c in program.components}
        shapes: tuple[TRecordDecl | TKindDecl, ...] = (*program.records, *program.kinds)
        self.places: Mapping[str, Mapping[str, int]] = {
            shape.name: {f.name: i for i, f in enumerate(shape.fields)} for shape in shapes
        }
        self.fields: Mapping[str, Mapping[str, TFieldDecl]] = {
            k.name: {f.name: f for f in k.fields} for k in program.kinds
        }
        owned = {s.name: (s, c) for c in program.components for s in c.state}
        ghosts: dict[str, tuple[TStateDecl, TComponent | None]] = {
            g.state.name: (g.state, None) for g in program.ghosts
        }
        self.state: Mapping[str, tuple[TStateDecl, TComponent | None]] = {**ghosts, **owned}

    def part(self, record: Rec, name: str) -> Value:
        """A field of a record, or of an object by value."""
        return record.values[self.places[record.name][name]]


Views: TypeAlias = Callable[[str, Value], World]
"""The world that a controller sees, given its name and instance (None without instances): kinds
that it watches from its view, everything else live."""


@final
@frozen(eq=False)
class Context:
    """What an expression is evaluated in.

    `world` is what plain reads see; `live` the live world (the same one outside controllers with
    stale views). `component` and `instance` say whose memory `TState` means and which instance a
    component's functions run in. `before` is the context before the step, in occurrence
    properties. `views` is asked by `seen(…)`. `names` are the scope's names, for binders over
    `name`. `parameters` are the model's parameters by full name.
    """

    tables: Tables
    parameters: Mapping[str, Value]
    world: World
    live: World
    locals: Mapping[str, Value] = field(factory=dict)
    component: str | None = None
    instance: Value = None
    views: Views | None = None
    before: Context | None = None
    names: tuple[str, ...] = ()

    def binding(self, name: str, value: Value) -> Context:
        """The context with one more name."""
        return self.with_locals({**self.locals, name: value})

    def binding_all(self, names: Mapping[str, Value]) -> Context:
        """The context with more names."""
        return self.with_locals({**self.locals, **names}) if names else self

    def with_locals(self, names: Mapping[str, Value]) -> Context:
        """The context with these names and no others."""
        # Written out since it is made for every element of every comprehension.
        return Context(
            self.tables,
            self.parameters,
            self.world,
            self.live,
            names,
            self.component,
            self.instance,
            self.views,
            self.before,
            self.names,
        )


def context(program: Program, parameters: Mapping[str, Value], world: World) -> Context:
    """The context of closed formulas about one live world."""
    return Context(Tables(program), parameters, world, world)
