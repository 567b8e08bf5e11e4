"""Mutants of lowering, which feeds every engine: no engine can notice them, small programs must."""

from __future__ import annotations

from tests.mutants.harness import Mutant

BORN = "tests/traps/test_births.py"
SEEN = "tests/traps/test_views.py"
WRITTEN = "tests/traps/test_writes.py"
DONE = "tests/traps/test_reconciles.py"
SAID = "tests/traps/test_claims.py"

RANGE = (
    Mutant(
        "lowering clamps what leaves its range",
        "kspec/lower/steps/updates.py",
        "    return tuple(steps), encode(low.shapes, type_, value, sort), conj(inside)\n",
        """    from kspec.ir.build import clamp
    from kspec.ir.sorts import Int

    coded = encode(low.shapes, type_, value, sort)
    coded = clamp(coded, sort.lo, sort.hi) if isinstance(sort, Int) else coded
    return tuple(steps), coded, conj(inside)
""",
        f"{WRITTEN}::test_a_value_outside_its_range_is_not_stored",
    ),
    Mutant(
        "the last write of a place wins",
        "kspec/lower/steps/actions.py",
        "updates=tuple(u for u in updates if u.when != FALSE),",
        "updates=tuple({(u.var, u.path): u for u in updates if u.when != FALSE}.values()),",
        f"{WRITTEN}::test_a_place_is_written_once_a_step",
    ),
    Mutant(
        "what is written directly is taken to be alive",
        "kspec/lower/steps/effects.py",
        "return where, TRUE if where in here.sure else alive",
        "return where, TRUE",
        f"{WRITTEN}::test_a_direct_write_needs_a_live_target",
    ),
)

BIRTHS = (
    Mutant(
        "the living are free",
        "kspec/lower/steps/births.py",
        "parts = [neg(worlds.lives(low, Present(), kind, local))]",
        "parts = []",
        f"{BORN}::test_a_newborn_takes_a_free_identity",
    ),
    Mutant(
        "two born in one step take one identity",
        "kspec/lower/steps/births.py",
        "parts.append(neg(conj((there, eq(birth.obj, local)))))",
        "pass",
        f"{BORN}::test_two_born_in_one_step_are_two",
    ),
    Mutant(
        "what a reconcile froze holds nothing",
        "kspec/lower/steps/births.py",
        "if slot.role in (Role.GHOST, Role.BUDGET, Role.LIVE):",
        "if slot.role in (Role.GHOST, Role.BUDGET, Role.LIVE, Role.TASK):",
        f"{BORN}::test_what_a_reconcile_remembers_is_not_free",
    ),
    Mutant(
        "images hold nothing",
        "kspec/lower/steps/births.py",
        "if slot.role in (Role.GHOST, Role.BUDGET, Role.LIVE):",
        "if slot.role in (Role.GHOST, Role.BUDGET, Role.LIVE, Role.VIEW):",
        f"{BORN}::test_what_a_cache_shows_is_not_free",
    ),
    Mutant(
        "memory holds nothing",
        "kspec/lower/steps/births.py",
        "if slot.role in (Role.GHOST, Role.BUDGET, Role.LIVE):",
        "if slot.role in (Role.GHOST, Role.BUDGET, Role.LIVE, Role.MEMORY):",
        f"{BORN}::test_what_memory_holds_is_not_free",
    ),
    Mutant(
        "a key may be borne twice",
        "kspec/lower/steps/effects.py",
        "refuse(frame, block, here, worlds.is_borne(low, frame.live, stmt.kind, wanted))",
        "pass",
        f"{BORN}::test_a_key_is_borne_once",
    ),
    Mutant(
        "a dead object keeps its fields",
        "kspec/lower/steps/updates.py",
        "yield update(slot.name, default_literal(low, slot))",
        "pass",
        f"{BORN}::test_the_dead_are_all_alike",
    ),
    Mutant(
        "ages stay what they were when an elder dies",
        "kspec/lower/steps/updates.py",
        "moved = arith(ArithOp.SUB, get(place_of, mine), total(other_binder, elder, lit(1)))",
        "moved = get(place_of, mine)",
        f"{BORN}::test_the_younger_move_down_when_an_elder_dies",
    ),
    Mutant(
        "memory outlives its instance",
        "kspec/lower/steps/updates.py",
        "update(slot.name, initial_literal(low, slot)), when=conj((when, neg(kept)))",
        "update(slot.name, initial_literal(low, slot)), when=FALSE",
        f"{BORN}::test_an_instance_takes_its_memory_along",
    ),
)

