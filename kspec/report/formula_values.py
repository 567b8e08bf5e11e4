"""Values in formulas for people: places, what they hold, what an author may have made of them.

Next: `plain`, for what is said of values; `places` for what variables are called.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Self, TypeAlias

from kspec.driver.telling.shown import Each, Parts, Shape
from kspec.ir.expr import (
    Agg,
    And,
    Arith,
    ArithOp,
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
    sort_of,
)
from kspec.ir.sorts import Opt
from kspec.report.literals import Literals, sort_words
from kspec.report.places import Places
from kspec.report.values import Lens, is_timer

Said: TypeAlias = tuple[str, int]
"""A text, and how firmly it holds together."""


class Values:
    """Writes values of one system. `bound` are the names in scope and what they are called,
    `there` what is known to be there."""

    def __init__(
        self,
        lens: Lens,
        places: Places,
        bound: dict[str, str],
        there: frozenset[Expr] = frozenset(),
    ) -> None:
        self.lens, self.places, self.bound, self.there = lens, places, bound, there
        self.literals = Literals(lens, places.words | frozenset(bound.values()))

    def beyond(self, names: Sequence[str]) -> Self:
        """With more names; one that something else has gets a mark."""
        bound = dict(self.bound)
        for name in names:
            called = name
            while called in self.places.words or called in bound.values():
                called += "'"
            bound[name] = called
        return type(self)(self.lens, self.places, bound)

    def where(self, there: tuple[Expr, ...]) -> Self:
        """Where some things are known to be there."""
        return type(self)(self.lens, self.places, self.bound, self.there | frozenset(there))

    @abstractmethod
    def truth(self, expr: Expr) -> Said:
        """A formula."""

    def operand(self, expr: Expr) -> str:
        """A side of a comparison: of a timer, what is left of it."""
        if isinstance(expr, OrElse) and self.is_timer(expr.arg):
            return f"left({self.value(expr)})"
        return self.value(expr)

    def bindings(self, binders: Sequence[Binder], apart: bool = False) -> str:
        """`n: Node, different p, q: Pod`"""
        kinds: dict[str, list[str]] = {}
        for binder in binders:
            kinds.setdefault(sort_words(binder.sort), []).append(self.bound[binder.name])
        return ", ".join(
            f"{'different ' if apart and len(names) > 1 else ''}{', '.join(names)}: {kind}"
            for kind, names in kinds.items()
        )

    def _one(self, binder: Binder) -> tuple[str, Self]:
        within = self.beyond((binder.name,))
        return within.bindings((binder,)), within

    # ---- values --------------------------------------------------------------------------------

    def chain(self, expr: Expr) -> tuple[str | None, list[str]]:
        """The variable that is looked up, and by what."""
        keys: list[str] = []
        while isinstance(expr, Get):
            keys.insert(0, self.value(expr.key))
            expr = expr.arg
        return (expr.name if isinstance(expr, Ref) else None), keys

    def value(self, expr: Expr) -> str:
        """Anything, in parentheses if it is not one word."""
        match expr:
            case Local(name):
                return self.bound.get(name, name)
            case Lit():
                return self.literals.show(expr, None)
            case Ref(name):
                return self.places.text(name, ())
            case Old(name):
                return f"old({self.places.text(name, ())})"
            case Get(arg, key):
                of, keys = self.chain(expr)
                if of is not None:
                    return self.places.text(of, keys)
                return f"{self.value(arg)}[{self.value(key)}]"
            case GetField(arg, name):
                return f"{self.value(arg)}.{name}"
            case OrElse(arg, default):
                return self._held(arg, default)
            case At(arg, index, default):
                if Lt(index, Len(arg)) in self.there:
                    return f"{self.value(arg)}[{self.value(index)}]"
                return f"({self.value(arg)}[{self.value(index)}] or else {self.value(default)})"
            case Len(arg):
                return f"length({self.value(arg)})"
            case Not() | And() | Or() | Eq() | Lt() | Le() | IsSome() | Contains() | Subset():
                return f"({self.truth(expr)[0]})"
            case Quant():
                return f"({self.truth(expr)[0]})"
            case _:
                return self._made(expr)

    def _held(self, arg: Expr, default: Expr) -> str:
        """What an option holds."""
        if IsSome(arg) not in self.there:
            return f"({self.value(arg)} or else {self.value(default)})"
        nested = isinstance(sort_of(arg), Opt) and isinstance(sort_of(default), Opt)
        return f"the({self.value(arg)})" if nested else self.value(arg)

    def _made(self, expr: Expr) -> str:
        """What lemmas have none of, and formulas of authors do."""
        match expr:
            case Let(name, value, body):
                within = self.beyond((name,))
                return f"(let {within.bound[name]} = {self.value(value)}: {within.value(body)})"
            case Ite(cond, then, other):
                return f"(if {self.value(cond)} then {self.value(then)} else {self.value(other)})"
            case Arith(ArithOp.MIN | ArithOp.MAX as op, left, right):
                return f"{op.value}({self.value(left)}, {self.value(right)})"
            case Arith(op, left, right):
                return f"({self.value(left)} {op.value} {self.value(right)})"
            case Some(arg):
                return f"some({self.value(arg)})"
            case MakeRecord(sort, args):
                names = (name for name, _ in sort.fields)
                pairs = zip(names, map(self.value, args), strict=True)
                return f"{sort.name} {{{', '.join(f'{n}: {v}' for n, v in pairs)}}}"
            case WithField(arg, name, value):
                return f"({self.value(arg)} with {name}: {self.value(value)})"
            case Put(arg, key, value):
                given = f"[{self.value(key)}]: {self.value(value)}"
                return f"({self.value(arg)} with {given})"
            case MakeSet(_, args):
                return "{" + ", ".join(map(self.value, args)) + "}"
            case MakeSeq(_, args):
                return "[" + ", ".join(map(self.value, args)) + "]"
            case SetOp(kind, left, right):
                return f"({self.value(left)} {kind.value} {self.value(right)})"
            case Concat(left, right):
                return f"({self.value(left)} ++ {self.value(right)})"
            case Fold(acc, init, elem, seq, body):
                within = self.beyond((acc.name, elem))
                of = f"{within.bound[acc.name]} = {self.value(init)}"
                over = f"{within.bound[elem]} in {self.value(seq)}"
                return f"fold({of}, {over}: {within.value(body)})"
            case _:
                return self._gathered(expr)

    def _gathered(self, expr: Expr) -> str:
        match expr:
            case SetOf(binder, cond):
                over, within = self._one(binder)
                return f"{{{over} where {within.value(cond)}}}"
            case MakeMap(binder, body):
                over, within = self._one(binder)
                return f"{{{over}: {within.value(body)}}}"
            case Count(binder, cond):
                over, within = self._one(binder)
                return f"count({over} where {within.value(cond)})"
            case First(binder, cond):
                over, within = self._one(binder)
                return f"first({over} where {within.value(cond)})"
            case Agg(kind, binder, cond, term):
                over, within = self._one(binder)
                return f"{kind.value}({within.value(term)} of {over} where {within.value(cond)})"
            case Best(binder, cond, keys) | Sorted(binder, cond, keys):
                over, within = self._one(binder)
                word = "best" if isinstance(expr, Best) else "sorted"
                by = ", ".join(map(within.value, keys))
                return f"{word}({over} where {within.value(cond)} by {by})"
            case _:
                raise AssertionError(expr)

    # ---- shapes --------------------------------------------------------------------------------

    def is_timer(self, expr: Expr) -> bool:
        """Is this a timer, which may be off?"""
        return is_timer(self.shape(expr)) and isinstance(sort_of(expr), Opt)

    def shape(self, expr: Expr) -> Shape:
        """How values in the place of an expression are shown."""
        match expr:
            case Ref(name):
                return self.lens.shapes.get(name)
            case Get(Ref(name), _) if self.places.is_field(name):
                return self.lens.shapes.get(name)
            case Get(arg, _) | At(arg, _, _) | OrElse(arg, _):
                outer = self.shape(arg)
                return outer.of if isinstance(outer, Each) else None
            case GetField(arg, name):
                shape = self.shape(arg)
                names = [n for n, _ in getattr(sort_of(arg), "fields", ())]
                return shape.parts[names.index(name)] if isinstance(shape, Parts) else None
            case _:
                return None


__all__ = ["Said", "Values"]
