"""What a certificate says of states, evaluated by the reference on states that runs reach."""

from __future__ import annotations

from attrs import evolve

from kspec.driver.proofs.proof_audit import Seen, reached, seen
from kspec.engines.random_systems import seeded_system
from kspec.ir.build import lit
from kspec.ir.expr import Arith, ArithOp, Binder, Local, Lt, Not, Ref
from kspec.ir.sorts import Int
from kspec.ir.system import Conjunct, Init, Invariant, Property, Role, Update, Var
from kspec.verdict.answer import Induction
from tests.certify.test_lemmas import EVEN, TWOS
from tests.certify.test_proofs import proved_groups
from tests.engines.smt.test_kinduction import N, counter

GROUPS = (Induction(("not_seven",), 1),)


def test_all_states_are_looked_at_where_they_are_few() -> None:
    assert seen(TWOS, GROUPS, reached(TWOS)) == Seen(5, True)
    assert seen(TWOS, GROUPS, reached(TWOS, most=3)) == Seen(3, False)


def test_what_is_false_in_a_state_is_named() -> None:
    below = Property("below", Invariant(Lt(N, lit(4))))
    system = counter(0, 8, below, step=2)
    found = seen(system, (Induction(("below",), 1),), reached(system))
    assert found == Seen(3, False, "below")


def test_a_claim_that_no_group_names_is_not_looked_at() -> None:
    below = Property("below", Invariant(Lt(N, lit(4))))
    system = counter(0, 8, below, step=2)
    assert seen(system, GROUPS, reached(system)).false is None


def test_a_false_lemma_is_seen() -> None:
    odd = counter(0, 8, Property("odd", Invariant(Not(EVEN))), step=2)
    assert seen(odd, (Induction(("odd",), 1),), reached(odd)).false == "odd"


def test_what_was_proved_of_random_systems_is_so_in_their_states() -> None:
    for seed in range(12):
        system = seeded_system(seed)
        assert seen(system, proved_groups(system), reached(system, most=60)).false is None


def test_with_less_work_fewer_of_the_same_states_are_reached() -> None:
    thinned = 0
    for seed in range(12):
        system = seeded_system(seed)
        whole, some = reached(system), reached(system, work=1500)
        assert set(some.states) <= set(whole.states)
        assert some.all_of_them <= (len(some.states) == len(whole.states))
        thinned += len(some.states) < len(whole.states)
    assert thinned


def test_states_of_every_level_are_reached_where_a_level_has_too_many() -> None:
    system = counter(0, 9, Property("any", Invariant(Lt(N, lit(99)))), step=1)
    assert [state[0] for state in reached(system, work=1).states] == [0]
    assert len(reached(system).states) == 10 and reached(system).all_of_them


def test_where_a_level_was_thinned_not_all_states_are_reached() -> None:
    some = Binder("some", Int(0, 99))
    of = Var("n", some.sort, Role.API, "clock", "n")
    n = Ref("n", some.sort)
    base = counter(0, 99, Property("any", Invariant(Lt(n, lit(100)))))
    (count,) = base.actions
    forward = Update("n", (), Arith(ArithOp.ADD, n, lit(1)), lit(True), lit(True))
    counting = evolve(count, guard=(Conjunct(Lt(n, lit(99))),), updates=(forward,))
    system = evolve(
        base,
        variables=(of,),
        actions=(counting,),
        init=Init((some,), lit(True), (("n", Local("some", some.sort)),)),
    )
    assert len(reached(system).states) == 100 and reached(system).all_of_them
    for work in range(100, 6000, 100):
        few = reached(system, work=work)
        assert few.all_of_them <= (len(few.states) == 100), work
