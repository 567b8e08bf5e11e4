"""Mistakes in what makes long runs last: files, checkpoints, hashes for states, listings."""

from __future__ import annotations

from typing import Final

from tests.mutants.harness import Mutant

EXPLICIT: Final = "kspec/engines/explicit"
SPILL: Final = "tests/engines/explicit/test_spill.py"
JOURNAL: Final = "tests/engines/explicit/test_journal.py"
LOSSY: Final = "tests/engines/explicit/test_lossy.py"
TRAP: Final = "tests/traps/test_lossy.py"

FILES = (
    Mutant(
        "a table in files grows without its last segment",
        f"{EXPLICIT}/store/storage.py",
        "for segment in range(1 << self.segment_bits):",
        "for segment in range((1 << self.segment_bits) - 1):",
        f"{SPILL}::test_the_same_in_files",
    ),
    Mutant(
        "the lines behind the last are forgotten when a table in files grows",
        f"{EXPLICIT}/store/storage.py",
        "end = (1 << was) + PAD\n",
        "end = 1 << was\n",
        f"{SPILL}::test_the_same_in_files",
    ),
    Mutant(
        "of rows in files only the first part is looked at",
        f"{EXPLICIT}/store/storage.py",
        "for at in range(low, high, self.piece):",
        "for at in range(low, min(high, low + 1), self.piece):",
        f"{SPILL}::test_the_same_in_files",
    ),
)

CHECKPOINTS = (
    Mutant(
        "a head is written before its rows are sure",
        f"{EXPLICIT}/store/journal.py",
        "            file.flush()\n            os.fsync(file.fileno())\n        marks",
        "            file.flush()\n        marks",
        f"{JOURNAL}::test_killed_inside_a_checkpoint",
    ),
    Mutant(
        "a head is written in place",
        f"{EXPLICIT}/store/journal.py",
        'aside = self.directory / "head.new"',
        "aside = self._head",
        f"{JOURNAL}::test_killed_inside_a_checkpoint",
    ),
    Mutant(
        "nobody is told that a search begins anew",
        f"{EXPLICIT}/store/journal.py",
        'self._say(f"begins anew: there is no checkpoint of it in {self.directory.parent}")',
        "pass",
        f"{JOURNAL}::test_where_nothing_is_a_search_begins_anew_and_says_so",
    ),
    Mutant(
        "a search goes on beyond the limit that it had reached",
        f"{EXPLICIT}/engine.py",
        "why = self._limit() if self.goes_on else self.search.initial()",
        "why = None if self.goes_on else self.search.initial()",
        f"{JOURNAL}::test_a_limit_that_is_reached_is_no_reason_to_go_on",
    ),
    Mutant(
        "what was counted in a level that was cut short is written down",
        f"{EXPLICIT}/engine.py",
        "self.journal.level(self.search, (self.fired, self.cut), now)",
        "self.journal.level(self.search, self.search.counters(), now)",
        f"{JOURNAL}::test_a_limit_that_is_reached_is_no_reason_to_go_on",
    ),
)

HASHES = (
    Mutant(
        "a lossy search that ends says that it saw everything",
        f"{EXPLICIT}/engine.py",
        "complete = why is None and not lossy",
        "complete = why is None",
        f"{LOSSY}::test_random_systems",
    ),
    Mutant(
        "what a lossy search did not find is absent",
        f"{EXPLICIT}/engine.py",
        "if lossy else _rest(why, reached, cuts)",
        "if lossy < 0 else _rest(why, reached, cuts)",
        f"{TRAP}::test_no_word_of_a_lossy_search_rests_on_having_seen_everything",
    ),
    Mutant(
        "a lossy search has no bug to the depth of its limit",
        f"{EXPLICIT}/engine.py",
        "if lossy else _rest(why, reached, cuts)",
        "if lossy and why is None else _rest(why, reached, cuts)",
        f"{LOSSY}::test_a_limit_is_no_depth_without_a_bug",
    ),
    Mutant(
        "workers race for who is left out",
        f"{EXPLICIT}/plan.py",
        "if lossy and (shared or order is not None):",
        "if lossy and order is not None:",
        f"{LOSSY}::test_who_shares_keeps_whole_states",
    ),
    Mutant(
        "a hash is of the first word",
        f"{EXPLICIT}/store/lines.py",
        '(total,) = em.repeat(rows.words, [number(64, MULTIPLY[0])], mix, "hash")',
        '(total,) = em.repeat(1, [number(64, MULTIPLY[0])], mix, "hash")',
        f"{LOSSY}::test_every_word_of_a_state_counts",
    ),
)
