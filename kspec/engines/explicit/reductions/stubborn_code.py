"""Generated code that chooses which successors of a state are gone on with.

`engines.stubborn` says the same plainly, and the two must choose alike:

1. `classify`: for every instance, which set must come along with it in this state.
2. `closure`: the least set that has a given instance and all that must come along.
3. `select`: of the successors that are in no level so far, each one's closure, in order; the first
   of those with the fewest successors. What is outside is taken out of the buffer.

"In no level so far" is asked of the table, where rows of levels so far have lesser indices than
`EARLIER`: what other workers store at the same time has greater ones, and counts as new. So the
choice depends on the state and on the levels alone. Next: `loop`, which calls it.
"""

from __future__ import annotations

from typing import final

from kspec.engines.explicit import frame as f
from kspec.engines.explicit.code.codegen import Bound, Codegen, Env, World
from kspec.engines.explicit.code.convert import size_of, value_at
from kspec.engines.explicit.frame import copy_row
from kspec.engines.explicit.llvm.emit import Emitter, Globals
from kspec.engines.explicit.llvm.operand import Op, number
from kspec.engines.explicit.pieces import SRC, codegen_for, emitter_for, world_of
from kspec.engines.explicit.plan import Program
from kspec.engines.explicit.reductions.stubborn import LEFT_OUT, REDUCED, ROWS, SETS, Stubborn
from kspec.engines.explicit.store.lines import lowest
from kspec.engines.explicit.store.table import CTX
from kspec.ir.expr import Binder, Expr
from kspec.ir.sorts import cardinality
from kspec.ir.system import Action

MEM, OUT = Op(0, "%mem"), Op(0, "%out")
ZERO, ONE = number(64, 0), number(64, 1)
UNROLLED = 1 << 11
"""An action's instances are written out up to so much work."""


def stubborn_functions(out: Globals, program: Program) -> list[str]:
    """`select` and what it calls; nothing where all steps are taken."""
    of = program.stubborn
    if of is None:
        return []
    return [_classify(out, program, of), _closure(out, program, of), _select(out, program, of)]


# ---- what every instance wants -----------------------------------------------------------------


def _classify(out: Globals, program: Program, of: Stubborn) -> str:
    """Write for every instance the number of the set that must come along with it."""
    signature = "internal void @classify(ptr %mem, ptr noalias %src) noinline"
    em = emitter_for(signature, out, program)
    world = world_of(em, program, SRC)
    cg = codegen_for(em, program, world)
    rows = f.pointer(em, em.load(em.offset(MEM, 8 * ROWS), 64))
    for index, action in enumerate(program.system.actions):
        em.comment(f"action {action.name}")
        base, parts = of.order.bases[index], of.order.orders[index]
        guard = [action.guard[place].expr for place in parts]
        _Classify(cg, world, of, rows, base, guard).all_of(action)
    for n, observer in enumerate(of.order.observers, start=of.order.instances):
        em.comment(f"observer {n}")
        _Classify(cg, world, of, rows, n, list(observer.parts)).alone()
    em.line("ret void")
    return em.text()


@final
class _Classify:
    """The instances of one action, or one observer; `parts` as they are tried, in order."""

    def __init__(
        self, cg: Codegen, world: World, of: Stubborn, rows: Op, base: int, parts: list[Expr]
    ) -> None:
        self.cg, self.world, self.of, self.rows = cg, world, of, rows
        self.base, self.parts = base, parts
        self.action: Action | None = None

    def alone(self) -> None:
        """What has no parameters."""
        self._leaf({}, ZERO)

    def all_of(self, action: Action) -> None:
        """All instances of an action."""
        self.action, work = action, 8 + sum(self.cg.nodes.of(part).work for part in self.parts)
        binders = (*action.params, *action.choices)
        for binder in binders:
            work *= cardinality(binder.sort)
        self._descend(binders, {}, ZERO, unrolled=work <= UNROLLED)

    def _descend(self, binders: tuple[Binder, ...], env: Env, rank: Op, *, unrolled: bool) -> None:
        if not binders:
            self._leaf(env, rank)
            return
        em, (binder, *rest) = self.cg.em, binders
        count = size_of(binder.sort)
        base = em.mul(rank, number(64, count))

        def body(place: Op, bound: Bound) -> None:
            inner = {**env, binder.name: bound}
            self._descend((*rest,), inner, em.add(base, place), unrolled=unrolled)

        def step(place: Op, _: list[Op]) -> list[Op]:
            body(place, self.cg.bound(value_at(em, binder.sort, place)))
            return []

        if unrolled:
            for i in range(count):
                body(number(64, i), self.cg.nth(binder.sort, i))
        else:
            em.loop(number(64, count), [], step, hint=binder.name)

    def _leaf(self, env: Env, rank: Op) -> None:
        em = self.cg.em
        for name, value in () if self.action is None else self.action.lets:
            env = {**env, name: self.cg.delayed(value, env, self.world)}
        place = em.add(rank, number(64, self.base))
        own = em.offset(self.rows, em.mul(place, number(64, 4 * self.of.columns)))
        wanted = self._wanted(0, own, env)
        at = em.offset(em.offset(MEM, self.of.wanted), em.mul(place, number(64, 4)))
        em.store(wanted, at, align=4)

    def _wanted(self, part: int, own: Op, env: Env) -> Op:
        """The set for the first part that is false; the one for enabled instances if none is."""
        em = self.cg.em
        if part == len(self.parts):
            return em.load(own, 32, align=4)
        truth = self.cg.truth(self.parts[part], env, self.world)

        def no() -> list[Op]:
            return [em.load(em.offset(own, 4 * (part + 1)), 32, align=4)]

        (found,) = em.choose(truth, lambda: [self._wanted(part + 1, own, env)], no, "part")
        return found


