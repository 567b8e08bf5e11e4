"""The reference search, word by word against `docs/engine-contract.md`."""

from __future__ import annotations

import pytest
from attrs import evolve

from kspec.engines.api import Budget, Explorer, Progress
from kspec.engines.reference import Reference
from kspec.ir.build import lit
from kspec.ir.expr import TRUE, Arith, ArithOp, Binder, Eq, Ite, Local, Lt, Not, Old, Ref
from kspec.ir.sorts import Bool, Int
from kspec.ir.system import (
    Always,
    Holds,
    Implicit,
    Invariant,
    NoDeadlock,
    Occurrence,
    Property,
    Reachable,
    Settles,
    StepCase,
    System,
    Temporal,
)
from kspec.verdict.answer import (
    Absent,
    Answer,
    Cut,
    Exhausted,
    Exploration,
    Found,
    Inconclusive,
    Reached,
    Why,
)
from kspec.verdict.trace import Step, Trace
from tests.systems.bench import KNOWN, action, build, m0, m1, write
from tests.systems.small import DIGIT, X, birth, counter, several_starts, system

ENGINE: Explorer = Reference()


def explore(model: System, *names: str, budget: Budget | None = None) -> Exploration:
    """The search for some properties."""
    return ENGINE.explore(model, names, budget or Budget(), lambda progress: None)


def answer(model: System, name: str) -> Answer:
    """The answer to one question, asked alone."""
    return dict(explore(model, name).answers)[name]


def found(model: System, name: str) -> Trace:
    """The trace found for one property, asked alone."""
    got = answer(model, name)
    assert isinstance(got, Found)
    return got.trace


def ups(*values: int) -> tuple[Step, ...]:
    """Steps of the counter."""
    return tuple(Step("up", (), (), (value,)) for value in values)


@pytest.mark.slow
@pytest.mark.parametrize(("model", "arguments", "states"), [KNOWN[0], KNOWN[2]])
def test_states_of_the_peers(model: str, arguments: tuple[int, ...], states: int) -> None:
    result = explore(build(model, arguments))
    assert result.complete and result.reached.states == states


def test_transitions_of_the_peers() -> None:
    """TLC says 1146 for three resource managers: it counts the initial state."""
    assert explore(m1(3)).reached == Reached(288, 1145, 10)


def test_a_toy() -> None:
    result = explore(m0(), "i")
    evidence = Absent(Exhausted(2, 2, 1, ()))
    assert result == Exploration(
        answers=(("i", evidence), *((i.value, evidence) for i in Implicit)),
        reached=Reached(2, 2, 1),
        complete=True,
        cuts=(),
        fired=(("a", 1), ("b", 1)),
    )


def test_invariant_reachable_deadlock_traces() -> None:
    model = counter(6)
    assert found(model, "below") == Trace((0,), ups(1, 2, 3))
    assert found(model, "reaches") == Trace((0,), ups(1, 2, 3, 4))
    assert found(model, "lives") == Trace((0,), ups(1, 2, 3, 4, 5, 6))
    assert found(model, "small_steps") == Trace((0,), ups(1, 2, 3, 4, 5, 6))
    assert answer(model, "never") == Absent(Exhausted(7, 6, 6, ()))


def test_a_bad_initial_state_gives_no_steps() -> None:
    assert found(counter(9, first=lit(4)), "below") == Trace((4,), ())


def test_the_least_initial_state_is_reported() -> None:
    assert found(several_starts(), "below") == Trace((3,), ())
    assert found(several_starts(), "reaches") == Trace((3,), ups(4))


def test_a_broken_step_ends_a_trace_and_counts() -> None:
    result = explore(counter(10))
    last = Step("up", (), (), None)
    in_range = dict(result.answers)["in-range"]
    assert in_range == Found(Trace((0,), (*ups(*range(1, 10)), last)))
    assert result.reached == Reached(10, 10, 9)
    assert dict(result.answers)["single-write"] == Absent(Exhausted(10, 10, 9, ()))
    assert dict(result.answers)["live-target"] == Absent(Exhausted(10, 10, 9, ()))


