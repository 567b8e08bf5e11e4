"""The rows of a search and the table over them: room, growth, holes, look-ups.

One array of rows, level after level. Several workers fill blocks of it and leave holes, which
`settle` closes: then the rows are 0 .. `stored` - 1. Next: `search`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias, final

from kspec.engines.explicit import frame as f
from kspec.engines.explicit.plan import Program
from kspec.engines.explicit.store.lines import LINE_BYTES, PAD
from kspec.engines.explicit.store.memory import Area
from kspec.engines.explicit.store.table import BATCH, room
from kspec.engines.explicit.workers import Workers

ENTER = 1 << 15
"""Rows that are looked up at once when the table lies in files."""
AROUND = 1 << 16
"""Bytes of a file that may come into memory where one byte of it is read."""
MOST_SEGMENTS = 8
"""Log2."""
Put: TypeAlias = Callable[..., int]


@final
class Storage:
    """Where states are kept while a search runs."""

    def __init__(
        self,
        program: Program,
        workers: Workers,
        spill: Path | None = None,
        most: int | None = None,
    ) -> None:
        """`most`: bytes that may be in memory; beyond them, all goes to files in `spill`."""
        self.program, self.rows, self.workers = program, program.rows, workers
        self.row_bytes = 8 * program.layout.words
        self.lines = self.rows.least_lines
        # More than one batch for each worker, beyond what the table takes.
        self._slack = len(workers.all) * (room(self.rows) + 2 * self.rows.block)
        self._spill, self.spilled, self.queued = spill, False, 0
        # Of what lies in files: rows, and as much again that is new, are in memory at once.
        self.piece = 0 if most is None else max(BATCH, most // (16 * self.row_bytes))
        self.together_rows = ENTER
        if most is not None:
            each = self.row_bytes if self.rows.exact else AROUND
            self.together_rows = min(ENTER, max(BATCH, most // (8 * each)))
        self._most, self._rested = most or 0, 0
        # A hunter needs its rows for traces alone: they go to a file at once.
        self._apart = spill if self.rows.lossy else None
        if self._apart is not None:
            self.piece = self.piece or ENTER
        self._table = Area(self._table_bytes(self.lines))
        self._store = Area(self._store_bytes(self.lines), self._apart)
        self._alone = True
        self._wire()
        self.alone(0)

    # ---- room ---------------------------------------------------------------------------------

    def limit(self, lines: int) -> int:
        """Rows that a table of so many lines (log2) is for."""
        return self.rows.fill << lines

    def _table_bytes(self, lines: int) -> int:
        return ((1 << lines) + PAD) * LINE_BYTES

    def _store_bytes(self, lines: int) -> int:
        return (self.limit(lines) + self._slack) * self.row_bytes + 64

    def _shift(self, lines: int) -> int:
        return self.rows.domain - lines

    def _wire(self) -> None:
        set_all = self.workers.set_all
        set_all(f.STORE, self._store.address)
        set_all(f.TABLE, self._table.address)
        set_all(f.SHIFT, self._shift(self.lines))
        set_all(f.LIMIT, self.limit(self.lines))
        set_all(f.LINES, (1 << self.lines) + PAD)

    def memory(self) -> int:
        """Bytes of table, rows and buffers; of those in files, what is in memory at once."""
        if self.spilled:
            parts = (self._table.size >> self.segment_bits) + 2 * self.piece * self.row_bytes
            return self.workers.memory() + self.queued + parts
        return self._table.size + self._rows_in_memory(self._store.size) + self.workers.memory()

    def _rows_in_memory(self, size: int) -> int:
        return size if self._apart is None else 2 * self.piece * self.row_bytes

    def grow(self, most: int | None) -> bool:
        """Double the table, while no worker works; False if that needs more than `most` bytes,
        and nothing may lie in files."""
        self.settle()
        lines = self.lines + 1
        while True:
            try:
                if most is not None and not self._fits(lines, most):
                    return False
                if self._grow(lines):
                    return True
            except (MemoryError, OSError):
                return False
            lines += 1

    def _fits(self, lines: int, most: int) -> bool:
        """May the table grow: in memory, or in files from now on? Raises `OSError`."""
        if not self.spilled and self._growing_bytes(lines) > most:
            if self._spill is None or self.rows.lossy:
                return False
            self._to_files(self._spill)
        return True

    def _to_files(self, directory: Path) -> None:
        """Table and rows go on in files."""
        self._slack += self.together_rows
        store = Area(max(self._store.size, self._store_bytes(self.lines)), directory)
        table = Area(self._table.size, directory)
        store.copy(self._store, self._stored * self.row_bytes)
        table.copy(self._table, self._table.size)
        self._store.close()
        self._table.close()
        self._store, self._table, self.spilled = store, table, True
        self.workers.enlarge(self.together_rows)
        self._wire()
        self.alone(self._stored)

    # ---- from a checkpoint --------------------------------------------------------------------

    def to_files_for(self, count: int) -> bool:
        """Make room in files for so many rows that were stored before, if memory will not do."""
        if self._spill is None or not self._most or self.rows.lossy:
            return False
        lines = self.lines
        while self.limit(lines) < count:
            lines += 1
        both = self._table_bytes(lines) + self._table_bytes(max(self.lines, lines - 1))
        if both + self._store_bytes(lines) + self.workers.memory() <= self._most:
            return False
        self._to_files(self._spill)
        self._grow(lines)
        return True

    def put_rows(self, index: int, data: bytes) -> None:
        """Rows into files, from this one on; the table does not know them yet."""
        self._store.write(index * self.row_bytes, data)
        self.rest_rows(index, index + len(data) // self.row_bytes)

    def refill(self, count: int, put: Put) -> None:
        """Rows 0 .. count-1 are there: put them into the table, a segment at a time. `put` puts
        in those of an interval of hashes, and of rows, and tells whether there was no slot."""
        self.alone(count)
        while not self._put_in(count, put):
            self._table.close()
            self.lines += 1
            self._table = Area(self._table_bytes(self.lines), self._spill)
            self._wire()
            self.alone(count)

    @property
    def segment_bits(self) -> int:
        """Log2 of the parts into which a table in files is taken apart, each to be in memory."""
        bits = 1
        while bits < MOST_SEGMENTS and self._table.size >> bits > self._most // 4:
            bits += 1
        return min(bits, self.lines)

    def parts(self, low: int, high: int) -> Iterator[tuple[int, int]]:
        """Rows low .. high-1 to be gone through: all at once, or where they lie in files, some
        at a time, which leave the memory afterwards."""
        if not self.spilled and self._apart is None:
            yield low, high
            return
        for at in range(low, high, self.piece):
            end = min(high, at + self.piece)
            yield at, end
            self.rest_rows(at, end)

    def rest_rows(self, low: int, high: int) -> None:
        """These rows are not needed for a while."""
        self._store.rest(low * self.row_bytes, (high - low) * self.row_bytes)

    def rest_new(self) -> None:
        """Rows were looked up and some are new: let those go that are too many to stay."""
        if not self.rows.exact:
            self._store.rest()
        elif self.stored - self._rested >= self.piece:
            self.rest_rows(self._rested, self.stored)
            self._rested = self.stored

    def rest_all(self) -> None:
        """Nothing is needed for a while."""
        self._store.rest()
        self._table.rest()

    def _growing_bytes(self, lines: int) -> int:
        both = self._table.size + self._table_bytes(lines)
        return both + self._rows_in_memory(self._store_bytes(lines)) + self.workers.memory()

    def _grow(self, lines: int) -> bool:
        """To so many lines; False if some row then found no slot, and more lines are needed."""
        self._store.grow(max(self._store.size, self._store_bytes(lines)))
        old, was = self._table, self.lines
        directory = self._spill if self.spilled else None
        self._table, self.lines = Area(self._table_bytes(lines), directory), lines
        self._wire()
        self.alone(self._stored)
        if self._refilled(old, was):
            old.close()
            return True
        self._table.close()
        self._table, self.lines = old, was
        self._wire()
        return False

    def _refilled(self, old: Area, was: int) -> bool:
        """Put everything into the new table; False if some row found no slot."""
        if self.spilled:
            return self._refilled_on_disk(old, was)
        if self.rows.exact:
            ranges, one = self.workers.split(0, (1 << was) + PAD), (old.address, self._shift(was))
        else:
            ranges, one = self.workers.split(0, self._stored), (0, (1 << 64) - 1)
        pieces = [(one[0], low, high, one[1]) for low, high in ranges]
        failed = self.workers.spread("rehash", pieces)
        return not any(failed)

    def _refilled_on_disk(self, old: Area, was: int) -> bool:
        """The same with a part of the tables in memory at a time."""
        failed = 0
        if self.rows.exact:
            lines = max(BATCH, self._most // (16 * LINE_BYTES))
            end = (1 << was) + PAD
            for low in range(0, end, lines):
                high = min(end, low + lines)
                failed |= self.workers.call("rehash", old.address, low, high, self._shift(was))
                old.rest(low * LINE_BYTES, (high - low) * LINE_BYTES)
                self._table.rest()
            return not failed
        # Rows lie in no order of hashes: they are gone through for each part of the table.
        return self._put_in(self._stored, lambda *some: self.workers.call("rehash", *some))

    def _put_in(self, count: int, put: Put) -> bool:
        failed, bits = 0, self.rows.domain - self.segment_bits
        for segment in range(1 << self.segment_bits):
            first, last = segment << bits, ((segment + 1) << bits) - 1
            for low, high in self.parts(0, count):
                failed |= put(first, low, high, last)
            self._table.rest()
        return not failed

    # ---- holes --------------------------------------------------------------------------------

    def alone(self, stored: int) -> None:
        """From now on the first worker stores rows, one after the other."""
        frame, self._stored = self.workers.first.frame, stored
        self.workers.set_all(f.POS, 0)
        self.workers.set_all(f.END, 0)
        frame[f.POS], frame[f.END] = stored, self._store.size // self.row_bytes
        self.workers.set_shared(f.NEXT, stored)
        self._alone = True

    def together(self) -> None:
        """From now on all workers take blocks."""
        self.settle()
        self.workers.set_shared(f.NEXT, self._stored)
        self.workers.set_all(f.POS, 0)
        self.workers.set_all(f.END, 0)
        self._alone = False

    @property
    def stored(self) -> int:
        """How many rows there are."""
        if self._alone:
            return int(self.workers.first.frame[f.POS])
        holes = sum(int(w.frame[f.END]) - int(w.frame[f.POS]) for w in self.workers.all)
        return self.workers.shared(f.NEXT) - holes

    def settle(self) -> None:
        """Close the holes: the last rows go there."""
        total = self.stored
        if not self._alone:
            end = self.workers.shared(f.NEXT)
            holes = sorted((int(w.frame[f.POS]), int(w.frame[f.END])) for w in self.workers.all)
            self._fill([hole for hole in holes if hole[0] < hole[1]], total, end)
        self.alone(total)

    def _fill(self, holes: list[tuple[int, int]], total: int, end: int) -> None:
        """Move the rows that lie at `total` or behind into the holes before it."""
        behind: list[tuple[int, int]] = []
        at = total
        for low, high in holes:
            if high > total:
                if max(low, total) > at:
                    behind.append((at, max(low, total)))
                at = high
        if at < end:
            behind.append((at, end))
        for low, high in holes:
            low_, high_ = low, min(high, total)
            while low_ < high_:
                source, until = behind.pop()
                count = min(until - source, high_ - low_)
                self.workers.call("move", until - count, low_, count)
                low_ += count
                if source < until - count:
                    behind.append((source, until - count))

    # ---- reading ------------------------------------------------------------------------------

    def row(self, index: int) -> int:
        """A stored row."""
        size = self.row_bytes
        return int.from_bytes(self._store.read(index * size, size), "little")

    def bytes_at(self, at: int, count: int) -> bytes:
        """Some bytes of the rows."""
        return self._store.read(at, count)

    def find(self, number: int) -> int:
        """0 if a packed state is not stored; its index + 1 if rows are indexed, else 1."""
        data = ctypes.create_string_buffer(self.program.layout.row(number), self.row_bytes)
        return self.workers.call("lookup", ctypes.addressof(data))
