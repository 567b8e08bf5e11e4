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
JOURNAL = "tests/engines/explicit/test_journal.py"
SPILL = "tests/engines/explicit/test_spill.py"
CODES = "tests/engines/explicit/test_codes.py"
LARGER = "tests/random/test_larger.py"
EDGES = "tests/engines/explicit/test_edges.py"
TURNS = "tests/engines/explicit/test_turns.py::test_what_is_found_is_what_one_finds"
CROWDED = "tests/engines/explicit/test_random.py::test_random_systems_of_crowded_workers"

LAYOUT = (
    Mutant(
        "a field is a bit too narrow",
        "kspec/engines/explicit/store/layout.py",
        "return max(0, count - 1).bit_length()",
        "return max(0, count - 2).bit_length()",
        f"{LAYOUT}::test_packing_keeps_order_and_values",
    ),
    Mutant(
        "ranges of equal width are taken for equal",
        "kspec/engines/explicit/store/layout.py",
        "return a.lo == b.lo and bits_of(a) == bits_of(b)",
        "return bits_of(a) == bits_of(b)",
        f"{RARE}::test_a_value_moves_to_a_wider_sort",
    ),
    Mutant(
        "small slots are given to states that do not fit them",
        "kspec/engines/explicit/store/lines.py",
        "return 32 if self.exact and self.domain <= MOST_SMALL else 64",
        "return 32 if self.exact and self.domain <= 64 else 64",
        f"{EDGES}::test_slots_of_every_size_tell_states_apart",
    ),
    Mutant(
        "the smallest table leaves too much of a hash for a slot",
        "kspec/engines/explicit/store/lines.py",
        "left = self.domain + DISTANCE_BITS - self.slot_bits if self.exact else 0",
        "left = self.domain - self.slot_bits - 4 if self.exact else 0",
        f"{EDGES}::test_slots_of_every_size_tell_states_apart",
    ),
    Mutant(
        "a write that crosses words stops at the first",
        "kspec/engines/explicit/code/writes.py",
        "for k in range(write.shift // 64, (write.shift + size - 1) // 64 + 1):",
        "for k in range(write.shift // 64, write.shift // 64 + 1):",
        WORDS,
    ),
)

CODE = (
    Mutant(
        "the payload of an absent option is kept",
        "kspec/engines/explicit/code/values.py",
        "kept = em.select(some, body, number(bits, 0))",
        "kept = em.select(some, body, body)",
        RANDOM,
    ),
    Mutant(
        "the tail of a sequence is kept",
        "kspec/engines/explicit/code/convert.py",
        'kept = em.select(em.compare("ult", place, count), bits, number(bits.bits, 0))',
        'kept = em.select(em.compare("ult", place, count), bits, bits)',
        f"{RARE}::test_a_value_moves_to_a_wider_sort",
    ),
    Mutant(
        "compiled sorting reverses ties",
        "kspec/engines/explicit/code/sorting.py",
        "before = precedes(em, other, row, TRUE if j < i else FALSE)",
        "before = precedes(em, other, row, TRUE if j > i else FALSE)",
        NATIVE_VALUES,
    ),
    Mutant(
        "compiled best forgets ties",
        "kspec/engines/explicit/code/binders.py",
        "tied = em.both(em.flip(take), em.either(tied, tie))",
        "tied = em.both(em.flip(take), em.both(tied, tie))",
        NATIVE_VALUES,
    ),
    Mutant(
        "instances of several parameters share a place",
        "kspec/engines/explicit/code/actions.py",
        "base = em.mul(rank, number(64, count))",
        "base = rank",
        RANDOM,
    ),
)

RANGE = (
    Mutant(
        "nothing is below a range",
        "kspec/engines/explicit/code/convert.py",
        'above = TRUE if least <= lo else em.compare("sle", _bound(op, least), op)',
        "above = TRUE",
        RANDOM,
    ),
    Mutant(
        "a place that varies is compared with no constant one",
        "kspec/engines/explicit/code/writes.py",
        "        if head is None:\n",
        "        if head is None and var not in {v for v, _ in groups}:\n",
        f"{RARE}::test_places_that_may_meet",
    ),
    Mutant(
        "inactive updates overlap",
        "kspec/engines/explicit/code/writes.py",
        "return em.both(same, em.both(one.when, two.when))",
        "return same",
        f"{RARE}::test_places_that_may_meet",
    ),
    Mutant(
        "compiled code overlooks a place within another",
        "kspec/engines/explicit/code/writes.py",
        "    for a, b in zip(one.path, two.path, strict=False):\n",
        "    if len(one.path) != len(two.path):\n"
        "        return FALSE\n"
        "    for a, b in zip(one.path, two.path, strict=False):\n",
        f"{RARE}::test_places_that_may_meet",
    ),
    Mutant(
        "inactive updates miss their targets",
        "kspec/engines/explicit/code/writes.py",
        "dead = em.either(dead, em.both(write.when, em.flip(write.live)))",
        "dead = em.either(dead, em.flip(write.live))",
        RANDOM,
    ),
)

