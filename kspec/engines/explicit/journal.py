"""Checkpoints: what a search must remember to go on after it was killed.

Two files. `rows` has the stored states, and only ever gets longer; `head` says how much of it
counts, with everything else, and is replaced as a whole once the rows are on the disk. So a search
that is killed at any moment leaves the last level that was written, whole. A checkpoint that does
not belong to the search, or is damaged, is `BadCheckpoint`: never a fresh start in silence.

What is in memory twice (the table) is made anew from the rows. Next: `engine`, which uses it.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from time import perf_counter
from typing import Any, Final, final

from kspec import __version__
from kspec.engines.explicit.plan import Program
from kspec.engines.explicit.search import Search, Sighting
from kspec.ir.text import print_system

FORM: Final = "kspec checkpoint 1"
PIECE: Final = 1 << 20
EVERY: Final = 30.0
"""Seconds from one checkpoint to the next, at least."""


class BadCheckpoint(Exception):
    """A checkpoint is of something else, damaged, or cannot be written; the message says what."""


@final
class Journal:
    """The checkpoint of one search in a directory of its own. `resume`: go on from it."""

    def __init__(self, directory: Path, resume: bool = False, every: float = EVERY) -> None:
        self.directory, self.resume, self.every = directory, resume, every
        self._hash = hashlib.sha256()
        self._length = 0
        self._last = perf_counter()

    @property
    def _head(self) -> Path:
        return self.directory / "head"

    @property
    def _rows(self) -> Path:
        return self.directory / "rows"

    def begin(self, search: Search) -> bool:
        """Is there something to go on from: then the search is put there. Else begin anew.

        Raises `BadCheckpoint`.
        """
        if self.resume and self.directory.exists():
            self._load(search)
            return True
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            self._head.unlink(missing_ok=True)
            self._rows.write_bytes(b"")
        except OSError as error:
            said = error.strerror
            raise BadCheckpoint(f"no checkpoint in {self.directory}: {said}") from error
        return False

    # ---- writing ------------------------------------------------------------------------------

    def level(self, search: Search) -> None:
        """A level is completed; write it down if the last one is some time ago."""
        if perf_counter() - self._last < self.every:
            return
        try:
            self.write(search)
        except OSError as error:
            said = error.strerror
            raise BadCheckpoint(f"no checkpoint in {self.directory}: {said}") from error
        self._last = perf_counter()

    def write(self, search: Search) -> None:
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
                self._length += len(data)
            file.flush()
            os.fsync(file.fileno())
        fired, cut = search.counters()
        marks = [[m.which, m.level, hex(m.row)] for m in search.marks.values()]
        head = {
            **_belongs(search.program),
            "bounds": search.bounds,
            "fired": fired,
            "cut": cut,
            "marks": marks,
            "bytes": self._length,
            "rows": self._hash.hexdigest(),
        }
        self._replace(json.dumps({"checksum": _checksum(head), **head}, indent=1))

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

    def _load(self, search: Search) -> None:
        head = self._read_head(search.program)
        size, count = 8 * search.program.layout.words, head["bounds"][-1]
        if head["bytes"] != count * size:
            raise BadCheckpoint(f"{self._head} contradicts itself")
        try:
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
        if self._hash.hexdigest() != head["rows"] or search.stored != count:
            raise BadCheckpoint(f"{self._rows} is damaged")
        self._length = head["bytes"]
        marks = [Sighting(which, level, int(row, 16)) for which, level, row in head["marks"]]
        search.go_on(head["bounds"], head["fired"], head["cut"], marks)

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
    text = print_system(program.system)
    return {
        "form": FORM,
        "version of kspec": __version__,
        "system": hashlib.sha256(text.encode()).hexdigest(),
        "reduction": hashlib.sha256(repr(program.orbits).encode()).hexdigest(),
        "set of properties": " ".join(mark.name for mark in program.marks),
        "interchangeable": "" if program.orbits is None else repr(program.orbits.kinds),
        "layout": f"{program.layout.bits} bits in {program.layout.words} words",
    }
