"""Names inside pure values: what the scope's universe is made of."""

from __future__ import annotations

from collections.abc import Iterator

from kspec.analysis.types import KeyT, ListT, MapT, NameT, OptT, RecordT, SetT, TupleT, Type
from kspec.pure.value import FrozenMap, Missing, Rec, Value
from kspec.pure.world import Tables


def names_in(tables: Tables, type_: Type, value: Value) -> Iterator[str]:
    """Every name inside a value of a type."""
    match type_, value:
        case ((NameT() | KeyT()), str()):
            yield value
        case OptT(of), _ if value is not None:
            yield from names_in(tables, of, value)
        case ((SetT(of) | ListT(of)), (frozenset() | tuple())):
            for part in value:
                yield from names_in(tables, of, part)
        case TupleT(types), tuple():
            for t, part in zip(types, value, strict=True):
                yield from names_in(tables, t, part)
        case RecordT(name), Rec(_, parts):
            for field, part in zip(tables.records[name].fields, parts, strict=True):
                yield from names_in(tables, field.type, part)
        case MapT(key, of), FrozenMap():
            for k, v in value.items():
                yield from names_in(tables, key, k)
                yield from names_in(tables, of, v)
            if not isinstance(value.default, Missing):
                yield from names_in(tables, of, value.default)
        case _:
            return
