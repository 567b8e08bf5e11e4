"""A symbolic value by the shape of its type: a truth value, an identity, an option, parts.

Each takes whatever the value is made of, known or not. Next: `equality`, `choice`.
"""

from __future__ import annotations

from kspec.analysis.types import (
    EnumT,
    KindT,
    NameT,
    Type,
)
from kspec.ir.expr import (
    FALSE,
    TRUE,
    Expr,
    Lit,
    sort_of,
)
from kspec.ir.sorts import (
    Bool,
    Enum,
    Map,
)
from kspec.lower.values.codec import encode, occurring
from kspec.lower.values.shapes import (
    Shapes,
)
from kspec.lower.values.smart import (
    get,
)
from kspec.lower.values.stored import part_types
from kspec.lower.values.symbolic import (
    Alternative,
    Case,
    Flag,
    Ident,
    Known,
    Maybe,
    Parts,
    SomeIdent,
    Sym,
    Tabled,
    Whole,
)
from kspec.lower.values.tables import tabled
from kspec.pure.values.value import Obj, Rec
from kspec.pure.values.value import Value as Pure


def as_flag(shapes: Shapes, sym: Sym) -> Expr:
    """A truth value."""
    match sym:
        case Known(value):
            return TRUE if value else FALSE
        case Flag(expr):
            return expr
        case Tabled(index, cases, native):
            if native is not None:
                return native
            return get(Lit(Map(sort_of(index), Bool()), tuple(bool(c) for c in cases)), index)
        case _:
            raise TypeError(f"no truth value: {sym}")


def as_case(shapes: Shapes, type_: EnumT, sym: Sym) -> Expr:
    """A case of an enumeration."""
    return (
        sym.expr
        if isinstance(sym, Case)
        else encode(shapes, type_, sym, Enum(type_.name, type_.cases))
    )


def as_ident(shapes: Shapes, kind: str, sym: Sym) -> Expr:
    """An identity of this kind."""
    match sym:
        case Ident(_, expr):
            return expr
        case SomeIdent(alternatives):
            mine = [a.expr for a in alternatives if a.kind == kind]
            return mine[0] if mine else Lit(shapes.id(kind), 0)
        case Known(None):
            return Lit(shapes.id(kind), 0)
        case _:
            return encode(shapes, KindT(kind), sym, shapes.id(kind))


def as_alternatives(shapes: Shapes, sym: Sym) -> tuple[Alternative, ...]:
    """An identity of some kind, by kinds."""
    match sym:
        case SomeIdent(alternatives):
            return alternatives
        case Ident(kind, expr):
            return (Alternative(kind, TRUE, expr),)
        case Known(Obj(kind, index)):
            return (Alternative(kind, TRUE, Lit(shapes.id(kind), index)),)
        case Tabled(index, cases):
            kinds = sorted({c.kind for c in cases if isinstance(c, Obj)})
            return tuple(_tabled_alternative(shapes, index, cases, kind) for kind in kinds)
        case _:
            raise TypeError(f"no identity: {sym}")


def _tabled_alternative(
    shapes: Shapes, index: Expr, cases: tuple[Pure, ...], kind: str
) -> Alternative:
    sort, id_ = sort_of(index), shapes.id(kind)
    mine = [c if isinstance(c, Obj) and c.kind == kind else None for c in cases]
    is_mine = get(Lit(Map(sort, Bool()), tuple(c is not None for c in mine)), index)
    which = get(Lit(Map(sort, id_), tuple(c.index if c else 0 for c in mine)), index)
    return Alternative(kind, is_mine, which)


def as_maybe(shapes: Shapes, sym: Sym) -> Maybe:
    """An option."""
    match sym:
        case Maybe():
            return sym
        case Known(None):
            return Maybe(FALSE, sym)
        case Tabled(index, cases) if None in cases:
            given = [c for c in cases if c is not None]
            if not given:
                return Maybe(FALSE, Known(None))
            flags = tuple(c is not None for c in cases)
            filled = tuple(given[0] if c is None else c for c in cases)
            content = Known(given[0]) if len(set(filled)) == 1 else Tabled(index, filled)
            return Maybe(get(Lit(Map(sort_of(index), Bool()), flags), index), content)
        case _:
            return Maybe(TRUE, sym)


def as_parts(shapes: Shapes, type_: Type, sym: Sym) -> tuple[Sym, ...]:
    """The parts of a record or tuple."""
    match sym:
        case Parts(_, parts):
            return parts
        case Known(Rec(_, parts)):
            return tuple(Known(p) for p in parts)
        case Known(tuple() as items):
            return tuple(Known(item) for item in items)
        case Tabled(index, cases):
            rows = [c.values if isinstance(c, Rec) else c for c in cases]
            columns = zip(*(r for r in rows if isinstance(r, tuple)), strict=True)
            return tuple(tabled(index, tuple(column)) for column in columns)
        case Known(None):
            return tuple(Known(None) for _ in part_types(shapes, type_))
        case _:
            raise TypeError(f"no parts: {sym}")


def as_whole(shapes: Shapes, type_: Type, sym: Sym) -> Expr:
    """A set, map or list as the IR has it."""
    if isinstance(sym, Whole):
        return sym.expr
    return encode(shapes, type_, sym, occurring(shapes, type_, sym))


def as_name(shapes: Shapes, sym: Sym) -> Expr:
    """A name, in the enumeration of the names it can be."""
    sort = occurring(shapes, NameT(), sym)
    return encode(shapes, NameT(), sym, sort)
