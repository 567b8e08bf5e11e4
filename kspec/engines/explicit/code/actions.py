"""The instances of the actions in one state: what is enabled, cut, broken, and where it leads.

Parameters and choices are nested loops in the order of instances (docs/engine-contract.md), and
each conjunct of a guard stands at the outermost loop that binds its names. Loops of little code
are unrolled, so that instances share what they have in common. What happens with an instance is
a `Sink`'s business: storing successors (`expand`) or looking for one (`probe`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, final

from kspec.base.record import frozen
from kspec.engines.explicit.code.codegen import Bound, Codegen, Env, World
from kspec.engines.explicit.code.convert import size_of, value_at
from kspec.engines.explicit.code.writes import Next, Write, breaks, writes
from kspec.engines.explicit.llvm.operand import FALSE, TRUE, Op, number
from kspec.engines.explicit.store.layout import Refusal
from kspec.ir.expr import Binder, Expr
from kspec.ir.sorts import cardinality
from kspec.ir.system import Action, Implicit

MOST_RANK = 1 << 62


@final
@frozen
class Instance:
    """An action with its parameters bound; `rank` is its place among the action's instances."""

    index: int
    action: Action
    env: Env
    rank: Op


@final
@frozen
class Level:
    """One binder with the conjuncts that can be decided once it is bound."""

    binder: Binder
    conjuncts: tuple[Expr, ...]
    unrolled: bool
    inner: int


class Sink(Protocol):
    """What is done with instances."""

    def cut(self, instance: Instance, cut: Op) -> None:
        """The instance is cut if `cut`."""

    def enabled(self, instance: Instance, guard: Op) -> None:
        """The instance is enabled if `guard`."""

    def straight(self, instance: Instance, guard: Op, found: list[Write]) -> bool:
        """Take the step without a branch; False if a branch is wanted."""

    def taken(
        self, instance: Instance, found: list[Write], broken: tuple[tuple[Implicit, Op], ...]
    ) -> None:
        """The instance is enabled; this code is executed only then."""

    def visited(self, index: int) -> None:
        """All instances of an action were visited."""


def instances(action: Action) -> int:
    """How many instances an action has at most."""
    total = 1
    for binder in (*action.params, *action.choices):
        total *= size_of(binder.sort)
    if total > MOST_RANK:
        raise Refusal(f"the action {action.name} has {total} instances")
    return total


def visit(cg: Codegen, world: World, actions: tuple[Action, ...], sink: Sink) -> None:
    """Write the code for every instance of every action in a state."""
    for index, action in enumerate(actions):
        if instances(action):
            cg.em.comment(f"action {action.name}")
            _Visit(cg, world, index, action, sink).run()
            sink.visited(index)


