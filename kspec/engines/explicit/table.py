"""Generated code of the search itself: the loop over states, and the table of states seen.

States are appended to one array of rows, level after level. The hash table has open addressing;
it is filled to a little over half. Where a row is one word and has a bit to spare, a slot is the
row + 1, so that 0 is empty. Otherwise a slot is the index of the row + 1 with bits of its hash
on top, and rows are compared. Either way keys are exact.

Successors are collected, hashed, and their slots prefetched, a few hundred at a time, before any
is looked up: waiting for memory is what a search does otherwise. Next: `program`.
"""

from __future__ import annotations

from typing import final

from attrs import frozen

from kspec.engines.explicit import frame as f
from kspec.engines.explicit.emit import Emitter, Globals
from kspec.engines.explicit.frame import copy_row, same_row
from kspec.engines.explicit.operand import Op, number

BATCH = 256
AHEAD = 16
MULTIPLY = (0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93)
INDEX_BITS = 40
CTX = Op(0, "%ctx")
PREFETCH = "declare void @llvm.prefetch.p0(ptr, i32, i32, i32)"


@final
@frozen
class Rows:
    """How states are stored: words of a row; `direct`: slots hold the rows themselves.

    `most` is how many successors one state can have.
    """

    words: int
    direct: bool
    most: int

    def room(self) -> int:
        """Rows that may come out of one batch."""
        return BATCH + self.most


def table_functions(out: Globals, rows: Rows) -> list[str]:
    """All functions that do not depend on the system otherwise."""
    return [
        _advance(out, rows),
        _flush(out, rows),
        _enter(out, rows),
        _rehash(out, rows),
        _lookup(out, rows),
    ]


# ---- hashes and slots --------------------------------------------------------------------------


def _hash(em: Emitter, rows: Rows, row: Op) -> Op:
    """64 bits of hash; the high ones choose the slot."""

    def mix(k: Op, ops: list[Op]) -> list[Op]:
        word = em.load(_word(em, row, k), 64)
        mixed = em.mul(em.binary("xor", ops[0], word), number(64, MULTIPLY[0]))
        return [em.binary("xor", mixed, em.down(mixed, 32))]

    (total,) = em.repeat(rows.words, [number(64, 0)], mix, "hash")
    return em.mul(total, number(64, MULTIPLY[1]))


def _word(em: Emitter, row: Op, k: Op) -> Op:
    return em.offset(row, em.mul(k, number(64, 8)))


def _slot(em: Emitter, table: Op, place: Op) -> Op:
    return em.offset(table, em.mul(place, number(64, 8)))


def _prefetch(em: Emitter, at: Op) -> None:
    em.globals.need(PREFETCH)
    em.line(f"call void @llvm.prefetch.p0({at.typed}, i32 1, i32 3, i32 1)")


def _place(em: Emitter, hashed: Op, shift: Op) -> Op:
    return em.down(hashed, shift)


def _tag(em: Emitter, hashed: Op) -> Op:
    """The low bits of the hash, where an index leaves room."""
    return em.up(hashed, INDEX_BITS)


# ---- the loop over states ----------------------------------------------------------------------


def _advance(out: Globals, rows: Rows) -> str:
    """Expand rows CURSOR .. STOP-1; 1 if it ended early for want of room."""
    em = Emitter("i64 @advance(ptr %ctx)", out)
    shift, store = f.get(em, CTX, f.SHIFT), f.pointer(em, f.get(em, CTX, f.STORE))
    table, buffer = f.pointer(em, f.get(em, CTX, f.TABLE)), f.pointer(em, f.get(em, CTX, f.BUFFER))
    places = f.pointer(em, f.get(em, CTX, f.PLACES))
    stop, limit = f.get(em, CTX, f.STOP), f.get(em, CTX, f.LIMIT)
    cursor, pending, status = em.cell("cursor"), em.cell("pending"), em.cell("status")
    em.store(f.get(em, CTX, f.CURSOR), cursor)
    em.store(number(64, 0), pending)
    em.store(number(64, 0), status)
    head, room, work, full, done = (em.label(x) for x in ("head", "room", "work", "full", "done"))
    em.jump(head)
    em.place(head)
    here = em.load(cursor, 64)
    em.branch(em.compare("ult", here, stop), room, done)
    em.place(room)
    waiting = em.load(pending, 64)
    wanted = em.add(em.add(f.get(em, CTX, f.STORED), waiting), number(64, rows.most))
    em.branch(em.compare("ule", wanted, limit), work, full)
    em.place(full)
    em.store(number(64, 1), status)
    em.jump(done)
    em.place(work)
    target = f.row_at(em, buffer, waiting, rows.words)
    source = f.row_at(em, store, here, rows.words)
    more = Op(64, em.fresh("n"))
    em.line(f"{more.ref} = call i64 @expand(ptr %ctx, {source.typed}, {target.typed})")

    def hashes(j: Op, _: list[Op]) -> list[Op]:
        hashed = _hash(em, rows, f.row_at(em, target, j, rows.words))
        em.store(hashed, em.offset(places, em.mul(em.add(waiting, j), number(64, 8))))
        _prefetch(em, _slot(em, table, _place(em, hashed, shift)))
        return []

    em.loop(more, [], hashes, hint="hash")
    total = em.add(waiting, more)
    em.store(total, pending)
    em.store(em.add(here, number(64, 1)), cursor)

    def flush() -> None:
        em.line(f"call void @flush(ptr %ctx, {total.typed})")
        em.store(number(64, 0), pending)

    em.when(em.compare("ule", number(64, BATCH), total), flush, "flush")
    em.jump(head)
    em.place(done)
    left = em.load(pending, 64)
    em.line(f"call void @flush(ptr %ctx, {left.typed})")
    f.put(em, CTX, f.CURSOR, em.load(cursor, 64))
    result = em.load(status, 64)
    em.line(f"ret {result.typed}")
    return em.text()


