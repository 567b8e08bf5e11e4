"""Mutants of claims over whole runs: of their meaning, of the reference, of the native procedure."""

from __future__ import annotations

from tests.mutants.harness import Mutant

RULES = "tests/liveness/test_rules.py"
PEERS = "tests/liveness/test_peers.py"
REPLAY = "tests/unit/verdict/test_replay.py::test_a_loop_must_come_back_be_fair_and_show_it"
DRIVER = "tests/unit/driver/test_runs.py"
JUDGE = "tests/unit/driver/test_judge.py"

MEANING = "kspec/semantics/runs.py"
STEP = "kspec/semantics/step.py"
REFERENCE = "kspec/engines/reference_liveness.py"
PRODUCT = "kspec/engines/explicit/runs/product.py"
WALKS = "kspec/engines/explicit/runs/product_code.py"
PARTS = "kspec/engines/explicit/runs/parts_code.py"
TERRAIN = "kspec/engines/explicit/runs/terrain.py"
TABLEAU = "kspec/engines/reference_tableau.py"
MONITOR = "kspec/engines/explicit/runs/monitor.py"
CODE = "kspec/engines/explicit/runs/graph_code.py"
LIVENESS = "kspec/engines/explicit/runs/liveness.py"

FAIRNESS = (
    Mutant(
        "replay takes every loop to be fair",
        MEANING,
        "        if asked and fair not in taken:\n",
        "        if asked and fair not in taken and fair in taken:\n",
        REPLAY,
    ),
    Mutant(
        "a system without actions has an end too many",
        "kspec/engines/explicit/runs/graph.py",
        "ends = (*self.numbers.fair, self.numbers.fairs)[1:]",
        "ends = (*self.numbers.fair[1:], self.numbers.fairs)",
        f"{RULES}::test_a_system_that_can_do_nothing_rests",
    ),
    Mutant(
        "replay lets a run rest where something fair is enabled",
        MEANING,
        "        asked = strong or all(fair in here for here in offered)\n",
        "        asked = not run.rests and (strong or all(fair in here for here in offered))\n",
        REPLAY,
    ),
    Mutant(
        "replay takes strong fairness for weak",
        MEANING,
        "strong = system.actions[fair.action].fairness is Fairness.STRONG",
        "strong = system.actions[fair.action].fairness is None",
        f"{RULES}::test_replay_asks_for_strong_fairness",
    ),
    Mutant(
        "steps that change nothing are enabled",
        STEP,
        "        and outcome != Taken(state)\n",
        "",
        f"{RULES}::test_a_step_that_changes_nothing_is_not_enabled",
    ),
    Mutant(
        "a cut is taken for disabled where fairness is asked",
        STEP,
        "        and not isinstance(outcome, Disabled)\n        and outcome",
        "        and not isinstance(outcome, Disabled | CutInstance)\n        and outcome",
        f"{RULES}::test_a_cut_step_counts_as_enabled",
    ),
    Mutant(
        "a broken step is taken for disabled where fairness is asked",
        STEP,
        "        and not isinstance(outcome, Disabled)\n        and outcome",
        "        and not isinstance(outcome, Disabled | Broken)\n        and outcome",
        f"{RULES}::test_a_step_that_breaks_something_counts_as_enabled",
    ),
    Mutant(
        "fairness is of actions",
        STEP,
        "    return Fair(instance.action, instance.params)\n",
        "    return Fair(instance.action, ())\n",
        f"{RULES}::test_fairness_is_of_each_instance",
    ),
    Mutant(
        "the reference takes steps that change nothing for taken",
        REFERENCE,
        "        if instance is None or self._states(edge)[0] == self._states(edge)[1]:\n",
        "        if instance is None:\n",
        f"{RULES}::test_a_step_that_changes_nothing_is_not_taken",
    ),
    Mutant(
        "the reference takes strong fairness for weak",
        REFERENCE,
        "        starved = {f for f in untaken if self._is_strong(f)}\n",
        "        starved = frozenset[Fair]()\n",
        f"{RULES}::test_a_step_that_is_possible_now_and_then_needs_strong_fairness",
    ),
    Mutant(
        "the reference never rests",
        REFERENCE,
        "        if node.rests or not self.offered(node.state):\n",
        "        if node.rests:\n",
        f"{PEERS}::test_a_run_may_stop_where_nothing_fair_goes_on",
    ),
    Mutant(
        "the native graph forgets self-loops",
        CODE,
        "        em.store(em.add(count, number(64, 1)), self.count)\n",
        "        em.store(em.add(count, em.resize(moves, 64)), self.count)\n",
        f"{RULES}::test_steps_that_change_nothing_are_steps",
    ),
    Mutant(
        "the native graph takes a cut for disabled",
        CODE,
        "        if cut.const != 0 and self._is_fair(instance):\n",
        "        if cut.const == 2:\n",
        f"{RULES}::test_a_cut_step_counts_as_enabled",
    ),
    Mutant(
        "the native graph takes a broken step for disabled",
        CODE,
        "        if bad.const != 0 and self._is_fair(instance):\n",
        "        if bad.const == 2:\n",
        f"{RULES}::test_a_step_that_breaks_something_counts_as_enabled",
    ),
    Mutant(
        "the native graph takes steps that change nothing for taken",
        CODE,
        "            fair = em.select(moves, one, number(32, 0))\n",
        "            fair = one\n",
        f"{RULES}::test_a_step_that_changes_nothing_is_not_taken",
    ),
    Mutant(
        "the native graph has one fair instance an action",
        CODE,
        "        return em.add(number(64, self.numbers.fair[index]), which)\n",
        "        return em.add(number(64, self.numbers.fair[index]), em.sub(which, which))\n",
        f"{RULES}::test_fairness_is_of_each_instance",
    ),
    Mutant(
        "the native graph is fair to choices",
        CODE,
        "        choices.append(max(1, some))\n",
        "        choices.append(1)\n        some = 1\n",
        f"{RULES}::test_fairness_is_of_the_union_of_choices",
    ),
    Mutant(
        "the native procedure takes strong fairness for weak",
        PRODUCT,
        "        starved = ever & ~taken & strong\n",
        "        starved = ever & ~taken & strong & always\n",
        f"{RULES}::test_a_step_that_is_possible_now_and_then_needs_strong_fairness",
    ),
    Mutant(
        "the native procedure takes weak fairness for strong",
        PRODUCT,
        "        if always & ~taken & ~strong:\n",
        "        if ever & ~taken & ~strong:\n",
        f"{RULES}::test_a_step_that_is_possible_now_and_then_needs_strong_fairness",
    ),
    Mutant(
        "the native procedure looks once for strong fairness",
        PRODUCT,
        '                    waiting.append(array("I", found))\n',
        "                    pass\n",
        f"{RULES}::test_strong_fairness_leaves_loops_where_it_asks_for_nothing",
    ),
    Mutant(
        "a state by itself is always fair",
        PRODUCT,
        "        if always & ~taken & ~strong:\n",
        "        if always & ~taken & ~strong and high - low > 1:\n",
        f"{RULES}::test_a_step_that_changes_nothing_is_not_taken",
    ),
    Mutant(
        "the native procedure never rests",
        TERRAIN,
        "        still = bytes(not offer for offer in graph.offers)\n",
        "        still = bytes(len(graph.offers))\n",
        f"{PEERS}::test_a_run_may_stop_where_nothing_fair_goes_on",
    ),
)

