"""Random systems of every sort with random claims over runs: both procedures, the audit, replay,
the standalone checker."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from kspec.certify import check_lasso, check_trace
from kspec.driver.searching.runs import audit
from kspec.engines.api import Budget
from kspec.engines.explicit.engine import Explicit, Refusal
from kspec.engines.explicit.runs.liveness import Undecided, decide
from kspec.engines.random_systems import seeded_system
from kspec.engines.reference import Reference
from kspec.engines.reference_liveness import counterexample
from kspec.ir.system import Property, Settles, System, Temporal
from kspec.ir.text import print_system
from kspec.verdict.codec import encode_trace
from kspec.verdict.lasso import shortened
from kspec.verdict.replay import replay
from kspec.verdict.trace import Trace

MOST_STATES = 25


def compared(seeds: range) -> Counter[tuple[str, bool]]:
    """How many claims of each kind hold and how many do not."""
    found: Counter[tuple[str, bool]] = Counter()
    for seed in seeds:
        system = seeded_system(seed)
        claims = [p for p in system.properties if isinstance(p.claim, Temporal | Settles)]
        whole = Reference().explore(system, (), Budget(max_states=MOST_STATES), lambda _: None)
        if not claims or not whole.complete:
            continue
        try:
            run = Explicit(level=0).run(
                system, tuple(p.name for p in claims), Budget(), lambda _: None
            )
        except Refusal:
            continue
        decided = decide(run.search, claims, lambda: False)
        assert decided.graph is not None
        audit(system, decided.graph, decided.states, decided.steps)
        for prop in claims:
            answer = decided.answers[prop.name]
            if not isinstance(answer, Undecided):
                same(system, prop, answer, seed)
                found[type(prop.claim).__name__, answer is None] += 1
    return found


def same(system: System, prop: Property, answer: Trace | None, seed: int) -> None:
    """The reference says so, too, and every run that is shown passes all who ask."""
    assert isinstance(prop.claim, Temporal | Settles)
    other = counterexample(system, prop.claim)
    assert (answer is None) == (other is None), (seed, prop.name)
    (node,) = check_trace.read_nodes(print_system(system))
    for trace in (answer, other):
        if trace is not None:
            assert replay(trace, system, prop) is None, (seed, prop.name)
            short = shortened(trace, system, prop.claim)
            data = json.loads(json.dumps(encode_trace(short, system)))
            check_lasso.check(node, data, prop.name)


def test_thirty_systems() -> None:
    found = compared(range(30))
    assert sum(found.values()) >= 5 and len(found) >= 2


@pytest.mark.slow
@pytest.mark.parametrize("block", range(4))
def test_two_thousand_systems(block: int) -> None:
    found = compared(range(1000 + 500 * block, 1500 + 500 * block))
    assert min(found.values()) >= 5 and len(found) == 4
