"""What a solver found, as a trace: values of variables to values of sorts.

Only variables are read; every state comes from the solver, none is computed here, so that a trace
says what the encoding believes and replay says whether that is so.
"""

from __future__ import annotations

from typing import Any, assert_never, final

from kspec.engines.smt.model import Goal, OfStep
from kspec.engines.smt.terms import Node
from kspec.engines.smt.unroll import Unrolling
from kspec.engines.smt.values import Sym, number, option, parts, row
from kspec.ir.sorts import (
    Bool,
    Enum,
    Id,
    Int,
    Map,
    Opt,
    Record,
    Seq,
    Set,
    Sort,
    Value,
    values,
)
from kspec.verdict.trace import State, Step, Trace


@final
class Reading:
    """Reads one solution of an unrolling."""

    def __init__(self, unrolling: Unrolling, found: Any) -> None:
        self.unrolling = unrolling
        self.found = found

    def trace(self, first: int, last: int, goal: Goal | None) -> Trace:
        """The run from state `first` to state `last`; with a goal about a step, that step too."""
        steps = [self._step(n, self.state(n + 1)) for n in range(first, last)]
        if isinstance(goal, OfStep):
            steps.append(self._step(last, self._after(last)))
        return Trace(self.state(first), tuple(steps))

    def state(self, place: int) -> State:
        """The state with a number."""
        model = self.unrolling.model
        pairs = zip(model.system.variables, model.state, strict=True)
        return tuple(self._value(v.sort, sym, place) for v, sym in pairs)

    def _step(self, place: int, after: State | None) -> Step:
        model = self.unrolling.model
        chosen = self._number(model.chosen, place)
        move = model.moves[chosen]
        action = model.system.actions[move.action]
        params = zip(action.params, move.params, strict=True)
        choices = zip(action.choices, move.choices, strict=True)
        return Step(
            action=action.name,
            params=tuple(self._value(b.sort, sym, place) for b, sym in params),
            choices=tuple(self._value(b.sort, sym, place) for b, sym in choices),
            state=after,
        )

    def _after(self, place: int) -> State | None:
        """The state that the last step leads to, None where it breaks something."""
        model = self.unrolling.model
        move = model.moves[self._number(model.chosen, place)]
        if any(self._truth(broken, place) for _, broken in move.broken):
            return None
        pairs = zip(model.system.variables, move.after, strict=True)
        return tuple(self._value(v.sort, sym, place) for v, sym in pairs)

    # ---- values -------------------------------------------------------------------------------

    def _truth(self, sym: Sym, place: int) -> bool:
        if isinstance(sym, bool):
            return sym
        assert isinstance(sym, Node)
        formula = self.unrolling.at(place, sym)
        return bool(self.unrolling.z3.is_true(self.found.eval(formula, model_completion=True)))

    def _number(self, sym: Sym, place: int) -> int:
        term = number(sym)
        if isinstance(term, int):
            return term
        lo, hi = term.lo, term.hi
        formula = self.unrolling.number_at(place, term)
        value = self.found.eval(formula, model_completion=True)
        read = int(value.as_signed_long() if lo < 0 else value.as_long())
        # A solver leaves out what does not matter; then anything in the sort will do.
        return min(max(read, lo), hi)

    def _value(self, sort: Sort, sym: Sym, place: int) -> Value:
        match sort:
            case Bool():
                return self._truth(sym, place)
            case Int() | Id():
                return self._number(sym, place)
            case Enum(_, cases):
                return cases[self._number(sym, place)]
            case Opt(of):
                given, payload = option(sym)
                return (self._value(of, payload, place),) if self._truth(given, place) else None
            case Record(_, fields):
                pairs = zip(fields, parts(sym), strict=True)
                return tuple(self._value(s, x, place) for (_, s), x in pairs)
            case Set(of):
                members = zip(values(of), parts(sym), strict=True)
                return frozenset(v for v, x in members if self._truth(x, place))
            case Map(_, of):
                return tuple(self._value(of, x, place) for x in parts(sym))
            case Seq(of, _):
                length, items = row(sym)
                kept = items[: self._number(length, place)]
                return tuple(self._value(of, x, place) for x in kept)
            case _:
                assert_never(sort)


__all__ = ["Reading"]
