"""Random actions: anything at all, and the forms that lowering writes.

Births take the least identity that is not live and that nothing mentions, as an option in a `let`;
the action is cut when there is none. Deaths write every field's default. Counters step over the
edges of their ranges; pairs of writes meet at one place; writes miss live objects. Next: `claims`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import final

from attrs import evolve

from kspec.base.record import frozen
from kspec.engines.random_systems.expressions import Expressions
from kspec.engines.random_systems.scope import Scope, components
from kspec.engines.random_systems.universe import Universe, default
from kspec.engines.random_systems.updates import Updates, write
from kspec.engines.random_systems.world import Kind, World, mentioned, ref
from kspec.ir.build import conj, lit, neg
from kspec.ir.expr import (
    TRUE,
    Arith,
    ArithOp,
    Binder,
    Eq,
    Expr,
    First,
    Get,
    IsSome,
    Lit,
    Local,
    Lt,
    Not,
    Or,
    OrElse,
    Some,
    sort_of,
)
from kspec.ir.sorts import Int, Map, Opt, Sort, cardinality
from kspec.ir.system import (
    Action,
    Conjunct,
    Fairness,
    Index,
    Origin,
    PathStep,
    Role,
    Template,
    Update,
    Var,
)

MOST_INSTANCES = 8


@final
@frozen
class Parts:
    """An action in the making; what is not said here is drawn at the end."""

    stem: str
    params: tuple[Binder, ...] = ()
    choices: tuple[Binder, ...] = ()
    lets: tuple[tuple[str, Expr], ...] = ()
    guard: tuple[Expr, ...] = ()
    cut: Expr | None = None
    updates: tuple[Update, ...] = ()
    origin: Origin | None = None

    def locals(self) -> tuple[Local, ...]:
        """The names that guard and updates may use."""
        bound = tuple(Local(b.name, b.sort) for b in (*self.params, *self.choices))
        return (*(Local(n, sort_of(e)) for n, e in self.lets), *bound)


@final
class Actions:
    """Draws the actions of one world."""

    def __init__(self, universe: Universe, expressions: Expressions, world: World) -> None:
        self.universe = universe
        self.draw = universe.draw
        self.expressions = expressions
        self.world = world
        self.updates = Updates(expressions, world)

    def all(self) -> tuple[Action, ...]:
        """One to four actions with different names."""
        recipes = self._recipes()
        parts = [self.draw.pick(recipes)() for _ in range(self.draw.pick((2, 1, 3, 4, 3)))]
        if self.world.images and self.draw.chance(90):
            parts.append(self._deliver())
        if self.world.budgets:
            parts.append(self._crash())
        return tuple(self._finish(p, n) for n, p in enumerate(parts))

    def _recipes(self) -> list[Callable[[], Parts]]:
        recipes = [
            self._assign,
            self._anything,
            self._anything,
            self._assign,
            self._once,
            self._count,
        ]
        if any(k.pool.size for k in self.world.kinds):
            recipes += [self._birth, self._death, self._touch]
        return recipes

    # ---- the parts of an action ----------------------------------------------------------------

    def _finish(self, parts: Parts, n: int) -> Action:
        d = self.draw
        scope = self.world.acting_scope(*parts.locals())
        guard = [self._conjunct(g, scope) for g in parts.guard]
        origin = parts.origin or d.pick((Origin.CONTROLLER, Origin.ENVIRONMENT, Origin.CLOCK))
        return Action(
            name=f"{parts.stem}{n}",
            owner="controller",
            origin=origin,
            params=parts.params,
            choices=parts.choices,
            lets=parts.lets,
            guard=tuple(guard),
            cut=parts.cut,
            updates=parts.updates,
            fairness=d.pick((Fairness.NONE, Fairness.WEAK, Fairness.STRONG)),
            reason=d.pick((None, "Scheduled", 'said "so"\\')),
            event=self._template(scope) if d.chance(20) else None,
        )

    def _conjunct(self, expr: Expr, scope: Scope) -> Conjunct:
        return Conjunct(expr, self._template(scope) if self.draw.chance(15) else None)

    def _template(self, scope: Scope) -> Template:
        shown = self.expressions.of(self.expressions.some_sort(scope), scope, 1)
        return Template(self.draw.pick((("only words",), ("is ", shown), (shown, " {brace} \n"))))

    def _binders(self, stem: str, room: int) -> tuple[Binder, ...]:
        made: list[Binder] = []
        for n in range(self.draw.pick((0, 1, 1, 2))):
            sort = self._binder_sort()
            if cardinality(sort) <= room:
                made.append(Binder(f"{stem}{n}", sort))
                room //= max(1, cardinality(sort))
        return tuple(made)

    def _binder_sort(self) -> Sort:
        """Often that of an identity, or of something that the value can be stored in."""
        d, ids = self.draw, self.universe.ids()
        if ids and d.chance(50):
            return d.pick(ids)
        stored = [c for v in self.world.variables() for c in components(v.sort)]
        stored = [s for s in stored if 2 <= cardinality(s) <= 4]
        return d.pick(stored) if stored and d.chance(70) else self.universe.enumerated(4)

    def _skeleton(self, stem: str, params: tuple[Binder, ...] = ()) -> Parts:
        """Parameters, choices, lets and some guard."""
        d = self.draw
        room = MOST_INSTANCES
        for binder in params:
            room //= max(1, cardinality(binder.sort))
        params = (*params, *self._binders("p", room))
        for binder in params[1:]:
            room //= max(1, cardinality(binder.sort))
        choices = self._binders("f", room) if d.chance(30) else ()
        parts = Parts(stem, params, choices)
        if d.chance(35):
            parts = evolve(parts, lets=self._lets(parts))
        return evolve(parts, guard=self._guard(parts))

    def _lets(self, parts: Parts) -> tuple[tuple[str, Expr], ...]:
        made: tuple[tuple[str, Expr], ...] = ()
        for n in range(self.draw.between(1, 2)):
            scope = self.world.acting_scope(*evolve(parts, lets=made).locals())
            expr = self.expressions.of(self.expressions.some_sort(scope), scope, 2)
            made = (*made, (f"l{n}", expr))
        return made

    def _guard(self, parts: Parts) -> tuple[Expr, ...]:
        d = self.draw
        scope = self.world.acting_scope(*parts.locals())
        alive = tuple(
            k.is_live(Local(b.name, b.sort))
            for b in parts.params
            for k in self.world.kinds
            if b.sort == k.id and d.chance(75)
        )
        more = d.pick((0, 0, 1, 0, 1, 0, 2))
        return (*alive, *(self.expressions.mostly(scope) for _ in range(more)))

    # ---- recipes -------------------------------------------------------------------------------

    def _anything(self) -> Parts:
        parts = self._skeleton("act")
        return evolve(parts, updates=self.updates.some(parts.locals(), (1, 1, 2, 2, 3, 0)))

    def _assign(self) -> Parts:
        """A variable takes any value of a small sort, chosen or as a parameter."""
        d = self.draw
        small = [v for v in self.world.plain if 2 <= cardinality(v.sort) <= MOST_INSTANCES]
        if not small:
            return self._anything()
        var = d.pick(small)
        chosen = Binder("any", var.sort)
        updates = (write(var, (), Local(chosen.name, chosen.sort)),)
        parts = Parts("set", choices=(chosen,)) if d.chance(50) else Parts("set", (chosen,))
        return evolve(parts, guard=self._guard(parts), updates=updates)

    def _once(self) -> Parts:
        """A variable gets a value that it does not have: systems of these come to rest."""
        d = self.draw
        plain = [v for v in self.world.plain if v.role is not Role.GHOST]
        small = [v for v in plain if 2 <= cardinality(v.sort) <= 64]
        if not small:
            return self._anything()
        var = d.pick(small)
        goal = self.expressions.literal(var.sort)
        guard: tuple[Expr, ...] = (neg(Eq(ref(var), goal)),)
        if d.chance(30):
            guard = (*guard, self.expressions.mostly(self.world.acting_scope()))
        return Parts("once", guard=guard, updates=(write(var, (), goal),))

    def _count(self) -> Parts:
        """A counter that stops, saturates, or runs over the edge of its range."""
        d = self.draw
        plain = [v for v in self.world.plain if v.role is not Role.GHOST]
        counters = [v for v in plain if isinstance(v.sort, Int)]
        if not counters:
            return self._anything()
        var = d.pick(counters)
        assert isinstance(var.sort, Int)
        now, by = ref(var), d.pick((1, 1, -1, 2))
        stepped = Arith(ArithOp.ADD, now, lit(by))
        edge, bound = (ArithOp.MIN, var.sort.hi) if by > 0 else (ArithOp.MAX, var.sort.lo)
        match d.below(3):
            case 0:
                room = Lt(now, lit(bound)) if by > 0 else Lt(lit(bound), now)
                return Parts("count", guard=(room,), updates=(write(var, (), stepped),))
            case 1:
                value = Arith(edge, lit(bound), stepped)
                return Parts("count", updates=(write(var, (), value),))
            case _:
                return Parts("count", updates=(write(var, (), stepped),))

    def _some_kind(self) -> Kind:
        return self.draw.pick([k for k in self.world.kinds if k.pool.size])

    def _birth(self) -> Parts:
        """`new`, once or twice, as lowering writes it."""
        kind = self._some_kind()
        parts = self._skeleton("new")
        twice = kind.pool.size > 1 and self.draw.chance(15)
        news: tuple[Local, ...] = ()
        for n in range(2 if twice else 1):
            expr = First(*self._free(kind, news))
            parts = evolve(parts, lets=(*parts.lets, (f"new{n}", expr)))
            news = (*news, Local(f"new{n}", Opt(kind.id)))
        cut = tuple(Not(IsSome(new)) for new in news)
        return evolve(
            parts,
            cut=cut[0] if len(cut) == 1 else Or(cut),
            updates=(*self._born(kind, parts, news), *self._refer(kind, news[0])),
        )

    def _free(self, kind: Kind, taken: tuple[Local, ...]) -> tuple[Binder, Expr]:
        each = Local("free", kind.id)
        held = tuple(mentioned(ref(v), each) for v in self.world.variables())
        unheld = tuple(neg(h) for h in held)
        others = tuple(neg(Eq(new, Some(each))) for new in taken)
        return Binder(each.name, each.sort), conj((neg(kind.is_live(each)), *unheld, *others))

    def _born(self, kind: Kind, parts: Parts, news: tuple[Local, ...]) -> tuple[Update, ...]:
        scope = evolve(self.world.acting_scope(*parts.locals()), room=6)
        made: list[Update] = []
        for new in news:
            place = Index(OrElse(new, Lit(kind.id, 0)))
            made.append(write(kind.live, (place,), TRUE))
            for var in kind.fields:
                assert isinstance(var.sort, Map)
                value = self.expressions.of(var.sort.value, scope, 1)
                made.append(write(var, (place,), value))
        return tuple(made)

    def _refer(self, kind: Kind, new: Local) -> tuple[Update, ...]:
        holders = [v for v in self.world.plain if v.sort == Opt(kind.id)]
        if holders and self.draw.chance(60):
            return (write(self.draw.pick(holders), (), new),)
        return ()

    def _death(self) -> Parts:
        """`delete`, of one or of two that may be the same."""
        kind = self._some_kind()
        victims = tuple(Binder(f"d{n}", kind.id) for n in range(2 if self.draw.chance(15) else 1))
        parts = self._skeleton("del", victims[:1])
        if len(victims) == 2:
            parts = evolve(parts, params=victims, choices=(), lets=(), guard=())
        guarded = self.draw.chance(85)
        names = tuple(Local(b.name, b.sort) for b in victims)
        alive = tuple(kind.is_live(n) for n in names) if guarded else ()
        updates = tuple(u for n in names for u in self._deleted(kind, n))
        return evolve(parts, guard=(*alive, *parts.guard), updates=updates)

    def _deleted(self, kind: Kind, victim: Local) -> tuple[Update, ...]:
        alive = kind.is_live(victim)
        writes = [Update(kind.live.name, (Index(victim),), lit(False), TRUE, alive)]
        for var in kind.fields:
            assert isinstance(var.sort, Map)
            nothing = Lit(var.sort.value, default(var.sort.value))
            writes.append(Update(var.name, (Index(victim),), nothing, TRUE, alive))
        return tuple(writes)

    def _touch(self) -> Parts:
        """A write to a field of an object that may be dead."""
        kinds = [k for k in self.world.kinds if k.pool.size and k.fields]
        if not kinds:
            return self._anything()
        kind = self.draw.pick(kinds)
        target = Binder("t0", kind.id)
        parts = self._skeleton("set", (target,))
        scope = self.world.acting_scope(*parts.locals())
        var = self.draw.pick(kind.fields)
        path: tuple[PathStep, ...] = (Index(Local(target.name, target.sort)),)
        assert isinstance(var.sort, Map)
        value = self.updates.value(var.sort.value, self.updates.current(var, path), scope)
        return evolve(
            parts,
            updates=(Update(var.name, path, value, TRUE, self.updates.live(var, path, scope)),),
        )

    def _deliver(self) -> Parts:
        """The view becomes the live state: whole, or object by object."""
        d = self.draw
        stale = tuple(Not(Eq(ref(view), ref(live))) for view, live in self.world.images)
        guard: tuple[Expr, ...] = (Or(stale) if len(stale) > 1 else stale[0],)
        updates = tuple(self._image(view, live) for view, live in self.world.images)
        return Parts(
            "deliver", guard=guard if d.chance(70) else (), updates=updates, origin=Origin.DELIVERY
        )

    def _image(self, view: Var, live: Var) -> Update:
        assert isinstance(live.sort, Map)
        if self.draw.chance(60):
            return write(view, (), ref(live))
        each = Binder(self.draw.fresh("u"), live.sort.key)
        one = Local(each.name, each.sort)
        return Update(view.name, (Index(one),), Get(ref(live), one), TRUE, TRUE, (each,))

    def _crash(self) -> Parts:
        """A fault that a budget limits."""
        budget = self.world.budgets[0]
        parts = self._skeleton("crash")
        spent = write(budget, (), Arith(ArithOp.SUB, ref(budget), lit(1)))
        left = Lt(lit(0), ref(budget))
        updates = (spent, *self.updates.some(parts.locals(), (1, 0)))
        return evolve(parts, guard=(left, *parts.guard), updates=updates, origin=Origin.FAULT)
