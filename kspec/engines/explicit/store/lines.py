"""The hash table's memory: lines of 64 bytes, each of them 16 or 8 slots, 0 for an empty slot.

A row is looked for in its home line and the lines behind it, and put into the first empty slot of
the first of them that has one; exact rows no further away than `REACH` lines. Nothing is ever
taken out, so a row that is there is found before an empty slot is. All slots of a line are
compared at once.

Two kinds of slots. *Exact* (a state of at most 64 bits): the hash is a permutation of the states
of `domain` bits; its upper bits choose the line, the lower ones are the slot, with the distance
from the home line + 1 in three bits below, so that slots are small and equal slots are equal
states. *Indexed*: the index of the row + 1 with bits of its hash on top, and rows are compared.

Keys are exact either way, but for a hunter, who asks for slots that tell no more than a hash of so
many bits (`Rows.lossy`): then what is new may be taken for known, and nobody may say that a search
saw everything. Next: `table`, which walks through lines.
"""

from __future__ import annotations

from typing import final

from kspec.base.record import frozen
from kspec.engines.explicit.frame import row_at
from kspec.engines.explicit.llvm.emit import Emitter
from kspec.engines.explicit.llvm.operand import Op, number

LINE_BYTES = 64
REACH = 7
PAD = 8
"""Lines behind the last home line."""
DISTANCE_BITS = 3
INDEX_BITS = 40
LEAST_DOMAIN = 24
MOST_SMALL = 47
"""States of so many bits have slots of 32 bits: more would make the least table too large."""
MULTIPLY = (0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93)


@final
@frozen
class Rows:
    """How states are stored: words of a row, bits of a state, how many successors one can have.

    `shared`: there are several workers. `indexed`: slots are indices although states would fit.
    `lines`: log2 of the lines of the first table, if that is enough. `block`: rows that a worker
    takes at once. `lossy`: bits of a hash that stands for the state, 0 for none.
    """

    words: int
    bits: int
    most: int
    shared: bool = False
    indexed: bool = False
    lines: int = 8
    block: int = 1 << 10
    lossy: int = 0

    @property
    def exact(self) -> bool:
        """Does a slot tell its state, or all that is kept of it?"""
        return self.lossy > 0 or (self.bits <= 64 and not self.indexed)

    @property
    def domain(self) -> int:
        """Bits of a hash."""
        if self.lossy:
            return self.lossy
        return max(LEAST_DOMAIN, self.bits) if self.exact else 64

    @property
    def slot_bits(self) -> int:
        """Bits of a slot."""
        return 32 if self.exact and self.domain <= MOST_SMALL else 64

    @property
    def slots(self) -> int:
        """Slots of a line."""
        return 8 * LINE_BYTES // self.slot_bits

    @property
    def fill(self) -> int:
        """Rows for each line before the table must grow."""
        return self.slots * 3 // 4 if self.slot_bits == 32 else self.slots * 5 // 8

    @property
    def least_lines(self) -> int:
        """Log2 of the lines of the smallest table.

        INVARIANT: what is left of a hash below the choice of the line fits a slot.
        """
        left = self.domain + DISTANCE_BITS - self.slot_bits if self.exact else 0
        return max(1, self.lines, left)


# ---- hashes ------------------------------------------------------------------------------------


def hash_row(em: Emitter, rows: Rows, row: Op) -> Op:
    """The hash of a row, `domain` bits."""
    if rows.lossy:
        return _compacted(em, rows, row)
    if rows.exact:
        return permuted(em, rows.domain, em.load(row, 64))

    def mix(k: Op, ops: list[Op]) -> list[Op]:
        word = em.load(em.offset(row, em.mul(k, number(64, 8))), 64)
        mixed = em.mul(em.binary("xor", ops[0], word), number(64, MULTIPLY[0]))
        return [em.binary("xor", mixed, em.down(mixed, 32))]

    (total,) = em.repeat(rows.words, [number(64, 0)], mix, "hash")
    return em.mul(total, number(64, MULTIPLY[1]))


def _compacted(em: Emitter, rows: Rows, row: Op) -> Op:
    """A hash that stands for the row: every word goes through two more rounds than where rows are
    compared afterwards."""

    def mix(k: Op, ops: list[Op]) -> list[Op]:
        mixed = em.binary("xor", ops[0], em.load(em.offset(row, em.mul(k, number(64, 8))), 64))
        for factor, shift in zip((*MULTIPLY, MULTIPLY[0]), (32, 29, 32), strict=True):
            mixed = em.mul(mixed, number(64, factor))
            mixed = em.binary("xor", mixed, em.down(mixed, shift))
        return [em.add(mixed, number(64, MULTIPLY[1]))]

    (total,) = em.repeat(rows.words, [number(64, MULTIPLY[0])], mix, "hash")
    mixed = em.mul(total, number(64, MULTIPLY[1]))
    return em.down(mixed, 64 - rows.lossy) if rows.lossy < 64 else mixed


