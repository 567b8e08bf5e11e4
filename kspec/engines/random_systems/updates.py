"""Random updates: any place of any variable, with conditions and binders. Next: `actions`."""

from __future__ import annotations

from typing import final

from attrs import evolve

from kspec.engines.random_systems.changes import new_value
from kspec.engines.random_systems.expressions import Expressions
from kspec.engines.random_systems.scope import Scope
from kspec.engines.random_systems.universe import is_inhabited
from kspec.engines.random_systems.world import Kind, World, ref
from kspec.ir.expr import TRUE, Binder, Expr, Get, GetField, Local, sort_of
from kspec.ir.sorts import Map, Record, Sort, cardinality
from kspec.ir.system import Field, Index, PathStep, Role, Update, Var


@final
class Updates:
    """Draws the updates of one world."""

    def __init__(self, expressions: Expressions, world: World) -> None:
        self.expressions = expressions
        self.universe = expressions.universe
        self.draw = expressions.draw
        self.world = world

    def _update(self, scope: Scope, among: tuple[Var, ...]) -> Update:
        """An update of one of the variables at any depth."""
        d = self.draw
        var = d.pick(among)
        if var.role is Role.GHOST:
            scope = evolve(self.world.scope(*scope.locals), room=scope.room)
        binders = self._update_binders(var)
        inner = scope
        for binder in binders:
            inner = inner.within(binder)
        path, place = self._path(var, binders, inner)
        when = self.expressions.truth(inner, 2) if d.chance(30) else TRUE
        value = self.value(place, self.current(var, path), inner)
        return Update(var.name, path, value, when, self.live(var, path, inner), binders)

    def _writable(self) -> tuple[Var, ...]:
        """Plain variables and fields; fields whole only where nobody relies on them."""
        fields = tuple(f for k in self.world.kinds for f in k.fields if k.pool.size)
        return (*self.world.plain, *fields)

    def _update_binders(self, var: Var) -> tuple[Binder, ...]:
        d = self.draw
        if isinstance(var.sort, Map) and cardinality(var.sort.key) <= 6 and d.chance(25):
            return (Binder(d.fresh("u"), var.sort.key),)
        if not d.chance(8):
            return ()
        made = Binder(d.fresh("u"), self.universe.enumerated(3))
        if d.chance(30):
            return (made, Binder(d.fresh("u"), self.universe.enumerated(2)))
        return (made,)

    def _path(
        self, var: Var, binders: tuple[Binder, ...], scope: Scope
    ) -> tuple[tuple[PathStep, ...], Sort]:
        sort, path = var.sort, tuple[PathStep, ...]()
        while self._goes_on(var, path, sort):
            if isinstance(sort, Record):
                name, sort = self.draw.pick(sort.fields)
                path = (*path, Field(name))
            elif isinstance(sort, Map):
                path = (*path, Index(self._key(sort.key, binders, scope)))
                sort = sort.value
        return path, sort

    def _goes_on(self, var: Var, path: tuple[PathStep, ...], sort: Sort) -> bool:
        if isinstance(sort, Map):
            must = not path and self.world.canonical and self._kind_of(var) is not None
            return is_inhabited(sort.key) and (must or self.draw.chance(80))
        return isinstance(sort, Record) and self.draw.chance(70)

    def _key(self, sort: Sort, binders: tuple[Binder, ...], scope: Scope) -> Expr:
        own = [b for b in binders if b.sort == sort]
        if own and self.draw.chance(85):
            return Local(own[0].name, sort)
        return self.expressions.of(sort, scope, 1)

    def current(self, var: Var, path: tuple[PathStep, ...]) -> Expr:
        """The place as it is read before the step."""
        expr: Expr = ref(var)
        for step in path:
            expr = Get(expr, step.key) if isinstance(step, Index) else GetField(expr, step.name)
        return expr

    def value(self, place: Sort, current: Expr, scope: Scope) -> Expr:
        """Mostly a value of the place's sort; else one that may be just outside it."""
        return new_value(self.expressions, place, current, scope)

    def live(self, var: Var, path: tuple[PathStep, ...], scope: Scope) -> Expr:
        """Does the object exist that is written to?"""
        kind = self._kind_of(var)
        if kind is None or not path or not isinstance(path[0], Index):
            return self.expressions.truth(scope, 1) if self.draw.chance(4) else TRUE
        if self.world.canonical or self.draw.chance(60):
            return kind.is_live(path[0].key)
        return TRUE

    def _kind_of(self, var: Var) -> Kind | None:
        return next((k for k in self.world.kinds if var in k.fields), None)

    def _meeting(self, update: Update, scope: Scope) -> Update:
        """Another write to the same place, to one around it, or near it."""
        d = self.draw
        var = next(v for v in self.world.variables() if v.name == update.var)
        keep = self._kind_of(var) is not None and self.world.canonical
        path = update.path[: d.between(1 if keep and update.path else 0, len(update.path))]
        place = sort_of(self.current(var, path))
        inner = scope
        for binder in update.binders:
            inner = inner.within(binder)
        when = self.expressions.truth(inner, 2) if d.chance(70) else TRUE
        return evolve(update, path=path, value=self.expressions.of(place, inner, 1), when=when)

    def some(self, locals_: tuple[Local, ...], counts: tuple[int, ...]) -> tuple[Update, ...]:
        """One of the counts of updates, rarely one more that meets another."""
        scope = evolve(self.world.acting_scope(*locals_), room=12)
        made: tuple[Update, ...] = ()
        for _ in range(self.draw.pick(counts)):
            written = {u.var for u in made}
            free = tuple(v for v in self._writable() if v.name not in written)
            made = (*made, self._update(scope, free)) if free else made
        if made and self.draw.chance(20):
            return (*made, self._meeting(made[-1], scope))
        return made


def write(var: Var, path: tuple[PathStep, ...], value: Expr) -> Update:
    """An update without conditions."""
    return Update(var.name, path, value, TRUE, TRUE)
