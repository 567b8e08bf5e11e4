"""The memory that generated code and Python share: one array of 64-bit words.

Every worker has one: Python writes addresses and limits; the code writes counts, marks, and where
to go on. A *mark* remembers the least state that something was seen in. Workers share a few words
more, changed by atomic instructions only. Next: `program`, `search`.
"""

from __future__ import annotations

from typing import final

from kspec.base.record import frozen
from kspec.engines.explicit.llvm.emit import Emitter
from kspec.engines.explicit.llvm.operand import FALSE, TRUE, Op, number

STORE = 0  # address of the stored rows
POS = 1  # where this worker stores its next row
END = 2  # where its block of rows ends
TABLE = 3  # address of the hash table
SHIFT = 4  # bits of a hash below those that choose the line
LIMIT = 5  # how many rows there may be before more room is needed
SHARED = 6  # address of what all workers share, below
CURSOR = 7  # the next row that this worker expands
STOP = 8  # where its chunk ends
BUFFER = 9  # address of successors not yet looked up
PLACES = 10  # address of their hashes
PENDING = 11  # how many there are
DONE = 12  # how many of them are looked up all the same
LINES = 13  # how many lines the table has
HIT = 14  # did `scan` find something: then also the next two and HIT_ROW
HIT_ACTION = 15
HIT_RANK = 16
ORDER = 17  # address of this worker's memory for which steps may wait (`stubborn`)
EARLIER = 18  # how many rows are of levels so far
COUNTERS = 19

NEXT = 0  # where the next block of rows begins
NEXT_CHUNK = 8  # the next row that nobody expands yet
LAST_CHUNK = 16  # where the level, or the part of it in work, ends
SHARED_WORDS = 24
"""Words of the shared memory, each on a line of its own."""


@final
@frozen
class Frame:
    """Offsets, in words, for a number of actions, of marks, and of words of a row."""

    actions: int
    marks: int
    words: int

    def fired(self, action: int) -> int:
        """Transitions of an action."""
        return COUNTERS + action

    def cut(self, action: int) -> int:
        """States in which an action is cut."""
        return COUNTERS + self.actions + action

    def mark(self, which: int) -> int:
        """1 if the mark is set; the row follows."""
        return COUNTERS + 2 * self.actions + which * (1 + self.words)

    def hit_row(self) -> int:
        """The least row that `scan` has found."""
        return self.mark(self.marks)

    def hit_after(self) -> int:
        """The row that the step found by `scan` leads to."""
        return self.hit_row() + self.words

    def size(self) -> int:
        """Words in all."""
        return self.hit_after() + self.words


def entry(em: Emitter, ctx: Op, index: int) -> Op:
    """The address of a word of the frame."""
    return em.offset(ctx, index * 8)


def get(em: Emitter, ctx: Op, index: int) -> Op:
    """Read a word of the frame."""
    return em.load(entry(em, ctx, index), 64)


def put(em: Emitter, ctx: Op, index: int, value: Op) -> None:
    """Write a word of the frame."""
    em.store(value, entry(em, ctx, index))


def pointer(em: Emitter, address: Op) -> Op:
    """A number as an address."""
    op = Op(0, em.fresh("p"))
    em.line(f"{op.ref} = inttoptr {address.typed} to ptr")
    return op


def row_at(em: Emitter, base: Op, index: Op, words: int) -> Op:
    """The address of a row of an array of rows."""
    return em.offset(base, em.mul(index, number(64, 8 * words)))


def copy_row(em: Emitter, source: Op, target: Op, words: int) -> None:
    """Copy a row."""

    def word(k: Op, _: list[Op]) -> list[Op]:
        by = em.mul(k, number(64, 8))
        em.store(em.load(em.offset(source, by), 64), em.offset(target, by))
        return []

    em.repeat(words, [], word, hint="copy")


def less_row(em: Emitter, a: Op, b: Op, words: int) -> Op:
    """Is one row less than another? The last word is the most significant."""

    def word(k: Op, ops: list[Op]) -> list[Op]:
        by = em.mul(k, number(64, 8))
        x, y = em.load(em.offset(a, by), 64), em.load(em.offset(b, by), 64)
        return [em.select(em.compare("eq", x, y), ops[0], em.compare("ult", x, y))]

    return em.repeat(words, [FALSE], word, hint="less")[0]


def same_row(em: Emitter, a: Op, b: Op, words: int) -> Op:
    """Are two rows equal?"""

    def word(k: Op, ops: list[Op]) -> list[Op]:
        by = em.mul(k, number(64, 8))
        x, y = em.load(em.offset(a, by), 64), em.load(em.offset(b, by), 64)
        return [em.both(ops[0], em.compare("eq", x, y))]

    return em.repeat(words, [TRUE], word, hint="same")[0]
