"""The workers of a search: a frame, a buffer and a thread each.

Generated code runs without Python's lock, so threads are enough. Nothing here knows what the
functions do. Next: `store.storage`, `search`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, final

from kspec.engines.explicit import frame as f
from kspec.engines.explicit.llvm.jit import Compiled
from kspec.engines.explicit.plan import Program
from kspec.engines.explicit.reductions.stubborn import Scratch, Tables
from kspec.engines.explicit.store.memory import Area
from kspec.engines.explicit.store.table import room

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

Call = Callable[..., int | None]


@final
class Worker:
    """One worker's memory: its frame, and room for the successors of a batch."""

    def __init__(self, program: Program, shared: int, scratch: Scratch | None = None) -> None:
        rows = room(program.rows)
        self.scratch = scratch
        self.frame = (ctypes.c_uint64 * program.frame.size())()
        self.context = ctypes.addressof(self.frame)
        self.buffer = Area((rows + 1) * 8 * program.layout.words + 64)
        self.places = Area((rows + 1) * 8)
        self.frame[f.SHARED] = shared
        self.frame[f.BUFFER] = self.buffer.address
        self.frame[f.PLACES] = self.places.address
        if scratch is not None:
            self.frame[f.ORDER] = scratch.address


@final
class Workers:
    """All of them, and what they share. The first one is the caller's own thread."""

    def __init__(self, program: Program, count: int) -> None:
        # Aligned by hand: words that several threads write must not lie on a line with others.
        self._memory = (ctypes.c_uint64 * (f.SHARED_WORDS + 8))()
        address = ctypes.addressof(self._memory)
        self._skip = -address % 64 // 8
        shared, of = address + 8 * self._skip, program.stubborn
        tables = None if of is None else Tables(of)
        self.all = tuple(
            Worker(program, shared, None if tables is None or of is None else Scratch(of, tables))
            for _ in range(count)
        )
        self._pool: ThreadPoolExecutor | None = None
        self.code: Compiled | None = None
        self._words = program.layout.words
        self._functions: dict[str, Call] = {}

    def use(self, code: Compiled, functions: dict[str, Call]) -> None:
        """Call this code from now on."""
        self.code, self._functions = code, functions

    @property
    def first(self) -> Worker:
        """The caller's own."""
        return self.all[0]

    def shared(self, index: int) -> int:
        """A word that all share."""
        return int(self._memory[self._skip + index])

    def set_shared(self, index: int, value: int) -> None:
        """Write a word that all share."""
        self._memory[self._skip + index] = value

    def set_all(self, index: int, value: int) -> None:
        """Write a word of every frame."""
        for worker in self.all:
            worker.frame[index] = value

    def call(self, name: str, *arguments: int) -> int:
        """Call a function with the first worker's frame."""
        return self._functions[name](self.first.context, *arguments) or 0

    def each(self, name: str, count: int | None = None) -> list[int]:
        """Call a function of a frame alone by so many workers at once; what they give."""
        return self.spread(name, [()] * (count or len(self.all)))

    def spread(self, name: str, pieces: Sequence[tuple[int, ...]]) -> list[int]:
        """Call a function for pieces of work, one for each worker at most, at once."""
        function = self._functions[name]
        pairs = list(zip(self.all, pieces, strict=False))
        others = [
            self._threads().submit(function, worker.context, *piece) for worker, piece in pairs[1:]
        ]
        worker, piece = pairs[0]
        given = [function(worker.context, *piece)]
        given += [other.result() for other in others]
        return [value or 0 for value in given]

    def _threads(self) -> ThreadPoolExecutor:
        # Small levels are the work of one, and what threads come with takes a while to load.
        if self._pool is None:
            from concurrent.futures import ThreadPoolExecutor

            self._pool = ThreadPoolExecutor(len(self.all) - 1)
        return self._pool

    def split(self, low: int, high: int) -> list[tuple[int, int]]:
        """An interval in as many parts as there are workers."""
        count = len(self.all)
        cuts = [low + (high - low) * i // count for i in range(count + 1)]
        return list(pairwise(cuts))

    def enlarge(self, rows: int) -> None:
        """Room for so many rows more in the first worker's buffer, whose contents stay."""
        first = self.first
        first.buffer.grow(first.buffer.size + rows * 8 * self._words)
        first.places.grow(first.places.size + rows * 8)
        first.frame[f.BUFFER] = first.buffer.address
        first.frame[f.PLACES] = first.places.address

    def put(self, data: bytes) -> None:
        """Rows into the first worker's buffer, as if they were successors."""
        self.first.buffer.write(0, data)

    def memory(self) -> int:
        """Bytes of the buffers."""
        return sum(worker.buffer.size + worker.places.size for worker in self.all)

    def close(self) -> None:
        """Let the threads go."""
        if self._pool is not None:
            self._pool.shutdown(wait=False)
            self._pool = None
