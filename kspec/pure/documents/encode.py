"""Typed values back to documents: for reports and for commands that a reader can run.

The way back of `decode`, as far as there is one: a field read by a function, or from every item
of a list, has no place of its own and is left out of objects (records show it under its name).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TypeAlias

from kspec.analysis.typed import TFieldDecl
from kspec.analysis.types import ListT, MapT, OptT, SetT, TupleT, Type, UnitT
from kspec.manifests.quantity import Quantity, Style, canonical
from kspec.pure.documents import paths
from kspec.pure.documents.paths import Every, Key, Path, Place, Which
from kspec.pure.values import prims
from kspec.pure.values.order import in_order
from kspec.pure.values.value import Doc, FrozenMap, Obj, Rec, Value
from kspec.pure.values.world import Tables

Json: TypeAlias = object
"""None, bool, int, Fraction, str, list, dict."""


def encode(value: Value, type_: Type, tables: Tables) -> Json:
    """A value as plain data; numbers that JSON has no exact writing for become texts."""
    of = type_.of if isinstance(type_, OptT) else type_
    match value:
        case None | bool() | int() | str():
            return value
        case Fraction():
            return _number(value, of)
        case Obj(kind, index):
            return f"{kind.lower()}-{index}"
        case Rec(name, values):
            shape = tables.records.get(name) or tables.kinds[name]
            return _record(
                dict(zip(tables.places[name], values, strict=True)), shape.fields, tables
            )
        case frozenset():
            inner = of.of if isinstance(of, SetT) else of
            return [encode(item, inner, tables) for item in in_order(value, inner, tables)]
        case tuple():
            return [encode(item, part, tables) for item, part in _parts(value, of)]
        case FrozenMap():
            assert isinstance(of, MapT)
            keys = in_order(value, of.key, tables)
            return {_key(key): encode(value[key], of.value, tables) for key in keys}
        case Doc(data):
            return paths.plain(data)


def _parts(value: tuple[Value, ...], type_: Type) -> list[tuple[Value, Type]]:
    match type_:
        case TupleT(parts):
            return list(zip(value, parts, strict=True))
        case ListT(of, _):
            return [(item, of) for item in value]
        case _:
            return [(item, type_) for item in value]


def _number(value: Fraction, type_: Type) -> Json:
    match type_:
        case UnitT("memory"):
            return canonical(Quantity(value, Style.BINARY))
        case UnitT("cpu" | "quantity"):
            return canonical(Quantity(value, Style.DECIMAL))
        case UnitT():
            return prims.text(value, type_)
        case _:
            return int(value) if value.denominator == 1 else str(value)


def _key(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value.kind.lower()}-{value.index}" if isinstance(value, Obj) else str(value)


def _record(
    values: Mapping[str, Value], fields: tuple[TFieldDecl, ...], tables: Tables
) -> dict[str, Json]:
    made: dict[str, Json] = {}
    for field in fields:
        if values[field.name] is None:
            continue
        if not put_field(made, values[field.name], field, tables):
            made[field.name] = encode(values[field.name], field.type, tables)
    return made


def document_of(kind: str, values: Mapping[str, Value], tables: Tables) -> dict[str, Json] | None:
    """An object as a document; None if its kind stands for no API object."""
    declared = tables.kinds[kind]
    if not declared.versions:
        return None
    version, name = declared.versions[0]
    made: dict[str, Json] = {"apiVersion": version, "kind": name}
    for field in declared.fields:
        if field.name in values and values[field.name] is not None and field.at is not None:
            put_field(made, values[field.name], field, tables)
    return made


def put_field(document: dict[str, Json], value: Value, field: TFieldDecl, tables: Tables) -> bool:
    """Write a field's value where it is read from; False if there is no one such place."""
    path = paths.parse_path(field.at.paths[0]) if field.at else (Key(field.name),)
    if not path or not isinstance(path[0], Key):
        return False
    match field.at.read if field.at else "value":
        case "value":
            return put(document, path, encode(value, field.type, tables))
        case "is":
            assert field.at is not None
            return value is not True or put(document, path, field.at.word)
        case "exists":
            return value is not True
        case _:
            return False


def put(inside: Json, path: Path, value: Json) -> bool:
    """Put data at the end of a path, making objects and lists on the way; False if the path has
    no one end, or leads through something else."""
    step, *rest = path
    match step:
        case Key(name) if isinstance(inside, dict):
            if not rest:
                inside[name] = value
                return True
            fresh: Json = {} if isinstance(rest[0], Key) else []
            return put(inside.setdefault(name, fresh), tuple(rest), value)
        case Which(keys, word) if isinstance(inside, list) and rest:
            item = next((i for i in inside if _is(i, keys, word)), None)
            if item is None:
                item = {}
                put(item, tuple(Key(key) for key in keys), word)
                inside.append(item)
            return put(item, tuple(rest), value)
        case Place(index) if isinstance(inside, list) and rest and index <= len(inside):
            if index == len(inside):
                inside.append({} if isinstance(rest[0], Key) else [])
            return put(inside[index], tuple(rest), value)
        case Place(index) if isinstance(inside, list) and index == len(inside):
            inside.append(value)
            return True
        case Key() | Which() | Place() | Every():
            return False


def _is(item: Json, keys: tuple[str, ...], word: str) -> bool:
    return paths.chosen(paths.Spot(item), Which(keys, word))
