"""Claims over runs with every question asked: formulas that read letters.

A formula is *grounded*: names become values, and every part that needs the system becomes a
question with one bit for an answer, about a state or about a step. Next: `monitor`, which makes an
automaton of what is left, and `graph`, which answers the questions.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TypeAlias, assert_never, final

from attrs import field, mutable

from kspec.base.record import frozen
from kspec.engines.explicit.store.layout import Refusal
from kspec.ir.build import neg
from kspec.ir.expr import Eq, Expr, Lit, Old, Ref
from kspec.ir.rewrite import free_locals, map_expr, substitute
from kspec.ir.sorts import cardinality, values
from kspec.ir.system import (
    Always,
    AndF,
    EachLife,
    EachValue,
    Eventually,
    Formula,
    Holds,
    NotF,
    OrF,
    StepCase,
    Steps,
    System,
    Unchanged,
    Until,
)

MOST_PARTS = 1 << 12
"""A formula that says more about single values is for the reference."""

Lives: TypeAlias = frozenset[int]


@final
@frozen(cache_hash=True)
class InState:
    """Question `bit` about the state; false once one of the lives is over."""

    bit: int
    lives: Lives


@final
@frozen(cache_hash=True)
class InStep:
    """Question `bit` about the step just made; false once one of the lives is over."""

    bit: int
    lives: Lives


@final
@frozen(cache_hash=True)
class Stays:
    """No later step has `bit`, and none of the lives ends."""

    bit: int
    lives: Lives


@final
@frozen(cache_hash=True)
class Not:
    """Negation."""

    arg: Ground


@final
@frozen(cache_hash=True)
class All:
    """Conjunction."""

    args: tuple[Ground, ...]


@final
@frozen(cache_hash=True)
class Any:
    """Disjunction."""

    args: tuple[Ground, ...]


@final
@frozen(cache_hash=True)
class Hence:
    """Always, from here on; `eventually` is its dual."""

    arg: Ground


@final
@frozen(cache_hash=True)
class Until_:
    """`right` comes, and `left` until then."""

    left: Ground
    right: Ground


@final
@frozen(cache_hash=True)
class EveryLife:
    """`arg` of each life that is under way or begins later; `bit` is whether it is."""

    life: int
    bit: int
    arg: Ground


Ground: TypeAlias = "InState | InStep | Stays | Not | All | Any | Hence | Until_ | EveryLife"


@mutable
class Questions:
    """What is asked of states, and what of steps: each expression closed, each once.

    A question about a step is for each action an expression that reads the state before it as
    `Old`, the one after it as `Ref`, and the action's own names; for other actions it is false.
    """

    system: System
    states: dict[Expr, int] = field(factory=dict)
    steps: dict[tuple[StepCase, ...], int] = field(factory=dict)
    _lives: int = 0

    def state(self, body: Expr) -> int:
        """The number of a question about states."""
        return self.states.setdefault(body, len(self.states))

    def step(self, cases: tuple[StepCase, ...]) -> int:
        """The number of a question about steps."""
        return self.steps.setdefault(cases, len(self.steps))

    def changed(self, body: Expr) -> int:
        """The question if a step changes the value of an expression."""
        differs = neg(Eq(self._before(body), body))
        return self.step(tuple(StepCase(a.name, differs) for a in self.system.actions))

    def _before(self, body: Expr) -> Expr:
        known = {variable.name for variable in self.system.variables}

        def past(node: Expr) -> Expr:
            is_variable = isinstance(node, Ref) and node.name in known
            return Old(node.name, node.sort) if isinstance(node, Ref) and is_variable else node

        return map_expr(past, body)

    def life(self) -> int:
        """A new life."""
        self._lives += 1
        return self._lives - 1


@final
@frozen
class _Scope:
    """What names stand for, and which of them are lives."""

    values: Mapping[str, Expr]
    lives: Mapping[str, int]

    def bind(self, name: str, value: Expr, life: int | None) -> _Scope:
        lives = {n: k for n, k in self.lives.items() if n != name}
        if life is not None:
            lives[name] = life
        return _Scope({**self.values, name: value}, lives)

    def without(self, names: frozenset[str]) -> _Scope:
        return _Scope(
            {n: v for n, v in self.values.items() if n not in names},
            {n: k for n, k in self.lives.items() if n not in names},
        )

    def of(self, body: Expr) -> Lives:
        return frozenset(k for n, k in self.lives.items() if n in free_locals(body))

    def closed(self, body: Expr) -> Expr:
        return substitute(body, self.values)


def ground(formula: Formula, ask: Questions) -> Ground:
    """A closed formula with its questions asked. Raises `Refusal` if it is too long."""
    return _Grounding(ask).ground(formula, _Scope({}, {}))


@final
@frozen
class _Grounding:
    ask: Questions

    def ground(self, formula: Formula, scope: _Scope) -> Ground:
        match formula:
            case Holds(body):
                return InState(self.ask.state(scope.closed(body)), scope.of(body))
            case Steps(cases):
                return Any(tuple(self._case(case, scope) for case in cases))
            case Unchanged(body):
                return Stays(self.ask.changed(scope.closed(body)), scope.of(body))
            case NotF(arg):
                return Not(self.ground(arg, scope))
            case AndF(args):
                return All(tuple(self.ground(arg, scope) for arg in args))
            case OrF(args):
                return Any(tuple(self.ground(arg, scope) for arg in args))
            case Always(arg):
                return Hence(self.ground(arg, scope))
            case Eventually(arg):
                return Not(Hence(Not(self.ground(arg, scope))))
            case Until(left, right):
                return Until_(self.ground(left, scope), self.ground(right, scope))
            case EachLife() | EachValue():
                return All(self._each(formula, scope))
            case _:
                assert_never(formula)

    def _each(self, formula: EachLife | EachValue, scope: _Scope) -> tuple[Ground, ...]:
        name, sort = formula.binder.name, formula.binder.sort
        if cardinality(sort) * len(self.ask.states) > MOST_PARTS:
            raise Refusal("the claim speaks of too many values one by one")
        parts: list[Ground] = []
        for value in values(sort):
            is_life = isinstance(formula, EachLife)
            life = self.ask.life() if is_life else None
            inner = scope.bind(name, Lit(sort, value), life)
            if isinstance(formula, EachLife) and life is not None:
                bit = self.ask.state(inner.closed(formula.live))
                parts.append(EveryLife(life, bit, self.ground(formula.arg, inner)))
            else:
                parts.append(self.ground(formula.arg, inner))
        return tuple(parts)

    def _case(self, case: StepCase, scope: _Scope) -> Ground:
        action = next((a for a in self.ask.system.actions if a.name == case.action), None)
        if action is None:
            return Any(())
        own = frozenset((*(b.name for b in (*action.params, *action.choices)), *dict(action.lets)))
        outer = scope.without(own)
        closed = StepCase(case.action, outer.closed(case.body))
        return InStep(self.ask.step((closed,)), outer.of(case.body))


def conjuncts(formula: Ground) -> tuple[Ground, ...]:
    """Parts that are true together iff the formula is."""
    if isinstance(formula, All):
        return tuple(part for arg in formula.args for part in conjuncts(arg))
    if isinstance(formula, Not) and isinstance(formula.arg, Any):
        return tuple(part for arg in formula.arg.args for part in conjuncts(Not(arg)))
    if isinstance(formula, Not) and isinstance(formula.arg, Not):
        return conjuncts(formula.arg.arg)
    return (formula,)


# ---- what a formula reads ----------------------------------------------------------------------


def lives_of(formula: Ground) -> list[tuple[int, int]]:
    """All lives of a formula, each with the bit that says if it is."""
    match formula:
        case InState() | InStep() | Stays():
            return []
        case Not(arg) | Hence(arg):
            return lives_of(arg)
        case All(args) | Any(args):
            return [pair for arg in args for pair in lives_of(arg)]
        case Until_(left, right):
            return [*lives_of(left), *lives_of(right)]
        case EveryLife(life, bit, arg):
            return [(life, bit), *lives_of(arg)]
        case _:
            assert_never(formula)


@cache
def scope_of(formula: Ground) -> Lives:
    """The lives that a formula speaks of and does not bind itself."""
    match formula:
        case InState(_, lives) | InStep(_, lives) | Stays(_, lives):
            return lives
        case Not(arg) | Hence(arg):
            return scope_of(arg)
        case All(args) | Any(args):
            return frozenset[int]().union(*(scope_of(arg) for arg in args))
        case Until_(left, right):
            return scope_of(left) | scope_of(right)
        case EveryLife(life, _, arg):
            return scope_of(arg) - {life}
        case _:
            assert_never(formula)


def bits_of(formula: Ground) -> tuple[int, int]:
    """The bits about states and about steps that a formula reads, as masks."""
    match formula:
        case InState(bit, _):
            return 1 << bit, 0
        case InStep(bit, _) | Stays(bit, _):
            return 0, 1 << bit
        case Not(arg) | Hence(arg):
            return bits_of(arg)
        case All(args) | Any(args):
            return _union(args)
        case Until_(left, right):
            return _union((left, right))
        case EveryLife(_, bit, arg):
            states, steps = bits_of(arg)
            return states | 1 << bit, steps
        case _:
            assert_never(formula)


def _union(args: tuple[Ground, ...]) -> tuple[int, int]:
    states, steps = 0, 0
    for arg in args:
        more_states, more_steps = bits_of(arg)
        states, steps = states | more_states, steps | more_steps
    return states, steps
