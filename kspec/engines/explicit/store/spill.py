"""Levels of a search whose table does not fit into memory.

Table and rows lie in files then, and only parts of them in memory. Looking up successors as they
come would touch the whole table all the time. So they are put off: a level is expanded first, and
each successor goes to the queue of its *segment*, that is of the part of the table that its hash
points to; then one queue after the other is looked up, each in a part of the table that does fit.
What is new and what is not, and so every count, is the same in any order. Next: `search`.
"""

from __future__ import annotations

import ctypes
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, final

from kspec.engines.explicit import frame as f
from kspec.engines.explicit.store.memory import Area
from kspec.verdict.answer import Why

if TYPE_CHECKING:
    from kspec.engines.explicit.search import Search


@final
class Queues:
    """Successors by segment: in memory, and in a file for each segment once that is full."""

    def __init__(self, search: Search, directory: Path, most: int) -> None:
        self.search, rows = search, search.program.rows
        self.size = 8 * search.program.layout.words
        bits = search.storage.segment_bits
        self.count = 1 << bits
        self.shift = rows.domain - bits
        self.room = max(2 * rows.most + 64, most // (4 * self.count * self.size))
        self._area = Area(self.count * self.room * self.size)
        search.storage.queued = self._area.size
        self._counts = (ctypes.c_uint64 * self.count)()
        self._files: list[IO[bytes]] = []
        for _ in range(self.count):
            self._files.append(tempfile.TemporaryFile(dir=directory))  # noqa: SIM115

    def expand(self, low: int, high: int) -> None:
        """Put the successors of these rows into their queues. Raises `OSError`."""
        counts = ctypes.addressof(self._counts)
        while low < high:
            where = (self._area.address, counts, self.shift, self.room)
            low = self.search.workers.call("scatter", low, high, *where)
            if low < high:
                self._write()

    def _write(self) -> None:
        for segment, file in enumerate(self._files):
            file.write(self._of(segment))
            self._counts[segment] = 0

    def _of(self, segment: int) -> bytes:
        at = segment * self.room * self.size
        return self._area.read(at, int(self._counts[segment]) * self.size)

    def pieces(self, segment: int) -> Iterator[bytes]:
        """The queue of a segment, some rows at a time."""
        file, rows = self._files[segment], self.search.storage.together_rows
        file.flush()
        file.seek(0)
        while data := file.read(rows * self.size):
            yield data
        data = self._of(segment)
        for at in range(0, len(data), rows * self.size):
            yield data[at : at + rows * self.size]

    def close(self) -> None:
        """Give everything back."""
        self.search.storage.queued = 0
        self._area.close()
        for file in self._files:
            file.close()


def expand_on_disk(search: Search, low: int, end: int, directory: Path, most: int) -> Why | None:
    """Expand rows of the newest level, with the table in files; a reason to stop in between."""
    queues = Queues(search, directory, most)
    storage = search.storage
    try:
        for at, high in storage.parts(low, end):
            search.workers.set_shared(f.NEXT_CHUNK, at)
            queues.expand(at, high)
            if (stop := search.over()) is not None:
                return stop
        search.workers.set_shared(f.NEXT_CHUNK, end)
        for segment in range(queues.count):
            for data in queues.pieces(segment):
                if not search.enter(data):
                    return Why.MEMORY
                storage.rest_new()
                if (stop := search.over()) is not None:
                    return stop
            storage.rest_all()
    except OSError:
        return Why.MEMORY
    finally:
        queues.close()
    return None
