"""Mutants of bounded search for loops, of the state machine, and of who is asked in which order.

Those that make loops that are none are in `unsound`.
"""

from __future__ import annotations

from tests.mutants.harness import Mutant

LASSO = "kspec/engines/smt/lasso.py"
OWED = "kspec/engines/smt/owed.py"
MACHINE = "kspec/engines/stateful.py"
TURNS = "kspec/driver/portfolio/schedule.py"
TAKING = "kspec/driver/portfolio/taking.py"
BESIDE = "kspec/driver/portfolio/side_by_side.py"
TESTS = "tests/engines/smt/test_lasso.py::"
RUNS = "tests/engines/test_stateful.py::"
PROVE = "tests/cli/test_prove_engines.py::"
CHECK = "tests/cli/test_check_portfolio.py::"
SIDES = "tests/unit/driver/test_side_by_side.py::"

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
        "kspec/driver/proofs/proof_rows.py",
        "_SO_FAR = (Why.INDUCTION, Why.SOLVER, Why.DEPTH)",
        "_SO_FAR = ()",
        PROVE + "test_claims_over_whole_runs_are_hunted",
    ),
    Mutant(
        "who hunts is said to prove",
        "kspec/driver/proofs/attempts.py",
        'if over_runs or engine == "bmc":\n                return "bounded search"',
        'if engine == "bmc":\n                return "bounded search"',
        PROVE + "test_claims_over_whole_runs_are_hunted",
    ),
    Mutant(
        "a later turn takes the place of an earlier answer",
        TAKING,
        "    return isinstance(row.verdict, Unknown) and row.verdict.because.why not in CLOSED",
        "    return True",
        CHECK + "test_the_first_turn_that_answers_wins",
    ),
    Mutant(
        "a portfolio says nothing of what only its solver breaks",
        TAKING,
        "self.rows += [(last, row) for row in broken if row.name not in had]",
        "self.rows += [(last, row) for row in broken if row.name in had]",
        CHECK + "test_a_step_out_of_range_that_only_a_solver_finds",
    ),
    Mutant(
        "who ends first is believed, whoever was asked",
        BESIDE,
        "found = self._done[place]",
        "found = next(iter(self._done.values()))",
        SIDES + "test_a_process_that_dies_takes_no_other_with_it",
    ),
    Mutant(
        "a process that died is waited for in vain, and its job done again here",
        BESIDE,
        "        elif place in self._begun:\n",
        "        elif place not in self._begun:\n",
        SIDES + "test_a_process_that_dies_takes_no_other_with_it",
    ),
    Mutant(
        "a mistake of kspec in another process is a turn without an answer",
        BESIDE,
        "        if isinstance(found, Fault):\n            raise found\n",
        "        if isinstance(found, Fault):\n            return Failed(str(found))\n",
        SIDES + "test_a_mistake_in_kspec_stays_one",
    ),
    Mutant(
        "who waits no longer leaves processes behind",
        BESIDE,
        "        for place in tuple(self._running):\n            self._end(place)\n",
        "        for place in tuple(self._running)[1:]:\n            self._end(place)\n",
        SIDES + "test_who_waits_no_longer_gets_nothing_and_leaves_nobody",
    ),
    Mutant(
        "a brief turn goes on asking",
        "kspec/driver/portfolio/turns.py",
        "spent = spent or (most is not None and next(asked) > most)",
        "spent = spent or (most is not None and next(asked) < 0)",
        SIDES + "test_a_brief_turn_asks_no_more_than_it_may",
    ),
    Mutant(
        "a search of more states is begun where there are no more",
        TURNS,
        "more = (many,) if of.states > few and many.states > few else ()",
        "more = (many,) if many.states > few else ()",
        "tests/unit/driver/test_portfolio.py::"
        "test_a_second_search_only_where_there_may_be_more_states",
    ),
)
