"""Generated code that puts a state in the place of its orbit: one and the same image of all states
that differ in which of interchangeable identities is which.

1. What belongs to identities of flat kinds is sorted: that is their least image.
2. Identities of hubs are ranked by features (`orbits`), twice: the second time the ranks count.
3. They are put in the order of ranks. Of those with equal ranks every order is tried, but where
   any two change places without a difference (after 1); the least image is taken.

INVARIANT: whatever the features say, the result is an image of the state under a permutation of
the groups, for all that is done is permuting. That it is the same for all images rests on features
being features. Every function has its own memory on the stack, so that workers need none.

Next: `loop`, which calls it on every successor.
"""

from __future__ import annotations

from typing import final

from kspec.base.record import frozen
from kspec.engines.explicit.code.codegen import Bound, Codegen, World, in_register
from kspec.engines.explicit.code.convert import value_at
from kspec.engines.explicit.code.values import Memory, Register, packed, register
from kspec.engines.explicit.code.writes import Next, packed_write
from kspec.engines.explicit.frame import copy_row, less_row, same_row
from kspec.engines.explicit.llvm.emit import Emitter, Globals
from kspec.engines.explicit.llvm.operand import Op, number
from kspec.engines.explicit.pieces import codegen_for, emitter_for
from kspec.engines.explicit.plan import Program
from kspec.engines.explicit.reductions.orbits import Kind, Orbits, Shift, of_whom
from kspec.engines.explicit.store.layout import bits_of, width
from kspec.ir.expr import Expr, Ref, sort_of
from kspec.ir.sorts import Map

WORD = 8
ZERO, ONE = number(64, 0), number(64, 1)
ROW, FROM_ROW, TO_ROW = Op(0, "%row"), Op(0, "%src"), Op(0, "%dst")
PERMS, RANKS = Op(0, "%perms"), Op(0, "%ranks")
KEYS, ORDER = Op(0, "%keys"), Op(0, "%order")


@final
@frozen
class Plan:
    """Where everything about a kind lies in the arrays that functions hand each other: `perms` in
    bytes, two packed maps; `ranks` and orders in bytes, a word for each place."""

    kind: Kind
    perms: int
    ranks: int

    @property
    def size(self) -> int:
        """How many places there are."""
        return self.kind.pool.size

    @property
    def bits(self) -> int:
        """Bits of a packed map from places to places."""
        return bits_of(self.kind.to.sort)

    @property
    def stride(self) -> int:
        """Bytes of one in memory."""
        return register(self.bits) // 8


@final
class _Code:
    """Writes the functions for one program."""

    def __init__(self, out: Globals, program: Program, orbits: Orbits) -> None:
        self.out, self.program, self.orbits = out, program, orbits
        self.plans: dict[str, Plan] = {}
        perms = ranks = 0
        for kind in orbits.kinds:
            plan = Plan(kind, perms, ranks)
            self.plans[kind.pool.name] = plan
            perms += 2 * plan.stride
            ranks += WORD * plan.size
        self.perm_bytes, self.rank_bytes = perms, ranks
        self.row_bytes = WORD * program.layout.words + 64
        self.functions: list[str] = []

    def of(self, kind: Kind) -> Plan:
        return self.plans[kind.pool.name]

    def emitter(self, signature: str) -> Emitter:
        return emitter_for(f"internal {signature} noinline", self.out, self.program)

    def end(self, em: Emitter, result: Op | None = None) -> None:
        em.line("ret void" if result is None else f"ret {result.typed}")
        self.functions.append(em.text())

    def world(self, em: Emitter, row: Op) -> World:
        if self.program.layout.words == 1:
            return World(0, Register(em.load(row, 64)))
        return World(0, Memory(row, forever=False))

    def codegen(self, em: Emitter) -> Codegen:
        return codegen_for(em, self.program, None)


def canonical_functions(out: Globals, program: Program) -> list[str]:
    """`@canonical(row)` and what it calls; nothing where the program has no orbits."""
    orbits = program.orbits
    if orbits is None:
        return []
    code = _Code(out, program, orbits)
    if orbits.flat:
        _shift(code, "flat", orbits.flat)
        for kind in orbits.flat:
            _keys(code, kind, "column", orbits.column(kind, of_whom(kind)), ())
    if orbits.hubs:
        _shift(code, "hubs", orbits.hubs)
        for kind in orbits.kinds:
            _keys(code, kind, "plain", orbits.features(kind, of_whom(kind), ranked=False), ())
            more = orbits.features(kind, of_whom(kind), ranked=True)
            _keys(code, kind, "ranked", more, orbits.kinds)
    for kind in orbits.kinds:
        _order(code, kind)
    _sort_flat(code)
    if orbits.hubs:
        _twins(code)
        _try(code)
    _canonical(code)
    return code.functions


