"""The function that writes all successors of a state, counts, and sets marks.

Next: `store.table`, whose loop calls it.
"""

from __future__ import annotations

from typing import final

from kspec.engines.explicit import frame as f
from kspec.engines.explicit.code.actions import Instance, successor, visit
from kspec.engines.explicit.code.codegen import Codegen, World
from kspec.engines.explicit.code.values import Home
from kspec.engines.explicit.code.writes import Write, breaks
from kspec.engines.explicit.llvm.emit import Globals
from kspec.engines.explicit.llvm.operand import FALSE, Op, number
from kspec.engines.explicit.pieces import SRC, codegen_for, emitter_for, note_if, words_of, world_of
from kspec.engines.explicit.plan import DeadlockMark, Program, cases_of, mark_of
from kspec.engines.explicit.store.table import CTX
from kspec.ir.system import (
    Implicit,
)


def expand_function(out: Globals, program: Program) -> str:
    """Write the successors of a row; give their number."""
    signature = (
        "internal i64 @expand(ptr noalias %ctx, ptr noalias %src, ptr noalias %out) noinline"
    )
    em = emitter_for(signature, out, program)
    world = world_of(em, program, SRC)
    cg = codegen_for(em, program, world)
    sink = _Expand(cg, program, world)
    visit(cg, world, program.system.actions, sink)
    sink.finish()
    return em.text()


@final
class _Expand:
    """The sink that stores successors and counts. See `actions.Sink`."""

    def __init__(self, cg: Codegen, program: Program, world: World) -> None:
        self.cg, self.program, self.world = cg, program, world
        em, actions = cg.em, program.system.actions
        self.words = words_of(em, program)
        self.count, self.live = em.cell("count"), em.cell("live", 1)
        self.before, self.broken = em.cell("before"), em.cell("broken")
        self.cuts = [em.cell(f"cut.{a.name}", 1) for a in actions]
        for cell in (self.count, self.before, self.broken):
            em.store(number(64, 0), cell)
        for cell in (self.live, *self.cuts):
            em.store(FALSE, cell, align=1)
        self.asks = any(isinstance(m, DeadlockMark) for m in program.marks)
        self.numbers: Op | None = None
        if program.stubborn is not None:
            memory = f.pointer(em, f.get(em, CTX, f.ORDER))
            self.numbers = em.offset(memory, program.stubborn.numbers)

    def cut(self, instance: Instance, cut: Op) -> None:
        """Remember that the action was cut in this state."""
        if cut.const != 0:
            self._or(self.cuts[instance.index], cut)
            if self.asks:
                self._or(self.live, cut)

    def enabled(self, instance: Instance, guard: Op) -> None:
        """Something can happen."""
        if self.asks:
            self._or(self.live, guard)

    def visited(self, index: int) -> None:
        """Count the transitions of an action: the successors since the last one, and what broke."""
        em, at = self.cg.em, self.program.frame.fired(index)
        count = em.load(self.count, 64)
        fired = em.add(em.sub(count, em.load(self.before, 64)), em.load(self.broken, 64))
        f.put(em, CTX, at, em.add(f.get(em, CTX, at), fired))
        em.store(count, self.before)
        em.store(number(64, 0), self.broken)

    def _or(self, cell: Op, value: Op) -> None:
        em = self.cg.em
        em.store(em.either(em.load(cell, 1, align=1), value), cell, align=1)

    def straight(self, instance: Instance, guard: Op, found: list[Write]) -> bool:
        """Write the successor in any case, and count it if enabled."""
        em, broken = self.cg.em, breaks(self.cg.em, found)
        if any(op.const != 0 for _, op in broken) or cases_of(self.program, instance):
            return False
        self._store(instance, found, em.resize(guard, 64))
        return True

    def _store(self, instance: Instance, found: list[Write], by: Op) -> Home:
        em = self.cg.em
        count = em.load(self.count, 64)
        if self.numbers is not None and self.program.stubborn is not None:
            base = number(64, self.program.stubborn.order.bases[instance.index])
            which = em.resize(em.add(base, instance.rank), 32)
            em.store(which, em.offset(self.numbers, em.mul(count, number(64, 4))), align=4)
        at = f.row_at(em, Op(0, "%out"), count, self.program.layout.words)
        home = successor(self.cg, self.words, found).finish(at)
        em.store(em.add(count, by), self.count)
        return home

    def taken(
        self, instance: Instance, found: list[Write], broken: tuple[tuple[Implicit, Op], ...]
    ) -> None:
        """Note what breaks; else store the successor and look at the step."""
        em, program, bad = self.cg.em, self.program, FALSE
        for kind, op in broken:
            note_if(em, program, mark_of(program, kind), op, SRC, kind.value)
            bad = em.either(bad, op)
        em.store(em.add(em.load(self.broken, 64), em.resize(bad, 64)), self.broken)

        def take() -> None:
            home = self._store(instance, found, number(64, 1))
            after = World(self.cg.uid(), home)
            for mark, case in cases_of(program, instance):
                truth = self.cg.truth(case.body, instance.env, after)
                note_if(em, program, mark, em.flip(truth), SRC, program.marks[mark].name)

        em.when(em.flip(bad), take, "take")

    def finish(self) -> None:
        """Write the counts to the frame."""
        em, frame = self.cg.em, self.program.frame
        for i, action in enumerate(self.program.system.actions):
            if action.cut is not None:
                at, more = frame.cut(i), em.resize(em.load(self.cuts[i], 1, align=1), 64)
                f.put(em, CTX, at, em.add(f.get(em, CTX, at), more))
        for k, mark in enumerate(self.program.marks):
            if isinstance(mark, DeadlockMark):
                stuck = em.flip(em.load(self.live, 1, align=1))
                note_if(em, self.program, k, stuck, SRC, mark.name)
        result = em.load(self.count, 64)
        em.line(f"ret {result.typed}")