def _flush(out: Globals, rows: Rows) -> str:
    """Look up `n` rows of the buffer, whose hashes are known; append the new ones."""
    em = Emitter("internal void @flush(ptr %ctx, i64 %n)", out)
    parts = _Parts(em, rows)
    buffer = f.pointer(em, f.get(em, CTX, f.BUFFER))
    places = f.pointer(em, f.get(em, CTX, f.PLACES))

    def hashed(j: Op) -> Op:
        return em.load(em.offset(places, em.mul(j, number(64, 8))), 64)

    def warm(j: Op, _: list[Op]) -> list[Op]:
        h = hashed(j)
        slot = em.load(_slot(em, parts.table, _place(em, h, parts.shift)), 64)
        index = em.sub(em.mask(slot, INDEX_BITS), number(64, 1))
        alike = em.compare("eq", em.mask(_upper(em, slot), 24), em.mask(h, 24))
        hit = em.both(alike, em.compare("ne", slot, number(64, 0)))
        em.when(hit, lambda: _prefetch(em, f.row_at(em, parts.store, index, rows.words)))
        return []

    def insert(j: Op, ops: list[Op]) -> list[Op]:
        row = f.row_at(em, buffer, j, rows.words)
        return [_insert(em, rows, parts, row, hashed(j), ops[0])]

    count = Op(64, "%n")
    if not rows.direct:
        em.loop(count, [], warm, hint="warm")
    (stored,) = em.loop(count, [f.get(em, CTX, f.STORED)], insert, hint="insert")
    f.put(em, CTX, f.STORED, stored)
    em.line("ret void")
    return em.text()


@final
class _Parts:
    """What every walk through the table needs."""

    def __init__(self, em: Emitter, rows: Rows) -> None:
        self.store = f.pointer(em, f.get(em, CTX, f.STORE))
        self.table = f.pointer(em, f.get(em, CTX, f.TABLE))
        self.shift = f.get(em, CTX, f.SHIFT)
        self.mask = f.get(em, CTX, f.MASK)


def _upper(em: Emitter, slot: Op) -> Op:
    return em.down(slot, INDEX_BITS)


def _insert(em: Emitter, rows: Rows, parts: _Parts, row: Op, hashed: Op, stored: Op) -> Op:
    """Find the row or append it; gives how many are stored then."""
    first = em.load(row, 64)
    head, test, walk, fresh, end = (em.label(x) for x in ("probe", "test", "walk", "new", "end"))
    start = _place(em, hashed, parts.shift)
    more = em.add(stored, number(64, 1))
    key = em.add(first, number(64, 1)) if rows.direct else em.either(_tag(em, hashed), more)
    before = em.block
    em.jump(head)
    em.place(head)
    place, further = Op(64, em.fresh("at")), Op(64, em.fresh("next"))
    em.line(f"{place.ref} = phi i64 [ {start.ref}, %{before} ], [ {further.ref}, %{walk} ]")
    em.enter()
    at = _slot(em, parts.table, place)
    slot = em.load(at, 64)
    em.branch(em.compare("eq", slot, number(64, 0)), fresh, test)
    em.place(test)
    same = _same(em, rows, parts, slot, row, hashed)
    found = em.block
    em.branch(same, end, walk)
    em.place(walk)
    one = em.add(place, number(64, 1))
    em.line(f"{further.ref} = and {one.typed}, {parts.mask.ref}")
    em.jump(head)
    em.place(fresh)
    em.store(key, at)
    target = f.row_at(em, parts.store, stored, rows.words)
    copy_row(em, row, target, rows.words)
    copied = em.block
    em.jump(end)
    em.leave()
    em.place(end)
    return em.phi(64, ((stored, found), (more, copied)))