@final
class _Visit:
    """One action."""

    def __init__(self, cg: Codegen, world: World, index: int, action: Action, sink: Sink) -> None:
        self.cg, self.world, self.sink, self.tuning = cg, world, sink, cg.tuning
        self.index, self.action = index, action
        self.binders = (*action.params, *action.choices)
        self.places = {id(c.expr): k for k, c in enumerate(action.guard, 1)}
        self.first, self.levels = self._plan()

    def run(self) -> None:
        """All instances."""
        guard = self._guard(self.first, self._with_lets({}), TRUE)
        if guard.const != 0:
            self._descend(0, {}, number(64, 0), guard)

    # ---- planning -----------------------------------------------------------------------------

    def _plan(self) -> tuple[tuple[Expr, ...], list[Level]]:
        placed = [(self._depth(c.expr), c.expr) for c in self.action.guard]
        lets = [(self._depth(value), value) for _, value in self.action.lets]
        code = self._leaf_work()
        levels: list[Level] = []
        for depth in range(len(self.binders), 0, -1):
            binder = self.binders[depth - 1]
            here = tuple(e for d, e in placed if d == depth)
            inner = code
            named = (e for d, e in lets if d == depth)
            each = code + sum(self._work(e) for e in (*here, *named))
            unrolled = each * cardinality(binder.sort) <= self.tuning.unroll_code
            code = each * cardinality(binder.sort) if unrolled else each
            levels.append(Level(binder, here, unrolled, inner))
        return tuple(e for d, e in placed if d == 0), levels[::-1]

    def _work(self, expr: Expr) -> int:
        return min(self.cg.nodes.of(expr).work, self.tuning.unroll_code)

    def _leaf_work(self) -> int:
        total = 10 if self.action.cut is None else 10 + self._work(self.action.cut)
        for update in self.action.updates:
            times = 1
            for binder in update.binders:
                times *= cardinality(binder.sort)
            total += times * (
                8 + sum(self._work(e) for e in (update.when, update.live, update.value))
            )
        return total

    def _depth(self, expr: Expr) -> int:
        """How many binders must be bound before the expression can be computed."""
        needs: dict[str, int] = {b.name: i + 1 for i, b in enumerate(self.binders)}
        for name, value in self.action.lets:
            needs[name] = max((needs[n] for n in self.cg.nodes.of(value).free), default=0)
        return max((needs[n] for n in self.cg.nodes.of(expr).free), default=0)

    # ---- descending ---------------------------------------------------------------------------

    def _with_lets(self, env: Env) -> Env:
        for name, value in self.action.lets:
            if all(n in env for n in self.cg.nodes.of(value).free):
                env = {**env, name: self.cg.delayed(value, env, self.world)}
        return env

    def _guard(self, conjuncts: tuple[Expr, ...], env: Env, guard: Op) -> Op:
        for expr in conjuncts:
            if guard.const == 0:
                return FALSE
            self.cg.em.comment(f"guard {self.places[id(expr)]} of {self.action.name}")
            guard = self.cg.em.both(guard, self.cg.truth(expr, env, self.world))
        return guard

    def _descend(self, depth: int, env: Env, rank: Op, guard: Op) -> None:
        """`env` binds the binders up to `depth`, and no lets."""
        if depth == len(self.levels):
            self._leaf(env, rank, guard)
            return
        level = self.levels[depth]
        if not level.unrolled or level.inner >= self.tuning.skip_code:
            self.cg.em.when(
                guard, lambda: self._each(depth, level, env, rank, TRUE), self.action.name
            )
        else:
            self._each(depth, level, env, rank, guard)

    def _each(self, depth: int, level: Level, env: Env, rank: Op, guard: Op) -> None:
        em, count = self.cg.em, size_of(level.binder.sort)
        base = em.mul(rank, number(64, count))

        def body(place: Op, bound: Bound, guard: Op) -> None:
            inner: Env = {**env, level.binder.name: bound}
            tested = self._guard(level.conjuncts, self._with_lets(inner), guard)
            if tested.const != 0:
                self._descend(depth + 1, inner, em.add(base, place), tested)

        if level.unrolled:
            for i in range(count):
                body(number(64, i), self.cg.nth(level.binder.sort, i), guard)
            return

        def step(place: Op, _: list[Op]) -> list[Op]:
            body(place, self.cg.bound(value_at(em, level.binder.sort, place)), guard)
            return []

        em.loop(number(64, count), [], step, hint=f"{self.action.name}.{level.binder.name}")

    def _leaf(self, env: Env, rank: Op, guard: Op) -> None:
        em, action = self.cg.em, self.action
        env = self._with_lets(env)
        instance = Instance(self.index, action, env, rank)
        if action.cut is not None:
            cut = self.cg.truth(action.cut, env, self.world)
            self.sink.cut(instance, em.both(guard, cut))
            guard = em.both(guard, em.flip(cut))
        if guard.const == 0:
            return
        self.sink.enabled(instance, guard)
        if self._leaf_work() <= self.tuning.straight_code:
            found = writes(self.cg, action, env, self.world)
            if self.sink.straight(instance, guard, found):
                return
        em.when(guard, self._take(instance), action.name)

    def _take(self, instance: Instance) -> Callable[[], None]:
        def take() -> None:
            found = writes(self.cg, self.action, instance.env, self.world)
            self.sink.taken(instance, found, breaks(self.cg.em, found))

        return take


def successor(cg: Codegen, words: list[Op], found: list[Write]) -> Next:
    """The state after the step, from the words of the state before."""
    made = Next(cg.em, list(words))
    for write in found:
        made.apply(write)
    return made