CUTS = (
    Mutant(
        "cut instances are taken",
        "kspec/engines/explicit/code/actions.py",
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

WORKERS = (
    Mutant(
        "an insert is lost when two workers want one slot",
        "kspec/engines/explicit/store/table.py",
        "em.branch(won, fresh, walk.again)",
        "em.branch(won, fresh, walk.found)",
        f"{RARE}::test_workers_that_meet_in_one_line",
    ),
    Mutant(
        "a row is stored although another worker was faster",
        "kspec/engines/explicit/store/table.py",
        "em.branch(won, fresh, walk.again)",
        "em.branch(number(1, 1), fresh, walk.again)",
        f"{RARE}::test_workers_that_meet_in_one_line",
    ),
    Mutant(
        "two workers fill one block",
        "kspec/engines/explicit/store/table.py",
        "atomicrmw add {at.typed}, i64 {rows.block} monotonic",
        "atomicrmw add {at.typed}, i64 {rows.block // 2} monotonic",
        CROWDED,
    ),
    Mutant(
        "the holes that workers leave are not closed",
        "kspec/engines/explicit/store/storage.py",
        "self._fill([hole for hole in holes if hole[0] < hole[1]], total, end)",
        "pass",
        f"{LARGER}::test_thousands_of_states_and_crowded_workers",
    ),
    Mutant(
        "a row that was moved is looked for where it was",
        "kspec/engines/explicit/store/table.py",
        "em.store(becomes, em.offset(line_at(em, parts.table, here), by))",
        "em.store(was, em.offset(line_at(em, parts.table, here), by))",
        TURNS,
    ),
    Mutant(
        "only the first worker's marks count",
        "kspec/engines/explicit/search.py",
        "frames = [w.frame for w in self.workers.all if w.frame[at]]",
        "frames = [w.frame for w in self.workers.all[:1] if w.frame[at]]",
        CROWDED,
    ),
    Mutant(
        "the greatest of the workers' marks is reported",
        "kspec/engines/explicit/search.py",
        "row = min(self._row_of(frame, at + 1) for frame in frames)",
        "row = max(self._row_of(frame, at + 1) for frame in frames)",
        TURNS,
    ),
    Mutant(
        "only the first worker's transitions count",
        "kspec/engines/explicit/search.py",
        "return tuple(sum(int(w.frame[at]) for w in self.workers.all) for at in places)",
        "return tuple(int(self.workers.first.frame[at]) for at in places)",
        CROWDED,
    ),
    Mutant(
        "the last state of a worker's chunk is left out",
        "kspec/engines/explicit/loop.py",
        "behind = em.add(taken, number(64, CHUNK))",
        "behind = em.add(taken, number(64, CHUNK - 1))",
        f"{LARGER}::test_thousands_of_states",
    ),
    Mutant(
        "the search stops in the middle of a level",
        "kspec/engines/explicit/search.py",
        "            low = high\n",
        "            low = end\n",
        TURNS,
    ),
    Mutant(
        "what waits to be looked up is lost when the table is full",
        "kspec/engines/explicit/loop.py",
        "em.store(upto, done)",
        "em.store(waiting, done)",
        f"{LARGER}::test_thousands_of_states_and_crowded_workers",
    ),
    Mutant(
        "a row displaced to another line is taken for that line's",
        "kspec/engines/explicit/store/table.py",
        "em.add(distance, number(64, 1)))",
        "number(64, 1))",
        f"{LARGER}::test_thousands_of_states_and_crowded_workers",
    ),
    Mutant(
        "a displaced row has another hash in the next table",
        "kspec/engines/explicit/store/table.py",
        "upper = em.up(em.sub(here, distance), was)",
        "upper = em.up(here, was)",
        f"{LARGER}::test_thousands_of_states_and_crowded_workers",
    ),
    Mutant(
        "the lines behind the last are forgotten when the table grows",
        "kspec/engines/explicit/store/storage.py",
        "ranges, one = self.workers.split(0, (1 << was) + PAD), (old.address",
        "ranges, one = self.workers.split(0, 1 << was), (old.address",
        f"{LARGER}::test_thousands_of_states_and_crowded_workers",
    ),
)

LASTING = (
    Mutant(
        "a search goes on one level late",
        "kspec/engines/explicit/store/journal.py",
        'search.go_on(head["bounds"], head["fired"]',
        'search.go_on([*head["bounds"], search.stored], head["fired"]',
        f"{JOURNAL}::test_a_search_goes_on_from_every_level",
    ),
    Mutant(
        "transitions before a checkpoint are forgotten",
        "kspec/engines/explicit/search.py",
        "self.set_word(frame.fired(i), fired[i])",
        "self.set_word(frame.fired(i), 0)",
        f"{JOURNAL}::test_a_search_goes_on_from_every_level",
    ),
    Mutant(
        "what was found before a checkpoint is forgotten",
        "kspec/engines/explicit/search.py",
        "self.marks = {mark.which: mark for mark in marks}",
        "self.marks = {}",
        f"{JOURNAL}::test_random_systems_go_on",
    ),
    Mutant(
        "a damaged checkpoint is taken",
        "kspec/engines/explicit/store/journal.py",
        'if self._hash.hexdigest() != head["rows"] or search.came_back != count:',
        "if search.came_back > count:",
        f"{JOURNAL}::test_a_changed_byte_is_refused",
    ),
    Mutant(
        "a checkpoint of another system is taken",
        "kspec/engines/explicit/store/journal.py",
        "if head.get(name) != value:",
        "if name not in head:",
        f"{JOURNAL}::test_another_search_is_refused",
    ),
    Mutant(
        "rows beyond the last checkpoint stay in the file",
        "kspec/engines/explicit/store/journal.py",
        "            file.truncate(self._length)\n            file.seek(self._length)\n",
        "            file.seek(0, 2)\n",
        f"{JOURNAL}::test_rows_beyond_the_head_do_not_count",
    ),
    Mutant(
        "what is still in memory of a queue is left out",
        "kspec/engines/explicit/store/spill.py",
        "        data = self._of(segment)\n        for at in range(0, len(data)",
        '        data = b""\n        for at in range(0, len(data)',
        f"{SPILL}::test_the_same_in_files",
    ),
    Mutant(
        "the last segment is not looked up",
        "kspec/engines/explicit/store/spill.py",
        "for segment in range(queues.count):",
        "for segment in range(queues.count - 1):",
        f"{SPILL}::test_the_same_in_files",
    ),
    Mutant(
        "the table is empty after it went to a file",
        "kspec/engines/explicit/store/storage.py",
        "table.copy(self._table, self._table.size)",
        "pass",
        f"{SPILL}::test_the_same_in_files",
    ),
    Mutant(
        "memory without a file is asked to rest",
        "kspec/engines/explicit/store/memory.py",
        'if self._file is None or not hasattr(mmap, "MADV_DONTNEED"):',
        'if not hasattr(mmap, "MADV_DONTNEED"):',
        "tests/engines/explicit/test_spill.py::test_memory_without_a_file_is_not_let_go",
    ),
    Mutant(
        "code that was changed is run",
        "kspec/engines/explicit/llvm/codes.py",
        "if not data.startswith(FORM) or _checksum(key, code) != said:",
        "if not data.startswith(FORM):",
        f"{CODES}::test_what_was_changed_is_ignored",
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
        "occurrences are looked at on steps into new states only",
        "kspec/engines/explicit/expansion.py",
        "                note_if(em, program, mark, em.flip(truth), SRC, program.marks[mark].name)\n",
        "                last = em.sub(em.load(self.count, 64), number(64, 1))\n"
        '                at = f.row_at(em, Op(0, "%out"), last, program.layout.words)\n'
        '                known = Op(64, em.fresh("known"))\n'
        '                em.line(f"{known.ref} = call i64 @lookup(ptr %ctx, {at.typed})")\n'
        '                bad = em.both(em.flip(truth), em.compare("eq", known, number(64, 0)))\n'
        "                note_if(em, program, mark, bad, SRC, program.marks[mark].name)\n",
        CONTRACT,
    ),
    Mutant(
        "steps that change nothing are not counted",
        "kspec/engines/explicit/expansion.py",
        "        em.store(em.add(count, by), self.count)\n",
        "        still = f.same_row(em, at, SRC, self.program.layout.words)\n"
        "        by = em.select(still, number(64, 0), by)\n"
        "        em.store(em.add(count, by), self.count)\n",
        CONTRACT,
    ),
    Mutant(
        "a trace goes through any state of a level that leads on",
        "kspec/engines/explicit/probing.py",
        "em.either(first, less_row(em, here, best, words))",
        "first",
        CONTRACT,
    ),
    Mutant(
        "rows are told apart by their first word",
        "kspec/engines/explicit/store/table.py",
        "same = same_row(em, row, other, rows.words)",
        "same = same_row(em, row, other, 1)",
        f"{RARE}::test_rows_that_all_have_one_hash",
    ),
    Mutant(
        "a table that has grown is empty",
        "kspec/engines/explicit/store/storage.py",
        'failed = self.workers.spread("rehash", pieces)',
        "failed: list[int] = []",
        f"{LARGER}::test_thousands_of_states",
    ),
    Mutant(
        "the last of a batch of initial states is lost",
        "kspec/engines/explicit/search.py",
        'self.workers.call("start", low, min(total, low + BATCH))',
        'self.workers.call("start", low, min(total, low + BATCH - 1))',
        f"{LARGER}::test_thousands_of_states",
    ),
    Mutant(
        "a limit on states is one too low",
        "kspec/engines/explicit/search.py",
        "if budget.max_states is not None and self.stored > budget.max_states:",
        "if budget.max_states is not None and self.stored >= budget.max_states:",
        CONTRACT,
    ),
    Mutant(
        "a later level replaces what was found",
        "kspec/engines/explicit/search.py",
        "if which not in self.marks and wanted(which) and frames:",
        "if wanted(which) and frames:",
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
    *WORKERS,
    *LASTING,
)
