"""Lemmas of certificates: formulas that no property states, proved like everything else."""

from __future__ import annotations

import pytest
from attrs import evolve

from kspec.certify.proof import HOLDS, Certificate, fingerprint, lemma_texts, read, write
from kspec.certify.recheck import Confirmed, Rejected, Stale, recheck
from kspec.engines.random_systems import seeded_system
from kspec.ir.build import lit
from kspec.ir.expr import Arith, ArithOp, Eq, Expr, Le, Not, Or
from kspec.ir.system import Implicit, Invariant, Property, System
from kspec.ir.text import parse_expr, print_expr
from kspec.verdict.answer import Induction
from tests.engines.smt.test_kinduction import N, counter

IMPLICIT = tuple(i.value for i in Implicit)
NOT_SEVEN = Property("not_seven", Invariant(Not(Eq(N, lit(7)))))
"""Of a counter that goes from 0 in steps of two: true, and not inductive, since 5 is not excluded."""
EVEN: Expr = Eq(Arith(ArithOp.MOD, N, lit(2)), lit(0))
TWOS = counter(0, 8, NOT_SEVEN, step=2)


def certificate_of(system: System, *lemmas: tuple[str, Expr]) -> Certificate:
    names = tuple(name for name, _ in lemmas)
    groups = (Induction((*names, *IMPLICIT, "not_seven"), 1),)
    return Certificate(
        file="counter.kspec",
        scenario="",
        point=(),
        extra=(),
        system=fingerprint(system, groups),
        prop="not_seven",
        claim=HOLDS,
        groups=groups,
        assumptions=(),
        bounds=(),
        lemmas=lemma_texts(lemmas, system),
    )


GOOD = certificate_of(TWOS, ("even", EVEN))


def test_a_claim_with_its_lemma_is_confirmed_and_not_without() -> None:
    assert isinstance(recheck(GOOD, TWOS), Confirmed)
    assert isinstance(recheck(certificate_of(TWOS), TWOS), Rejected)


def test_what_is_written_is_read() -> None:
    assert read(write(GOOD)) == GOOD
    assert GOOD.lemmas == (("even", "(= (mod n 2) 0)"),)


def test_a_lemma_is_proved_and_never_believed() -> None:
    false = certificate_of(TWOS, ("odd", Not(EVEN)))
    outcome = recheck(false, TWOS)
    assert isinstance(outcome, Rejected)
    assert "true at the start" in outcome.why
    strong = certificate_of(TWOS, ("small", Le(N, lit(3))))
    outcome = recheck(strong, TWOS)
    assert isinstance(outcome, Rejected)
    assert "stays true" in outcome.why


def test_a_lemma_that_no_group_proves_is_no_help() -> None:
    unproved = evolve(GOOD, groups=(Induction((*IMPLICIT, "not_seven"), 1),))
    assert isinstance(recheck(unproved, TWOS), Rejected)


def test_a_changed_model_makes_it_stale() -> None:
    assert recheck(GOOD, counter(0, 6, NOT_SEVEN, step=2)) == Stale()


@pytest.mark.parametrize("name", ["not_seven", "in-range", "$well-formed", "$cut count"])
def test_a_lemma_has_a_name_of_its_own(name: str) -> None:
    """Else `in-range` could be a lemma that says nothing, and count as proved."""
    forged = evolve(GOOD, lemmas=(*GOOD.lemmas, (name, "true")))
    assert isinstance(recheck(forged, TWOS), Rejected)


@pytest.mark.parametrize(
    "text",
    [
        "(= n",
        "nobody",
        "n",
        "(ref n (int 0 0))",
        "(= (local x (int 0 9)) 0)",
        "(= (old n) 0)",
        "(= (ref n (int 0 1)) 0)",
        "true false",
        "",
        "(= n true)",
        "(" * 100_000,
        "(not " * 20_000 + "true" + ")" * 20_000,
    ],
)
def test_what_is_no_formula_about_a_state_is_rejected(text: str) -> None:
    forged = evolve(GOOD, lemmas=(("even", text),))
    assert isinstance(recheck(forged, TWOS), Rejected)


def test_lemmas_may_be_named_by_an_earlier_group() -> None:
    apart = (Induction(("even",), 1), Induction((*IMPLICIT, "not_seven"), 1))
    assert isinstance(recheck(evolve(GOOD, groups=apart), TWOS), Confirmed)


def test_every_invariant_of_random_systems_is_written_and_read() -> None:
    for seed in range(40):
        system = seeded_system(seed)
        bodies = [p.claim.body for p in system.properties if isinstance(p.claim, Invariant)]
        for body in (*bodies, system.well_formed):
            assert parse_expr(print_expr(body, system), system) == body


def test_a_number_that_no_state_can_hold_is_still_a_number() -> None:
    """The width of numbers in obligations is that of everything they speak of."""
    wide = Or((Le(Arith(ArithOp.MUL, N, lit(1000)), lit(9000)), Eq(N, lit(0))))
    assert isinstance(
        recheck(certificate_of(TWOS, ("even", EVEN), ("wide", wide)), TWOS), Confirmed
    )
