"""The rules of fairness, rest, cuts and lives, each on the least graph that can tell.

Every answer is that of the reference, of the native procedure and of all short walks.
"""

from __future__ import annotations

from kspec.ir.expr import TRUE, Eq, Lit, Local, Old, Ref
from kspec.ir.system import (
    Always,
    Eventually,
    Fairness,
    Holds,
    NotF,
    OrF,
    Origin,
    Property,
    Settles,
    StepCase,
    Steps,
    Temporal,
    Unchanged,
    Until,
)
from kspec.verdict.replay import replay
from kspec.verdict.trace import Step, Trace
from tests.liveness.shapes import POD, Shape, about, at, each_life, edge, leads, opinion, shaped

WEAK, STRONG, NONE = Fairness.WEAK, Fairness.STRONG, Fairness.NONE


def names(trace: Trace | None) -> tuple[list[str], list[str]]:
    """The actions of the stem, and those of the loop."""
    assert trace is not None and trace.loop is not None
    actions = [step.action for step in trace.steps]
    return actions[: trace.loop], actions[trace.loop :]


# ---- fairness ----------------------------------------------------------------------------------


def test_a_weakly_fair_step_is_taken_in_the_end() -> None:
    system = shaped(2, edge("go", {0: 1}))
    assert opinion(system, Eventually(at(system, 1))) is None


def test_a_system_that_can_do_nothing_rests() -> None:
    still = shaped(2)
    assert names(opinion(still, Eventually(at(still, 1)))) == ([], [])
    assert opinion(still, Eventually(at(still, 0))) is None


def test_an_unfair_step_may_never_be_taken() -> None:
    system = shaped(2, edge("go", {0: 1}, NONE))
    assert names(opinion(system, Eventually(at(system, 1)))) == ([], [])


def test_a_step_that_is_possible_now_and_then_needs_strong_fairness() -> None:
    for fairness in (WEAK, STRONG):
        system = shaped(3, edge("turn", {0: 1, 1: 0}), edge("leave", {1: 2}, fairness))
        trace = opinion(system, Eventually(at(system, 2)))
        assert (trace is None) is (fairness is STRONG)
        if trace is not None:
            assert names(trace) == ([], ["turn", "turn"])


def test_strong_fairness_leaves_loops_where_it_asks_for_nothing() -> None:
    """The states where the starved step is possible go; what remains may still be fair."""
    steps = {0: 1, 1: 2, 2: 1, 3: 0}
    system = shaped(5, edge("turn", steps), edge("up", {2: 3}, NONE), edge("out", {3: 4}, STRONG))
    stem, loop = names(opinion(system, Eventually(at(system, 4))))
    assert (stem, loop) == (["turn"], ["turn", "turn"])


def test_strong_fairness_is_looked_at_again_in_what_remains() -> None:
    """Without the states of `a`, what is left is starved of `b`."""
    turn = edge("turn", {0: 1, 1: 2, 2: 0})
    system = shaped(4, turn, edge("a", {0: 3}, STRONG), edge("b", {1: 3}, STRONG))
    assert opinion(system, Eventually(at(system, 3))) is None


def test_fairness_is_of_each_instance() -> None:
    """One pod served for ever is not the other served."""
    pods = ({0: 1, 1: 0}, {0: 2, 1: 2, 2: 2})
    system = shaped(3, Shape("serve", {}, each=pods))
    assert opinion(system, Eventually(at(system, 2))) is None


def test_fairness_is_of_the_union_of_choices() -> None:
    """Whichever choice is made, the instance is taken."""
    system = shaped(3, Shape("pick", {0: 1, 1: 0}, chosen={0: 2, 1: 2}))
    assert names(opinion(system, Eventually(at(system, 2)))) == ([], ["pick", "pick"])


def test_a_step_that_changes_nothing_is_not_taken() -> None:
    """`pick` may go round in place for ever unless that counts for nothing."""
    system = shaped(2, Shape("pick", {0: 0}, chosen={0: 1}))
    assert opinion(system, Eventually(at(system, 1))) is None


def test_a_step_that_changes_nothing_is_not_enabled() -> None:
    """It keeps nobody from resting, and another step from nothing."""
    system = shaped(2, edge("spin", {0: 0}), edge("go", {0: 1}, NONE))
    assert names(opinion(system, Eventually(at(system, 1)))) == ([], [])


def test_nobody_rests_where_something_fair_is_enabled() -> None:
    system = shaped(2, edge("turn", {0: 1, 1: 0}))
    assert opinion(system, Always(Eventually(at(system, 1)))) is None


def test_rest_comes_after_other_steps() -> None:
    system = shaped(3, edge("go", {0: 1}), edge("on", {1: 2}, NONE))
    trace = opinion(system, Eventually(at(system, 2)))
    assert names(trace) == (["go"], [])


