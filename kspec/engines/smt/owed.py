"""What is owed along a run that may loop: claims over whole runs as formulas about its moments.

A run has moments 0, 1, …, k, one a state; the moment after k is one after the state that it loops
back to, or one of rest, for ever. A *debt* is a formula that must be true, or false, from a moment
on. A flag says that it is owed there; the flag implies what must be so at that moment and what is
owed at the next. Nothing implies a flag but what owes it, so a debt that nobody owes costs nothing.
What may be put off may not be put off all along a loop. Rules 8, 9 and 12; it shares nothing with
`kspec.semantics` or with the procedures that have seen all states. Next: `lasso`.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias, assert_never, final

from attrs import evolve, field

from kspec.base.record import define, frozen
from kspec.engines.smt.encode import Env, TooLarge
from kspec.engines.smt.model import Model
from kspec.engines.smt.solver import Solver
from kspec.engines.smt.terms import Truth
from kspec.engines.smt.unroll import Unrolling
from kspec.engines.smt.values import lift
from kspec.ir.expr import Expr, sort_of
from kspec.ir.rewrite import free_locals
from kspec.ir.sorts import Sort, Value, cardinality, values
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
    Unchanged,
    Until,
)

MOST_NAMES = 5_000
"""A formula that speaks of more values than this is not written out."""


@final
@frozen
class Name:
    """A name that a formula has bound, and to what; of a life, whether it is over."""

    name: str
    sort: Sort
    value: Value
    live: Expr | None = None
    is_over: bool = False


Names: TypeAlias = tuple[Name, ...]


class Stage(enum.Enum):
    """What of a formula about lives is due: those that are there and those that begin, or these
    alone."""

    HERE = "here"
    LATER = "later"


@final
@frozen
class Debt:
    """A formula that must be true, or false, from a moment on."""

    formula: Formula
    wanted: bool
    names: Names
    stage: Stage = Stage.HERE


@final
@frozen
class Change:
    """Something must stay as it is, or must change, in the step after a moment."""

    same: Truth
    wanted: bool


@final
@define(eq=False)
class _Link:
    """If its flag is true, this is so of what comes after the moment."""

    flag: Any
    what: Debt | Change


@final
@define(eq=False)
class Owed:
    """The formulas of one run. `depth` is its last moment."""

    model: Model
    unrolling: Unrolling
    solver: Solver
    depth: int = 0
    _flags: dict[tuple[object, ...], Any] = field(factory=dict)
    _links: list[list[_Link]] = field(factory=lambda: [[]])
    _waiting: list[tuple[int, _Link]] = field(factory=list)
    _put_off: dict[tuple[object, ...], dict[int, Any]] = field(factory=dict)
    _same: dict[tuple[object, ...], Truth] = field(factory=dict)
    _closed: Closing | None = None
    _number: int = 0

    def owe(self, formula: Formula, wanted: bool) -> None:
        """It is owed from the start."""
        self.solver.add([self._z3(self._now(Debt(formula, wanted, ()), 0))])
        self._settle()

    def extend(self) -> None:
        """The run has one moment more; its steps and states are somebody else's."""
        self._closed = None
        last, self.depth = self.depth, self.depth + 1
        self._links.append([])
        self._waiting += [(last, link) for link in self._links[last]]
        self._settle()

    def close(self, closing: Closing) -> None:
        """What must be so if the run goes on after its last moment as is said there."""
        self._closed = closing
        self._waiting += [(self.depth, link) for link in self._links[self.depth]]
        self._settle()
        for off in self._put_off.values():
            paid = [
                self.z3.And(inside, self.z3.Not(off[n])) if n in off else inside
                for n, inside in enumerate(closing.inside, start=1)
            ]
            if off:
                self.solver.add([self.z3.Implies(closing.loops, self._any(paid))])

    # ---- what comes after a moment ------------------------------------------------------------

    def _settle(self) -> None:
        """Follow links until nothing new is owed anywhere."""
        while self._waiting:
            place, link = self._waiting.pop()
            if place < self.depth:
                self._implied([link.flag], self._arrived(link.what, place, place + 1))
            elif self._closed is not None:
                closing = self._closed
                for n, back in enumerate(closing.back):
                    self._implied([back, link.flag], self._arrived(link.what, n, n + 1))
                self._implied([closing.rests, link.flag], self._at_rest(link.what, place))

    def _implied(self, premises: list[Any], what: Any) -> None:
        if what is not True:
            self.solver.add([self.z3.Implies(self.z3.And(premises), self._z3(what))])

    def _arrived(self, what: Debt | Change, before: int, here: int) -> Any:
        if isinstance(what, Change):
            return self._literal(self._at(before, what.same), what.wanted)
        parts = []
        for names, conditions in self._grown(what.names, here):
            owed = self._now(evolve(what, names=names), here)
            parts.append(self._any([*(self._not(c) for c in conditions), owed]))
        return self._all(parts)

    def _grown(self, names: Names, here: int) -> Iterator[tuple[Names, list[Any]]]:
        """What may have become of lives, and when that is so."""
        found: list[tuple[Names, list[Any]]] = [((), [])]
        for place, name in enumerate(names):
            if name.live is None or name.is_over:
                found = [((*done, name), when) for done, when in found]
                continue
            lives = self._at(here, self._truth(name.live, names[: place + 1]))
            over = evolve(name, is_over=True)
            found = [
                *(((*done, name), [*when, lives]) for done, when in found),
                *(((*done, over), [*when, self._not(lives)]) for done, when in found),
            ]
        yield from found

    def _next(self, what: Debt | Change, place: int) -> Any:
        """A flag that implies it of what comes after a moment."""
        key = (place, "next", *_key(what))
        if key not in self._flags:
            self._flags[key] = self._flag()
            link = _Link(self._flags[key], what)
            self._links[place].append(link)
            self._waiting.append((place, link))
        return self._flags[key]

    def _later(self, debt: Debt, place: int) -> Any:
        """It is put off: still owed at the next moment, but not all along a loop."""
        off = self._put_off.setdefault(_key(debt), {})
        if place not in off:
            off[place] = self._flag()
        return self._all([off[place], self._next(debt, place)])

    # ---- a moment -----------------------------------------------------------------------------

    def _now(self, debt: Debt, place: int) -> Any:
        """What a debt means at a moment: a formula, or whether it is paid."""
        formula, wanted = debt.formula, debt.wanted
        match formula:
            case Holds() | Steps():
                return self._literal(self._atom(formula, debt.names, place), wanted)
            case NotF(arg):
                return self._now(evolve(debt, formula=arg, wanted=not wanted), place)
            case AndF(args) | OrF(args):
                parts = [self._now(evolve(debt, formula=arg), place) for arg in args]
                return self._all(parts) if isinstance(formula, AndF) is wanted else self._any(parts)
            case EachValue(binder, arg):
                each = _each(debt.names, Name(binder.name, binder.sort, False))
                parts = [self._now(Debt(arg, wanted, names), place) for names in each]
                return self._all(parts) if wanted else self._any(parts)
            case Always() | Eventually() | Until() | Unchanged() | EachLife():
                return self._owed(debt, place)
            case _:
                assert_never(formula)

    def _owed(self, debt: Debt, place: int) -> Any:
        """The flag of a debt, with what it implies."""
        key = (place, "owed", *_key(debt))
        if key not in self._flags:
            flag = self._flags[key] = self._flag()
            self._implied([flag], self._unfolded(debt, place))
        return self._flags[key]

    def _unfolded(self, debt: Debt, place: int) -> Any:
        formula, wanted = debt.formula, debt.wanted
        match formula:
            case Always(arg) | Eventually(arg):
                now = self._now(evolve(debt, formula=arg), place)
                if isinstance(formula, Always) is wanted:
                    return self._all([now, self._next(debt, place)])
                return self._any([now, self._later(debt, place)])
            case Until(left, right):
                arrived = self._now(evolve(debt, formula=right), place)
                still = self._now(evolve(debt, formula=left), place)
                if wanted:
                    return self._any([arrived, self._all([still, self._later(debt, place)])])
                return self._all([arrived, self._any([still, self._next(debt, place)])])
            case Unchanged(body):
                if _mentions_over(body, debt.names):
                    return not wanted
                change = self._next(Change(self._stays(body, debt.names), wanted), place)
                if wanted:
                    return self._all([change, self._next(debt, place)])
                return self._any([change, self._later(debt, place)])
            case EachLife():
                return self._lives(debt, formula, place)
            case _:
                raise AssertionError(f"{formula} is no debt of several moments")

    def _lives(self, debt: Debt, formula: EachLife, place: int) -> Any:
        is_later = debt.stage is Stage.LATER
        name = Name(formula.binder.name, formula.binder.sort, False, formula.live)
        parts = []
        for names in _each(debt.names, name):
            truth = self._truth(formula.live, names)
            begins = self._at(place, truth)
            if is_later:
                begins = self._all([begins, self._not(self._at(place - 1, truth))])
            about = self._now(Debt(formula.arg, debt.wanted, names), place)
            parts.append(
                self._any([self._not(begins), about]) if debt.wanted else self._all([begins, about])
            )
        later = evolve(debt, stage=Stage.LATER)
        if debt.wanted:
            return self._all([*parts, self._next(later, place)])
        goes_on = self._later(later, place) if is_later else self._next(later, place)
        return self._any([*parts, goes_on])

    # ---- rest ---------------------------------------------------------------------------------

    def _at_rest(self, what: Debt | Change, place: int) -> Any:
        """What must be so if nothing happens any more after a moment."""
        if isinstance(what, Change):
            return what.wanted
        formula, wanted = what.formula, what.wanted
        match formula:
            case Holds():
                return self._literal(self._atom(formula, what.names, place), wanted)
            case Steps():
                return not wanted
            case NotF(arg):
                return self._at_rest(evolve(what, formula=arg, wanted=not wanted), place)
            case AndF(args) | OrF(args):
                parts = [self._at_rest(evolve(what, formula=arg), place) for arg in args]
                return self._all(parts) if isinstance(formula, AndF) is wanted else self._any(parts)
            case Always(arg) | Eventually(arg) | Until(_, arg):
                return self._at_rest(evolve(what, formula=arg), place)
            case Unchanged(body):
                return _mentions_over(body, what.names) is not wanted
            case EachValue(binder, arg):
                each = _each(what.names, Name(binder.name, binder.sort, False))
                parts = [self._at_rest(Debt(arg, wanted, names), place) for names in each]
                return self._all(parts) if wanted else self._any(parts)
            case EachLife():
                return self._lives_at_rest(what, formula, place)
            case _:
                assert_never(formula)

    def _lives_at_rest(self, debt: Debt, formula: EachLife, place: int) -> Any:
        if debt.stage is Stage.LATER:
            return debt.wanted  # none begins
        name = Name(formula.binder.name, formula.binder.sort, False, formula.live)
        parts = []
        for names in _each(debt.names, name):
            lives = self._at(place, self._truth(formula.live, names))
            about = self._at_rest(Debt(formula.arg, debt.wanted, names), place)
            parts.append(
                self._any([self._not(lives), about]) if debt.wanted else self._all([lives, about])
            )
        return self._all(parts) if debt.wanted else self._any(parts)

    # ---- atoms --------------------------------------------------------------------------------

    def _atom(self, formula: Holds | Steps, names: Names, place: int) -> Any:
        if isinstance(formula, Holds):
            if _mentions_over(formula.body, names):
                return False
            return self._at(place, self._truth(formula.body, names))
        if place == 0:
            return False
        key = ("steps", id(formula), names)
        if key not in self._same:
            cases = (self._was_step(case, names) for case in formula.cases)
            self._same[key] = self.model.terms.or_(cases)
        return self._at(place - 1, self._same[key])

    def _was_step(self, case: StepCase, names: Names) -> Truth:
        """Is the step that is taken one of these?"""
        model, terms = self.model, self.model.terms
        found: list[Truth] = []
        for n, move in enumerate(model.moves):
            own = move.env.bound
            outer = tuple(name for name in names if name.name not in own)
            if model.system.actions[move.action].name != case.action:
                continue
            if _mentions_over(case.body, outer):
                continue
            env = Env(model.named(move.after), model.named(model.state), {**_bound(names), **own})
            found.append(
                terms.and_((terms.equal(model.chosen, n), model.encoder.truth(case.body, env)))
            )
        return terms.or_(found)

    def _stays(self, body: Expr, names: Names) -> Truth:
        """Does the step that is taken leave the value as it is?"""
        key = ("stays", id(body), names)
        if key not in self._same:
            model, encoder, bound = self.model, self.model.encoder, _bound(names)
            now = encoder.sym(body, Env(model.named(model.state), None, bound))
            then = encoder.sym(body, Env(model.named(model.after), None, bound))
            self._same[key] = encoder.values.same(sort_of(body), now, then)
        return self._same[key]

    def _truth(self, body: Expr, names: Names) -> Truth:
        model = self.model
        return model.encoder.truth(body, Env(model.named(model.state), None, _bound(names)))

    # ---- formulas -----------------------------------------------------------------------------

    @property
    def z3(self) -> Any:
        """The solver's module."""
        return self.unrolling.z3

    def _flag(self) -> Any:
        self._number += 1
        return self.unrolling.flag(f"owed!{self._number}")

    def _at(self, place: int, truth: Truth) -> Any:
        return truth if isinstance(truth, bool) else self.unrolling.at(place, truth)

    def _z3(self, formula: Any) -> Any:
        return self.unrolling.translator.truth(formula) if isinstance(formula, bool) else formula

    def _not(self, formula: Any) -> Any:
        return (not formula) if isinstance(formula, bool) else self.z3.Not(formula)

    def _literal(self, formula: Any, wanted: bool) -> Any:
        return formula if wanted else self._not(formula)

    def _all(self, parts: Iterable[Any]) -> Any:
        kept = [part for part in parts if part is not True]
        if any(part is False for part in kept):
            return False
        return self.z3.And(kept) if kept else True

    def _any(self, parts: Iterable[Any]) -> Any:
        kept = [part for part in parts if part is not False]
        if any(part is True for part in kept):
            return True
        return self.z3.Or(kept) if kept else False


