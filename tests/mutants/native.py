"""Mutants of the native explorer: of its layout, of the code it emits, of its search."""

from __future__ import annotations

from tests.mutants.harness import Mutant

SEARCH = "tests/unit/engines/test_reference.py"
LAYOUT = "tests/engines/explicit/test_layout.py"
NATIVE_VALUES = "tests/engines/explicit/test_values.py::test_every_case_at_run_time"
CONTRACT = "tests/engines/explicit/test_contract.py::test_rule"
RANDOM = "tests/random/test_differential.py::test_a_hundred_and_fifty_seeds"
WORDS = "tests/engines/explicit/test_random.py::test_states_of_many_words"
RARE = "tests/random/test_rare.py"
LARGER = "tests/random/test_larger.py"

LAYOUT = (
    Mutant(
        "a field is a bit too narrow",
        "kspec/engines/explicit/layout.py",
        "return max(0, count - 1).bit_length()",
        "return max(0, count - 2).bit_length()",
        f"{LAYOUT}::test_packing_keeps_order_and_values",
    ),
    Mutant(
        "ranges of equal width are taken for equal",
        "kspec/engines/explicit/layout.py",
        "return a.lo == b.lo and bits_of(a) == bits_of(b)",
        "return bits_of(a) == bits_of(b)",
        f"{RARE}::test_a_value_moves_to_a_wider_sort",
    ),
    Mutant(
        "a row of 64 bits has no bit to spare but is stored as if",
        "kspec/engines/explicit/plan.py",
        "rows = Rows(layout.words, layout.bits < 64, most)",
        "rows = Rows(layout.words, layout.bits <= 64, most)",
        f"{LARGER}::test_the_row_of_all_ones_is_a_state_like_any_other",
    ),
    Mutant(
        "a write that crosses words stops at the first",
        "kspec/engines/explicit/writes.py",
        "for k in range(write.shift // 64, (write.shift + size - 1) // 64 + 1):",
        "for k in range(write.shift // 64, write.shift // 64 + 1):",
        WORDS,
    ),
)

CODE = (
    Mutant(
        "the payload of an absent option is kept",
        "kspec/engines/explicit/values.py",
        "kept = em.select(some, body, number(bits, 0))",
        "kept = em.select(some, body, body)",
        RANDOM,
    ),
    Mutant(
        "the tail of a sequence is kept",
        "kspec/engines/explicit/convert.py",
        'kept = em.select(em.compare("ult", place, count), bits, number(bits.bits, 0))',
        'kept = em.select(em.compare("ult", place, count), bits, bits)',
        f"{RARE}::test_a_value_moves_to_a_wider_sort",
    ),
    Mutant(
        "compiled sorting reverses ties",
        "kspec/engines/explicit/sorting.py",
        "before = precedes(em, other, row, TRUE if j < i else FALSE)",
        "before = precedes(em, other, row, TRUE if j > i else FALSE)",
        NATIVE_VALUES,
    ),
    Mutant(
        "compiled best forgets ties",
        "kspec/engines/explicit/code_binders.py",
        "tied = em.both(em.flip(take), em.either(tied, tie))",
        "tied = em.both(em.flip(take), em.both(tied, tie))",
        NATIVE_VALUES,
    ),
    Mutant(
        "instances of several parameters share a place",
        "kspec/engines/explicit/actions.py",
        "base = em.mul(rank, number(64, count))",
        "base = rank",
        RANDOM,
    ),
)

RANGE = (
    Mutant(
        "nothing is below a range",
        "kspec/engines/explicit/convert.py",
        'above = TRUE if least <= lo else em.compare("sle", _bound(op, least), op)',
        "above = TRUE",
        RANDOM,
    ),
    Mutant(
        "a place that varies is compared with no constant one",
        "kspec/engines/explicit/writes.py",
        "        if head is None:\n",
        "        if head is None and var not in {v for v, _ in groups}:\n",
        f"{RARE}::test_places_that_may_meet",
    ),
    Mutant(
        "inactive updates overlap",
        "kspec/engines/explicit/writes.py",
        "return em.both(same, em.both(one.when, two.when))",
        "return same",
        f"{RARE}::test_places_that_may_meet",
    ),
    Mutant(
        "compiled code overlooks a place within another",
        "kspec/engines/explicit/writes.py",
        "    for a, b in zip(one.path, two.path, strict=False):\n",
        "    if len(one.path) != len(two.path):\n"
        "        return FALSE\n"
        "    for a, b in zip(one.path, two.path, strict=False):\n",
        f"{RARE}::test_places_that_may_meet",
    ),
    Mutant(
        "inactive updates miss their targets",
        "kspec/engines/explicit/writes.py",
        "dead = em.either(dead, em.both(write.when, em.flip(write.live)))",
        "dead = em.either(dead, em.flip(write.live))",
        RANDOM,
    ),
)

CUTS = (
    Mutant(
        "cut instances are taken",
        "kspec/engines/explicit/actions.py",
        "guard = em.both(guard, em.flip(cut))",
        "guard = em.both(guard, TRUE)",
        CONTRACT,
    ),
    Mutant(
        "a state where all is cut is a deadlock",
        "kspec/engines/explicit/expansion.py",
        "                self._or(self.live, cut)\n",
        "                pass\n",
        CONTRACT,
    ),
)

SEARCH = (
    Mutant(
        "steps stored without a branch are not looked at",
        "kspec/engines/explicit/expansion.py",
        "if any(op.const != 0 for _, op in broken) or cases_of(self.program, instance):",
        "if any(op.const != 0 for _, op in broken):",
        CONTRACT,
    ),
    Mutant(
        "rows are told apart by their first word",
        "kspec/engines/explicit/table.py",
        "return [same_row(em, row, other, rows.words)]",
        "return [same_row(em, row, other, 1)]",
        f"{RARE}::test_rows_that_all_have_one_hash",
    ),
    Mutant(
        "a table that has grown is empty",
        "kspec/engines/explicit/search.py",
        """            self._table, slots = Area(self._slots * 8), 0
        self._wire()
        self._rehash(self.context)
""",
        """            self._table, slots = Area(self._slots * 8), 0
        self._wire()
""",
        f"{LARGER}::test_thousands_of_states",
    ),
    Mutant(
        "the last of a batch of initial states is lost",
        "kspec/engines/explicit/search.py",
        "self._start(self.context, low, min(total, low + chunk))",
        "self._start(self.context, low, min(total, low + chunk - 1))",
        f"{LARGER}::test_thousands_of_states",
    ),
    Mutant(
        "a limit on states is one too low",
        "kspec/engines/explicit/search.py",
        "if most is not None and self.stored > most:",
        "if most is not None and self.stored >= most:",
        CONTRACT,
    ),
    Mutant(
        "a later level replaces what was found",
        "kspec/engines/explicit/search.py",
        "if which not in self.marks and wanted(which) and self._frame[at]:",
        "if wanted(which) and self._frame[at]:",
        CONTRACT,
    ),
    Mutant(
        "the greatest state of a level is reported",
        "kspec/engines/explicit/frame.py",
        'ops[0], em.compare("ult", x, y))]',
        'ops[0], em.compare("ult", y, x))]',
        CONTRACT,
    ),
    Mutant(
        "the native search ends one level late",
        "kspec/engines/explicit/engine.py",
        "if search.budget.max_depth is not None and depth >= search.budget.max_depth:",
        "if search.budget.max_depth is not None and depth > search.budget.max_depth:",
        CONTRACT,
    ),
)