def test_occurrences_are_not_evaluated_on_broken_steps() -> None:
    claim = Occurrence((StepCase("up", Lt(X, lit(9))),))
    model = evolve(counter(10, first=lit(9)), properties=(Property("p", claim),))
    assert isinstance(answer(model, "p"), Absent)


def test_occurrences_are_evaluated_on_steps_into_known_states() -> None:
    stay = action("stay", (), (), (write("x", None, X),))
    claim = Occurrence((StepCase("stay", Not(Eq(X, Old("x", DIGIT)))),))
    model = system({"x": (DIGIT, lit(0))}, (stay,), {"p": claim})
    assert found(model, "p") == Trace((0,), (Step("stay", (), (), (0,)),))
    assert explore(model).reached == Reached(1, 1, 0)


def test_cuts_are_counted_by_state_and_are_no_transitions_and_no_deadlock() -> None:
    result = explore(birth(2), "lives")
    assert result.cuts == (Cut("born", 1),)
    # 00 -> 10 (least free); 10 -> 11, 00; 11 -> 01, 10; 01 -> 11, 00
    assert result.reached == Reached(4, 1 + 2 + 2 + 2, 3)
    assert dict(result.answers)["lives"] == Absent(Exhausted(4, 7, 3, (Cut("born", 1),)))
    assert result.fired == (("born", 3), ("dies", 4))


def test_a_state_where_all_that_could_happen_is_cut_is_no_deadlock() -> None:
    cut = evolve(action("a", (), (), ()), cut=TRUE)
    model = system({}, (cut,), {"lives": NoDeadlock()})
    assert answer(model, "lives") == Absent(Exhausted(1, 0, 0, (Cut("a", 1),)))
    dead = system({}, (action("a", (), (lit(False),), ()),), {"lives": NoDeadlock()})
    assert found(dead, "lives") == Trace((), ())


def test_the_search_stops_at_the_end_of_the_level() -> None:
    result = explore(counter(9), "below")
    reached = Reached(4, 4, 3)
    assert result.reached == reached and not result.complete
    assert dict(result.answers)["in-range"] == Inconclusive(Why.STOPPED, reached)


def test_it_goes_on_while_one_question_is_open() -> None:
    result = explore(counter(9), "below", "never")
    assert result.complete and [name for name, _ in result.answers][:2] == ["below", "never"]
    first = Found(Trace((0,), ups(1, 2, 3)))
    assert dict(result.answers)["below"] == first, "the first level that has one counts"


def test_it_is_complete_if_the_last_level_decides_all() -> None:
    result = explore(counter(3), "below")
    assert result.complete
    assert dict(result.answers)["in-range"] == Absent(Exhausted(4, 3, 3, ()))


def test_temporal_claims_are_not_decided_and_keep_nothing_going() -> None:
    model = counter(9)
    extra = (
        Property("t", Temporal(Always(Holds(TRUE)))),
        Property("s", Settles((), False)),
    )
    model = evolve(model, properties=(*model.properties, *extra))
    result = explore(model, "t", "below", "s")
    reached = Reached(4, 4, 3)
    assert result.reached == reached
    assert dict(result.answers)["t"] == Inconclusive(Why.UNSUPPORTED, reached)
    assert dict(result.answers)["s"] == Inconclusive(Why.UNSUPPORTED, reached)
    assert explore(model, "t").complete


def test_depth_limit_completes_its_level() -> None:
    result = explore(counter(9), "never", budget=Budget(max_depth=2))
    reached = Reached(3, 3, 2)
    assert result.answers[0] == ("never", Inconclusive(Why.DEPTH, reached))
    assert explore(counter(2), budget=Budget(max_depth=2)).complete


def test_state_limit_ends_before_the_level() -> None:
    """Storing a fifth state would happen while level 3 is expanded, so level 2 is the last."""
    result = explore(counter(9), "never", "below", budget=Budget(max_states=4))
    reached = Reached(3, 3, 2)
    assert result.reached == reached
    assert dict(result.answers)["never"] == Inconclusive(Why.STATES, reached)
    # level 3 was looked at before it was expanded
    assert dict(result.answers)["below"] == Found(Trace((0,), ups(1, 2, 3)))
    assert explore(counter(3), budget=Budget(max_states=4)).complete


