"""Mutants of the meaning itself: of the reference, of replay, and of what re-checks traces."""

from __future__ import annotations

from tests.mutants.harness import Mutant

STEP = "tests/unit/semantics/test_step.py"
VALUES = "tests/unit/semantics/test_evaluate.py::test_pinned_value"
SEARCH = "tests/unit/engines/test_reference.py"
REPLAY = "tests/unit/verdict/test_replay.py"
CHECKER = "tests/certify/test_check_trace.py"

RANGE = (
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
)

CUTS = (
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
)

VALUES = (
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
)

SEARCH = (
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
    Mutant(
        "the reference looks at steps into new states only",
        "kspec/engines/reference.py",
        "        expansion.following[key] = outcome.state\n",
        "        expansion.following[key] = outcome.state\n    else:\n        return\n",
        f"{SEARCH}::test_occurrences_are_evaluated_on_steps_into_known_states",
    ),
    Mutant(
        "the reference counts no steps that change nothing",
        "kspec/engines/reference.py",
        "                _count(expansion.fired, instance.action)\n",
        "                if outcome != Taken(state):\n"
        "                    _count(expansion.fired, instance.action)\n",
        f"{SEARCH}::test_occurrences_are_evaluated_on_steps_into_known_states",
    ),
)

REPLAY = (
    Mutant(
        "replay starts anywhere",
        "kspec/verdict/replay.py",
        "    if not is_initial(system, trace.start):\n",
        "    if not is_initial(system, trace.start) and not trace.steps:\n",
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