# ---- images ------------------------------------------------------------------------------------


def _shift(code: _Code, name: str, kinds: tuple[Kind, ...]) -> None:
    """The image of a row under permutations of some kinds."""
    em = code.emitter(f"void @shift.{name}(ptr noalias %src, ptr noalias %dst, ptr %perms)")
    cg, layout = code.codegen(em), code.program.layout
    env: dict[str, Bound] = {}
    for kind in kinds:
        plan = code.of(kind)
        for place, local in enumerate((kind.to, kind.back)):
            at = em.offset(PERMS, plan.perms + place * plan.stride)
            bits = em.load(at, register(plan.bits))
            env[local.name] = cg.bound(in_register(local.sort, bits))
    words = [em.load(em.offset(FROM_ROW, WORD * k), 64) for k in range(layout.words)]
    world, made, shift = code.world(em, FROM_ROW), Next(em, words), Shift(kinds)
    for slot in layout.slots:
        if shift.moves(slot.sort):
            em.comment(f"image of {slot.name}")
            image = shift.image(slot.sort, Ref(slot.name, slot.sort))
            made.apply(packed_write(slot, cg.as_sort(image, slot.sort, env, world)))
    made.finish(TO_ROW)
    code.end(em)


def _packed_words(em: Emitter, array: Op, size: int, bits: int) -> Op:
    """Words as a packed map, the first on top."""
    total = number(register(size * bits), 0)
    for place in range(size):
        word = em.resize(em.load(em.offset(array, WORD * place), 64), total.bits)
        total = em.either(total, em.up(word, bits * (size - 1 - place)))
    return total


def _id(code: _Code, kind: Kind) -> int:
    return [k.pool.name for k in code.orbits.kinds].index(kind.pool.name)


# ---- features ----------------------------------------------------------------------------------


def _key_bits(exprs: tuple[Expr, ...]) -> int:
    return max(1, sum(bits_of(sort_of(e)) for e in exprs))


def _key_stride(bits: int) -> int:
    return register(bits) // 8


def _keys(
    code: _Code, kind: Kind, name: str, exprs: tuple[Expr, ...], ranked: tuple[Kind, ...]
) -> None:
    """Of each identity, its features as one number."""
    signature = f"void @keys.{name}.{_id(code, kind)}(ptr %row, ptr %ranks, ptr %keys)"
    em = code.emitter(signature)
    cg, bits = code.codegen(em), _key_bits(exprs)
    world, env = code.world(em, ROW), dict[str, Bound]()
    for other in ranked:
        plan, local = code.of(other), other.rank
        assert isinstance(local.sort, Map)
        array = em.offset(RANKS, plan.ranks)
        ranks = _packed_words(em, array, plan.size, bits_of(local.sort.value))
        env[local.name] = cg.bound(in_register(local.sort, ranks))

    def identity(place: Op, _: list[Op]) -> list[Op]:
        who = cg.bound(value_at(em, kind.id, place))
        total = number(register(bits), 0)
        below = bits
        for expr in exprs:
            value = cg.value(expr, {**env, of_whom(kind).name: who}, world)
            below -= bits_of(value.sort)
            op = em.resize(packed(em, value), total.bits)
            total = em.either(total, em.up(op, below) if below < total.bits else op)
        em.store(total, em.offset(KEYS, em.mul(place, number(64, _key_stride(bits)))))
        return []

    em.loop(number(64, kind.pool.size), [], identity, hint="who")
    code.end(em)


def _order(code: _Code, kind: Kind) -> None:
    """Ranks by keys of `%size` bytes, within groups, and the identities in that order. Gives 1 if
    some of a group have equal ranks."""
    # The widths of keys differ from pass to pass, so there is one function for each.
    plan, orbits = code.of(kind), code.orbits
    passes = [("column", orbits.column(kind, of_whom(kind)))] if orbits.is_flat(kind) else []
    if orbits.hubs:
        for name, ranked in (("plain", False), ("ranked", True)):
            passes.append((name, orbits.features(kind, of_whom(kind), ranked=ranked)))
    for name, exprs in passes:
        signature = f"i64 @order.{name}.{_id(code, kind)}(ptr %keys, ptr %ranks, ptr %order)"
        em = code.emitter(signature)
        code.end(em, _order_groups(em, plan, _key_bits(exprs)))