WALKING = (
    Mutant(
        "products forget where rest leads",
        WALKS,
        "        kind = em.either(w.load(w.get(Word.MOVES), at), rests)\n",
        "        kind = w.load(w.get(Word.MOVES), at)\n",
        f"{RULES}::test_rest_is_for_ever",
    ),
    Mutant(
        "a cycle is seen from one side only",
        PARTS,
        '                w.store(low, node, em.select(w.is_("ult", number_, old), number_, old))\n',
        "                w.store(low, node, old)\n",
        f"{RULES}::test_a_step_that_is_possible_now_and_then_needs_strong_fairness",
    ),
    Mutant(
        "a state by itself is no loop",
        PARTS,
        "            w.if_(em.both(here, free), lambda: em.store(one, inside))\n",
        "            w.if_(em.both(here, free), lambda: em.store(number(64, 0), inside))\n",
        f"{RULES}::test_rest_comes_after_other_steps",
    ),
    Mutant(
        "what is taken outside a part counts inside",
        PARTS,
        "            w.if_(em.both(inside, free), lambda: inner(at))\n",
        "            w.if_(free, lambda: inner(at))\n",
        f"{RULES}::test_who_leaves_for_good_has_not_been_served_here",
    ),
    Mutant(
        "always enabled is what is enabled in the last state",
        PARTS,
        "            w.store(sums, here, em.both(w.load(sums, here, 64), set_), 64)\n",
        "            w.store(sums, here, set_, 64)\n",
        f"{RULES}::test_weak_fairness_asks_only_for_what_is_always_enabled",
    ),
)

