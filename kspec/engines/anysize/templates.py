"""Formulas that might be invariants: clauses about one object or two, over a system's vocabulary.

They are guesses: who tries them drops what is false in states that are reached, and what does not
imply itself. Names of `templates` are stable, so that the same system has the same guesses.
Next: `prover`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, islice, product
from typing import Final, final

from kspec.base.record import frozen
from kspec.ir.build import conj, disj, implies, neg
from kspec.ir.expr import (
    TRUE,
    And,
    Binder,
    Contains,
    Eq,
    Expr,
    Get,
    IsSome,
    Lit,
    Local,
    OrElse,
    Quant,
    QuantKind,
    Ref,
)
from kspec.ir.passes.sizes import Kinds
from kspec.ir.sorts import Bool, Enum, Id, Map, Opt, Set, Sort
from kspec.ir.system import Role, System, Var

MOST_CASES: Final = 5
MOST: Final = 400
"""More guesses than these are not made."""


@final
@frozen
class _Kind:
    """What is known of a kind: who lives, what can be said of one object, whom it points to."""

    sort: Id
    live: Var | None
    flags: tuple[tuple[Var, Lit | None], ...]  # a variable, and the case that it has
    points: tuple[tuple[Var, Id], ...]
    sets: tuple[tuple[Var, Id], ...]
    keys: tuple[Var, ...]


def candidates(system: System, kinds: Kinds) -> Iterator[Expr]:
    """Guesses, simple ones first; parts of `well_formed` are the first of them."""
    yield from _parts(system.well_formed)
    known = {k.sort.kind: k for k in _vocabulary(system)}
    wanted = [k for name, k in sorted(known.items()) if name in kinds or k.live is not None]
    yield from islice(_guesses(wanted, known), MOST)


def _parts(formula: Expr) -> Iterator[Expr]:
    if isinstance(formula, And):
        for part in formula.args:
            yield from _parts(part)
    elif formula != TRUE:
        yield formula


def _vocabulary(system: System) -> Iterator[_Kind]:
    for pool in system.pools:
        sort = Id(pool.name, pool.size)
        own = [v for v in system.variables if isinstance(v.sort, Map) and v.sort.key == sort]
        live = next((v for v in own if v.role is Role.LIVE and v.owner == pool.name), None)
        said = [v for v in own if v is not live]
        yield _Kind(
            sort,
            live,
            tuple(_flags(said)),
            tuple((v, to) for v in said if (to := _pointed(v)) is not None),
            tuple((v, to) for v in said if (to := _contained(v)) is not None),
            tuple(v for v in said if _is_key(v)),
        )


def _flags(variables: list[Var]) -> Iterator[tuple[Var, Lit | None]]:
    for v in variables:
        assert isinstance(v.sort, Map)
        match v.sort.value:
            case Bool() | Opt():
                yield v, None
            case Enum(_, cases) if len(cases) <= MOST_CASES:
                yield from ((v, Lit(v.sort.value, case)) for case in cases)
            case _:
                pass


def _pointed(v: Var) -> Id | None:
    assert isinstance(v.sort, Map)
    match v.sort.value:
        case Opt(Id() as to) | (Id() as to):
            return to
        case _:
            return None


def _contained(v: Var) -> Id | None:
    assert isinstance(v.sort, Map)
    match v.sort.value:
        case Set(Id() as to):
            return to
        case _:
            return None


def _value(v: Var) -> Sort:
    assert isinstance(v.sort, Map)
    return v.sort.value


def _is_key(v: Var) -> bool:
    assert isinstance(v.sort, Map)
    return isinstance(v.sort.value, Opt | Id | Enum)


# ---- saying it ---------------------------------------------------------------------------------


def _at(v: Var, x: Expr) -> Expr:
    return Get(Ref(v.name, v.sort), x)


def _lives(kind: _Kind, x: Expr) -> Expr:
    return TRUE if kind.live is None else _at(kind.live, x)


def _literals(kind: _Kind, x: Expr) -> list[Expr]:
    found: list[Expr] = []
    for v, case in kind.flags:
        assert isinstance(v.sort, Map)
        here = _at(v, x)
        if case is not None:
            is_one_of_two = isinstance(v.sort.value, Enum) and len(v.sort.value.cases) == 2
            found += [Eq(here, case)] if is_one_of_two else [Eq(here, case), neg(Eq(here, case))]
        else:
            flag = IsSome(here) if isinstance(v.sort.value, Opt) else here
            found += [flag, neg(flag)]
    return found


def _all(names: tuple[tuple[str, Id], ...], body: Expr) -> Expr:
    for name, sort in reversed(names):
        body = Quant(QuantKind.ALL, Binder(name, sort), body)
    return body


def _points_at(v: Var, x: Expr, y: Expr) -> Expr:
    here = _at(v, x)
    assert isinstance(v.sort, Map)
    if isinstance(v.sort.value, Opt):
        assert isinstance(y, Local)
        return conj((IsSome(here), Eq(OrElse(here, Lit(v.sort.value.of, 0)), y)))
    return Eq(here, y)


def _guesses(wanted: list[_Kind], known: dict[str, _Kind]) -> Iterator[Expr]:
    for kind in wanted:
        x = Local("x", kind.sort)
        for guess in _literals(kind, x):
            yield _all((("x", kind.sort),), implies(_lives(kind, x), guess))
        yield from _of_pointers(kind, known, ())
        yield from _unique(kind)
    for kind in wanted:
        x = Local("x", kind.sort)
        for a, b in combinations(_literals(kind, x), 2):
            if a != neg(b):
                yield _all((("x", kind.sort),), implies(_lives(kind, x), disj((a, b))))
    for kind in wanted:
        yield from _of_pointers(kind, known, (1,))


def _of_pointers(kind: _Kind, known: dict[str, _Kind], more: tuple[int, ...]) -> Iterator[Expr]:
    """Of an object and one that it points to, or has among others."""
    x = Local("x", kind.sort)
    for v, to in (*kind.points, *kind.sets):
        other = known.get(to.kind)
        if other is None or other.sort.size == 0:
            continue
        y = Local("y", to)
        meets = Contains(_at(v, x), y) if (v, to) in kind.sets else _points_at(v, x, y)
        both = conj((_lives(kind, x), meets))
        names = (("x", kind.sort), ("y", to))
        if not more:
            if other.live is not None:
                yield _all(names, implies(both, _lives(other, y)))
            for literal in _literals(other, y):
                yield _all(names, implies(conj((both, _lives(other, y))), literal))
            for own, its in product(kind.keys, other.keys):
                if own is not v and _value(own) == _value(its):
                    agree = Eq(_at(own, x), _at(its, y))
                    yield _all(names, implies(conj((both, _lives(other, y))), agree))
        else:
            for a in _literals(kind, x):
                for b in _literals(other, y):
                    yield _all(names, implies(conj((both, _lives(other, y))), disj((a, b))))


def _unique(kind: _Kind) -> Iterator[Expr]:
    """No two objects have the same."""
    x, y = Local("x", kind.sort), Local("y", kind.sort)
    both = conj((_lives(kind, x), _lives(kind, y), neg(Eq(x, y))))
    names = (("x", kind.sort), ("y", kind.sort))
    for v in kind.keys:
        here, there = _at(v, x), _at(v, y)
        assert isinstance(v.sort, Map)
        if isinstance(v.sort.value, Opt):
            both_have = conj((both, IsSome(here), IsSome(there)))
            zero = _zero(v.sort.value)
            if zero is None:
                continue
            same = Eq(OrElse(here, zero), OrElse(there, zero))
            yield _all(names, implies(both_have, neg(same)))
        else:
            yield _all(names, implies(both, neg(Eq(here, there))))


def _zero(sort: Opt) -> Lit | None:
    match sort.of:
        case Id(_, size):
            return Lit(sort.of, 0) if size else None
        case Enum(_, cases):
            return Lit(sort.of, cases[0]) if cases else None
        case _:
            return None


__all__ = ["MOST", "candidates"]
