"""Generated code for products: growing one, its strongly connected parts, what is in a part.

The same code for every system: what differs is data in arrays, whose addresses are in a frame of
words. `product` fills them, and fills in what `grow` does not know. Next: `product`.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Final

from kspec.engines.explicit import frame as f
from kspec.engines.explicit.emit import Emitter, Globals
from kspec.engines.explicit.operand import Op, number

REST: Final = (1 << 32) - 1
"""In the place of an edge of the graph: a moment of rest."""


class Word(enum.IntEnum):
    """The words of the frame. Names in the plural are addresses of arrays; of 32 bits an element
    if nothing else is said."""

    # The graph: 64 bits for `FIRST`, 8 for `STILL` (may a run rest here) and `FLAGS` (of edges).
    FIRST = 0
    TARGETS = 1
    SAYS = 2
    FAIRS = 3
    OFFERED = 4
    OFFERS = 5  # 64 bits, `WORDS` a set
    STILL = 6
    FLAGS = 7  # 0 if there is no rule
    STEPS = 8  # 0 if the monitor reads no steps
    # The monitor: numbers of what it reads by what is said of a state; its moves.
    LETTERS = 9
    BEFORES = 10
    DELTA = 11
    MOVES = 12
    N_LETTERS = 13
    N_BEFORES = 14
    N_STEPS = 15
    MOST_MOVES = 16
    MASKS = 17  # 64 bits: what was put off, by number
    # The product: 64 bits for `BEGINS` and `PLACES` (addresses, by kind).
    STATES = 18
    KINDS = 19
    PARENTS = 20
    CAME = 21
    BEGINS = 22
    LEADS = 23
    EDGES = 24
    PUTS = 25
    PLACES = 26
    NODE = 27
    NODES = 28
    WROTE = 29
    NODE_ROOM = 30
    EDGE_ROOM = 31
    MISSED = 32  # the edge of the graph that `grow` stopped at
    # Parts: 64 bits for `CURSORS`.
    LIST = 33
    LISTED = 34
    TAGS = 35
    TAG = 36
    ORDER = 37
    LOW = 38
    PARTS = 39
    STACK = 40
    PATH = 41
    CURSORS = 42
    OUT = 43
    ENDS = 44
    ENDED = 45
    PART = 46
    # What is in a part: sets of `WORDS` words each at `SUMS`: always, ever, taken.
    WORDS = 47
    SUMS = 48
    COMMON = 49
    PROMISED = 50
    WANTED = 51
    SIZE = 52


DONE, UNKNOWN, NO_EDGES, NO_NODES = range(4)
BARRED, WANTED = 1, 2
"""Flags of an edge of the graph."""

CTX: Final = Op(0, "%ctx")
Code = Callable[[], None]


def product_module() -> str:
    """LLVM assembly: `grow`, `parts`, `look`."""
    out = Globals()
    return "\n".join([_grow(out), _parts(out), _look(out)]) + out.text()


# ---- a little language -------------------------------------------------------------------------


class _Writer:
    """Loops, variables and arrays on top of an emitter."""

    def __init__(self, signature: str, out: Globals) -> None:
        self.em = Emitter(signature, out)

    def get(self, word: Word) -> Op:
        """A word of the frame."""
        return f.get(self.em, CTX, word)

    def put(self, word: Word, value: Op) -> None:
        """Change it."""
        f.put(self.em, CTX, word, value)

    def at(self, array: Op, index: Op, bits: int) -> Op:
        """The address of an element of an array whose address is a number."""
        by = self.em.mul(index, number(64, bits // 8))
        return self.em.offset(f.pointer(self.em, array), by)

    def load(self, array: Op, index: Op, bits: int = 32) -> Op:
        """An element, as 64 bits."""
        at = self.at(array, index, bits)
        return self.em.resize(self.em.load(at, bits, bits // 8), 64)

    def store(self, array: Op, index: Op, value: Op, bits: int = 32) -> None:
        """Change an element."""
        at = self.at(array, index, bits)
        self.em.store(self.em.resize(value, bits), at, bits // 8)

    def var(self, name: str, value: Op) -> Op:
        """A variable; `read` and `em.store` it."""
        cell = self.em.cell(name)
        self.em.store(value, cell)
        return cell

    def read(self, cell: Op) -> Op:
        """The value of a variable."""
        return self.em.load(cell, 64)

    def add(self, cell: Op, by: int = 1) -> None:
        """Change a variable by so much."""
        self.em.store(self.em.add(self.read(cell), number(64, by)), cell)

    def while_(self, condition: Callable[[], Op], body: Code) -> None:
        """A loop."""
        em = self.em
        head, inside, after = em.label("head"), em.label("inside"), em.label("after")
        em.jump(head)
        em.place(head)
        em.enter()
        em.branch(condition(), inside, after)
        em.place(inside)
        body()
        em.jump(head)
        em.leave()
        em.place(after)

    def if_(self, condition: Op, yes: Code, no: Code | None = None) -> None:
        """A choice."""
        em = self.em
        then, other, after = em.label("then"), em.label("else"), em.label("after")
        em.branch(condition, then, other)
        for label, code in ((then, yes), (other, no)):
            em.place(label)
            em.enter()
            if code is not None:
                code()
            em.leave()
            em.jump(after)
        em.place(after)

    def give(self, value: int) -> None:
        """Return; what follows is never reached."""
        self.em.line(f"ret i64 {value}")
        self.em.place(self.em.label("unreached"))

    def is_(self, name: str, a: Op, b: Op | int) -> Op:
        """A comparison."""
        return self.em.compare(name, a, number(64, b) if isinstance(b, int) else b)


# ---- growing -----------------------------------------------------------------------------------


def _grow(out: Globals) -> str:
    """Expand nodes from `NODE` on until all are, or something is missing."""
    w = _Writer("i64 @grow(ptr %ctx)", out)
    em = w.em
    node = w.var("node", w.get(Word.NODE))

    def one() -> None:
        here = w.read(node)
        w.put(Word.NODE, here)
        state, kind = w.load(w.get(Word.STATES), here), w.load(w.get(Word.KINDS), here)
        low = w.load(w.get(Word.FIRST), state, 64)
        high = w.load(w.get(Word.FIRST), em.add(state, number(64, 1)), 64)
        steps = em.add(em.sub(high, low), number(64, 1))
        most = em.mul(steps, w.get(Word.MOST_MOVES))
        for count, room, status in (
            (Word.WROTE, Word.EDGE_ROOM, NO_EDGES),
            (Word.NODES, Word.NODE_ROOM, NO_NODES),
        ):
            full = w.is_("ult", w.get(room), em.add(w.get(count), most))
            w.if_(full, lambda status=status: w.give(status))  # type: ignore[misc]
        said = w.load(w.get(Word.SAYS), state)
        monitor = em.mul(em.down(kind, 1), w.get(Word.N_BEFORES))
        row = em.add(monitor, w.load(w.get(Word.BEFORES), said))
        row = em.mul(row, w.get(Word.N_LETTERS))
        wrote = w.var("wrote", w.get(Word.WROTE))
        edge = w.var("edge", low)
        resting = em.both(kind, number(64, 1))

        def step() -> None:
            at = w.read(edge)
            target = w.load(w.get(Word.TARGETS), at)
            told = w.var("told", number(64, 0))
            asks = w.is_("ne", w.get(Word.STEPS), 0)
            w.if_(asks, lambda: em.store(w.load(w.get(Word.STEPS), at), told))
            _moves(w, node, wrote, row, target, w.read(told), at, number(64, 0))
            w.add(edge)

        w.if_(
            w.is_("eq", resting, 0),
            lambda: w.while_(lambda: w.is_("ult", w.read(edge), high), step),
        )
        still = em.either(resting, w.load(w.get(Word.STILL), state, 8))

        def rest() -> None:
            _moves(w, node, wrote, row, state, number(64, 0), number(64, REST), number(64, 1))

        w.if_(w.is_("ne", still, 0), rest)
        w.put(Word.WROTE, w.read(wrote))
        w.store(w.get(Word.BEGINS), em.add(w.read(node), number(64, 1)), w.read(wrote), 64)
        w.add(node)

    w.while_(lambda: w.is_("ult", w.read(node), w.get(Word.NODES)), one)
    w.put(Word.NODE, w.read(node))
    em.line(f"ret i64 {DONE}")
    return em.text()


def _moves(
    w: _Writer, node: Op, wrote: Op, row: Op, target: Op, told: Op, edge: Op, rests: Op
) -> None:
    """Write the edges of the product for one edge of the graph, or for rest."""
    em = w.em
    letter = w.load(w.get(Word.LETTERS), w.load(w.get(Word.SAYS), target))
    index = em.add(em.mul(em.add(row, letter), w.get(Word.N_STEPS)), told)
    entry = w.load(w.get(Word.DELTA), index)

    def unknown() -> None:
        w.put(Word.MISSED, edge)
        w.give(UNKNOWN)

    w.if_(w.is_("eq", entry, 0), unknown)
    count = w.load(w.get(Word.MOVES), entry)
    move = w.var("move", number(64, 0))

    def one() -> None:
        at = em.add(em.add(entry, number(64, 1)), em.up(w.read(move), 1))
        kind = em.either(w.load(w.get(Word.MOVES), at), rests)
        put = w.load(w.get(Word.MOVES), em.add(at, number(64, 1)))
        places = w.load(w.get(Word.PLACES), kind, 64)

        found = w.var("found", w.load(places, target))

        def new() -> None:
            count = w.get(Word.NODES)
            w.store(w.get(Word.STATES), count, target)
            w.store(w.get(Word.KINDS), count, kind)
            w.store(w.get(Word.PARENTS), count, w.read(node))
            w.store(w.get(Word.CAME), count, w.read(wrote))
            more = em.add(count, number(64, 1))
            w.put(Word.NODES, more)
            w.store(places, target, more)
            em.store(more, found)

        w.if_(w.is_("eq", w.read(found), 0), new)
        here = w.read(wrote)
        w.store(w.get(Word.LEADS), here, em.sub(w.read(found), number(64, 1)))
        w.store(w.get(Word.EDGES), here, edge)
        w.store(w.get(Word.PUTS), here, put)
        w.add(wrote)
        w.add(move)

    w.while_(lambda: w.is_("ult", w.read(move), count), one)


# ---- strongly connected parts ------------------------------------------------------------------


def _flag(w: _Writer, at: Op, flag: int) -> Op:
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


def _parts(out: Globals) -> str:
    """The strongly connected parts of the listed nodes that have an edge inside (Tarjan).

    `OUT` has their nodes, part by part, `ENDS` where each ends; `PARTS` the number of every
    listed node's part.
    """
    w = _Writer("i64 @parts(ptr %ctx)", out)
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
            free = w.is_("eq", _flag(w, at, BARRED), 0)
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
        free = w.is_("eq", _flag(w, at, BARRED), 0)

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


def _look(out: Globals) -> str:
    """Sum up the part whose nodes are `OUT` lo .. hi-1."""
    w = _Writer("i64 @look(ptr %ctx, i64 %lo, i64 %hi)", out)
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
            free = w.is_("eq", _flag(w, at, BARRED), 0)
            w.if_(em.both(inside, free), lambda: inner(at))
            w.add(edge)

        w.while_(lambda: w.is_("ult", w.read(edge), high), edge_)
        w.add(i)

    def inner(at: Op) -> None:
        mask = w.load(w.get(Word.MASKS), w.load(w.get(Word.PUTS), at), 64)
        em.store(em.both(w.read(common), mask), common)
        em.store(em.either(w.read(promised), mask), promised)
        em.store(em.either(w.read(wanted), _flag(w, at, WANTED)), wanted)
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