CUTS = (
    Mutant(
        "lowering drops cuts",
        "kspec/lower/steps/actions.py",
        "cut=None if cut == FALSE else cut,",
        "cut=None,",
        f"{BORN}::test_a_birth_without_room_is_cut",
    ),
    Mutant(
        "births that do not happen are cut",
        "kspec/lower/steps/actions.py",
        "conj((happens, closed(e.sink, e.when), neg(is_some(e.option))))",
        "conj((happens, neg(is_some(e.option))))",
        f"{BORN}::test_a_birth_without_room_is_cut",
    ),
    Mutant(
        "refused births are cut",
        "kspec/lower/steps/actions.py",
        "cut = disj((_cut(effects, done), _cut(tuple(instead.effects), otherwise)))",
        "cut = disj((_cut(effects, TRUE), _cut(tuple(instead.effects), otherwise)))",
        f"{BORN}::test_a_refused_birth_is_not_cut",
    ),
)

VIEWS = (
    Mutant(
        "an image is from after the write",
        "kspec/lower/steps/views.py",
        "    whole = low.ref(source, False)\n    if there == TRUE:\n        return whole\n",
        """    from kspec.lower.values.codec import encode

    block = Block()
    block.effects.extend(effects)
    then, mine = altered_by(Present(), block), Ident(queue.kind, obj)
    sym = worlds.read_field(low, then, queue.kind, part, mine)
    whole = MakeMap(binder, encode(low.shapes, source.type, sym, source.sort))
    if there == TRUE:
        return whole
""",
        f"{SEEN}::test_an_image_is_from_before_the_write",
    ),
    Mutant(
        "a cache is full one write early",
        "kspec/lower/steps/views.py",
        "full = le(lit(queue.lag), count)",
        "full = le(lit(queue.lag - 1), count)",
        f"{SEEN}::test_a_cache_is_never_further_behind_than_its_lag",
    ),
    Mutant(
        "a full cache does not let the oldest image go",
        "kspec/lower/steps/views.py",
        "newest = ite(full, low.read(following, who, False), image)",
        "newest = image",
        f"{SEEN}::test_a_cache_is_never_further_behind_than_its_lag",
    ),
    Mutant(
        "delivery goes one image too far",
        "kspec/lower/steps/views.py",
        'source = low.slots[slot.name.replace(f".{i}.", f".{i + k}.", 1)]\n'
        "                value = ite(eq(by, lit(k)), low.read(source, who, False), value)",
        'source = low.slots[slot.name.replace(f".{i}.", f".{i + k}.", 1)]\n'
        "                value = ite(eq(by, lit(k + 1)), low.read(source, who, False), value)",
        f"{SEEN}::test_a_cache_moves_on_by_one_write_or_more",
    ),
    Mutant(
        "a write that changes nothing is a write",
        "kspec/lower/steps/views.py",
        "return conj((effect.when, neg(equal(low.shapes, type_, old, new))))",
        "return effect.when",
        f"{SEEN}::test_a_write_that_changes_nothing_is_none",
    ),
    Mutant(
        "a filtered image has everything in it",
        "kspec/lower/steps/views.py",
        """            worlds.lives(low, Present(), queue.kind, obj),
            worlds.shown(low, view, queue.component, watch, obj),
        )
    )


def _touches(""",
        """            worlds.lives(low, Present(), queue.kind, obj),
        )
    )


def _touches(""",
        f"{SEEN}::test_a_filtered_image_leaves_out_what_was_hidden",
    ),
    Mutant(
        "refused steps leave images",
        "kspec/lower/steps/actions.py",
        "updates += views.pushes(low, effects, done)",
        "updates += views.pushes(low, effects, TRUE)",
        f"{SEEN}::test_a_refused_step_leaves_no_image",
    ),
    Mutant(
        "a restart takes the server's images as they are",
        "kspec/lower/steps/views.py",
        'if part == "touched" or watch is None or watch.where is None:',
        'if source is not None or part == "touched":',
        f"{SEEN}::test_after_a_restart_a_filtered_cache_shows_only_what_it_asks_for",
    ),
    Mutant(
        "what a server's image does not show is told apart",
        "kspec/lower/steps/views.py",
        "return ite(is_used, MakeMap(binder, ite(there, get(whole, obj), nothing)), whole)",
        "return whole",
        f"{SEEN}::test_what_a_servers_image_does_not_show_is_all_alike",
    ),
    Mutant(
        "a restart takes the server's oldest images",
        "kspec/lower/steps/views.py",
        "for more in range(1, server.sort.hi - queue.lag + 1):",
        "for more in range(0):",
        f"{SEEN}::test_after_a_restart_a_cache_takes_no_more_than_its_lag",
    ),
)

