"""Generated code for the strongly connected parts of a product, and for what is in a part.

Next: `product`, which calls it.
"""

from __future__ import annotations

from kspec.engines.explicit.llvm.emit import Globals
from kspec.engines.explicit.llvm.operand import Op, number
from kspec.engines.explicit.runs.product_frame import (
    BARRED,
    DONE,
    REST,
    WANTED,
    Word,
    Writer,
)


def flag_of(w: Writer, at: Op, flag: int) -> Op:
    """Has an edge of the product a flag: 0, or something else?"""
    em, told = w.em, w.var("flag", number(64, 0))

    def look() -> None:
        edge = w.load(w.get(Word.EDGES), at)

        def read() -> None:
            flags = w.load(w.get(Word.FLAGS), edge, 8)
            em.store(em.both(flags, number(64, flag)), told)

        w.if_(w.is_("ne", edge, REST), read)

    w.if_(w.is_("ne", w.get(Word.FLAGS), 0), look)
    return w.read(told)


def parts_function(out: Globals) -> str:
    """The strongly connected parts of the listed nodes that have an edge inside (Tarjan).

    `OUT` has their nodes, part by part, `ENDS` where each ends; `PARTS` the number of every
    listed node's part.
    """
    w = Writer("i64 @parts(ptr %ctx)", out)
    em = w.em
    tag, listed = w.get(Word.TAG), w.get(Word.LISTED)
    order, low, parts = w.get(Word.ORDER), w.get(Word.LOW), w.get(Word.PARTS)
    tags, list_, stack = w.get(Word.TAGS), w.get(Word.LIST), w.get(Word.STACK)
    path, cursors, begins = w.get(Word.PATH), w.get(Word.CURSORS), w.get(Word.BEGINS)
    leads, out_, ends = w.get(Word.LEADS), w.get(Word.OUT), w.get(Word.ENDS)
    one = number(64, 1)
    i = w.var("i", number(64, 0))

    def clear() -> None:
        node = w.load(list_, w.read(i))
        w.store(order, node, number(64, 0))
        w.store(parts, node, number(64, 0))
        w.store(tags, node, tag)
        w.add(i)

    w.while_(lambda: w.is_("ult", w.read(i), listed), clear)
    met, top, depth = (w.var(n, number(64, 0)) for n in ("met", "top", "depth"))
    wrote, ended = w.var("wrote", number(64, 0)), w.var("ended", number(64, 0))
    part = w.var("part", w.get(Word.PART))
    em.store(number(64, 0), i)

    def visit(node: Op) -> None:
        w.add(met)
        w.store(order, node, w.read(met))
        w.store(low, node, w.read(met))
        w.store(stack, w.read(top), node)
        w.add(top)
        w.store(path, w.read(depth), node)
        w.store(cursors, w.read(depth), w.load(begins, node, 64), 64)
        w.add(depth)

    def finish(node: Op) -> None:
        w.add(depth, -1)
        lowest = w.load(low, node)

        def lower() -> None:
            parent = w.load(path, em.sub(w.read(depth), one))
            old = w.load(low, parent)
            w.store(low, parent, em.select(w.is_("ult", lowest, old), lowest, old))

        w.if_(w.is_("ne", w.read(depth), 0), lower)
        w.if_(w.is_("eq", lowest, w.load(order, node)), lambda: close(node))

    def close(node: Op) -> None:
        w.add(part)
        first = w.read(wrote)
        going = w.var("going", one)

        def pop() -> None:
            w.add(top, -1)
            member = w.load(stack, w.read(top))
            w.store(parts, member, w.read(part))
            w.store(out_, w.read(wrote), member)
            w.add(wrote)
            more = em.resize(w.is_("ne", member, node), 64)
            em.store(more, going)

        w.while_(lambda: w.is_("ne", w.read(going), 0), pop)
        inside = w.var("inside", number(64, 0))
        many = w.is_("ult", em.add(first, one), w.read(wrote))
        w.if_(many, lambda: em.store(one, inside), lambda: loops(node, inside))

        def keep() -> None:
            w.store(ends, w.read(ended), w.read(wrote))
            w.add(ended)

        w.if_(w.is_("ne", w.read(inside), 0), keep, lambda: em.store(first, wrote))

    def loops(node: Op, inside: Op) -> None:
        edge = w.var("loop", w.load(begins, node, 64))
        high = w.load(begins, em.add(node, one), 64)

        def look() -> None:
            at = w.read(edge)
            here = w.is_("eq", w.load(leads, at), node)
            free = w.is_("eq", flag_of(w, at, BARRED), 0)
            w.if_(em.both(here, free), lambda: em.store(one, inside))
            w.add(edge)

        w.while_(lambda: w.is_("ult", w.read(edge), high), look)

    def deeper() -> None:
        last = em.sub(w.read(depth), one)
        node = w.load(path, last)
        at = w.load(cursors, last, 64)
        more = w.is_("ult", at, w.load(begins, em.add(node, one), 64))
        w.if_(more, lambda: follow(node, at, last), lambda: finish(node))

    def follow(node: Op, at: Op, last: Op) -> None:
        w.store(cursors, last, em.add(at, one), 64)
        target = w.load(leads, at)
        inside = w.is_("eq", w.load(tags, target), tag)
        is_open = w.is_("eq", w.load(parts, target), 0)
        free = w.is_("eq", flag_of(w, at, BARRED), 0)

        def enter() -> None:
            number_ = w.load(order, target)

            def back() -> None:
                old = w.load(low, node)
                w.store(low, node, em.select(w.is_("ult", number_, old), number_, old))

            w.if_(w.is_("eq", number_, 0), lambda: visit(target), back)

        w.if_(em.both(inside, em.both(is_open, free)), enter)

    def root() -> None:
        node = w.load(list_, w.read(i))

        def search() -> None:
            visit(node)
            w.while_(lambda: w.is_("ne", w.read(depth), 0), deeper)

        w.if_(w.is_("eq", w.load(order, node), 0), search)
        w.add(i)

    w.while_(lambda: w.is_("ult", w.read(i), listed), root)
    w.put(Word.ENDED, w.read(ended))
    w.put(Word.PART, w.read(part))
    em.line(f"ret i64 {DONE}")
    return em.text()


