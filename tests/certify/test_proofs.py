"""Certificates: what the engine proves is confirmed, what is false is not, whoever claims it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve

from kspec.certify.obligations import Unfounded, obligations
from kspec.certify.proof import HOLDS, Certificate, Malformed, fingerprint, read, write
from kspec.certify.recheck import Confirmed, Rejected, Stale, _with_z3, recheck
from kspec.engines.api import Budget
from kspec.engines.random_systems import seeded_system
from kspec.engines.reference import Reference
from kspec.engines.smt.kinduction import prove
from kspec.engines.smt.model import goal, implicit, model
from kspec.engines.smt.solver import Limits
from kspec.ir.build import lit
from kspec.ir.expr import (
    TRUE,
    Arith,
    ArithOp,
    Binder,
    Eq,
    IsSome,
    Le,
    Lit,
    Local,
    MakeSeq,
    MakeSet,
    Not,
    Old,
    Or,
    Ref,
)
from kspec.ir.sorts import Int, Opt, Seq, Set, Value
from kspec.ir.system import (
    Implicit,
    Invariant,
    Occurrence,
    Property,
    Role,
    StepCase,
    System,
    Update,
    Var,
)
from kspec.verdict.answer import Found, Induction, Proved
from tests.engines.smt.test_kinduction import BELOW_SIX, N, counter

ROOT = Path(__file__).parents[2]


def proved_groups(system: System) -> tuple[Induction, ...]:
    """Everything that the engine proves of a system, in order."""
    of = model(system)
    found = (goal(of, prop) for prop in system.properties)
    asked = [*(g for g in found if g is not None), *(implicit(of, i) for i in Implicit)]
    answers = prove(of, asked, 4, Limits(20_000_000), questions=0).answers
    proofs = (answer.evidence.groups for _, answer in answers if isinstance(answer, Proved))
    return max(proofs, key=len, default=())


def refuted(system: System, groups: tuple[Induction, ...]) -> list[str]:
    """The obligations that have a solution."""
    return [o.what for o in obligations(system, groups) if _with_z3(o.script) != "unsat"]


def unconfirmed(seeds: range) -> Iterator[tuple[int, str]]:
    for seed in seeds:
        system = seeded_system(seed)
        yield from ((seed, what) for what in refuted(system, proved_groups(system)))


def believed(seeds: range) -> Iterator[tuple[int, str, int]]:
    """False claims that nothing was found against: the reference knows that they are false."""
    for seed in seeds:
        system = seeded_system(seed)
        names = tuple(p.name for p in system.properties)
        seen = Reference().explore(system, names, Budget(120, 4), lambda _: None)
        for name, answer in seen.answers:
            if isinstance(answer, Found):
                for k in {1, 2, len(answer.trace.steps) + 1}:
                    if not refuted(system, (Induction((name,), k),)):
                        yield seed, name, k


def test_every_proof_of_random_systems_is_confirmed() -> None:
    assert list(unconfirmed(range(20))) == []


def test_no_false_claim_about_random_systems_is_confirmed() -> None:
    assert list(believed(range(25))) == []


@pytest.mark.slow
def test_every_proof_of_many_random_systems_is_confirmed() -> None:
    assert list(unconfirmed(range(20, 250))) == []


@pytest.mark.slow
def test_no_false_claim_about_many_random_systems_is_confirmed() -> None:
    assert list(believed(range(25, 250))) == []


# ---- certificates -------------------------------------------------------------------------------

SYSTEM = counter(0, 5, BELOW_SIX)


def certificate_of(system: System, prop: str = "below") -> Certificate:
    groups = proved_groups(system)
    return Certificate(
        file="counter.kspec",
        scenario="",
        point=(),
        extra=(),
        system=fingerprint(system, groups),
        prop=prop,
        claim=HOLDS,
        groups=groups,
        assumptions=("clocks are right",),
        bounds=(),
        versions=(("kspec", "0"),),
        spent=7,
    )


GOOD = certificate_of(SYSTEM)


def test_what_is_written_is_read() -> None:
    assert read(write(GOOD)) == GOOD


def test_a_good_one_is_confirmed() -> None:
    outcome = recheck(GOOD, SYSTEM)
    assert isinstance(outcome, Confirmed)
    assert outcome.obligations == 2 * len(GOOD.groups)


def test_words_for_people_are_no_part_of_the_system() -> None:
    (prop,) = SYSTEM.properties
    told = evolve(SYSTEM, properties=(evolve(prop, sentence="Told otherwise."),))
    assert isinstance(recheck(GOOD, told), Confirmed)


def test_a_changed_model_makes_it_stale() -> None:
    assert recheck(GOOD, counter(0, 4, BELOW_SIX)) == Stale()


def test_a_changed_word_is_noticed() -> None:
    with pytest.raises(Malformed, match="digest"):
        read(write(GOOD).replace('"below"', '"above"'))


@pytest.mark.parametrize("key", ["groups", "property", "system", "digest", "claim"])
def test_what_is_left_out_is_noticed(key: str) -> None:
    found = json.loads(write(GOOD))
    del found[key]
    with pytest.raises(Malformed):
        read(json.dumps(found))


def test_no_certificate_at_all() -> None:
    for text in ("", "[]", "null", "{}", '{"kproof": 2, "digest": ""}'):
        with pytest.raises(Malformed):
            read(text)


def forged(system: System, *groups: Induction) -> Certificate:
    """One whose digest and hash are right, and nothing else need be."""
    return evolve(GOOD, groups=groups, system=fingerprint(system, groups))


ALL = ("below", *(i.value for i in Implicit))


def test_a_forged_one_is_rejected_at_the_start() -> None:
    false = counter(7, 5, BELOW_SIX)
    outcome = recheck(forged(false, Induction(ALL, 1)), false)
    assert isinstance(outcome, Rejected)
    assert "true at the start" in outcome.why


def test_a_forged_one_is_rejected_in_the_step() -> None:
    false = counter(0, 8, BELOW_SIX)
    outcome = recheck(forged(false, Induction(ALL, 1)), false)
    assert isinstance(outcome, Rejected)
    assert "stays true" in outcome.why


def test_runs_that_do_not_end_are_noticed() -> None:
    false = counter(0, 8, BELOW_SIX)
    outcome = recheck(forged(false, Induction(ALL, 3, ends=True)), false)
    assert isinstance(outcome, Rejected)
    assert "no run has 3 steps" in outcome.why


def test_a_proof_must_prove_what_it_says_and_the_implicit_properties() -> None:
    assert isinstance(recheck(forged(SYSTEM, Induction(ALL[1:], 1)), SYSTEM), Rejected)
    assert isinstance(recheck(forged(SYSTEM, Induction(("below",), 1)), SYSTEM), Rejected)
    assert isinstance(recheck(evolve(GOOD, claim="unreachable"), SYSTEM), Rejected)
    assert isinstance(recheck(evolve(GOOD, prop="above"), SYSTEM), Rejected)


def test_a_group_must_be_one() -> None:
    for group in (Induction((), 1), Induction(("below",), 0), Induction(("below", "below"), 1)):
        with pytest.raises(Unfounded):
            list(obligations(SYSTEM, (group,)))
    assert isinstance(recheck(forged(SYSTEM, Induction((*ALL, "$cut count"), 1)), SYSTEM), Rejected)


def test_a_solver_that_gives_up_confirms_nothing() -> None:
    outcome = recheck(GOOD, SYSTEM, (("nobody", lambda _: "unknown"),))
    assert not isinstance(outcome, Confirmed | Rejected | Stale)


def test_nobody_is_kept_busy_by_a_number() -> None:
    outcome = recheck(forged(SYSTEM, Induction(ALL, 10**9)), SYSTEM)
    assert isinstance(outcome, Rejected)
    assert "steps" in outcome.why


def test_a_second_opinion_counts() -> None:
    outcome = recheck(GOOD, SYSTEM, (("z3", _with_z3), ("another", lambda _: "sat")))
    assert isinstance(outcome, Rejected)


def test_a_second_solver_that_gives_up_is_not_named() -> None:
    outcome = recheck(GOOD, SYSTEM, (("z3", _with_z3), ("another", lambda _: "unknown")))
    assert isinstance(outcome, Confirmed)
    assert outcome.solvers == ("z3",)
    (why,) = outcome.open
    assert why.endswith("another says unknown")


def test_a_false_lemma_helps_nobody() -> None:
    """A claim that follows from one that is false is not proved by putting that one first."""
    (prop,) = counter(0, 8, BELOW_SIX).properties
    assert isinstance(prop.claim, Invariant)
    false = counter(0, 8, BELOW_SIX)
    groups = (Induction(("below",), 1), Induction(ALL[1:], 1))
    assert isinstance(recheck(forged(false, *groups), false), Rejected)


def test_a_claim_about_a_step_reads_the_state_after_it() -> None:
    """It is false that counting leaves the number as it is: nobody proves it."""
    same = Occurrence((StepCase("count", Eq(N, Old("n", Int(0, 9)))),))
    false = counter(0, 5, Property("same", same))
    groups = proved_groups(false)
    assert refuted(false, groups) == []
    assert all("same" not in group.names for group in groups)


def test_what_is_outside_of_a_sort_is_noticed() -> None:
    """A set with a member, and a sequence with an item, for which there is no room."""
    of, wide = Set(Int(0, 1)), Lit(Int(0, 9), 5)
    for sort, value in ((of, MakeSet(Int(0, 9), (wide,))), (Seq(of.of, 0), MakeSeq(of.of, (N,)))):
        base = counter(0, 5, BELOW_SIX)
        (count,) = base.actions
        update = Update("more", (), value, TRUE, TRUE)
        system = evolve(
            base,
            variables=(*base.variables, Var("more", sort, Role.API, "", "more")),
            init=evolve(base.init, assign=(*base.init.assign, ("more", Lit(sort, _empty(sort))))),
            actions=(evolve(count, updates=(*count.updates, update)),),
        )
        assert refuted(system, (Induction(("in-range",), 1),))


def _empty(sort: Set | Seq) -> Value:
    return frozenset() if isinstance(sort, Set) else ()


def test_what_is_asked_does_not_depend_on_hashes() -> None:
    """Of sets of names, too: another process has their parts in the same order."""
    code = (
        "from kspec.certify.formulas import lift\n"
        "from kspec.ir.sorts import Enum, Set\n"
        "print(list(lift(Set(Enum('E', tuple('abcdefgh'))), frozenset('abcdefgh'))))\n"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1


def test_nothing_is_equal_to_nothing() -> None:
    """Whatever is chosen, in any state: an option with nothing in it is the one with nothing."""
    sort = Opt(Int(0, 2))
    x = Ref("x", sort)
    same = Property("same", Invariant(Or((IsSome(x), Eq(x, Lit(sort, None))))))
    base = counter(0, 5, same)
    (count,) = base.actions
    update = Update("x", (), Local("c", sort), TRUE, TRUE)
    system = evolve(
        base,
        variables=(*base.variables, Var("x", sort, Role.API, "", "x")),
        init=evolve(base.init, assign=(*base.init.assign, ("x", Lit(sort, None)))),
        actions=(evolve(count, choices=(Binder("c", sort),), updates=(update,)),),
    )
    assert refuted(system, (Induction(("same",), 1),)) == []


def test_runs_that_end_are_a_proof() -> None:
    """From 0 there is one step; from 5 there would be more, up to 9, which is never reached."""
    claim = Property("not_nine", Invariant(Not(Eq(N, lit(9)))))
    system = counter(0, 9, claim)
    (count,) = system.actions
    guard = Or((Eq(N, lit(0)), Le(lit(5), N)))
    guards = (*count.guard, evolve(count.guard[0], expr=guard))
    ending = evolve(system, actions=(evolve(count, guard=guards),))
    groups = proved_groups(ending)
    assert groups[-1] == Induction(("not_nine",), 2, ends=True)
    assert refuted(ending, groups) == []


def test_division_rounds_down_in_proofs() -> None:
    """-5 div 2 is -3, at the start and for ever; nobody proves that it never is."""
    half = Arith(ArithOp.DIV, Arith(ArithOp.SUB, N, lit(5)), lit(2))
    false = counter(0, 0, Property("not_three_below", Invariant(Not(Eq(half, lit(-3))))))
    groups = proved_groups(false)
    assert refuted(false, groups) == []
    assert all("not_three_below" not in group.names for group in groups)
