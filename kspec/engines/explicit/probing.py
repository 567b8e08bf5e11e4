"""The functions that find one step again, for traces. Next: `backward`, which calls them."""

from __future__ import annotations

from typing import final

from kspec.engines.explicit import frame as f
from kspec.engines.explicit.code.actions import Instance, successor, visit
from kspec.engines.explicit.code.codegen import Codegen, World
from kspec.engines.explicit.code.writes import Write
from kspec.engines.explicit.frame import copy_row, less_row, same_row
from kspec.engines.explicit.llvm.emit import Globals
from kspec.engines.explicit.llvm.operand import FALSE, Op, number
from kspec.engines.explicit.pieces import SRC, codegen_for, emitter_for, words_of, world_of
from kspec.engines.explicit.plan import Program, cases_of, mark_of
from kspec.engines.explicit.store.table import CTX
from kspec.ir.system import (
    Implicit,
)

TO_TARGET = 0
"""Mode of `scan`: steps to a given state. Mode k+1: steps that set mark k."""


def probe_function(out: Globals, program: Program) -> str:
    """Find the least instance in a row that is wanted; HIT_ACTION, HIT_RANK."""
    signature = "internal i1 @probe(ptr %ctx, ptr %src, i64 %mode, ptr %target) noinline"
    em = emitter_for(signature, out, program)
    world = world_of(em, program, SRC)
    cg = codegen_for(em, program, world)
    visit(cg, world, program.system.actions, _Probe(cg, program))
    em.line("ret i1 false")
    return em.text()


@final
class _Probe:
    """The sink that returns at the first wanted step."""

    def __init__(self, cg: Codegen, program: Program) -> None:
        self.cg, self.program = cg, program
        self.words = words_of(cg.em, program)
        size = 8 * program.layout.words
        self.scratch = cg.em.alloca(size + 8, "after")
        cg.em.store(number(64, 0), cg.em.offset(self.scratch, size))
        # What is compared and reported: the state that is stored for the successor.
        self.image = self.scratch if program.orbits is None else cg.em.alloca(size + 64, "image")

    def cut(self, instance: Instance, cut: Op) -> None:
        """Not a step."""

    def enabled(self, instance: Instance, guard: Op) -> None:
        """Nothing to count."""

    def visited(self, index: int) -> None:
        """Nothing to count."""

    def straight(self, instance: Instance, guard: Op, found: list[Write]) -> bool:
        """Never."""
        return False

    def taken(
        self, instance: Instance, found: list[Write], broken: tuple[tuple[Implicit, Op], ...]
    ) -> None:
        """Compare what the step does with what is wanted."""
        em, program, bad = self.cg.em, self.program, FALSE
        for kind, op in broken:
            self._hit(instance, mark_of(program, kind) + 1, op)
            bad = em.either(bad, op)

        def take() -> None:
            home = successor(self.cg, self.words, found).finish(self.scratch)
            target = Op(0, "%target")
            if program.orbits is not None:
                copy_row(em, self.scratch, self.image, program.layout.words)
                em.line(f"call void @canonical({self.image.typed})")
            self._hit(instance, TO_TARGET, same_row(em, self.image, target, program.layout.words))
            after = World(self.cg.uid(), home)
            for mark, case in cases_of(program, instance):
                truth = self.cg.truth(case.body, instance.env, after)
                self._hit(instance, mark + 1, em.flip(truth))

        em.enter()  # the next instance changes the memory that is read here
        em.when(em.flip(bad), take, "take")
        em.leave()

    def _hit(self, instance: Instance, mode: int, cond: Op) -> None:
        em = self.cg.em
        asked = em.compare("eq", Op(64, "%mode"), number(64, mode))

        def report() -> None:
            f.put(em, CTX, f.HIT_ACTION, number(64, instance.index))
            f.put(em, CTX, f.HIT_RANK, instance.rank)
            after = f.entry(em, CTX, self.program.frame.hit_after())
            copy_row(em, self.image, after, self.program.layout.words)
            em.line("ret i1 true")
            em.place(em.label("unreached"))

        em.when(em.both(asked, cond), report, "hit")


def scan_function(out: Globals, program: Program) -> str:
    """Find the least row of lo .. hi-1 with a wanted step; HIT and what belongs to it."""
    em = emitter_for("void @scan(ptr %ctx, i64 %lo, i64 %hi, i64 %mode, ptr %target)", out, program)
    store, low, words = f.pointer(em, f.get(em, CTX, f.STORE)), Op(64, "%lo"), program.layout.words
    best = f.entry(em, CTX, program.frame.hit_row())

    def row(i: Op, _: list[Op]) -> list[Op]:
        here = f.row_at(em, store, em.add(low, i), words)
        first = em.compare("eq", f.get(em, CTX, f.HIT), number(64, 0))
        em.when(em.either(first, less_row(em, here, best, words)), lambda: probe(here))
        return []

    def probe(here: Op) -> None:
        hit = Op(1, em.fresh("hit"))
        em.line(f"{hit.ref} = call i1 @probe(ptr %ctx, {here.typed}, i64 %mode, ptr %target)")

        def keep() -> None:
            f.put(em, CTX, f.HIT, number(64, 1))
            copy_row(em, here, best, words)

        em.when(hit, keep)

    em.loop(em.sub(Op(64, "%hi"), low), [], row, hint="row")
    em.line("ret void")
    return em.text()
