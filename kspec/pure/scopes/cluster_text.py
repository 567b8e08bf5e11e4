"""Objects of a start as the text of a cluster: the way back of `start`.

A field that has its default is not written, nor the name that an object is called by. What the
language has no words for in a cluster is `Unwritable`; nothing is left out in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Final, final

from kspec.analysis.typed import TFieldDecl, TKindDecl
from kspec.analysis.types import (
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
from kspec.base.record import frozen
from kspec.base.source import Span
from kspec.pure.scopes import start
from kspec.pure.scopes.roster import Roster
from kspec.pure.scopes.scope import OneOf, Scope, ScopeObject
from kspec.pure.scopes.start import Book, Wrong
from kspec.pure.values.order import in_order
from kspec.pure.values.value import FrozenMap, Obj, Rec, Value
from kspec.pure.values.world import Context, EvaluationError, Tables, World
from kspec.syntax.formatting.expressions import quoted

_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(-[A-Za-z0-9_]+)*")
_TAKEN: Final = frozenset(("any", "at", "false", "from", "none", "of", "off", "true"))
"""Words that mean something else in a cluster."""


class Unwritable(Exception):
    """Something in a field that no text of a cluster says; `span` is where the object stands."""

    def __init__(self, message: str, span: Span) -> None:
        super().__init__(message)
        self.message = message
        self.span = span


def objects(scope: Scope) -> Iterator[tuple[ScopeObject, str]]:
    """Every object of a scope with its text. Raises `Unwritable`."""
    tables = Tables(scope.program)
    context = Context(tables, dict(scope.params), World(), World())
    names = {(o.kind, o.index): _called(o, tables.kinds[o.kind]) for o in scope.objects}
    for obj in scope.objects:
        yield obj, _Writer(tables, Book(Roster(), context), names, obj.span).object(obj)


def _called(obj: ScopeObject, kind: TKindDecl) -> str:
    """What an object is called in a cluster: the name that it bears, if it bears one."""
    for field in kind.fields:
        borne = dict(obj.fields).get(field.name)
        if start.is_name(kind, field) and isinstance(borne, str) and borne:
            return borne
    return obj.name


@final
@frozen(eq=False)
class _Writer:
    """Writes the fields of one object."""

    tables: Tables
    book: Book
    names: Mapping[tuple[str, int], str]
    span: Span

    def object(self, obj: ScopeObject) -> str:
        """`kind name { … }`"""
        kind = self.tables.kinds[obj.kind]
        called = self.names[obj.kind, obj.index]
        entries = []
        for field, (_, value) in zip(kind.fields, obj.fields, strict=True):
            if isinstance(value, OneOf):
                raise Unwritable(f"`{field.name}` is not one value", self.span)
            if start.is_name(kind, field) and value == called:
                continue
            if not self._is_default(field, value):
                entries.append(f"{_word(field.name)}: {self.value(value, field.type, field.name)}")
        return f"{kind.name.lower()} {_word(called)} {{ {', '.join(entries)} }}"

    def _is_default(self, field: TFieldDecl, value: Value) -> bool:
        try:
            return start.default(field, self.span, self.book) == value
        except (Wrong, EvaluationError):
            return False

    def value(self, value: Value, type_: Type, at: str) -> str:
        """A value of a type."""
        of = type_.of if isinstance(type_, OptT) else type_
        match value, of:
            case None, TimerT():
                return "off"
            case None, _:
                return "none"
            case bool(), _:
                return "true" if value else "false"
            case ((int() | Fraction()), _):
                return self._number(Fraction(value), of, at)
            case str(), _:
                return _word(value)
            case Obj(kind, index), _:
                return self._reference(kind, index, of, at)
            case Rec(name, parts), RecordT():
                return self._record(name, parts, at)
            case frozenset(), SetT(inner):
                items = in_order(value, inner, self.tables)
                return self._list([self.value(v, inner, at) for v in items])
            case tuple(), ListT(inner):
                return self._list([self.value(v, inner, at) for v in value])
            case FrozenMap(), MapT(key, inner):
                keys = in_order(value, key, self.tables)
                entries = (f"{self._key(k, at)}: {self.value(value[k], inner, at)}" for k in keys)
                return f"{{ {', '.join(entries)} }}"
            case tuple(), TupleT():
                raise Unwritable(f"`{at}` holds a tuple, which a cluster cannot say", self.span)
            case _:
                raise Unwritable(f"`{at}` holds what a cluster cannot say", self.span)

    def _list(self, items: list[str]) -> str:
        return f"[{', '.join(items)}]"

    def _record(self, name: str, parts: tuple[Value, ...], at: str) -> str:
        fields = self.tables.records[name].fields
        entries = (
            f"{_word(field.name)}: {self.value(value, field.type, f'{at}.{field.name}')}"
            for field, value in zip(fields, parts, strict=True)
            if not self._is_default(field, value)
        )
        return f"{{ {', '.join(entries)} }}"

    def _key(self, key: Value, at: str) -> str:
        match key:
            case str():
                return _word(key)
            case Obj(kind, index):
                return _word(self.names[kind, index])
            case _:
                raise Unwritable(f"a key of `{at}` is no word", self.span)

    def _reference(self, kind: str, index: int, of: Type, at: str) -> str:
        name = self.names.get((kind, index))
        if name is None:
            raise Unwritable(f"`{at}` is an object that is not there", self.span)
        any_kind = isinstance(of, ObjectT)
        alike = [k for k, n in self.names.items() if n == name and (any_kind or k[0] == kind)]
        if len(alike) > 1:
            message = f"`{at}` names `{name}`, and several objects are called so"
            raise Unwritable(message, self.span)
        return _word(name)

    def _number(self, value: Fraction, of: Type, at: str) -> str:
        unit = "duration" if isinstance(of, TimerT) else of.unit if isinstance(of, UnitT) else ""
        text = amount(value, unit)
        if text is None:
            raise Unwritable(f"`{at}` is {value}, which a cluster cannot say", self.span)
        return text


def amount(value: Fraction, unit: str) -> str | None:
    """An exact amount as the language writes it; None if it has no such words."""
    whole = value.denominator == 1
    if value < 0 and (unit or not whole):
        return None
    match unit:
        case "cpu" | "quantity" if not whole:
            return _with(value * 1000, "m")
        case "memory" if whole and value:
            for size, suffix in _BINARY:
                if value % size == 0:
                    return f"{value / size}{suffix}"
            return str(value)
        case "duration":
            return f"{value}s" if whole else _with(value * 1000, "ms")
        case "percent":
            return _with(value * 100, "%")
        case _:
            return _with(value, "")


def _with(value: Fraction, suffix: str) -> str | None:
    """A decimal number with a suffix; None if it has no end."""
    digits = next((n for n in range(_DIGITS) if 10**n % value.denominator == 0), None)
    if digits is None:
        return None
    whole, rest = divmod(int(value * 10**digits), 10**digits)
    return (f"{whole}.{rest:0{digits}d}" if digits else f"{value}") + suffix


_DIGITS: Final = 30
_BINARY: Final = ((2**40, "Ti"), (2**30, "Gi"), (2**20, "Mi"), (2**10, "Ki"))


def _word(text: str) -> str:
    if _WORD.fullmatch(text) and text not in _TAKEN:
        return text
    return quoted(text)
