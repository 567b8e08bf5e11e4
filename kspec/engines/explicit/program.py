"""The module for one system: everything a search calls.

`search_module` has the initial states, the look at new states and the expansion of old ones;
`trace_module` has the search for one step, and is only made when there is a trace to build.
Values, blocks and comments are named after actions and properties, for `--emit-llvm`.
Next: `jit` compiles it, `search` runs it.
"""

from __future__ import annotations

from typing import assert_never, final

from attrs import frozen

from kspec.engines.explicit import frame as f
from kspec.engines.explicit.actions import Instance, instances, successor, visit
from kspec.engines.explicit.codegen import Bound, Codegen, Env, World
from kspec.engines.explicit.convert import size_of, value_at
from kspec.engines.explicit.emit import FALSE, TRUE, Emitter, Globals, Op, number
from kspec.engines.explicit.frame import Frame
from kspec.engines.explicit.layout import Layout, Refusal, layout_of
from kspec.engines.explicit.nodes import Nodes
from kspec.engines.explicit.table import CTX, Rows, table_functions
from kspec.engines.explicit.tuning import DEFAULT, Tuning
from kspec.engines.explicit.values import Home, Memory, Register
from kspec.engines.explicit.writes import Next, Write, breaks, packed_write
from kspec.ir.expr import Expr
from kspec.ir.system import (
    Implicit,
    Invariant,
    NoDeadlock,
    Occurrence,
    Property,
    Reachable,
    Settles,
    StepCase,
    System,
    Temporal,
)

MOST_SUCCESSORS = 1 << 24
SRC = Op(0, "%src")


@final
@frozen
class StateMark:
    """Set where `body` is `wanted`."""

    name: str
    body: Expr
    wanted: bool


@final
@frozen
class DeadlockMark:
    """Set where no instance is enabled or cut."""

    name: str


@final
@frozen
class StepMark:
    """Set at the source of a taken transition that falsifies a case."""

    name: str
    cases: tuple[StepCase, ...]


@final
@frozen
class BrokenMark:
    """Set at the source of a transition that breaks an implicit property."""

    kind: Implicit
    name: str


Mark = StateMark | DeadlockMark | StepMark | BrokenMark


@final
@frozen
class Program:
    """A system and the questions asked of it, laid out."""

    system: System
    nodes: Nodes
    layout: Layout
    marks: tuple[Mark, ...]
    frame: Frame
    rows: Rows
    tuning: Tuning


def plan(system: System, asked: tuple[Property, ...], tuning: Tuning = DEFAULT) -> Program:
    """Lay out a system. Raises `Refusal` where it is beyond this engine."""
    layout = layout_of(system.variables)
    marks = tuple(m for m in map(_mark, asked) if m is not None)
    marks += tuple(BrokenMark(kind, kind.value) for kind in Implicit)
    most = sum(instances(a) for a in system.actions)
    if most > MOST_SUCCESSORS:
        raise Refusal(f"one state may have {most} successors, more than {MOST_SUCCESSORS}")
    frame = Frame(len(system.actions), len(marks), layout.words)
    rows = Rows(layout.words, layout.bits < 64, most)
    return Program(system, Nodes(), layout, marks, frame, rows, tuning)


def _mark(prop: Property) -> Mark | None:
    match prop.claim:
        case Invariant(body):
            return StateMark(prop.name, body, wanted=False)
        case Reachable(body):
            return StateMark(prop.name, body, wanted=True)
        case NoDeadlock():
            return DeadlockMark(prop.name)
        case Occurrence(cases):
            return StepMark(prop.name, cases)
        case Settles() | Temporal():
            return None
        case _:
            assert_never(prop.claim)


def search_module(program: Program) -> str:
    """LLVM assembly: `start`, `look`, `advance`, `enter`, `rehash`, `lookup`."""
    out = Globals()
    out.need("!0 = !{}")
    functions = [
        _start(out, program),
        _look(out, program),
        _expand(out, program),
        _note(out, program),
        *table_functions(out, program.rows),
    ]
    return "\n".join(functions) + out.text()


def trace_module(program: Program) -> str:
    """LLVM assembly: `scan`."""
    out = Globals()
    out.need("!0 = !{}")
    return "\n".join([_probe(out, program), _scan(out, program)]) + out.text()


def _emitter(signature: str, out: Globals, program: Program) -> Emitter:
    return Emitter(signature, out, program.tuning.unroll_parts)


def _codegen(em: Emitter, program: Program, before: World | None) -> Codegen:
    system = program.system
    return Codegen(em, program.nodes, program.layout, system.constants, before, program.tuning)


