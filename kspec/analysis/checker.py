"""The checker's state: tables, diagnostics, and signatures found so far.

One `Checker` lives for one call of `check`. Signatures are found on demand, so declarations may
stand in any order; a function that needs its own result type is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar, final

from attrs import field

from kspec.analysis import report
from kspec.analysis.env import Env
from kspec.analysis.tables import Tables
from kspec.analysis.typed import TExpr, TFieldDecl, TFn, TLit
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
    ObjectT,
    OptT,
    RationalT,
    RecordT,
    SetT,
    TimerT,
    TupleT,
    Type,
    UnitT,
)
from kspec.analysis.words import show_type
from kspec.base import codes
from kspec.base.diagnostic import Diagnostic
from kspec.base.record import define
from kspec.base.source import Span
from kspec.syntax import ast

BUILTIN: dict[str, Type] = {
    "bool": BoolT(),
    "int": IntT(),
    "rational": RationalT(),
    "cpu": UnitT("cpu"),
    "memory": UnitT("memory"),
    "duration": UnitT("duration"),
    "percent": UnitT("percent"),
    "quantity": UnitT("quantity"),
    "timer": TimerT(),
    "object": ObjectT(),
    "json": JsonT(),
}


class Wrong(Exception):
    """A mistake in what is being checked; carries the diagnostic, caught at declarations."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


