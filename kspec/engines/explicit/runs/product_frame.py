"""The frame of words through which Python and the generated code of products speak, and a little
language in which that code is written: loops, variables, arrays.

Next: `product_code`, `parts_code`.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Final

from kspec.engines.explicit import frame as f
from kspec.engines.explicit.llvm.emit import Emitter, Globals
from kspec.engines.explicit.llvm.operand import Op, number

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


class Writer:
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
