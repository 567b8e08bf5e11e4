"""Claims over runs as automata that read letters: what is so in a state, what a step did.

A grounded formula (`grounding`) is taken apart as letters come (`Monitor`): an automaton whose
states are sets of debts, made as far as it is needed. The meaning is that of `docs/semantics.md`,
rule 12 and "Claims over runs"; the reference has it in `engines.reference_tableau`, which shares no
code with this. Next: `liveness`, which looks for runs.
"""

from __future__ import annotations

import enum
from itertools import product
from typing import TypeAlias, assert_never, final

from attrs import field, mutable

from kspec.base.record import frozen
from kspec.engines.explicit.runs.grounding import (
    All,
    Any,
    EveryLife,
    Ground,
    Hence,
    InState,
    InStep,
    Lives,
    Not,
    Stays,
    Until_,
    lives_of,
    scope_of,
)
from kspec.engines.explicit.store.layout import Refusal

MOST_DEBTS = 1 << 12


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
        self._lives = dict(lives_of(self.formula))

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
        gone = frozenset(k for k in scope_of(debt.formula) if not now >> self._lives[k] & 1)
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
    after = Debt(debt.formula, debt.wanted, debt.over & scope_of(debt.formula), due)
    return ((frozenset((after,)), frozenset()),)


def _put_off(debt: Debt) -> tuple[Way, ...]:
    # INVARIANT: debts that mean the same are equal, so that who pays one has paid all.
    debt = Debt(debt.formula, debt.wanted, debt.over & scope_of(debt.formula), debt.due)
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
