"""The mutants. Each is a mistake that someone could make; its killer is an ordinary, fast test."""

from __future__ import annotations

from tests.mutants.harness import Mutant

STEP = "tests/unit/semantics/test_step.py"
VALUES = "tests/unit/semantics/test_evaluate.py::test_pinned_value"
SEARCH = "tests/unit/engines/test_reference.py"
REPLAY = "tests/unit/verdict/test_replay.py"
CHECKER = "tests/certify/test_check_trace.py"
LAYOUT = "tests/engines/explicit/test_layout.py"
NATIVE_VALUES = "tests/engines/explicit/test_values.py::test_every_case_at_run_time"
CONTRACT = "tests/engines/explicit/test_contract.py::test_rule"
RANDOM = "tests/random/test_differential.py::test_a_hundred_and_fifty_seeds"
WORDS = "tests/engines/explicit/test_random.py::test_states_of_many_words"
RARE = "tests/random/test_rare.py"
LARGER = "tests/random/test_larger.py"

REFERENCE_MUTANTS = (
    Mutant(
        "cuts are ignored",
        "kspec/semantics/step.py",
        "if action.cut is not None and truth(action.cut, env):",
        "if action.cut is None and action.cut is not None:",
        f"{STEP}::test_cut_when_no_identity_is_free",
    ),
    Mutant(
        "a cut is looked at before the guard",
        "kspec/semantics/step.py",
        """    for place, conjunct in enumerate(action.guard):
        if not truth(conjunct.expr, env):
            return Disabled(place)
    if action.cut is not None and truth(action.cut, env):
        return CutInstance()
""",
        """    if action.cut is not None and truth(action.cut, env):
        return CutInstance()
    for place, conjunct in enumerate(action.guard):
        if not truth(conjunct.expr, env):
            return Disabled(place)
""",
        f"{STEP}::test_a_disabled_instance_is_not_cut",
    ),
    Mutant(
        "values outside the range of their place are stored",
        "kspec/semantics/step.py",
        "        in_range=contains(sort, value),\n",
        "        in_range=True,\n",
        f"{STEP}::test_leaving_the_sort_breaks_in_range",
    ),
    Mutant(
        "dead objects are written",
        "kspec/semantics/step.py",
        "        live=truth(update.live, env),\n",
        "        live=True,\n",
        f"{STEP}::test_a_dead_target_breaks_live_target_even_if_nothing_changes",
    ),
    Mutant(
        "a place within another is no overlap",
        "kspec/semantics/step.py",
        "return a.var == b.var and a.place[:shorter] == b.place[:shorter]",
        "return a.var == b.var and a.place == b.place and shorter >= 0",
        f"{STEP}::test_single_write",
    ),
    Mutant(
        "writes of equal values may overlap",
        "kspec/semantics/step.py",
        "if any(_overlap(a, b) for a, b in combinations(writes, 2)):",
        "if any(_overlap(a, b) and a.value != b.value for a, b in combinations(writes, 2)):",
        f"{STEP}::test_single_write",
    ),
    Mutant(
        "updates whose condition is false are active",
        "kspec/semantics/step.py",
        "        if truth(update.when, inner)\n",
        "        if truth(update.when, inner) or True\n",
        f"{STEP}::test_an_inactive_update_breaks_nothing",
    ),
    Mutant(
        "division rounds towards zero",
        "kspec/semantics/evaluate.py",
        "return a // _positive(b)",
        "return int(a / _positive(b))",
        VALUES,
    ),
    Mutant(
        "ties are broken by the order of the sort",
        "kspec/semantics/evaluate.py",
        "return (least[0],) if len(least) == 1 else None",
        "return (least[0],) if least else None",
        VALUES,
    ),
    Mutant(
        "the reference reports any state of a level",
        "kspec/engines/reference.py",
        "return [level[key] for key in sorted(level)]",
        "return [level[key] for key in sorted(level, reverse=True)]",
        f"{SEARCH}::test_the_least_state_of_the_level_is_reported",
    ),
    Mutant(
        "a level that was not completed is counted",
        "kspec/engines/reference.py",
        "return limit is not None and len(search.seen) + len(new) > limit",
        "return limit is not None and len(search.seen) > limit",
        f"{SEARCH}::test_state_limit_ends_before_the_level",
    ),
    Mutant(
        "a depth limit ends one level late",
        "kspec/engines/reference.py",
        "if depth == search.budget.max_depth:",
        "if depth - 1 == search.budget.max_depth:",
        f"{SEARCH}::test_depth_limit_completes_its_level",
    ),
)

REPLAY_MUTANTS = (
    Mutant(
        "replay starts anywhere",
        "kspec/verdict/replay.py",
        "if trace.start not in initial_states(system):",
        "if trace.start not in initial_states(system) and not trace.steps:",
        f"{CHECKER}::test_tampered_traces_are_rejected_exactly_where_replay_rejects_them",
    ),
    Mutant(
        "replay believes the states of a trace",
        "kspec/verdict/replay.py",
        'return None if after == step.state else f"{step.action} leads to another state"',
        "return None",
        f"{REPLAY}::test_the_first_wrong_step_is_named",
    ),
    Mutant(
        "replay takes a cut for a step",
        "kspec/verdict/replay.py",
        'return f"{step.action} is cut: no identity is free"',
        "return None",
        f"{REPLAY}::test_cut_instances_are_no_steps",
    ),
    Mutant(
        "replay shows an invariant violated where it is true",
        "kspec/verdict/replay.py",
        "shown = not is_true_in(system, body, last)",
        "shown = True",
        f"{REPLAY}::test_a_trace_that_stops_early_shows_nothing",
    ),
    Mutant(
        "the trace checker forgets single writes",
        "kspec/certify/check_trace.py",
        'broken.add("single-write")',
        "pass",
        f"{CHECKER}::test_every_trace_of_the_reference_is_accepted",
    ),
    Mutant(
        "the trace checker forgets guards",
        "kspec/certify/check_trace.py",
        "if not all(self.value(conjunct, env) for conjunct in action.guard):",
        "if not all(self.value(conjunct, env) for conjunct in action.guard[:1]):",
        f"{CHECKER}::test_every_trace_of_the_reference_is_accepted",
    ),
)

LAYOUT_MUTANTS = (
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

CODE_MUTANTS = (
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
    Mutant(
        "cut instances are taken",
        "kspec/engines/explicit/actions.py",
        "guard = em.both(guard, em.flip(cut))",
        "guard = em.both(guard, TRUE)",
        CONTRACT,
    ),
    Mutant(
        "instances of several parameters share a place",
        "kspec/engines/explicit/actions.py",
        "base = em.mul(rank, number(64, count))",
        "base = rank",
        RANDOM,
    ),
)

SEARCH_MUTANTS = (
    Mutant(
        "steps stored without a branch are not looked at",
        "kspec/engines/explicit/expansion.py",
        "if any(op.const != 0 for _, op in broken) or cases_of(self.program, instance):",
        "if any(op.const != 0 for _, op in broken):",
        CONTRACT,
    ),
    Mutant(
        "a state where all is cut is a deadlock",
        "kspec/engines/explicit/expansion.py",
        "                self._or(self.live, cut)\n",
        "                pass\n",
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

MUTANTS = (
    *REFERENCE_MUTANTS,
    *REPLAY_MUTANTS,
    *LAYOUT_MUTANTS,
    *CODE_MUTANTS,
    *SEARCH_MUTANTS,
)
