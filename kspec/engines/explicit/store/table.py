"""Generated code of the table of states seen: looking up, putting in, growing.

States are appended to one array of rows, level after level; each worker fills blocks of it. What
lies in the table, and that it is exact, is said in `lines`. Workers put rows in without locks: a
slot is claimed by one atomic instruction, a slot that is taken stays as it is, and all look for
the first empty slot, so that two who bring the same row meet in one slot.

Successors are collected, hashed, and their lines prefetched, a few hundred at a time, before any
is looked up: waiting for memory is what a search does otherwise. Next: `loop`, `search`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import final

from kspec.engines.explicit import frame as f
from kspec.engines.explicit.frame import copy_row, same_row
from kspec.engines.explicit.llvm.emit import Emitter, Globals
from kspec.engines.explicit.llvm.operand import Op, number
from kspec.engines.explicit.store.lines import (
    DISTANCE_BITS,
    REACH,
    Hashed,
    Line,
    Rows,
    claim,
    hash_row,
    indexed_row,
    line_at,
    lowest,
    taken_apart,
)

BATCH = 256
AHEAD = 16
CTX = Op(0, "%ctx")
PREFETCH = "declare void @llvm.prefetch.p0(ptr, i32, i32, i32)"


def room(rows: Rows) -> int:
    """Rows that may come out of one batch."""
    return BATCH + rows.most


def table_functions(out: Globals, rows: Rows) -> list[str]:
    """All functions of the table."""
    refill = _rehash_lines if rows.exact else _rehash_rows
    return [
        _block(out, rows),
        _flush(out, rows),
        refill(out, rows),
        _lookup(out, rows),
        _move(out, rows),
    ]


def prefetch(em: Emitter, at: Op) -> None:
    """Ask for memory that will be written."""
    em.globals.need(PREFETCH)
    em.line(f"call void @llvm.prefetch.p0({at.typed}, i32 1, i32 3, i32 1)")


@final
class Parts:
    """What every walk through the table needs."""

    def __init__(self, em: Emitter) -> None:
        self.store = f.pointer(em, f.get(em, CTX, f.STORE))
        self.table = f.pointer(em, f.get(em, CTX, f.TABLE))
        self.shift = f.get(em, CTX, f.SHIFT)
        self.lines = f.get(em, CTX, f.LINES)


# ---- walks -------------------------------------------------------------------------------------


@final
class _Walk:
    """From the home line on. The caller places `found` and `missing`, and may go to `again`
    from `free`, which is where an empty slot was seen first."""

    def __init__(self, em: Emitter, rows: Rows, parts: Parts, hashed: Op) -> None:
        self.em, self.rows, self.parts = em, rows, parts
        self.apart = taken_apart(em, rows, hashed, parts.shift)
        self.distance = em.cell("distance")
        names = ("probe", "found", "missing", "free")
        self.again, self.found, self.missing, self.free = (em.label(name) for name in names)

    def start(self, equal: Callable[[_Walk, Line], None]) -> Line:
        """Place the walk; ends in block `free` with the line that has an empty slot.

        `equal` writes the code that goes to `found` if the row is in the line, and goes on if not.
        """
        em = self.em
        em.store(number(64, 0), self.distance)
        em.jump(self.again)
        em.place(self.again)
        em.enter()
        here = em.load(self.distance, 64)
        line = Line(em, self.rows, self.parts.table, em.add(self.apart.home, here))
        equal(self, line)
        self.empty = line.empty()
        walk = em.label("walk")
        em.branch(em.compare("eq", self.empty, number(self.empty.bits, 0)), walk, self.free)
        em.place(walk)
        more = em.add(here, number(64, 1))
        em.store(more, self.distance)
        if self.rows.exact:
            within = em.compare("ult", more, number(64, REACH))
        else:
            within = em.compare("ult", em.add(self.apart.home, more), self.parts.lines)
        em.branch(within, self.again, self.missing)
        em.place(self.free)
        return line

    def leave(self) -> None:
        """End what `start` began."""
        self.em.leave()

    def key(self) -> Op:
        """The slot of the row in this line (exact rows)."""
        return _key(self.em, self.rows, self.apart, self.em.load(self.distance, 64))


def _key(em: Emitter, rows: Rows, apart: Hashed, distance: Op) -> Op:
    key = em.either(apart.upper, em.add(distance, number(64, 1)))
    return em.resize(key, rows.slot_bits)


def _same_slot(walk: _Walk, line: Line) -> None:
    """Exact rows: is the row's slot in the line?"""
    em, rest = walk.em, walk.em.label("rest")
    equal = line.equal(walk.key())
    em.branch(em.compare("eq", equal, number(equal.bits, 0)), rest, walk.found)
    em.place(rest)