# ---- what is in a part -------------------------------------------------------------------------


def look_function(out: Globals) -> str:
    """Sum up the part whose nodes are `OUT` lo .. hi-1."""
    w = Writer("i64 @look(ptr %ctx, i64 %lo, i64 %hi)", out)
    em, words, one = w.em, w.get(Word.WORDS), number(64, 1)
    sums, parts = w.get(Word.SUMS), w.get(Word.PARTS)
    taken_at = em.add(words, words)
    k = w.var("k", number(64, 0))

    def clear() -> None:
        w.store(sums, w.read(k), number(64, -1), 64)
        w.store(sums, em.add(w.read(k), words), number(64, 0), 64)
        w.store(sums, em.add(w.read(k), taken_at), number(64, 0), 64)
        w.add(k)

    w.while_(lambda: w.is_("ult", w.read(k), words), clear)
    common, promised = w.var("common", number(64, -1)), w.var("promised", number(64, 0))
    wanted = w.var("wanted", number(64, 0))
    i = w.var("i", Op(64, "%lo"))
    mine = w.load(parts, w.load(w.get(Word.OUT), Op(64, "%lo")))

    def node_() -> None:
        node = w.load(w.get(Word.OUT), w.read(i))
        state = w.load(w.get(Word.STATES), node)
        row = em.mul(w.load(w.get(Word.OFFERED), state), words)
        em.store(number(64, 0), k)

        def merge() -> None:
            here = w.read(k)
            set_ = w.load(w.get(Word.OFFERS), em.add(row, here), 64)
            w.store(sums, here, em.both(w.load(sums, here, 64), set_), 64)
            ever = em.add(here, words)
            w.store(sums, ever, em.either(w.load(sums, ever, 64), set_), 64)
            w.add(k)

        w.while_(lambda: w.is_("ult", w.read(k), words), merge)
        edge = w.var("edge", w.load(w.get(Word.BEGINS), node, 64))
        high = w.load(w.get(Word.BEGINS), em.add(node, one), 64)

        def edge_() -> None:
            at = w.read(edge)
            target = w.load(w.get(Word.LEADS), at)
            inside = w.is_("eq", w.load(parts, target), mine)
            free = w.is_("eq", flag_of(w, at, BARRED), 0)
            w.if_(em.both(inside, free), lambda: inner(at))
            w.add(edge)

        w.while_(lambda: w.is_("ult", w.read(edge), high), edge_)
        w.add(i)

    def inner(at: Op) -> None:
        mask = w.load(w.get(Word.MASKS), w.load(w.get(Word.PUTS), at), 64)
        em.store(em.both(w.read(common), mask), common)
        em.store(em.either(w.read(promised), mask), promised)
        em.store(em.either(w.read(wanted), flag_of(w, at, WANTED)), wanted)
        step = w.load(w.get(Word.EDGES), at)

        def fair() -> None:
            which = w.load(w.get(Word.FAIRS), step)

            def take() -> None:
                bit = em.sub(which, one)
                place = em.add(taken_at, em.down(bit, 6))
                set_ = em.up(one, em.both(bit, number(64, 63)))
                w.store(sums, place, em.either(w.load(sums, place, 64), set_), 64)

            w.if_(w.is_("ne", which, 0), take)

        w.if_(w.is_("ne", step, REST), fair)

    w.while_(lambda: w.is_("ult", w.read(i), Op(64, "%hi")), node_)
    w.put(Word.COMMON, w.read(common))
    w.put(Word.PROMISED, w.read(promised))
    w.put(Word.WANTED, w.read(wanted))
    em.line(f"ret i64 {DONE}")
    return em.text()
