"""Mistakes that other model checkers have made over whole runs, each with the right answer.

tla-rs (fabracht/tla-rs) issues 59, 62, 64 and 65: unfair cycles accepted, implicit stuttering
missed, `<<A>>_v` ignored, a component shown instead of a lasso. TLC (tlaplus/tlaplus) issues 59,
644 and 816: symmetry with liveness; 839: a constraint that makes liveness vacuous. Stateright:
`eventually` overlooked on cycles and where paths join.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from kspec.driver.check import Given, Options, check
from kspec.driver.result import Row, Word
from kspec.ir.system import Always, Eventually, Fairness
from kspec.verdict.answer import Unknown, Why
from tests.liveness.shapes import Shape, at, edge, leads, opinion, shaped

NONE = Fairness.NONE


def test_an_unfair_cycle_is_no_counterexample() -> None:
    """tla-rs 59: the cycle 0-1 leaves out a step that is enabled all along."""
    turn = {0: 1, 1: 0}
    system = shaped(3, edge("turn", turn), edge("leave", {0: 2, 1: 2}))
    assert opinion(system, Eventually(at(system, 2))) is None


def test_a_run_may_stop_where_nothing_fair_goes_on() -> None:
    """tla-rs 62: there is no edge from 1, but the run goes on all the same, in place."""
    system = shaped(3, edge("go", {0: 1}))
    trace = opinion(system, Eventually(at(system, 2)))
    assert trace is not None and trace.loop == len(trace.steps) == 1


def test_steps_that_change_nothing_are_no_progress() -> None:
    """tla-rs 64: fairness of `poll` is about the poll that changes something."""
    system = shaped(2, Shape("poll", {0: 0}, chosen={0: 1}))
    assert opinion(system, Eventually(at(system, 1))) is None


def test_what_is_shown_is_one_loop() -> None:
    """tla-rs 65: the component has five states, the loop that shows the fault two."""
    around = edge("around", {0: 1, 1: 2, 2: 3, 3: 0, 4: 0})
    system = shaped(5, around, edge("short", {1: 0}), edge("far", {2: 4}))
    trace = opinion(system, Always(Eventually(at(system, 4))), steps=4)
    assert trace is not None and trace.loop == 0
    assert [step.action for step in trace.steps] == ["around", "short"]


def test_who_is_served_is_not_mistaken_for_his_double() -> None:
    """TLC 59, 644, 816: state 1 is state 2 with the pods exchanged. On the quotient by that
    exchange the run 0-1-0-2-0 that serves both in turn looks like one that serves one for ever."""
    pods = ({0: 1, 1: 0}, {0: 2, 2: 0})
    system = shaped(3, Shape("serve", {}, each=pods))
    for served in (1, 2):
        trace = opinion(system, Always(Eventually(at(system, served))))
        assert trace is not None and {s.params for s in trace.steps} == {(2 - served,)}
    strong = shaped(3, Shape("serve", {}, Fairness.STRONG, each=pods))
    for served in (1, 2):
        assert opinion(strong, Always(Eventually(at(strong, served)))) is None
        assert opinion(strong, leads(at(strong, served), at(strong, 0))) is None


@pytest.mark.parametrize("engine", ["explicit", "reference"])
def test_a_bound_does_not_make_a_claim_over_runs_true(engine: str, tmp_path: Path) -> None:
    """TLC 839: only for want of room does the run stop. Not to be called HOLDS."""
    text = """
kind Pod { }
controller maker { action make do new Pod { } }
property grows: always eventually count(p: Pod) < 2
property never_two: eventually always count(p: Pod) < 2
cluster c { }
room { Pod: 2 }
check grows, never_two
"""
    for row in _rows(text, engine, tmp_path):
        assert row.word is Word.UNKNOWN and isinstance(row.verdict, Unknown)
        assert row.verdict.because.why is Why.CUT


def test_eventually_on_a_cycle_and_on_paths_that_join() -> None:
    """Stateright: 0 goes to 1 or 2, both to 3, which goes back; 1 satisfies it and 2 does not."""
    left, right = edge("left", {0: 1, 1: 3}), edge("right", {0: 2, 2: 3})
    system = shaped(4, left, right, edge("back", {3: 0}))
    missed = opinion(system, Eventually(at(system, 1)))
    assert missed is not None
    joined = shaped(4, left, right)
    missed = opinion(joined, Eventually(at(joined, 1)))
    assert missed is not None and [s.action for s in missed.steps] == ["right", "right"]


def _rows(text: str, engine: str, directory: Path) -> tuple[Row, ...]:
    path = directory / "peer.kspec"
    path.write_text(text, encoding="utf-8")
    result = check([Given(path, path.name)], Options(engine=engine, vacuity=False))
    assert result.judged
    return result.rows
