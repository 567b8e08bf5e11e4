"""What the values of a type are made of. Records may hold themselves: a walk over types has to see
that it has been here before. Next: `many_objects`, which asks."""

from __future__ import annotations

from collections.abc import Iterator

from kspec.analysis.typed import Program, TRecordDecl
from kspec.analysis.types import ListT, MapT, OptT, RecordT, SetT, TupleT, Type


def made_of(program: Program, type_: Type, within: frozenset[str] = frozenset()) -> Iterator[Type]:
    """A type and the types of all parts of its values; a record that holds itself is gone into once
    on each way."""
    yield type_
    for part, inner in _parts(program, type_, within):
        yield from made_of(program, part, inner)


def _parts(
    program: Program, type_: Type, within: frozenset[str]
) -> Iterator[tuple[Type, frozenset[str]]]:
    match type_:
        case OptT(of) | SetT(of) | ListT(of):
            yield of, within
        case MapT(key, of):
            yield from ((key, within), (of, within))
        case TupleT(parts):
            yield from ((part, within) for part in parts)
        case RecordT(name) if name not in within:
            fields = (f for r in program.records if r.name == name for f in r.fields)
            yield from ((f.type, within | {name}) for f in fields)
        case _:
            return


def holding_itself(program: Program) -> TRecordDecl | None:
    """The first record whose values hold values of its own type."""
    for record in program.records:
        parts = (t for f in record.fields for t in made_of(program, f.type))
        if any(isinstance(t, RecordT) and t.name == record.name for t in parts):
            return record
    return None


__all__ = ["holding_itself", "made_of"]
