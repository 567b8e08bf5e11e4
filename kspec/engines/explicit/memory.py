"""Memory that generated code works in: anonymous maps, whose untouched pages cost nothing.

Nothing here knows what is stored. Next: `search`.
"""

from __future__ import annotations

import ctypes
import mmap
from typing import Literal, final

HUGE = 1 << 21


@final
class Area:
    """Zeroed memory of a fixed size."""

    def __init__(self, size: int) -> None:
        self.size = max(size, mmap.PAGESIZE)
        self._map = _anonymous(self.size)
        if self.size >= HUGE and hasattr(mmap, "MADV_HUGEPAGE"):
            self._map.madvise(mmap.MADV_HUGEPAGE)
        self.address = _address(self._map)

    def grow(self, size: int) -> None:
        """More memory behind the same contents; the address changes."""
        try:
            self._map.resize(size)
        except SystemError:  # no mremap here: copy
            old, self._map = self._map, _anonymous(size)
            self._map[: self.size] = old[:]
            old.close()
        if hasattr(mmap, "MADV_HUGEPAGE"):
            self._map.madvise(mmap.MADV_HUGEPAGE)
        self.size, self.address = size, _address(self._map)

    def view(self, code: Literal["I", "Q"]) -> memoryview[int]:
        """The memory as numbers of a size; it cannot grow while the view is there."""
        whole = self.size - self.size % 8
        return memoryview(self._map)[:whole].cast(code)

    def read(self, at: int, count: int) -> bytes:
        """Some bytes."""
        return self._map[at : at + count]

    def write(self, at: int, data: bytes) -> None:
        """Change some bytes."""
        self._map[at : at + len(data)] = data

    def close(self) -> None:
        """Give the memory back."""
        self._map.close()


def _anonymous(size: int) -> mmap.mmap:
    if hasattr(mmap, "MAP_PRIVATE"):
        return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    return mmap.mmap(-1, size)


def _address(area: mmap.mmap) -> int:
    return ctypes.addressof(ctypes.c_char.from_buffer(area))
