"""Generated code that writes down the graph that a finished search has seen.

Three functions: `place` puts the stored rows into a table of their own, `edges` expands rows again
and writes each step that is taken with its instance, `bits` answers questions about states. They
work on the rows of the search, in a frame of their own, and change nothing of it. Next: `graph`.
"""

from __future__ import annotations

from typing import Final, final

from kspec.base.record import frozen
from kspec.engines.explicit import frame as f
from kspec.engines.explicit.code.actions import Instance, instances, successor, visit
from kspec.engines.explicit.code.codegen import Codegen, World
from kspec.engines.explicit.code.convert import size_of
from kspec.engines.explicit.code.writes import Write
from kspec.engines.explicit.frame import same_row
from kspec.engines.explicit.llvm.emit import Emitter, Globals
from kspec.engines.explicit.llvm.operand import FALSE, Op, number
from kspec.engines.explicit.pieces import SRC, codegen_for, emitter_for, words_of, world_of
from kspec.engines.explicit.plan import Program
from kspec.ir.expr import Expr
from kspec.ir.system import Action, Fairness, Implicit, StepCase

# The words of the frame.
ROWS: Final = 0  # address of the stored rows
COUNT: Final = 1  # how many there are
TABLE: Final = 2  # address of the table: the index of a row + 1, or 0
SHIFT: Final = 3  # 64 - log2 of its slots
MASK: Final = 4  # its slots - 1
OUT: Final = 5  # address of the edges
ROOM: Final = 6  # how many there is room for
WROTE: Final = 7  # how many were written
COUNTS: Final = 8  # address of the number of edges of each row
OFFERED: Final = 9  # address of the fair instances that are enabled in each row
LOST: Final = 10  # is a successor not stored
BITS: Final = 11  # address of the answers about each row
SIZE: Final = 12

CTX: Final = Op(0, "%ctx")
TARGET, LABEL, FAIR, ANSWERS = range(4)
"""The parts of an edge: the row it leads to; its instance; 1 + its fair instance if it changes
the state, else 0; answers about the step, 32 a part."""


