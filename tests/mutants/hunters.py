"""Mutants of bounded search for loops, of the state machine, and of who is asked in which order.

Those that make loops that are none are in `unsound`.
"""

from __future__ import annotations

from tests.mutants.harness import Mutant

LASSO = "kspec/engines/smt/lasso.py"
OWED = "kspec/engines/smt/owed.py"
MACHINE = "kspec/engines/stateful.py"
TURNS = "kspec/driver/portfolio.py"
LATE = "kspec/driver/late.py"
TESTS = "tests/engines/smt/test_lasso.py::"
RUNS = "tests/engines/test_stateful.py::"
PROVE = "tests/cli/test_prove_engines.py::"
CHECK = "tests/cli/test_check_portfolio.py::"

LOOPS = (
    Mutant(
        "in a search for loops what changes nothing is enabled",
        LASSO,
        "terms.or_((move.cut, *broken, _changes(of, move)))",
        "True",
        TESTS + "test_a_step_that_changes_nothing_is_not_taken",
    ),
    Mutant(
        "in a search for loops no life begins later",
        OWED,
        "begins = self._all([begins, self._not(self._at(place - 1, truth))])",
        "begins = False",
        TESTS + "test_a_life_may_begin_later",
    ),
)

MACHINES = (
    Mutant(
        "the machine takes a cut for a rest",
        MACHINE,
        "if wanted and self.is_over and not self.hunt.possible.is_cut(self.state):",
        "if wanted and self.is_over:",
        RUNS + "test_a_cut_is_no_rest",
    ),
    Mutant(
        "the machine depends on what else is loaded",
        MACHINE,
        "    setattr(providers, name, lambda: nothing())\n",
        "",
        RUNS + "test_same_seed_same_bytes_whatever_else_is_loaded",
    ),
    Mutant(
        "the machine looks for nothing that breaks",
        MACHINE,
        "hunt.open.update(implicit.value for implicit in Implicit)",
        "hunt.open.update(())",
        RUNS + "test_what_breaks_is_found_too",
    ),
    Mutant(
        "the last part is never drawn from",
        MACHINE,
        "at = data.draw(st.integers(0, -(-len(among) // part) - 1))",
        "at = data.draw(st.integers(0, len(among) // part - 1))",
        RUNS + "test_a_hundred_instances_are_drawn_in_parts",
    ),
)

TURNS_TAKEN = (
    Mutant(
        "a claim over whole runs that nobody refuted holds",
        "kspec/driver/proof_rows.py",
        "_SO_FAR = (Why.INDUCTION, Why.SOLVER, Why.DEPTH)",
        "_SO_FAR = ()",
        PROVE + "test_claims_over_whole_runs_are_hunted",
    ),
    Mutant(
        "who hunts is said to prove",
        TURNS,
        'if over_runs or engine == "bmc":\n                return "bounded search"',
        'if engine == "bmc":\n                return "bounded search"',
        PROVE + "test_claims_over_whole_runs_are_hunted",
    ),
    Mutant(
        "a later turn takes the place of an earlier answer",
        LATE,
        "    return isinstance(row.verdict, Unknown) and row.verdict.because.why in SPENT",
        "    return True",
        CHECK + "test_the_first_turn_that_answers_wins",
    ),
    Mutant(
        "a portfolio says nothing of what only its solver breaks",
        LATE,
        "return [*kept, *((last, row) for row in broken)]",
        "return [*kept, *((last, row) for row in broken if last < 0)]",
        CHECK + "test_a_step_out_of_range_that_only_a_solver_finds",
    ),
)
