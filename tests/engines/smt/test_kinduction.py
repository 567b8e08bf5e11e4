from __future__ import annotations

import pytest
from attrs import evolve

from kspec.engines.random_systems import seeded_system
from kspec.engines.smt.kinduction import Proofs, prove
from kspec.engines.smt.model import model
from kspec.engines.smt.solver import Sat, Solver, Unsat
from kspec.engines.smt.terms import Node
from kspec.engines.smt.unroll import Unrolling
from kspec.ir.build import lit
from kspec.ir.expr import FALSE, TRUE, Arith, ArithOp, Binder, Eq, Le, Local, Lt, Not, Ref
from kspec.ir.sorts import Bool, Int
from kspec.ir.system import (
    Action,
    Conjunct,
    Fairness,
    Init,
    Invariant,
    Origin,
    Property,
    Role,
    System,
    Update,
    Var,
)
from kspec.verdict.answer import Absent, Found, Inconclusive, Induction, Proved, Why
from tests.engines.smt.compare import LIMITS, explored, flaw, goals


def proofs_of(system: System, depth: int = 4, questions: int = 0) -> Proofs:
    of = model(system)
    return prove(of, goals(of), depth, LIMITS, questions)


def contradictions(seed: int) -> list[str]:
    """Where a proof and the reference do not agree."""
    system = seeded_system(seed)
    seen = dict(explored(system).answers)
    found = []
    for name, answer in proofs_of(system).answers:
        wanted = seen[name]
        if isinstance(answer, Proved) and isinstance(wanted, Found):
            found.append(f"seed {seed}: {name} is proved, and happens")
        if isinstance(answer, Found):
            wrong = flaw(system, name, answer)
            if wrong is not None or isinstance(wanted, Absent):
                found.append(f"seed {seed}: {wrong or name}")
            elif isinstance(wanted, Found) and len(wanted.trace.steps) != len(answer.trace.steps):
                found.append(f"seed {seed}: {name} is not found in the fewest steps")
    return found


def test_twenty_five_random_systems() -> None:
    assert [line for seed in range(25) for line in contradictions(seed)] == []


@pytest.mark.slow
def test_many_random_systems() -> None:
    assert [line for seed in range(25, 300) for line in contradictions(seed)] == []


# ---- small systems ------------------------------------------------------------------------------

N = Ref("n", Int(0, 9))


def counter(start: int, stop: int, claim: Property, step: int = 1) -> System:
    """Counts on from `start` while it is below `stop`."""
    update = Update("n", (), Arith(ArithOp.ADD, N, lit(step)), TRUE, TRUE)
    count = Action(
        name="count",
        owner="clock",
        origin=Origin.ENVIRONMENT,
        params=(),
        choices=(),
        lets=(),
        guard=(Conjunct(Lt(N, lit(stop))),),
        cut=None,
        updates=(update,),
        fairness=Fairness.NONE,
    )
    return System(
        name="counter",
        pools=(),
        constants=(),
        variables=(Var("n", Int(0, 9), Role.API, "clock", "n"),),
        init=Init((), TRUE, (("n", lit(start)),)),
        actions=(count,),
        properties=(claim,),
        well_formed=TRUE,
    )


BELOW_SIX = Property("below", Invariant(Lt(N, lit(6))))


def test_what_is_inductive_is_proved_with_one_state() -> None:
    answers = dict(proofs_of(counter(0, 5, BELOW_SIX)).answers)
    assert isinstance(answers["below"], Proved)
    assert answers["below"].evidence.k == 1
    assert not answers["below"].evidence.cuts


def test_what_needs_more_states_is_proved_with_more() -> None:
    # From 4, two steps of two end in 8; from an even start, below 4, nothing gets to 5.
    claim = Property("not_five", Invariant(Eq(Eq(N, lit(5)), Eq(lit(0), lit(1)))))
    answers = dict(proofs_of(counter(0, 4, claim, step=2)).answers)
    assert isinstance(answers["not_five"], Proved)
    assert answers["not_five"].evidence.k > 1


def test_a_failed_step_is_no_bug_and_says_how_far_bugs_were_looked_for() -> None:
    claim = Property("not_nine", Invariant(Not(Eq(N, lit(9)))))
    system = counter(0, 8, claim, step=2)
    proofs = proofs_of(system, depth=3)
    answer = dict(proofs.answers)["not_nine"]
    assert isinstance(answer, Inconclusive)
    assert (answer.why, answer.reached.depth) == (Why.INDUCTION, 2)
    trace = dict(proofs.stuck)["not_nine"]
    assert (trace.start, trace.states()[-1]) == ((7,), (9,))


