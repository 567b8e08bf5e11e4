"""Mutants of what is proved for every size, and of worlds after effects."""

from __future__ import annotations

from tests.mutants.harness import Mutant

ROWS = "kspec/certify/anysize/rows.py"
OBLIGATIONS = "kspec/certify/anysize/obligations.py"
SHAPES = "tests/anysize/test_checker.py"
TRAPS = "tests/anysize/test_traps.py"
LOOSENED = "tests/anysize/test_loosened.py"
OF_NAMES = "kspec/pure/claims/many_objects.py"
EVERY_LAW = "tests/anysize/test_laws.py"
MADE = f"{TRAPS}::test_a_number_that_is_made_and_not_written_bounds_no_count"

EVERY = (
    Mutant(
        "nothing keeps the payload of a narrower sort",
        ROWS,
        "inner = self.choose(flat[0](()), self.convert(a, flat[1:], b), self.zeros(b))",
        "inner = self.convert(a, flat[1:], b)",
        f"{SHAPES}::test_a_value_stays_itself_in_a_wider_sort",
    ),
    Mutant(
        "maps of numbers are in range where their sorts are the same at a small size",
        ROWS,
        "            case Map(key, a), Map(_, b) if not free_of_numbers(b):",
        "            case Map(key, a), Map(_, b) if have != want:",
        f"{SHAPES}::test_a_map_of_counts_is_in_range_at_one_size_only",
    ),
    Mutant(
        "a proof about every size may leave out what steps break",
        OBLIGATIONS,
        "    if not IMPLICIT <= set(group.names):",
        "    if IMPLICIT < set():",
        f"{SHAPES}::test_a_proof_is_of_what_steps_break_as_well",
    ),
    Mutant(
        "what functions make of numbers is not seen",
        "kspec/driver/every_size/largest.py",
        "            more = self._function(call.function)",
        "            more = (0, 0)",
        MADE,
    ),
    Mutant(
        "how long a list is, is no number",
        "kspec/driver/every_size/largest.py",
        "            case tuple() | frozenset() | Mapping():\n                yield len(one)",
        "            case tuple() | frozenset() | Mapping():\n                yield 0",
        MADE,
    ),
    Mutant(
        "a list of objects counts nobody",
        "kspec/driver/every_size/largest.py",
        "    Comp.LIST,\n    Comp.SORT,\n)\n",
        ")\n",
        f"{TRAPS}::test_a_list_of_objects_counts_them",
    ),
    Mutant(
        "conditions that count are left out of `ordered` blocks, too",
        "kspec/driver/every_size/loosened.py",
        "if action.name in ordered or action.after or action.within or action.blocks:",
        "if action.within or action.blocks:",
        f"{LOOSENED}::test_what_keeps_the_next_of_a_block_from_happening_stays",
    ),
    Mutant(
        "conditions that count are left out on a clock, too",
        "kspec/driver/every_size/loosened.py",
        "    if scope.timed:\n",
        "    if not scope.actions:\n",
        f"{LOOSENED}::test_what_keeps_others_from_happening_stays",
    ),
    Mutant(
        "a step that fails begins anywhere",
        "kspec/engines/smt/onestep.py",
        "                self.solver.add([self._not(self.unrolling.bad(0, other))])",
        "                pass",
        "tests/anysize/test_failed_steps.py::test_the_step_is_one_that_fails",
    ),
)

AFTER = (
    Mutant(
        "what no action writes is a constant after effects, too",
        "kspec/lower/expressions/worlds.py",
        "    if (kind, name) in low.static.constant and not is_altered:",
        "    if (kind, name) in low.static.constant:",
        "tests/traps/test_after_constants.py::test_searched_and_gone_through",
    ),
)

LAWS = (
    Mutant(
        "what objects are known by is as many names as are written",
        OF_NAMES,
        "if isinstance(of, KindT) and at.name in own.get(of.name, ()):",
        "if isinstance(of, KeyT) and at.name in own.get(of.kind, ()):",
        f"{EVERY_LAW}::test_what_other_names_could_change_is_not_asked",
    ),
    Mutant(
        "a law that goes through names has those that are written",
        OF_NAMES,
        "    for n in range(more):\n",
        "    for n in range(more - more):\n",
        f"{EVERY_LAW}::test_names_that_are_gone_through_are_as_many_as_it_takes",
    ),
    Mutant(
        "that no two objects have one key is assumed of copies, too",
        "kspec/pure/claims/posing.py",
        "if len(there) > 1 and opened & set(declared.key) and kind not in self.every:",
        "if len(there) > 1 and opened & set(declared.key):",
        f"{EVERY_LAW}::test_a_key_that_copies_bear_twice_keeps_no_law_true",
    ),
    Mutant(
        "references may be to those that are written alone",
        OF_NAMES,
        "            if _bears_keys(scope.program, type_, kinds) or any(",
        "            if _bears_keys(scope.program, type_, kinds) and any(",
        f"{EVERY_LAW}::test_references_that_stay_among_those_written_are_not_asked",
    ),
    Mutant(
        "`some` of what is asked for is spoken of in general",
        "kspec/pure/claims/fragment.py",
        "general = as_it_stands if comp.kind is not Comp.SOME else _other(as_it_stands)",
        "general = as_it_stands",
        f"{EVERY_LAW}::test_a_law_outside_of_the_fragment_is_told_why",
    ),
)