# ---- sets --------------------------------------------------------------------------------------


def _word(em: Emitter, start: int, k: Op) -> Op:
    """The address of a word of a set."""
    return em.offset(em.offset(MEM, start), em.mul(k, number(64, 8)))


def _put(em: Emitter, start: int, which: Op) -> None:
    """Put a number into a set."""
    at = _word(em, start, em.down(which, 6))
    bit = em.up(ONE, em.both(which, number(64, 63)))
    em.store(em.either(em.load(at, 64), bit), at)


def _has(em: Emitter, start: int, which: Op) -> Op:
    """Is a number in a set?"""
    word = em.load(_word(em, start, em.down(which, 6)), 64)
    bit = em.both(em.down(word, em.both(which, number(64, 63))), ONE)
    return em.compare("eq", bit, ONE)


def _clear(em: Emitter, of: Stubborn, start: int) -> None:
    def word(k: Op, _: list[Op]) -> list[Op]:
        em.store(ZERO, _word(em, start, k))
        return []

    em.repeat(of.words, [], word, "clear")


def _steps(em: Emitter, of: Stubborn) -> Op:
    """How many of the steps are in the set in work."""

    def word(k: Op, ops: list[Op]) -> list[Op]:
        both = em.both(em.load(_word(em, of.closed, k), 64), em.load(_word(em, of.taken, k), 64))
        return [em.add(ops[0], em.popcount(both))]

    return em.repeat(of.words, [ZERO], word, "steps")[0]


def _closure(out: Globals, program: Program, of: Stubborn) -> str:
    """Close a set of one; how many steps are in it, or `best` once there are as many."""
    signature = "internal i64 @closure(ptr %mem, i64 %seed, i64 %best) noinline"
    em = emitter_for(signature, out, program)
    sets = f.pointer(em, em.load(em.offset(MEM, 8 * SETS), 64))
    for start in (of.closed, of.waiting):
        _clear(em, of, start)
        _put(em, start, Op(64, "%seed"))
    names = ("round", "word", "inside", "next", "again", "done", "small", "large")
    round_, word, inside, next_, again, done, small, large = (em.label(n) for n in names)
    at, busy = em.cell("at"), em.cell("busy", 1)
    em.jump(round_)

    em.place(round_)  # all words, until none has anything waiting
    em.store(ZERO, at)
    em.store(number(1, 0), busy, align=1)
    em.jump(word)
    em.place(word)
    em.enter()
    here = em.load(at, 64)
    bits = em.load(_word(em, of.waiting, here), 64)
    em.branch(em.compare("eq", bits, ZERO), next_, inside)
    em.leave()
    em.place(inside)
    em.enter()
    _one(em, of, sets, at)
    em.store(number(1, 1), busy, align=1)
    em.jump(word)
    em.leave()
    em.place(next_)
    em.enter()
    more = em.add(em.load(at, 64), ONE)
    em.store(more, at)
    em.branch(em.compare("ult", more, number(64, of.words)), word, again)
    em.leave()
    em.place(again)
    em.enter()
    fewer = em.compare("ult", _steps(em, of), Op(64, "%best"))
    em.branch(fewer, done, large)
    em.leave()
    em.place(done)
    em.branch(em.load(busy, 1, align=1), round_, small)
    em.place(small)
    em.enter()
    result = _steps(em, of)
    em.line(f"ret {result.typed}")
    em.leave()
    em.place(large)
    em.line("ret i64 %best")
    return em.text()


def _one(em: Emitter, of: Stubborn, sets: Op, at: Op) -> None:
    """Look at one number that is waiting: what it wants comes along."""
    here = em.load(at, 64)
    mine = _word(em, of.waiting, here)
    bits = em.load(mine, 64)
    em.store(em.both(bits, em.sub(bits, ONE)), mine)
    which = em.add(em.mul(here, number(64, 64)), lowest(em, bits))
    own = em.offset(em.offset(MEM, of.wanted), em.mul(which, number(64, 4)))
    row = em.resize(em.load(own, 32, align=4), 64)
    wanted = em.offset(sets, em.mul(row, number(64, 8 * of.words)))

    def word(k: Op, _: list[Op]) -> list[Op]:
        closed, waiting = _word(em, of.closed, k), _word(em, of.waiting, k)
        set_ = em.load(em.offset(wanted, em.mul(k, number(64, 8))), 64)
        had = em.load(closed, 64)
        em.store(em.either(had, set_), closed)
        new = em.both(set_, em.flip(had))
        em.store(em.either(em.load(waiting, 64), new), waiting)
        return []

    em.repeat(of.words, [], word, "along")


