"""Where an induction step failed: does a run get to that state, and what would exclude it?

Bounded search looks for the state. Formulas that are false of it are suggested as lemmas if no
run of so many steps makes them false: those that a search for lemmas believed in, then the simplest
there are. Nothing here is a proof. Next: `kinduction`, which asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, final

from attrs import evolve

from kspec.base.record import frozen
from kspec.engines.smt.atoms import Atom, TooManyPlaces, meant, places
from kspec.engines.smt.bmc import Bounded
from kspec.engines.smt.encode import Env
from kspec.engines.smt.lemmas import lemmas
from kspec.engines.smt.model import Model, OfState
from kspec.engines.smt.solver import Limits
from kspec.engines.smt.terms import Node, Truth
from kspec.engines.smt.values import leaves, lift
from kspec.ir.expr import Expr
from kspec.ir.passes.namesakes import names
from kspec.ir.sorts import Bool
from kspec.verdict.trace import State, Trace

DEPTH: Final = 10
"""How many steps are looked ahead."""
LEAST: Final = 5
"""What no run of fewer steps makes false is suggested to nobody: at first little happens."""
SHARE: Final = 10
"""Looking may cost this part of what a proof may cost."""
MOST: Final = 3
"""So many lemmas are suggested."""
_THERE: Final = "$there"


@final
@frozen
class Looked:
    """What came of it: a run to the state, or after how many steps none had got there; and formulas
    that exclude it and were so in all runs of as many steps."""

    run: Trace | None
    depth: int
    lemmas: tuple[Expr, ...]


def look(model: Model, state: State, believed: tuple[Expr, ...], limits: Limits) -> Looked:
    """Look for a state."""
    limits = evolve(limits, rlimit=max(1, limits.rlimit // SHARE))
    excluding = [e for e in (*believed, *_simplest(model, state)) if _is_false(model, e, state)]
    excluding = list(dict.fromkeys(excluding))[: 10 * MOST]
    goals = [OfState(_THERE, _same(model, state))]
    for n, expr in enumerate(excluding):
        now = model.encoder.truth(expr, Env(model.named(model.state)))
        goals.append(OfState(f"lemma {n}", model.terms.not_(now)))
    search = Bounded(model, goals, limits)
    while _is_sought(search) and search.depth < DEPTH and search.deepen():
        pass
    so_far = {goal.name for goal in search.open}
    kept = tuple(e for n, e in enumerate(excluding) if f"lemma {n}" in so_far)
    kept = kept if search.depth >= LEAST or search.ended else ()
    return Looked(search.found.get(_THERE), search.depth, kept[:MOST])


def _is_sought(search: Bounded) -> bool:
    return any(goal.name == _THERE for goal in search.open)


def _same(model: Model, state: State) -> Truth:
    """That a state is this one, as a truth about any."""
    values, system = model.encoder.values, model.system
    triples = zip(system.variables, model.state, state, strict=True)
    return model.terms.and_(
        values.same(variable.sort, sym, lift(variable.sort, value))
        for variable, sym, value in triples
    )


def _is_false(model: Model, expr: Expr, state: State) -> bool:
    pairs = zip(model.system.variables, state, strict=True)
    known = tuple(lift(variable.sort, value) for variable, value in pairs)
    return model.encoder.truth(expr, Env(model.named(known))) is False


def _simplest(model: Model, state: State) -> Iterator[Expr]:
    """Of every simple truth about a state that nothing ever is so, of any object."""
    try:
        found = places(model)
    except TooManyPlaces:
        return
    pairs = zip(model.system.variables, state, strict=True)
    known = tuple(lift(variable.sort, value) for variable, value in pairs)
    rows = zip(leaves(model.state), leaves(known), strict=True)
    of = {variable: value for variable, value in rows if isinstance(variable, Node)}
    cubes = []
    for at, place in enumerate(found):
        now = of[place.now] if isinstance(place.now, Node) else place.now
        assert isinstance(now, int)
        flag = isinstance(place.sort, Bool)
        atom = Atom(at, False, 1 if flag else int(now))
        cubes.append(((meant(found, atom), bool(now) if flag else True),))
    yield from (lemma.body for lemma in lemmas(cubes, names(model.system)))


def runs(reached: Trace, further: Trace) -> Trace:
    """A run to a state and what was done from there."""
    return Trace(reached.start, (*reached.steps, *further.steps))


def distinct(traces: Iterable[tuple[str, Trace]]) -> Iterator[tuple[State, tuple[str, ...]]]:
    """The states that traces begin in, with the names of those that do."""
    found: dict[State, list[str]] = {}
    for name, trace in traces:
        found.setdefault(trace.start, []).append(name)
    yield from ((state, tuple(names)) for state, names in found.items())


__all__ = ["DEPTH", "Looked", "distinct", "look", "runs"]
