"""Pure values and the values of sorts that states hold, both ways; literals.

Next: `codec` for symbolic values.
"""

from __future__ import annotations

from fractions import Fraction

from kspec.analysis.types import (
    BoolT,
    IntT,
    KindT,
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
from kspec.ir.expr import (
    FALSE,
    TRUE,
    Lit,
)
from kspec.ir.sorts import (
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
    values,
)
from kspec.lower.values.shapes import (
    INTERNED,
    CannotStore,
    Shapes,
    least,
    meet,
)
from kspec.lower.values.smart import (
    lit,
)
from kspec.lower.values.symbolic import (
    Known,
    Maybe,
    Sym,
    Tabled,
)
from kspec.pure.values.value import FrozenMap, Obj, Rec
from kspec.pure.values.value import Value as Pure


def is_value_enum(sort: Sort) -> bool:
    """Is this an enumeration of interned values?"""
    return isinstance(sort, Enum) and sort.name.startswith(INTERNED)


def stored(shapes: Shapes, type_: Type, value: Pure, sort: Sort) -> Value:
    """A pure value as a value of a sort that has it."""
    if is_value_enum(sort):
        return shapes.code(type_, value)
    match type_, value, sort:
        case TimerT(), None, _:
            return None if shapes.timed else "off"
        case TimerT(), _, _:
            if not shapes.timed:
                return "due" if value == 0 else "running"
            assert isinstance(sort, Opt)
            return (stored(shapes, UnitT("duration"), value, sort.of),)
        case OptT(), None, _:
            return None
        case OptT(of), _, Opt(inner):
            return (stored(shapes, of, value, inner),)
        case _, bool(), _:
            return value
        case ((IntT() | UnitT()), (int() | Fraction()), _):
            return shapes.measured(type_, value)
        case _, str(), _:
            return value
        case _, Obj(_, index), Id():
            return index
        case _, Obj(kind, index), Record(_, fields):
            return tuple((index,) if name == kind else None for name, _ in fields)
        case RecordT(name), Rec(_, parts), Record(_, fields):
            types = [f.type for f in shapes.tables.records[name].fields]
            whole = zip(types, parts, fields, strict=True)
            return tuple(stored(shapes, t, v, s) for t, v, (_, s) in whole)
        case TupleT(types), tuple(), Record(_, fields):
            whole = zip(types, value, fields, strict=True)
            return tuple(stored(shapes, t, v, s) for t, v, (_, s) in whole)
        case SetT(of), frozenset(), Set(inner):
            return frozenset(stored(shapes, of, v, inner) for v in value)
        case ListT(of, _), tuple(), Seq(inner, _):
            return tuple(stored(shapes, of, v, inner) for v in value)
        case MapT(key, of, total), FrozenMap(), Map(keys, inner):
            return tuple(
                _entry(shapes, of, total, value, pure(shapes, key, k, keys), inner)
                for k in values(keys)
            )
        case _:
            raise CannotStore(f"{value!r} cannot be kept in a state")


def _entry(
    shapes: Shapes, of: Type, total: bool, entries: FrozenMap, key: Pure, sort: Sort
) -> Value:
    if not total:
        found = entries.get(key)
        return stored(shapes, of if isinstance(of, OptT) else OptT(of), found, sort)
    if key in entries:
        return stored(shapes, of, entries[key], sort)
    return least(sort)


def pure(shapes: Shapes, type_: Type, value: Value, sort: Sort) -> Pure:
    """A value of a sort as a pure value: the inverse of `stored`."""
    if is_value_enum(sort):
        assert isinstance(value, str)
        return shapes.codes[value]
    match type_, value, sort:
        case TimerT(), None, _:
            return None
        case TimerT(), tuple(), Opt(inner):
            return pure(shapes, UnitT("duration"), value[0], inner)
        case OptT(), None, _:
            return None
        case OptT(of), tuple(), Opt(inner):
            return pure(shapes, of, value[0], inner)
        case UnitT(), int(), _:
            return value * shapes.unit(type_)
        case _, int(), Id(kind, _):
            return Obj(kind, value)
        case KindT(), tuple(), Opt(inner):
            return pure(shapes, type_, value[0], inner)
        case _, (bool() | int() | str()), _:
            return value
        case ObjectT(), tuple(), Record(_, fields):
            for part, (kind, _) in zip(value, fields, strict=True):
                if isinstance(part, tuple):
                    (index,) = part
                    assert isinstance(index, int)
                    return Obj(kind, index)
            return None
        case RecordT(name), tuple(), Record(_, fields):
            types = [f.type for f in shapes.tables.records[name].fields]
            whole = zip(types, value, fields, strict=True)
            return Rec(name, tuple(pure(shapes, t, v, s) for t, v, (_, s) in whole))
        case TupleT(types), tuple(), Record(_, fields):
            whole = zip(types, value, fields, strict=True)
            return tuple(pure(shapes, t, v, s) for t, v, (_, s) in whole)
        case SetT(of), frozenset(), Set(inner):
            return frozenset(pure(shapes, of, v, inner) for v in value)
        case ListT(of, _), tuple(), Seq(inner, _):
            return tuple(pure(shapes, of, v, inner) for v in value)
        case _:
            raise CannotStore(f"{value!r} of {sort} as {type_}")


def literal(shapes: Shapes, type_: Type, value: Pure, sort: Sort) -> Lit:
    """A literal of a sort, which is widened where a number is out of its range."""
    if type_ == BoolT():
        return TRUE if value else FALSE
    if is_value_enum(sort):
        return Lit(sort, shapes.code(type_, value))
    if isinstance(sort, Int):
        assert isinstance(value, int | Fraction)
        return lit(shapes.measured(type_, value))
    whole = meet(sort, shapes.occurring(type_, value))
    return Lit(whole, stored(shapes, type_, value, whole))


def optional(sym: Sym) -> Sym:
    """A value of an option type, as an option where it is one that is always there."""
    if isinstance(sym, Known | Maybe) or (isinstance(sym, Tabled) and None in sym.cases):
        return sym
    return Maybe(TRUE, sym)


def content_type(type_: Type) -> Type:
    """What an option holds; other types themselves."""
    return type_.of if isinstance(type_, OptT) else type_


def part_types(shapes: Shapes, type_: Type) -> tuple[Type, ...]:
    """The types of the parts of a record or tuple."""
    match type_:
        case RecordT(name):
            return tuple(f.type for f in shapes.tables.records[name].fields)
        case TupleT(types):
            return types
        case _:
            raise TypeError(f"no parts in {type_}")


def part_names(shapes: Shapes, type_: Type) -> tuple[str, ...]:
    """The names of the parts of a record or tuple."""
    match type_:
        case RecordT(name):
            return tuple(f.name for f in shapes.tables.records[name].fields)
        case TupleT(types):
            return tuple(str(i) for i in range(len(types)))
        case _:
            raise TypeError(f"no parts in {type_}")