def _same(em: Emitter, rows: Rows, parts: _Parts, slot: Op, row: Op, hashed: Op) -> Op:
    """Does an occupied slot stand for this row?"""
    if rows.direct:
        return em.compare("eq", slot, em.add(em.load(row, 64), number(64, 1)))
    alike = em.compare("eq", _upper(em, slot), em.mask(hashed, 64 - INDEX_BITS))

    def rest() -> list[Op]:
        index = em.sub(em.mask(slot, INDEX_BITS), number(64, 1))
        other = f.row_at(em, parts.store, index, rows.words)
        return [same_row(em, row, other, rows.words)]

    return em.choose(alike, rest, lambda: [number(1, 0)], "same")[0]


def _enter(out: Globals, rows: Rows) -> str:
    """Look up PENDING rows of the buffer, not hashed yet."""
    em = Emitter("void @enter(ptr %ctx)", out)
    buffer = f.pointer(em, f.get(em, CTX, f.BUFFER))
    places = f.pointer(em, f.get(em, CTX, f.PLACES))
    count = f.get(em, CTX, f.PENDING)

    def hashes(j: Op, _: list[Op]) -> list[Op]:
        hashed = _hash(em, rows, f.row_at(em, buffer, j, rows.words))
        em.store(hashed, em.offset(places, em.mul(j, number(64, 8))))
        return []

    em.loop(count, [], hashes, hint="hash")
    em.line(f"call void @flush(ptr %ctx, {count.typed})")
    em.line("ret void")
    return em.text()


def _rehash(out: Globals, rows: Rows) -> str:
    """Fill an empty table with the stored rows, which all differ."""
    em = Emitter("void @rehash(ptr %ctx)", out)
    parts = _Parts(em, rows)
    count = f.get(em, CTX, f.STORED)

    def step(j: Op, _: list[Op]) -> list[Op]:
        later = em.add(j, number(64, AHEAD))
        near = em.select(em.compare("ult", later, count), later, j)
        soon = _hash(em, rows, f.row_at(em, parts.store, near, rows.words))
        _prefetch(em, _slot(em, parts.table, _place(em, soon, parts.shift)))
        row = f.row_at(em, parts.store, j, rows.words)
        _settle(em, rows, parts, row, j)
        return []

    em.loop(count, [], step, hint="rehash")
    em.line("ret void")
    return em.text()


def _settle(em: Emitter, rows: Rows, parts: _Parts, row: Op, index: Op) -> None:
    hashed = _hash(em, rows, row)
    place = em.cell("at")
    em.store(_place(em, hashed, parts.shift), place)
    head, walk, end = em.label("probe"), em.label("walk"), em.label("end")
    em.jump(head)
    em.place(head)
    here = em.load(place, 64)
    at = _slot(em, parts.table, here)
    em.branch(em.compare("eq", em.load(at, 64), number(64, 0)), end, walk)
    em.place(walk)
    em.store(em.both(em.add(here, number(64, 1)), parts.mask), place)
    em.jump(head)
    em.place(end)
    more = em.add(index, number(64, 1))
    key = em.load(row, 64)
    key = em.add(key, number(64, 1)) if rows.direct else em.either(_tag(em, hashed), more)
    em.store(key, at)


def _lookup(out: Globals, rows: Rows) -> str:
    """Is a row stored? 1 or 0."""
    em = Emitter("i64 @lookup(ptr %ctx, ptr %row)", out)
    parts, row = _Parts(em, rows), Op(0, "%row")
    hashed = _hash(em, rows, row)
    place = em.cell("at")
    em.store(_place(em, hashed, parts.shift), place)
    head, test, walk = em.label("probe"), em.label("test"), em.label("walk")
    no, yes = em.label("no"), em.label("yes")
    em.jump(head)
    em.place(head)
    here = em.load(place, 64)
    slot = em.load(_slot(em, parts.table, here), 64)
    em.branch(em.compare("eq", slot, number(64, 0)), no, test)
    em.place(test)
    em.branch(_same(em, rows, parts, slot, row, hashed), yes, walk)
    em.place(walk)
    em.store(em.both(em.add(here, number(64, 1)), parts.mask), place)
    em.jump(head)
    em.place(no)
    em.line("ret i64 0")
    em.place(yes)
    em.line("ret i64 1")
    return em.text()
