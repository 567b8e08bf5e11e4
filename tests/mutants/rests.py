"""Mutants of what is shown of invariants, and of re-checks."""

from __future__ import annotations

from tests.mutants.harness import Mutant

RESTS = (
    Mutant(
        "a line is shown untried",
        "kspec/driver/proofs/pasted.py",
        "    while kept:",
        "    while not kept:",
        "tests/cli/test_show_invariant.py::test_only_what_a_file_understands_is_shown_as_a_line",
    ),
    Mutant(
        "a level that was thinned counts as whole",
        "kspec/driver/proofs/proof_audit.py",
        "Random(SEED).sample(level, width), False",
        "Random(SEED).sample(level, width), whole",
        "tests/certify/test_audit.py::test_where_a_level_was_thinned_not_all_states_are_reached",
    ),
    Mutant(
        "a certificate may say what it assumes",
        "kspec/driver/proofs/certificates.py",
        "if isinstance(outcome, Confirmed) and (of.assumptions, of.bounds) != told:",
        "if isinstance(outcome, Confirmed) and of.assumptions == of.bounds != told:",
        "tests/redteam/test_certificates.py::test_what_a_proof_rests_on_is_not_for_its_text_to_say",
    ),
    Mutant(
        "nobody hears that a second solver gave up",
        "kspec/certify/recheck.py",
        "given_up.append(second.why)",
        "given_up.clear()",
        "tests/certify/test_proofs.py::test_a_second_solver_that_gives_up_is_not_named",
    ),
)
