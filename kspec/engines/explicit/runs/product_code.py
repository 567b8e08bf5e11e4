"""Generated code for products: growing one, its strongly connected parts, what is in a part.

The same code for every system: what differs is data in arrays, whose addresses are in a frame of
words (`product_frame`). `product` fills them, and fills in what `grow` does not know.
Next: `product`.
"""

from __future__ import annotations

from kspec.engines.explicit.llvm.emit import Globals
from kspec.engines.explicit.llvm.operand import Op, number
from kspec.engines.explicit.runs.parts_code import look_function, parts_function
from kspec.engines.explicit.runs.product_frame import (
    DONE,
    NO_EDGES,
    NO_NODES,
    REST,
    UNKNOWN,
    Word,
    Writer,
)


def product_module() -> str:
    """LLVM assembly: `grow`, `parts`, `look`."""
    out = Globals()
    return "\n".join([_grow(out), parts_function(out), look_function(out)]) + out.text()


# ---- growing -----------------------------------------------------------------------------------


def _grow(out: Globals) -> str:
    """Expand nodes from `NODE` on until all are, or something is missing."""
    w = Writer("i64 @grow(ptr %ctx)", out)
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
    w: Writer, node: Op, wrote: Op, row: Op, target: Op, told: Op, edge: Op, rests: Op
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
