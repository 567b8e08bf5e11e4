"""Replay accepts what is so and names the first thing that is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from attrs import evolve

from kspec.engines.api import Budget
from kspec.engines.reference import Reference
from kspec.ir.build import lit
from kspec.ir.expr import TRUE, Lt
from kspec.ir.system import Always, Eventually, Holds, Implicit, Property, System, Temporal
from kspec.verdict.answer import Found
from kspec.verdict.replay import Asked, Flaw, replay
from kspec.verdict.trace import State, Step, Trace
from tests.systems.bench import action, m0
from tests.systems.small import DIGIT, X, birth, counter, several_starts, system


def up(to: int | None) -> Step:
    """One step of the counter."""
    return Step("up", (), (), None if to is None else (to,))


def run(*values: int | None, start: int = 0) -> Trace:
    """A run of the counter."""
    return Trace((start,), tuple(up(value) for value in values))


def prop(model: System, name: str) -> Asked:
    """A property by name; implicit ones too."""
    known: dict[str, Asked] = {p.name: p for p in model.properties}
    return {**known, **{i.value: i for i in Implicit}}[name]


def check(trace: Trace, model: System, name: str) -> Flaw | None:
    """Replay for a property by name."""
    return replay(trace, model, prop(model, name))


@pytest.mark.parametrize(
    "model", [counter(6), counter(10), several_starts(), birth(2)], ids=lambda m: str(m.init)[:20]
)
def test_everything_found_replays_and_shows_nothing_else(model: System) -> None:
    names = tuple(p.name for p in model.properties)
    result = Reference().explore(model, names, Budget(), lambda progress: None)
    for name, answer in result.answers:
        if isinstance(answer, Found):
            assert check(answer.trace, model, name) is None
            for worse in spoiled(answer.trace):
                assert check(worse, model, name) is not None, (name, worse)


def spoiled(trace: Trace) -> Iterator[Trace]:
    """Traces that differ a little and are no runs, for systems whose states are not repeated."""
    wrong: State = tuple("wrong" for _ in trace.start)
    yield evolve(trace, start=wrong)
    yield evolve(trace, loop=0)
    for n, step in enumerate(trace.steps):
        others = (
            evolve(step, action="nothing"),
            evolve(step, params=(1,)),
            evolve(step, choices=(1,)),
            evolve(step, state=wrong),
            evolve(step, state=None if step.state else trace.start),
        )
        for other in others:
            yield evolve(trace, steps=(*trace.steps[:n], other, *trace.steps[n + 1 :]))
    if trace.steps:
        yield evolve(trace, steps=trace.steps[1:])
        yield evolve(trace, steps=(*trace.steps, trace.steps[-1]))


def test_a_trace_that_stops_early_shows_nothing() -> None:
    model = counter(9)
    assert check(run(1, 2), model, "below") == Flaw(
        2, "the end does not show what was found about below"
    )
    assert check(run(1, 2, 3), model, "below") is None
    assert check(run(1, 2, 3, 4), model, "below") is None, "replay does not ask for the shortest"


def test_polarity_is_not_mixed_up() -> None:
    model = counter(9)
    assert check(run(1, 2, 3, 4), model, "reaches") is None
    assert check(run(1, 2, 3), model, "reaches") is not None
    assert check(run(), model, "never") is not None
    assert check(run(), model, "lives") is not None
    assert check(run(*range(1, 10)), model, "lives") is None


def test_occurrence_needs_the_last_step() -> None:
    model = counter(9)
    assert check(run(1, 2, 3, 4, 5, 6), model, "small_steps") is None
    assert check(run(1, 2, 3, 4, 5), model, "small_steps") is not None
    assert check(run(), model, "small_steps") is not None


def test_the_first_wrong_step_is_named() -> None:
    model = counter(9)
    assert check(run(1, 2, start=1), model, "below") == Flaw(0, "the start is not an initial state")
    assert check(run(1, 3, 4), model, "below") == Flaw(2, "up leads to another state")
    assert check(run(1, None), model, "below") == Flaw(
        2, "up breaks no implicit property, but no state follows"
    )
    assert check(run(*range(1, 11)), model, "below") == Flaw(
        10, "up is not enabled: part 0 of its guard is false"
    )


def test_broken_steps() -> None:
    model, nine = counter(10), tuple(range(1, 10))
    assert check(run(*nine, None), model, "in-range") is None
    assert check(run(*nine, None), model, "single-write") is not None
    assert check(run(*nine), model, "in-range") is not None
    assert check(run(), model, "in-range") is not None
    assert check(run(*nine, 10), model, "in-range") == Flaw(
        10, "up breaks in-range and leads to no state"
    )
    assert check(run(*nine, None, 1), model, "in-range") == Flaw(
        10, "up breaks in-range, but more steps follow"
    )
    flaw = check(run(*nine, None), model, "below")
    assert flaw is not None and "shows nothing about below" in flaw.reason


def test_cut_instances_are_no_steps() -> None:
    model = birth(1)
    born = Step("born", (), (), ((True,),))
    again = Step("born", (), (), ((True,),))
    assert check(Trace(((False,),), (born, again)), model, "lives") == Flaw(
        2, "born is cut: no identity is free"
    )


def test_params_are_checked() -> None:
    model = birth(2)
    for params, part in (((), "parameters"), ((2,), "parameters"), ((True,), "parameters")):
        trace = Trace(((False, False),), (Step("dies", params, (), ((False, False),)),))
        flaw = check(trace, model, "lives")
        assert flaw is not None and flaw.step == 1 and part in flaw.reason


TEMPORAL = Property("t", Temporal(Always(Holds(TRUE))))


def test_a_loop_must_come_back_be_fair_and_show_it() -> None:
    a, b = Step("a", (), (), (True,)), Step("b", (), (), (False,))
    shows_nothing = "the run does not show what was found about t"
    for trace, reason in (
        (Trace((False,), (a, b), 0), shows_nothing),
        (Trace((False,), (a, b, a), 1), shows_nothing),
        (Trace((False,), (a,), 0), "the last step does not lead back"),
        (Trace((False,), (a, b), 1), "the last step does not lead back"),
        (Trace((False,), (a,), 1), "the loop is not fair to b of ()"),
        (Trace((False,), (a,), 2), "the loop begins after step 2 of 1"),
        (Trace((False,), (a,), None), "a loop is wanted"),
    ):
        flaw = replay(trace, m0(), TEMPORAL)
        assert flaw is not None and flaw.reason.startswith(reason), (trace, flaw)


def test_resting_is_a_loop_where_nothing_fair_is_enabled() -> None:
    rest = system({"x": (DIGIT, lit(0))}, (action("a", (), (lit(False),), ()),))
    flaw = replay(Trace((0,), (), 0), rest, TEMPORAL)
    assert flaw == Flaw(0, "the run does not show what was found about t")
    never = Property("t", Temporal(Eventually(Holds(Lt(X, lit(0))))))
    assert replay(Trace((0,), (), 0), rest, never) is None