def _same_rows(row: Op, index: Op) -> Callable[[_Walk, Line], None]:
    """Indexed rows: compare the rows of all slots that look alike; `index` + 1 is kept."""

    def compare(walk: _Walk, line: Line) -> None:
        em, rows = walk.em, walk.rows
        left = em.cell("left", rows.slots)
        em.store(line.alike(walk.apart.upper), left, align=1)
        head, test, rest = em.label("alike"), em.label("test"), em.label("rest")
        em.jump(head)
        em.place(head)
        bits = em.load(left, rows.slots, align=1)
        em.branch(em.compare("eq", bits, number(bits.bits, 0)), rest, test)
        em.place(test)
        em.enter()
        place = lowest(em, bits)
        em.store(em.both(bits, em.sub(bits, number(bits.bits, 1))), left, align=1)
        slot = em.load(line.slot(place), 64)
        em.store(em.mask(slot, 40), index)
        other = indexed_row(em, rows, walk.parts.store, slot)
        same = same_row(em, row, other, rows.words)
        em.leave()
        em.branch(same, walk.found, head)
        em.place(rest)

    return compare


# ---- putting in --------------------------------------------------------------------------------


def _block(out: Globals, rows: Rows) -> str:
    """Take a block of rows; gives the first."""
    em = Emitter("internal i64 @block(ptr %ctx) noinline cold", out)
    shared = f.pointer(em, f.get(em, CTX, f.SHARED))
    first = Op(64, em.fresh("first"))
    at = f.entry(em, shared, f.NEXT)
    em.line(f"{first.ref} = atomicrmw add {at.typed}, i64 {rows.block} monotonic")
    f.put(em, CTX, f.END, em.add(first, number(64, rows.block)))
    em.line(f"ret {first.typed}")
    return em.text()


def _flush(out: Globals, rows: Rows) -> str:
    """Look up rows `from` .. `n`-1 of the buffer, whose hashes are known; append the new ones.

    Gives `n`, or the first row for which there is no slot within reach.
    """
    em = Emitter("internal i64 @flush(ptr %ctx, i64 %from, i64 %n)", out)
    parts = Parts(em)
    buffer = f.pointer(em, f.get(em, CTX, f.BUFFER))
    places = f.pointer(em, f.get(em, CTX, f.PLACES))
    first, total = Op(64, "%from"), Op(64, "%n")
    pos = em.cell("pos")
    em.store(f.get(em, CTX, f.POS), pos)
    count = em.sub(total, first)

    def hashed(j: Op) -> Op:
        return em.load(em.offset(places, em.mul(em.add(first, j), number(64, 8))), 64)

    def warm(j: Op, _: list[Op]) -> list[Op]:
        apart = taken_apart(em, rows, hashed(j), parts.shift)
        alike = Line(em, rows, parts.table, apart.home)
        bits = alike.alike(apart.upper)

        def touch() -> None:
            slot = em.load(alike.slot(lowest(em, bits)), 64)
            prefetch(em, indexed_row(em, rows, parts.store, slot))

        em.when(em.flip(em.compare("eq", bits, number(bits.bits, 0))), touch, "warm")
        return []

    def insert(j: Op, ops: list[Op]) -> list[Op]:
        row = f.row_at(em, buffer, em.add(first, j), rows.words)
        failed = _insert(em, rows, parts, row, hashed(j), pos)
        return [em.add(ops[0], em.resize(em.flip(failed), 64)), failed]

    if not rows.exact:
        em.loop(count, [], warm, hint="warm")
    start = [first, number(1, 0)]
    done = em.loop(count, start, insert, stop=1, hint="insert")[0]
    f.put(em, CTX, f.POS, em.load(pos, 64))
    em.line(f"ret {done.typed}")
    return em.text()


