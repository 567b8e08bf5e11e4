"""Mutants of partial order: who has to do with whom, what may wait, what is said of it."""

from __future__ import annotations

from tests.mutants.harness import Mutant

TRAPS = "tests/traps/test_partial_order.py"
RANDOM = "tests/reductions/test_partial_order.py"
UNIT = "tests/reductions/test_independence.py"
TRIED = f"{RANDOM}::test_what_is_called_independent_is"
CHOSEN = f"{RANDOM}::test_native_code_chooses_as_the_plain_reduction"
SAME = f"{RANDOM}::test_verdicts_lengths_and_traces_are_the_same"
PLACES = "kspec/ir/passes/places.py"
INDEPENDENCE = "kspec/ir/passes/independence.py"
CODE = "kspec/engines/explicit/reductions/stubborn_code.py"
WAITING = "kspec/driver/searching/waiting.py"

INDEPENDENT = (
    Mutant(
        "a key that is not known is no other",
        PLACES,
        "        x is None or y is None or x == y for x, y in",
        "        x == y for x, y in",
        f"{RANDOM}::test_a_part_that_only_a_state_knows_may_be_any",
    ),
    Mutant(
        "two may write one place in any order",
        INDEPENDENCE,
        "        mask = self._writing(reads) | self._writing(writes)\n",
        "        mask = self._writing(reads)\n",
        f"{UNIT}::test_what_has_to_do_with_a_write",
    ),
    Mutant(
        "what a step reads may be written before",
        INDEPENDENCE,
        "        mask = self._writing(reads) | self._writing(writes)\n",
        "        mask = self._writing(writes)\n",
        TRIED,
    ),
    Mutant(
        "whether a target is alive is not read",
        INDEPENDENCE,
        "for e in (update.when, update.live, update.value, *keys))",
        "for e in (update.when, update.value, *keys))",
        f"{UNIT}::test_what_has_to_do_with_a_write",
    ),
    Mutant(
        "what cuts a step is not read",
        INDEPENDENCE,
        "    cut = () if action.cut is None else (action.cut,)\n",
        "    cut: tuple[Expr, ...] = ()\n",
        f"{UNIT}::test_what_has_to_do_with_a_write",
    ),
    Mutant(
        "what is said of steps is not read",
        INDEPENDENCE,
        "        if case.action == action.name\n",
        '        if case.action == ""\n',
        f"{TRAPS}::test_an_occurrence_sees_what_others_do_first",
    ),
    Mutant(
        "nothing is visible",
        INDEPENDENCE,
        "    ways = [way for prop in asked for way in ways_of(reader, prop)]\n",
        "    ways = [way for prop in () for way in ways_of(reader, prop)]\n",
        f"{TRAPS}::test_steps_that_a_claim_sees_do_not_wait_for_each_other",
    ),
    Mutant(
        "a claim is decided by one of its parts alone",
        INDEPENDENCE,
        "    if is_and is wanted:\n",
        "    if is_and is not wanted:\n",
        TRIED,
    ),
    Mutant(
        "only what a step writes at last counts",
        INDEPENDENCE,
        "        if len(changed) != 1:\n",
        "        if not changed:\n",
        f"{UNIT}::test_two_writes_may_make_it_true",
    ),
    Mutant(
        "whoever writes a constant enables nobody",
        INDEPENDENCE,
        "        return self._reader.supposing(place, value, expr, env) == Known(False)\n",
        "        return True\n",
        TRIED,
    ),
)

