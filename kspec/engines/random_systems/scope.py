"""What an expression may read, and the ways into what it reads. Next: `expressions`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import final

from attrs import evolve

from kspec.base.record import frozen
from kspec.engines.random_systems.universe import is_inhabited
from kspec.ir.expr import Binder, Local, Old, Ref
from kspec.ir.sorts import Map, Opt, Record, Seq, Sort, cardinality, fits


@final
@frozen
class Scope:
    """What an expression may read, and how often its binders may go round in all."""

    globals: tuple[Ref | Old, ...]
    locals: tuple[Local, ...] = ()
    room: int = 24

    def reads(self) -> tuple[Ref | Old | Local, ...]:
        """Everything readable, locals first."""
        return (*self.locals, *self.globals)

    def bind(self, *binders: Binder) -> Scope:
        """The scope inside binders of these names and sorts; an equal name is hidden."""
        names = {b.name for b in binders}
        kept = tuple(x for x in self.locals if x.name not in names)
        return evolve(self, locals=(*(Local(b.name, b.sort) for b in binders), *kept))

    def within(self, binder: Binder) -> Scope:
        """The scope in the body of an expression that goes through the binder's values."""
        inner = self.bind(binder)
        return evolve(inner, room=self.room // max(1, cardinality(binder.sort)))


@lru_cache(maxsize=4096)
def paths(sort: Sort, target: Sort, depth: int) -> tuple[tuple[str, ...], ...]:
    """The ways from a value of `sort` to a part of it whose sort fits `target`.

    A step is the name of a field, or `?` for a payload, `[]` for a value at a key or place.
    """
    found: list[tuple[str, ...]] = [()] if fits(sort, target) else []
    if depth:
        for step, part in parts(sort):
            found.extend((step, *rest) for rest in paths(part, target, depth - 1))
    return tuple(found)


def parts(sort: Sort) -> Iterator[tuple[str, Sort]]:
    """The steps into a sort by which an expression can read a value."""
    match sort:
        case Record(_, fields):
            yield from fields
        case Opt(of) if is_inhabited(of):
            yield "?", of
        case Map(key, of) if is_inhabited(key):
            yield "[]", of
        case Seq(of, _) if is_inhabited(of):
            yield "[]", of
        case _:
            return


@lru_cache(maxsize=4096)
def components(sort: Sort) -> tuple[Sort, ...]:
    """The sort and every sort of a readable part."""
    return (sort, *(c for _, part in parts(sort) for c in components(part)))
