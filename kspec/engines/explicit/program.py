"""The module for one system: everything a search calls.

`search_module` has the initial states, the look at new states and the expansion of old ones;
`trace_module` has the search for one step, and is only made when there is a trace to build.
Values, blocks and comments are named after actions and properties, for `--emit-llvm`.
Next: `jit` compiles it, `search` runs it.
"""

from __future__ import annotations

from kspec.engines.explicit import frame as f
from kspec.engines.explicit.codegen import Bound, Codegen, Env
from kspec.engines.explicit.convert import size_of, value_at
from kspec.engines.explicit.emit import Globals
from kspec.engines.explicit.expansion import expand_function
from kspec.engines.explicit.frame import copy_row, less_row
from kspec.engines.explicit.operand import Op, number
from kspec.engines.explicit.pieces import codegen_for, emitter_for, note_if, world_of
from kspec.engines.explicit.plan import Program, StateMark, starts
from kspec.engines.explicit.probing import probe_function, scan_function
from kspec.engines.explicit.table import CTX, table_functions
from kspec.engines.explicit.writes import Next, packed_write


def search_module(program: Program) -> str:
    """LLVM assembly: `start`, `look`, `advance`, `enter`, `rehash`, `lookup`."""
    out = Globals()
    out.need("!0 = !{}")
    functions = [
        _start(out, program),
        _look(out, program),
        expand_function(out, program),
        _note(out, program),
        *table_functions(out, program.rows),
    ]
    return "\n".join(functions) + out.text()


def trace_module(program: Program) -> str:
    """LLVM assembly: `scan`."""
    out = Globals()
    out.need("!0 = !{}")
    return "\n".join([probe_function(out, program), scan_function(out, program)]) + out.text()


# ---- initial states ----------------------------------------------------------------------------


def _start(out: Globals, program: Program) -> str:
    """Put the initial states of choices lo .. hi-1 into the buffer."""
    em = emitter_for("void @start(ptr %ctx, i64 %lo, i64 %hi)", out, program)
    cg, init = codegen_for(em, program, None), program.system.init
    buffer, pending = f.pointer(em, f.get(em, CTX, f.BUFFER)), em.cell("pending")
    em.store(number(64, 0), pending)
    low = Op(64, "%lo")

    def choice(i: Op, _: list[Op]) -> list[Op]:
        place, env = em.add(low, i), dict[str, Bound]()
        for binder in reversed(init.params):
            count = number(64, size_of(binder.sort))
            env[binder.name] = cg.bound(value_at(em, binder.sort, em.binary("urem", place, count)))
            place = em.binary("udiv", place, count)
        em.when(
            cg.truth(init.where, env, None), lambda: _initial(cg, program, env, buffer, pending)
        )
        return []

    if starts(program.system):
        em.loop(em.sub(Op(64, "%hi"), low), [], choice, hint="init")
    f.put(em, CTX, f.PENDING, em.load(pending, 64))
    em.line("ret void")
    return em.text()


def _initial(cg: Codegen, program: Program, env: Env, buffer: Op, pending: Op) -> None:
    em, given = cg.em, dict(program.system.init.assign)
    made = Next(em, [number(64, 0)] * program.layout.words)
    for slot in program.layout.slots:
        value = cg.as_sort(given[slot.name], slot.sort, env, None)
        made.apply(packed_write(slot, value))
    count = em.load(pending, 64)
    made.finish(f.row_at(em, buffer, count, program.layout.words))
    em.store(em.add(count, number(64, 1)), pending)


# ---- looking at states -------------------------------------------------------------------------


def _look(out: Globals, program: Program) -> str:
    """Evaluate the state properties in rows lo .. hi-1."""
    em = emitter_for("void @look(ptr %ctx, i64 %lo, i64 %hi)", out, program)
    cg = codegen_for(em, program, None)
    store, low = f.pointer(em, f.get(em, CTX, f.STORE)), Op(64, "%lo")

    def state(i: Op, _: list[Op]) -> list[Op]:
        row = f.row_at(em, store, em.add(low, i), program.layout.words)
        world = world_of(em, program, row)
        for k, mark in enumerate(program.marks):
            if isinstance(mark, StateMark):
                em.comment(f"property {mark.name}")
                truth = cg.truth(mark.body, {}, world)
                note_if(em, program, k, truth if mark.wanted else em.flip(truth), row, mark.name)
        return []

    if any(isinstance(mark, StateMark) for mark in program.marks):
        em.loop(em.sub(Op(64, "%hi"), low), [], state, hint="state")
    em.line("ret void")
    return em.text()


def _note(out: Globals, program: Program) -> str:
    """Set a mark, or lower it to a lesser row."""
    em = emitter_for("internal void @note(ptr %ctx, i64 %at, ptr %row) noinline cold", out, program)
    flag, words = em.offset(CTX, em.mul(Op(64, "%at"), number(64, 8))), program.layout.words
    kept, row = em.offset(flag, 8), Op(0, "%row")
    unset = em.compare("eq", em.load(flag, 64), number(64, 0))

    def keep() -> None:
        em.store(number(64, 1), flag)
        copy_row(em, row, kept, words)

    em.when(em.either(unset, less_row(em, row, kept, words)), keep)
    em.line("ret void")
    return em.text()