ADDRESSING = (
    Mutant(
        "by name is by uid",
        "kspec/lower/steps/effects.py",
        "        case Address.BY_UID:\n",
        "        case Address.BY_UID | Address.BY_NAME:\n",
        f"{WRITTEN}::test_by_name_is_whoever_bears_it",
    ),
    Mutant(
        "by uid finds what is gone",
        "kspec/lower/steps/effects.py",
        """        case Address.BY_UID:
            refuse(frame, block, here, neg(alive))
""",
        """        case Address.BY_UID:
""",
        f"{WRITTEN}::test_by_uid_is_this_very_object",
    ),
    Mutant(
        "if unchanged asks only whether it is there",
        "kspec/lower/steps/effects.py",
        "refuse(frame, block, here, disj((neg(alive), touched)))",
        "refuse(frame, block, here, neg(alive))",
        f"{WRITTEN}::test_if_unchanged_asks_for_every_write_since",
    ),
    Mutant(
        "images forget what was touched",
        "kspec/lower/steps/views.py",
        "return SetOf(binder, disj(_touches(low, e, obj) for e in effects))",
        "return Lit(slot.sort, frozenset())",
        f"{WRITTEN}::test_if_unchanged_asks_for_every_write_since",
    ),
    Mutant(
        "a refused step happens all the same",
        "kspec/lower/steps/actions.py",
        "    done = neg(refused)\n",
        "    done = TRUE\n",
        f"{WRITTEN}::test_a_require_that_fails_refuses_the_whole_step",
    ),
    Mutant(
        "require is not asked",
        "kspec/lower/steps/effects.py",
        "refuse(frame, block, here, neg(flag(low, frame, cond)))",
        "pass",
        f"{WRITTEN}::test_a_require_that_fails_refuses_the_whole_step",
    ),
)

