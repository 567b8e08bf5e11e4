"""Checkpoints: what a search must remember to go on after it was killed.

Two files. `rows` has the stored states, and only ever gets longer; `head` says how much of it
counts, with everything else, and is replaced as a whole once the rows are on the disk. It is there
from the beginning, when nothing counts yet. So a search that is killed at any moment leaves the
last level that was written, whole. A checkpoint that does not belong to the search, or is damaged,
is `BadCheckpoint`. Where there is none, the search begins anew and says so: never in silence.

What is in memory twice (the table) is made anew from the rows. Next: `engine`, which uses it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any, Final, TypeAlias, final

from kspec import __version__
from kspec.engines.explicit.plan import Program
from kspec.engines.explicit.search import Search, Sighting

FORM: Final = "kspec checkpoint 2"
PIECE: Final = 1 << 20
EVERY: Final = 30.0
"""Seconds from one checkpoint to the next, at least."""


Counters: TypeAlias = tuple[tuple[int, ...], tuple[int, ...]]
"""Of each action: its transitions, and the states with a cut."""


class BadCheckpoint(Exception):
    """A checkpoint is of something else, damaged, or cannot be written; the message says what."""


@final
class Journal:
    """The checkpoint of one search in a directory of its own. `resume`: go on from it."""

    def __init__(
        self,
        directory: Path,
        resume: bool = False,
        every: float = EVERY,
        name: str = "",
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.directory, self.resume, self.every = directory, resume, every
        self._say: Callable[[str], None] = lambda text: tell(name + text)
        self._hash = hashlib.sha256()
        self._length = 0
        self._last = perf_counter()
        self._levels = 0

    @property
    def _head(self) -> Path:
        return self.directory / "head"

    @property
    def _rows(self) -> Path:
        return self.directory / "rows"

    def begin(self, search: Search) -> bool:
        """Is there something to go on from: then the search is put there. Else begin anew.

        With `resume`, people are told which it was. Raises `BadCheckpoint`.
        """
        if self.resume and (self._head.exists() or self._rows.exists()):
            if self._load(search):
                last, states = len(search.bounds) - 3, search.bounds[-1]
                self._say(f"goes on after level {last}, with {states} states")
                return True
            self._say("begins anew: it was stopped before anything was written down")
        elif self.resume:
            self._say(f"begins anew: there is no checkpoint of it in {self.directory.parent}")
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            self._replace(self._text(search.program, [0], ((), ()), []))
            self._rows.write_bytes(b"")
        except OSError as error:
            raise self._unwritten(error) from error
        return False

    def _unwritten(self, error: OSError) -> BadCheckpoint:
        return BadCheckpoint(f"no checkpoint in {self.directory}: {error.strerror}")

    # ---- writing ------------------------------------------------------------------------------

    def level(self, search: Search, counters: Counters, now: bool = False) -> None:
        """A level is completed; write it down if the last one is some time ago, or `now`.

        `counters` are those of completed levels. Raises `BadCheckpoint`.
        """
        if not now and perf_counter() - self._last < self.every:
            return
        if len(search.bounds) == self._levels:
            return
        try:
            self._write(search, counters)
        except OSError as error:
            raise self._unwritten(error) from error
        self._last, self._levels = perf_counter(), len(search.bounds)

    def _write(self, search: Search, counters: Counters) -> None:
        """The rows that are new, then the head."""
        size = 8 * search.program.layout.words
        with self._rows.open("r+b") as file:
            file.truncate(self._length)
            file.seek(self._length)
            end = search.bounds[-1] * size
            while self._length < end:
                data = search.storage.bytes_at(self._length, min(PIECE, end - self._length))
                file.write(data)
                self._hash.update(data)
                first, self._length = self._length, self._length + len(data)
                search.storage.rest_rows(first // size, self._length // size)
            file.flush()
            os.fsync(file.fileno())
        marks = list(search.marks.values())
        self._replace(self._text(search.program, search.bounds, counters, marks))

    def _text(
        self, program: Program, bounds: list[int], counters: Counters, marks: list[Sighting]
    ) -> str:
        """The head, of the rows that were hashed so far."""
        head = {
            **_belongs(program),
            "bounds": bounds,
            "fired": counters[0],
            "cut": counters[1],
            "marks": [[m.which, m.level, hex(m.row)] for m in marks],
            "bytes": self._length,
            "rows": self._hash.hexdigest(),
        }
        return json.dumps({"checksum": _checksum(head), **head}, indent=1)

    def _replace(self, text: str) -> None:
        aside = self.directory / "head.new"
        with aside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(self._head)
        handle = os.open(self.directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    # ---- reading ------------------------------------------------------------------------------

    def _load(self, search: Search) -> bool:
        """Put the search where the checkpoint is; False if that is before the first level."""
        head = self._read_head(search.program)
        size, count = 8 * search.program.layout.words, head["bounds"][-1]
        if head["bytes"] != count * size:
            raise BadCheckpoint(f"{self._head} contradicts itself")
        if len(head["bounds"]) == 1:
            return False
        try:
            search.expect(count)
            with self._rows.open("rb") as file:
                left = count
                while left:
                    data = file.read(min(PIECE // size + 1, left) * size)
                    if not data:
                        raise BadCheckpoint(f"{self._rows} is too short")
                    self._hash.update(data)
                    left -= len(data) // size
                    search.put_back(data)
        except OSError as error:
            raise BadCheckpoint(f"{self._rows} cannot be read: {error.strerror}") from error
        except MemoryError as error:
            raise BadCheckpoint(f"{self._rows} needs more memory than there may be") from error
        if self._hash.hexdigest() != head["rows"] or search.came_back != count:
            raise BadCheckpoint(f"{self._rows} is damaged")
        self._length = head["bytes"]
        marks = [Sighting(which, level, int(row, 16)) for which, level, row in head["marks"]]
        search.go_on(head["bounds"], head["fired"], head["cut"], marks)
        self._levels = len(search.bounds)
        return True

    def _read_head(self, program: Program) -> dict[str, Any]:
        try:
            head = json.loads(self._head.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise BadCheckpoint(f"{self._head} cannot be read") from error
        if not isinstance(head, dict) or head.pop("checksum", None) != _checksum(head):
            raise BadCheckpoint(f"{self._head} is damaged")
        for name, value in _belongs(program).items():
            if head.get(name) != value:
                raise BadCheckpoint(f"the checkpoint in {self.directory} is of another {name}")
        return head


def _checksum(head: dict[str, Any]) -> str:
    text = json.dumps(head, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _belongs(program: Program) -> dict[str, str]:
    """What must be the same for a checkpoint to belong to a search."""
    from kspec.ir.text import print_system

    text = print_system(program.system)
    return {
        "form": FORM,
        "version of kspec": __version__,
        "system": hashlib.sha256(text.encode()).hexdigest(),
        "reduction": hashlib.sha256(repr(program.orbits).encode()).hexdigest(),
        "partial order": "no" if program.stubborn is None else "yes",
        "way to keep states": f"{program.rows.lossy or 'all'} bits",
        "set of properties": " ".join(mark.name for mark in program.marks),
        "interchangeable": "" if program.orbits is None else repr(program.orbits.kinds),
        "layout": f"{program.layout.bits} bits in {program.layout.words} words",
    }
