"""Values that are known in part: what an expression of the language becomes while it is lowered.

What can be computed now is computed now (`Known`, `Tabled`); the rest is expressions of the IR,
taken apart as far as the type allows, so that options, records and tuples cost nothing. Names are
always `Tabled` or `Known`: operations on them fold to tables. Next: `codec` for how symbolic
values and sorts meet.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TypeAlias, final

from kspec.base.record import frozen
from kspec.ir.expr import Expr
from kspec.pure.values.value import Value


@final
@frozen(cache_hash=True)
class Known:
    """One value, whatever the state."""

    value: Value


@final
@frozen(cache_hash=True)
class Tabled:
    """The value that stands at the place of `index` in the order of its sort.

    `index` is of a scalar sort with as many values as there are `cases`. `native` is an expression
    of the value itself where there is one, in multiples of `scale` if it is a number.
    """

    index: Expr
    cases: tuple[Value, ...]
    native: Expr | None = None
    scale: Fraction = Fraction(1)


@final
@frozen(cache_hash=True)
class Flag:
    """A truth value."""

    expr: Expr


@final
@frozen(cache_hash=True)
class Num:
    """The number `num / den * scale`; `den` is positive by its sort, None is 1."""

    num: Expr
    scale: Fraction
    den: Expr | None = None


@final
@frozen(cache_hash=True)
class Case:
    """A case of an enumeration."""

    expr: Expr


@final
@frozen(cache_hash=True)
class Ident:
    """An identity of one kind."""

    kind: str
    expr: Expr


@final
@frozen(cache_hash=True)
class Alternative:
    """An identity of this kind, if `cond`."""

    kind: str
    cond: Expr
    expr: Expr


@final
@frozen(cache_hash=True)
class SomeIdent:
    """An identity of one of several kinds: exactly one condition is true."""

    alternatives: tuple[Alternative, ...]


@final
@frozen(cache_hash=True)
class Maybe:
    """`content` if `present`, else nothing; `content` means nothing where `present` is false."""

    present: Expr
    content: Sym


@final
@frozen(cache_hash=True)
class Parts:
    """A record (`name` of its type) or a tuple (`name` is ""), by its parts."""

    name: str
    parts: tuple[Sym, ...]


@final
@frozen(cache_hash=True)
class Bunch:
    """A set by what may be in it: each element under its condition; elements may coincide."""

    items: tuple[tuple[Expr, Sym], ...]


@final
@frozen(cache_hash=True)
class Whole:
    """A set, map or list as the IR stores it."""

    expr: Expr


@final
@frozen(cache_hash=True)
class Clock:
    """A timer as it is stored: an option of ticks left, or off/running/due without time."""

    expr: Expr


Sym: TypeAlias = (
    "Known | Tabled | Flag | Num | Case | Ident | SomeIdent | Maybe | Parts | Bunch | Whole | Clock"
)


def expressions(sym: Sym) -> Iterator[Expr]:
    """Every expression in a symbolic value."""
    match sym:
        case Known():
            return
        case Tabled(index, _, native):
            yield index
            if native is not None:
                yield native
        case Flag(expr) | Case(expr) | Ident(_, expr) | Whole(expr) | Clock(expr):
            yield expr
        case Num(num, _, den):
            yield num
            if den is not None:
                yield den
        case SomeIdent(alternatives):
            for one in alternatives:
                yield from (one.cond, one.expr)
        case Maybe(present, content):
            yield present
            yield from expressions(content)
        case Parts(_, parts):
            for part in parts:
                yield from expressions(part)
        case Bunch(items):
            for cond, item in items:
                yield cond
                yield from expressions(item)
