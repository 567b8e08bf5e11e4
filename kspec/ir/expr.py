"""The expressions of a `System`: a closed union of final, frozen nodes.

Every node has a finite sort, found by `sort_of`; integers in expressions are exact and their
sort is the interval they are proved to lie in, so no node can overflow and none is partial.
Nothing here evaluates: that is `kspec.semantics`.

A binder ranges over *all* values of its sort, in the sort's order. Liveness of identities is
written out by lowering as an ordinary condition. Only `First` may depend on the order of a
sort whose values are identities; it exists for `new` alone.
"""

from __future__ import annotations

import enum
from functools import lru_cache
from typing import TypeAlias, assert_never, final

from kspec.base.record import frozen
from kspec.ir.sorts import Bool, Int, Map, Opt, Record, Seq, Set, Sort, Value, cardinality, join


@final
@frozen(cache_hash=True)
class Binder:
    """A name bound to each value of a sort in turn."""

    name: str
    sort: Sort


class ArithOp(enum.Enum):
    """Exact integer operations; `DIV` rounds down, `MOD` has the sign of the divisor."""

    ADD = "+"
    SUB = "-"
    MUL = "*"
    DIV = "div"
    MOD = "mod"
    MIN = "min"
    MAX = "max"


class SetOpKind(enum.Enum):
    """Operations on two sets."""

    UNION = "union"
    INTER = "inter"
    MINUS = "minus"


class QuantKind(enum.Enum):
    """Quantifiers; over an empty sort `ALL` is true and `SOME` false."""

    ALL = "all"
    SOME = "some"


class AggKind(enum.Enum):
    """Aggregates over the binder's values that satisfy the condition.

    `SUM` of nothing is 0. `MIN` and `MAX` give an option: nothing for nothing.
    """

    SUM = "sum"
    MIN = "min-of"
    MAX = "max-of"


@final
@frozen(cache_hash=True)
class Lit:
    """A constant; `value` is a member of `sort`."""

    sort: Sort
    value: Value


@final
@frozen(cache_hash=True)
class Ref:
    """A whole variable or constant of the system, in the state the expression is read in.

    In the body of an occurrence property that is the state *after* the step.
    """

    name: str
    sort: Sort


@final
@frozen(cache_hash=True)
class Old:
    """A whole variable as it was before the step; only inside occurrence properties."""

    name: str
    sort: Sort


@final
@frozen(cache_hash=True)
class Local:
    """A bound name: parameter, choice, `Let`, binder or accumulator."""

    name: str
    sort: Sort


@final
@frozen(cache_hash=True)
class Let:
    """`body` with `name` standing for `value`."""

    name: str
    value: Expr
    body: Expr


@final
@frozen(cache_hash=True)
class Not:
    """Negation."""

    arg: Expr


@final
@frozen(cache_hash=True)
class And:
    """True of no arguments."""

    args: tuple[Expr, ...]


@final
@frozen(cache_hash=True)
class Or:
    """False of no arguments."""

    args: tuple[Expr, ...]


@final
@frozen(cache_hash=True)
class Ite:
    """`then` if `cond`, else `other`; both of joinable sorts."""

    cond: Expr
    then: Expr
    other: Expr


@final
@frozen(cache_hash=True)
class Eq:
    """Equality of values of joinable sorts."""

    left: Expr
    right: Expr


@final
@frozen(cache_hash=True)
class Lt:
    """`left < right`, integers only."""

    left: Expr
    right: Expr


@final
@frozen(cache_hash=True)
class Le:
    """`left <= right`, integers only."""

    left: Expr
    right: Expr


@final
@frozen(cache_hash=True)
class Arith:
    """An exact integer operation. The divisor of `DIV` and `MOD` is positive by its sort."""

    op: ArithOp
    left: Expr
    right: Expr


@final
@frozen(cache_hash=True)
class Some:
    """An option that holds `arg`."""

    arg: Expr


@final
@frozen(cache_hash=True)
class IsSome:
    """Does the option hold anything?"""

    arg: Expr


@final
@frozen(cache_hash=True)
class OrElse:
    """The payload of an option, or `default`; their sorts are joinable."""

    arg: Expr
    default: Expr


@final
@frozen(cache_hash=True)
class MakeRecord:
    """A record of a given shape; field values in the sort's order, within the field's sort."""

    sort: Record
    args: tuple[Expr, ...]


@final
@frozen(cache_hash=True)
class GetField:
    """One field of a record."""

    arg: Expr
    name: str


@final
@frozen(cache_hash=True)
class WithField:
    """A record with one field replaced; the new value is within the field's sort."""

    arg: Expr
    name: str
    value: Expr


@final
@frozen(cache_hash=True)
class MakeSet:
    """The set of some values of `of`."""

    of: Sort
    args: tuple[Expr, ...]


@final
@frozen(cache_hash=True)
class Contains:
    """Is `elem` in the set? False for a value outside the set's element sort."""

    arg: Expr
    elem: Expr


