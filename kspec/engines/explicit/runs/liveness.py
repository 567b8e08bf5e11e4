"""Claims over whole runs, decided on the graph of a finished search.

The graph is multiplied with a monitor of the claim's negation, and the product is searched for a
strongly connected part in which a fair run can stay for ever: Tarjan's algorithm, and for strong
fairness again on what is left when the states of starved instances are taken out. Each conjunct of
a claim has a monitor of its own, so that products stay small; the shortest stem wins.

`Found` is unproven here: whoever asks must replay it. Next: `monitor`, `graph`, `product`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, final

from kspec.base.record import frozen
from kspec.engines.explicit.runs.graph import Graph, Stopped, graph_of
from kspec.engines.explicit.runs.graph_code import Asked
from kspec.engines.explicit.runs.grounding import Ground, Questions, bits_of, conjuncts, ground
from kspec.engines.explicit.runs.monitor import Monitor
from kspec.engines.explicit.runs.product import Product
from kspec.engines.explicit.runs.terrain import Anything, Rule, Terrain
from kspec.engines.explicit.search import Search
from kspec.engines.explicit.store.layout import Refusal
from kspec.ir.build import disj, neg
from kspec.ir.expr import TRUE, Eq, Expr, Old, Ref
from kspec.ir.system import Origin, Property, Settles, StepCase, System, Temporal
from kspec.verdict.trace import Trace

OUTSIDE: Final = (Origin.ENVIRONMENT, Origin.FAULT)


@final
@frozen
class Undecided:
    """Why a claim stayed open."""

    note: str


@final
@frozen(eq=False)
class Decided:
    """For each claim a fair run on which it is false, None if there is none, or why it is open.

    `graph` is where was looked, for an audit, with the numbers of the questions that were asked
    about its states and steps; None if there was nothing to look at.
    """

    answers: dict[str, Trace | Undecided | None]
    graph: Graph | None
    states: dict[Expr, int]
    steps: dict[tuple[StepCase, ...], int]


@final
@frozen
class _Part:
    """A conjunct of a claim: `formula` is None for `settles`, whose questions are in `rule`."""

    formula: Ground | None
    rule: Rule


def decide(search: Search, claims: Sequence[Property], is_stopped: Callable[[], bool]) -> Decided:
    """Decide claims over runs. The search must be complete. Raises `Stopped`."""
    ask = Questions(search.program.system)
    found: dict[str, Trace | Undecided | None] = {}
    parts: dict[str, tuple[_Part, ...]] = {}
    for prop in claims:
        try:
            parts[prop.name] = _parts(prop, ask)
        except Refusal as refusal:
            found[prop.name] = Undecided(str(refusal))
    try:
        graph = graph_of(search, Asked(tuple(ask.states), tuple(ask.steps)), is_stopped)
    except Refusal as refusal:
        undecided = {prop.name: Undecided(str(refusal)) for prop in claims}
        return Decided(dict(undecided), None, {}, {})
    terrain = Terrain(graph)
    for name, some in parts.items():
        try:
            found[name] = _shortest(terrain, some, is_stopped)
        except Refusal as refusal:
            found[name] = Undecided(str(refusal))
    return Decided(found, graph, ask.states, ask.steps)


def _parts(prop: Property, ask: Questions) -> tuple[_Part, ...]:
    claim = prop.claim
    assert isinstance(claim, Temporal | Settles)
    if isinstance(claim, Temporal):
        return tuple(_Part(part, Rule()) for part in conjuncts(ground(claim.formula, ask)))
    return (_Part(None, _settling(ask.system, claim, ask)),)


def _settling(system: System, claim: Settles, ask: Questions) -> Rule:
    """Steps that a loop must not have, and one that it must have."""
    seen = [v for v in system.variables if v.name in claim.observed]
    differs = disj(neg(Eq(Old(v.name, v.sort), Ref(v.name, v.sort))) for v in seen)
    controllers = (a for a in system.actions if a.origin is Origin.CONTROLLER)
    outside = (a for a in system.actions if a.origin in OUTSIDE)
    wanted = ask.step(tuple(StepCase(a.name, differs) for a in controllers))
    barred = ask.step(tuple(StepCase(a.name, TRUE) for a in outside))
    return Rule(barred=1 << barred, wanted=1 << wanted)


def _shortest(
    terrain: Terrain, parts: tuple[_Part, ...], is_stopped: Callable[[], bool]
) -> Trace | None:
    best: Trace | None = None
    for part in parts:
        monitor = Anything() if part.formula is None else Monitor(part.formula)
        reads = (0, 0) if part.formula is None else bits_of(part.formula)
        product = Product(terrain, monitor, reads, part.rule, is_stopped)
        product.build()
        trace = product.lasso()
        if trace is not None and (best is None or _length(trace) < _length(best)):
            best = trace
    return best


def _length(trace: Trace) -> tuple[int, int]:
    assert trace.loop is not None
    return trace.loop, len(trace.steps)


__all__ = ["Decided", "Stopped", "Undecided", "decide"]
