"""Mutants of lemmas: the search for them, what is said of them, and whoever checks them."""

from __future__ import annotations

from tests.mutants.harness import Mutant

PDR = "tests/engines/smt/test_pdr.py"
ALONE = "tests/engines/smt/test_alone.py"

LEMMAS = (
    Mutant(
        "a lemma of a certificate need be no formula about states",
        "kspec/certify/proof.py",
        "    if wrong:\n",
        "    if not found:\n",
        "tests/certify/test_lemmas.py::test_what_is_no_formula_about_a_state_is_rejected",
    ),
    Mutant(
        "a lemma may be called like what the checker adds",
        "kspec/certify/proof.py",
        'if name in taken or name.startswith("$"):',
        "if name in taken:",
        "tests/certify/test_lemmas.py::test_a_lemma_has_a_name_of_its_own",
    ),
    Mutant(
        "a cube with an initial state is blocked",
        "kspec/engines/smt/pdr.py",
        "            if self._begins_in(first.cube):\n",
        "            if first.level == 0 and self._begins_in(first.cube):\n",
        f"{PDR}::test_a_search_goes_on_with_what_it_has_learnt",
    ),
    Mutant(
        "a clause is asked about in its own frame, not the one before",
        "kspec/engines/smt/pdr.py",
        "asked = [*self._frame(level - 1), space.taken",
        "asked = [*self._frame(level), space.taken",
        f"{PDR}::test_the_search_itself_is_right_about_random_systems",
    ),
    Mutant(
        "a clause may exclude an initial state",
        "kspec/engines/smt/generalise.py",
        "if self._begins_in(rest):",
        "if False:",
        f"{PDR}::test_a_lemma_is_found_and_is_part_of_the_evidence",
    ),
    Mutant(
        "something is said of what stands in an empty option",
        "kspec/engines/smt/atoms.py",
        "return terms.and_((given, _compared(terms, place.sort, sym, atom)))",
        "return _compared(terms, place.sort, sym, atom)",
        f"{PDR}::test_of_nothing_nothing_is_said",
    ),
    Mutant(
        "places of different owners are compared",
        "kspec/engines/smt/beside.py",
        "alike.setdefault((whose, family), [])",
        "alike.setdefault(family, [])",
        f"{ALONE}::test_timers_of_namesakes_are_compared_and_those_of_others_are_not",
    ),
    Mutant(
        "a walker does what it cannot do",
        "kspec/engines/smt/flock.py",
        "may = self.truth(self.model.step, known) & self.there",
        "may = self.there",
        f"{ALONE}::test_walkers_do_what_can_be_done_and_no_more",
    ),
    Mutant(
        "what a step breaks is believed on",
        "kspec/engines/smt/alone.py",
        "        while self._round([self.space.taken], after=True):\n",
        "        while False:\n",
        f"{ALONE}::test_what_is_left_without_walks_is_an_invariant",
    ),
    Mutant(
        "what is weakened is not taken up",
        "kspec/engines/smt/alone.py",
        "            for weaker in self._weakened(clause):\n",
        "            for weaker in ():\n",
        f"{ALONE}::test_one_view_after_the_other_leaves_the_same",
    ),
    Mutant(
        "an image moves one kind and not its namesakes",
        "kspec/ir/passes/namesakes.py",
        "    bearing = [key for key in keys if one in key.of]\n",
        "    bearing = [key for key in keys if one in key.of][:1] * 2\n",
        f"{ALONE}::test_namesakes_change_places_together",
    ),
    Mutant(
        "a clause about a node and its lease is said of any two",
        "kspec/engines/smt/lemmas.py",
        "        linked = (*said, *_links(said, names))\n",
        "        linked = said\n",
        f"{ALONE}::test_a_clause_about_namesakes_is_said_of_namesakes",
    ),
    Mutant(
        "two objects of a kind get one name",
        "kspec/engines/smt/lemmas.py",
        """Local(f"{letter}{n or ''}", first)""",
        "Local(letter, first)",
        f"{PDR}::test_a_clause_is_said_of_all_objects_once",
    ),
    Mutant(
        "lemmas that were tried and not used do not count for names",
        "kspec/engines/smt/kinduction.py",
        "enumerate(forms, start=self.tried + 1)",
        "enumerate(forms, start=len(self.lemmas) + 1)",
        f"{PDR}::test_no_two_lemmas_have_one_name",
    ),
    Mutant(
        "a run to where the step fails ends there",
        "kspec/engines/smt/stuck.py",
        "return Trace(reached.start, (*reached.steps, *further.steps))",
        "return reached",
        f"{PDR}::test_a_state_where_the_step_fails_is_looked_for_and_found",
    ),
    Mutant(
        "a lemma is suggested that a run makes false",
        "kspec/engines/smt/stuck.py",
        'kept = tuple(e for n, e in enumerate(excluding) if f"lemma {n}" in so_far)',
        "kept = tuple(excluding)",
        f"{PDR}::test_what_a_run_makes_false_is_not_suggested",
    ),
    Mutant(
        "states are looked at, and claims in them are not",
        "kspec/driver/proofs/proof_audit.py",
        "next((n for n, body in claims if",
        "next((n for n, body in claims[:0] if",
        "tests/certify/test_audit.py::test_what_is_false_in_a_state_is_named",
    ),
)
