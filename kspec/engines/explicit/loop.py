"""Generated code of the loop over states, which every worker runs.

A worker takes chunks of the level until there are none, expands their rows into its buffer, and
has full batches looked up. It stops early where there is no room, and goes on later where it
stopped: what it has not looked up yet is in its frame. Next: `store.table`, `search`.
"""

from __future__ import annotations

from kspec.engines.explicit import frame as f
from kspec.engines.explicit.frame import copy_row
from kspec.engines.explicit.llvm.emit import Emitter, Globals
from kspec.engines.explicit.llvm.operand import Op, number
from kspec.engines.explicit.store.lines import Rows, hash_row, line_at, taken_apart
from kspec.engines.explicit.store.table import BATCH, CTX, Parts, prefetch

CHUNK = 64
"""Rows that a worker takes from the level at once."""


def loop_functions(
    out: Globals, rows: Rows, *, orbits: bool = False, stubborn: bool = False
) -> list[str]:
    """`advance` and `enter`; with `orbits`, rows are made canonical before they are hashed; with
    `stubborn`, some of them wait."""
    entries = [_advance(out, rows, orbits, stubborn), _enter(out, rows, orbits)]
    return [*entries, _is_full(out), _scatter(out, rows, orbits)]


def _advance(out: Globals, rows: Rows, orbits: bool, stubborn: bool) -> str:
    """Expand what is left of the level; 1 if it ended early for want of room."""
    em = Emitter("i64 @advance(ptr %ctx)", out)
    parts = Parts(em)
    buffer = f.pointer(em, f.get(em, CTX, f.BUFFER))
    places = f.pointer(em, f.get(em, CTX, f.PLACES))
    shared = f.pointer(em, f.get(em, CTX, f.SHARED))
    pending, done = em.cell("pending"), em.cell("done")
    cursor, stop = em.cell("cursor"), em.cell("stop")
    for cell, index in ((pending, f.PENDING), (done, f.DONE), (cursor, f.CURSOR), (stop, f.STOP)):
        em.store(f.get(em, CTX, index), cell)
    names = ("flush", "head", "chunk", "got", "work", "full", "last", "ready", "exit")
    flush, head, chunk, got, work, full, last, ready, leave = (em.label(n) for n in names)
    status = em.cell("status")
    em.store(number(64, 0), status)
    left = em.compare("eq", em.load(pending, 64), number(64, 0))
    em.branch(left, head, flush)

    em.place(flush)  # all that is pending
    waiting, first = em.load(pending, 64), em.load(done, 64)
    upto = Op(64, em.fresh("upto"))
    em.line(f"{upto.ref} = call i64 @flush(ptr %ctx, {first.typed}, {waiting.typed})")
    em.store(upto, done)
    some = em.label("some")
    em.branch(em.compare("eq", upto, waiting), some, full)
    em.place(some)
    em.store(number(64, 0), pending)
    em.store(number(64, 0), done)
    is_full = Op(1, em.fresh("full"))
    em.line(f"{is_full.ref} = call i1 @is_full(ptr %ctx)")
    em.branch(is_full, full, head)

    em.place(head)
    em.branch(em.compare("ult", em.load(cursor, 64), em.load(stop, 64)), work, chunk)
    em.place(chunk)
    at, end = f.entry(em, shared, f.NEXT_CHUNK), f.get(em, shared, f.LAST_CHUNK)
    taken = Op(64, em.fresh("taken"))
    em.line(f"{taken.ref} = atomicrmw add {at.typed}, i64 {CHUNK} monotonic")
    em.branch(em.compare("ult", taken, end), got, last)
    em.place(got)
    behind = em.add(taken, number(64, CHUNK))
    em.store(taken, cursor)
    em.store(em.select(em.compare("ult", behind, end), behind, end), stop)
    em.jump(work)

    em.place(work)
    here, waiting = em.load(cursor, 64), em.load(pending, 64)
    target = f.row_at(em, buffer, waiting, rows.words)
    source = f.row_at(em, parts.store, here, rows.words)
    more = Op(64, em.fresh("n"))
    em.line(f"{more.ref} = call i64 @expand(ptr %ctx, {source.typed}, {target.typed})")
    if stubborn:
        every, more = more, Op(64, em.fresh("kept"))
        arguments = f"ptr %ctx, {source.typed}, {target.typed}, {every.typed}"
        em.line(f"{more.ref} = call i64 @select({arguments})")

    def hashes(j: Op, _: list[Op]) -> list[Op]:
        row = f.row_at(em, target, j, rows.words)
        _make_canonical(em, row, orbits and not stubborn)
        hashed = hash_row(em, rows, row)
        em.store(hashed, em.offset(places, em.mul(em.add(waiting, j), number(64, 8))))
        prefetch(em, line_at(em, parts.table, taken_apart(em, rows, hashed, parts.shift).home))
        return []

    em.loop(more, [], hashes, hint="hash")
    total = em.add(waiting, more)
    em.store(total, pending)
    em.store(em.add(here, number(64, 1)), cursor)
    em.branch(em.compare("ule", number(64, BATCH), total), flush, head)

    em.place(last)  # nothing is left but what is pending
    em.branch(em.compare("eq", em.load(pending, 64), number(64, 0)), leave, ready)
    em.place(ready)
    em.jump(flush)
    em.place(full)
    em.store(number(64, 1), status)
    em.jump(leave)
    em.place(leave)
    for cell, index in ((pending, f.PENDING), (done, f.DONE), (cursor, f.CURSOR), (stop, f.STOP)):
        f.put(em, CTX, index, em.load(cell, 64))
    result = em.load(status, 64)
    em.line(f"ret {result.typed}")
    return em.text()