def test_steps_that_change_nothing_are_steps() -> None:
    """A claim about steps sees them, though fairness does not."""
    system = shaped(1, edge("spin", {0: 0}))
    spun = Steps((StepCase("spin", TRUE),))
    trace = opinion(system, Always(NotF(spun)))
    assert names(trace) in (([], ["spin"]), (["spin"], []))


def test_replay_asks_for_strong_fairness() -> None:
    system = shaped(3, edge("turn", {0: 1, 1: 0}), edge("leave", {1: 2}, STRONG))
    claim = Temporal(Eventually(at(system, 2)))
    turn = tuple(Step("turn", (), (), (place,)) for place in (1, 0))
    flaw = replay(Trace((0,), turn, 0), system, Property("leaves", claim))
    assert flaw is not None and "not fair to leave" in flaw.reason


def test_rest_is_for_ever() -> None:
    """Who rests makes no step later: there is no run that rests in 1 first and then goes."""
    system = shaped(3, edge("go", {0: 1, 1: 2}, NONE))
    went = Steps((StepCase("go", TRUE),))
    rests = OrF((NotF(at(system, 1)), went, Always(NotF(went))))
    assert opinion(system, Always(rests)) is None


def test_weak_fairness_asks_only_for_what_is_always_enabled() -> None:
    for place in (0, 1):
        system = shaped(3, edge("turn", {0: 1, 1: 0}), edge("leave", {place: 2}))
        assert names(opinion(system, Eventually(at(system, 2)))) == ([], ["turn", "turn"])


def test_who_leaves_for_good_has_not_been_served_here() -> None:
    """`out` is enabled in all of the cycle; that it leads out of it is not being taken in it."""
    system = shaped(3, edge("turn", {0: 1, 1: 0}), edge("out", {0: 2, 1: 2}))
    assert opinion(system, Eventually(Always(at(system, 2)))) is None


# ---- cuts and broken steps ---------------------------------------------------------------------


def test_a_cut_step_counts_as_enabled() -> None:
    """A run that is at rest only because creation is cut is no counterexample."""
    system = shaped(2, Shape("make", {1: 1}, cut=frozenset({0})), edge("go", {0: 1}, NONE))
    assert opinion(system, Eventually(at(system, 1))) is None


def test_a_run_past_a_cut_is_a_run() -> None:
    """Where the cut instance is not possible all the time, the loop is fair all the same."""
    make = Shape("make", {}, cut=frozenset({0}))
    system = shaped(3, make, edge("turn", {0: 1, 1: 0}), edge("go", {0: 2}, NONE))
    assert names(opinion(system, Eventually(at(system, 2)))) == ([], ["turn", "turn"])


def test_a_step_that_breaks_something_counts_as_enabled() -> None:
    system = shaped(2, Shape("burst", {}, broken=frozenset({0})), edge("go", {0: 1}, NONE))
    assert opinion(system, Eventually(at(system, 1))) is None


def test_an_unfair_cut_keeps_nobody_from_resting() -> None:
    make = Shape("make", {}, fairness=NONE, cut=frozenset({0}))
    system = shaped(2, make, edge("go", {0: 1}, NONE))
    assert names(opinion(system, Eventually(at(system, 1)))) == ([], [])


# ---- formulas ----------------------------------------------------------------------------------


def test_eventually_always_and_always_eventually() -> None:
    system = shaped(2, edge("turn", {0: 1, 1: 0}))
    assert opinion(system, Always(Eventually(at(system, 0)))) is None
    assert opinion(system, Eventually(Always(at(system, 0)))) is not None


def test_leads_to_is_asked_each_time() -> None:
    system = shaped(4, edge("go", {0: 1, 1: 2, 2: 3, 3: 1}), edge("stay", {3: 3}, NONE))
    assert opinion(system, leads(at(system, 0), at(system, 2))) is None
    assert opinion(system, leads(at(system, 2), at(system, 0))) is not None


def test_until_needs_its_end_and_its_way() -> None:
    system = shaped(3, edge("go", {0: 1, 1: 2}))
    assert opinion(system, Until(at(system, 0, 1), at(system, 2))) is None
    assert opinion(system, Until(at(system, 0), at(system, 2))) is not None
    stuck = shaped(3, edge("go", {0: 1, 1: 2}, NONE))
    assert opinion(stuck, Until(at(stuck, 0, 1), at(stuck, 2))) is not None


def test_until_that_is_denied_needs_its_end() -> None:
    """Denied, it is a way that may go on for ever without the end; it is not enough of a way."""
    system = shaped(2, edge("go", {0: 1}, NONE))
    assert opinion(system, NotF(Until(at(system, 0), at(system, 1)))) is not None
    stuck = shaped(2, edge("turn", {0: 0}))
    assert opinion(stuck, NotF(Until(at(stuck, 0), at(stuck, 1)))) is None


