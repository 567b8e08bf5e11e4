"""Small pieces of code that every generated function is made of: rows, marks, where to start.

Next: `expansion`, `probing`, `program`.
"""

from __future__ import annotations

from kspec.engines.explicit.codegen import Codegen, World
from kspec.engines.explicit.emit import Emitter, Globals
from kspec.engines.explicit.operand import FALSE, TRUE, Op, number
from kspec.engines.explicit.plan import Program
from kspec.engines.explicit.values import Memory, Register

SRC = Op(0, "%src")


def emitter_for(signature: str, out: Globals, program: Program) -> Emitter:
    """Begin a function."""
    return Emitter(signature, out, program.tuning.unroll_parts)


def codegen_for(em: Emitter, program: Program, before: World | None) -> Codegen:
    """Begin to write expressions; `before` is what `Old` reads."""
    system = program.system
    return Codegen(em, program.nodes, program.layout, system.constants, before, program.tuning)


def world_of(em: Emitter, program: Program, row: Op) -> World:
    """The state that is stored in a row."""
    if program.layout.words == 1:
        return World(0, Register(em.load(row, 64)))
    return World(0, Memory(row, forever=True))


def words_of(em: Emitter, program: Program) -> list[Op]:
    """The words of the state before the step."""
    count = program.layout.words
    if count == 1:
        return [em.load(SRC, 64)]
    return [em.constant_load(em.offset(SRC, 8 * k), 64, 8, forever=True) for k in range(count)]


def note_if(em: Emitter, program: Program, mark: int, cond: Op, row: Op, name: str) -> None:
    """Set a mark at a row if `cond`; `name` is for people."""
    at = number(64, program.frame.mark(mark))
    em.when(cond, lambda: em.line(f"call void @note(ptr %ctx, {at.typed}, {row.typed})"), name)


def copy_row(em: Emitter, source: Op, target: Op, words: int) -> None:
    """Copy a row."""

    def word(k: Op, _: list[Op]) -> list[Op]:
        by = em.mul(k, number(64, 8))
        em.store(em.load(em.offset(source, by), 64), em.offset(target, by))
        return []

    em.loop(number(64, words), [], word, hint="copy")


def less_row(em: Emitter, a: Op, b: Op, words: int) -> Op:
    """Is one row less than another? The last word is the most significant."""

    def word(k: Op, ops: list[Op]) -> list[Op]:
        by = em.mul(k, number(64, 8))
        x, y = em.load(em.offset(a, by), 64), em.load(em.offset(b, by), 64)
        return [em.select(em.compare("eq", x, y), ops[0], em.compare("ult", x, y))]

    return em.loop(number(64, words), [FALSE], word, hint="less")[0]


def same_row(em: Emitter, a: Op, b: Op, words: int) -> Op:
    """Are two rows equal?"""

    def word(k: Op, ops: list[Op]) -> list[Op]:
        by = em.mul(k, number(64, 8))
        x, y = em.load(em.offset(a, by), 64), em.load(em.offset(b, by), 64)
        return [em.both(ops[0], em.compare("eq", x, y))]

    return em.loop(number(64, words), [TRUE], word, hint="same")[0]