def test_a_bug_deeper_than_one_state_is_found_and_not_proved_away() -> None:
    claim = Property("not_three", Invariant(Lt(N, lit(3))))
    answer = dict(proofs_of(counter(0, 9, claim), depth=6).answers)["not_three"]
    assert isinstance(answer, Found)
    assert len(answer.trace.steps) == 3


def test_a_claim_that_is_false_at_the_start_is_not_proved() -> None:
    # It stays false or stays true: the step alone would do.
    claim = Property("low", Invariant(Lt(N, lit(1))))
    answer = dict(proofs_of(counter(1, 0, claim)).answers)["low"]
    assert isinstance(answer, Found)
    assert answer.trace.steps == ()


def test_runs_that_end_are_a_proof() -> None:
    claim = Property("not_seven", Invariant(Eq(Eq(N, lit(7)), Eq(lit(0), lit(1)))))
    answer = dict(proofs_of(counter(0, 0, claim)).answers)["not_seven"]
    assert isinstance(answer, Proved)


def test_a_step_that_leaves_its_range_is_found() -> None:
    answer = dict(proofs_of(counter(8, 10, BELOW_SIX), depth=4).answers)["in-range"]
    assert isinstance(answer, Found)
    assert [step.state for step in answer.trace.steps] == [(9,), None]


def test_same_input_same_answers_and_same_cost() -> None:
    system = seeded_system(7)
    first, second = proofs_of(system), proofs_of(system)
    assert first == second


def test_well_formed_comes_first() -> None:
    answers = dict(proofs_of(counter(0, 5, BELOW_SIX)).answers)
    assert isinstance(answers["below"], Proved)
    assert answers["below"].evidence.groups[0] == Induction(("$well-formed",), 1)


def test_states_differ_if_one_place_does() -> None:
    """Two states that agree in one variable are different all the same."""
    of = model(two_bits())
    unrolling = Unrolling(of)
    solver = Solver(LIMITS, unrolling.translator.context)
    a, b = (unrolling.at(place, of.named(of.state)["a"][0]) for place in (0, 1))  # type: ignore[arg-type]
    solver.add([*unrolling.state(0), *unrolling.state(1), unrolling.differ(0, 1), a == b])
    assert isinstance(solver.check([]), Sat)


def two_bits() -> System:
    """Two variables that may be anything."""
    base = counter(0, 9, BELOW_SIX)
    set_to = [Update(name, (), Local("to", Bool()), TRUE, TRUE) for name in ("a", "b")]
    (count,) = base.actions
    actions = [
        evolve(count, name=u.var, choices=(Binder("to", Bool()),), guard=(), updates=(u,))
        for u in set_to
    ]
    return evolve(
        base,
        variables=tuple(Var(n, Bool(), Role.API, "clock", n) for n in ("a", "b")),
        init=Init((), TRUE, (("a", FALSE), ("b", FALSE))),
        actions=tuple(actions),
        properties=(),
    )


def test_a_variable_is_in_its_sort() -> None:
    of = model(counter(0, 5, BELOW_SIX))
    unrolling = Unrolling(of)
    solver = Solver(LIMITS, unrolling.translator.context)
    solver.add(unrolling.state(0))
    (n,) = of.state
    assert isinstance(n, Node)
    # Four bits have room for 12, and folding does not know that nothing is lost here.
    twelve = of.terms.equal(of.terms.mod(n, 16), 12)
    assert isinstance(solver.check([unrolling.at(0, twelve)]), Unsat)


def test_a_cut_step_is_not_taken() -> None:
    claim = Property("below_three", Invariant(Lt(N, lit(3))))
    system = counter(0, 9, claim)
    (count,) = system.actions
    answers = proofs_of(evolve(system, actions=(evolve(count, cut=Le(lit(2), N)),))).answers
    answer = dict(answers)["below_three"]
    assert isinstance(answer, Proved)
    assert answer.evidence.cuts == ("count",)


def test_a_broken_step_leads_nowhere() -> None:
    claim = Property("above_zero", Invariant(Lt(lit(0), N)))
    answers = dict(proofs_of(counter(8, 10, claim)).answers)
    assert isinstance(answers["above_zero"], Proved)
    assert isinstance(answers["in-range"], Found)
