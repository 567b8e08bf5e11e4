"""Which steps of a state may wait: the memory that generated code and Python share for it.

`Stubborn` says where in a worker's memory everything lies; `Tables` is what all workers read: for
every instance the set of numbers that must come along with it while it is enabled or cut, and one
for each part of its guard that may be false; the same for observers (`ir.passes.independence`).
Sets are bits in words.
Next: `stubborn_code`, which chooses.
"""

from __future__ import annotations

import ctypes
from typing import Final, final

from kspec.base.record import frozen
from kspec.ir.passes.independence import Independence

ROWS: Final = 0  # address of the number of a set, for each instance and part of its guard
SETS: Final = 1  # address of the sets
REDUCED: Final = 2  # states that were gone on from with fewer steps
LEFT_OUT: Final = 3  # steps that were not taken there
FIRST: Final = 4


@final
@frozen
class Stubborn:
    """Offsets, in bytes, in a worker's memory; `most` is how many successors a state may have."""

    order: Independence
    most: int

    @property
    def words(self) -> int:
        """Of a set."""
        return max(1, -(-self.order.width // 64))

    @property
    def columns(self) -> int:
        """Sets of an instance: the one for when it is enabled, and those for parts of guards."""
        guards = max((len(parts) for parts in self.order.orders), default=0)
        return 1 + max((guards, *(len(of.parts) for of in self.order.observers)))

    @property
    def taken(self) -> int:
        """The set of the steps that lead somewhere."""
        return 8 * FIRST

    @property
    def closed(self) -> int:
        """The set in work."""
        return self.taken + 8 * self.words

    @property
    def waiting(self) -> int:
        """What of it was not looked at yet."""
        return self.closed + 8 * self.words

    @property
    def best(self) -> int:
        """The best set so far."""
        return self.waiting + 8 * self.words

    @property
    def wanted(self) -> int:
        """For every number, which set must come along; 32 bits each."""
        return self.best + 8 * self.words

    @property
    def numbers(self) -> int:
        """For every successor, the number of its instance; 32 bits each."""
        return self.wanted + 4 * self.order.width

    @property
    def size(self) -> int:
        """Bytes in all."""
        return self.numbers + 4 * (self.most + 1) + 8


@final
class Tables:
    """The memory that all workers read."""

    def __init__(self, of: Stubborn) -> None:
        order, columns, known = of.order, of.columns, dict[int, int]()

        def number(mask: int) -> int:
            return known.setdefault(mask, len(known))

        self.rows = (ctypes.c_uint32 * max(1, columns * order.width))()
        owners = [action for action, n in enumerate(_counts(order)) for _ in range(n)]
        for n in range(order.instances):
            self.rows[columns * n] = number(order.depends[n])
            for k, part in enumerate(order.orders[owners[n]]):
                self.rows[columns * n + 1 + k] = number(order.enabling[n][part])
        for n, observer in enumerate(order.observers, start=order.instances):
            self.rows[columns * n] = number(0)
            for k, mask in enumerate(observer.enabling):
                self.rows[columns * n + 1 + k] = number(mask)
        size = 8 * of.words
        data = b"".join(mask.to_bytes(size, "little") for mask in known)
        self.sets = (ctypes.c_uint8 * max(1, len(data))).from_buffer_copy(data or b"\0")


def _counts(order: Independence) -> list[int]:
    ends = (*order.bases[1:], order.instances)
    return [high - low for low, high in zip(order.bases, ends, strict=False)]


@final
class Scratch:
    """One worker's memory."""

    def __init__(self, of: Stubborn, tables: Tables) -> None:
        self.tables = tables
        self.words = (ctypes.c_uint64 * (of.size // 8 + 1))()
        self.address = ctypes.addressof(self.words)
        self.words[ROWS] = ctypes.addressof(tables.rows)
        self.words[SETS] = ctypes.addressof(tables.sets)


__all__ = ["LEFT_OUT", "REDUCED", "ROWS", "SETS", "Scratch", "Stubborn", "Tables"]
