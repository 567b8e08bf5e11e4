"""A system of every size: where runs start, what a step does, what is asked about.

A start is what it is like for each identity: one that begins like a written object, with choices
of its own, or nobody. A step is said by what every place holds after it, in terms of what was there
before, so that nothing has to be said of what stays. Rules 2, 4, 5, 13. Next: `prover`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations_with_replacement
from typing import Any, final

from kspec.base.record import frozen
from kspec.engines.anysize.encode import Encoder, World
from kspec.engines.anysize.values import Function, Leaf, NotSaid, Sym, Tuple, Universe, leaf
from kspec.ir.expr import Binder, Expr, Lit, Local, sort_of
from kspec.ir.passes.sizes import Kinds, choices_of, place_value, under
from kspec.ir.rewrite import free_locals
from kspec.ir.sorts import Id, Map, Record, Sort, cardinality
from kspec.ir.system import (
    Action,
    Implicit,
    Index,
    Occurrence,
    PathStep,
    System,
    Update,
    Var,
)


@final
@frozen(eq=False)
class Step:
    """One action: `can` says that it may be done in the state before; `before` and `after` are the
    worlds that formulas are read in; `broken` are the ways to break an implicit property."""

    action: Action
    can: Any
    before: World
    after: World
    broken: tuple[tuple[Implicit, Any], ...]


@final
class Model:
    """The terms of a system of every size."""

    def __init__(self, system: System, kinds: Kinds) -> None:
        self.system = system
        self.universe = Universe(kinds)
        self.encoder = Encoder(self.universe)
        self._sorts = {v.name: v.sort for v in system.variables}
        self._constants = self._fixed()
        self._worlds = 0

    def _fixed(self) -> dict[str, Sym]:
        found: dict[str, Sym] = {}
        for constant in self.system.constants:
            try:
                found[constant.name] = self.universe.lift(constant.sort, constant.value)
            except NotSaid as unsaid:
                self.encoder.left_open.setdefault(f"`{constant.name}`: {unsaid.why}")
        return found

    def _world(self, state: dict[str, Sym], old: dict[str, Sym] | None = None) -> World:
        self._worlds += 1
        before = None if old is None else {**self._constants, **old}
        return World(self._worlds, {**self._constants, **state}, before)

    # ---- starts -------------------------------------------------------------------------------

    def start(self) -> World:
        """The initial states; what is assumed of them goes to the axioms."""
        self.encoder.where = "the start"
        init, u = self.system.init, self.universe
        world = self._world({})
        for binder in init.params:
            if cardinality(binder.sort) == 0:
                u.axioms.append(u.false)
            sym = u.fresh(binder.sort, f"init {binder.name}")
            world = world.bind(binder.name, sym, binder.sort)
        u.axioms.append(self.encoder.truth(init.where, world))
        state: dict[str, Sym] = {}
        for name, value in init.assign:
            try:
                state[name] = self._first_value(name, value, world)
            except NotSaid as unsaid:
                self.encoder.left_open.setdefault(f"`{name}`: {unsaid.why}")
        return self._world(state)

    def _first_value(self, name: str, value: Expr, world: World) -> Sym:
        sort = self._sorts[name]
        kinds, u = self.universe.kinds, self.universe
        if not (isinstance(sort, Map) and isinstance(sort.key, Id) and sort.key.kind in kinds):
            return self.encoder.sym(value, world)
        of, base = kinds[sort.key.kind], under(value)
        assert isinstance(base, Lit)
        plain = u.lift(base.sort, base.value)
        assert isinstance(plain, Function)
        key_sort = sort.key
        free = [(n, place_value(value, n)) for n in range(of.written)]
        params = {b.name: b.sort for b in self.system.init.params}

        def at(key: Sym) -> Sym:
            result = plain.at(key)
            for place, chosen in free:
                if chosen is not None:
                    here = world
                    for name in sorted(choices_of(chosen) & set(params)):
                        # Each identity chooses for itself.
                        arg = ((key_sort, leaf(key)),)
                        own = u.fresh(params[name], f"init of each {name}", arg)
                        here = here.bind(name, own, params[name])
                    said = self.encoder.sym(chosen, here)
                    result = u.choose(u.profile(of, leaf(key), place), said, result)
            return result

        return Function(at)

    # ---- states and steps ---------------------------------------------------------------------

    def any_state(self) -> World:
        """Some state, with variables of the right sorts and nothing else known."""
        return self._world(dict(self._any_values("s")))

    def _any_values(self, tag: str) -> Iterator[tuple[str, Sym]]:
        for variable in self.system.variables:
            try:
                yield variable.name, self.universe.fresh(variable.sort, f"{tag} {variable.name}")
            except NotSaid as unsaid:
                self.encoder.left_open.setdefault(f"`{variable.name}`: {unsaid.why}")

    def step(self, action: Action, before: World) -> Step | None:
        """A step of one action; None if there are no values for its parameters."""
        u, encoder = self.universe, self.encoder
        encoder.where = f"action `{action.name}`"
        world = before
        for binder in (*action.params, *action.choices):
            if not u.is_endless(binder.sort) and cardinality(binder.sort) == 0:
                return None
            sym = u.fresh(binder.sort, u.unique(f"{action.name} {binder.name}"))
            world = world.bind(binder.name, sym, binder.sort)
        for name, expr in action.lets:
            world = world.bind(name, encoder.sym(expr, world), sort_of(expr))
        can = [encoder.truth(part.expr, world) for part in action.guard]
        if action.cut is not None:
            can.append(u.no(encoder.truth(action.cut, world)))
        state = {v.name: self._after(v, action, world) for v in self.system.variables}
        known = {name: sym for name, sym in state.items() if sym is not None}
        plain = {n: s for n, s in before.state.items() if n not in self._constants}
        after = self._world(known, plain)
        after = World(after.number, after.state, after.old, world.env)
        broken = tuple(self._broken(action, world))
        return Step(action, u.all(can), world, after, broken)

    def _after(self, variable: Var, action: Action, world: World) -> Sym | None:
        if variable.name not in world.state:
            return None
        sym = world.state[variable.name]
        for update in action.updates:
            if update.var == variable.name:
                try:
                    sym = self._written(variable.sort, sym, update.path, update, world)
                except NotSaid as unsaid:
                    self.encoder.left_open.setdefault(f"{self.encoder.where}: {unsaid.why}")
                    name = self.universe.unique(f"after {variable.name}")
                    return self.universe.fresh(variable.sort, name)
        return sym

    def _written(
        self, sort: Sort, old: Sym, path: tuple[PathStep, ...], update: Update, world: World
    ) -> Sym:
        """What is at a place, and below it, after one update. Names that the update binds and the
        path has not met yet are not bound in `world`."""
        u, encoder = self.universe, self.encoder
        unbound = [b for b in update.binders if b.name not in world.env]
        if not path:
            if unbound:
                raise NotSaid("a place that is written for many values")
            when = encoder.truth(update.when, world)
            return u.choose(when, encoder.sym(update.value, world), old)
        step, rest = path[0], path[1:]
        if isinstance(step, Index):
            assert isinstance(sort, Map) and isinstance(old, Function)
            return self._written_at(sort, old, step, rest, update, world)
        assert isinstance(sort, Record) and isinstance(old, Tuple)
        place = sort.position(step.name)
        parts = list(old.parts)
        parts[place] = self._written(sort.field(step.name), parts[place], rest, update, world)
        return Tuple(tuple(parts))

    def _written_at(
        self,
        sort: Map,
        old: Function,
        step: Index,
        rest: tuple[PathStep, ...],
        update: Update,
        world: World,
    ) -> Sym:
        u = self.universe
        unbound = {b.name: b for b in update.binders if b.name not in world.env}
        key = step.key
        if isinstance(key, Local) and key.name in unbound:
            binder = unbound[key.name]
            if not binder.sort == sort.key:
                raise NotSaid("a place that is written for many values of another sort")
            # INVARIANT: the key is the bound name, so that each place has its own value of it.
            return Function(
                lambda k: self._written(
                    sort.value, old.at(k), rest, update, world.bind(binder.name, k, binder.sort)
                )
            )
        if set(unbound) & free_locals(key):
            raise NotSaid("a place that is computed, written for many values")
        at = self.encoder.sym(key, world)

        def found(k: Sym) -> Sym:
            here = u.equal(sort.key, k, at)
            new = self._written(sort.value, old.at(k), rest, update, world)
            return u.choose(here, new, old.at(k))

        return Function(found)

    # ---- implicit properties ------------------------------------------------------------------

    def _broken(self, action: Action, world: World) -> Iterator[tuple[Implicit, Any]]:
        u, encoder = self.universe, self.encoder
        opened = [self._opened(update, world, "a") for update in action.updates]
        for update, here in zip(action.updates, opened, strict=True):
            when = encoder.truth(update.when, here)
            sort = self._place_sort(update)
            outside = self._outside(sort, update, here)
            yield Implicit.IN_RANGE, u.all((when, outside))
            live = encoder.truth(update.live, here)
            yield Implicit.LIVE_TARGET, u.all((when, u.no(live)))
        for one, other in combinations_with_replacement(range(len(opened)), 2):
            met = self._meeting(action.updates, one, other, opened, world)
            if met is not None:
                yield Implicit.SINGLE_WRITE, met

    def _outside(self, sort: Sort, update: Update, here: World) -> Any:
        try:
            return self.universe.no(
                self.universe.within(sort, self.encoder.sym(update.value, here))
            )
        except NotSaid:
            return self.universe.true

    def _opened(self, update: Update, world: World, tag: str) -> World:
        """With some values for what an update binds."""
        for binder in update.binders:
            sym = self.universe.fresh(binder.sort, self.universe.unique(tag))
            world = world.bind(binder.name, sym, binder.sort)
        return world

    def _place_sort(self, update: Update) -> Sort:
        sort = self._sorts[update.var]
        for step in update.path:
            if isinstance(step, Index):
                assert isinstance(sort, Map)
                sort = sort.value
            else:
                assert isinstance(sort, Record)
                sort = sort.field(step.name)
        return sort

    def _meeting(
        self, updates: tuple[Update, ...], one: int, other: int, opened: list[World], world: World
    ) -> Any | None:
        """Do two updates, or one for two values of what it binds, go to one place?"""
        u, encoder = self.universe, self.encoder
        a, b = updates[one], updates[other]
        if a.var != b.var or (one == other and not a.binders):
            return None
        here, there = opened[one], opened[other]
        parts: list[Any] = []
        if one == other:
            there = self._opened(b, world, "b")
            parts.append(u.any(u.no(_same(u, bound, here, there)) for bound in b.binders))
        sort = self._sorts[a.var]
        for x, y in zip(a.path, b.path, strict=False):
            if isinstance(x, Index) and isinstance(y, Index):
                assert isinstance(sort, Map)
                keys = (encoder.sym(x.key, here), encoder.sym(y.key, there))
                parts.append(u.equal(sort.key, *keys))
                sort = sort.value
            else:
                assert not isinstance(x, Index) and not isinstance(y, Index)
                assert isinstance(sort, Record)
                if x.name != y.name:
                    return None
                sort = sort.field(x.name)
        whens = (encoder.truth(a.when, here), encoder.truth(b.when, there))
        return u.all((*whens, *parts))

    # ---- claims -------------------------------------------------------------------------------

    def bad_step(self, claim: Occurrence, step: Step) -> Any:
        """Does a step break what is claimed of its action?"""
        self.encoder.where = "what is claimed of a step"
        cases = [case for case in claim.cases if case.action == step.action.name]
        kept = (self.encoder.truth(case.body, step.after) for case in cases)
        return self.universe.any(self.universe.no(k) for k in kept)


def _same(u: Universe, binder: Binder, here: World, there: World) -> Any:
    return u.equal(binder.sort, here.env[binder.name][0], there.env[binder.name][0])


__all__ = ["Leaf", "Model", "Step"]
