"""Mistakes in induction that make no false verdict, and in the encoder that checks proofs.

Those in the encoding to a solver are in `unsound`.
"""

from __future__ import annotations

from tests.mutants.harness import Mutant

SMT = "kspec/engines/smt/"
CERTIFY = "kspec/certify/"
CONFIRMED = "tests/certify/test_proofs.py::test_every_proof_of_random_systems_is_confirmed"
FALSE = "tests/certify/test_proofs.py::test_no_false_claim_about_random_systems_is_confirmed"
FORGED = "tests/certify/test_proofs.py::"

INDUCTION = (
    Mutant(
        "runs are taken to end one step early",
        SMT + "kinduction.py",
        "self._prove(left, max(1, base.depth + 1), ends=True)",
        "self._prove(left, max(1, base.depth), ends=True)",
        FORGED + "test_runs_that_end_are_a_proof",
    ),
)

CHECKING = (
    Mutant(
        "the start is not checked",
        CERTIFY + "obligations.py",
        "for depth in range(group.k):",
        "for depth in range(1, group.k):",
        FORGED + "test_a_forged_one_is_rejected_at_the_start",
    ),
    Mutant(
        "the checker assumes what is to be proved",
        CERTIFY + "obligations.py",
        "for place in range(last) for name in (*lemmas, *names)]",
        "for place in range(last + 1) for name in (*lemmas, *names)]",
        FALSE,
    ),
    Mutant(
        "the checker forgets claims about steps",
        CERTIFY + "obligations.py",
        "s.both((act.taken, s.no(of(case.body",
        "s.both((False, s.no(of(case.body",
        FALSE,
    ),
    Mutant(
        "the checker's steps break nothing",
        CERTIFY + "meaning.py",
        "broken[Implicit.IN_RANGE].append(s.both((when, s.no(s.is_of(sort, new)))))",
        "broken[Implicit.IN_RANGE].append(False)",
        FALSE,
    ),
    Mutant(
        "the checker's guards hold",
        CERTIFY + "meaning.py",
        "tried += [self.of(part.expr, names) for part in action.guard]",
        "tried += []",
        CONFIRMED,
    ),
    Mutant(
        "the checker's numbers wrap",
        CERTIFY + "formulas.py",
        "width = max(map(abs, self.numbers)).bit_length() + 3",
        "width = max(map(abs, self.numbers)).bit_length() - 1",
        FALSE,
    ),
    Mutant(
        "what has more in it is of the sort, for the checker",
        CERTIFY + "formulas.py",
        "found.update((n, self.equal(part, None)) for n, part in sym.items() if n not in own)",
        "found.update((n, True) for n, part in sym.items() if n not in own)",
        FORGED + "test_what_is_outside_of_a_sort_is_noticed",
    ),
    Mutant(
        "where nothing is the checker has anything",
        CERTIFY + "formulas.py",
        "found[n] = self.choose(self.there(sym, n), found[n], self.equal(sym.get(n), None))",
        "found[n] = self.choose(self.there(sym, n), found[n], True)",
        FORGED + "test_nothing_is_equal_to_nothing",
    ),
    Mutant(
        "a certificate need not prove the implicit properties",
        CERTIFY + "recheck.py",
        "for name in (of.prop, *(implicit.value for implicit in Implicit)):",
        "for name in (of.prop,):",
        FORGED + "test_a_proof_must_prove_what_it_says_and_the_implicit_properties",
    ),
    Mutant(
        "an old certificate is as good as a new one",
        CERTIFY + "recheck.py",
        "if fingerprint(system, of.groups) != of.system:",
        "if fingerprint(system, of.groups) == of.prop:",
        FORGED + "test_a_changed_model_makes_it_stale",
    ),
    Mutant(
        "nobody looks at the digest",
        CERTIFY + "proof.py",
        "if digest != _digest(found):",
        "if not digest:",
        FORGED + "test_a_changed_word_is_noticed",
    ),
)
