"""Memory that generated code works in: maps, whose untouched pages cost nothing.

Anonymous, or of a file without a name in a directory: then the system may write pages there and
take them away, and `rest` asks it to. Nothing here knows what is stored. Next: `storage`.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import tempfile
import weakref
from pathlib import Path
from typing import Literal, final

HUGE = 1 << 21
PIECE = 1 << 24


@final
class Area:
    """Zeroed memory of a fixed size; in a file if a directory is given. Raises `OSError`."""

    def __init__(self, size: int, directory: Path | None = None) -> None:
        self.size = max(size, mmap.PAGESIZE)
        self._file = None if directory is None else _file(directory, self.size)
        if self._file is not None:
            self._closing = weakref.finalize(self, os.close, self._file)
        self._map = self._mapped(self.size)
        self._advise()
        self.address = _address(self._map)

    def _mapped(self, size: int) -> mmap.mmap:
        return _anonymous(size) if self._file is None else mmap.mmap(self._file, size)

    def _advise(self) -> None:
        if self._file is None and self.size >= HUGE and hasattr(mmap, "MADV_HUGEPAGE"):
            self._map.madvise(mmap.MADV_HUGEPAGE)

    def grow(self, size: int) -> None:
        """More memory behind the same contents; the address changes. Raises `OSError`."""
        if self._file is not None:
            _reserve(self._file, size)
            old, self._map = self._map, self._mapped(size)
            old.close()
        else:
            self._stretch(size)
        self.size = size
        self._advise()
        self.address = _address(self._map)

    def _stretch(self, size: int) -> None:
        try:
            self._map.resize(size)
        except SystemError:  # no mremap here: copy
            old, self._map = self._map, _anonymous(size)
            self._map[: self.size] = old[:]
            old.close()

    def read(self, at: int, count: int) -> bytes:
        """Some bytes."""
        return self._map[at : at + count]

    def write(self, at: int, data: bytes) -> None:
        """Change some bytes."""
        self._map[at : at + len(data)] = data

    def view(self, code: Literal["I", "Q"]) -> memoryview[int]:
        """The memory as numbers of a size; it cannot grow while the view is there."""
        whole = self.size - self.size % 8
        return memoryview(self._map)[:whole].cast(code)

    def copy(self, other: Area, count: int) -> None:
        """Take over the first bytes of another area."""
        for at in range(0, count, PIECE):
            self.write(at, other.read(at, min(PIECE, count - at)))
            self.rest(at, PIECE)

    def rest(self, at: int = 0, count: int | None = None) -> None:
        """These bytes are not needed for a while. They stay what they are."""
        # INVARIANT: only of files; anonymous pages would become zero.
        if self._file is None or not hasattr(mmap, "MADV_DONTNEED"):
            return
        end = self.size if count is None else min(self.size, at + count)
        low = at // mmap.PAGESIZE * mmap.PAGESIZE
        if low < end:
            self._map.madvise(mmap.MADV_DONTNEED, low, end - low)

    def close(self) -> None:
        """Give the memory back."""
        self._map.close()
        if self._file is not None:
            self._closing()


def _anonymous(size: int) -> mmap.mmap:
    if hasattr(mmap, "MAP_PRIVATE"):
        return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    return mmap.mmap(-1, size)


def _file(directory: Path, size: int) -> int:
    """A handle of a new file without a name."""
    with tempfile.TemporaryFile(dir=directory) as file:
        handle = os.dup(file.fileno())
    try:
        _reserve(handle, size)
    except OSError:
        os.close(handle)
        raise
    return handle


def _reserve(handle: int, size: int) -> None:
    """Room on the disk now: a full disk must not be met when a page is written."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(handle, 0, size)
    else:
        os.ftruncate(handle, size)


def _address(area: mmap.mmap) -> int:
    return ctypes.addressof(ctypes.c_char.from_buffer(area))