def _insert(em: Emitter, rows: Rows, parts: Parts, row: Op, hashed: Op, pos: Op) -> Op:
    """Find the row or append it; true if there is no slot within reach."""
    walk = _Walk(em, rows, parts, hashed)
    index, end = em.cell("index"), em.label("end")
    line = walk.start(_same_slot if rows.exact else _same_rows(row, index))
    _ensure_block(em, pos)
    here = em.load(pos, 64)
    target = f.row_at(em, parts.store, here, rows.words)
    if rows.exact:
        key = walk.key()
    else:
        copy_row(em, row, target, rows.words)  # others read it as soon as the slot is claimed
        key = em.either(walk.apart.upper, em.add(here, number(64, 1)))
    won = claim(em, rows, line.slot(lowest(em, walk.empty)), key)
    fresh = em.label("new")
    em.branch(won, fresh, walk.again)
    em.place(fresh)
    if rows.exact:
        copy_row(em, row, target, rows.words)
    em.store(em.add(here, number(64, 1)), pos)
    em.jump(end)
    em.place(walk.found)
    em.jump(end)
    em.place(walk.missing)
    em.jump(end)
    walk.leave()
    em.place(end)
    good, bad = number(1, 0), number(1, 1)
    return em.phi(1, ((good, fresh), (good, walk.found), (bad, walk.missing)))


def _ensure_block(em: Emitter, pos: Op) -> None:
    """A place for one more row."""
    is_full = em.compare("eq", em.load(pos, 64), f.get(em, CTX, f.END))

    def take() -> None:
        first = Op(64, em.fresh("first"))
        em.line(f"{first.ref} = call i64 @block(ptr %ctx)")
        em.store(first, pos)

    em.when(is_full, take, "block")


# ---- growing -----------------------------------------------------------------------------------


def _rehash_lines(out: Globals, rows: Rows) -> str:
    """Put the rows of lines lo .. hi-1 of an old table, whose shift was `was`, into the table.

    Gives 1 if there was no slot within reach. Lines come in the order of hashes, so the new
    table is written from front to back.
    """
    signature = "i64 @rehash(ptr %ctx, ptr %old, i64 %lo, i64 %hi, i64 %was)"
    em = Emitter(signature, out)
    parts, low, was = Parts(em), Op(64, "%lo"), Op(64, "%was")
    failed = em.cell("failed")
    em.store(number(64, 0), failed)
    size = rows.slot_bits // 8

    def line(i: Op, _: list[Op]) -> list[Op]:
        here = em.add(low, i)
        at = line_at(em, Op(0, "%old"), here)

        def slot(k: Op, _: list[Op]) -> list[Op]:
            address = em.offset(at, em.mul(k, number(64, size)))
            got = em.resize(em.load(address, rows.slot_bits, align=size), 64)
            taken = em.flip(em.compare("eq", got, number(64, 0)))
            em.when(taken, lambda: put(here, got), "put")
            return []

        em.loop(number(64, rows.slots), [], slot, hint="slot")
        return []

    def put(here: Op, got: Op) -> None:
        distance = em.sub(em.mask(got, DISTANCE_BITS), number(64, 1))
        upper = em.up(em.sub(here, distance), was)
        hashed = em.either(upper, em.down(got, DISTANCE_BITS))
        _settle(em, rows, parts, hashed, None, failed)

    em.loop(em.sub(Op(64, "%hi"), low), [], line, hint="line")
    result = em.load(failed, 64)
    em.line(f"ret {result.typed}")
    return em.text()


def refill_function(out: Globals, rows: Rows) -> str:
    """`rehash` from rows, which is only needed of exact ones where they were in files."""
    return _rehash_rows(out, rows)


def _rehash_rows(out: Globals, rows: Rows) -> str:
    """Put rows lo .. hi-1, which all differ, with hashes from `first` to `last` into the table;
    1 if there was no slot for one."""
    signature = "i64 @rehash(ptr %ctx, i64 %first, i64 %lo, i64 %hi, i64 %last)"
    em = Emitter(signature, out)
    parts, low, high = Parts(em), Op(64, "%lo"), Op(64, "%hi")
    failed = em.cell("failed")
    em.store(number(64, 0), failed)

    def step(i: Op, _: list[Op]) -> list[Op]:
        here = em.add(low, i)
        later = em.add(here, number(64, AHEAD))
        near = em.select(em.compare("ult", later, high), later, here)
        soon = hash_row(em, rows, f.row_at(em, parts.store, near, rows.words))
        home = taken_apart(em, rows, soon, parts.shift).home
        prefetch(em, line_at(em, parts.table, home))
        hashed = hash_row(em, rows, f.row_at(em, parts.store, here, rows.words))
        wanted = em.both(
            em.compare("ule", Op(64, "%first"), hashed), em.compare("ule", hashed, Op(64, "%last"))
        )
        index = None if rows.exact else here
        em.when(wanted, lambda: _settle(em, rows, parts, hashed, index, failed), "put")
        return []

    em.loop(em.sub(high, low), [], step, hint="rehash")
    result = em.load(failed, 64)
    em.line(f"ret {result.typed}")
    return em.text()