@final
@frozen(cache_hash=True)
class SetOp:
    """Union, intersection or difference."""

    op: SetOpKind
    left: Expr
    right: Expr


@final
@frozen(cache_hash=True)
class Subset:
    """Is every element of `left` in `right`?"""

    left: Expr
    right: Expr


@final
@frozen(cache_hash=True)
class SetOf:
    """The values of the binder's sort that satisfy `cond`."""

    binder: Binder
    cond: Expr


@final
@frozen(cache_hash=True)
class MakeMap:
    """The map that takes each value of the binder's sort to `body`."""

    binder: Binder
    body: Expr


@final
@frozen(cache_hash=True)
class Get:
    """The value at a key; the key's sort fits the map's."""

    arg: Expr
    key: Expr


@final
@frozen(cache_hash=True)
class Put:
    """A map with the value at one key replaced; the value is within the map's value sort."""

    arg: Expr
    key: Expr
    value: Expr


@final
@frozen(cache_hash=True)
class MakeSeq:
    """A sequence of values of `of`."""

    of: Sort
    args: tuple[Expr, ...]


@final
@frozen(cache_hash=True)
class Len:
    """The length of a sequence."""

    arg: Expr


@final
@frozen(cache_hash=True)
class At:
    """The element at a place counted from 0, or `default` outside the sequence."""

    arg: Expr
    index: Expr
    default: Expr


@final
@frozen(cache_hash=True)
class Concat:
    """One sequence after the other; the capacities add up."""

    left: Expr
    right: Expr


@final
@frozen(cache_hash=True)
class Quant:
    """`ALL` or `SOME` value of the binder's sort."""

    kind: QuantKind
    binder: Binder
    body: Expr


@final
@frozen(cache_hash=True)
class Count:
    """How many values of the binder's sort satisfy `cond`."""

    binder: Binder
    cond: Expr


@final
@frozen(cache_hash=True)
class Agg:
    """An aggregate of `term` over the values that satisfy `cond`."""

    kind: AggKind
    binder: Binder
    cond: Expr
    term: Expr


@final
@frozen(cache_hash=True)
class First:
    """The first value, in the sort's order, that satisfies `cond`, as an option.

    The only expression that sees the order of identities. Lowering writes it for `new` alone.
    """

    binder: Binder
    cond: Expr


@final
@frozen(cache_hash=True)
class Best:
    """The one value that satisfies `cond` and is least by `keys`, as an option.

    Keys are integers, compared lexicographically. Nothing if no value satisfies `cond`, or if
    more than one is least: a tie is never broken by the order of identities.
    """

    binder: Binder
    cond: Expr
    keys: tuple[Expr, ...]


@final
@frozen(cache_hash=True)
class Sorted:
    """The values that satisfy `cond`, least first by `keys`; ties in the sort's order.

    Whoever builds it over identities owes the argument that keys tell them apart.
    """

    binder: Binder
    cond: Expr
    keys: tuple[Expr, ...]


@final
@frozen(cache_hash=True)
class Fold:
    """`body` applied along a sequence, with `acc` carried on; `acc` starts as `init`.

    `acc.sort` holds every value the accumulator takes; `fold` in `build` finds it.
    """

    acc: Binder
    init: Expr
    elem: str
    seq: Expr
    body: Expr


Expr: TypeAlias = (
    "Lit | Ref | Old | Local | Let | Not | And | Or | Ite | Eq | Lt | Le | Arith | Some | IsSome"
    " | OrElse | MakeRecord | GetField | WithField | MakeSet | Contains | SetOp | Subset | SetOf"
    " | MakeMap | Get | Put | MakeSeq | Len | At | Concat | Quant | Count | Agg | First | Best"
    " | Sorted | Fold"
)

TRUE = Lit(Bool(), True)
FALSE = Lit(Bool(), False)


class IllSorted(Exception):
    """An expression whose parts do not fit together: a mistake in kspec, never in a model."""


def sort_of(expr: Expr) -> Sort:
    """The sort of an expression; for integers the interval it lies in.

    Raises `IllSorted` where the operands have no common sort. It does not look for every
    mistake: `validate` does.
    """
    match expr:
        case Ref() | Local() | Lit() | Old():
            return expr.sort
        case _:
            return _sort_of(expr)