@final
@frozen
class Numbering:
    """Numbers for instances, and for fair instances, of all actions.

    Instances of an action follow each other from `first`; its fair instances from `fair`, each
    standing for `choices` instances.
    """

    first: tuple[int, ...]
    fair: tuple[int, ...]
    choices: tuple[int, ...]
    total: int
    fairs: int

    @property
    def words(self) -> int:
        """Words for a set of fair instances."""
        return max(1, -(-self.fairs // 64))


def numbering(actions: tuple[Action, ...]) -> Numbering:
    """The numbering of a system's actions."""
    first, fair, choices, total, fairs = [], [], [], 0, 0
    for action in actions:
        first.append(total)
        fair.append(fairs)
        some = 1
        for binder in action.choices:
            some *= size_of(binder.sort)
        choices.append(max(1, some))
        total += instances(action)
        if action.fairness is not Fairness.NONE:
            fairs += instances(action) // max(1, some)
    return Numbering(tuple(first), tuple(fair), tuple(choices), total, fairs)


@final
@frozen
class Asked:
    """Questions about states, and about steps; the latter a case for each action they look at."""

    states: tuple[Expr, ...]
    steps: tuple[tuple[StepCase, ...], ...]

    @property
    def parts(self) -> int:
        """Numbers of 32 bits that an edge has."""
        return ANSWERS + -(-len(self.steps) // 32)

    @property
    def words(self) -> int:
        """Words of answers about a state."""
        return max(1, -(-len(self.states) // 64))


def graph_module(program: Program, asked: Asked) -> str:
    """LLVM assembly: `place`, `edges`, `bits`."""
    out = Globals()
    out.need("!0 = !{}")
    functions = [
        _place(out, program),
        _index(out, program),
        _outgoing(out, program, asked),
        _edges(out, program, asked),
        _bits(out, program, asked),
    ]
    return "\n".join(functions) + out.text()


# ---- rows by their contents --------------------------------------------------------------------


def _slot_of(em: Emitter, row: Op, words: int) -> Op:
    """Where to begin to look for a row."""
    total = number(64, 0)
    for k in range(min(words, 64)):
        word = em.load(em.offset(row, 8 * k), 64)
        mixed = em.mul(em.binary("xor", total, word), number(64, 0x9E3779B97F4A7C15))
        total = em.binary("xor", mixed, em.down(mixed, 29))
    spread = em.mul(total, number(64, 0xD6E8FEB86659FD93))
    return em.down(spread, f.get(em, CTX, SHIFT))


def _place(out: Globals, program: Program) -> str:
    """Put all rows, which differ, into an empty table."""
    em, words = emitter_for("void @place(ptr %ctx)", out, program), program.layout.words
    rows, table = f.pointer(em, f.get(em, CTX, ROWS)), f.pointer(em, f.get(em, CTX, TABLE))
    mask, cell = f.get(em, CTX, MASK), em.cell("at")

    def one(j: Op, _: list[Op]) -> list[Op]:
        em.store(_slot_of(em, f.row_at(em, rows, j, words), words), cell)
        head, walk, end = em.label("head"), em.label("walk"), em.label("end")
        em.jump(head)
        em.place(head)
        here = em.load(cell, 64)
        at = em.offset(table, em.mul(here, number(64, 4)))
        taken = em.compare("ne", em.load(at, 32, 4), number(32, 0))
        em.branch(taken, walk, end)
        em.place(walk)
        em.store(em.both(em.add(here, number(64, 1)), mask), cell)
        em.jump(head)
        em.place(end)
        em.store(em.resize(em.add(j, number(64, 1)), 32), at, 4)
        return []

    em.loop(f.get(em, CTX, COUNT), [], one, hint="row")
    em.line("ret void")
    return em.text()


def _index(out: Globals, program: Program) -> str:
    """The index of a row + 1; 0 if it is not stored."""
    signature, words = "internal i32 @index(ptr %ctx, ptr %row) noinline", program.layout.words
    em, row = emitter_for(signature, out, program), Op(0, "%row")
    rows, table = f.pointer(em, f.get(em, CTX, ROWS)), f.pointer(em, f.get(em, CTX, TABLE))
    mask, cell = f.get(em, CTX, MASK), em.cell("at")
    em.store(_slot_of(em, row, words), cell)
    head, test, walk = em.label("head"), em.label("test"), em.label("walk")
    no, yes = em.label("no"), em.label("yes")
    em.jump(head)
    em.place(head)
    here = em.load(cell, 64)
    slot = em.load(em.offset(table, em.mul(here, number(64, 4))), 32, 4)
    em.branch(em.compare("eq", slot, number(32, 0)), no, test)
    em.place(test)
    index = em.sub(em.resize(slot, 64), number(64, 1))
    em.branch(same_row(em, row, f.row_at(em, rows, index, words), words), yes, walk)
    em.place(walk)
    em.store(em.both(em.add(here, number(64, 1)), mask), cell)
    em.jump(head)
    em.place(no)
    em.line("ret i32 0")
    em.place(yes)
    em.line(f"ret {slot.typed}")
    return em.text()


# ---- edges -------------------------------------------------------------------------------------


def _outgoing(out: Globals, program: Program, asked: Asked) -> str:
    """Write the edges of a row, and which fair instances are enabled; give how many edges."""
    signature = (
        "internal i64 @outgoing(ptr %ctx, ptr noalias %src, ptr noalias %out, ptr noalias %offered)"
        " noinline"
    )
    em = emitter_for(signature, out, program)
    world = world_of(em, program, SRC)
    cg = codegen_for(em, program, world)
    sink = _Edges(cg, program, asked)
    visit(cg, world, program.system.actions, sink)
    result = em.load(sink.count, 64)
    em.line(f"ret {result.typed}")
    return em.text()


@final
class _Edges:
    """The sink that writes edges. See `actions.Sink`."""

    def __init__(self, cg: Codegen, program: Program, asked: Asked) -> None:
        self.cg, self.program, self.asked = cg, program, asked
        self.numbers = numbering(program.system.actions)
        em, size = cg.em, 8 * program.layout.words
        self.words = words_of(em, program)
        self.count = em.cell("count")
        em.store(number(64, 0), self.count)
        self.scratch = em.alloca(size + 8, "after")
        em.store(number(64, 0), em.offset(self.scratch, size))

    def cut(self, instance: Instance, cut: Op) -> None:
        """A cut fair instance counts as enabled."""
        if cut.const != 0 and self._is_fair(instance):
            self.cg.em.when(cut, lambda: self._offer(instance), "cut")

    def enabled(self, instance: Instance, guard: Op) -> None:
        """What counts is decided when the step is known."""

    def visited(self, index: int) -> None:
        """Nothing to count."""

    def straight(self, instance: Instance, guard: Op, found: list[Write]) -> bool:
        """Never."""
        return False

    def taken(
        self, instance: Instance, found: list[Write], broken: tuple[tuple[Implicit, Op], ...]
    ) -> None:
        """Write the edge; a broken step is none, but counts as enabled."""
        em, bad = self.cg.em, FALSE
        for _, op in broken:
            bad = em.either(bad, op)
        em.enter()  # the next instance changes the memory that is read here
        if bad.const != 0 and self._is_fair(instance):
            em.when(bad, lambda: self._offer(instance), "broken")
        em.when(em.flip(bad), lambda: self._edge(instance, found), "edge")
        em.leave()

    def _edge(self, instance: Instance, found: list[Write]) -> None:
        em, words = self.cg.em, self.program.layout.words
        home = successor(self.cg, self.words, found).finish(self.scratch)
        moves = em.flip(same_row(em, self.scratch, SRC, words))
        index = Op(32, em.fresh("index"))
        em.line(f"{index.ref} = call i32 @index(ptr %ctx, {self.scratch.typed})")
        lost = em.compare("eq", index, number(32, 0))
        em.when(lost, lambda: f.put(em, CTX, LOST, number(64, 1)), "lost")
        count = em.load(self.count, 64)
        at = em.offset(Op(0, "%out"), em.mul(count, number(64, 4 * self.asked.parts)))
        first = number(64, self.numbers.first[instance.index])
        label = em.resize(em.add(first, instance.rank), 32)
        em.store(em.sub(index, number(32, 1)), em.offset(at, 4 * TARGET), 4)
        em.store(label, em.offset(at, 4 * LABEL), 4)
        fair = number(32, 0)
        if self._is_fair(instance):
            one = em.resize(em.add(self._fair(instance), number(64, 1)), 32)
            fair = em.select(moves, one, number(32, 0))
            em.when(moves, lambda: self._offer(instance), "moves")
        em.store(fair, em.offset(at, 4 * FAIR), 4)
        self._answers(instance, World(self.cg.uid(), home), at)
        em.store(em.add(count, number(64, 1)), self.count)

    def _answers(self, instance: Instance, after: World, at: Op) -> None:
        em = self.cg.em
        for part in range(ANSWERS, self.asked.parts):
            total = number(32, 0)
            base = 32 * (part - ANSWERS)
            for place, cases in enumerate(self.asked.steps[base : base + 32]):
                for case in cases:
                    if case.action == instance.action.name:
                        truth = self.cg.truth(case.body, instance.env, after)
                        total = em.either(total, em.up(em.resize(truth, 32), place))
            em.store(total, em.offset(at, 4 * part), 4)

    def _is_fair(self, instance: Instance) -> bool:
        return instance.action.fairness is not Fairness.NONE

    def _fair(self, instance: Instance) -> Op:
        """The number of its fair instance: choices do not matter."""
        em, index = self.cg.em, instance.index
        which = em.binary("udiv", instance.rank, number(64, self.numbers.choices[index]))
        return em.add(number(64, self.numbers.fair[index]), which)

    def _offer(self, instance: Instance) -> None:
        em, fair = self.cg.em, self._fair(instance)
        at = em.offset(Op(0, "%offered"), em.mul(em.down(fair, 6), number(64, 8)))
        bit = em.up(number(64, 1), em.both(fair, number(64, 63)))
        em.store(em.either(em.load(at, 64), bit), at)


def _edges(out: Globals, program: Program, asked: Asked) -> str:
    """Expand rows lo .. hi-1 while there is room; the row to go on with."""
    em = emitter_for("i64 @edges(ptr %ctx, i64 %lo, i64 %hi)", out, program)
    words, most = program.layout.words, program.rows.most
    rows, edges = f.pointer(em, f.get(em, CTX, ROWS)), f.pointer(em, f.get(em, CTX, OUT))
    counts, offered = f.pointer(em, f.get(em, CTX, COUNTS)), f.pointer(em, f.get(em, CTX, OFFERED))
    room, sets = f.get(em, CTX, ROOM), numbering(program.system.actions).words
    wrote, cursor = em.cell("wrote"), em.cell("cursor")
    em.store(number(64, 0), wrote)
    em.store(Op(64, "%lo"), cursor)
    head, more, work, done = (em.label(x) for x in ("head", "more", "work", "done"))
    em.jump(head)
    em.place(head)
    here = em.load(cursor, 64)
    em.branch(em.compare("ult", here, Op(64, "%hi")), more, done)
    em.place(more)
    so_far = em.load(wrote, 64)
    em.branch(em.compare("ule", em.add(so_far, number(64, most)), room), work, done)
    em.place(work)
    at = em.offset(edges, em.mul(so_far, number(64, 4 * asked.parts)))
    enabled = em.offset(offered, em.mul(here, number(64, 8 * sets)))
    n = Op(64, em.fresh("n"))
    source = f.row_at(em, rows, here, words)
    arguments = f"ptr %ctx, {source.typed}, {at.typed}, {enabled.typed}"
    em.line(f"{n.ref} = call i64 @outgoing({arguments})")
    em.store(em.resize(n, 32), em.offset(counts, em.mul(here, number(64, 4))), 4)
    em.store(em.add(so_far, n), wrote)
    em.store(em.add(here, number(64, 1)), cursor)
    em.jump(head)
    em.place(done)
    f.put(em, CTX, WROTE, em.load(wrote, 64))
    result = em.load(cursor, 64)
    em.line(f"ret {result.typed}")
    return em.text()


# ---- questions about states --------------------------------------------------------------------


def _bits(out: Globals, program: Program, asked: Asked) -> str:
    """Answer all questions about rows lo .. hi-1."""
    em = emitter_for("void @bits(ptr %ctx, i64 %lo, i64 %hi)", out, program)
    cg, low = codegen_for(em, program, None), Op(64, "%lo")
    rows, bits = f.pointer(em, f.get(em, CTX, ROWS)), f.pointer(em, f.get(em, CTX, BITS))

    def one(i: Op, _: list[Op]) -> list[Op]:
        place = em.add(low, i)
        world = world_of(em, program, f.row_at(em, rows, place, program.layout.words))
        at = em.offset(bits, em.mul(place, number(64, 8 * asked.words)))
        for word in range(asked.words):
            total = number(64, 0)
            for k, body in enumerate(asked.states[64 * word : 64 * word + 64]):
                truth = cg.truth(body, {}, world)
                total = em.either(total, em.up(em.resize(truth, 64), k))
            em.store(total, em.offset(at, 8 * word))
        return []

    em.loop(em.sub(Op(64, "%hi"), low), [], one, hint="state")
    em.line("ret void")
    return em.text()
