"""Is a start one that the API server would hold? Keys borne once, `valid` clauses true.

Objects with free fields are not looked at: each combination is a start of its own, and `assume`
is what restricts those.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import evolve

from kspec.analysis.typed import TExpr
from kspec.base import codes
from kspec.base.diagnostic import Diagnostic, Label
from kspec.pure.evaluation import evaluate as pure
from kspec.pure.scopes.scope import Initial, OneOf, ScopeObject
from kspec.pure.values.cast import as_bool
from kspec.pure.values.order import any_order
from kspec.pure.values.value import FrozenMap, Obj, Rec, Value
from kspec.pure.values.world import Context, Fixed, Tables, World


def unique(objects: tuple[ScopeObject, ...], tables: Tables) -> list[Diagnostic]:
    """No two objects of a kind bear one key."""
    found: list[Diagnostic] = []
    seen: dict[tuple[str, tuple[Initial, ...]], ScopeObject] = {}
    for obj in objects:
        key = tables.kinds[obj.kind].key
        values = tuple(dict(obj.fields)[name] for name in key)
        if not key or any(value is None or isinstance(value, OneOf) for value in values):
            continue
        first = seen.setdefault((obj.kind, values), obj)
        if first is not obj:
            message = f"two objects of kind `{obj.kind}` are called `{obj.name}`"
            where = Label(first.span, "the first one")
            found.append(
                Diagnostic(codes.DUPLICATE_NAME, message, Label(obj.span, "again"), (where,))
            )
    return found


def start_world(objects: Iterable[ScopeObject]) -> World:
    """The world of these objects, each free field at its first value."""
    world = World()
    for obj in objects:
        fields = {
            name: value.values[0] if isinstance(value, OneOf) else value
            for name, value in obj.fields
        }
        world = world.with_fields(Obj(obj.kind, obj.index), Fixed(fields))
    return world


def valid(objects: tuple[ScopeObject, ...], context: Context) -> list[Diagnostic]:
    """Objects must be such as the API server admits; those with free fields are not looked at."""
    world = start_world(objects)
    there = evolve(context, world=world, live=world)
    found: list[Diagnostic] = []
    for obj in objects:
        if any(isinstance(value, OneOf) for _, value in obj.fields):
            continue
        tables = context.tables
        parts: list[tuple[Value, str, tuple[TExpr, ...]]] = [
            (Obj(obj.kind, obj.index), obj.kind, tables.kinds[obj.kind].valid)
        ]
        for _, value in obj.fields:
            parts += [(r, r.name, tables.records[r.name].valid) for r in _records(value)]
        for part, name, clauses in parts:
            me = there.binding("self", part)
            found += [
                _invalid(obj, name, clause)
                for clause in clauses
                if not as_bool(pure.evaluate(clause, me))
            ]
    return found


def _records(value: object) -> Iterator[Rec]:
    """Every record inside a value, outer ones first."""
    match value:
        case Rec(_, values):
            yield value
            for inner in values:
                yield from _records(inner)
        case tuple() | frozenset():
            for inner in sorted(value, key=any_order) if isinstance(value, frozenset) else value:
                yield from _records(inner)
        case FrozenMap():
            for inner in value.values():
                yield from _records(inner)
        case _:
            return


def _invalid(obj: ScopeObject, what: str, clause: TExpr) -> Diagnostic:
    message = f"`{obj.name}` is no valid `{what}`"
    if what != obj.kind:
        message = f"a `{what}` in `{obj.name}` is not valid"
    where = Label(clause.span, "this is false of it")
    note = "the API server would not admit it"
    label = Label(obj.span, "this object")
    return Diagnostic(codes.NOT_VALID, message, label, (where,), notes=(note,))