CHOOSING = (
    Mutant(
        "whoever waits may wait for ever",
        CODE,
        '        is_new = em.compare("ule", earlier, em.sub(found, ONE))\n',
        '        is_new = em.compare("ule", ZERO, em.sub(found, ONE))\n',
        f"{TRAPS}::test_a_loop_does_not_keep_others_waiting_for_ever",
    ),
    Mutant(
        "what was stored a moment ago is not new",
        CODE,
        '        is_new = em.compare("ule", earlier, em.sub(found, ONE))\n',
        '        is_new = em.compare("eq", found, ZERO)\n',
        f"{RANDOM}::test_what_is_new_does_not_depend_on_what_is_stored_first",
    ),
    Mutant(
        "levels so far end before the one in work",
        "kspec/engines/explicit/search.py",
        "        self.workers.set_all(f.EARLIER, end)\n",
        "        self.workers.set_all(f.EARLIER, low)\n",
        f"{TRAPS}::test_a_step_that_changes_nothing_keeps_nobody_waiting",
    ),
    Mutant(
        "of those that are disabled nobody comes along",
        CODE,
        "            return [em.load(em.offset(own, 4 * (part + 1)), 32, align=4)]\n",
        "            return [number(32, 0)]\n",
        CHOSEN,
    ),
    Mutant(
        "whoever comes along brings nobody",
        CODE,
        "        em.store(em.either(em.load(waiting, 64), new), waiting)\n",
        "        em.store(em.load(waiting, 64), waiting)\n",
        CHOSEN,
    ),
    Mutant(
        "a set may be as large as another",
        CODE,
        '    em.when(em.compare("ult", steps, least), keep, "better")\n',
        '    em.when(em.compare("ule", steps, least), keep, "better")\n',
        CHOSEN,
    ),
    Mutant(
        "what is new is asked of a state that is not the one stored",
        CODE,
        "    if program.orbits is not None:\n",
        "    if program.orbits is not None and not words:\n",
        f"{TRAPS}::test_alike_and_apart",
    ),
    Mutant(
        "the plain reduction takes what it has seen for new",
        "kspec/engines/stubborn.py",
        "    new = [n for n, after in situation.taken.items() if after not in search.seen]\n",
        "    new = list(situation.taken)\n",
        f"{RANDOM}::test_all_that_happens_happens_with_fewer_states_too",
    ),
)

SAYING = (
    Mutant(
        "a run that was found is a shortest one",
        "kspec/driver/searching/search.py",
        "    if depth < 0:\n",
        "    if depth < 1 << 20:\n",
        f"{TRAPS}::test_a_longer_run_is_not_called_shortest",
    ),
    Mutant(
        "levels of another search are levels",
        WAITING,
        "            return evolve(answer, reached=Reached(reached.states, reached.transitions, 0))\n",
        "            return evolve(answer, reached=reached)\n",
        f"{TRAPS}::test_nothing_is_said_of_depths_that_were_not_seen",
    ),
    Mutant(
        "a deadlock is looked for with partial order",
        WAITING,
        "    if any(isinstance(claim, NoDeadlock) for claim in claims):\n",
        "    if not claims:\n",
        f"{TRAPS}::test_off_where_orders_matter",
    ),
    Mutant(
        "probes are searched for with partial order",
        WAITING,
        '    return PROBED if any(prop.name.endswith(MARK) for prop in judged) else ""\n',
        '    return ""\n',
        f"{RANDOM}::test_probes_are_searched_for_without",
    ),
    Mutant(
        "the audit lets everything wait",
        "kspec/engines/stubborn.py",
        "        return any(not self.closed(seed) & mask for seed in self.taken)\n",
        "        return mask >= 0\n",
        f"{RANDOM}::test_an_audit_notices_steps_that_may_not_wait",
    ),
    Mutant(
        "what the second search finds is not compared",
        WAITING,
        "        if isinstance(answer, Absent) and isinstance(other, Found):\n",
        "        if isinstance(answer, Absent) and isinstance(other, Absent):\n",
        f"{RANDOM}::test_a_contradiction_is_no_answer",
    ),
    Mutant(
        "a checkpoint with partial order is one without",
        "kspec/engines/explicit/store/journal.py",
        '        "partial order": "no" if program.stubborn is None else "yes",\n',
        "",
        f"{RANDOM}::test_a_checkpoint_is_of_a_search_with_or_without",
    ),
)
