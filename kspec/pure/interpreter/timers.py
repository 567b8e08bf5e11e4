"""Timers inside values: finding them, and what of them is kept. Next: `clock`."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from functools import reduce

from kspec.analysis.typed import TLit
from kspec.analysis.types import (
    KeyT,
    KindT,
    MapT,
    NameT,
    ObjectT,
    OptT,
    RecordT,
    TimerT,
    Type,
    UnitT,
)
from kspec.base.node import nodes
from kspec.pure.evaluation.finite import values
from kspec.pure.interpreter.facts import Facts
from kspec.pure.values.value import FrozenMap, Missing, Rec, Value


def timers_in(facts: Facts, kind: Type, value: Value) -> Iterator[tuple[tuple[Value, ...], Value]]:
    """Every timer inside a value of a type: its path of keys and field names, and what is left."""
    match kind, value:
        case TimerT(), _:
            yield (), value
        case OptT(of), _ if value is not None:
            yield from timers_in(facts, of, value)
        case MapT(_, of, _), FrozenMap():
            for key, part in value.items():
                within = timers_in(facts, of, part)
                yield from (((key, *path), left) for path, left in within)
        case RecordT(name), Rec(_, parts):
            fields = facts.tables.records[name].fields
            for field, part in zip(fields, parts, strict=True):
                within = timers_in(facts, field.type, part)
                yield from (((field.name, *path), left) for path, left in within)
        case _:
            return


def as_kept(facts: Facts, kind: Type, value: Value) -> Value:
    """A value as it is stored: one form for what is equal.

    A total map has an entry for every key, if these are known for all states. Untimed, all running
    timers are one: due at any time.
    """
    match kind, value:
        case TimerT(), Fraction() if not facts.scope.timed:
            return Fraction(1 if value > 0 else 0)
        case OptT(of), _ if value is not None:
            return as_kept(facts, of, value)
        case MapT(key, of, total), FrozenMap():
            if total and not isinstance(key, NameT | KeyT | KindT | ObjectT):
                keys = tuple(values(key, facts.nowhere))
                return FrozenMap({k: as_kept(facts, of, value[k]) for k in keys})
            kept = {k: as_kept(facts, of, part) for k, part in value.items()}
            default = value.default
            if not isinstance(default, Missing):
                default = as_kept(facts, of, default)
            return FrozenMap(kept, default)
        case RecordT(name), Rec(_, parts):
            fields = facts.tables.records[name].fields
            pairs = zip(fields, parts, strict=True)
            return Rec(name, tuple(as_kept(facts, field.type, part) for field, part in pairs))
        case _:
            return value


def unit_of_time(facts: Facts) -> Fraction:
    """The greatest duration that divides all durations of the scope."""
    written = (*nodes(facts.program.components, TLit), *nodes(facts.program.faults, TLit))
    amounts: list[tuple[Type, object]] = [(literal.type, literal.value) for literal in written]
    amounts += [(facts.tables.params[name].type, value) for name, value in facts.scope.params]
    for obj in facts.scope.objects:
        types = facts.tables.fields[obj.kind]
        amounts += [(types[name].type, value) for name, value in obj.fields]
    durations = [
        abs(value)
        for kind, value in amounts
        if kind in (UnitT("duration"), TimerT()) and isinstance(value, Fraction) and value
    ]
    return reduce(_common, durations) if durations else Fraction(1)


def _common(a: Fraction, b: Fraction) -> Fraction:
    whole = math.lcm(a.denominator, b.denominator)
    return Fraction(math.gcd(int(a * whole), int(b * whole)), whole)