# ---- choosing ----------------------------------------------------------------------------------


def _select(out: Globals, program: Program, of: Stubborn) -> str:
    """Of the n successors of a row, keep those to go on with; how many they are."""
    signature = "internal i64 @select(ptr %ctx, ptr %src, ptr %out, i64 %n) noinline"
    em = emitter_for(signature, out, program)
    words, total = program.layout.words, Op(64, "%n")
    number_ = Op(0, em.fresh("mem"))
    em.line(f"{number_.ref} = inttoptr i64 {f.get(em, CTX, f.ORDER).ref} to ptr")
    em.line(f"%mem = getelementptr i8, {number_.typed}, i64 0")
    if program.orbits is not None:
        _canonical(em, words, total)
    few, many = em.label("few"), em.label("many")
    em.branch(em.compare("ult", total, number(64, 2)), few, many)
    em.place(few)
    em.line("ret i64 %n")
    em.place(many)
    em.line("call void @classify(ptr %mem, ptr %src)")
    _note_taken(em, of, total)
    best = _best(em, of, words, total)
    all_, fewer = em.label("all"), em.label("fewer")
    em.branch(em.compare("eq", best, total), all_, fewer)
    em.place(all_)
    em.line("ret i64 %n")
    em.place(fewer)
    kept = _keep(em, of, words, total)
    _count(em, REDUCED, ONE)
    _count(em, LEFT_OUT, em.sub(total, kept))
    em.line(f"ret {kept.typed}")
    return em.text()


def _canonical(em: Emitter, words: int, total: Op) -> None:
    def one(k: Op, _: list[Op]) -> list[Op]:
        em.line(f"call void @canonical({f.row_at(em, OUT, k, words).typed})")
        return []

    em.loop(total, [], one, hint="canonical")


def _number(em: Emitter, of: Stubborn, k: Op) -> Op:
    """The number of the instance that led to a successor."""
    at = em.offset(em.offset(MEM, of.numbers), em.mul(k, number(64, 4)))
    return em.resize(em.load(at, 32, align=4), 64)


def _note_taken(em: Emitter, of: Stubborn, total: Op) -> None:
    _clear(em, of, of.taken)

    def one(k: Op, _: list[Op]) -> list[Op]:
        _put(em, of.taken, _number(em, of, k))
        return []

    em.loop(total, [], one, hint="taken")


def _best(em: Emitter, of: Stubborn, words: int, total: Op) -> Op:
    """How many steps the best set has, `total` if there is none smaller; it is kept."""
    best = em.cell("best")
    em.store(total, best)
    earlier = f.get(em, CTX, f.EARLIER)

    def try_(k: Op, ops: list[Op]) -> list[Op]:
        row, found = f.row_at(em, OUT, k, words), Op(64, em.fresh("found"))
        em.line(f"{found.ref} = call i64 @lookup(ptr %ctx, {row.typed})")
        # An index + 1, or 0 for a state that is not stored: then this is a great number.
        is_new = em.compare("ule", earlier, em.sub(found, ONE))
        em.when(is_new, lambda: _improve(em, of, _number(em, of, k), best), "new")
        return [em.compare("eq", em.load(best, 64), ONE)]

    em.loop(total, [number(1, 0)], try_, stop=0, hint="try")
    return em.load(best, 64)


def _improve(em: Emitter, of: Stubborn, seed: Op, best: Op) -> None:
    steps, least = Op(64, em.fresh("steps")), em.load(best, 64)
    em.line(f"{steps.ref} = call i64 @closure(ptr %mem, {seed.typed}, {least.typed})")

    def keep() -> None:
        em.store(steps, best)

        def word(k: Op, _: list[Op]) -> list[Op]:
            em.store(em.load(_word(em, of.closed, k), 64), _word(em, of.best, k))
            return []

        em.repeat(of.words, [], word, "keep")

    em.when(em.compare("ult", steps, least), keep, "better")


def _keep(em: Emitter, of: Stubborn, words: int, total: Op) -> Op:
    kept = em.cell("kept")
    em.store(ZERO, kept)

    def one(k: Op, _: list[Op]) -> list[Op]:
        def keep() -> None:
            to = em.load(kept, 64)
            copy_row(em, f.row_at(em, OUT, k, words), f.row_at(em, OUT, to, words), words)
            em.store(em.add(to, ONE), kept)

        em.when(_has(em, of.best, _number(em, of, k)), keep, "keep")
        return []

    em.loop(total, [], one, hint="compact")
    return em.load(kept, 64)


def _count(em: Emitter, at: int, more: Op) -> None:
    place = em.offset(MEM, 8 * at)
    em.store(em.add(em.load(place, 64), more), place)


__all__ = ["stubborn_functions"]
