"""Random systems that are nothing but a graph, with random claims over their runs.

The state is a number. What each instance of each action does in it, what is cut, who lives and
what is true are tables, so that every shape of graph, of fairness and of lives occurs soon.
"""

from __future__ import annotations

import random
from typing import Final

from attrs import frozen

from kspec.ir.build import conj, neg
from kspec.ir.expr import FALSE, TRUE, Binder, Eq, Expr, Get, Lit, Local, Old, Ref
from kspec.ir.sorts import Bool, Id, Int, Map, Sort, Value
from kspec.ir.system import (
    Action,
    Always,
    AndF,
    Conjunct,
    EachLife,
    EachValue,
    Eventually,
    Fairness,
    Formula,
    Holds,
    Init,
    NotF,
    OrF,
    Origin,
    Pool,
    Property,
    Role,
    Settles,
    StepCase,
    Steps,
    System,
    Temporal,
    Unchanged,
    Until,
    Update,
    Var,
)

POD: Final = Id("Pod", 2)
KINDS: Final = (Fairness.WEAK, Fairness.STRONG, Fairness.NONE)
ORIGINS: Final = (Origin.CONTROLLER, Origin.CONTROLLER, Origin.ENVIRONMENT, Origin.FAULT)


@frozen
class Size:
    """How large: states, actions, how deep formulas are; how often (of 100) an instance is
    possible in a state, and one that is possible is cut or breaks something."""

    states: int = 4
    actions: int = 2
    depth: int = 2
    dense: int = 45
    cut: int = 5
    broken: int = 2


def drawn(seed: int, size: Size = Size()) -> System:
    """The system of a seed, with one claim, `runs`."""
    return _Drawing(random.Random(seed), size).system()


class _Drawing:
    """Draws one system."""

    def __init__(self, draw: random.Random, size: Size) -> None:
        self.draw, self.size = draw, size
        self.places = Int(0, size.states - 1)
        self.x = Ref("x", self.places)

    def system(self) -> System:
        """All of it; the first state is 0, or any."""
        first: tuple[Binder, ...] = ()
        start: Expr = Lit(self.places, 0)
        if self.draw.random() < 0.2:
            first, start = (Binder("s", self.places),), Local("s", self.places)
        where = Get(self._flags(), start) if first else TRUE
        names = [f"a{n}" for n in range(self.draw.randint(1, self.size.actions))]
        actions = tuple(self._action(name) for name in names)
        claim = self._claim(names)
        return System(
            name="graph",
            pools=(Pool("Pod", 2, ("pod-0", "pod-1")),),
            constants=(),
            variables=(Var("x", self.places, Role.API, "", "x"),),
            init=Init(first, where, (("x", start),)),
            actions=actions,
            properties=(Property("runs", claim),),
            well_formed=TRUE,
        )

    # ---- actions ------------------------------------------------------------------------------

    def _action(self, name: str) -> Action:
        p, c = Local("p", POD), Local("c", Bool())
        n = self.size.states
        wide = Int(0, n)  # n is in no state
        rows: list[Value] = []
        possible: list[Value] = []
        cut: list[Value] = []
        for _ in range(n):
            aims = [[self._aim() for _ in range(2)] for _ in range(2)]
            rows.append(tuple(tuple(aim) for aim in aims))
            can = [[self._chance(self.size.dense) for _ in range(2)] for _ in range(2)]
            possible.append(tuple(tuple(one) for one in can))
            cut.append(tuple(self._chance(self.size.cut) for _ in range(2)))

        def of(table: list[Value], sort: Sort, *keys: Expr) -> Expr:
            found: Expr = Lit(sort, tuple(table))
            for key in keys:
                found = Get(found, key)
            return found

        def deep(of_: Sort) -> Sort:
            return Map(self.places, Map(POD, Map(Bool(), of_)))

        guard = of(possible, deep(Bool()), self.x, p, c)
        value = of(rows, deep(wide), self.x, p, c)
        stop = of(cut, Map(self.places, Map(POD, Bool())), self.x, p)
        return Action(
            name=name,
            owner="",
            origin=self.draw.choice(ORIGINS),
            params=(Binder("p", POD),),
            choices=(Binder("c", Bool()),),
            lets=(),
            guard=(Conjunct(guard),),
            cut=stop if self._chance(50) else None,
            updates=(Update("x", (), value, TRUE, TRUE),),
            fairness=self.draw.choice(KINDS),
        )

    def _aim(self) -> int:
        if self._chance(self.size.broken):
            return self.size.states
        return self.draw.randrange(self.size.states)

    def _chance(self, percent: int) -> bool:
        return self.draw.randrange(100) < percent

    # ---- claims -------------------------------------------------------------------------------

    def _claim(self, names: list[str]) -> Temporal | Settles:
        if self._chance(8):
            return Settles(("x",), self._chance(50))
        return Temporal(self._formula(names, self.size.depth, ()))

    def _formula(self, names: list[str], depth: int, bound: tuple[Local, ...]) -> Formula:
        if depth == 0 or self._chance(10):
            return self._atom(names, bound)

        def inner(*more: Local) -> Formula:
            return self._formula(names, depth - 1, (*bound, *more))

        match self.draw.randrange(14):
            case 0 | 1 | 2:
                return Always(inner())
            case 3 | 4 | 5:
                return Eventually(inner())
            case 6 | 7:
                return Until(inner(), inner())
            case 8:
                return NotF(inner())
            case 9:
                return AndF((inner(), inner()))
            case 10:
                return OrF((inner(), inner()))
            case 11:
                q = Local(f"v{depth}", Bool())
                return EachValue(Binder(q.name, q.sort), inner(q))
            case _:
                q = Local(f"q{depth}", POD)
                return EachLife(Binder(q.name, q.sort), self._about(q), inner(q))

    def _atom(self, names: list[str], bound: tuple[Local, ...]) -> Formula:
        match self.draw.randrange(8):
            case 0:
                return Unchanged(self._about(self.draw.choice(bound)) if bound else self._fact())
            case 1:
                return Steps((self._case(self.draw.choice(names), bound),))
            case 2 | 3 | 4 if bound:
                body = self._about(self.draw.choice(bound))
                return Holds(neg(body) if self._chance(30) else body)
            case 5 if len(bound) > 1:
                return Holds(conj((self._about(bound[0]), self._about(bound[1]))))
            case _:
                return Holds(self._fact())

    def _case(self, name: str, bound: tuple[Local, ...]) -> StepCase:
        p = Local("p", POD)
        same = [Eq(p, q) for q in bound if q.sort == POD]
        about: list[Expr] = [TRUE, self._about(p), self._fact(), self._fact(is_old=True), *same]
        return StepCase(name, self.draw.choice(about))

    def _fact(self, is_old: bool = False) -> Expr:
        if self._chance(5):
            return self.draw.choice((TRUE, FALSE))
        return Get(self._flags(), Old("x", self.places) if is_old else self.x)

    def _about(self, who: Local) -> Expr:
        table = Map(self.places, Map(who.sort, Bool()))
        rows = tuple((self._chance(50), self._chance(50)) for _ in range(self.size.states))
        return Get(Get(Lit(table, rows), self.x), who)

    def _flags(self) -> Expr:
        rows = tuple(self._chance(50) for _ in range(self.size.states))
        return Lit(Map(self.places, Bool()), rows)