def _world(em: Emitter, program: Program, row: Op) -> World:
    """The state that is stored in a row."""
    if program.layout.words == 1:
        return World(0, Register(em.load(row, 64)))
    return World(0, Memory(row, forever=True))


# ---- initial states ----------------------------------------------------------------------------


def starts(system: System) -> int:
    """How many choices of the initial parameters there are."""
    total = 1
    for binder in system.init.params:
        total *= size_of(binder.sort)
    return total


def _start(out: Globals, program: Program) -> str:
    """Put the initial states of choices lo .. hi-1 into the buffer."""
    em = _emitter("void @start(ptr %ctx, i64 %lo, i64 %hi)", out, program)
    cg, init = _codegen(em, program, None), program.system.init
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
    em = _emitter("void @look(ptr %ctx, i64 %lo, i64 %hi)", out, program)
    cg = _codegen(em, program, None)
    store, low = f.pointer(em, f.get(em, CTX, f.STORE)), Op(64, "%lo")

    def state(i: Op, _: list[Op]) -> list[Op]:
        row = f.row_at(em, store, em.add(low, i), program.layout.words)
        world = _world(em, program, row)
        for k, mark in enumerate(program.marks):
            if isinstance(mark, StateMark):
                em.comment(f"property {mark.name}")
                truth = cg.truth(mark.body, {}, world)
                _note_if(em, program, k, truth if mark.wanted else em.flip(truth), row, mark.name)
        return []

    if any(isinstance(mark, StateMark) for mark in program.marks):
        em.loop(em.sub(Op(64, "%hi"), low), [], state, hint="state")
    em.line("ret void")
    return em.text()


def _note_if(em: Emitter, program: Program, mark: int, cond: Op, row: Op, name: str) -> None:
    at = number(64, program.frame.mark(mark))
    em.when(cond, lambda: em.line(f"call void @note(ptr %ctx, {at.typed}, {row.typed})"), name)


def _note(out: Globals, program: Program) -> str:
    """Set a mark, or lower it to a lesser row."""
    em = _emitter("internal void @note(ptr %ctx, i64 %at, ptr %row) noinline cold", out, program)
    flag, words = em.offset(CTX, em.mul(Op(64, "%at"), number(64, 8))), program.layout.words
    kept, row = em.offset(flag, 8), Op(0, "%row")
    unset = em.compare("eq", em.load(flag, 64), number(64, 0))

    def keep() -> None:
        em.store(number(64, 1), flag)
        copy_row(em, row, kept, words)

    em.when(em.either(unset, less_row(em, row, kept, words)), keep)
    em.line("ret void")
    return em.text()


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


# ---- expanding states --------------------------------------------------------------------------


def _expand(out: Globals, program: Program) -> str:
    """Write the successors of a row; give their number."""
    signature = (
        "internal i64 @expand(ptr noalias %ctx, ptr noalias %src, ptr noalias %out) noinline"
    )
    em = _emitter(signature, out, program)
    world = _world(em, program, SRC)
    cg = _codegen(em, program, world)
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
        self.words = _words(em, program)
        self.count, self.live = em.cell("count"), em.cell("live", 1)
        self.fired = [em.cell(f"fired.{a.name}") for a in actions]
        self.cuts = [em.cell(f"cut.{a.name}", 1) for a in actions]
        for cell in (self.count, *self.fired):
            em.store(number(64, 0), cell)
        for cell in (self.live, *self.cuts):
            em.store(FALSE, cell, align=1)
        self.asks = any(isinstance(m, DeadlockMark) for m in program.marks)

    def cut(self, instance: Instance, cut: Op) -> None:
        """Remember that the action was cut in this state."""
        if cut.const != 0:
            self._or(self.cuts[instance.index], cut)
            if self.asks:
                self._or(self.live, cut)

    def enabled(self, instance: Instance, guard: Op) -> None:
        """Count a transition."""
        em, cell = self.cg.em, self.fired[instance.index]
        em.store(em.add(em.load(cell, 64), em.resize(guard, 64)), cell)
        if self.asks:
            self._or(self.live, guard)

    def _or(self, cell: Op, value: Op) -> None:
        em = self.cg.em
        em.store(em.either(em.load(cell, 1, align=1), value), cell, align=1)

    def straight(self, instance: Instance, guard: Op, found: list[Write]) -> bool:
        """Write the successor in any case, and count it if enabled."""
        em, broken = self.cg.em, breaks(self.cg.em, found)
        if any(op.const != 0 for _, op in broken) or cases_of(self.program, instance):
            return False
        self._store(found, em.resize(guard, 64))
        return True

    def _store(self, found: list[Write], by: Op) -> Home:
        em = self.cg.em
        count = em.load(self.count, 64)
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
            _note_if(em, program, mark_of(program, kind), op, SRC, kind.value)
            bad = em.either(bad, op)

        def take() -> None:
            home = self._store(found, number(64, 1))
            after = World(self.cg.uid(), home)
            for mark, case in cases_of(program, instance):
                truth = self.cg.truth(case.body, instance.env, after)
                _note_if(em, program, mark, em.flip(truth), SRC, program.marks[mark].name)

        em.when(em.flip(bad), take, "take")

    def finish(self) -> None:
        """Write the counts to the frame."""
        em, frame = self.cg.em, self.program.frame
        for i, cell in enumerate(self.fired):
            at = frame.fired(i)
            f.put(em, CTX, at, em.add(f.get(em, CTX, at), em.load(cell, 64)))
        for i, action in enumerate(self.program.system.actions):
            if action.cut is not None:
                at, more = frame.cut(i), em.resize(em.load(self.cuts[i], 1, align=1), 64)
                f.put(em, CTX, at, em.add(f.get(em, CTX, at), more))
        for k, mark in enumerate(self.program.marks):
            if isinstance(mark, DeadlockMark):
                stuck = em.flip(em.load(self.live, 1, align=1))
                _note_if(em, self.program, k, stuck, SRC, mark.name)
        result = em.load(self.count, 64)
        em.line(f"ret {result.typed}")