@lru_cache(maxsize=1 << 16)
def _sort_of(expr: Expr) -> Sort:
    match expr:
        case Lit(sort, _) | Ref(_, sort) | Old(_, sort) | Local(_, sort):
            return sort
        case Let(_, _, body):
            return sort_of(body)
        case Not() | And() | Or() | Eq() | Lt() | Le() | IsSome() | Contains() | Subset() | Quant():
            return Bool()
        case Ite(_, then, other):
            return joined(sort_of(then), sort_of(other), expr)
        case Arith(op, left, right):
            return interval(op, integer(sort_of(left), expr), integer(sort_of(right), expr))
        case Some(arg):
            return Opt(sort_of(arg))
        case OrElse(arg, default):
            return joined(payload(sort_of(arg), expr), sort_of(default), expr)
        case MakeRecord(sort, _):
            return sort
        case GetField(arg, name):
            return record(sort_of(arg), expr).field(name)
        case WithField(arg, _, _):
            return record(sort_of(arg), expr)
        case MakeSet(of, _):
            return Set(of)
        case SetOp(_, left, right):
            return joined(sort_of(left), sort_of(right), expr)
        case SetOf(binder, _):
            return Set(binder.sort)
        case MakeMap(binder, body):
            return Map(binder.sort, sort_of(body))
        case Get(arg, _):
            return mapping(sort_of(arg), expr).value
        case Put(arg, _, _):
            return mapping(sort_of(arg), expr)
        case MakeSeq(of, args):
            return Seq(of, len(args))
        case Len(arg):
            return Int(0, sequence(sort_of(arg), expr).cap)
        case At(arg, _, default):
            return joined(sequence(sort_of(arg), expr).of, sort_of(default), expr)
        case Concat(left, right):
            a, b = sequence(sort_of(left), expr), sequence(sort_of(right), expr)
            return Seq(joined(a.of, b.of, expr), a.cap + b.cap)
        case Count(binder, _):
            return Int(0, cardinality(binder.sort))
        case Agg(kind, binder, _, term):
            return aggregate_sort(kind, cardinality(binder.sort), integer(sort_of(term), expr))
        case First(binder, _) | Best(binder, _, _):
            return Opt(binder.sort)
        case Sorted(binder, _, _):
            return Seq(binder.sort, cardinality(binder.sort))
        case Fold(acc, _, _, _, _):
            return acc.sort
        case _:
            assert_never(expr)


def aggregate_sort(kind: AggKind, size: int, term: Int) -> Sort:
    """The sort of an aggregate over at most `size` terms."""
    match kind:
        case AggKind.SUM:
            return Int(min(0, size * term.lo), max(0, size * term.hi))
        case AggKind.MIN | AggKind.MAX:
            return Opt(term)
        case _:
            assert_never(kind)


def interval(op: ArithOp, a: Int, b: Int) -> Int:
    """The least interval that holds `x op y` for all x in `a`, y in `b`.

    Of no values come no values: the interval is empty if `a` or `b` is.
    """
    if op in (ArithOp.DIV, ArithOp.MOD) and b.lo < 1:
        raise IllSorted(f"divisor may be {b.lo}")
    if a.lo > a.hi or b.lo > b.hi:
        return Int(0, -1)
    match op:
        case ArithOp.ADD:
            return Int(a.lo + b.lo, a.hi + b.hi)
        case ArithOp.SUB:
            return Int(a.lo - b.hi, a.hi - b.lo)
        case ArithOp.MUL:
            corners = (a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi)
            return Int(min(corners), max(corners))
        case ArithOp.DIV:
            corners = (a.lo // b.lo, a.lo // b.hi, a.hi // b.lo, a.hi // b.hi)
            return Int(min(corners), max(corners))
        case ArithOp.MOD:
            if a.lo >= 0 and a.hi < b.lo:
                return a
            return Int(0, min(b.hi - 1, a.hi) if a.lo >= 0 else b.hi - 1)
        case ArithOp.MIN:
            return Int(min(a.lo, b.lo), min(a.hi, b.hi))
        case ArithOp.MAX:
            return Int(max(a.lo, b.lo), max(a.hi, b.hi))
        case _:
            assert_never(op)


def joined(a: Sort, b: Sort, where: Expr) -> Sort:
    """`join`, or `IllSorted` naming the expression."""
    sort = join(a, b)
    if sort is None:
        raise IllSorted(f"{a} and {b} have no common sort in {where}")
    return sort


def integer(sort: Sort, where: Expr) -> Int:
    """The sort as an `Int`, or `IllSorted`."""
    if not isinstance(sort, Int):
        raise IllSorted(f"an integer is wanted, not {sort}, in {where}")
    return sort


def payload(sort: Sort, where: Expr) -> Sort:
    """What an `Opt` holds, or `IllSorted`."""
    if not isinstance(sort, Opt):
        raise IllSorted(f"an option is wanted, not {sort}, in {where}")
    return sort.of


def record(sort: Sort, where: Expr) -> Record:
    """The sort as a `Record`, or `IllSorted`."""
    if not isinstance(sort, Record):
        raise IllSorted(f"a record is wanted, not {sort}, in {where}")
    return sort


def mapping(sort: Sort, where: Expr) -> Map:
    """The sort as a `Map`, or `IllSorted`."""
    if not isinstance(sort, Map):
        raise IllSorted(f"a map is wanted, not {sort}, in {where}")
    return sort


def sequence(sort: Sort, where: Expr) -> Seq:
    """The sort as a `Seq`, or `IllSorted`."""
    if not isinstance(sort, Seq):
        raise IllSorted(f"a sequence is wanted, not {sort}, in {where}")
    return sort
