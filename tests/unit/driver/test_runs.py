"""Claims over whole runs in the driver: all states are seen, runs are replayed, graphs audited."""

from __future__ import annotations

from array import array
from pathlib import Path

import pytest
from attrs import evolve

from kspec.driver.check import Given, Options, check
from kspec.driver.result import Row, Word
from kspec.driver.searching.audit import Difference
from kspec.driver.searching.runs import Unproven, audit, decide
from kspec.driver.searching.search import search
from kspec.engines.api import Budget
from kspec.engines.explicit.engine import Explicit
from kspec.engines.explicit.runs.graph import Graph
from kspec.engines.explicit.runs.liveness import Decided
from kspec.engines.explicit.runs.liveness import decide as native
from kspec.ir.system import Eventually, Property, System, Temporal
from kspec.verdict.answer import Absent, Found, Inconclusive, Why
from kspec.verdict.trace import Step, Trace
from tests.liveness.shapes import at, edge, shaped

ENGINES = ("explicit", "reference")


def going() -> System:
    """0, 1, 2 and no further; it comes to 2, and never to 3."""
    system = shaped(4, edge("go", {0: 1, 1: 2}))
    claims = {"comes": Eventually(at(system, 2)), "never": Eventually(at(system, 3))}
    properties = tuple(Property(name, Temporal(claim)) for name, claim in claims.items())
    return evolve(system, properties=properties)


def decided() -> tuple[System, Decided, Graph]:
    """The native answers with their graph."""
    system = going()
    run = Explicit(level=0).run(system, ("comes", "never"), Budget(), lambda _: None)
    found = native(run.search, system.properties, lambda: False)
    assert found.graph is not None
    return system, found, found.graph


@pytest.mark.parametrize("engine", ENGINES)
def test_both_engines_say_both_things(engine: str) -> None:
    found = search(engine, going(), ("comes", "never"), Budget(), lambda _: None)
    answers = dict(found.exploration.answers)
    assert isinstance(answers["comes"], Absent)
    assert answers["comes"].evidence.states == 3
    never = answers["never"]
    assert isinstance(never, Found) and never.trace.loop == len(never.trace.steps) == 2


@pytest.mark.parametrize("engine", ENGINES)
def test_where_not_all_was_seen_nothing_is_said(engine: str) -> None:
    found = search(engine, going(), ("never",), Budget(max_states=1), lambda _: None)
    answer = dict(found.exploration.answers)["never"]
    assert isinstance(answer, Inconclusive) and answer.why is Why.STATES


@pytest.mark.parametrize("engine", ENGINES)
def test_a_search_goes_on_when_all_else_is_found(engine: str, tmp_path: Path) -> None:
    text = """
kind Pod { n: 0..3 = 0 }
controller c { action up(p: Pod) when p.n < 3 do p.n += 1 }
invariant small: all p: Pod | p.n < 1
property grows: all p: Pod | eventually p.n == 3
cluster one { pod a {} }
check small, grows
"""
    path = tmp_path / "a.kspec"
    path.write_text(text, encoding="utf-8")
    rows: dict[str, Row] = {
        row.name: row for row in check([Given(path, "a.kspec")], Options(engine=engine)).rows
    }
    assert rows["small"].word is Word.VIOLATED
    assert rows["grows"].word is Word.HOLDS


SPOKEN_OF = """
kind Pod {{ done: bool = false  n: 0..1 = 0 }}
kind Other {{ }}
controller c {{ action up(p: Pod) when p.n < 1 do p.n += 1 }}
property said: {}
cluster one {{ pod a {{}} }}
room {{ Other: 1 }}
check said
"""


@pytest.mark.parametrize(
    ("claim", "reasons"),
    [
        ("all p: Pod | p.n == 0 leads to p.n == 1", ()),
        ("all p: Pod | p.done leads to p.n == 1", ("never p with p.done",)),
        ("all o: Other | eventually gone(o)", ("never o",)),
        ("all p: Pod where p.done | eventually p.n == 5", ("never p with p.done",)),
        ("eventually all p: Pod | p.n == 1", ()),
        ("all p: Pod | always (p.done implies eventually p.n == 5)", ("never p with p.done",)),
        ("all p: Pod | always (p.n == 1 implies eventually p.n == 1)", ()),
        (
            "all p: Pod | always (p.n == 1 implies (p.done leads to p.n == 0))",
            ("never p with p.done",),
        ),
        (
            "all p: Pod | always (p.done implies (p.n == 1 leads to p.n == 0))",
            ("never p with p.done",),
        ),
        (
            "always ((some p: Pod | p.done) implies eventually all p: Pod | p.n == 5)",
            ("never some p: Pod | p.done",),
        ),
    ],
)
def test_a_claim_that_speaks_of_nothing_is_vacuous(
    claim: str, reasons: tuple[str, ...], tmp_path: Path
) -> None:
    path = tmp_path / "a.kspec"
    path.write_text(SPOKEN_OF.format(claim), encoding="utf-8")
    (row,) = check([Given(path, "a.kspec")], Options()).rows
    assert row.word is Word.HOLDS
    assert row.vacuous == reasons


def test_a_graph_as_it_is_passes_its_audit() -> None:
    system, found, graph = decided()
    audit(system, graph, found.states, found.steps)


def test_an_audit_notices_other_steps() -> None:
    system, found, graph = decided()
    turned = array("I", [(target + 1) % 3 for target in graph.targets])
    with pytest.raises(Difference, match="other steps"):
        audit(system, evolve(graph, targets=turned), found.states, found.steps)


def test_an_audit_notices_what_else_is_enabled() -> None:
    system, found, graph = decided()
    nothing = tuple(0 for _ in graph.offers)
    with pytest.raises(Difference, match="fair"):
        audit(system, evolve(graph, offers=nothing), found.states, found.steps)


def test_an_audit_notices_other_answers() -> None:
    system, found, graph = decided()
    flipped = tuple(saying ^ 1 for saying in graph.sayings)
    with pytest.raises(Difference, match="decided otherwise"):
        audit(system, evolve(graph, sayings=flipped), found.states, found.steps)


def test_a_run_that_does_not_replay_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    system = going()
    run = Explicit(level=0).run(system, ("comes", "never"), Budget(), lambda _: None)
    wrong = Trace((0,), (Step("go", (), (), (2,)),), 1)
    monkeypatch.setattr(
        "kspec.engines.explicit.runs.liveness._shortest", lambda terrain, parts, is_stopped: wrong
    )
    with pytest.raises(Unproven, match="does not replay"):
        decide(system, system.properties, run.exploration, run, lambda: False)