RECONCILES = (
    Mutant(
        "a reconcile begins before the last has ended",
        "kspec/lower/steps/guards.py",
        "    require(making, idle)\n",
        "",
        f"{DONE}::test_one_reconcile_at_a_time",
    ),
    Mutant(
        "what was frozen stays when a reconcile ends",
        "kspec/lower/steps/tasks.py",
        "yield _update(making, slot, nothing, conj((move.alive, neg(goes_on))))",
        "yield from ()",
        f"{DONE}::test_what_was_frozen_is_let_go_at_the_end",
    ),
    Mutant(
        "a refused step is followed by the next",
        "kspec/lower/steps/tasks.py",
        "going: Expr = conj((neg(move.refused), neg(stays)))",
        "going: Expr = neg(stays)",
        f"{DONE}::test_a_refused_step_ends_its_reconcile",
    ),
    Mutant(
        "each does not take its member out",
        "kspec/lower/steps/tasks.py",
        "yield _update(making, left.slot, ite(stays, remaining, ends), alive)",
        "yield _update(making, left.slot, ite(stays, left.expr, ends), alive)",
        f"{DONE}::test_each_goes_through_its_members_once",
    ),
    Mutant(
        "ordered actions have no order",
        "kspec/lower/steps/guards.py",
        "require(making, neg(may_start(making, earlier)))",
        "pass",
        f"{DONE}::test_a_later_action_waits_for_an_earlier_one",
    ),
    Mutant(
        "faults block nothing",
        "kspec/lower/steps/guards.py",
        "    require(making, neg(is_blocked(making, source)))\n",
        "",
        f"{DONE}::test_a_fault_blocks_what_it_says",
    ),
    Mutant(
        "budgets are not spent",
        "kspec/lower/steps/actions.py",
        "updates.append(spent(low, budget.name))",
        "pass",
        f"{DONE}::test_a_budget_is_spent",
    ),
    Mutant(
        "restarts are not spent",
        "kspec/lower/steps/faults.py",
        "updates.append(spent(low, budget.name))",
        "pass",
        f"{DONE}::test_a_restart_is_spent",
    ),
    Mutant(
        "a restart keeps memory",
        "kspec/lower/steps/faults.py",
        "slot.role in (Role.MEMORY, Role.TASK)",
        "slot.role is Role.TASK",
        f"{DONE}::test_a_restart_loses_memory_and_what_is_under_way",
    ),
    Mutant(
        "a restart loses what is local, too",
        "kspec/lower/steps/faults.py",
        "slot.role in (Role.MEMORY, Role.TASK)",
        "slot.role in (Role.MEMORY, Role.LOCAL, Role.TASK)",
        f"{DONE}::test_a_restart_loses_memory_and_what_is_under_way",
    ),
    Mutant(
        "the clock ticks for what is due",
        "kspec/lower/steps/timers.py",
        "return conj((is_some(value), lt(lit(0), or_else(value, lit(0)))))",
        "return is_some(value)",
        f"{DONE}::test_a_timer_that_is_due_stays_due",
    ),
    Mutant(
        "without a clock what is due elapses again",
        "kspec/lower/steps/timers.py",
        'runs = eq(value, Lit(UNTIMED, "running"))',
        "runs = TRUE",
        f"{DONE}::test_without_a_clock_a_timer_is_due_at_any_time",
    ),
    Mutant(
        "durations are divided by half of what divides them all",
        "kspec/lower/facts.py",
        "return result or Fraction(1)",
        "return (result or Fraction(1)) / 2",
        f"{DONE}::test_durations_keep_their_proportion",
    ),
)

CLAIMS = (
    Mutant(
        "claims about steps read what was before",
        "kspec/lower/properties.py",
        "frame = Frame(bound, Present(), Present(), Sink(), before=before)",
        "frame = Frame(bound, past, past, Sink(), before=before)",
        f"{SAID}::test_a_claim_about_a_step_reads_what_is_after_it",
    ),
    Mutant(
        "before reads what is after",
        "kspec/lower/properties.py",
        "past = Present(is_past=True)",
        "past = Present()",
        f"{SAID}::test_before_reads_what_was_before_the_step",
    ),
    Mutant(
        "where is not asked",
        "kspec/lower/properties.py",
        "body = implies(flag(low, frame, claim.where), body)",
        "pass",
        f"{SAID}::test_where_narrows_a_claim_about_a_step",
    ),
    Mutant(
        "amounts lose half their precision",
        "kspec/lower/values/shapes.py",
        "exact = Fraction(value) / self.unit(type_)\n",
        "exact = Fraction(round(Fraction(value) / self.unit(type_) / 2))\n",
        f"{SAID}::test_amounts_keep_their_proportion",
    ),
    Mutant(
        "the table of names is shifted",
        "kspec/lower/values/tables.py",
        "    results = [value(dict(zip(order, combo, strict=True))) for combo in combos]\n",
        "    results = [value(dict(zip(order, combo, strict=True))) for combo in combos]\n"
        "    results = [*results[1:], *results[:1]]\n",
        f"{SAID}::test_names_are_made_of_names",
    ),
    Mutant(
        "what is free at the start is one value",
        "kspec/lower/initial.py",
        "free.append((index, _chosen(low, slot, value, index, params)))",
        "pass",
        f"{SAID}::test_what_is_free_at_the_start_is_every_value",
    ),
    Mutant(
        "what is assumed of the start is not asked",
        "kspec/lower/initial.py",
        "return Init(tuple(params), conj(conds), assign)",
        "return Init(tuple(params), conj(()), assign)",
        f"{SAID}::test_what_is_free_at_the_start_is_every_value",
    ),
)
