"""The words in which lemmas are sought: simple truths about one state, as expressions of the IR.

Every scalar place of a state (a field of an object, what an option holds, a member of a set, an
item of a sequence) is one `Place`; an atom says that it has a value, or at most a value, or so
beside another place. What stands where nothing is says nothing: an atom about it is false. No
solver is known here. Next: `beside` for which places are compared; `space`, which asks about atoms;
`pdr`, which makes clauses of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, assert_never, final

from kspec.base.record import frozen
from kspec.engines.smt.model import Model
from kspec.engines.smt.terms import Number, Terms, Truth
from kspec.engines.smt.values import Sym, number, option, parts, row, truth
from kspec.ir.build import conj, lit
from kspec.ir.expr import (
    At,
    Contains,
    Eq,
    Expr,
    Get,
    GetField,
    IsSome,
    Le,
    Len,
    Lit,
    Lt,
    OrElse,
    Ref,
    Some,
)
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
    cardinality,
    values,
)


@final
@frozen(eq=False)
class Place:
    """A scalar part of a state: what it is in the state and after a step. `given` are the
    conditions under which there is anything, as expressions, and as truths now and then."""

    variable: int
    sort: Sort
    expr: Expr
    given: tuple[Expr, ...]
    now: Sym
    then: Sym
    is_now: Truth
    is_then: Truth


@final
@frozen(cache_hash=True)
class Atom:
    """`place` (by number) is `value`, or with `at_most` is no greater; a truth is true. With
    `beside`, another place by number, that place's value is meant."""

    place: int
    at_most: bool
    value: int
    beside: int | None = None


MOST_PLACES: Final = 4_000
"""With more places than this a state is not described."""


class TooManyPlaces(Exception):
    """A state has more places than lemmas are sought about."""


def places(of: Model) -> tuple[Place, ...]:
    """Every scalar place of a state, in the order of variables. Raises `TooManyPlaces`."""
    found: list[Place] = []
    rows = zip(of.system.variables, of.state, of.after, strict=True)
    for n, (variable, now, then) in enumerate(rows):
        whole = Place(
            n, variable.sort, Ref(variable.name, variable.sort), (), now, then, True, True
        )
        for place in _scalars(of.terms, whole):
            found.append(place)
            if len(found) > MOST_PLACES:
                raise TooManyPlaces(f"a state has more than {MOST_PLACES} places")
    return tuple(found)


def _scalars(terms: Terms, whole: Place) -> Iterator[Place]:
    sort, expr = whole.sort, whole.expr
    match sort:
        case Bool() | Int() | Enum() | Id():
            if cardinality(sort) > 1:
                yield whole
        case Opt(of):
            yield from _of_option(terms, whole, of)
        case Record(_, fields):
            for (name, of), now, then in zip(
                fields, parts(whole.now), parts(whole.then), strict=True
            ):
                yield from _scalars(terms, _part(whole, of, GetField(expr, name), now, then))
        case Set(of):
            members = zip(values(of), parts(whole.now), parts(whole.then), strict=True)
            for value, now, then in members:
                yield _part(whole, Bool(), Contains(expr, Lit(of, value)), now, then)
        case Map(key, of):
            members = zip(values(key), parts(whole.now), parts(whole.then), strict=True)
            for value, now, then in members:
                yield from _scalars(terms, _part(whole, of, Get(expr, Lit(key, value)), now, then))
        case Seq():
            yield from _of_sequence(terms, whole, sort)
        case _:
            assert_never(sort)


def _part(whole: Place, sort: Sort, expr: Expr, now: Sym, then: Sym) -> Place:
    return Place(whole.variable, sort, expr, whole.given, now, then, whole.is_now, whole.is_then)


def _of_option(terms: Terms, whole: Place, of: Sort) -> Iterator[Place]:
    if cardinality(of) == 0:
        return
    (is_now, now), (is_then, then) = option(whole.now), option(whole.then)
    there = IsSome(whole.expr)
    yield _part(whole, Bool(), there, is_now, is_then)
    yield from _scalars(
        terms,
        Place(
            variable=whole.variable,
            sort=of,
            expr=OrElse(whole.expr, Lit(of, next(values(of)))),
            given=(*whole.given, there),
            now=now,
            then=then,
            is_now=terms.and_((whole.is_now, is_now)),
            is_then=terms.and_((whole.is_then, is_then)),
        ),
    )


