"""The module for one system: everything a search calls.

`search_module` has the initial states, the look at new states and the expansion of old ones;
`trace_module` has the search for one step, and is only made when there is a trace to build.
Values, blocks and comments are named after actions and properties, for `--emit-llvm`.
Next: `llvm.jit` compiles it, `search` runs it.
"""

from __future__ import annotations

from kspec.engines.explicit import frame as f
from kspec.engines.explicit.code.codegen import Bound, Codegen, Env
from kspec.engines.explicit.code.convert import size_of, value_at
from kspec.engines.explicit.code.writes import Next, packed_write
from kspec.engines.explicit.expansion import expand_function
from kspec.engines.explicit.frame import copy_row, less_row
from kspec.engines.explicit.llvm.emit import Globals
from kspec.engines.explicit.llvm.operand import Op, number
from kspec.engines.explicit.loop import loop_functions
from kspec.engines.explicit.pieces import codegen_for, emitter_for, note_if, world_of
from kspec.engines.explicit.plan import Program, StateMark, starts
from kspec.engines.explicit.probing import probe_function, scan_function
from kspec.engines.explicit.reductions.canonical import canonical_entry, canonical_functions
from kspec.engines.explicit.reductions.stubborn_code import stubborn_functions
from kspec.engines.explicit.store.lines import MULTIPLY
from kspec.engines.explicit.store.table import CTX, refill_function, table_functions


def search_module(program: Program) -> str:
    """LLVM assembly: `start`, `look`, `advance`, `enter`, `rehash`, `lookup`, `move`,
    `sift`."""
    out = Globals()
    out.need("!0 = !{}")
    functions = [
        _start(out, program),
        _look(out, program),
        expand_function(out, program),
        _note(out, program),
        _sift(out, program),
        *table_functions(out, program.rows),
        *loop_functions(
            out,
            program.rows,
            orbits=program.orbits is not None,
            stubborn=program.stubborn is not None,
        ),
        *stubborn_functions(out, program),
        *canonical_functions(out, program),
        *canonical_entry(out, program),
    ]
    return "\n".join(functions) + out.text()


def refill_module(program: Program) -> str:
    """LLVM assembly: `rehash`, from rows."""
    out = Globals()
    out.need("!0 = !{}")
    return refill_function(out, program.rows) + "\n" + out.text()


def trace_module(program: Program) -> str:
    """LLVM assembly: `scan`."""
    out = Globals()
    out.need("!0 = !{}")
    functions = [probe_function(out, program), scan_function(out, program)]
    return "\n".join([*functions, *canonical_functions(out, program)]) + out.text()


def look_module(program: Program) -> str:
    """LLVM assembly: `look`."""
    out = Globals()
    out.need("!0 = !{}")
    return "\n".join([_look(out, program), _note(out, program)]) + out.text()


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


def _sift(out: Globals, program: Program) -> str:
    """Rows lo .. hi-1 whose hash with a salt is at most `below`: hash and index of the first
    `room` of them; how many there are."""
    signature = "i64 @sift(ptr %ctx, i64 %lo, i64 %hi, i64 %salt, i64 %below, ptr %out, i64 %room)"
    em = emitter_for(signature, out, program)
    store, words = f.pointer(em, f.get(em, CTX, f.STORE)), program.layout.words
    low, room = Op(64, "%lo"), Op(64, "%room")
    salt = em.mul(em.add(Op(64, "%salt"), number(64, 1)), number(64, MULTIPLY[1]))

    def row(i: Op, ops: list[Op]) -> list[Op]:
        index = em.add(low, i)
        at = f.row_at(em, store, index, words)

        def mix(k: Op, ops: list[Op]) -> list[Op]:
            word = em.load(em.offset(at, em.mul(k, number(64, 8))), 64)
            mixed = em.mul(em.binary("xor", ops[0], word), number(64, MULTIPLY[0]))
            return [em.binary("xor", mixed, em.down(mixed, 29))]

        (mixed,) = em.repeat(words, [salt], mix, "mix")
        hashed = em.mul(mixed, number(64, MULTIPLY[1]))
        wanted = em.compare("ule", hashed, Op(64, "%below"))

        def keep() -> None:
            pair = em.offset(Op(0, "%out"), em.mul(ops[0], number(64, 16)))
            em.store(hashed, pair)
            em.store(index, em.offset(pair, 8))

        em.when(em.both(wanted, em.compare("ult", ops[0], room)), keep, "keep")
        return [em.add(ops[0], em.resize(wanted, 64))]

    (count,) = em.loop(em.sub(Op(64, "%hi"), low), [number(64, 0)], row, hint="sift")
    em.line(f"ret {count.typed}")
    return em.text()
