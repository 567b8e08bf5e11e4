"""Claims over runs as automata that read letters: what is so in a state, what a step did.

A formula is *grounded*: names become values, and every part that needs the system becomes a
question with one bit for an answer, about a state or about a step. What is left is taken apart as
letters come (`Monitor`): an automaton whose states are sets of debts, made as far as it is needed.
The meaning is that of `docs/semantics.md`, rule 12 and "Claims over runs"; the reference has it in
`engines.reference_liveness`, which shares no code with this. Next: `graph`, which answers the
questions, and `liveness`, which looks for runs.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from functools import cache
from itertools import product
from typing import TypeAlias, assert_never, final

from attrs import field, mutable

from kspec.base.record import frozen
from kspec.engines.explicit.layout import Refusal
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
MOST_DEBTS = 1 << 12


# ---- grounded formulas -------------------------------------------------------------------------

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


# ---- the automaton -----------------------------------------------------------------------------


class Due(enum.IntEnum):
    """When a debt is due: of now on; of now, though owed before; of this step alone; of steps
    after now."""

    NOW = 0
    STILL = 1
    STEP = 2
    LATER = 3


@final
@frozen(cache_hash=True)
class Debt:
    """A formula that must be `wanted`, with the lives in its scope that are over."""

    formula: Ground
    wanted: bool
    over: Lives
    due: Due = Due.NOW


@final
@frozen
class Letter:
    """A moment: bits about the state, about the state before it, about the step between them.

    At rest the two states are the same and no bit of a step is set.
    """

    now: int
    before: int
    step: int


Way: TypeAlias = tuple[frozenset[Debt], frozenset[Debt]]
"""What is owed at the next moment, and what of it was put off."""

DONE: tuple[Way, ...] = ((frozenset(), frozenset()),)


@final
@frozen
class Move:
    """Into a state of the monitor; `put_off` has a bit for each promise."""

    state: int
    put_off: int


@mutable
class Monitor:
    """The automaton of runs on which a formula is false. State 0 is where a run may begin."""

    formula: Ground
    _states: dict[frozenset[Debt], int] = field(factory=dict)
    _debts: list[tuple[Debt, ...]] = field(factory=list)
    _lives: dict[int, int] = field(init=False)
    promises: dict[Debt, int] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self._lives = dict(_lives_of(self.formula))

    @property
    def size(self) -> int:
        """How many states were made."""
        return len(self._debts)

    def births(self) -> int:
        """The bits about states that matter one moment later, too."""
        return sum(1 << bit for bit in sorted(set(self._lives.values())))

    def begin(self, now: int) -> tuple[Move, ...]:
        """Into the states after the first moment."""
        return self._moves((Debt(self.formula, False, frozenset()),), Letter(now, 0, 0))

    def move(self, state: int, letter: Letter) -> tuple[Move, ...]:
        """From a state, by a letter, in all possible ways."""
        owed = tuple(self._grown(debt, letter.now) for debt in self._debts[state])
        return self._moves(owed, letter)

    def _moves(self, owed: tuple[Debt, ...], letter: Letter) -> tuple[Move, ...]:
        ways = _least(_all([self._pay(debt, letter) for debt in owed]))
        return tuple(Move(self._state(after), self._mask(put)) for after, put in ways)

    def _state(self, owed: frozenset[Debt]) -> int:
        if owed not in self._states:
            if len(self._states) >= MOST_DEBTS:
                raise Refusal("the claim has too many cases for this engine")
            self._states[owed] = len(self._debts)
            # Sets have no order of their own, and the same question must give the same trace.
            self._debts.append(tuple(sorted(owed, key=repr)))
        return self._states[owed]

    def _mask(self, put_off: frozenset[Debt]) -> int:
        known = self.promises
        return sum(1 << known.setdefault(debt, len(known)) for debt in sorted(put_off, key=repr))

    def _grown(self, debt: Debt, now: int) -> Debt:
        """The debt at the next moment: lives that are not there are over."""
        gone = frozenset(k for k in _scope(debt.formula) if not now >> self._lives[k] & 1)
        return Debt(debt.formula, debt.wanted, debt.over | gone, debt.due) if gone else debt

    def _pay(self, debt: Debt, letter: Letter) -> tuple[Way, ...]:
        formula, wanted, over = debt.formula, debt.wanted, debt.over
        match formula:
            case InState(bit, lives):
                return _if((bool(letter.now >> bit & 1) and not lives & over) is wanted)
            case InStep(bit, lives):
                return _if((bool(letter.step >> bit & 1) and not lives & over) is wanted)
            case Not(arg):
                return self._pay(Debt(arg, not wanted, over), letter)
            case All(args) | Any(args):
                parts = [self._pay(Debt(arg, wanted, over), letter) for arg in args]
                return _all(parts) if isinstance(formula, All) is wanted else _any(parts)
            case Hence(arg):
                here = self._pay(Debt(arg, wanted, over), letter)
                return _all([here, _then(debt)]) if wanted else _any([here, _put_off(debt)])
            case Until_(left, right):
                end = self._pay(Debt(right, wanted, over), letter)
                way = self._pay(Debt(left, wanted, over), letter)
                if wanted:
                    return _any([end, _all([way, _put_off(debt)])])
                return _all([end, _any([way, _then(debt)])])
            case Stays():
                return self._stay(debt, formula, letter)
            case EveryLife():
                return self._life(debt, formula, letter)
            case _:
                assert_never(formula)

    def _stay(self, debt: Debt, formula: Stays, letter: Letter) -> tuple[Way, ...]:
        came = debt.due in (Due.STILL, Due.STEP) and bool(letter.step >> formula.bit & 1)
        moved = came or bool(formula.lives & debt.over)
        if debt.wanted:
            return () if moved else _then(debt, Due.STILL)
        if debt.due is Due.STEP:
            return _if(moved)
        return DONE if moved else _any([_then(debt, Due.STEP), _put_off(debt)])

    def _life(self, debt: Debt, formula: EveryLife, letter: Letter) -> tuple[Way, ...]:
        there, was = letter.now >> formula.bit & 1, letter.before >> formula.bit & 1
        begins = bool(there) and (debt.due is Due.NOW or not was) and debt.due is not Due.LATER
        inner = Debt(formula.arg, debt.wanted, debt.over - {formula.life})
        parts = [self._pay(inner, letter)] if begins else []
        if debt.wanted:
            return _all([*parts, _then(debt, Due.STILL)])
        if debt.due is Due.STEP:
            return _any(parts)
        later = Debt(formula, False, debt.over, Due.LATER)
        return _any([*parts, _then(debt, Due.STEP), _put_off(later)])


def _if(condition: bool) -> tuple[Way, ...]:
    return DONE if condition else ()


def _then(debt: Debt, due: Due = Due.NOW) -> tuple[Way, ...]:
    after = Debt(debt.formula, debt.wanted, debt.over & _scope(debt.formula), due)
    return ((frozenset((after,)), frozenset()),)


def _put_off(debt: Debt) -> tuple[Way, ...]:
    # INVARIANT: debts that mean the same are equal, so that who pays one has paid all.
    debt = Debt(debt.formula, debt.wanted, debt.over & _scope(debt.formula), debt.due)
    return ((frozenset((debt,)), frozenset((debt,))),)


def _all(parts: list[tuple[Way, ...]]) -> tuple[Way, ...]:
    found: dict[Way, None] = {}
    for chosen in product(*parts):
        after = frozenset[Debt]().union(*(way[0] for way in chosen))
        put = frozenset[Debt]().union(*(way[1] for way in chosen))
        found[after, put] = None
    return _least(tuple(found))


def _any(parts: list[tuple[Way, ...]]) -> tuple[Way, ...]:
    return _least(tuple(dict.fromkeys(way for part in parts for way in part)))


def _least(ways: tuple[Way, ...]) -> tuple[Way, ...]:
    """Without ways that owe all that another owes, and more: who can go on from there can go on
    from the other."""
    if len(ways) < 2:
        return ways
    return tuple(
        way
        for way in ways
        if not any(other != way and other[0] <= way[0] and other[1] <= way[1] for other in ways)
    )


def _lives_of(formula: Ground) -> list[tuple[int, int]]:
    """All lives of a formula, each with the bit that says if it is."""
    match formula:
        case InState() | InStep() | Stays():
            return []
        case Not(arg) | Hence(arg):
            return _lives_of(arg)
        case All(args) | Any(args):
            return [pair for arg in args for pair in _lives_of(arg)]
        case Until_(left, right):
            return [*_lives_of(left), *_lives_of(right)]
        case EveryLife(life, bit, arg):
            return [(life, bit), *_lives_of(arg)]
        case _:
            assert_never(formula)


@cache
def _scope(formula: Ground) -> Lives:
    """The lives that a formula speaks of and does not bind itself."""
    match formula:
        case InState(_, lives) | InStep(_, lives) | Stays(_, lives):
            return lives
        case Not(arg) | Hence(arg):
            return _scope(arg)
        case All(args) | Any(args):
            return frozenset[int]().union(*(_scope(arg) for arg in args))
        case Until_(left, right):
            return _scope(left) | _scope(right)
        case EveryLife(life, _, arg):
            return _scope(arg) - {life}
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
