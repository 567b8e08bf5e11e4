"""From types to sorts: what a type's values look like in a state of this scope.

A sort is found in two parts: what the type declares (`floor`: ranges, cases, kinds) and what can
occur there (names, amounts, lengths, kinds of objects), which `widened` adds. `NO_INT` and enums
without cases stand for "nothing yet" and are gone after `settled`.
Elements of sets and keys of maps that are records, lists or amounts are *interned*: the enumeration
of those values that occur (`codes` says which case is which value).
Next: `codec` for values of these sorts, `places` for how what occurs is found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import gcd
from typing import Final, assert_never, final

from attrs import field

from kspec.analysis.types import (
    BoolT,
    Bounds,
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
from kspec.base.record import frozen
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
    cardinality,
)
from kspec.pure.values.value import FrozenMap, Missing, Obj, Rec
from kspec.pure.values.value import Value as Pure
from kspec.pure.values.world import Tables

NAME: Final = "name"
OBJECT: Final = "object"
NO_INT: Final = Int(0, -1)
NO_NAME: Final = Enum(NAME, ())
INTERNED: Final = "value of "
UNTIMED: Final = Enum("timer", ("off", "running", "due"))


class CannotStore(Exception):
    """A value or type that no sort of the scope can hold; the message says why."""


class FinerMeasure(Exception):
    """A value to be stored is no multiple of its unit's measure: it has to be this fine."""

    def __init__(self, unit: str, scale: Fraction) -> None:
        super().__init__(unit, scale)
        self.unit = unit
        self.scale = scale


