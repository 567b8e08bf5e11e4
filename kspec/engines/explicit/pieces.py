"""Small pieces of code that every generated function is made of: rows, marks, where to start.

Next: `expansion`, `probing`, `program`.
"""

from __future__ import annotations

from kspec.engines.explicit.code.codegen import Codegen, World
from kspec.engines.explicit.code.values import Memory, Register
from kspec.engines.explicit.llvm.emit import Emitter, Globals
from kspec.engines.explicit.llvm.operand import Op, number
from kspec.engines.explicit.plan import Program

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
