"""Types as sets of values: all values of a finite one, the least one, and what is in range.

Ranges may mention parameters, so everything here needs a context. A type without a finite set of
values (`int`, rationals, documents) is refused where all its values are asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations, product
from typing import assert_never

from kspec.analysis.types import (
    BoolT,
    EnumT,
    IntT,
    JsonT,
    KeyT,
    KindT,
    ListT,
    MapT,
    NameT,
    NothingT,
    ObjectT,
    OptT,
    RationalT,
    RecordT,
    SetT,
    TemporalT,
    TimerT,
    TupleT,
    Type,
    UnitT,
)
from kspec.analysis.words import show_type
from kspec.base.source import Span
from kspec.pure.evaluation import evaluate as pure
from kspec.pure.values.cast import as_int, as_map, as_set, as_tuple
from kspec.pure.values.prims import zero
from kspec.pure.values.value import Doc, FrozenMap, Missing, Obj, Rec, Value
from kspec.pure.values.world import Context, EvaluationError

MAX_ELEMENTS = 16
"""The subsets of more elements than this are never listed."""


def bounds(type_: IntT, context: Context) -> tuple[int, int] | None:
    """The bounds of a range, both included; None for `int`."""
    if type_.bounds is None:
        return None
    lo = as_int(pure.evaluate(type_.bounds.lo, context))
    return lo, as_int(pure.evaluate(type_.bounds.hi, context))


def values(type_: Type, context: Context, span: Span | None = None) -> Iterator[Value]:
    """Every value of a finite type, least first. Of a kind: the objects that live."""
    match type_:
        case BoolT():
            yield from (False, True)
        case IntT():
            found = bounds(type_, context)
            if found is None:
                raise _endless(type_, span)
            yield from range(found[0], found[1] + 1)
        case NameT():
            yield from context.names
        case EnumT(_, cases):
            yield from cases
        case KindT(kind, _):
            yield from (Obj(kind, i) for i in context.world.population(kind).objects)
        case KeyT(kind):
            live = (Obj(kind, i) for i in context.world.population(kind).objects)
            yield from (pure.name_of(obj, context.world, context) for obj in live)
        case ObjectT():
            for kind in context.tables.kinds:
                yield from values(KindT(kind), context, span)
        case OptT(of):
            yield None
            yield from values(of, context, span)
        case TupleT(parts):
            yield from product(*(tuple(values(part, context, span)) for part in parts))
        case RecordT(name):
            fields = context.tables.records[name].fields
            columns = (tuple(values(field.type, context, span)) for field in fields)
            yield from (Rec(name, row) for row in product(*columns))
        case SetT(of):
            yield from _subsets(tuple(values(of, context, span)), type_, span)
        case (
            RationalT() | UnitT() | ListT() | MapT() | TimerT() | JsonT() | NothingT() | TemporalT()
        ):
            raise _endless(type_, span)
        case _:
            assert_never(type_)


def _subsets(elements: tuple[Value, ...], type_: Type, span: Span | None) -> Iterator[Value]:
    if len(elements) > MAX_ELEMENTS:
        raise _endless(type_, span)
    sizes = (combinations(elements, size) for size in range(len(elements) + 1))
    return (frozenset(subset) for subset in chain.from_iterable(sizes))


def _endless(type_: Type, span: Span | None) -> EvaluationError:
    return EvaluationError(f"too many values to go through: {show_type(type_)}", span)


def least(type_: Type, context: Context) -> Value:
    """What stands where nothing else is: false, the lower bound, the first case, "", nothing.

    A reference is to place 0 of its kind: whoever reads it must know that it means nothing.
    """
    match type_:
        case BoolT():
            return False
        case IntT():
            found = bounds(type_, context)
            return 0 if found is None else found[0]
        case RationalT() | UnitT():
            return zero(type_)
        case NameT() | KeyT():
            return ""
        case EnumT(_, cases):
            return cases[0]
        case KindT(kind, _):
            return Obj(kind, 0)
        case ObjectT():
            return Obj(next(iter(context.tables.kinds)), 0)
        case OptT() | TimerT() | NothingT() | TemporalT():
            return None
        case RecordT(name):
            fields = context.tables.records[name].fields
            return Rec(name, tuple(least(field.type, context) for field in fields))
        case SetT():
            return frozenset()
        case ListT():
            return ()
        case MapT(_, value, True):
            return FrozenMap({}, least(value, context))
        case MapT():
            return FrozenMap({})
        case TupleT(parts):
            return tuple(least(part, context) for part in parts)
        case JsonT():
            return Doc(None)
        case _:
            assert_never(type_)


def in_range(value: Value, type_: Type, context: Context) -> bool:
    """May a value be stored in a place of this type? Every number inside must be in its range,
    every list as short as its type says."""
    match type_:
        case IntT():
            found = bounds(type_, context)
            return found is None or found[0] <= as_int(value) <= found[1]
        case OptT(of):
            return value is None or in_range(value, of, context)
        case SetT(of):
            return all(in_range(v, of, context) for v in as_set(value))
        case ListT(of, most):
            items = as_tuple(value)
            fits = most is None or len(items) <= most
            return fits and all(in_range(v, of, context) for v in items)
        case MapT(key, of, _):
            entries = as_map(value)
            default = entries.default
            return (isinstance(default, Missing) or in_range(default, of, context)) and all(
                in_range(k, key, context) and in_range(v, of, context) for k, v in entries.items()
            )
        case TupleT(parts):
            pairs = zip(as_tuple(value), parts, strict=True)
            return all(in_range(v, part, context) for v, part in pairs)
        case RecordT(name):
            assert isinstance(value, Rec)
            fields = context.tables.records[name].fields
            pairs = zip(value.values, (field.type for field in fields), strict=True)
            return all(in_range(v, part, context) for v, part in pairs)
        case _:
            return True
