"""Random claims of every kind, also of those that an explorer only has to leave open."""

from __future__ import annotations

from typing import final

from attrs import evolve

from kspec.engines.random_systems.expressions import Expressions
from kspec.engines.random_systems.scope import Scope
from kspec.engines.random_systems.universe import Universe
from kspec.engines.random_systems.world import World
from kspec.ir.build import neg
from kspec.ir.expr import Binder, Local, sort_of
from kspec.ir.system import (
    Action,
    Always,
    AndF,
    Claim,
    EachLife,
    EachValue,
    Eventually,
    Formula,
    Holds,
    Invariant,
    NoDeadlock,
    NotF,
    Occurrence,
    OrF,
    Property,
    Reachable,
    Settles,
    StepCase,
    Steps,
    Temporal,
    Unchanged,
    Until,
    Values,
)


@final
class Claims:
    """Draws the properties of one system."""

    def __init__(
        self,
        universe: Universe,
        expressions: Expressions,
        world: World,
        actions: tuple[Action, ...],
    ) -> None:
        self.universe = universe
        self.draw = universe.draw
        self.expressions = expressions
        self.world = world
        self.actions = actions

    def all(self) -> tuple[Property, ...]:
        """Up to four properties."""
        count = self.draw.pick((1, 2, 3, 4, 0))
        return tuple(self._property(n) for n in range(count))

    def _property(self, n: int) -> Property:
        sentence = self.draw.pick((None, 'It is "so",\nalways.'))
        return Property(f"prop{n}", self._claim(), sentence)

    def _claim(self) -> Claim:
        scope = self.world.scope()
        match self.draw.below(13):
            case 0 | 1 | 2:
                return Invariant(self.expressions.mostly(self._moving(scope)))
            case 3 | 4 | 10:
                return Reachable(neg(self.expressions.mostly(self._moving(scope), 10)))
            case 5 | 6:
                return Occurrence(self._cases(Scope(self.world.step_scope().globals)))
            case 7 | 11 | 12:
                return NoDeadlock()
            case 8:
                return Temporal(self._formula(scope, 2))
            case 9 if self.draw.chance(40):
                return self._values(scope)
            case _:
                observed = tuple(v.name for v in self.world.variables() if self.draw.chance(50))
                return Settles(observed, self.draw.chance(40))

    def _values(self, scope: Scope) -> Values:
        body = self.expressions.of(self.expressions.some_sort(scope), self._moving(scope), 2)
        return Values(body, self.expressions.mostly(scope), self.draw.between(0, 3))

    def _moving(self, scope: Scope) -> Scope:
        """Mostly only what some action writes."""
        written = {u.var for a in self.actions for u in a.updates}
        moving = tuple(r for r in scope.globals if r.name in written)
        return evolve(scope, globals=moving) if moving and self.draw.chance(75) else scope

    def _cases(self, scope: Scope) -> tuple[StepCase, ...]:
        return tuple(self._case(scope) for _ in range(self.draw.pick((1, 2))))

    def _case(self, scope: Scope) -> StepCase:
        action = self.draw.pick(self.actions)
        names = tuple(Local(b.name, b.sort) for b in (*action.params, *action.choices))
        lets = tuple(Local(n, sort_of(e)) for n, e in action.lets)
        inner = Scope(scope.globals, (*lets, *names, *scope.locals))
        return StepCase(action.name, self.expressions.mostly(inner))

    def _formula(self, scope: Scope, depth: int) -> Formula:
        d = self.draw
        if depth == 0:
            return Holds(self.expressions.truth(scope, 1))
        match d.below(10):
            case 0:
                return Always(self._formula(scope, depth - 1))
            case 1:
                return Eventually(self._formula(scope, depth - 1))
            case 2:
                return Until(self._formula(scope, depth - 1), self._formula(scope, depth - 1))
            case 3:
                return NotF(self._formula(scope, depth - 1))
            case 4:
                return AndF(tuple(self._formula(scope, depth - 1) for _ in range(d.below(3))))
            case 5:
                return OrF(tuple(self._formula(scope, depth - 1) for _ in range(d.below(3))))
            case 6:
                return Unchanged(self.expressions.of(self.expressions.some_sort(scope), scope, 1))
            case 7:
                return Steps(self._cases(Scope(self.world.step_scope().globals, scope.locals)))
            case 8:
                return self._each_life(scope, depth)
            case _:
                binder = Binder(d.fresh("q"), self.universe.scalar())
                return EachValue(binder, self._formula(scope.within(binder), depth - 1))

    def _each_life(self, scope: Scope, depth: int) -> Formula:
        kinds = [k for k in self.world.kinds if k.pool.size]
        if not kinds:
            return Holds(self.expressions.truth(scope, 1))
        kind = self.draw.pick(kinds)
        binder = Binder(self.draw.fresh("q"), kind.id)
        live = kind.is_live(Local(binder.name, binder.sort))
        return EachLife(binder, live, self._formula(scope.within(binder), depth - 1))