@final
@frozen(eq=False)
class Shapes:
    """What sorts depend on.

    `units` is the measure of each unit: the values of a stored quantity are multiples of it.
    `bounds` evaluates a declared range; it is the same in every state.
    """

    tables: Tables
    pools: Mapping[str, int]
    units: Mapping[str, Fraction]
    timed: bool
    bounds: Callable[[Bounds], tuple[int, int]]
    codes: dict[str, Pure] = field(factory=dict)

    def is_interned(self, type_: Type) -> bool:
        """Are elements of this type an enumeration of the values that occur?"""
        match type_:
            case RecordT() | TupleT() | SetT() | ListT() | MapT() | UnitT() | OptT():
                return not has_identity(self.tables, type_)
            case _:
                return False

    def code(self, type_: Type, value: Pure) -> str:
        """The case that stands for a value as an element."""
        text = shown(value)
        self.codes[text] = value
        return text

    def element_floor(self, type_: Type) -> Sort:
        """`floor` of an element of a set or a key of a map."""
        if self.is_interned(type_):
            return Enum(f"{INTERNED}{type_name(type_)}", ())
        return self.floor(type_)

    def element(self, type_: Type, value: Pure) -> Sort:
        """`occurring` of an element of a set or a key of a map."""
        floor = self.element_floor(type_)
        if isinstance(floor, Enum) and floor.name.startswith(INTERNED):
            return Enum(floor.name, (self.code(type_, value),))
        return self.occurring(type_, value)

    def id(self, kind: str) -> Id:
        """The identities of a kind."""
        return Id(kind, self.pools.get(kind, 0))

    def unit(self, type_: Type) -> Fraction:
        """The measure of a type's values: 1 for plain integers."""
        return self.units.get(type_.unit, Fraction(1)) if isinstance(type_, UnitT) else Fraction(1)

    def floor(self, type_: Type) -> Sort:
        """The part of a sort that the type declares."""
        match type_:
            case BoolT():
                return Bool()
            case IntT(bounds):
                return NO_INT if bounds is None else Int(*self.bounds(bounds))
            case UnitT():
                return NO_INT
            case NameT() | KeyT():
                return NO_NAME
            case EnumT(name, cases):
                return Enum(name, cases)
            case KindT(name):
                return self.id(name)
            case ObjectT():
                return Record(OBJECT, ())
            case OptT(of):
                return Opt(self.floor(of))
            case RecordT(name):
                declared = self.tables.records[name].fields
                return Record(name, tuple((f.name, self.floor(f.type)) for f in declared))
            case TupleT(types):
                return Record("tuple", tuple((str(i), self.floor(t)) for i, t in enumerate(types)))
            case SetT(of):
                return Set(self.element_floor(of))
            case ListT(of, most):
                return Seq(self.floor(of), most or 0)
            case MapT(key, value, total):
                inner = self.floor(value)
                return Map(self.element_floor(key), inner if total else _optional(value, inner))
            case TimerT():
                return Opt(NO_INT) if self.timed else UNTIMED
            case RationalT() | JsonT() | NothingT() | TemporalT():
                raise CannotStore(f"values of this type cannot be kept in a state: {type_}")
            case _:
                assert_never(type_)

    def of_value(self, type_: Type, value: Pure) -> Sort:
        """The least sort that has this value, and what the type declares."""
        return self.widened(type_, self.floor(type_), self.occurring(type_, value))

    def widened(self, type_: Type, place: Sort, seen: Sort) -> Sort:
        """`place` with what occurs in `seen` added; declared ranges stay what they are."""
        match type_, place, seen:
            case IntT(bounds), _, _ if bounds is not None:
                return place
            case OptT(of), Opt(a), Opt(b):
                return Opt(self.widened(of, a, b))
            case SetT(of), Set(a), Set(b):
                return Set(meet(a, b) if self.is_interned(of) else self.widened(of, a, b))
            case ListT(of, most), Seq(a, n), Seq(b, m):
                return Seq(self.widened(of, a, b), max(n, m) if most is None else most)
            case MapT(key, value, total), Map(k, a), Map(m, b):
                of = value if total or isinstance(value, OptT) else OptT(value)
                keys = meet(k, m) if self.is_interned(key) else self.widened(key, k, m)
                return Map(keys, self.widened(of, a, b))
            case RecordT(name), Record(_, xs), Record(_, ys):
                types = [f.type for f in self.tables.records[name].fields]
                return Record(name, self._parts(types, xs, ys))
            case TupleT(types), Record(called, xs), Record(_, ys):
                return Record(called, self._parts(types, xs, ys))
            case TimerT(), Opt(a), Opt(b):
                ticks = meet(a, b)
                assert isinstance(ticks, Int)
                return Opt(Int(0, ticks.hi) if ticks != NO_INT else NO_INT)
            case _:
                return meet(place, seen)

    def _parts(
        self,
        types: list[Type] | tuple[Type, ...],
        xs: tuple[tuple[str, Sort], ...],
        ys: tuple[tuple[str, Sort], ...],
    ) -> tuple[tuple[str, Sort], ...]:
        return tuple(
            (name, self.widened(t, x, y))
            for t, (name, x), (_, y) in zip(types, xs, ys, strict=True)
        )

    def occurring(self, type_: Type, value: Pure) -> Sort:
        """The least sort that has this value, whatever the type declares."""
        match type_, value:
            case ((IntT() | UnitT()), (int() | Fraction())):
                number = self.measured(type_, value)
                return Int(number, number)
            case ((NameT() | KeyT()), str()):
                return Enum(NAME, (value,))
            case ObjectT(), Obj(kind):
                return Record(OBJECT, ((kind, Opt(self.id(kind))),))
            case OptT(of), _:
                return Opt(self.floor(of) if value is None else self.occurring(of, value))
            case TimerT(), _:
                if not self.timed or value is None:
                    return self.floor(type_)
                return Opt(self.occurring(UnitT("duration"), value))
            case RecordT(name), Rec(_, values):
                fields = self.tables.records[name].fields
                pairs = zip(fields, values, strict=True)
                return Record(name, tuple((f.name, self.occurring(f.type, v)) for f, v in pairs))
            case TupleT(types), tuple():
                parts = [self.occurring(t, v) for t, v in zip(types, value, strict=True)]
                return Record("tuple", tuple((str(i), part) for i, part in enumerate(parts)))
            case SetT(of), frozenset():
                return Set(self._elements(of, tuple(value)))
            case ListT(of, _), tuple():
                return Seq(self._all(of, value), len(value))
            case MapT(key, of, total), FrozenMap():
                inner = self._all(of, map_values(value))
                whole = inner if total else _optional(of, inner)
                return Map(self._elements(key, tuple(value)), whole)
            case _:
                return self.floor(type_)

    def _elements(self, type_: Type, values: tuple[Pure, ...]) -> Sort:
        sort = self.element_floor(type_)
        for value in values:
            sort = meet(sort, self.element(type_, value))
        return sort

    def _all(self, type_: Type, values: tuple[Pure, ...]) -> Sort:
        sort = self.floor(type_)
        for value in values:
            sort = meet(sort, self.occurring(type_, value))
        return sort

    def measured(self, type_: Type, value: int | Fraction) -> int:
        """A number in multiples of its type's measure."""
        exact = Fraction(value) / self.unit(type_)
        if exact.denominator != 1:
            if isinstance(type_, UnitT):
                raise FinerMeasure(type_.unit, Fraction(value))
            raise CannotStore(f"{value} is no whole number")
        return int(exact)


def has_identity(tables: Tables, type_: Type) -> bool:
    """Can a value of the type hold an identity?"""
    match type_:
        case KindT() | ObjectT():
            return True
        case OptT(of) | SetT(of) | ListT(of):
            return has_identity(tables, of)
        case MapT(key, of):
            return has_identity(tables, key) or has_identity(tables, of)
        case TupleT(parts):
            return any(has_identity(tables, p) for p in parts)
        case RecordT(name):
            return any(has_identity(tables, f.type) for f in tables.records[name].fields)
        case _:
            return False