@final
@frozen(eq=False)
class Closing:
    """How a run goes on after its last moment: formulas of which at most one is true.

    `back[n]`: with what comes after state n, which its last state is equal to; `rests`: with rest.
    `loops` is any of the first; `inside[n]` says that step n, and so moment n + 1, is in the loop.
    """

    back: tuple[Any, ...]
    rests: Any
    loops: Any
    inside: tuple[Any, ...]


def _each(names: Names, like: Name) -> Iterator[Names]:
    """The names with one more, for each value that it can have."""
    if cardinality(like.sort) > MOST_NAMES:
        raise TooLarge(f"{like.name} ranges over {cardinality(like.sort)} values")
    for value in values(like.sort):
        yield (*names, evolve(like, value=value))


def _bound(names: Names) -> dict[str, Any]:
    return {name.name: (lift(name.sort, name.value), name.sort) for name in names}


def _mentions_over(body: Expr, names: Names) -> bool:
    """Does an expression speak of a life that is over? What is said of it is false (rule 12)."""
    over = {name.name: name.is_over for name in names}
    return any(over.get(name, False) for name in free_locals(body))


def _key(what: Debt | Change) -> tuple[object, ...]:
    # Formulas are those of one claim and live as long as it does; looking into them takes long.
    if isinstance(what, Change):
        return (
            "change",
            id(what.same) if not isinstance(what.same, bool) else what.same,
            what.wanted,
        )
    return ("debt", id(what.formula), what.wanted, what.names, what.stage)


__all__ = ["Change", "Closing", "Debt", "Owed"]
