"""Copies of a model's terms: state 0, step 0, state 1, … as formulas over variables of their own.

The terms of one state and one step are translated once; a copy puts other variables in. A variable
that no step writes is the same one in every state. Next: `bmc` and `kinduction`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, final

from kspec.engines.smt.model import Goal, Model
from kspec.engines.smt.solver import Translator
from kspec.engines.smt.terms import Node, Number, Truth, high, low
from kspec.engines.smt.values import leaves


@final
class Unrolling:
    """The formulas of the steps of a run."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.translator = Translator()
        self.z3 = self.translator.z3
        written = set(model.written)
        own = list(_variables(model.state))
        self._still = {v for n, s in enumerate(model.state) if n not in written for v in leaves(s)}
        self._state = own
        self._given = list(_variables((model.chosen, [(m.params, m.choices) for m in model.moves])))
        self._start = self._variables_of([model.initial, *leaves(model.start)])
        self._copies: dict[tuple[Node, int], Any] = {}
        self._within: dict[tuple[Truth | Number, ...], tuple[Node, ...]] = {}
        self._bad: dict[tuple[int, Goal], Any] = {}
        self._names = {v: self._translated(v) for v in chain(own, self._given)}
        self._step: Any = None

    # ---- variables ----------------------------------------------------------------------------

    def _translated(self, variable: Node) -> Any:
        if variable.op == "flag":
            return self.translator.truth(variable)
        return self.translator.number(variable, variable.lo, variable.hi)

    def _variables_of(self, terms: Iterable[Truth | Number]) -> tuple[Node, ...]:
        found: dict[Node, None] = {}
        seen: set[Node] = set()
        stack = [t for t in terms if isinstance(t, Node)]
        while stack:
            node = stack.pop()
            if node in seen:
                continue
            seen.add(node)
            if node.op in ("flag", "number"):
                found[node] = None
            stack.extend(a for a in node.args if isinstance(a, Node))
        return tuple(found)

    def copy_of(self, variable: Node, place: int) -> Any:
        """A variable of the state or step with a number."""
        key = (variable, 0 if variable in self._still else place)
        if key not in self._copies:
            at = "" if variable in self._still else f"@{place}"
            like = self._names[variable]
            self._copies[key] = self.z3.Const(f"{variable.name}{at}", like.sort())
        return self._copies[key]

    def _pairs(self, terms: tuple[Truth | Number, ...], place: int) -> list[tuple[Any, Any]]:
        """What is put in for the variables of some terms."""
        if terms not in self._within:
            used = (v for v in self._variables_of(terms) if v in self._names)
            self._within[terms] = tuple(used)
        return [(self._names[v], self.copy_of(v, place)) for v in self._within[terms]]

    def flag(self, name: str) -> Any:
        """A truth that nothing is known of."""
        return self.z3.Bool(name, self.translator.context)

    # ---- formulas -----------------------------------------------------------------------------

    def at(self, place: int, truth: Truth) -> Any:
        """A truth about the state or step with a number."""
        if isinstance(truth, Node) and truth in self._names:
            return self.copy_of(truth, place)
        made = self.translator.truth(truth)
        return self.z3.substitute(made, *self._pairs((truth,), place))

    def number_at(self, place: int, number: Node) -> Any:
        """A number of the state or step with a number."""
        if number in self._names:
            return self.copy_of(number, place)
        made = self.translator.number(number, number.lo, number.hi)
        return self.z3.substitute(made, *self._pairs((number,), place))

    def state(self, place: int) -> Iterator[Any]:
        """That the variables of a state are in their sorts."""
        for variable in self._state:
            if place == 0 or variable not in self._still:
                yield from self._range(variable, place)

    def given(self, place: int) -> Iterator[Any]:
        """That what is chosen in a step is in its sorts."""
        for variable in self._given:
            yield from self._range(variable, place)

    def _range(self, variable: Node, place: int) -> Iterator[Any]:
        if variable.op == "number":
            formula = self.translator.ranges[variable]
            yield self.z3.substitute(
                formula, (self._names[variable], self.copy_of(variable, place))
            )

    def initial(self) -> Iterator[Any]:
        """That state 0 is an initial one."""
        model, translator = self.model, self.translator
        yield translator.truth(model.initial)
        for own, start in zip(leaves(model.state), leaves(model.start), strict=True):
            if isinstance(own, Node):
                yield self._equal(self.copy_of(own, 0), own, start)
        for variable in self._start:
            self._translated(variable)
            if variable.op == "number":
                yield translator.ranges[variable]

    def step(self, place: int) -> Any:
        """That the step with a number is taken, and leads to the next state."""
        if self._step is None:
            model = self.model
            pairs = zip(leaves(model.state), leaves(model.after), strict=True)
            moved = [(v, t) for v, t in pairs if isinstance(v, Node) and v not in self._still]
            equal = [self._equal(self._later(v), v, t) for v, t in moved]
            self._step = self.z3.And(self.translator.truth(model.step), *equal)
        later = [
            (self._later(v), self.copy_of(v, place + 1))
            for v in self._state
            if v not in self._still
        ]
        here = [(z, self.copy_of(v, place)) for v, z in self._names.items()]
        return self.z3.substitute(self._step, *here, *later)

    def _later(self, variable: Node) -> Any:
        return self.z3.Const(f"{variable.name}'", self._names[variable].sort())

    def _equal(self, left: Any, variable: Node, term: Any) -> Any:
        """Is a copy of a variable equal to a term?"""
        if variable.op == "flag":
            return left == self.translator.truth(term)
        lo, hi = min(variable.lo, low(term)), max(variable.hi, high(term))
        own, wide = left.size(), self.translator.number(term, lo, hi)
        extend = self.z3.SignExt if variable.lo < 0 else self.z3.ZeroExt
        return (left if own == wide.size() else extend(wide.size() - own, left)) == wide

    def differ(self, a: int, b: int) -> Any:
        """That two states are different values of the variables that steps write."""
        model = self.model
        values, system = model.encoder.values, model.system
        other = tuple(values.fresh(v.sort, f"o.{v.name}") for v in system.variables)
        same = model.terms.and_(
            values.same(system.variables[n].sort, model.state[n], other[n]) for n in model.written
        )
        others = [
            (self._translated(o), self.copy_of(v, b))
            for v, o in zip(self._state, _variables(other), strict=True)
        ]
        different = model.terms.not_(same)
        formula = self.translator.truth(different)
        return self.z3.substitute(formula, *self._pairs((different,), a), *others)

    def bad(self, place: int, goal: Goal) -> Any:
        """That what a goal speaks of is so of a state, or of the step that begins in it."""
        key = (place, goal)
        if key not in self._bad:
            self._bad[key] = self.at(place, goal.bad)
        return self._bad[key]


def _variables(sym: Any) -> Iterator[Node]:
    """The variables in values, in order, each once."""
    seen: set[Node] = set()
    stack = [sym]
    while stack:
        part = stack.pop()
        if isinstance(part, list | tuple):
            stack.extend(reversed(part))
        elif isinstance(part, Node) and part not in seen:
            seen.add(part)
            yield part


__all__ = ["Unrolling"]
