"""Mutants of what is said of verdicts that say little, of what a search went through, of audits."""

from __future__ import annotations

from tests.mutants.harness import Mutant

COVERAGE = "tests/unit/driver/test_coverage.py"
RUNS = "tests/unit/driver/test_runs.py"
AUDIT = "tests/unit/driver/test_audit.py"

VACUITY = (
    Mutant(
        "a claim is called vacuous where creation was cut",
        "kspec/driver/searching/vacuity.py",
        "    if not explored.complete or explored.cuts:\n",
        "    if not explored.complete:\n",
        f"{COVERAGE}::test_nothing_is_called_vacuous_where_creation_was_cut",
    ),
    Mutant(
        "what a claim over runs speaks of within another is not asked about",
        "kspec/driver/preparing/probes.py",
        "return (_Spoken(left, (), (left,)), *_spoken_of(right))",
        "return (_Spoken(left, (), (left,)),)",
        f"{RUNS}::test_a_claim_that_speaks_of_nothing_is_vacuous",
    ),
    Mutant(
        "settles says something although no controller acts",
        "kspec/driver/searching/vacuity.py",
        "        if not said and isinstance(prop.claim, Settles):\n",
        "        if not said and isinstance(prop.claim, int):\n",
        f"{COVERAGE}::test_what_holds_because_nothing_happens",
    ),
    Mutant(
        "what is left for later is taken for what never happens",
        "kspec/driver/searching/vacuity.py",
        'counted = not any(line.startswith("partial order on") for line in searched.reduced)',
        "counted = True",
        f"{COVERAGE}::test_steps_that_are_left_for_later_are_not_called_vacuous",
    ),
    Mutant(
        "where nothing happens all is well",
        "kspec/driver/searching/vacuity.py",
        "return (NO_STEP,) if is_still else ()",
        "return ()",
        f"{COVERAGE}::test_what_holds_because_nothing_happens",
    ),
    Mutant(
        "an action is told as never fired where creation was cut",
        "kspec/driver/searching/vacuity.py",
        " and not any(a.cut for a in scope.actions)\n",
        "\n",
        f"{COVERAGE}::test_where_it_is_not_told",
    ),
    Mutant(
        "an action is told as never fired where a search ended early",
        "kspec/driver/searching/vacuity.py",
        "is_told = scope.complete and scope.plain",
        "is_told = scope.plain",
        f"{COVERAGE}::test_where_it_is_not_told",
    ),
    Mutant(
        "an action is told as never fired where states were left out",
        "kspec/driver/searching/vacuity.py",
        "is_told = scope.complete and scope.plain",
        "is_told = scope.complete",
        f"{COVERAGE}::test_a_reduced_search_counts_nothing",
    ),
    Mutant(
        "an action is told as never fired that fired elsewhere",
        "kspec/driver/searching/vacuity.py",
        "                somewhere.add(action.name)\n",
        "                pass\n",
        f"{COVERAGE}::test_one_scenario_in_which_it_fires_is_enough",
    ),
)

STATISTICS = (
    Mutant(
        "only the first states are asked about conditions",
        "kspec/engines/explicit/asking.py",
        "for low, high in ((0, min(FIRST, total)), (min(FIRST, total), total)):",
        "for low, high in ((0, min(FIRST, total)),):",
        f"{COVERAGE}::test_questions_are_about_all_states",
    ),
    Mutant(
        "a condition is asked about without those before it",
        "kspec/driver/searching/coverage.py",
        "body: Expr = And((*parts[:-1], Not(parts[-1]) if negated else parts[-1]))",
        "body: Expr = And((Not(parts[-1]) if negated else parts[-1],))",
        f"{COVERAGE}::test_what_is_said_of_conditions",
    ),
    Mutant(
        "what is told of one condition is another's",
        "kspec/engines/explicit/asking.py",
        "for k, yes in zip(left, answers, strict=True):",
        "for k, yes in enumerate(answers):",
        f"{COVERAGE}::test_questions_are_about_all_states",
    ),
)

AUDITS = (
    Mutant(
        "an audit does not look for successors",
        "kspec/driver/searching/audit.py",
        'self.is_stored(after, f"a successor by {action} of {state}")',
        "pass",
        f"{AUDIT}::test_a_missing_state_is_noticed",
    ),
    Mutant(
        "an audit believes what is said of states",
        "kspec/driver/searching/audit.py",
        "            wanted = _shows(self.system, prop, state)\n",
        "            wanted = False\n",
        f"{AUDIT}::test_a_property_decided_otherwise_is_noticed",
    ),
    Mutant(
        "an audit overlooks cuts",
        "kspec/driver/searching/audit.py",
        'self._expect(action in self.cut, f"{action} is cut", state)',
        "pass",
        f"{AUDIT}::test_an_overlooked_cut_or_firing_is_noticed",
    ),
    Mutant(
        "an audit overlooks steps that break something",
        "kspec/driver/searching/audit.py",
        "                    for implicit in properties:\n",
        "                    for implicit in properties[:0]:\n",
        f"{AUDIT}::test_an_overlooked_broken_step_is_noticed",
    ),
)
