"""What everything that lowers is given: the places of the state, where an expression stands, and
where the values of lets and the names of binders come from.

A `Lowering` belongs to one pass over a scope. It gathers what the pass finds out about the sorts of
places (`saw`), for the next pass.
Next: `expressions.worlds` for reading, `expressions.expr` for expressions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias, final

from attrs import evolve, field, mutable

from kspec.analysis.typed import TComp, TExpr, TVar
from kspec.analysis.types import Type
from kspec.base.node import nodes
from kspec.base.record import frozen
from kspec.base.source import Span
from kspec.ir.expr import Binder, Expr, Get, GetField, Let, Lit, Local, Old, Ref, sort_of
from kspec.ir.sorts import Enum, Map, Opt, Sort
from kspec.ir.system import Const, Role
from kspec.lower.facts import Static
from kspec.lower.values.codec import decode, encode, occurring
from kspec.lower.values.shapes import CannotStore, Shapes, meet, settled
from kspec.lower.values.smart import free, get
from kspec.lower.values.symbolic import (
    Alternative,
    Bunch,
    Case,
    Clock,
    Flag,
    Ident,
    Known,
    Maybe,
    Num,
    Parts,
    SomeIdent,
    Sym,
    Tabled,
    Whole,
)
from kspec.pure.values.value import Value as Pure


class CannotLower(Exception):
    """Something in the program has no expression in the IR; `span` is where it was written."""

    def __init__(self, message: str, span: Span | None, *labels: tuple[Span, str]) -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.labels = labels


# ---- worlds ------------------------------------------------------------------------------------


@final
@frozen
class Present:
    """The live state; with `is_past` as it was before the step."""

    is_past: bool = False


@final
@frozen
class Viewed:
    """What a controller sees: `instance` is an expression of its instance, None without."""

    controller: str
    instance: Expr | None
    base: Present


@final
@frozen
class Imaged:
    """The live state, but for one kind: that is as in the image at a place of a queue."""

    owner: str
    kind: str
    place: int
    base: Present


@final
@frozen(eq=False)
class Altered:
    """A world with effects applied, as `kspec.lower.steps.effects` found them."""

    base: World
    effects: object


World: TypeAlias = "Present | Viewed | Imaged | Altered"


# ---- where an expression stands ----------------------------------------------------------------


@final
@mutable(eq=False)
class Sink:
    """The lets of a block: names for values that its expressions use more than once.

    `close` puts those that an expression needs around it.
    """

    parent: Sink | None = None
    lets: list[tuple[str, Expr]] = field(factory=list)
    calls: dict[object, Sym] = field(factory=dict)

    def found(self, key: object) -> Sym | None:
        """A call that was already lowered here or around."""
        here: Sink | None = self
        while here is not None:
            if key in here.calls:
                return here.calls[key]
            here = here.parent
        return None

    def close(self, expr: Expr) -> Expr:
        """The expression with the lets it needs around it."""
        for name, value in reversed(self.lets):
            if name in free(expr):
                expr = Let(name, value, expr)
        return expr


@final
@frozen(eq=False)
class Frame:
    """Where an expression stands.

    `names` are bound names; `world` is what plain reads see, `live` what `live(…)` sees; `before`
    the frame before the step, in occurrence properties. `component` and `instance` say whose
    memory is meant.
    """

    names: Mapping[str, Sym]
    world: World
    live: Present
    sink: Sink
    before: Frame | None = None
    component: str | None = None
    instance: Sym | None = None

    def bind(self, **names: Sym) -> Frame:
        """The frame with more names."""
        return evolve(self, names={**self.names, **names})

    def binding(self, name: str, value: Sym) -> Frame:
        """The frame with one more name."""
        return evolve(self, names={**self.names, name: value})

    def inner(self) -> Frame:
        """A block inside: its lets stay in it."""
        return evolve(self, sink=Sink(self.sink))


# ---- the state ---------------------------------------------------------------------------------


@final
@frozen
class Slot:
    """A variable: what it is called, the type of what it holds, and what it is a map from.

    `sort` is of one element; with `index` the variable is a map from it. An `interned` one is an
    enumeration of the values that it begins with, each as a whole: it is written at birth alone.
    """

    name: str
    type: Type
    index: Sort | None
    sort: Sort
    role: Role
    owner: str
    label: str
    interned: bool = False

    @property
    def whole(self) -> Sort:
        """The sort of the variable."""
        return self.sort if self.index is None else Map(self.index, self.sort)


@final
@mutable(eq=False)
class Lowering:
    """One pass: the scope, the sorts so far, and what the pass finds."""

    static: Static
    shapes: Shapes
    slots: dict[str, Slot]
    params: Mapping[str, Pure]
    universe: tuple[str, ...]
    seen: dict[str, Sort] = field(factory=dict)
    constants: dict[str, Const] = field(factory=dict)
    probe_count: int = 0
    taken: set[str] = field(factory=set)
    used: dict[tuple[int, str], int] = field(factory=dict)
    probes: list[str] = field(factory=list)  # variables of one value, written to break in-range
    shown: set[tuple[World, Expr]] = field(factory=set)  # identities bound as living in a world

    def begin(self) -> None:
        """A new action, property or formula: no name is bound yet."""
        self.taken.clear()
        self.shown.clear()

    def fresh(self, name: str) -> str:
        """A name for a binder that nothing else here has."""
        free_name, n = name, 2
        while free_name in self.taken:
            free_name, n = f"{name}_{n}", n + 1
        self.taken.add(free_name)
        return free_name

    def binder(self, name: str, sort: Sort) -> tuple[Binder, Local]:
        """A binder with a new name, and what reads it."""
        new = self.fresh(name)
        return Binder(new, sort), Local(new, sort)

    def ref(self, slot: Slot, is_past: bool) -> Expr:
        """The whole variable, now or before the step."""
        return Old(slot.name, slot.whole) if is_past else Ref(slot.name, slot.whole)

    def read(self, slot: Slot, index: Expr | None, is_past: bool) -> Expr:
        """One element of a variable."""
        whole = self.ref(slot, is_past)
        return whole if slot.index is None or index is None else get(whole, index)

    def saw(self, slot: Slot, sort: Sort) -> None:
        """Take down that an element of a variable must hold values of this sort."""
        known = self.seen.get(slot.name, slot.sort)
        if slot.interned:
            # A plain sort says that this pass has found it to be none.
            self.seen[slot.name] = meet(known, sort) if isinstance(known, Enum) else known
        else:
            self.seen[slot.name] = self.shapes.widened(slot.type, known, sort)

    def is_stable(self, slot: Slot) -> bool:
        """Has nothing been seen that the variable has no room for?"""
        sort = settled(self.seen.get(slot.name, slot.sort))
        return sort == slot.sort or Opt(sort) == slot.sort

    def uses(self, name: str, body: object) -> int:
        """How often a name stands in a typed expression; where it may be written out for every
        element of something, it counts twice."""
        key = (id(body), name)
        if key not in self.used:
            repeated = ((c.binders[1:], c.where, c.body, c.key) for c in nodes(body, TComp))
            inside = sum(1 for part in repeated for v in nodes(part, TVar) if v.name == name)
            self.used[key] = inside + sum(1 for v in nodes(body, TVar) if v.name == name)
        return self.used[key]


# ---- sharing -----------------------------------------------------------------------------------


def is_plain(expr: Expr) -> bool:
    """Is an expression too cheap to be given a name?"""
    match expr:
        case Lit() | Local() | Ref() | Old():
            return True
        case Get(arg, key):
            return is_plain(arg) and is_plain(key)
        case GetField(arg):
            return is_plain(arg)
        case _:
            return False


def shared(low: Lowering, frame: Frame, name: str, sym: Sym) -> Sym:
    """The value with a name for every part of it that is not plain."""

    return mapped(sym, lambda expr: named(low, frame, name, expr))


def named(low: Lowering, frame: Frame, name: str, expr: Expr) -> Expr:
    """The expression through a let of the block, unless it is plain."""
    if is_plain(expr):
        return expr
    called = low.fresh(name)
    frame.sink.lets.append((called, expr))
    return Local(called, sort_of(expr))


def mapped(sym: Sym, change: object) -> Sym:
    """The value with every expression in it changed by a function."""
    assert callable(change)
    match sym:
        case Known():
            return sym
        case Tabled(index, cases, native, scale):
            if native == index:
                one = change(index)
                return Tabled(one, cases, one, scale)
            return Tabled(change(index), cases, None if native is None else change(native), scale)
        case Flag(expr):
            return Flag(change(expr))
        case Num(num, scale, den):
            return Num(change(num), scale, None if den is None else change(den))
        case Case(expr):
            return Case(change(expr))
        case Ident(kind, expr):
            return Ident(kind, change(expr))
        case SomeIdent(alternatives):
            return SomeIdent(
                tuple(Alternative(a.kind, change(a.cond), change(a.expr)) for a in alternatives)
            )
        case Maybe(present, content):
            return Maybe(change(present), mapped(content, change))
        case Parts(name, parts):
            return Parts(name, tuple(mapped(p, change) for p in parts))
        case Bunch(items):
            return Bunch(tuple((change(c), mapped(s, change)) for c, s in items))
        case Whole(expr):
            return Whole(change(expr))
        case Clock(expr):
            return Clock(change(expr))


def recoded(low: Lowering, type_: Type, sym: Sym, name: str) -> tuple[Sym, Binder, Expr] | None:
    """The value through one local of its own sort: what reads it, the local, the value put in it.

    None if it is known and needs no local.
    """
    if isinstance(sym, Known):
        return None
    sort = occurring(low.shapes, type_, sym)
    expr = encode(low.shapes, type_, sym, sort)
    local = Local(name, sort_of(expr))
    return decode(low.shapes, type_, local), Binder(name, sort_of(expr)), expr


def located(error: CannotStore, expr: TExpr) -> CannotLower:
    """A value without a sort, as a mistake at a place."""
    return CannotLower(str(error), expr.span)


def together(sorts: list[Sort]) -> Sort:
    """The least sort of all of these."""
    first, *rest = sorts
    for sort in rest:
        first = meet(first, sort)
    return first