def _of_sequence(terms: Terms, whole: Place, sort: Seq) -> Iterator[Place]:
    (long_now, now), (long_then, then) = row(whole.now), row(whole.then)
    if sort.cap == 0 or cardinality(sort.of) == 0:
        return
    yield _part(whole, Int(0, sort.cap), Len(whole.expr), long_now, long_then)
    default = Lit(sort.of, next(values(sort.of)))
    for n in range(sort.cap):
        is_now, is_then = terms.less(n, long_now), terms.less(n, long_then)
        item = Place(
            variable=whole.variable,
            sort=sort.of,
            expr=At(whole.expr, lit(n), default),
            given=(*whole.given, Lt(lit(n), Len(whole.expr))),
            now=now[n],
            then=then[n],
            is_now=terms.and_((whole.is_now, is_now)),
            is_then=terms.and_((whole.is_then, is_then)),
        )
        yield from _scalars(terms, item)


# ---- atoms -------------------------------------------------------------------------------------


def said(terms: Terms, places: tuple[Place, ...], atom: Atom, after: bool) -> Truth:
    """An atom as a truth about the state, or the one after a step."""
    place = places[atom.place]
    sym, given = _read(place, after)
    if atom.beside is None:
        return terms.and_((given, _compared(terms, place.sort, sym, atom)))
    other, there = _read(places[atom.beside], after)
    known, than = number(sym), number(other)
    holds = terms.at_most(known, than) if atom.at_most else terms.equal(known, than)
    return terms.and_((given, there, holds))


def _read(place: Place, after: bool) -> tuple[Sym, Truth]:
    return (place.then, place.is_then) if after else (place.now, place.is_now)


def _compared(terms: Terms, sort: Sort, sym: Sym, atom: Atom) -> Truth:
    if isinstance(sort, Bool):
        return truth(sym)
    known: Number = number(sym)
    return terms.at_most(known, atom.value) if atom.at_most else terms.equal(known, atom.value)


def meant(places: tuple[Place, ...], atom: Atom) -> Expr:
    """An atom as an expression of the IR."""
    place = places[atom.place]
    if atom.beside is not None:
        other = places[atom.beside]
        form = Le if atom.at_most else Eq
        given = dict.fromkeys((*place.given, *other.given))
        return conj((*given, form(place.expr, other.expr)))
    if isinstance(place.sort, Bool):
        return conj((*place.given, place.expr))
    if atom.at_most:
        return conj((*place.given, Le(place.expr, lit(atom.value))))
    value = _value(place.sort, atom.value)
    match place.given, place.expr:
        case (*outer, IsSome(option)), OrElse(whole) if whole == option:
            return conj((*outer, Eq(option, Some(value))))
        case _:
            return conj((*place.given, Eq(place.expr, value)))


def _value(sort: Sort, value: int) -> Lit:
    match sort:
        case Int():
            return lit(value)
        case Id():
            return Lit(sort, value)
        case Enum(_, cases):
            return Lit(sort, cases[value])
        case _:
            raise AssertionError(sort)


def described(place: Place, at: int, value: int) -> Iterator[tuple[Atom, bool]]:
    """What is to be said of a place so that nothing but its value is left: atoms, and whether they
    are so. `at` is the place's number."""
    match place.sort:
        case Bool():
            yield Atom(at, False, 1), bool(value)
        case Int(lo, hi):
            if value < hi:
                yield Atom(at, True, value), True
            if value > lo:
                yield Atom(at, True, value - 1), False
        case Enum() | Id():
            yield Atom(at, False, value), True
        case _:
            raise AssertionError(place.sort)


__all__ = ["Atom", "Place", "TooManyPlaces", "described", "meant", "places", "said"]
