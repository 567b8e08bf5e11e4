"""Mutants of slicing, of symmetry, and of the way back to a run of the system."""

from __future__ import annotations

from tests.mutants.harness import Mutant

TRAPS = "tests/traps/test_reductions.py"
MERGED = f"{TRAPS}::test_objects_that_are_alike_are_merged"
GRAPHS = "tests/reductions/test_native.py::test_graphs_up_to_isomorphism"
LIFTS = "tests/unit/engines/test_lifting.py"

SLICING = (
    Mutant(
        "what a guard reads is sliced away",
        "kspec/ir/passes/slice.py",
        "                reached |= enabling(action) & variables\n",
        "",
        f"{TRAPS}::test_what_a_guard_reads_is_kept",
    ),
    Mutant(
        "what a birth depends on is sliced away",
        "kspec/ir/passes/reduce.py",
        "            seen |= enabling(action)\n",
        "",
        f"{TRAPS}::test_what_is_cut_is_told_although_nobody_sees_it",
    ),
    Mutant(
        "what may leave its range is sliced away",
        "kspec/ir/passes/reduce.py",
        "    return fits(sort_of(update.value), sort)\n",
        "    return True\n",
        f"{TRAPS}::test_what_may_leave_its_range_is_kept",
    ),
    Mutant(
        "what may be written twice is sliced away",
        "kspec/ir/passes/reduce.py",
        "        or not all(_are_apart(a, b) for a, b in combinations(updates, 2))\n",
        "",
        f"{TRAPS}::test_what_may_be_written_twice_is_kept",
    ),
    Mutant(
        "a deadlock is looked for in a slice",
        "kspec/ir/passes/slice.py",
        '            return "anything that may happen keeps the system from being stuck"\n',
        '            return ""\n',
        f"{TRAPS}::test_a_deadlock_is_looked_for_in_everything",
    ),
)

SYMMETRY = (
    Mutant(
        "constants tell nobody apart",
        "kspec/ir/passes/symmetry.py",
        "        yield _Literal(constant.sort, constant.value, constant.name)\n",
        "        yield _Literal(Bool(), True, constant.name)\n",
        f"{TRAPS}::test_constants_tell_objects_apart",
    ),
    Mutant(
        "objects that a property names are merged",
        "kspec/ir/passes/symmetry.py",
        "    known = {action.name: action for action in system.actions}\n    for prop in asked:\n",
        "    known = {action.name: action for action in system.actions}\n    for prop in asked[:0]:\n",
        f"{TRAPS}::test_an_object_that_only_a_property_names_is_not_merged",
    ),
    Mutant(
        "an order that is seen tells nobody apart",
        "kspec/ir/passes/symmetry.py",
        "        yield _Order(expr.binder.sort, where)\n",
        "        pass\n",
        "tests/unit/ir/passes/test_facts.py::test_an_option_that_is_not",
    ),
    Mutant(
        "what is known on one side of a condition is known on the other",
        "kspec/ir/passes/symmetry.py",
        "            yield from _walk(other, facts | _false(cond), where)\n",
        "            yield from _walk(other, facts | _true(cond), where)\n",
        "tests/unit/ir/passes/test_facts.py::test_an_option_that_is_not",
    ),
    Mutant(
        "claims over runs are asked of orbits",
        "kspec/driver/searching/reduce.py",
        "    if any(isinstance(p.claim, Temporal | Settles) for p in asked):\n",
        "    if any(isinstance(p.claim, Settles) for p in asked):\n",
        f"{TRAPS}::test_who_is_served_is_not_mixed_up",
    ),
    Mutant(
        "values are counted in orbits",
        "kspec/driver/searching/reduce.py",
        '    return COUNTING if any(isinstance(p.claim, Values) for p in asked) else ""\n',
        '    return ""\n',
        f"{TRAPS}::test_values_are_counted_in_states_as_they_are",
    ),
    Mutant(
        "the start is not made canonical",
        "kspec/engines/explicit/loop.py",
        "        row = f.row_at(em, buffer, j, rows.words)\n        _make_canonical(em, row, orbits)\n"
        "        hashed",
        "        row = f.row_at(em, buffer, j, rows.words)\n        hashed",
        f"{TRAPS}::test_what_only_the_start_tells_apart_is_told_apart_by_states",
    ),
    Mutant(
        "a kind that is referred to is only sorted",
        "kspec/engines/explicit/reductions/orbits.py",
        "            mentions(_below(v.sort, kind) or v.sort, kind) for v in self.variables\n",
        "            mentions(v.sort, kind) for v in self.variables[:0]\n",
        MERGED,
    ),
    Mutant(
        "of those with equal ranks one order is tried",
        "kspec/engines/explicit/reductions/canonical.py",
        '    em.loop(em.sub(total, ONE), [], another, hint="order")\n',
        "",
        GRAPHS,
    ),
    Mutant(
        "those are twins of whom the first two are",
        "kspec/engines/explicit/reductions/canonical.py",
        "            em.store(em.both(em.load(flag, 64), em.resize(is_same, 64)), flag)\n",
        "            em.store(em.resize(is_same, 64), flag)\n",
        GRAPHS,
    ),
    Mutant(
        "references stay where they are when objects change places",
        "kspec/engines/explicit/reductions/orbits.py",
        "                return Get(kind.back if back else kind.to, expr)\n",
        "                return expr\n",
        MERGED,
    ),
    Mutant(
        "places are taken for what comes to them",
        "kspec/engines/explicit/reductions/orbits.py",
        "                there = Get(expr, self.image(key, local, back=not back))\n",
        "                there = Get(expr, self.image(key, local, back=back))\n",
        GRAPHS,
    ),
)

LIFTING = (
    Mutant(
        "the last lifted step need not show anything",
        "kspec/engines/lifting.py",
        "    return not respects(system, asked.claim, state, instance, outcome.state)\n",
        "    return True\n",
        f"{LIFTS}::test_the_last_step_shows_what_is_asked",
    ),
    Mutant(
        "a lifted run begins anywhere",
        "kspec/engines/lifting.py",
        "    starts = [state for state in initial_states(system) if seen(state) == trace.start]\n",
        "    starts = list(initial_states(system))\n",
        f"{LIFTS}::test_it_begins_where_the_other_does",
    ),
    Mutant(
        "a lifted step may lead elsewhere",
        "kspec/engines/lifting.py",
        "    return isinstance(outcome, Taken) and seen(outcome.state) == step.state\n",
        "    return isinstance(outcome, Taken)\n",
        f"{LIFTS}::test_it_goes_where_the_other_goes",
    ),
    Mutant(
        "runs of representatives are told as they are",
        "kspec/driver/searching/search.py",
        "            answer = Found(\n",
        "            _ = Found(\n",
        f"{TRAPS}::test_a_run_is_told_of_the_objects_that_it_is_about",
    ),
)