def _order_groups(em: Emitter, plan: Plan, bits: int) -> Op:
    ties, before = ZERO, 0
    for group in plan.kind.places:
        table = em.globals.table(_words(group), len(group))
        ties = _order_group(em, plan, bits, (table, len(group), before), ties)
        before += len(group)
    return ties


def _words(places: tuple[int, ...]) -> int:
    return sum(place << (64 * k) for k, place in enumerate(places))


def _order_group(em: Emitter, plan: Plan, bits: int, group: tuple[Op, int, int], ties: Op) -> Op:
    table, count, before = group
    stride = number(64, _key_stride(bits))

    def entry(array: Op, index: Op) -> Op:
        return em.offset(array, em.mul(index, number(64, WORD)))

    def key(place: Op) -> Op:
        return em.load(em.offset(KEYS, em.mul(place, stride)), register(bits))

    def outer(a: Op, ops: list[Op]) -> list[Op]:
        place = em.load(entry(table, a), 64)
        mine = key(place)

        def inner(b: Op, counts: list[Op]) -> list[Op]:
            other = key(em.load(entry(table, b), 64))
            less = em.resize(em.compare("ult", other, mine), 64)
            same = em.compare("eq", other, mine)
            earlier = em.resize(em.both(same, em.compare("ult", b, a)), 64)
            return [em.add(counts[0], less), em.add(counts[1], earlier)]

        less, earlier = em.loop(number(64, count), [ZERO, ZERO], inner, hint="than")
        rank = em.add(less, number(64, before))
        em.store(rank, em.offset(entry(RANKS, place), plan.ranks))
        position = em.add(rank, earlier)
        em.store(place, em.offset(entry(ORDER, position), plan.ranks))
        return [em.either(ops[0], em.resize(em.compare("ne", earlier, ZERO), 64))]

    (found,) = em.loop(number(64, count), [ties], outer, hint="rank")
    return found


def _places(code: _Code, em: Emitter, kind: Kind, order: Op, to: Op, back: Op) -> None:
    """Where places go if identities are taken in an order: the k-th of a group to its k-th
    place."""
    position = 0
    for group in kind.places:
        for place in group:
            who = em.load(em.offset(order, code.of(kind).ranks + WORD * position), 64)
            em.store(number(64, place), em.offset(to, em.mul(who, number(64, WORD))))
            em.store(who, em.offset(back, WORD * place))
            position += 1


# ---- flat kinds --------------------------------------------------------------------------------


def _sort_flat(code: _Code) -> None:
    """Sort what belongs to each identity of a flat kind, in place."""
    em = code.emitter("void @sort.flat(ptr %row)")
    if code.orbits.flat:
        memory = _Memory(code, em)
        for kind in code.orbits.flat:
            memory.order(kind, "column", ROW)
            memory.place(kind)
        after = em.alloca(code.row_bytes, "after")
        em.line(f"call void @shift.flat(ptr %row, {after.typed}, {memory.perms.typed})")
        copy_row(em, after, ROW, code.program.layout.words)
    code.end(em)


@final
class _Memory:
    """The arrays of one function."""

    def __init__(self, code: _Code, em: Emitter) -> None:
        self.code, self.em = code, em
        most = max(k.pool.size for k in code.orbits.kinds)
        self.perms = em.alloca(code.perm_bytes + 64, "perms")
        self.ranks = em.alloca(code.rank_bytes + 64, "ranks")
        self.orders = em.alloca(code.rank_bytes + 64, "orders")
        self.to, self.back = em.alloca(WORD * most, "to"), em.alloca(WORD * most, "back")
        self.keys = em.alloca(_most_keys(code), "keys")

    def order(self, kind: Kind, name: str, row: Op) -> Op:
        """Rank a kind, by one pass over its features; 1 if some are equal."""
        em, which = self.em, _id(self.code, kind)
        arrays = f"{self.ranks.typed}, {self.keys.typed}"
        em.line(f"call void @keys.{name}.{which}({row.typed}, {arrays})")
        tied = Op(64, em.fresh("tied"))
        arrays = f"{self.keys.typed}, {self.ranks.typed}, {self.orders.typed}"
        em.line(f"{tied.ref} = call i64 @order.{name}.{which}({arrays})")
        return tied

    def place(self, kind: Kind) -> None:
        """Make the permutation that the order says."""
        _places(self.code, self.em, kind, self.orders, self.to, self.back)
        self.pack(kind)

    def pack(self, kind: Kind) -> None:
        """Write the permutation to `perms`."""
        plan = self.code.of(kind)
        for place, array in enumerate((self.to, self.back)):
            bits = _packed_words(self.em, array, plan.size, width(plan.size))
            self.em.store(bits, self.em.offset(self.perms, plan.perms + place * plan.stride))

    def still(self, kind: Kind) -> None:
        """Let everything be where it is."""
        for place in range(kind.pool.size):
            for array in (self.to, self.back):
                self.em.store(number(64, place), self.em.offset(array, WORD * place))


