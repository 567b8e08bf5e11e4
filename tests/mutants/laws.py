"""Mutants of laws as questions: what a solver says of all worlds of a scope."""

from __future__ import annotations

from tests.mutants.harness import Mutant

ALIKE = "tests/engines/smt/test_laws.py::test_laws_are_decided_alike"

LAWS = (
    Mutant(
        "a law is asked of worlds that the API server would not admit",
        "kspec/pure/claims/posing.py",
        "premises = [*self.guards, *self._well_formed()]",
        "premises = [*self.guards]",
        ALIKE,
    ),
    Mutant(
        "a number that is asked for leaves its range",
        "kspec/pure/claims/posing.py",
        "premises = [*self.guards, *self._well_formed()]",
        "premises = [*self._well_formed()]",
        ALIKE,
    ),
    Mutant(
        "a law is asked without its condition",
        "kspec/pure/claims/posing.py",
        "inner = _implied([where], inner) if kind is Comp.ALL else",
        "inner = inner if kind is Comp.ALL else",
        ALIKE,
    ),
    Mutant(
        "keys that two objects bear are worlds",
        "kspec/pure/claims/posing.py",
        "yield self._borne_once(declared)",
        "yield from ()",
        ALIKE,
    ),
    Mutant(
        "a law always speaks of something",
        "kspec/engines/smt/laws.py",
        "return Nowhere(proof, anything in asked.found)",
        "return Nowhere(proof, True)",
        "tests/engines/smt/test_laws.py::test_a_law_of_nothing_says_so",
    ),
    Mutant(
        "what a solver says of a law is believed",
        "kspec/pure/claims/posed.py",
        "if laws.holds(narrow, context):",
        "if False:",
        "tests/engines/smt/test_laws.py::test_what_is_found_is_evaluated",
    ),
    Mutant(
        "a key that is not put hides one that was",
        "kspec/lower/expressions/gathering.py",
        "if _may_repeat(key, known):",
        "if False:",
        "tests/unit/lower/test_found_by_random.py"
        "::test_a_key_that_comes_twice_is_not_hidden_by_what_is_not_put",
    ),
)