def test_what_is_found_in_a_level_that_is_not_completed_is_not_said() -> None:
    model = counter(9)
    claim = Occurrence((StepCase("up", Lt(X, lit(2))),))
    model = evolve(model, properties=(Property("p", claim),))
    result = explore(model, "p", budget=Budget(max_states=2))
    assert result.answers[0] == ("p", Inconclusive(Why.STATES, Reached(1, 1, 0)))


def test_too_many_initial_states() -> None:
    result = explore(several_starts(), "below", budget=Budget(max_states=2))
    assert result.answers[0] == ("below", Inconclusive(Why.STATES, Reached(0, 0, 0)))


def test_interruption() -> None:
    result = explore(counter(9), "never", budget=Budget(interrupted=lambda: True))
    assert result.answers[0] == ("never", Inconclusive(Why.INTERRUPTED, Reached(0, 0, 0)))


def test_no_initial_state() -> None:
    model = counter(9)
    model = evolve(model, init=evolve(model.init, where=Lt(lit(1), lit(0))))
    assert explore(model, "below").answers[0] == ("below", Absent(Exhausted(0, 0, 0, ())))


def test_progress_is_of_completed_levels() -> None:
    heard: list[Progress] = []
    ENGINE.explore(counter(2), (), Budget(), heard.append)
    assert heard == [Progress(0, 1, 1, 1), Progress(1, 2, 2, 1), Progress(2, 3, 2, 0)]


def test_unknown_names_are_refused() -> None:
    for names in (("nothing",), ("in-range",), ("below", "below")):
        with pytest.raises(ValueError, match="not properties"):
            explore(counter(9), *names)


def diamond() -> System:
    """(0, F) leads to (5, F) by `left` n=1 or n=2, and to (3, F) by `right`; both lead to (9, T)."""
    done = Ref("done", Bool())
    start, n = Eq(X, lit(0)), Local("n", Int(1, 2))
    target = Ite(Eq(n, lit(3)), lit(8), lit(5))
    return system(
        {"x": (DIGIT, lit(0)), "done": (Bool(), lit(False))},
        (
            action("left", (Binder("n", Int(1, 2)),), (start,), (write("x", None, target),)),
            action("right", (), (start,), (write("x", None, lit(3)),)),
            action(
                "finish",
                (),
                (Lt(lit(1), X), Not(done)),
                (write("x", None, lit(9)), write("done", None, TRUE)),
            ),
        ),
        {
            "end": Reachable(done),
            "five": Reachable(Eq(X, lit(5))),
            "ends": NoDeadlock(),
            "high": Invariant(Lt(X, lit(2))),
            "finish": Occurrence((StepCase("finish", lit(False)),)),
            "left": Occurrence((StepCase("left", Lt(Local("n", Int(1, 2)), lit(1))),)),
        },
    )


def test_the_least_predecessor_then_the_least_instance() -> None:
    right = Step("right", (), (), (3, False))
    finish = Step("finish", (), (), (9, True))
    assert found(diamond(), "end") == Trace((0, False), (right, finish))
    assert found(diamond(), "ends") == Trace((0, False), (right, finish))
    assert found(diamond(), "finish") == Trace((0, False), (right, finish))
    left = Step("left", (1,), (), (5, False))
    assert found(diamond(), "five") == Trace((0, False), (left,))
    assert found(diamond(), "left") == Trace((0, False), (left,))


def test_the_least_state_of_the_level_is_reported() -> None:
    assert found(diamond(), "high") == Trace((0, False), (Step("right", (), (), (3, False)),))


def test_choices_are_in_the_trace() -> None:
    free = Binder("f", Int(2, 4))
    up = Arith(ArithOp.ADD, X, Local("f", free.sort))
    jump = evolve(action("jump", (), (Lt(X, lit(4)),), (write("x", None, up),)), choices=(free,))
    model = system({"x": (DIGIT, lit(0))}, (jump,), {"six": Reachable(Eq(X, lit(6)))})
    # by way of 2 (then 4), although 3 (then 3) is as short
    steps = Step("jump", (), (2,), (2,)), Step("jump", (), (4,), (6,))
    assert found(model, "six") == Trace((0,), steps)