def _most_keys(code: _Code) -> int:
    orbits, most = code.orbits, 8
    for kind in orbits.kinds:
        who = of_whom(kind)
        found = [orbits.column(kind, who)] if orbits.is_flat(kind) else []
        found += [orbits.features(kind, who, ranked=ranked) for ranked in (False, True)]
        most = max(most, *(kind.pool.size * _key_stride(_key_bits(e)) for e in found))
    return most


# ---- hubs --------------------------------------------------------------------------------------


def _image(code: _Code, em: Emitter, row: Op, into: Op, perms: Op) -> None:
    """The image under permutations of hubs, with flat kinds sorted."""
    em.line(f"call void @shift.hubs({row.typed}, {into.typed}, {perms.typed})")
    em.line(f"call void @sort.flat({into.typed})")


def _twins(code: _Code) -> None:
    """Write to `%leads`, for each position, the first one that its identity may change places
    with to make a difference: of equal ranks, unless none of them makes one."""
    em = code.emitter("void @twins(ptr %row, ptr %ranks, ptr %order, ptr %leads)")
    memory, image = _Memory(code, em), em.alloca(code.row_bytes, "image")
    for kind in code.orbits.hubs:
        memory.still(kind)
        memory.pack(kind)
    for kind in code.orbits.hubs:
        _twins_of(code, em, kind, memory, image)
        memory.still(kind)
        memory.pack(kind)
    code.end(em)


def _twins_of(code: _Code, em: Emitter, kind: Kind, memory: _Memory, image: Op) -> None:
    plan, words = code.of(kind), code.program.layout.words
    leads = Op(0, "%leads")

    def at(array: Op, position: Op) -> Op:
        return em.offset(em.offset(array, plan.ranks), em.mul(position, number(64, WORD)))

    def lead(position: Op) -> Op:
        return em.load(at(RANKS, em.load(at(ORDER, position), 64)), 64)

    # A run of equal ranks is collapsed if each changes places with the one before for nothing.
    # A cell for each position says, at the first of a run, whether that is so for all of it.
    same = em.alloca(WORD * plan.size, "same")
    for position in range(plan.size):
        em.store(ONE, em.offset(same, WORD * position))

    def look(position: Op, _: list[Op]) -> list[Op]:
        first = lead(position)

        def compare() -> None:
            memory.still(kind)
            one = em.load(at(ORDER, position), 64)
            other = em.load(at(ORDER, em.sub(position, ONE)), 64)
            for array in (memory.to, memory.back):
                em.store(other, em.offset(array, em.mul(one, number(64, WORD))))
                em.store(one, em.offset(array, em.mul(other, number(64, WORD))))
            memory.pack(kind)
            _image(code, em, ROW, image, memory.perms)
            is_same = same_row(em, ROW, image, words)
            flag = em.offset(same, em.mul(first, number(64, WORD)))
            em.store(em.both(em.load(flag, 64), em.resize(is_same, 64)), flag)

        em.when(em.compare("ne", first, position), compare, "tied")
        return []

    em.loop(number(64, plan.size), [], look, hint="twin")

    def decide(position: Op, _: list[Op]) -> list[Op]:
        first = lead(position)
        flag = em.load(em.offset(same, em.mul(first, number(64, WORD))), 64)
        is_same = em.compare("ne", flag, ZERO)
        em.store(em.select(is_same, position, first), at(leads, position))
        return []

    em.loop(number(64, plan.size), [], decide, hint="lead")


def _try(code: _Code) -> None:
    """The image by the `%number`-th of the orders that are tried."""
    signature = "void @try(ptr %row, ptr %order, ptr %leads, i64 %number, ptr %into)"
    em = code.emitter(signature)
    memory = _Memory(code, em)
    rest = em.cell("rest")
    em.store(Op(64, "%number"), rest)
    for kind in code.orbits.hubs:
        _decode(code, em, kind, memory, rest)
        memory.place(kind)
    _image(code, em, ROW, Op(0, "%into"), memory.perms)
    code.end(em)