@final
@define
class Checker:
    """Everything known while one program is checked."""

    tables: Tables
    diagnostics: list[Diagnostic] = field(factory=list)
    fields: dict[str, dict[str, TFieldDecl]] = field(factory=dict)
    functions: dict[str, TFn] = field(factory=dict)
    states: dict[str, Type] = field(factory=dict)  # memory, local, ghosts: full name -> type
    params: dict[str, Type] = field(factory=dict)
    universes: dict[str, Type] = field(factory=dict)
    cases: dict[str, list[str]] = field(factory=dict)  # enum case -> enums that have it
    extras: dict[str, list[tuple[str, Type]]] = field(factory=dict)
    """Per action: names its steps carry besides its parameters."""
    busy: list[str] = field(factory=list)
    fresh: int = 0
    demand: Callable[[str], None] = lambda name: None
    """Finds the signature of a function, by full name; set by `check`."""

    def fail(self, diagnostic: Diagnostic) -> Wrong:
        """To be raised: what is being checked cannot go on."""
        return Wrong(diagnostic)

    def note(self, diagnostic: Diagnostic) -> None:
        """A mistake that need not stop what is being checked."""
        self.diagnostics.append(diagnostic)

    def unique(self, stem: str) -> str:
        """A name that nobody else has; `~` cannot be written in a program."""
        self.fresh += 1
        return f"{stem}~{self.fresh}"

    def function(self, name: str, span: Span) -> TFn:
        """A function's signature and body, checked on demand."""
        if name not in self.functions:
            if name in self.busy:
                raise self.fail(
                    report.simple(
                        codes.RECURSIVE_FUNCTION,
                        f"`{name}` needs itself: functions may not be recursive",
                        span,
                        "comes back to itself",
                        "`sum`, `product`, `all` and the like go through a set or a range, `fold`"
                        " along a list",
                    )
                )
            self.demand(name)
        found = self.functions.get(name)
        if found is None:
            raise Unreported
        return found

    def always_named(self, kind: str, span: Span) -> None:
        """A reference by name needs a key that every object of the kind has."""
        decl = self.tables.kinds[kind]
        key = {part.text for part in decl.key}
        for member in decl.members:
            if not isinstance(member, ast.FieldDecl) or member.name.text not in key:
                continue
            if isinstance(member.type, ast.OptionType):
                raise self.fail(
                    report.simple(
                        codes.TYPE_MISMATCH,
                        f"a `{kind}` need not have a name, so none is referred to by name",
                        span,
                        "by what name?",
                        f"keep the object, `{kind}?`, or look it up where it is needed",
                    )
                )

    # ---- types ---------------------------------------------------------------------------------

    def type_of(self, node: ast.TypeNode, stored: bool) -> Type:
        """The type a node means. `stored`: where values are kept, references may die.

        Inside collections they always may: a binder over one binds the live among them.
        """
        match node:
            case ast.NamedType(name, span):
                return self._named(name, span, stored)
            case ast.NameType():
                return NameT()
            case ast.KeyType(kind, _):
                if kind.text not in self.tables.kinds:
                    raise self.fail(
                        report.unknown_name(kind.text, kind.span, self.tables.kinds, "kind")
                    )
                self.always_named(kind.text, kind.span)
                return KeyT(kind.text)
            case ast.OptionType(of, span):
                inner = self.type_of(of, stored)
                if isinstance(inner, OptT):
                    raise self.fail(
                        report.simple(
                            codes.TYPE_MISMATCH,
                            f"{show_type(inner)} cannot be made optional once more",
                            span,
                            "one `?` is enough",
                        )
                    )
                return OptT(inner)
            case ast.SetType(of, _):
                return SetT(self.type_of(of, True))
            case ast.ListType(of, most, _):
                return ListT(self.type_of(of, True), self._most(most))
            case ast.MapType(key, value, _):
                return MapT(self.type_of(key, True), self.type_of(value, True), False)
            case ast.TupleType(parts, _):
                return TupleT(tuple(self.type_of(p, stored) for p in parts))
            case ast.EnumType(cases, _):
                return EnumT(
                    "enum {" + ", ".join(c.text for c in cases) + "}",
                    tuple(c.text for c in cases),
                )
            case ast.RangeType(lo, hi, _):
                return IntT(Bounds(self.bound(lo), self.bound(hi)))

    def bound(self, node: ast.Expr) -> TExpr:
        """A range's bound: numbers, parameters, `+`, `-`."""
        from kspec.analysis.expressions.expr import check

        return check(self, node, IntT(), Env())

    def _most(self, most: ast.Expr | None) -> int | None:
        if most is None:
            return None
        bound = self.bound(most)
        if isinstance(bound, TLit) and isinstance(bound.value, int):
            return bound.value
        raise self.fail(
            report.simple(
                codes.TYPE_MISMATCH,
                "`at most` of a list takes a number that is written out",
                bound.span,
                "not a literal number",
            )
        )

    def _named(self, name: str, span: Span, stored: bool) -> Type:
        tables = self.tables
        if name in tables.enums:
            return EnumT(name, tuple(c.text for c in tables.enums[name].cases))
        if name in tables.aliases:
            if f"type {name}" in self.busy:
                raise self.fail(
                    report.simple(
                        codes.RECURSIVE_FUNCTION,
                        f"the type `{name}` stands for itself",
                        span,
                        "comes back to itself",
                    )
                )
            self.busy.append(f"type {name}")
            try:
                return self.type_of(tables.aliases[name].type, stored)
            finally:
                self.busy.pop()
        if name in tables.records:
            return RecordT(name)
        if name in tables.kinds:
            return KindT(name, not stored)
        if name in BUILTIN:
            return BUILTIN[name]
        raise self.fail(
            report.unknown_name(name, span, {*tables.types(), *BUILTIN, "name"}, "type")
        )

    # ---- fields --------------------------------------------------------------------------------

    def fields_of(self, owner: str) -> dict[str, TFieldDecl]:
        """The fields of a kind or record, in order."""
        if owner not in self.fields:
            self.demand(f"fields {owner}")
        return self.fields.get(owner, {})

    def field_of(self, owner: str, name: str, span: Span, of: Span | None = None) -> TFieldDecl:
        """One field, or a located mistake; `of` is what it is asked of."""
        found = self.fields_of(owner)
        if name not in found:
            raise self.fail(report.unknown_field(name, owner, span, found, of))
        return found[name]


class Unreported(Exception):
    """Something depends on a declaration that has already been reported as wrong."""


_T = TypeVar("_T")
_D = TypeVar("_D")


def each(c: Checker, decls: Iterable[_D], make: Callable[[_D], _T]) -> list[_T]:
    """One result for each that is right; what is wrong with the others is noted."""
    made: list[_T] = []
    for decl in decls:
        try:
            made.append(make(decl))
        except Wrong as wrong:
            c.note(wrong.diagnostic)
        except Unreported:
            continue
    return made