def _words(em: Emitter, program: Program) -> list[Op]:
    """The words of the state before the step."""
    count = program.layout.words
    if count == 1:
        return [em.load(SRC, 64)]
    return [em.constant_load(em.offset(SRC, 8 * k), 64, 8, forever=True) for k in range(count)]


def mark_of(program: Program, kind: Implicit) -> int:
    """The mark of an implicit property."""
    marks = enumerate(program.marks)
    return next(k for k, m in marks if isinstance(m, BrokenMark) and m.kind is kind)


def cases_of(program: Program, instance: Instance) -> list[tuple[int, StepCase]]:
    """The cases of occurrence properties that look at an action, with their marks."""
    return [
        (k, case)
        for k, mark in enumerate(program.marks)
        if isinstance(mark, StepMark)
        for case in mark.cases
        if case.action == instance.action.name
    ]


# ---- finding a step ----------------------------------------------------------------------------

TO_TARGET = 0
"""Mode of `scan`: steps to a given state. Mode k+1: steps that set mark k."""


def _probe(out: Globals, program: Program) -> str:
    """Find the least instance in a row that is wanted; HIT_ACTION, HIT_RANK."""
    signature = "internal i1 @probe(ptr %ctx, ptr %src, i64 %mode, ptr %target) noinline"
    em = _emitter(signature, out, program)
    world = _world(em, program, SRC)
    cg = _codegen(em, program, world)
    visit(cg, world, program.system.actions, _Probe(cg, program))
    em.line("ret i1 false")
    return em.text()


@final
class _Probe:
    """The sink that returns at the first wanted step."""

    def __init__(self, cg: Codegen, program: Program) -> None:
        self.cg, self.program = cg, program
        self.words = _words(cg.em, program)
        self.scratch = cg.em.alloca(8 * program.layout.words + 16, "after")

    def cut(self, instance: Instance, cut: Op) -> None:
        """Not a step."""

    def enabled(self, instance: Instance, guard: Op) -> None:
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
            self._hit(instance, TO_TARGET, same_row(em, self.scratch, target, program.layout.words))
            after = World(self.cg.uid(), home)
            for mark, case in cases_of(program, instance):
                truth = self.cg.truth(case.body, instance.env, after)
                self._hit(instance, mark + 1, em.flip(truth))

        em.when(em.flip(bad), take, "take")

    def _hit(self, instance: Instance, mode: int, cond: Op) -> None:
        em = self.cg.em
        asked = em.compare("eq", Op(64, "%mode"), number(64, mode))

        def report() -> None:
            f.put(em, CTX, f.HIT_ACTION, number(64, instance.index))
            f.put(em, CTX, f.HIT_RANK, instance.rank)
            after = f.entry(em, CTX, self.program.frame.hit_after())
            copy_row(em, self.scratch, after, self.program.layout.words)
            em.line("ret i1 true")
            em.place(em.label("unreached"))

        em.when(em.both(asked, cond), report, "hit")


def _scan(out: Globals, program: Program) -> str:
    """Find the least row of lo .. hi-1 with a wanted step; HIT and what belongs to it."""
    em = _emitter("void @scan(ptr %ctx, i64 %lo, i64 %hi, i64 %mode, ptr %target)", out, program)
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
