"""Runs the compiled program level by level: workers, limits, marks, counts.

Says nothing about properties beyond which marks were set where; `engine` makes answers of it
and `backward` makes traces. The rules are those of docs/engine-contract.md. Counts are sums over
the workers and marks are least rows, so nothing depends on who did what. Next: `store.storage`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING, final

from attrs import frozen

from kspec.engines.api import Budget, Moment
from kspec.engines.explicit import frame as f
from kspec.engines.explicit.llvm.jit import Compiled
from kspec.engines.explicit.plan import Program, StateMark, starts
from kspec.engines.explicit.program import refill_module
from kspec.engines.explicit.reductions.stubborn import LEFT_OUT, REDUCED
from kspec.engines.explicit.store.storage import Storage
from kspec.engines.explicit.store.table import BATCH
from kspec.engines.explicit.workers import Workers
from kspec.verdict.answer import Why

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

PATIENCE = 0.05
"""Seconds after which somebody may ask how far it is, or stop it."""
FUNCTIONS = {
    "advance": 0,
    "look": 2,
    "enter": 0,
    "start": 2,
    "rehash": 4,
    "lookup": 1,
    "move": 3,
    "sift": 6,
    "scatter": 6,
}
"""What a module has, with the number of arguments behind the frame; all but some give a number."""
GIVES_NOTHING = frozenset({"look", "enter", "start", "move", "canon"})


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
    """Go on with other code for the same program, once so many states are stored and it is made;
    it is made meanwhile."""

    states: int
    code: Callable[[], Compiled]


@final
class Search:
    """One search: its memory, and how far it is."""

    def __init__(self, program: Program, code: Compiled, budget: Budget, workers: int = 1) -> None:
        if workers > 1 and not program.rows.shared:
            raise ValueError("a program for one worker")
        self.program, self.budget = program, budget
        self.workers = Workers(program, workers)
        self.context = self.workers.first.context
        self._frame = self.workers.first.frame
        self._use(code)
        self.storage = Storage(program, self.workers, budget.spill, budget.max_memory)
        self.marks: dict[int, Sighting] = {}
        self.bounds = [0]
        self.switch: Switch | None = None
        self._back: int | None = None
        self._maker: ThreadPoolExecutor | None = None
        self._making: Future[Compiled] | None = None
        self._quantum = program.tuning.quantum
        self._began = perf_counter()

    def _use(self, code: Compiled) -> None:
        """Call this code from now on; all that lasts is in memory, in the same form."""
        functions = {
            name: code.function(name, 1 + count, gives=name not in GIVES_NOTHING)
            for name, count in FUNCTIONS.items()
        }
        if self.program.orbits is not None:
            functions["canon"] = code.function("canon", 2)
        self.workers.use(code, functions)

    # ---- reading ------------------------------------------------------------------------------

    @property
    def stored(self) -> int:
        """Rows stored, of the level in work too."""
        return self.storage.stored

    def word(self, index: int) -> int:
        """A word of the first worker's frame."""
        return int(self._frame[index])

    def set_word(self, index: int, value: int) -> None:
        """Write a word of the first worker's frame."""
        self._frame[index] = value

    def row_in_frame(self, index: int) -> int:
        """A row that generated code has copied into the first worker's frame."""
        return self._row_of(self._frame, index)

    def _row_of(self, frame: ctypes.Array[ctypes.c_uint64], index: int) -> int:
        words = frame[index : index + self.program.layout.words]
        return sum(word << (64 * k) for k, word in enumerate(words))

    def row(self, index: int) -> int:
        """A stored row."""
        return self.storage.row(index)

    def canonical(self, number: int) -> int:
        """What is stored for a packed state: itself, or the image that stands for its orbit."""
        if self.program.orbits is None:
            return number
        row = ctypes.create_string_buffer(self.program.layout.row(number), self._row_room())
        self.workers.call("canon", ctypes.addressof(row))
        return int.from_bytes(row.raw[: 8 * self.program.layout.words], "little")

    def _row_room(self) -> int:
        # Generated code reads some bytes beyond a row.
        return 8 * self.program.layout.words + 64

    def has(self, number: int) -> bool:
        """Is a packed state stored?"""
        return self.storage.find(number) > 0

    def draw(self, total: int, count: int, seed: int) -> tuple[int, ...]:
        """`count` of the first `total` rows, the same for any order that they lie in."""
        below = min(2**64 - 1, (2**64 * (2 * count + 64)) // max(1, total))
        places = 4 * count + 1024
        found = (ctypes.c_uint64 * (2 * places))()
        while True:
            got = 0
            for low, high in self.storage.parts(0, total):
                room = max(0, places - got)
                address = ctypes.addressof(found) + 16 * (places - room)
                got += self.workers.call("sift", low, high, seed, below, address, room)
            if got >= min(count, total) or below == 2**64 - 1:
                break
            below = min(2**64 - 1, below * 2)
        pairs = sorted((int(found[2 * i]), int(found[2 * i + 1])) for i in range(min(got, places)))
        rows = sorted((hashed, self.row(index)) for hashed, index in pairs)
        return tuple(row for _, row in rows[:count])

    # ---- going on from a checkpoint -----------------------------------------------------------

    def expect(self, count: int) -> None:
        """So many rows will be put back."""
        self._back = 0 if self.storage.to_files_for(count) else None

    @property
    def came_back(self) -> int:
        """How many rows were put back; in memory, how many different ones."""
        return self.stored if self._back is None else self._back

    def put_back(self, data: bytes) -> None:
        """Store rows that were stored before, in their order. `MemoryError` if there is no room."""
        size = 8 * self.program.layout.words
        if self._back is not None:
            self.storage.put_rows(self._back, data)
            self._back += len(data) // size
            return
        for at in range(0, len(data), BATCH * size):
            if not self.enter(data[at : at + BATCH * size]):
                raise MemoryError

    def enter(self, data: bytes) -> bool:
        """Look up rows, no more than fit a batch; False if there is no room."""
        self.workers.put(data)
        self.set_word(f.PENDING, len(data) // (8 * self.program.layout.words))
        return self._enter()

    def _enter(self) -> bool:
        """Look up what is in the first worker's buffer; False if there is no room."""
        self.workers.set_shared(f.LAST_CHUNK, 0)
        self.workers.call("enter")
        while self.workers.call("advance"):
            if not self.storage.grow(self.budget.max_memory):
                return False
        return True

    def go_on(
        self, bounds: list[int], fired: list[int], cut: list[int], marks: list[Sighting]
    ) -> None:
        """Be where another search was at the end of a level; its rows were put back."""
        if self._back is not None:
            code = Compiled(refill_module(self.program), 2)
            put = code.function("rehash", 5, gives=True)
            self.storage.refill(self._back, lambda *some: put(self.context, *some))
        frame = self.program.frame
        self.bounds = list(bounds)
        for i in range(frame.actions):
            self.set_word(frame.fired(i), fired[i])
            self.set_word(frame.cut(i), cut[i])
        self.marks = {mark.which: mark for mark in marks}

    # ---- the levels ---------------------------------------------------------------------------

    def initial(self) -> Why | None:
        """Store level 0; a reason if it could not be stored."""
        total = starts(self.program.system)
        for low in range(0, total, BATCH):
            self.workers.call("start", low, min(total, low + BATCH))
            if not self._enter():
                return Why.MEMORY
            if (stop := self.over()) is not None:
                return stop
        self.bounds.append(self.stored)
        return None

    def over(self) -> Why | None:
        """A reason to stop here, if there is one; tells how far the search is."""
        budget = self.budget
        if budget.max_states is not None and self.stored > budget.max_states:
            return Why.STATES
        if budget.watch is not None:
            budget.watch(self._moment())
        if budget.interrupted is not None and budget.interrupted():
            return Why.INTERRUPTED
        if budget.seconds is not None and perf_counter() - self._began > budget.seconds:
            return Why.TIME
        return None

    def _moment(self) -> Moment:
        left = max(0, self.bounds[-1] - self.workers.shared(f.NEXT_CHUNK))
        depth = max(0, len(self.bounds) - 2)
        storage = self.storage
        return Moment(depth, self.stored, left, storage.memory(), storage.spilled)

    def look(self) -> None:
        """Evaluate the state properties in the newest level."""
        low, high = self.bounds[-2], self.bounds[-1]
        if self._are_many(high - low) and not self.storage.spilled:
            self.workers.spread("look", self.workers.split(low, high))
        else:
            for first, last in self.storage.parts(low, high):
                self.workers.call("look", first, last)
        self._collect(lambda which: isinstance(self.program.marks[which], StateMark))

    def _are_many(self, states: int) -> bool:
        return len(self.workers.all) > 1 and states >= self.program.tuning.together

    def expand(self) -> Why | None:
        """Expand the newest level; a reason if it could not be completed."""
        low, end = self.bounds[-2], self.bounds[-1]
        self.workers.set_all(f.EARLIER, end)
        while low < end:
            high = min(end, low + self._quantum)
            if self.storage.spilled:
                high, stop = end, self._on_disk(low, end)
            else:
                stop = self._piece(low, high)
            if stop is not None:
                return stop
            low = high
        self.storage.settle()
        self._collect(lambda which: True)
        self.bounds.append(self.stored)
        return None

    def _on_disk(self, low: int, end: int) -> Why | None:
        from kspec.engines.explicit.store.spill import expand_on_disk

        directory, most = self.budget.spill, self.budget.max_memory
        assert directory is not None and most is not None
        return expand_on_disk(self, low, end, directory, most)

    def _piece(self, low: int, high: int) -> Why | None:
        """Expand some rows of the level."""
        began = perf_counter()
        count = len(self.workers.all) if self._are_many(high - low) else 1
        self.workers.set_shared(f.NEXT_CHUNK, low)
        self.workers.set_shared(f.LAST_CHUNK, high)
        if count > 1:
            self.storage.together()
        while any(self.workers.each("advance", count)):
            if (stop := self.over()) is not None:
                return stop
            if not self.storage.grow(self.budget.max_memory):
                return Why.MEMORY
            if count > 1:
                self.storage.together()
        self.storage.settle()
        if self.program.rows.lossy:
            self.storage.rest_rows(low, high)
            self.storage.rest_new()
        self._adapt(high - low, perf_counter() - began)
        self._change_code()
        return self.over()

    def _change_code(self) -> None:
        """Begin to make the code of `switch` if it is time, and use it once it is made."""
        if self._making is not None and self._making.done():
            self._use(self._making.result())
            self._making = None
        elif self.switch is not None and self.stored >= self.switch.states:
            from concurrent.futures import ThreadPoolExecutor

            self._maker = ThreadPoolExecutor(1)
            self._making = self._maker.submit(self.switch.code)
            self.switch = None

    def _adapt(self, states: int, seconds: float) -> None:
        if seconds > PATIENCE and self._quantum > 1:
            self._quantum //= 2
        elif states == self._quantum and 2 * seconds < PATIENCE:
            self._quantum *= 2

    def _collect(self, wanted: Callable[[int], bool]) -> None:
        """Keep the marks that are set for the first time."""
        level = len(self.bounds) - 2
        for which in range(len(self.program.marks)):
            at = self.program.frame.mark(which)
            frames = [w.frame for w in self.workers.all if w.frame[at]]
            if which not in self.marks and wanted(which) and frames:
                row = min(self._row_of(frame, at + 1) for frame in frames)
                self.marks[which] = Sighting(which, level, row)

    def counters(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Transitions, and states with a cut, of each action so far."""
        frame, actions = self.program.frame, range(self.program.frame.actions)
        return self._sums([frame.fired(i) for i in actions]), self._sums(
            [frame.cut(i) for i in actions]
        )

    def waited(self) -> tuple[int, int]:
        """How many states were gone on from with fewer steps; how many steps were left out."""
        words = [w.scratch.words for w in self.workers.all if w.scratch is not None]
        return sum(w[REDUCED] for w in words), sum(w[LEFT_OUT] for w in words)

    def _sums(self, places: list[int]) -> tuple[int, ...]:
        return tuple(sum(int(w.frame[at]) for w in self.workers.all) for at in places)

    def close(self) -> None:
        """Let the threads go; what is stored stays readable."""
        self.workers.close()
        if self._maker is not None:
            self._maker.shutdown(wait=True)
