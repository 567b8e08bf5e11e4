"""One step of a system as a solver sees it that is asked thousands of small questions.

A literal is a number: atom `n` of the vocabulary as `n`, its negation as `-n`. The solver knows
every atom of the state and of the state after a step as constants, so that a question is a list of
constants and an answer "no" comes with those that were enough. Atoms are made as they are met.
Next: `pdr`, which asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias, final

from kspec.base.record import frozen
from kspec.engines.smt.atoms import Atom, Place, described, places, said
from kspec.engines.smt.beside import compared, pairs
from kspec.engines.smt.model import Goal, Model, Move
from kspec.engines.smt.solver import GaveUp, Limits, Sat, Solver, Translator, Unsat
from kspec.engines.smt.terms import Node, Truth
from kspec.engines.smt.values import leaves
from kspec.ir.passes.namesakes import names

Literal: TypeAlias = int
Cube: TypeAlias = "tuple[Literal, ...]"
"""Literals that are all so, in order; a clause is the negation of a cube."""


class Exhausted(Exception):
    """The solver gave up; the message is its reason."""


@final
@frozen(eq=False)
class Seen:
    """A state that a solver found, with what is done in it: literals, and constants for z3."""

    state: Cube
    given: tuple[Any, ...]


@final
class Space:
    """The states and steps of a model. Raises `TooManyPlaces`."""

    def __init__(self, model: Model, lemmas: Iterable[Goal], limits: Limits) -> None:
        self.model = model
        self.places: tuple[Place, ...] = places(model)
        self.pairs = pairs(self.places, names(model.system))
        self.atoms: list[Atom] = []
        self.translator = Translator()
        self.z3 = self.translator.z3
        self.solver = Solver(limits, self.translator.context)
        self.questions = 0
        self._numbers: dict[Atom, int] = {}
        self._now: list[tuple[Any, Any]] = [(None, None)]
        self._then: list[tuple[Any, Any]] = [(None, None)]
        self._ranged: set[Node] = set()
        self._given: dict[tuple[Node, int], Any] = {}
        self._fresh = 0
        self._bad: dict[str, Any] = {}
        self.taken = self.defined("taken", model.step)
        self.start = self.flag("start")
        self._say_start()
        for lemma in lemmas:
            self.add([self.z3.Not(self.bad(lemma))])

    # ---- what the solver knows ----------------------------------------------------------------

    def flag(self, name: str) -> Any:
        """A constant that nothing is known of."""
        self._fresh += 1
        return self.z3.Bool(f"{name}!{self._fresh}", self.translator.context)

    def add(self, formulas: Iterable[Any]) -> None:
        """Something that is so from now on."""
        self.solver.add(formulas)
        self._ranges()

    def defined(self, name: str, truth: Truth) -> Any:
        """A constant that stands for a truth."""
        made = self.flag(name)
        self.add([made == self.translator.truth(truth)])
        return made

    def _ranges(self) -> None:
        """Of every variable that was met."""
        for node, formula in self.translator.ranges.items():
            if node not in self._ranged:
                self._ranged.add(node)
                self.solver.add([formula])

    def _say_start(self) -> None:
        model, z3 = self.model, self.z3
        equal = [self.translator.truth(model.initial)]
        for own, begun in zip(leaves(model.state), leaves(model.start), strict=True):
            if isinstance(own, Node):
                flags = own.op == "flag"
                terms = model.terms
                same = terms.iff(own, begun) if flags else terms.equal(own, begun)  # type: ignore[arg-type]
                equal.append(self.translator.truth(same))
        self.add([z3.Implies(self.start, z3.And(equal))])

    def bad(self, goal: Goal) -> Any:
        """The constant of what a goal speaks of."""
        if goal.name not in self._bad:
            self._bad[goal.name] = self.defined("bad", goal.bad)
        return self._bad[goal.name]

    # ---- literals -----------------------------------------------------------------------------

    def literal(self, atom: Atom, is_so: bool) -> Literal:
        """The literal of an atom that is so, or is not."""
        if atom not in self._numbers:
            self.atoms.append(atom)
            self._numbers[atom] = len(self.atoms)
            for after, into in ((False, self._now), (True, self._then)):
                truth = said(self.model.terms, self.places, atom, after)
                made = self.defined("then" if after else "now", truth)
                into.append((made, self.z3.Not(made)))
        return self._numbers[atom] if is_so else -self._numbers[atom]

    def now(self, literal: Literal) -> Any:
        """Its constant, of the state."""
        return self._now[abs(literal)][literal < 0]

    def then(self, literal: Literal) -> Any:
        """Its constant, of the state after the step."""
        return self._then[abs(literal)][literal < 0]

    def outside(self, cube: Cube) -> Any:
        """That the state is not in a cube."""
        return self.z3.Or([self.now(-x) for x in cube] or [self.translator.truth(False)])

    # ---- questions ----------------------------------------------------------------------------

    def ask(self, literals: Sequence[Any]) -> Any:
        """A solution, None if there is none. Raises `Exhausted`."""
        self.questions += 1
        outcome = self.solver.ask(literals)
        match outcome:
            case Sat(found):
                return found
            case Unsat():
                return None
            case GaveUp(reason):
                raise Exhausted(reason)

    def enough(self, cube: Cube, after: bool) -> Cube:
        """What of a cube the last question's "no" rests on."""
        used, of = self.solver.core(), self.then if after else self.now
        return tuple(literal for literal in cube if of(literal).get_id() in used)

    def seen(self, found: Any) -> Seen:
        """The state of a solution and what is done in it."""
        state: list[Literal] = []
        values: dict[Node, int] = {}

        def value(sym: Any) -> int:
            if not isinstance(sym, Node):
                return int(sym)
            if sym not in values:
                values[sym] = self._value(found, sym)
            return values[sym]

        there = self._there(found)
        for one, other in self.pairs:
            if one in there and other in there:
                left, right = value(self.places[one].now), value(self.places[other].now)
                for atom, is_so in compared(self.places, (one, other), left, right):
                    state.append(self.literal(atom, is_so))
        for at, place in enumerate(self.places):
            if at in there:
                for atom, is_so in described(place, at, value(place.now)):
                    state.append(self.literal(atom, is_so))
        return Seen(tuple(state), tuple(self._done(found)))

    def _there(self, found: Any) -> frozenset[int]:
        """The places where there is something."""
        known: dict[Any, bool] = {}
        kept: list[int] = []
        for at, place in enumerate(self.places):
            there = place.is_now
            if isinstance(there, Node) and there not in known:
                known[there] = self._is_true(found, there)
            if known[there] if isinstance(there, Node) else there:
                kept.append(at)
        return frozenset(kept)

    def _done(self, found: Any) -> Iterable[Any]:
        """What is chosen, as constants."""
        model = self.model
        chosen = model.chosen
        move: Move | None = model.moves[0] if model.moves else None
        if isinstance(chosen, Node):
            which = self._value(found, chosen)
            yield self._is(chosen, which)
            move = model.moves[which]
        if move is not None:
            for sym in (*move.params, *move.choices):
                for leaf in leaves(sym):
                    if isinstance(leaf, Node):
                        yield self._is(leaf, self._value(found, leaf))

    def assigned(self, found: Any) -> tuple[dict[Node, int], dict[Node, int]]:
        """The values of a solution: of the variables of the state, and of those of what is done."""
        model = self.model
        state = (leaf for sym in model.state for leaf in leaves(sym))
        done: list[Any] = [model.chosen]
        for move in model.moves:
            done += (leaf for sym in (*move.params, *move.choices) for leaf in leaves(sym))
        one, other = (
            {x: self._value(found, x) for x in of if isinstance(x, Node)} for of in (state, done)
        )
        return one, other

    def _is(self, variable: Node, value: int) -> Any:
        """The constant of: a variable of a step has a value."""
        key = (variable, value)
        if key not in self._given:
            terms = self.model.terms
            if variable.op == "flag":
                truth = variable if value else terms.not_(variable)
            else:
                truth = terms.equal(variable, value)
            self._given[key] = self.defined("given", truth)
        return self._given[key]

    def _value(self, found: Any, variable: Node) -> int:
        if variable.op == "flag":
            return int(self._is_true(found, variable))
        made = self.translator.number(variable, variable.lo, variable.hi)
        value = found.eval(made, True)
        read = int(value.as_signed_long() if variable.lo < 0 else value.as_long())
        return min(max(read, variable.lo), variable.hi)

    def _is_true(self, found: Any, truth: Truth) -> bool:
        made = self.translator.truth(truth)
        return bool(self.z3.is_true(found.eval(made, True)))


__all__ = ["Cube", "Exhausted", "Literal", "Seen", "Space"]
