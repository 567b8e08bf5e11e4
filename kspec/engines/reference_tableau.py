"""What is owed: claims over whole runs taken apart into what must be so here and what is left for
the next moment, in all possible ways, over `kspec.semantics`. Obvious and slow.

It is never made faster, and no other engine may call it. Next: `reference_liveness`, whose products
are made with it.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from itertools import product
from typing import TypeAlias, assert_never, final

from attrs import evolve

from kspec.base.record import frozen
from kspec.ir.expr import Expr
from kspec.ir.sorts import values
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
from kspec.semantics.evaluate import Env, evaluate, truth
from kspec.semantics.runs import Bound, Names, bind, mentions_over
from kspec.semantics.state import State, env_of, named
from kspec.semantics.step import (
    Instance,
    instance_env,
)


class Stage(enum.Enum):
    """When a debt is due. All but `HERE` are only for what looks at steps and births."""

    HERE = "from this moment on"
    SINCE = "from an earlier moment on; what was there before has been looked at"
    ARRIVING = "in the step into this moment, and in no other"
    AFTER = "in some step after this moment"


@final
@frozen
class Owed:
    """A formula that must be true, or false, of a run from a moment on.

    INVARIANT: two equal debts at one moment are one debt: whoever pays it has paid both. That is
    why what may be put off is due in a step *after* the moment, whoever owes it and since when.
    """

    formula: Formula
    wanted: bool
    names: Names
    stage: Stage = Stage.HERE


@final
@frozen
class Way:
    """One way to pay: what is then owed at the next moment, and what of it was put off."""

    following: frozenset[Owed]
    put_off: frozenset[Owed]


Ways: TypeAlias = tuple[Way, ...]
DONE: Ways = (Way(frozenset(), frozenset()),)
NEVER: Ways = ()


@final
@frozen
class Here:
    """A moment: the state, and the state and the step before it unless it is the first."""

    state: State
    before: State | None
    step: Instance | None


@final
@frozen
class Tableau:
    """Takes formulas apart."""

    system: System

    def pay_all(self, owed: Iterable[Owed], here: Here) -> Ways:
        """All ways to pay everything."""
        return _all(self.pay(one, here) for one in owed)

    def pay(self, owed: Owed, here: Here) -> Ways:
        """All ways to pay one thing."""
        formula, wanted = owed.formula, owed.wanted
        match formula:
            case Holds() | Steps():
                return DONE if self._atom(formula, owed.names, here) is wanted else NEVER
            case NotF(arg):
                return self.pay(evolve(owed, formula=arg, wanted=not wanted), here)
            case AndF(args) | OrF(args):
                parts = [self.pay(evolve(owed, formula=arg), here) for arg in args]
                return _all(parts) if isinstance(formula, AndF) is wanted else _any(parts)
            case Always(arg) | Eventually(arg):
                now = self.pay(Owed(arg, wanted, owed.names), here)
                for_ever = isinstance(formula, Always) is wanted
                return _all((now, _then(owed))) if for_ever else _any((now, _put_off(owed)))
            case Until(left, right):
                return self._until(owed, left, right, here)
            case Unchanged(body):
                return self._unchanged(owed, body, here)
            case EachLife():
                return self._lives(owed, formula, here)
            case EachValue(binder, arg):
                names = [(*owed.names, Bound(binder.name, v)) for v in values(binder.sort)]
                parts = [self.pay(Owed(arg, wanted, n), here) for n in names]
                return _all(parts) if wanted else _any(parts)
            case _:
                assert_never(formula)

    def _until(self, owed: Owed, left: Formula, right: Formula, here: Here) -> Ways:
        arrived = self.pay(Owed(right, owed.wanted, owed.names), here)
        still = self.pay(Owed(left, owed.wanted, owed.names), here)
        if owed.wanted:
            return _any((arrived, _all((still, _put_off(owed)))))
        return _all((arrived, _any((still, _then(owed)))))

    def _unchanged(self, owed: Owed, body: Expr, here: Here) -> Ways:
        arrives = owed.stage in (Stage.SINCE, Stage.ARRIVING)
        broken = mentions_over(body, owed.names) or (arrives and self._changed(owed, body, here))
        if owed.wanted:
            return NEVER if broken else _then(owed, Stage.SINCE)
        if owed.stage is Stage.ARRIVING:
            return DONE if broken else NEVER
        if broken:
            return DONE
        return _any((_then(owed, Stage.ARRIVING), _put_off(owed)))

    def _changed(self, owed: Owed, body: Expr, here: Here) -> bool:
        assert here.before is not None
        then, now = (self._env(s, owed.names) for s in (here.before, here.state))
        return evaluate(body, then) != evaluate(body, now)

    def _lives(self, owed: Owed, formula: EachLife, here: Here) -> Ways:
        parts: list[Ways] = []
        if owed.stage is not Stage.AFTER:
            is_later = owed.stage is not Stage.HERE
            for value in values(formula.binder.sort):
                names = (*owed.names, Bound(formula.binder.name, value, formula.live))
                if self._begins(names, here, is_later):
                    parts.append(self.pay(Owed(formula.arg, owed.wanted, names), here))
        if owed.wanted:
            return _all((*parts, _then(owed, Stage.SINCE)))
        if owed.stage is Stage.ARRIVING:
            return _any(parts)
        after = evolve(owed, stage=Stage.AFTER)
        return _any((*parts, _then(owed, Stage.ARRIVING), _put_off(after)))

    def _begins(self, names: Names, here: Here, is_later: bool) -> bool:
        live = names[-1].live
        assert live is not None
        if not truth(live, self._env(here.state, names)):
            return False
        if not is_later:
            return True
        assert here.before is not None
        return not truth(live, self._env(here.before, names))

    def grown(self, owed: Owed, state: State) -> Owed:
        """The same at the next moment, whose state this is: lives may be over there."""
        names = tuple(
            evolve(b, is_over=b.is_over or not truth(b.live, self._env(state, owed.names[: k + 1])))
            if b.live is not None
            else b
            for k, b in enumerate(owed.names)
        )
        return evolve(owed, names=names)

    def _atom(self, formula: Holds | Steps, names: Names, here: Here) -> bool:
        if isinstance(formula, Holds):
            over = mentions_over(formula.body, names)
            return not over and truth(formula.body, self._env(here.state, names))
        return any(self._was_step(case, names, here) for case in formula.cases)

    def _was_step(self, case: StepCase, names: Names, here: Here) -> bool:
        if here.step is None or here.before is None:
            return False
        if self.system.actions[here.step.action].name != case.action:
            return False
        own = instance_env(self.system, here.before, here.step).bound
        if mentions_over(case.body, tuple(b for b in names if b.name not in own)):
            return False
        outer = self._env(here.before, names).bound
        present, before = named(self.system, here.state), named(self.system, here.before)
        return truth(case.body, Env(present, before, {**outer, **own}))

    def _env(self, state: State, names: Names) -> Env:
        return bind(env_of(self.system, state), names)


def _all(parts: Iterable[Ways]) -> Ways:
    """Every combination of a way of each."""
    found: dict[Way, None] = {}
    for chosen in product(*parts):
        following = frozenset[Owed]().union(*(way.following for way in chosen))
        put_off = frozenset[Owed]().union(*(way.put_off for way in chosen))
        found[Way(following, put_off)] = None
    return tuple(found)


def _any(parts: Iterable[Ways]) -> Ways:
    return tuple(dict.fromkeys(way for part in parts for way in part))


def _then(owed: Owed, stage: Stage = Stage.HERE) -> Ways:
    """It is owed at the next moment, too."""
    return (Way(frozenset((evolve(owed, stage=stage),)), frozenset()),)


def _put_off(owed: Owed) -> Ways:
    """It is not paid now, but at some later moment."""
    return (Way(frozenset((owed,)), frozenset((owed,))),)
