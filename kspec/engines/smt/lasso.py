"""Bounded search for runs that loop: claims over whole runs, fairness included.

A hunter: of 0 steps, of 1, of 2, … is there a run that goes back to a state where it was, or rests
where no fair instance is enabled, that is fair and refutes the claim? It finds the fewest steps, or
says how deep it looked; it never says that there is none. Each instance of a fair action is a move
of its own. A cut or broken instance is enabled and never taken; one that changes nothing is
neither (rule 8). Next: `owed` for the claims, `kspec.verdict.replay` for what is believed.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any, Final, final

from attrs import evolve

from kspec.base.record import frozen
from kspec.engines.api import Effort, Hunted
from kspec.engines.smt.decode import Reading
from kspec.engines.smt.encode import TooLarge
from kspec.engines.smt.model import Model, Move, enabling, instances, model
from kspec.engines.smt.owed import Closing, Owed
from kspec.engines.smt.solver import GaveUp, Limits, Sat, Solver, Unsat
from kspec.engines.smt.terms import Truth
from kspec.engines.smt.unroll import Unrolling
from kspec.engines.smt.values import Sym
from kspec.ir.sorts import cardinality
from kspec.ir.system import Action, Fairness, Origin, Property, Settles, System, Temporal
from kspec.verdict.answer import Found, HunterAnswer, Inconclusive, Reached, Why
from kspec.verdict.trace import Trace

MOST_INSTANCES: Final = 4_000
"""Of an action that is fair; more are not written out."""


@final
@frozen(eq=False)
class Fair:
    """What fairness asks for an instance: `enabled` is true of states, `taken` of steps."""

    enabled: Truth
    taken: Truth
    is_strong: bool


def spelled(system: System) -> Model:
    """A model in which every instance of a fair action is a move of its own. Raises `TooLarge`."""
    most = max((_count(a) for a in system.actions if a.fairness is not Fairness.NONE), default=1)
    if most > MOST_INSTANCES:
        raise TooLarge(f"a fair action has {most} instances")
    return model(system, most)


def _count(action: Action) -> int:
    return prod(cardinality(b.sort) for b in (*action.params, *action.choices))


def fair_instances(of: Model) -> tuple[Fair, ...]:
    """All fair instances that can be enabled, in the order of actions and parameters. The model is
    a `spelled` one."""
    moves: dict[tuple[int, tuple[Sym, ...], tuple[Sym, ...]], int] = {
        (move.action, move.params, move.choices): n for n, move in enumerate(of.moves)
    }
    found: list[Fair] = []
    for place, action in enumerate(of.system.actions):
        if action.fairness is Fairness.NONE:
            continue
        for params in instances(action.params):
            enabled: list[Truth] = []
            taken: list[Truth] = []
            for choices in instances(action.choices):
                n = moves.get((place, params, choices))
                if n is None:
                    enabled.append(_left_out(of, action, (*params, *choices)))
                else:
                    enabled.append(_counts(of, of.moves[n]))
                    taken.append(_taken(of, n, of.moves[n]))
            can = of.terms.or_(enabled)
            if can is not False:
                is_strong = action.fairness is Fairness.STRONG
                found.append(Fair(can, of.terms.or_(taken), is_strong))
    return tuple(found)


def _left_out(of: Model, action: Action, given: tuple[Sym, ...]) -> Truth:
    """When an instance that is no move is enabled: it is always cut, or never enabled."""
    _, enabled, _ = enabling(of.encoder, of.named(of.state), action, given)
    return enabled


def _changes(of: Model, move: Move) -> Truth:
    values, terms = of.encoder.values, of.terms
    pairs = zip(of.system.variables, of.state, move.after, strict=True)
    return terms.not_(terms.and_(values.same(v.sort, a, b) for v, a, b in pairs))


def _counts(of: Model, move: Move) -> Truth:
    """Does a move count as enabled?"""
    terms = of.terms
    broken = (breaks for _, breaks in move.broken)
    return terms.and_((move.enabled, terms.or_((move.cut, *broken, _changes(of, move)))))


def _taken(of: Model, n: int, move: Move) -> Truth:
    return of.terms.and_((of.terms.equal(of.chosen, n), _changes(of, move)))


@final
class Bounded:
    """A bounded search for loops under way. `depth` is how many steps have been looked at, -1
    before the beginning; `ended` is true when no run is longer."""

    def __init__(self, of: Model, claim: Temporal | Settles, limits: Limits) -> None:
        self.model = of
        self.claim = claim
        self.unrolling = Unrolling(of)
        self.z3 = self.unrolling.z3
        self.solver = Solver(limits, self.unrolling.translator.context)
        self.fair = fair_instances(of)
        self.owed = Owed(of, self.unrolling, self.solver)
        self.found: Trace | None = None
        self.gave_up = ""
        self.depth = -1
        self.ended = False
        self._end: Any = None
        self.solver.add(self.unrolling.state(0))
        self.solver.add(self.unrolling.initial())
        if isinstance(claim, Temporal):
            self.owed.owe(claim.formula, False)

    def deepen(self) -> bool:
        """Look at runs of one step more; false if nothing is left to do or the solver gave up."""
        if self.found is not None or self.gave_up or self.ended:
            return False
        place = self.depth + 1
        if not self._extended(place):
            return False
        back = self._close(place)
        outcome = self.solver.check([self._end])
        match outcome:
            case Sat(found):
                self.found = self._trace(found, place, back)
                return False
            case GaveUp(reason):
                self.gave_up = reason
                return False
            case Unsat():
                self.depth = place
                return True

    def _extended(self, place: int) -> bool:
        """Is there a run of so many steps?"""
        if place > 0:
            self.solver.add([self.z3.Not(self._end)])
            self.solver.add([self.unrolling.step(place - 1)])
            self.solver.add(self.unrolling.state(place))
            self.owed.extend()
        self.solver.add(self.unrolling.given(place))
        outcome = self.solver.check([])
        if isinstance(outcome, Unsat):
            self.ended = True
        elif isinstance(outcome, GaveUp):
            self.gave_up = outcome.reason
        return isinstance(outcome, Sat)

    def _trace(self, found: Any, place: int, back: tuple[Any, ...]) -> Trace:
        trace = Reading(self.unrolling, found).trace(0, place, None)
        goes = (n for n, b in enumerate(back) if self.z3.is_true(found.eval(b)))
        return evolve(trace, loop=next(goes, place))

    # ---- how it goes on -----------------------------------------------------------------------

    def _close(self, place: int) -> tuple[Any, ...]:
        """Formulas for all ways to go on after the last state; each implies that it is one."""
        z3, flag = self.z3, self.unrolling.flag
        self._end = flag(f"end@{place}")
        back = tuple(flag(f"back!{n}@{place}") for n in range(place))
        rests, loops = flag(f"rests@{place}"), flag(f"loops@{place}")
        inside = tuple(z3.Or(list(back[: n + 1])) for n in range(place))
        ways = (*back, rests)
        self.solver.add([z3.Implies(self._end, z3.Or(list(ways)))])
        self.solver.add([z3.Implies(way, self._end) for way in ways])
        self.solver.add(z3.Not(z3.And(a, b)) for n, a in enumerate(ways) for b in ways[:n])
        self.solver.add([z3.Implies(b, loops) for b in back])
        self.solver.add([z3.Implies(loops, z3.Or([*back, self._false()]))])
        self.solver.add(
            z3.Implies(b, z3.Not(self.unrolling.differ(n, place))) for n, b in enumerate(back)
        )
        self.solver.add(self._fairness(place, rests, loops, inside))
        if isinstance(self.claim, Settles):
            self.solver.add(self._unsettled(self.claim, rests, loops, inside))
        self.owed.close(Closing(back, rests, loops, inside))
        return back

    def _false(self) -> Any:
        return self.unrolling.translator.truth(False)

    def _fairness(
        self, place: int, rests: Any, loops: Any, inside: tuple[Any, ...]
    ) -> Iterator[Any]:
        z3, at = self.z3, self.unrolling.at
        for fair in self.fair:
            yield z3.Implies(rests, z3.Not(at(place, fair.enabled)))
            if not place:
                continue
            taken = [z3.And(is_in, at(n, fair.taken)) for n, is_in in enumerate(inside)]
            off = [z3.Not(at(n, fair.enabled)) for n in range(place)]
            if fair.is_strong:
                never = z3.And([z3.Or(z3.Not(i), o) for i, o in zip(inside, off, strict=True)])
                served = z3.Or([*taken, never])
            else:
                somewhere = [z3.And(i, o) for i, o in zip(inside, off, strict=True)]
                served = z3.Or([*taken, *somewhere])
            yield z3.Implies(loops, served)

    def _unsettled(
        self, claim: Settles, rests: Any, loops: Any, inside: tuple[Any, ...]
    ) -> Iterator[Any]:
        """Controllers change what is observed for ever, and nobody else disturbs them."""
        z3, at = self.z3, self.unrolling.at
        origins = [self.model.system.actions[move.action].origin for move in self.model.moves]
        terms, chosen = self.model.terms, self.model.chosen
        others = [n for n, o in enumerate(origins) if o in (Origin.ENVIRONMENT, Origin.FAULT)]
        disturbed = terms.or_(terms.equal(chosen, n) for n in others)
        moved = terms.or_(
            terms.and_((terms.equal(chosen, n), self._moves(claim, self.model.moves[n])))
            for n, origin in enumerate(origins)
            if origin is Origin.CONTROLLER
        )
        yield z3.Not(rests)
        for n, is_in in enumerate(inside):
            yield z3.Implies(is_in, z3.Not(at(n, disturbed)))
        if inside:
            some = [z3.And(is_in, at(n, moved)) for n, is_in in enumerate(inside)]
            yield z3.Implies(loops, z3.Or(some))

    def _moves(self, claim: Settles, move: Move) -> Truth:
        values, terms, of = self.model.encoder.values, self.model.terms, self.model
        pairs = zip(of.system.variables, of.state, move.after, strict=True)
        return terms.or_(
            terms.not_(values.same(v.sort, a, b)) for v, a, b in pairs if v.name in claim.observed
        )

    def answer(self) -> HunterAnswer:
        """What is known so far."""
        if self.found is not None:
            return Found(self.found)
        reached = Reached(0, 0, self.depth)
        if self.gave_up:
            return Inconclusive(Why.SOLVER, reached, self.gave_up)
        return Inconclusive(Why.DEPTH, reached)


def hunt(of: Model, prop: Property, depth: int, limits: Limits) -> tuple[HunterAnswer, int]:
    """Look to a depth, or until something is found; and what it has cost. The model is a `spelled`
    one, the claim one over whole runs."""
    assert isinstance(prop.claim, Temporal | Settles)
    search = Bounded(of, prop.claim, limits)
    while search.depth < depth and search.deepen():
        pass
    return search.answer(), search.solver.spent


@final
@frozen
class Lassos:
    """Bounded search for loops, as a `Hunter`."""

    @property
    def name(self) -> str:
        """The name in reports."""
        return "bounded search"

    def hunt(self, system: System, asked: tuple[str, ...], effort: Effort) -> Hunted:
        """Look for runs that refute what is asked."""
        limits = Limits(effort.rlimit, effort.seconds_left)
        known = {prop.name: prop for prop in system.properties}
        answers: list[tuple[str, HunterAnswer]] = []
        spent, of = 0, None
        for name in asked:
            prop = known.get(name)
            answer: HunterAnswer = Inconclusive(Why.UNSUPPORTED, Reached(0, 0, 0))
            if prop is not None and isinstance(prop.claim, Temporal | Settles):
                try:
                    of = of or spelled(system)
                    answer, cost = hunt(of, prop, effort.depth, limits)
                    spent += cost
                except TooLarge as error:
                    answer = Inconclusive(Why.UNSUPPORTED, Reached(0, 0, 0), str(error))
            answers.append((name, answer))
        return Hunted(tuple(answers), spent)


__all__ = ["Bounded", "Fair", "Lassos", "fair_instances", "hunt", "spelled"]
