"""The updates of one step: where they write, what breaks, and the state they make.

All expressions are read in the state before the step (rule 2). The three implicit properties are
bits that are false in most code, known so while it is generated. Next: `actions`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations, product
from typing import TypeAlias, assert_never, final

from kspec.base.record import frozen
from kspec.engines.explicit.code.codegen import Codegen, Env, World
from kspec.engines.explicit.code.convert import convert, member, place_of, size_of
from kspec.engines.explicit.code.values import Home, Memory, Register, Val, packed
from kspec.engines.explicit.llvm.emit import Emitter
from kspec.engines.explicit.llvm.operand import FALSE, TRUE, Op, number
from kspec.engines.explicit.store.layout import Refusal, Slot, bits_of
from kspec.ir.expr import Binder
from kspec.ir.sorts import Map, Record, Sort, cardinality
from kspec.ir.system import Action, Field, Implicit, Index, Update

MOST_INSTANCES = 1 << 12

Key: TypeAlias = "str | Op"


@final
@frozen
class Write:
    """One update instance: a place, what is written there, and when."""

    var: str
    path: tuple[Key, ...]
    sort: Sort
    shift: int
    dyn: Op | None
    value: Val
    when: Op
    live: Op


def writes(cg: Codegen, action: Action, env: Env, world: World) -> list[Write]:
    """The update instances of a step that are not known to be inactive."""
    found: list[Write] = []
    for place, update in enumerate(action.updates, 1):
        cg.em.comment(f"update {place} of {action.name}, of {update.var}")
        for inner in _bindings(cg, update.binders, env):
            when = cg.truth(update.when, inner, world)
            if when.const != 0:
                found.append(_write(cg, update, inner, world, when))
    return found


def _bindings(cg: Codegen, binders: tuple[Binder, ...], env: Env) -> Iterator[Env]:
    total = 1
    for binder in binders:
        total *= size_of(binder.sort)
    if total > MOST_INSTANCES:
        raise Refusal(f"an update writes {total} places at once, more than {MOST_INSTANCES}")
    for places in product(*(range(cardinality(b.sort)) for b in binders)):
        named = {b.name: cg.nth(b.sort, i) for b, i in zip(binders, places, strict=True)}
        yield {**env, **named}


def _write(cg: Codegen, update: Update, env: Env, world: World, when: Op) -> Write:
    em, slot = cg.em, cg.slots[update.var]
    sort, shift, dyn = slot.sort, slot.shift, number(64, 0)
    path: list[Key] = []
    for step in update.path:
        match step:
            case Index(key):
                assert isinstance(sort, Map)
                place = place_of(em, cg.as_sort(key, sort.key, env, world))
                back = em.sub(number(64, cardinality(sort.key) - 1), place)
                dyn = em.add(dyn, em.mul(back, number(64, bits_of(sort.value))))
                sort = sort.value
                path.append(place)
            case Field(name):
                assert isinstance(sort, Record)
                after = sort.fields[sort.position(name) + 1 :]
                shift += sum(bits_of(s) for _, s in after)
                sort = sort.field(name)
                path.append(name)
            case _:
                assert_never(step)
    if dyn.const is not None:
        shift += dyn.const
    value = cg.value(update.value, env, world)
    live = cg.truth(update.live, env, world)
    moved = None if dyn.const is not None else dyn
    return Write(update.var, tuple(path), sort, shift, moved, value, when, live)


def packed_write(slot: Slot, value: Val) -> Write:
    """A write of a whole variable."""
    return Write(slot.name, (), slot.sort, slot.shift, None, value, TRUE, TRUE)


# ---- implicit properties -----------------------------------------------------------------------


def breaks(em: Emitter, found: list[Write]) -> tuple[tuple[Implicit, Op], ...]:
    """For each implicit property: does the step break it?"""
    leaves, dead = FALSE, FALSE
    for write in found:
        outside = em.flip(member(em, write.value, write.sort))
        leaves = em.either(leaves, em.both(write.when, outside))
        dead = em.either(dead, em.both(write.when, em.flip(write.live)))
    twice = FALSE
    for one, two in _suspects(found):
        twice = em.either(twice, _overlap(em, one, two))
    return (
        (Implicit.IN_RANGE, leaves),
        (Implicit.SINGLE_WRITE, twice),
        (Implicit.LIVE_TARGET, dead),
    )


def _suspects(found: list[Write]) -> Iterator[tuple[Write, Write]]:
    """The pairs that may overlap, but for pairs whose paths start with different constants."""
    groups: dict[tuple[str, Key | None], list[Write]] = {}
    for write in found:
        groups.setdefault((write.var, _head(write)), []).append(write)
    for (var, head), group in groups.items():
        yield from combinations(group, 2)
        if head is None:
            others = (g for (v, h), g in groups.items() if v == var and h is not None)
            yield from product(group, chain.from_iterable(others))


def _head(write: Write) -> Key | None:
    """The first step of the path, if it is known."""
    first = write.path[0] if write.path else None
    return None if isinstance(first, Op) and first.const is None else first


def _overlap(em: Emitter, one: Write, two: Write) -> Op:
    """Both active, and one path a prefix of the other."""
    same = TRUE
    for a, b in zip(one.path, two.path, strict=False):
        if isinstance(a, Op) and isinstance(b, Op):
            same = em.both(same, em.compare("eq", a, b))
        elif a != b:
            return FALSE
        if same.const == 0:
            return FALSE
    return em.both(same, em.both(one.when, two.when))


# ---- the state after the step ------------------------------------------------------------------


@final
class Next:
    """A state under construction, as words; places that vary are written in memory at the end.

    INVARIANT: only used where no two writes overlap, so their order does not matter.
    """

    def __init__(self, em: Emitter, words: list[Op]) -> None:
        self.em = em
        self.words = words
        self._late: list[tuple[Write, Op]] = []

    def apply(self, write: Write) -> None:
        """Write one place."""
        size = bits_of(write.sort)
        if size == 0:
            return
        bits = packed(self.em, convert(self.em, write.value, write.sort))
        if write.dyn is None:
            self._fixed(write, bits, size)
        elif len(self.words) == 1:
            by = self.em.add(write.dyn, number(64, write.shift))
            self.words[0] = _replace(self.em, self.words[0], bits, by, size, write.when)
        else:
            self._late.append((write, bits))

    def _fixed(self, write: Write, bits: Op, size: int) -> None:
        em = self.em
        for k in range(write.shift // 64, (write.shift + size - 1) // 64 + 1):
            low, high = max(write.shift, 64 * k), min(write.shift + size, 64 * k + 64)
            piece = em.resize(em.down(bits, low - write.shift), 64)
            piece = em.mask(piece, high - low)
            by = number(64, low - 64 * k)
            self.words[k] = _replace(em, self.words[k], piece, by, high - low, write.when)

    def finish(self, at: Op) -> Home:
        """Write the state to memory; gives where to read it."""
        em = self.em
        for k, word in enumerate(self.words):
            em.store(word, em.offset(at, 8 * k))
        if len(self.words) == 1:
            return Register(self.words[0])
        for write, bits in self._late:
            _rewrite(em, at, write, bits)
        return Memory(at, forever=False)


def _replace(em: Emitter, word: Op, bits: Op, by: Op, size: int, when: Op) -> Op:
    if size == word.bits:
        return em.select(when, bits, word)
    hole = em.flip(em.up(number(word.bits, (1 << size) - 1), by))
    new = em.either(em.both(word, hole), em.up(em.resize(bits, word.bits), by))
    return em.select(when, new, word)


def _rewrite(em: Emitter, at: Op, write: Write, bits: Op) -> None:
    """Read, change and write the bytes that a varying place lies in."""
    assert write.dyn is not None
    size = bits_of(write.sort)
    place = em.add(write.dyn, number(64, write.shift))
    span = max(64, -(-(size + 7) // 8) * 8)
    address = em.offset(at, em.down(place, 3))
    old = em.load(address, span, align=1)
    by = em.resize(em.both(place, number(64, 7)), span)
    wide = em.resize(bits, span) if span >= bits.bits else bits
    em.store(_replace(em, old, em.resize(wide, span), by, size, write.when), address, align=1)


__all__ = ["Next", "Write", "breaks", "packed_write", "writes"]
