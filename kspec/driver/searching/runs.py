"""Claims over whole runs: asked of the engine that has seen all states, and made believable.

Runs that are found are cut, and replayed like every trace. That none was found is audited: for a
sample of states the reference says which steps there are, what is enabled for fairness, and what
is so; the graph in which the engine has looked must say the same. Next: `search`, which asks.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, final

from kspec.driver.searching.audit import SEED, Difference
from kspec.ir.sorts import Value
from kspec.ir.system import Property, Settles, System, Temporal
from kspec.semantics.claims import is_true_in
from kspec.semantics.evaluate import Env, truth
from kspec.semantics.state import named
from kspec.semantics.step import Fair, Instance, Taken, fair_enabled, instance_env, outcomes
from kspec.verdict.answer import (
    Absent,
    Answer,
    Exhausted,
    Exploration,
    Found,
    Inconclusive,
    Reached,
    Why,
)
from kspec.verdict.lasso import shortened
from kspec.verdict.replay import replay
from kspec.verdict.trace import State

if TYPE_CHECKING:
    from kspec.engines.explicit.engine import ExplicitRun
    from kspec.engines.explicit.runs.graph import Graph
    from kspec.ir.expr import Expr
    from kspec.ir.system import StepCase

SAMPLE: Final = 24
"""So many states of the graph are looked at again, beside those that the search's audit took."""


@final
class Unproven(Exception):
    """A run that does not replay; the message says why."""


def over_runs(properties: Iterable[Property]) -> tuple[Property, ...]:
    """The claims that are about whole runs."""
    return tuple(p for p in properties if isinstance(p.claim, Temporal | Settles))


def decide(
    system: System,
    claims: tuple[Property, ...],
    exploration: Exploration,
    run: ExplicitRun | None,
    is_stopped: Callable[[], bool],
) -> dict[str, Answer]:
    """The answers to claims over runs; `run` is the native search, None asks the reference.

    Raises `Unproven`, `Difference`.
    """
    if not exploration.complete:
        because = _why(exploration)
        return {claim.name: because for claim in claims}
    found = _referred(system, claims) if run is None else _native(system, claims, run, is_stopped)
    reached, cuts = exploration.reached, exploration.cuts
    none = Exhausted(reached.states, reached.transitions, reached.depth, cuts)
    answers: dict[str, Answer] = {}
    for claim in claims:
        answer = found[claim.name]
        answers[claim.name] = Absent(none) if answer is None else _at(answer, reached)
    return answers


def _why(exploration: Exploration) -> Inconclusive:
    """The reason why a search has not seen everything."""
    for _, answer in exploration.answers:
        if isinstance(answer, Inconclusive) and answer.why is not Why.UNSUPPORTED:
            return answer
    return Inconclusive(Why.STOPPED, exploration.reached)


def _at(answer: Found | Inconclusive, reached: Reached) -> Answer:
    return (
        Inconclusive(answer.why, reached, answer.note)
        if isinstance(answer, Inconclusive)
        else answer
    )


def _referred(
    system: System, claims: tuple[Property, ...]
) -> dict[str, Found | Inconclusive | None]:
    found: dict[str, Found | Inconclusive | None] = {}
    for prop in claims:
        assert isinstance(prop.claim, Temporal | Settles)
        from kspec.engines.reference_liveness import counterexample

        trace = counterexample(system, prop.claim)
        found[prop.name] = None if trace is None else _proven(system, prop, Found(trace))
    return found


def _native(
    system: System,
    claims: tuple[Property, ...],
    run: ExplicitRun,
    is_stopped: Callable[[], bool],
) -> dict[str, Found | Inconclusive | None]:
    # llvmlite is loaded by whoever needs it, and only then.
    from kspec.engines.explicit.runs import liveness

    nowhere = Reached(0, 0, 0)
    try:
        decided = liveness.decide(run.search, claims, is_stopped)
    except liveness.Stopped:
        return {prop.name: Inconclusive(Why.INTERRUPTED, nowhere) for prop in claims}
    if decided.graph is not None:
        audit(system, decided.graph, decided.states, decided.steps)
    found: dict[str, Found | Inconclusive | None] = {}
    for prop in claims:
        answer = decided.answers[prop.name]
        if answer is None:
            found[prop.name] = None
        elif isinstance(answer, liveness.Undecided):
            note = f"{answer.note}; try --engine reference"
            found[prop.name] = Inconclusive(Why.UNSUPPORTED, nowhere, note)
        else:
            found[prop.name] = _proven(system, prop, Found(answer))
    return found


def _proven(system: System, prop: Property, found: Found) -> Found:
    """What was found, replayed and cut."""
    assert isinstance(prop.claim, Temporal | Settles)
    flaw = replay(found.trace, system, prop)
    if flaw is not None:
        raise Unproven(f"the run for {prop.name} does not replay: step {flaw.step}: {flaw.reason}")
    return Found(shortened(found.trace, system, prop.claim))


# ---- the audit ---------------------------------------------------------------------------------


def audit(
    system: System,
    graph: Graph,
    states: Mapping[Expr, int],
    steps: Mapping[tuple[StepCase, ...], int],
) -> None:
    """Compare a sample of the graph with what the reference says. Raises `Difference`."""
    count = min(SAMPLE, graph.size)
    for place in sorted(random.Random(SEED).sample(range(graph.size), count)):
        state = graph.state(place)
        _same_steps(system, graph, place, state, steps)
        offered = {_fair(system, f) for f in fair_enabled(system, state)}
        if offered != set(graph.enabled(place)):
            raise Difference(f"other fair instances are enabled in {state}")
        for body, bit in states.items():
            if is_true_in(system, body, state) is not graph.is_so(place, bit):
                raise Difference(f"a part of a claim is decided otherwise in {state}: {body}")


def _fair(system: System, fair: Fair) -> tuple[str, tuple[Value, ...]]:
    return system.actions[fair.action].name, fair.params


def _same_steps(
    system: System,
    graph: Graph,
    place: int,
    state: State,
    steps: Mapping[tuple[StepCase, ...], int],
) -> None:
    there = {(s.action, s.params, s.choices): (s.state, says) for s, says in graph.steps(place)}
    taken = dict(_taken(system, state))
    here = {
        (system.actions[i.action].name, i.params, i.choices): (
            after,
            _says(system, state, i, after, steps),
        )
        for i, after in taken.items()
    }
    if there != here:
        raise Difference(f"other steps lead from {state}")


def _taken(system: System, state: State) -> Iterator[tuple[Instance, State]]:
    for instance, outcome in outcomes(system, state):
        if isinstance(outcome, Taken):
            yield instance, outcome.state


def _says(
    system: System,
    before: State,
    instance: Instance,
    after: State,
    steps: Mapping[tuple[StepCase, ...], int],
) -> int:
    """The answers to questions about a step, as bits."""
    name = system.actions[instance.action].name
    bound = instance_env(system, before, instance).bound
    env = Env(named(system, after), named(system, before), bound)
    return sum(
        1 << bit
        for cases, bit in steps.items()
        if any(truth(case.body, env) for case in cases if case.action == name)
    )