FORMULAS = (
    Mutant(
        "what is put off for ever is paid",
        PRODUCT,
        "        if frame[Word.COMMON] or (self.rule.wanted and not frame[Word.WANTED]):\n",
        "        if self.rule.wanted and not frame[Word.WANTED]:\n",
        f"{RULES}::test_eventually_always_and_always_eventually",
    ),
    Mutant(
        "the dearer of two ways is kept",
        MONITOR,
        "        if not any(other != way and other[0] <= way[0] and other[1] <= way[1] for other in ways)\n",
        "        if not any(other != way and other[0] >= way[0] and other[1] >= way[1] for other in ways)\n",
        f"{RULES}::test_until_needs_its_end_and_its_way",
    ),
    Mutant(
        "whoever owes a change has a debt of his own",
        TABLEAU,
        "        return _any((_then(owed, Stage.ARRIVING), _put_off(owed)))\n",
        "        return _put_off(evolve(owed, stage=Stage.SINCE))\n",
        f"{RULES}::test_what_is_put_off_again_and_again_is_paid_again_and_again",
    ),
    Mutant(
        "until is content without its end",
        MONITOR,
        "                    return _any([end, _all([way, _put_off(debt)])])\n",
        "                    return _any([end, _all([way, _then(debt)])])\n",
        f"{RULES}::test_until_that_is_denied_needs_its_end",
    ),
    Mutant(
        "the gone come back",
        MONITOR,
        "        gone = frozenset(k for k in scope_of(debt.formula) if not now >> self._lives[k] & 1)\n",
        "        gone = frozenset[int]()\n",
        f"{RULES}::test_the_gone_do_not_come_back",
    ),
    Mutant(
        "replay lets the gone come back",
        MEANING,
        "is_over=bound.is_over or not self._is_live",
        "is_over=not self._is_live",
        f"{RULES}::test_the_gone_do_not_come_back",
    ),
    Mutant(
        "only those who are there at the start have lives",
        MONITOR,
        "        begins = bool(there) and (debt.due is Due.NOW or not was) and debt.due is not Due.LATER\n",
        "        begins = bool(there) and not was and debt.due is Due.NOW\n",
        f"{RULES}::test_a_claim_begins_with_each_life",
    ),
    Mutant(
        "the dead stay as they are",
        MONITOR,
        "        moved = came or bool(formula.lives & debt.over)\n",
        "        moved = came\n",
        f"{RULES}::test_what_is_over_is_not_unchanged",
    ),
    Mutant(
        "gone is an atom like others",
        "kspec/lower/expressions/temporal.py",
        "            return NotF(Holds(_there(low, frame, who)))\n",
        "            from kspec.ir.build import neg\n\n"
        "            return Holds(neg(_there(low, frame, who)))\n",
        "tests/traps/test_rules.py::test_rule",
    ),
    Mutant(
        "people may go on for ever while all settles",
        LIVENESS,
        "OUTSIDE: Final = (Origin.ENVIRONMENT, Origin.FAULT)\n",
        "OUTSIDE: Final = (Origin.FAULT,)\n",
        f"{RULES}::test_settles_leaves_environment_and_faults_out_of_loops",
    ),
    Mutant(
        "whoever changes something unsettles",
        LIVENESS,
        "    controllers = (a for a in system.actions if a.origin is Origin.CONTROLLER)\n",
        "    controllers = (a for a in system.actions if a.origin not in OUTSIDE)\n",
        f"{RULES}::test_deliveries_may_be_in_the_loop_but_do_not_disturb",
    ),
)

DRIVING = (
    Mutant(
        "cuts do not matter to runs",
        "kspec/driver/searching/judge.py",
        "        case Temporal() | Settles(_, False):\n"
        "            return _of_bad(answer, first, exploration, safe_from_cuts=False)\n",
        "        case Temporal() | Settles(_, False):\n"
        "            return _of_bad(answer, first, exploration, safe_from_cuts=True)\n",
        f"{PEERS}::test_a_bound_does_not_make_a_claim_over_runs_true",
    ),
    Mutant(
        "a search for runs stops when all else is found",
        "kspec/driver/searching/search.py",
        "        properties = (*properties, ENDLESS.name)\n",
        "        properties = (*properties,)\n",
        f"{DRIVER}::test_a_search_goes_on_when_all_else_is_found",
    ),
    Mutant(
        "runs are not replayed",
        "kspec/driver/searching/runs.py",
        "    if flaw is not None:\n        raise Unproven",
        "    if flaw is not None and flaw.step < 0:\n        raise Unproven",
        f"{DRIVER}::test_a_run_that_does_not_replay_is_no_verdict",
    ),
    Mutant(
        "graphs are not audited for their steps",
        "kspec/driver/searching/runs.py",
        "    if there != here:\n",
        "    if there != there:\n",
        f"{DRIVER}::test_an_audit_notices_other_steps",
    ),
    Mutant(
        "runs are shown as they were found",
        "kspec/verdict/lasso.py",
        "    while (shorter := _cut_once(trace, system, claim)) is not None:\n        trace = shorter\n",
        "",
        f"{RULES}::test_a_step_that_changes_nothing_is_not_enabled",
    ),
)