def _decode(code: _Code, em: Emitter, kind: Kind, memory: _Memory, rest: Op) -> None:
    """An order of a kind from a number in mixed radix: each position changes places with one of
    its run at or before it."""
    plan = code.of(kind)

    def at(array: Op, position: Op) -> Op:
        return em.offset(em.offset(array, plan.ranks), em.mul(position, number(64, WORD)))

    def copy(position: Op, _: list[Op]) -> list[Op]:
        em.store(em.load(at(ORDER, position), 64), at(memory.orders, position))
        return []

    def change(position: Op, _: list[Op]) -> list[Op]:
        first = em.load(at(Op(0, "%leads"), position), 64)

        def digit() -> None:
            radix, left = em.add(em.sub(position, first), ONE), em.load(rest, 64)
            other = em.sub(position, em.binary("urem", left, radix))
            em.store(em.binary("udiv", left, radix), rest)
            here, there = at(memory.orders, position), at(memory.orders, other)
            mine, its = em.load(here, 64), em.load(there, 64)
            em.store(its, here)
            em.store(mine, there)

        em.when(em.compare("ne", first, position), digit, "digit")
        return []

    em.loop(number(64, plan.size), [], copy, hint="copy")
    em.loop(number(64, plan.size), [], change, hint="change")


def _canonical(code: _Code) -> None:
    """Put the least of the images that are tried in the place of a row."""
    em = code.emitter("void @canonical(ptr %row)")
    em.line("call void @sort.flat(ptr %row)")
    if code.orbits.hubs:
        _search(code, em)
    code.end(em)


def _search(code: _Code, em: Emitter) -> None:
    memory, words = _Memory(code, em), code.program.layout.words
    for kind in code.orbits.kinds:
        memory.order(kind, "plain", ROW)
    tied = ZERO
    for kind in code.orbits.hubs:
        tied = em.either(tied, memory.order(kind, "ranked", ROW))
    leads = em.alloca(code.rank_bytes + 64, "leads")
    arrays = f"{memory.ranks.typed}, {memory.orders.typed}, {leads.typed}"
    for kind in code.orbits.hubs:
        _all_apart(code, em, kind, leads)
    is_tied = em.compare("ne", tied, ZERO)
    em.when(is_tied, lambda: em.line(f"call void @twins(ptr %row, {arrays})"), "twins")
    total = ONE
    for kind in code.orbits.hubs:
        total = _orders(code, em, kind, leads, total)
    best, image = em.alloca(code.row_bytes, "best"), em.alloca(code.row_bytes, "image")

    def attempt(which: Op, into: Op) -> None:
        rest = f"{memory.orders.typed}, {leads.typed}, {which.typed}, {into.typed}"
        em.line(f"call void @try(ptr %row, {rest})")

    attempt(ZERO, best)

    def another(which: Op, _: list[Op]) -> list[Op]:
        attempt(em.add(which, ONE), image)
        less = less_row(em, image, best, words)
        em.when(less, lambda: copy_row(em, image, best, words), "less")
        return []

    em.loop(em.sub(total, ONE), [], another, hint="order")
    copy_row(em, best, ROW, words)


def _all_apart(code: _Code, em: Emitter, kind: Kind, leads: Op) -> None:
    for position in range(kind.pool.size):
        at = em.offset(leads, code.of(kind).ranks + WORD * position)
        em.store(number(64, position), at)


def _orders(code: _Code, em: Emitter, kind: Kind, leads: Op, total: Op) -> Op:
    """How many orders are tried, times `total`."""
    start = em.offset(leads, code.of(kind).ranks)

    def times(position: Op, ops: list[Op]) -> list[Op]:
        first = em.load(em.offset(start, em.mul(position, number(64, WORD))), 64)
        return [em.mul(ops[0], em.add(em.sub(position, first), ONE))]

    return em.loop(number(64, kind.pool.size), [total], times, hint="orders")[0]


def canonical_entry(out: Globals, program: Program) -> list[str]:
    """`canon`, for whoever asks about one state."""
    if program.orbits is None:
        return []
    em = emitter_for("void @canon(ptr %ctx, ptr %row)", out, program)
    em.line("call void @canonical(ptr %row)")
    em.line("ret void")
    return [em.text()]


__all__ = ["canonical_entry", "canonical_functions"]
