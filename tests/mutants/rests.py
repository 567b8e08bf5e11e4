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
    Mutant(
        "a range is one value longer than its bounds",
        "kspec/report/shorter.py",
        "return evolve(one, least=other.most + 1)",
        "return evolve(one, least=other.most)",
        "tests/unit/report/test_plain.py::test_what_is_shorter_means_the_same",
    ),
    Mutant(
        "a timer that is off counts as one that has some time left",
        "kspec/report/formula_values.py",
        "if IsSome(arg) not in self.there:",
        "if IsSome(arg) in self.there and not self.there:",
        "tests/unit/report/test_plain.py::test_what_means_something_else_has_other_words",
    ),
    Mutant(
        "a value that is called like a variable is not told apart",
        "kspec/report/literals.py",
        "return said if is_word and said not in self.taken else json.dumps(said)",
        "return said if is_word else json.dumps(said)",
        "tests/unit/report/test_plain.py::test_every_kind_of_place_has_words",
    ),
    Mutant(
        "of two timers that are the same nobody says that they are on",
        "kspec/report/plain.py",
        "if isinstance(comparison, Eq) and needs(comparison.right):",
        "if isinstance(comparison, Le) and needs(comparison.right):",
        "tests/unit/report/test_plain.py::test_every_kind_of_place_has_words",
    ),
    Mutant(
        "what would exclude a failed step is not shown where no line says it",
        "kspec/report/stuck.py",
        "(*self.unsaid, *lost)",
        "self.unsaid",
        "tests/cli/test_show_invariant.py::test_a_failed_step_that_no_line_excludes_has_words",
    ),
)
