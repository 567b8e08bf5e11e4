"""Writes, and what they make of a world: the second half of a step.

A step's writes are a set: no place is written twice, even with equal values; what is stored is in
range; objects written to are alive. The first half, which finds the writes, is `effects`.
"""

from __future__ import annotations

from typing import TypeAlias, assert_never, final

from attrs import evolve

from kspec.analysis.types import MapT, OptT, RecordT, Type
from kspec.base.record import frozen
from kspec.base.source import Span
from kspec.pure.evaluation import evaluate as pure
from kspec.pure.evaluation import finite
from kspec.pure.values.cast import as_map
from kspec.pure.values.value import FrozenMap, Missing, Obj, Rec, Value
from kspec.pure.values.world import Context, Fixed, World


@final
@frozen
class FieldWrite:
    """A field of an object, or a place inside it, becomes a value of type `type`."""

    obj: Obj
    field: str
    path: tuple[Value, ...]
    value: Value
    type: Type
    span: Span


@final
@frozen
class StateWrite:
    """A `memory`, `local` or ghost variable of an instance, or a place inside it."""

    name: str
    instance: Value
    path: tuple[Value, ...]
    value: Value
    type: Type
    span: Span


@final
@frozen
class Birth:
    """An object comes to life with all its fields."""

    obj: Obj
    fields: tuple[tuple[str, Value], ...]
    span: Span


@final
@frozen
class Death:
    """An object is gone."""

    obj: Obj
    span: Span


Write: TypeAlias = FieldWrite | StateWrite | Birth | Death


@final
@frozen
class Broken:
    """An implicit property is broken: "single-write", "in-range" or "live-target"."""

    property: str
    span: Span


@final
@frozen
class Committed:
    """The new world; `written` are the objects that the write counts for: born, gone, or with
    an API field that is not what it was."""

    world: World
    written: tuple[Obj, ...]


def commit(writes: tuple[Write, ...], context: Context, ranges: bool = True) -> Committed | Broken:
    """The context's live world with all writes made, or the first implicit property broken:
    single-write before live-target before in-range (if `ranges` matter)."""
    broken = _written_twice(writes) or _dead_target(writes, context)
    if broken is None and ranges:
        broken = _out_of_range(writes, context)
    if broken is not None:
        return broken
    world = context.live
    for write in writes:
        world = _apply(write, world, context)
    return Committed(world, _written(writes, world, context))


def place_of(write: Write) -> tuple[Value, ...]:
    """Where a write goes, outermost first; two overlap iff one place begins with the other."""
    match write:
        case FieldWrite(obj, field, path):
            return ("object", obj, field, *path)
        case StateWrite(name, instance, path):
            return ("state", name, instance, *path)
        case Birth(obj) | Death(obj):
            return ("object", obj)
        case _:
            assert_never(write)


def _written_twice(writes: tuple[Write, ...]) -> Broken | None:
    seen: set[tuple[Value, ...]] = set()
    insides: set[tuple[Value, ...]] = set()
    for write in writes:
        place = place_of(write)
        outer = [place[:size] for size in range(2, len(place) + 1)]
        if place in insides or any(part in seen for part in outer):
            return Broken("single-write", write.span)
        seen.add(place)
        insides.update(outer)
    return None


def _dead_target(writes: tuple[Write, ...], context: Context) -> Broken | None:
    for write in writes:
        if isinstance(write, FieldWrite | Death) and not context.live.lives(write.obj):
            return Broken("live-target", write.span)
    return None


def _out_of_range(writes: tuple[Write, ...], context: Context) -> Broken | None:
    for write in writes:
        match write:
            case FieldWrite() | StateWrite():
                fits = finite.in_range(write.value, write.type, context)
            case Birth(obj, fields):
                declared = context.tables.fields[obj.kind]
                fits = all(finite.in_range(v, declared[n].type, context) for n, v in fields)
            case Death():
                fits = True
            case _:
                assert_never(write)
        if not fits:
            return Broken("in-range", write.span)
    return None


def _apply(write: Write, world: World, context: Context) -> World:
    match write:
        case FieldWrite(obj, field, path, value):
            fields = world.fields(obj)
            assert fields is not None
            type_ = context.tables.fields[obj.kind][field].type
            new = replaced(fields[field], path, value, type_, context)
            return world.with_fields(obj, fields.put(field, new))
        case StateWrite(name, instance, path, value):
            declared = context.tables.state[name][0]
            here = evolve(context, world=world, instance=instance)
            new = replaced(pure.state(name, here), path, value, declared.type, context)
            return world.with_state((name, instance), new)
        case Birth(obj, fields_given):
            return world.with_fields(obj, Fixed(fields_given))
        case Death(obj):
            return world.without(obj)
        case _:
            assert_never(write)


def replaced(
    old: Value, path: tuple[Value, ...], value: Value, type_: Type, context: Context
) -> Value:
    """A value with the part at a path replaced; nothing at a key of a partial map removes it."""
    if not path:
        return like(value, old)
    step, *rest = path
    inner_type = type_.of if isinstance(type_, OptT) else type_
    match inner_type:
        case MapT(_, of, total):
            entries = as_map(old)
            inside = entries.get(step) if rest else None
            new = replaced(inside, tuple(rest), value, of, context)
            if new is None and not total:
                return FrozenMap({k: v for k, v in entries.items() if k != step})
            return entries.put({step: new})
        case RecordT(name) if isinstance(old, Rec):
            at = context.tables.places[name][str(step)]
            of = context.tables.records[name].fields[at].type
            new = replaced(old.values[at], tuple(rest), value, of, context)
            return Rec(name, (*old.values[:at], new, *old.values[at + 1 :]))
        case _:
            # A place inside nothing: there is nothing to change.
            return old


def like(value: Value, old: Value) -> Value:
    """A map that lists its entries as one with the default that its place has, so that equal maps
    are stored as one value; anything else as it is."""
    if isinstance(value, FrozenMap) and isinstance(old, FrozenMap):
        is_listed = isinstance(value.default, Missing) and not isinstance(old.default, Missing)
        return FrozenMap(value, old.default) if is_listed else value
    return value


def _written(writes: tuple[Write, ...], world: World, context: Context) -> tuple[Obj, ...]:
    """The objects written to, each once, in the order of the statements. The API server drops a
    write that leaves all API fields of its object as they were."""
    found: dict[Obj, None] = {}
    for write in writes:
        match write:
            case Birth(obj) | Death(obj):
                found[obj] = None
            case FieldWrite(obj):
                old, new = context.live.fields(obj), world.fields(obj)
                declared = context.tables.fields[obj.kind].values()
                if (
                    old is None
                    or new is None
                    or any(old[f.name] != new[f.name] for f in declared if f.role == "api")
                ):
                    found[obj] = None
            case StateWrite():
                pass
            case _:
                assert_never(write)
    return tuple(found)