def permuted(em: Emitter, domain: int, word: Op) -> Op:
    """A permutation of the numbers of `domain` bits: odd factors and a shift can be undone."""
    word = em.mask(em.mul(word, number(64, MULTIPLY[0])), domain)
    word = em.binary("xor", word, em.down(word, domain // 2))
    return em.mask(em.mul(word, number(64, MULTIPLY[1])), domain)


@final
@frozen
class Hashed:
    """A hash taken apart: the home line, and what a slot has of it, in its place."""

    home: Op
    upper: Op


def taken_apart(em: Emitter, rows: Rows, hashed: Op, shift: Op) -> Hashed:
    """The home line and the part of a slot that does not depend on where it is put."""
    home = em.down(hashed, shift)
    if not rows.exact:
        return Hashed(home, em.up(hashed, INDEX_BITS))
    low = em.sub(em.up(number(64, 1), shift), number(64, 1))
    return Hashed(home, em.up(em.both(hashed, low), DISTANCE_BITS))


# ---- lines -------------------------------------------------------------------------------------


@final
class Line:
    """The slots of a line as they were at one moment."""

    def __init__(self, em: Emitter, rows: Rows, table: Op, line: Op) -> None:
        self.em, self.rows = em, rows
        self.kind = f"<{rows.slots} x i{rows.slot_bits}>"
        self.at = line_at(em, table, line)
        self.slots = em.fresh("line")
        # Volatile: other workers write here, and what is read must be read once.
        em.line(f"{self.slots} = load volatile {self.kind}, {self.at.typed}, align {LINE_BYTES}")
        if rows.shared and not rows.exact:
            em.line("fence acquire")

    def equal(self, key: Op) -> Op:
        """A bit for each slot that is `key`."""
        return self._compare("eq", self.slots, self._all(key.ref))

    def empty(self) -> Op:
        """A bit for each empty slot."""
        return self._compare("eq", self.slots, "zeroinitializer")

    def alike(self, upper: Op) -> Op:
        """A bit for each slot of a row with these bits of the hash (indexed rows)."""
        em, tags = self.em, self.em.fresh("tags")
        em.line(f"{tags} = lshr {self.kind} {self.slots}, {self._all(str(INDEX_BITS))}")
        same = self._compare("eq", tags, self._all(em.down(upper, INDEX_BITS).ref))
        return em.both(same, em.flip(self.empty()))

    def _all(self, ref: str) -> str:
        em, rows = self.em, self.rows
        one, every = em.fresh("one"), em.fresh("all")
        em.line(f"{one} = insertelement {self.kind} poison, i{rows.slot_bits} {ref}, i64 0")
        mask = f"<{rows.slots} x i32> zeroinitializer"
        em.line(f"{every} = shufflevector {self.kind} {one}, {self.kind} poison, {mask}")
        return every

    def _compare(self, name: str, a: str, b: str) -> Op:
        em, count = self.em, self.rows.slots
        test, bits = em.fresh("test"), Op(count, em.fresh("bits"))
        em.line(f"{test} = icmp {name} {self.kind} {a}, {b}")
        em.line(f"{bits.ref} = bitcast <{count} x i1> {test} to i{count}")
        return bits

    def slot(self, place: Op) -> Op:
        """The address of a slot."""
        return self.em.offset(self.at, self.em.mul(place, number(64, self.rows.slot_bits // 8)))


def line_at(em: Emitter, table: Op, line: Op) -> Op:
    """The address of a line."""
    return em.offset(table, em.mul(line, number(64, LINE_BYTES)))


def lowest(em: Emitter, bits: Op) -> Op:
    """The place of the lowest bit that is set; some must be."""
    name, op = f"@llvm.cttz.i{bits.bits}", Op(bits.bits, em.fresh("low"))
    em.globals.need(f"declare i{bits.bits} {name}(i{bits.bits}, i1)")
    em.line(f"{op.ref} = call i{bits.bits} {name}({bits.typed}, i1 true)")
    return em.resize(op, 64)


def claim(em: Emitter, rows: Rows, slot: Op, key: Op) -> Op:
    """Put a key into an empty slot; false if another worker was faster."""
    size = rows.slot_bits
    if not rows.shared:
        em.store(key, slot, align=size // 8)
        return number(1, 1)
    pair, won = em.fresh("pair"), Op(1, em.fresh("won"))
    em.line(f"{pair} = cmpxchg {slot.typed}, i{size} 0, {key.typed} acq_rel acquire")
    em.line(f"{won.ref} = extractvalue {{ i{size}, i1 }} {pair}, 1")
    return won


def indexed_row(em: Emitter, rows: Rows, store: Op, slot: Op) -> Op:
    """The address of the row that an occupied slot stands for."""
    index = em.sub(em.mask(slot, INDEX_BITS), number(64, 1))
    return row_at(em, store, index, rows.words)
