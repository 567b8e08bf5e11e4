"""Which identities of a kind cannot be told apart by their places in the pool.

Two identities look interchangeable if every constant, every initial value and every literal of the
system stays the same when the two change places, and with them the names that they bear. This
finds what is plainly symmetric and says what tells the others apart; it is no proof: the fallback
of an `else` is taken to be one that is never read. A reduction owes a check of its own
(`docs/semantics.md`, "What breaks symmetry").
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias, assert_never, final

from attrs import frozen

from kspec.ir.expr import Expr, Lit, OrElse
from kspec.ir.passes.slice import expressions
from kspec.ir.rewrite import children
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
    index_of,
    values,
)
from kspec.ir.system import Index, Pool, System

Found: TypeAlias = "tuple[Sort, Value, str]"
"""A value that is written in a system, and where."""


@final
@frozen
class Classes:
    """The places of a kind in groups of interchangeable ones; `apart` says what tells the first
    two of different groups apart, `""` where there is one group."""

    kind: str
    groups: tuple[tuple[int, ...], ...]
    apart: str


@final
@frozen
class _Swap:
    """Two places of a kind change places, and two cases of every enumeration that has both."""

    kind: str
    places: tuple[int, int]
    names: tuple[str, str] | None


def classes(system: System) -> tuple[Classes, ...]:
    """The groups of every kind with more than one identity, in the order of pools."""
    found = tuple(dict.fromkeys(_written(system)))
    return tuple(_of_pool(pool, found) for pool in system.pools if pool.size > 1)


def _of_pool(pool: Pool, found: tuple[Found, ...]) -> Classes:
    groups: list[list[int]] = []
    apart = ""
    for place in range(pool.size):
        for group in groups:
            reason = _told_apart(pool, group[0], place, found)
            if reason is None:
                group.append(place)
                break
            apart = apart or reason
        else:
            groups.append([place])
    return Classes(pool.name, tuple(map(tuple, groups)), apart if len(groups) > 1 else "")


def _told_apart(pool: Pool, one: int, other: int, found: tuple[Found, ...]) -> str | None:
    """What tells two places apart; None if nothing does."""
    plain = _first_change(_Swap(pool.name, (one, other), None), found)
    if plain is None:
        return None
    names = pool.names[one], pool.names[other]
    return plain if _first_change(_Swap(pool.name, (one, other), names), found) else None


def _first_change(swap: _Swap, found: tuple[Found, ...]) -> str | None:
    for sort, value, where in found:
        if _moved(swap, sort, value) != value:
            return where
    return None


def _moved(swap: _Swap, sort: Sort, value: Value) -> Value:
    """The value after the swap."""
    match sort:
        case Bool() | Int():
            return value
        case Id(kind, _):
            return _exchanged(value, swap.places) if kind == swap.kind else value
        case Enum(_, cases):
            names = swap.names
            has_both = names is not None and names[0] in cases and names[1] in cases
            return _exchanged(value, names) if has_both and names is not None else value
        case Opt(of) | Seq(of, _):
            return None if value is None else tuple(_moved(swap, of, v) for v in _items(value))
        case Record(_, fields):
            pairs = zip(fields, _items(value), strict=True)
            return tuple(_moved(swap, of, v) for (_, of), v in pairs)
        case Set(of):
            assert isinstance(value, frozenset)
            return frozenset(_moved(swap, of, v) for v in value)
        case Map(key, of):
            items = _items(value)
            moved = list(items)
            for at, item in zip(values(key), items, strict=True):
                moved[index_of(key, _moved(swap, key, at))] = _moved(swap, of, item)
            return tuple(moved)
        case _:
            assert_never(sort)


def _exchanged(value: Value, pair: tuple[Value, Value]) -> Value:
    one, other = pair
    return other if value == one else one if value == other else value


def _items(value: Value) -> tuple[Value, ...]:
    assert isinstance(value, tuple)
    return value


# ---- everything that is written ----------------------------------------------------------------


def _written(system: System) -> Iterator[Found]:
    for constant in system.constants:
        yield constant.sort, constant.value, f"{constant.name}"
    yield from _literals(system.init.where, "what is assumed of the start")
    for name, expr in system.init.assign:
        yield from _literals(expr, f"{name} at the start")
    for action in system.actions:
        lets = (expr for _, expr in action.lets)
        cut = () if action.cut is None else (action.cut,)
        exprs = [*lets, *(c.expr for c in action.guard), *cut]
        for update in action.updates:
            keys = (step.key for step in update.path if isinstance(step, Index))
            exprs += [update.value, update.when, update.live, *keys]
        for expr in exprs:
            yield from _literals(expr, f"the action {action.name}")
    for prop in system.properties:
        for expr in expressions(prop.claim):
            yield from _literals(expr, f"the property {prop.name}")


def _literals(expr: Expr, where: str) -> Iterator[Found]:
    match expr:
        case Lit(sort, value):
            yield sort, value, where
        case OrElse(arg, Lit()):
            yield from _literals(arg, where)
        case _:
            for child in children(expr):
                yield from _literals(child, where)