def _settle(
    em: Emitter, rows: Rows, parts: Parts, hashed: Op, index: Op | None, failed: Op
) -> None:
    """Put a row that is not in the table into it."""
    walk = _Walk(em, rows, parts, hashed)
    end = em.label("end")
    line = walk.start(lambda walk, line: None)
    if index is None:
        key = walk.key()
    else:
        key = em.either(walk.apart.upper, em.add(index, number(64, 1)))
    won = claim(em, rows, line.slot(lowest(em, walk.empty)), key)
    em.branch(won, end, walk.again)
    em.place(walk.found)
    em.jump(end)
    em.place(walk.missing)
    em.store(number(64, 1), failed)
    em.jump(end)
    walk.leave()
    em.place(end)


# ---- looking and moving ------------------------------------------------------------------------


def _lookup(out: Globals, rows: Rows) -> str:
    """0 if a row is not stored; its index + 1 if rows are indexed, else 1."""
    em = Emitter("i64 @lookup(ptr %ctx, ptr %row)", out)
    parts, row, index = Parts(em), Op(0, "%row"), em.cell("index")
    em.store(number(64, 1), index)
    walk = _Walk(em, rows, parts, hash_row(em, rows, row))
    walk.start(_same_slot if rows.exact else _same_rows(row, index))
    em.line("ret i64 0")
    em.place(walk.missing)
    em.line("ret i64 0")
    em.place(walk.found)
    found = em.load(index, 64)
    em.line(f"ret {found.typed}")
    walk.leave()
    return em.text()


def _move(out: Globals, rows: Rows) -> str:
    """Move `n` rows to where none are, while no worker works."""
    em = Emitter("void @move(ptr %ctx, i64 %from, i64 %to, i64 %n)", out)
    parts = Parts(em)

    def row(i: Op, _: list[Op]) -> list[Op]:
        old, new = em.add(Op(64, "%from"), i), em.add(Op(64, "%to"), i)
        source = f.row_at(em, parts.store, old, rows.words)
        if not rows.exact:
            _redirect(em, rows, parts, source, old, new)
        copy_row(em, source, f.row_at(em, parts.store, new, rows.words), rows.words)
        return []

    em.loop(Op(64, "%n"), [], row, hint="move")
    em.line("ret void")
    return em.text()


def _redirect(em: Emitter, rows: Rows, parts: Parts, row: Op, old: Op, new: Op) -> None:
    """The slot of a row becomes that of its new index."""
    walk = _Walk(em, rows, parts, hash_row(em, rows, row))
    was = em.either(walk.apart.upper, em.add(old, number(64, 1)))
    becomes = em.either(walk.apart.upper, em.add(new, number(64, 1)))
    end = em.label("end")
    place = em.cell("place", rows.slots)

    def own(walk: _Walk, line: Line) -> None:
        rest = em.label("rest")
        bits = line.equal(was)
        em.store(bits, place, align=1)
        em.branch(em.compare("eq", bits, number(bits.bits, 0)), rest, walk.found)
        em.place(rest)

    walk.start(own)
    em.jump(end)
    em.place(walk.missing)
    em.jump(end)
    em.place(walk.found)
    here = em.add(walk.apart.home, em.load(walk.distance, 64))
    by = em.mul(lowest(em, em.load(place, rows.slots, align=1)), number(64, 8))
    em.store(becomes, em.offset(line_at(em, parts.table, here), by))
    em.jump(end)
    walk.leave()
    em.place(end)


__all__ = ["AHEAD", "BATCH", "CTX", "Parts", "Rows", "prefetch", "room", "table_functions"]
