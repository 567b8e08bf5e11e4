"""Mutants of bounded search for loops, of the state machine, and of who is asked in which order."""

from __future__ import annotations

from tests.mutants.harness import Mutant

LASSO = "kspec/engines/smt/lasso.py"
OWED = "kspec/engines/smt/owed.py"
MACHINE = "kspec/engines/stateful.py"
TURNS = "kspec/driver/portfolio.py"
LATE = "kspec/driver/late.py"
TESTS = "tests/engines/smt/test_lasso.py::"
WALKS = TESTS + "test_exactly_what_walks_show"
RUNS = "tests/engines/test_stateful.py::"
PROVE = "tests/cli/test_prove_engines.py::"
CHECK = "tests/cli/test_check_portfolio.py::"

LOOPS = (
    Mutant(
        "a search for loops rests anywhere",
        LASSO,
        "yield z3.Implies(rests, z3.Not(at(place, fair.enabled)))",
        "yield z3.Implies(rests, at(place, True))",
        TESTS + "test_rest_is_only_where_nothing_fair_is_enabled",
    ),
    Mutant(
        "in a search for loops a cut instance is disabled",
        LASSO,
        "terms.or_((move.cut, *broken, _changes(of, move)))",
        "terms.and_((terms.not_(move.cut), terms.or_((*broken, _changes(of, move)))))",
        TESTS + "test_a_cut_instance_is_enabled_and_never_taken",
    ),
    Mutant(
        "in a search for loops what changes nothing is enabled",
        LASSO,
        "terms.or_((move.cut, *broken, _changes(of, move)))",
        "True",
        TESTS + "test_a_step_that_changes_nothing_is_not_taken",
    ),
    Mutant(
        "a search for loops takes strong fairness for weak",
        LASSO,
        "is_strong = action.fairness is Fairness.STRONG",
        "is_strong = False",
        TESTS + "test_weak_and_strong",
    ),
    Mutant(
        "a search for loops looks at fairness in the stem",
        LASSO,
        "taken = [z3.And(is_in, at(n, fair.taken)) for n, is_in in enumerate(inside)]",
        "taken = [at(n, fair.taken) for n, _ in enumerate(inside)]",
        WALKS,
    ),
    Mutant(
        "a search for loops comes back to another state",
        LASSO,
        "z3.Implies(b, z3.Not(self.unrolling.differ(n, place))) for n, b in enumerate(back)",
        "z3.Implies(b, self.unrolling.differ(n, place)) for n, b in enumerate(back)",
        WALKS,
    ),
    Mutant(
        "a search for loops forgets who is always cut",
        LASSO,
        "    return enabled\n\n\ndef _changes",
        "    return False and enabled\n\n\ndef _changes",
        TESTS + "test_who_is_always_cut_is_enabled",
    ),
    Mutant(
        "others may disturb for ever what is to settle",
        LASSO,
        "yield z3.Implies(is_in, z3.Not(at(n, disturbed)))",
        "yield z3.Implies(is_in, at(n, True))",
        TESTS + "test_settling",
    ),
    Mutant(
        "what is put off need not come",
        OWED,
        "self.solver.add([self.z3.Implies(closing.loops, self._any(paid))])",
        "pass",
        WALKS,
    ),
    Mutant(
        "what is owed is forgotten where a run comes back",
        OWED,
        "self._implied([back, link.flag], self._arrived(link.what, n, n + 1))",
        "self._implied([back, link.flag], True)",
        WALKS,
    ),
    Mutant(
        "what is owed is forgotten at rest",
        OWED,
        "self._implied([closing.rests, link.flag], self._at_rest(link.what, place))",
        "self._implied([closing.rests, link.flag], True)",
        WALKS,
    ),
    Mutant(
        "in a search for loops no life ends",
        OWED,
        "over = evolve(name, is_over=True)",
        "over = name",
        TESTS + "test_a_life_that_is_over_is_owed_nothing",
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
        "if wanted and self.is_over and not self.tally.possible.is_cut(self.state):",
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
        "tally.open.update(implicit.value for implicit in Implicit)",
        "tally.open.update(())",
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
        "kspec/driver/proving.py",
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