def test_what_is_put_off_again_and_again_is_paid_again_and_again() -> None:
    """Each moment owes a change after it; that there is always a new debt is no fault."""
    system = shaped(2, edge("turn", {0: 1, 1: 0}))
    x = Ref("x", system.variables[0].sort)
    assert opinion(system, Always(NotF(Unchanged(x)))) is None
    assert opinion(system, Eventually(Unchanged(x))) is not None


def test_unchanged_is_about_steps_after_the_moment() -> None:
    system = shaped(2, edge("go", {0: 1}))
    x = Ref("x", system.variables[0].sort)
    assert opinion(system, Unchanged(x)) is not None
    assert opinion(system, OrF((at(system, 0), Unchanged(x)))) is None
    assert opinion(system, Always(OrF((at(system, 0), Unchanged(x))))) is None


def test_steps_are_seen_where_they_lead() -> None:
    system = shaped(3, edge("go", {0: 1}), edge("on", {1: 2}))
    old = Old("x", system.variables[0].sort)
    came = Steps((StepCase("on", Eq(old, Lit(old.sort, 1))),))
    assert opinion(system, Always(OrF((NotF(came), at(system, 2))))) is None
    assert opinion(system, Eventually(came)) is None
    assert opinion(system, came) is not None


# ---- lives -------------------------------------------------------------------------------------


def test_a_claim_begins_with_each_life() -> None:
    """Pod 0 lives in 1 and 2, again and again; what happened before its birth does not count."""
    system = shaped(4, edge("go", {0: 1, 1: 2, 2: 3, 3: 1}))
    assert opinion(system, each_life(system, {0: (1, 2)}, Eventually(at(system, 2)))) is None
    assert opinion(system, each_life(system, {0: (1, 2)}, at(system, 1))) is None
    assert opinion(system, each_life(system, {0: (1, 2)}, at(system, 0))) is not None


def test_death_discharges_nothing() -> None:
    system = shaped(3, edge("go", {0: 1, 1: 2}))
    claim = Eventually(about(_only(at(system, 2))))
    assert opinion(system, each_life(system, {0: (0, 1)}, claim)) is not None
    assert opinion(system, each_life(system, {0: (0, 1, 2)}, claim)) is None


def test_the_gone_do_not_come_back() -> None:
    """The identity is used again; that is another life."""
    system = shaped(2, edge("turn", {0: 1, 1: 0}))
    there = Holds(Eq(Local("q", POD), Local("q", POD)))
    gone = Eventually(Always(NotF(there)))
    assert opinion(system, each_life(system, {0: (0,)}, gone)) is None
    assert opinion(system, each_life(system, {0: (0, 1)}, gone)) is not None


def test_what_is_over_is_not_unchanged() -> None:
    """`while p.x stays` needs p to stay."""
    system = shaped(2, edge("go", {0: 1}))
    q = Local("q", POD)
    stays = Eventually(Always(Unchanged(q)))
    assert opinion(system, each_life(system, {0: (0,)}, NotF(stays))) is None
    assert opinion(system, each_life(system, {0: (0, 1)}, NotF(stays))) is not None


# ---- settles -----------------------------------------------------------------------------------


def test_settles_looks_at_loops_of_controllers() -> None:
    system = shaped(2, edge("to", {0: 1}), edge("back", {1: 0}))
    assert names(opinion(system, Settles(("x",), False))) == ([], ["to", "back"])
    assert opinion(system, Settles((), False)) is None


def test_settles_leaves_environment_and_faults_out_of_loops() -> None:
    for origin in (Origin.ENVIRONMENT, Origin.FAULT):
        back = Shape("back", {1: 0}, fairness=NONE, origin=origin)
        assert opinion(shaped(2, edge("to", {0: 1}), back), Settles(("x",), False)) is None


def test_deliveries_may_be_in_the_loop_but_do_not_disturb() -> None:
    turn = Shape("turn", {0: 1, 1: 0}, origin=Origin.DELIVERY)
    assert opinion(shaped(2, turn), Settles(("x",), False)) is None
    back = Shape("back", {1: 0}, origin=Origin.CLOCK)
    assert opinion(shaped(2, edge("to", {0: 1}), back), Settles(("x",), False)) is not None


def test_a_loop_that_is_unfair_to_somebody_outside_it_does_not_unsettle() -> None:
    system = shaped(3, edge("turn", {0: 1, 1: 0}), edge("out", {0: 2, 1: 2}))
    assert opinion(system, Settles(("x",), False)) is None


def _only(formula: object) -> Holds:
    assert isinstance(formula, Holds)
    return formula
