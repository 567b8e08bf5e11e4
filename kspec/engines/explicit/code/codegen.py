"""Expressions to LLVM: names, sharing, and the way to the families of nodes.

`Codegen.value` writes the code of an expression and gives its value. Equal expressions are
written once per scope. No expression has an effect or can fail, so code may be executed early;
`choose` is only there to save time. Rules: docs/semantics.md, rule 6.

Families: `logic`, `data`, `binders`. Users: `actions`, `program`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias, assert_never, final

from kspec.base.record import frozen
from kspec.engines.explicit.code.convert import convert, size_of, value_at
from kspec.engines.explicit.code.nodes import Nodes
from kspec.engines.explicit.code.values import (
    Home,
    Packed,
    Register,
    Val,
    either,
    flat,
    literal,
    read,
    scalar,
    unflat,
)
from kspec.engines.explicit.llvm.emit import Emitter
from kspec.engines.explicit.llvm.operand import Op, number
from kspec.engines.explicit.llvm.tuning import DEFAULT, Tuning
from kspec.engines.explicit.store.layout import Layout, Refusal
from kspec.ir.expr import (
    Agg,
    And,
    Arith,
    At,
    Best,
    Binder,
    Concat,
    Contains,
    Count,
    Eq,
    Expr,
    First,
    Fold,
    Get,
    GetField,
    IsSome,
    Ite,
    Le,
    Len,
    Let,
    Lit,
    Local,
    Lt,
    MakeMap,
    MakeRecord,
    MakeSeq,
    MakeSet,
    Not,
    Old,
    Or,
    OrElse,
    Put,
    Quant,
    Ref,
    SetOf,
    SetOp,
    Some,
    Sorted,
    Subset,
    WithField,
)
from kspec.ir.sorts import Sort, fits
from kspec.ir.system import Const


@final
@frozen
class World:
    """A state that expressions are read in. `uid` 0 is the state before the step."""

    uid: int
    home: Home


@final
@frozen
class Bound:
    """A name that stands for a value."""

    uid: int
    value: Val


@final
@frozen
class Delayed:
    """A name that stands for an expression, computed where it is first wanted."""

    uid: int
    expr: Expr
    env: Env
    world: World | None


Binding: TypeAlias = Bound | Delayed
Env: TypeAlias = Mapping[str, Binding]
Key: TypeAlias = tuple[int, ...]
Step: TypeAlias = Callable[[Bound, list[Op]], list[Op]]


@final
class Codegen:
    """Writes expressions into one function."""

    def __init__(
        self,
        em: Emitter,
        nodes: Nodes,
        layout: Layout,
        constants: tuple[Const, ...],
        before: World | None,
        tuning: Tuning = DEFAULT,
    ) -> None:
        self.tuning = tuning
        self.em = em
        self.nodes = nodes
        self.slots = {slot.name: slot for slot in layout.slots}
        self.constants = {c.name: c for c in constants}
        self.before = before
        # INVARIANT: number 0 is the state before the step, and no name has it.
        self._uids: dict[object, int] = {"before": 0}
        self._known: list[dict[Key, Val]] = [{}]
        em.on_scope.append(self._scope)

    def _scope(self, entering: bool) -> None:
        if entering:
            self._known.append({})
        else:
            self._known.pop()

    # ---- names --------------------------------------------------------------------------------

    def uid(self, key: object = None) -> int:
        """A number for a key; a new one for none."""
        if key is None:
            key = object()
        return self._uids.setdefault(key, len(self._uids))

    def bound(self, value: Val) -> Bound:
        """A name for a value that nothing is known of."""
        return Bound(self.uid(), value)

    def nth(self, sort: Sort, place: int) -> Bound:
        """A name for the value at a place of the sort's order."""
        value = value_at(self.em, sort, number(64, place))
        return Bound(self.uid((sort, place)), value)

    def delayed(self, expr: Expr, env: Env, world: World | None) -> Delayed:
        """A name for an expression."""
        return Delayed(self.uid(self._key(expr, env, world)), expr, env, world)

    def _key(self, expr: Expr, env: Env, world: World | None) -> Key:
        node = self.nodes.of(expr)
        place = world.uid if world is not None and node.reads else -1
        return (node.uid, place, *(env[name].uid for name in node.free))

    # ---- evaluation ---------------------------------------------------------------------------

    def truth(self, expr: Expr, env: Env, world: World | None) -> Op:
        """A boolean expression as one bit."""
        return scalar(self.value(expr, env, world))

    def value(self, expr: Expr, env: Env, world: World | None) -> Val:
        """The value of an expression; of its own sort (`sort_of`)."""
        if isinstance(expr, Lit):
            return literal(expr.sort, expr.value)
        if isinstance(expr, Local):
            return self._local(expr, env)
        key = self._key(expr, env, world)
        for known in reversed(self._known):
            if key in known:
                return known[key]
        value = self._compute(expr, env, world)
        self._known[-1][key] = value
        return value

    def as_sort(self, expr: Expr, sort: Sort, env: Env, world: World | None) -> Val:
        """The value of an expression whose sort fits another, in that one."""
        value = self.value(expr, env, world)
        if not fits(value.sort, sort):
            raise Refusal(f"a value of {value.sort} is used as {sort} in {expr}")
        return convert(self.em, value, sort)

    def _local(self, expr: Local, env: Env) -> Val:
        binding = env[expr.name]
        match binding:
            case Bound(_, value):
                pass
            case Delayed(_, inner, outer, world):
                value = self.value(inner, outer, world)
            case _:
                assert_never(binding)
        if not fits(value.sort, expr.sort):
            raise Refusal(f"{expr.name} is {value.sort}, used as {expr.sort}")
        return convert(self.em, value, expr.sort)

    def _ref(self, name: str, world: World | None) -> Val:
        if name in self.constants:
            const = self.constants[name]
            return literal(const.sort, const.value)
        if world is None:
            raise Refusal(f"{name} is read where there is no state")
        slot = self.slots[name]
        return read(self.em, slot.sort, world.home, slot.shift, None)

    def _compute(self, expr: Expr, env: Env, world: World | None) -> Val:
        from kspec.engines.explicit.code import binders as code_binders
        from kspec.engines.explicit.code import data as code_data
        from kspec.engines.explicit.code import logic as code_logic

        match expr:
            case Lit() | Local():
                raise TypeError("handled before")
            case Ref(name, _):
                return self._ref(name, world)
            case Old(name, _):
                return self._ref(name, self.before)
            case Let(name, value, body):
                inner = {**env, name: self.delayed(value, env, world)}
                return self.value(body, inner, world)
            case Not() | And() | Or() | Ite() | Eq() | Lt() | Le() | Arith():
                return code_logic.value(self, expr, env, world)
            case Some() | IsSome() | OrElse() | MakeRecord() | GetField() | WithField():
                return code_data.product(self, expr, env, world)
            case MakeSet() | Contains() | SetOp() | Subset():
                return code_data.set_value(self, expr, env, world)
            case Get() | Put() | MakeSeq() | Len() | At() | Concat():
                return code_data.indexed(self, expr, env, world)
            case SetOf() | MakeMap() | Quant() | Count() | Agg() | First():
                return code_binders.value(self, expr, env, world)
            case Best() | Sorted() | Fold():
                return code_binders.ordered(self, expr, env, world)
            case _:
                assert_never(expr)

    # ---- repetition and choice ----------------------------------------------------------------

    def unrolls(self, count: int, work: int) -> bool:
        """Are so many rounds of so much work written out?"""
        tuning = self.tuning
        return count <= tuning.unroll_count and count * work <= tuning.unroll_work

    def iterate(
        self,
        binder: Binder,
        work: int,
        start: list[Op],
        step: Step,
        stop: int | None = None,
    ) -> list[Op]:
        """`step` for each value of a binder's sort in order; unrolled if that is little code.

        Once operand `stop` is true, the rest may be left out.
        """
        count = size_of(binder.sort)
        if count == 1 or self.unrolls(count, work):
            for place in range(count):
                start = step(self.nth(binder.sort, place), start)
                if stop is not None and start[stop].const:
                    break
            return start

        def body(place: Op, ops: list[Op]) -> list[Op]:
            return step(self.bound(value_at(self.em, binder.sort, place)), ops)

        return self.em.loop(number(64, count), start, body, stop, hint=binder.name)

    def pick(
        self, cond: Op, sort: Sort, yes: Callable[[], Val], no: Callable[[], Val], work: int
    ) -> Val:
        """One of two values of a sort; branches if both together are `work` to compute."""
        if cond.const is not None:
            return yes() if cond.const else no()
        if work < self.tuning.branch_work:
            return either(self.em, cond, yes(), no())
        ops = self.em.choose(cond, lambda: flat(self.em, yes()), lambda: flat(self.em, no()), "if")
        return unflat(sort, ops)


def in_register(sort: Sort, bits: Op) -> Packed:
    """A compound value from its packed bits."""
    return Packed(sort, Register(bits), 0, None)
