"""Runs the compiled program level by level: room, limits, marks, counts.

Says nothing about properties beyond which marks were set where; `engine` makes answers of it
and `backward` makes traces. The rules are those of docs/engine-contract.md.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import final

from attrs import frozen

from kspec.engines.api import Budget
from kspec.engines.explicit import frame as f
from kspec.engines.explicit.jit import Compiled
from kspec.engines.explicit.memory import Area
from kspec.engines.explicit.plan import Program, StateMark, starts
from kspec.engines.explicit.table import BATCH
from kspec.verdict.answer import Why

QUANTUM = 1 << 15
LOAD = (5, 8)
"""The table is filled to five eighths before it grows."""
FIRST_SLOTS = 1 << 12


@final
@frozen
class Sighting:
    """Mark `which` was first set in `level`; `row` is the least packed state there."""

    which: int
    level: int
    row: int


@final
@frozen
class Switch:
    """Go on with other code for the same program once so many states are stored."""

    states: int
    code: Callable[[], Compiled]


@final
class Search:
    """One search: its memory, and how far it is."""

    def __init__(self, program: Program, code: Compiled, budget: Budget) -> None:
        self.program, self.budget = program, budget
        self._frame = (ctypes.c_uint64 * program.frame.size())()
        self.context = ctypes.addressof(self._frame)
        self._row_bytes = 8 * program.layout.words
        room = program.rows.room()
        self._buffer = Area((room + 1) * self._row_bytes + 64)
        self._places = Area((room + 1) * 8)
        slots = FIRST_SLOTS
        while slots * LOAD[0] // LOAD[1] < 2 * room:
            slots *= 2
        self._table, self._slots = Area(slots * 8), slots
        self._store = Area(self._store_bytes(slots))
        self.marks: dict[int, Sighting] = {}
        self.bounds = [0]
        self.switch: Switch | None = None
        self._use(code)
        self._wire()

    def _use(self, code: Compiled) -> None:
        """Call this code from now on; all that lasts is in memory, in the same form."""
        self.code = code
        self._advance = code.function("advance", 1, gives=True)
        self._look = code.function("look", 3)
        self._enter = code.function("enter", 1)
        self._start = code.function("start", 3)
        self._rehash = code.function("rehash", 1)
        self._lookup = code.function("lookup", 2, gives=True)

    # ---- memory -------------------------------------------------------------------------------

    def _store_bytes(self, slots: int) -> int:
        return (slots * LOAD[0] // LOAD[1] + 1) * self._row_bytes + 64

    def _wire(self) -> None:
        words = self._frame
        words[f.STORE], words[f.TABLE] = self._store.address, self._table.address
        words[f.BUFFER], words[f.PLACES] = self._buffer.address, self._places.address
        words[f.SHIFT] = 64 - (self._slots.bit_length() - 1)
        words[f.MASK] = self._slots - 1
        words[f.LIMIT] = self._slots * LOAD[0] // LOAD[1]

    def memory(self) -> int:
        """Bytes of tables, rows and buffers."""
        areas = (self._store, self._table, self._buffer, self._places)
        return sum(area.size for area in areas)

    def _grow(self) -> bool:
        """Double the table; False if that would break the budget.

        The rows are complete without the table, so the old one goes before the new one comes.
        """
        most, slots = self.budget.max_memory, self._slots * 2
        wanted = slots * 8 + self._store_bytes(slots) + self._buffer.size + self._places.size
        if most is not None and wanted > most:
            return False
        self._table.close()
        try:
            self._store.grow(self._store_bytes(slots))
            self._table, self._slots = Area(slots * 8), slots
        except (MemoryError, OSError):
            self._table, slots = Area(self._slots * 8), 0
        self._wire()
        self._rehash(self.context)
        return slots > 0

    # ---- reading ------------------------------------------------------------------------------

    @property
    def stored(self) -> int:
        """Rows stored, of the level in work too."""
        return int(self._frame[f.STORED])

    def word(self, index: int) -> int:
        """A word of the frame."""
        return int(self._frame[index])

    def set_word(self, index: int, value: int) -> None:
        """Write a word of the frame."""
        self._frame[index] = value

    def row_in_frame(self, index: int) -> int:
        """A row that generated code has copied into the frame."""
        words = self._frame[index : index + self.program.layout.words]
        return sum(word << (64 * k) for k, word in enumerate(words))

    def row(self, index: int) -> int:
        """A stored row."""
        size = self._row_bytes
        return int.from_bytes(self._store.read(index * size, size), "little")

    def has(self, number: int) -> bool:
        """Is a packed state stored?"""
        data = ctypes.create_string_buffer(self.program.layout.row(number), self._row_bytes)
        return bool(self._lookup(self.context, ctypes.addressof(data)))

    # ---- the levels ---------------------------------------------------------------------------

    def initial(self) -> Why | None:
        """Store level 0; a reason if it could not be stored."""
        total, chunk = starts(self.program.system), BATCH
        for low in range(0, total, chunk):
            if not self._has_room() and not self._grow():
                return Why.MEMORY
            self._start(self.context, low, min(total, low + chunk))
            self._enter(self.context)
            if (stop := self._over()) is not None:
                return stop
        self.bounds.append(self.stored)
        return None

    def _has_room(self) -> bool:
        return self.stored + self.program.rows.room() <= self.word(f.LIMIT)

    def _over(self) -> Why | None:
        most, asked = self.budget.max_states, self.budget.interrupted
        if most is not None and self.stored > most:
            return Why.STATES
        if asked is not None and asked():
            return Why.INTERRUPTED
        return None

    def look(self) -> None:
        """Evaluate the state properties in the newest level."""
        self._look(self.context, self.bounds[-2], self.bounds[-1])
        self._collect(lambda which: isinstance(self.program.marks[which], StateMark))

    def expand(self) -> Why | None:
        """Expand the newest level; a reason if it could not be completed."""
        self.set_word(f.CURSOR, self.bounds[-2])
        end = self.bounds[-1]
        while (cursor := self.word(f.CURSOR)) < end:
            self.set_word(f.STOP, min(end, cursor + QUANTUM))
            full = self._advance(self.context)
            if (stop := self._over()) is not None:
                return stop
            if self.switch is not None and self.stored >= self.switch.states:
                self._use(self.switch.code())
                self.switch = None
            if full and not self._grow():
                return Why.MEMORY
        self._collect(lambda which: True)
        self.bounds.append(self.stored)
        return None

    def _collect(self, wanted: Callable[[int], bool]) -> None:
        """Keep the marks that are set for the first time."""
        for which in range(len(self.program.marks)):
            at = self.program.frame.mark(which)
            if which not in self.marks and wanted(which) and self._frame[at]:
                level = len(self.bounds) - 2
                self.marks[which] = Sighting(which, level, self.row_in_frame(at + 1))

    def counters(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Transitions, and states with a cut, of each action so far."""
        frame = self.program.frame
        actions = range(frame.actions)
        fired = tuple(self.word(frame.fired(i)) for i in actions)
        return fired, tuple(self.word(frame.cut(i)) for i in actions)