def _is_full(out: Globals) -> str:
    """Is more room needed before the next batch? One worker alone takes no blocks."""
    em = Emitter("internal i1 @is_full(ptr %ctx)", out)
    shared, next_ = f.pointer(em, f.get(em, CTX, f.SHARED)), Op(64, em.fresh("next"))
    at = f.entry(em, shared, f.NEXT)
    em.line(f"{next_.ref} = load atomic i64, {at.typed} monotonic, align 8")
    own, limit = f.get(em, CTX, f.POS), f.get(em, CTX, f.LIMIT)
    used = em.select(em.compare("ult", next_, own), own, next_)
    result = em.compare("ult", limit, used)
    em.line(f"ret {result.typed}")
    return em.text()


def _enter(out: Globals, rows: Rows, orbits: bool) -> str:
    """Hash PENDING rows of the buffer; `advance` looks them up."""
    em = Emitter("void @enter(ptr %ctx)", out)
    buffer = f.pointer(em, f.get(em, CTX, f.BUFFER))
    places = f.pointer(em, f.get(em, CTX, f.PLACES))

    def hashes(j: Op, _: list[Op]) -> list[Op]:
        row = f.row_at(em, buffer, j, rows.words)
        _make_canonical(em, row, orbits)
        hashed = hash_row(em, rows, row)
        em.store(hashed, em.offset(places, em.mul(j, number(64, 8))))
        return []

    em.loop(f.get(em, CTX, f.PENDING), [], hashes, hint="hash")
    f.put(em, CTX, f.DONE, number(64, 0))
    em.line("ret void")
    return em.text()


def _scatter(out: Globals, rows: Rows, orbits: bool) -> str:
    """Expand rows lo .. hi-1, and put each successor behind those of its segment, which is the
    part of its hash above `shift`. There is `room` in each; gives the first row not expanded."""
    signature = (
        "i64 @scatter(ptr %ctx, i64 %lo, i64 %hi, ptr %rows, ptr %counts, i64 %shift, i64 %room)"
    )
    em = Emitter(signature, out)
    store = f.pointer(em, f.get(em, CTX, f.STORE))
    buffer = f.pointer(em, f.get(em, CTX, f.BUFFER))
    low, room = Op(64, "%lo"), Op(64, "%room")

    def one(j: Op, ops: list[Op]) -> list[Op]:
        row = f.row_at(em, buffer, j, rows.words)
        _make_canonical(em, row, orbits)
        segment = em.down(hash_row(em, rows, row), Op(64, "%shift"))
        counter = em.offset(Op(0, "%counts"), em.mul(segment, number(64, 8)))
        count = em.load(counter, 64)
        place = em.add(em.mul(segment, room), count)
        copy_row(em, row, f.row_at(em, Op(0, "%rows"), place, rows.words), rows.words)
        more = em.add(count, number(64, 1))
        em.store(more, counter)
        left = em.sub(room, more)
        return [em.either(ops[0], em.compare("ult", left, number(64, rows.most)))]

    def state(i: Op, ops: list[Op]) -> list[Op]:
        source = f.row_at(em, store, em.add(low, i), rows.words)
        found = Op(64, em.fresh("n"))
        em.line(f"{found.ref} = call i64 @expand(ptr %ctx, {source.typed}, {buffer.typed})")
        (full,) = em.loop(found, [number(1, 0)], one, hint="scatter")
        return [em.add(ops[0], number(64, 1)), full]

    count = em.sub(Op(64, "%hi"), low)
    done = em.loop(count, [low, number(1, 0)], state, stop=1, hint="state")[0]
    em.line(f"ret {done.typed}")
    return em.text()


def _make_canonical(em: Emitter, row: Op, orbits: bool) -> None:
    if orbits:
        em.line(f"call void @canonical({row.typed})")


__all__ = ["CHUNK", "loop_functions"]
