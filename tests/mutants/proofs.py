"""Mistakes in the encoding to a solver, in induction, and in the encoder that checks proofs.

What could make a false proof is noticed by the checks of certificates alone, which know neither the
reference nor any search.
"""

from __future__ import annotations

from tests.mutants.harness import Mutant

SMT = "kspec/engines/smt/"
CERTIFY = "kspec/certify/"
HUNT = "tests/engines/smt/test_bmc.py::test_thirty_random_systems"
INDUCT = "tests/engines/smt/test_kinduction.py::"
CONFIRMED = "tests/certify/test_proofs.py::test_every_proof_of_random_systems_is_confirmed"
FALSE = "tests/certify/test_proofs.py::test_no_false_claim_about_random_systems_is_confirmed"
FORGED = "tests/certify/test_proofs.py::"

ENCODING = (
    Mutant(
        "a place may change that nobody writes",
        SMT + "unroll.py",
        "self.z3.And(self.translator.truth(model.step), *equal)",
        "self.z3.And(self.translator.truth(model.step), *equal[1:])",
        HUNT,
    ),
    Mutant(
        "a variable has no upper bound",
        SMT + "solver.py",
        "self.ranges[node] = z3.And(below, above)",
        "self.ranges[node] = above",
        INDUCT + "test_a_variable_is_in_its_sort",
    ),
    Mutant(
        "negation is dropped",
        SMT + "encode.py",
        "return terms.not_(self.truth(arg, env))",
        "return self.truth(arg, env)",
        CONFIRMED,
    ),
    Mutant(
        "one part of a guard is enough",
        SMT + "model.py",
        "enabled = encoder.terms.and_(guard)",
        "enabled = encoder.terms.or_(guard)",
        HUNT,
    ),
    Mutant(
        "a guard has one part more",
        SMT + "model.py",
        "enabled = encoder.terms.and_(guard)",
        "enabled = encoder.terms.and_((*guard, encoder.terms.flag('never')))"
        " if len(guard) < 2 else False",
        CONFIRMED,
    ),
    Mutant(
        "a cut step is taken",
        SMT + "model.py",
        "return terms.and_((move.enabled, terms.not_(move.cut), *whole))",
        "return terms.and_((move.enabled, *whole))",
        INDUCT + "test_a_cut_step_is_not_taken",
    ),
    Mutant(
        "a broken step goes on",
        SMT + "model.py",
        "return terms.and_((move.enabled, terms.not_(move.cut), *whole))",
        "return terms.and_((move.enabled, terms.not_(move.cut)))",
        INDUCT + "test_a_broken_step_leads_nowhere",
    ),
    Mutant(
        "nothing is dead",
        SMT + "model.py",
        "dead = terms.or_(terms.and_((w.when, terms.not_(w.live))) for w in writes)",
        "dead: Truth = False",
        CONFIRMED,
    ),
    Mutant(
        "two writes never meet",
        SMT + "model.py",
        "twice = terms.or_(self._overlap(a, b) for a, b in combinations(writes, 2))",
        "twice: Truth = False",
        CONFIRMED,
    ),
    Mutant(
        "everything fits",
        SMT + "model.py",
        "in_range=self.values.contained(given, sym, sort),",
        "in_range=True,",
        CONFIRMED,
    ),
    Mutant(
        "a claim about a step reads the state before it",
        SMT + "model.py",
        "env = Env(later[n], names, move.env.bound)",
        "env = Env(names, names, move.env.bound)",
        FORGED + "test_a_claim_about_a_step_reads_the_state_after_it",
    ),
    Mutant(
        "the last of those that fit is picked",
        SMT + "values.py",
        "for condition, sym in reversed(places):",
        "for condition, sym in places:",
        HUNT,
    ),
    Mutant(
        "the best may be tied",
        SMT + "encode.py",
        "terms.implies(d, self._before(keys, others, False))",
        "terms.implies(d, self._before(keys, others, True))",
        "tests/engines/smt/test_expressions.py::test_every_case",
    ),
    Mutant(
        "the solver divides towards zero",
        SMT + "solver.py",
        "found = (x - x % y) / y if lo < 0 else z3.UDiv(x, y)",
        "found = x / y if lo < 0 else z3.UDiv(x, y)",
        FORGED + "test_division_rounds_down_in_proofs",
    ),
    Mutant(
        "negative numbers are compared as great ones",
        SMT + "solver.py",
        "return x <= y if lo < 0 else self.z3.ULE(x, y)",
        "return self.z3.ULE(x, y)",
        "tests/engines/smt/test_expressions.py::test_every_case",
    ),
    Mutant(
        "what stands for nothing counts",
        SMT + "values.py",
        "both = terms.implies(given, self.same(of, inner, payload))",
        "both = self.same(of, inner, payload)",
        "tests/engines/smt/test_expressions.py::test_every_case",
    ),
)

INDUCTION = (
    Mutant(
        "the claim is assumed where it is to be proved",
        SMT + "kinduction.py",
        "for place in range(self.k):\n                self._suppose",
        "for place in range(self.k + 1):\n                self._suppose",
        CONFIRMED,
    ),
    Mutant(
        "one claim is not looked at at the start",
        SMT + "bmc.py",
        "for goal in tuple(self.open):",
        "for goal in tuple(self.open)[:-1]:",
        CONFIRMED,
    ),
    Mutant(
        "what was not proved is assumed later",
        SMT + "kinduction.py",
        "self._prove(kept, step.k)\n        for goal in kept:\n            step.lemma(goal)",
        "self._prove(kept, step.k)\n        for goal in candidates:\n            step.lemma(goal)",
        CONFIRMED,
    ),
    Mutant(
        "different states differ everywhere",
        SMT + "unroll.py",
        "same = model.terms.and_(",
        "same = model.terms.or_(",
        INDUCT + "test_states_differ_if_one_place_does",
    ),
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
        "for place in range(k):\n            for name in (*lemmas, *names):",
        "for place in range(k + 1):\n            for name in (*lemmas, *names):",
        FALSE,
    ),
    Mutant(
        "the checker forgets claims about steps",
        CERTIFY + "obligations.py",
        "late = script.both((script.no(state_is_bad), step_is_bad))",
        "late: Leaf = False",
        FALSE,
    ),
    Mutant(
        "the checker's steps break nothing",
        CERTIFY + "meaning.py",
        "Implicit.IN_RANGE: script.any(script.both((w.when, script.no(w.fits))) for w in writes),",
        "Implicit.IN_RANGE: False,",
        FALSE,
    ),
    Mutant(
        "the checker's guards hold",
        CERTIFY + "meaning.py",
        "guard = script.both(of.truth(part.expr, seen) for part in action.guard)",
        "guard: Leaf = True",
        CONFIRMED,
    ),
    Mutant(
        "the checker's numbers wrap",
        CERTIFY + "obligations.py",
        "return greatest.bit_length() + 3",
        "return greatest.bit_length() - 1",
        FALSE,
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
