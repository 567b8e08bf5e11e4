"""What an expression reads: the places of the state that can make a difference to its value.

A place is a variable with a path of fields and keys; a key that is not known without a state is
`None` and stands for all. Names may be known (`Known`), or stand for an expression (`Meaning`);
what is decided by known names alone is decided here, and what then is never looked at is not
read. Small sorts of bound names are gone through. Nothing is evaluated in a state.
Next: `independence`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias, final

from kspec.base.record import frozen
from kspec.ir.expr import (
    Agg,
    And,
    Best,
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
    Let,
    Lit,
    Local,
    Lt,
    MakeMap,
    Not,
    Old,
    Or,
    OrElse,
    Quant,
    Ref,
    SetOf,
    Some,
    Sorted,
    sort_of,
)
from kspec.ir.rewrite import children, free_locals
from kspec.ir.sorts import Bool, Enum, Id, Int, Value, cardinality, values

SMALL: Final = 16
"""Values of a bound name that are gone through."""
DEEP: Final = 2
"""So many bound names, one within the other."""


@final
@frozen(cache_hash=True)
class Known:
    """A value that is the same in every state."""

    value: Value


@final
@frozen
class Meaning:
    """A name for an expression."""

    expr: Expr
    env: Env


Env: TypeAlias = Mapping[str, "Known | Meaning"]
"""What names stand for; names that nothing is known of are not in it."""
Place: TypeAlias = tuple[str, tuple["Known | str | None", ...]]
NOWHERE: Final[frozenset[Place]] = frozenset()
_Binding: TypeAlias = "SetOf | MakeMap | Quant | Count | Agg | First | Best | Sorted"


def overlap(a: Place, b: Place) -> bool:
    """Can they be, or have, the same part of the state?"""
    return a[0] == b[0] and all(
        x is None or y is None or x == y for x, y in zip(a[1], b[1], strict=False)
    )


@final
class Reader:
    """Finds what is read, of the variables with these names."""

    def __init__(self, variables: frozenset[str]) -> None:
        self._variables = variables
        self._deep = 0
        self._supposed: tuple[Place, Known] | None = None
        self._seen: dict[tuple[Expr, int, tuple[tuple[str, Known | None], ...]], frozenset[Place]]
        self._seen = {}

    # ---- values -------------------------------------------------------------------------------

    def supposing(self, place: Place, value: Known, expr: Expr, env: Env) -> Known | None:
        """The value of an expression in every state that has this value at a place."""
        self._supposed = place, value
        try:
            return self.known(expr, env)
        finally:
            self._supposed = None

    def known(self, expr: Expr, env: Env) -> Known | None:
        """The value of an expression, if it is the same in every state and easy to see."""
        match expr:
            case Lit(_, value):
                return Known(value)
            case Local(name):
                bound = env.get(name)
                return self.known(bound.expr, bound.env) if isinstance(bound, Meaning) else bound
            case Not(arg):
                inner = self.known(arg, env)
                return None if inner is None else Known(not inner.value)
            case And(args):
                return self._all(args, env, True)
            case Or(args):
                return self._all(args, env, False)
            case Ite(cond, then, other):
                chosen = self.known(cond, env)
                return None if chosen is None else self.known(then if chosen.value else other, env)
            case Eq() | Lt() | Le():
                return self._compared(expr, env)
            case Some() | IsSome() | OrElse():
                return self._option(expr, env)
            case Contains(arg, elem):
                return self._contained(self.known(arg, env), self.known(elem, env))
            case Ref() | Get() | GetField() if self._supposed is not None:
                place, there = self._supposed
                return there if self._place(expr, env) == place else None
            case _:
                return None

    def _contained(self, arg: Known | None, elem: Known | None) -> Known | None:
        if arg is None or elem is None or not isinstance(arg.value, frozenset):
            return None
        return Known(elem.value in arg.value)

    def _place(self, expr: Expr, env: Env) -> Place | None:
        """The place that is read, if it is one alone and known."""
        path: list[Known | str] = []
        while True:
            match expr:
                case Get(arg, key):
                    known = self.key(key, env)
                    if known is None:
                        return None
                    path.append(known)
                    expr = arg
                case GetField(arg, name):
                    path.append(name)
                    expr = arg
                case Local(name) if isinstance(bound := env.get(name), Meaning):
                    expr, env = bound.expr, bound.env
                case Ref(name, _) if name in self._variables:
                    return name, tuple(reversed(path))
                case _:
                    return None

    def _all(self, args: tuple[Expr, ...], env: Env, neutral: bool) -> Known | None:
        found = [self.known(arg, env) for arg in args]
        if Known(not neutral) in found:
            return Known(not neutral)
        return None if None in found else Known(neutral)

    def _compared(self, expr: Eq | Lt | Le, env: Env) -> Known | None:
        left, right = self.known(expr.left, env), self.known(expr.right, env)
        if left is None or right is None:
            return None
        if isinstance(expr, Eq):
            return Known(left.value == right.value)
        a, b = left.value, right.value
        assert isinstance(a, int)
        assert isinstance(b, int)
        return Known(a < b if isinstance(expr, Lt) else a <= b)

    def _option(self, expr: Some | IsSome | OrElse, env: Env) -> Known | None:
        arg = self.known(expr.arg, env)
        if arg is None:
            return None
        match expr:
            case Some():
                return Known((arg.value,))
            case IsSome():
                return Known(arg.value is not None)
            case OrElse(_, default):
                if arg.value is None:
                    return self.known(default, env)
                assert isinstance(arg.value, tuple)
                return Known(arg.value[0])

    def key(self, expr: Expr, env: Env) -> Known | None:
        """The key, if it is known."""
        if not isinstance(sort_of(expr), Bool | Int | Enum | Id):
            return None
        return self.known(expr, env)

    # ---- reads --------------------------------------------------------------------------------

    def reads(self, expr: Expr, env: Env) -> frozenset[Place]:
        """All that can make a difference to the value."""
        if isinstance(expr, Lit):
            return NOWHERE
        names = sorted(free_locals(expr))
        bound = [env.get(name) for name in names]
        if any(isinstance(b, Meaning) for b in bound):
            return self._reads(expr, env)
        plain = tuple((n, b) for n, b in zip(names, bound, strict=True) if isinstance(b, Known))
        key = (expr, self._deep, plain)
        if key not in self._seen:
            self._seen[key] = self._reads(expr, env)
        return self._seen[key]

    def _reads(self, expr: Expr, env: Env) -> frozenset[Place]:
        if self.known(expr, env) is not None:
            return NOWHERE
        match expr:
            case Local(name):
                bound = env.get(name)
                return self.reads(bound.expr, bound.env) if isinstance(bound, Meaning) else NOWHERE
            case Ref(name, _) | Old(name, _):
                return frozenset({(name, ())}) if name in self._variables else NOWHERE
            case Get() | GetField():
                return self._part(expr, env)
            case Let(name, value, body):
                return self.reads(body, {**env, name: Meaning(value, env)})
            case Ite(cond, then, other) if (chosen := self.known(cond, env)) is not None:
                return self.reads(then if chosen.value else other, env)
            case Fold(acc, init, elem, seq, body):
                inner = {n: b for n, b in env.items() if n not in (acc.name, elem)}
                return self._union((init, seq), env) | self.reads(body, inner)
            case SetOf() | MakeMap() | Quant() | Count() | Agg() | First() | Best() | Sorted():
                return self._bound(expr, env)
            case _:
                return self._union(children(expr), env)

    def _union(self, exprs: tuple[Expr, ...], env: Env) -> frozenset[Place]:
        return NOWHERE.union(*(self.reads(expr, env) for expr in exprs))

    def _part(self, expr: Expr, env: Env) -> frozenset[Place]:
        """A part of something: of a variable, just that part."""
        path: list[Known | str | None] = []
        read = NOWHERE
        while True:
            match expr:
                case Get(arg, key):
                    path.append(self.key(key, env))
                    read |= self.reads(key, env)
                    expr = arg
                case GetField(arg, name):
                    path.append(name)
                    expr = arg
                case Local(name) if isinstance(bound := env.get(name), Meaning):
                    expr, env = bound.expr, bound.env
                case Ref(name, _) | Old(name, _):
                    own = {(name, tuple(reversed(path)))} if name in self._variables else set()
                    return read | own
                case _:
                    return read | self.reads(expr, env)

    def _bound(self, expr: _Binding, env: Env) -> frozenset[Place]:
        """A name goes through a sort."""
        binder = expr.binder
        if cardinality(binder.sort) > SMALL or self._deep >= DEEP:
            inner = {name: bound for name, bound in env.items() if name != binder.name}
            return self._union(children(expr), inner)
        self._deep += 1
        found = NOWHERE
        for value in values(binder.sort):
            found |= self._round(expr, {**env, binder.name: Known(value)})
        self._deep -= 1
        return found

    def _round(self, expr: _Binding, env: Env) -> frozenset[Place]:
        match expr:
            case Agg(_, _, cond, _) | Best(_, cond, _) | Sorted(_, cond, _):
                if self.known(cond, env) == Known(False):
                    return NOWHERE
        return self._union(children(expr), env)


__all__ = ["Env", "Known", "Meaning", "NOWHERE", "Place", "Reader", "SMALL", "overlap"]