def type_name(type_: Type) -> str:
    """A short name of a type whose values are interned."""
    match type_:
        case RecordT(name) | EnumT(name):
            return name
        case UnitT(unit):
            return unit
        case OptT(of):
            return f"{type_name(of)}?"
        case SetT(of):
            return f"set of {type_name(of)}"
        case ListT(of):
            return f"list of {type_name(of)}"
        case MapT(key, of):
            return f"map from {type_name(key)} to {type_name(of)}"
        case TupleT(parts):
            return f"({', '.join(map(type_name, parts))})"
        case _:
            return type(type_).__name__.removesuffix("T").lower()


def shown(value: Pure) -> str:
    """A value as text; different values of one type have different texts."""
    match value:
        case None:
            return "none"
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{value}"'
        case Rec(_, parts) | tuple(parts):
            return f"({', '.join(map(shown, parts))})"
        case frozenset():
            return f"{{{', '.join(sorted(map(shown, value)))}}}"
        case FrozenMap():
            rows = sorted(f"{shown(k)}: {shown(v)}" for k, v in value.items())
            rest = "" if isinstance(value.default, Missing) else f" else {shown(value.default)}"
            return f"{{{', '.join(rows)}{rest}}}"
        case _:
            return str(value)


def map_values(entries: FrozenMap) -> tuple[Pure, ...]:
    """The values of a map, a total one's default included."""
    default = () if isinstance(entries.default, Missing) else (entries.default,)
    return (*entries.values(), *default)


def _optional(type_: Type, sort: Sort) -> Sort:
    return sort if isinstance(type_, OptT) else Opt(sort)


def meet(a: Sort, b: Sort) -> Sort:
    """The least sort with the values of both; names and kinds of objects are put together."""
    match a, b:
        case Int(), Int():
            if NO_INT in (a, b):
                return b if a == NO_INT else a
            return Int(min(a.lo, b.lo), max(a.hi, b.hi))
        case Enum("name", xs), Enum("name", ys):
            return a if xs == ys else Enum(NAME, tuple(sorted({*xs, *ys})))
        case Enum(name, xs), Enum(other, ys) if name == other and name.startswith(INTERNED):
            return a if xs == ys else Enum(name, tuple(sorted({*xs, *ys})))
        case Record("object", xs), Record("object", ys):
            return Record(OBJECT, tuple(sorted({**dict(xs), **dict(ys)}.items())))
        case Record(name, xs), Record(_, ys) if len(xs) == len(ys):
            parts = zip(xs, ys, strict=True)
            return Record(name, tuple((n, meet(x, y)) for (n, x), (_, y) in parts))
        case Opt(x), Opt(y):
            return Opt(meet(x, y))
        case Set(x), Set(y):
            return Set(meet(x, y))
        case Seq(x, n), Seq(y, m):
            return Seq(meet(x, y), max(n, m))
        case Map(k, x), Map(m, y):
            return Map(meet(k, m), meet(x, y))
        case _:
            if a != b:
                raise CannotStore(f"{a} and {b} have nothing in common")
            return a


def settled(sort: Sort) -> Sort:
    """The sort with "nothing yet" replaced by one value, so that every part has one."""
    match sort:
        case Int():
            return Int(0, 0) if sort == NO_INT else sort
        case Enum("name", ()):
            return Enum(NAME, ("",))
        case Opt(of):
            return Opt(settled(of))
        case Set(of):
            return Set(settled(of))
        case Seq(of, cap):
            return Seq(settled(of), cap)
        case Map(key, value):
            return Map(settled(key), settled(value))
        case Record(name, fields):
            return Record(name, tuple((n, settled(s)) for n, s in fields))
        case _:
            return sort


def least(sort: Sort) -> Value:
    """The first value of a sort: what stands where nothing is."""
    match sort:
        case Bool():
            return False
        case Int(lo, _):
            return lo
        case Enum(_, cases):
            return cases[0]
        case Id():
            return 0
        case Opt():
            return None
        case Record(_, fields):
            return tuple(least(s) for _, s in fields)
        case Set():
            return frozenset()
        case Map(key, value):
            return (least(value),) * cardinality(key)
        case Seq():
            return ()
        case _:
            assert_never(sort)


def common_measure(values: list[Fraction]) -> Fraction:
    """The greatest measure that all of these are multiples of; 0 if all are 0."""
    result = Fraction(0)
    for value in values:
        result = measure_of_both(result, value)
    return result


def measure_of_both(a: Fraction, b: Fraction) -> Fraction:
    """The greatest common measure of two amounts."""
    top = gcd(a.numerator * b.denominator, b.numerator * a.denominator)
    return Fraction(top, a.denominator * b.denominator)
