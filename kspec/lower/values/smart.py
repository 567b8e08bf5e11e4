"""Expressions of the IR with the obvious simplified: literals, intervals, neutral arguments.

Everything lowered is built by these, so that what a scope decides leaves no trace. Each function
gives an expression equal in value to the plain node. Next: `kspec.ir.build`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from kspec.ir.build import conj, disj, implies, lit, neg
from kspec.ir.expr import (
    FALSE,
    TRUE,
    Agg,
    AggKind,
    Arith,
    ArithOp,
    Binder,
    Contains,
    Count,
    Eq,
    Expr,
    Get,
    GetField,
    IsSome,
    Ite,
    Le,
    Lit,
    Local,
    Lt,
    MakeRecord,
    OrElse,
    Quant,
    QuantKind,
    Some,
    Subset,
    interval,
    sort_of,
)
from kspec.ir.rewrite import bound_names, parts
from kspec.ir.sorts import Bool, Id, Int, Map, Opt, Sort, Value, cardinality, index_of


@lru_cache(maxsize=1 << 16)
def free(expr: Expr) -> frozenset[str]:
    """The bound names an expression uses and does not bind itself."""
    if isinstance(expr, Local):
        return frozenset((expr.name,))
    own = frozenset(bound_names(expr))
    return frozenset().union(
        *(free(p.expr) - (own if p.is_inside else frozenset()) for p in parts(expr))
    )


def integer_sort(expr: Expr) -> Int:
    """The interval of an integer expression."""
    sort = sort_of(expr)
    assert isinstance(sort, Int), sort
    return sort


def constant(sort: Sort, value: Value) -> Lit:
    """A literal."""
    return Lit(sort, value)


def eq(left: Expr, right: Expr) -> Expr:
    """Equality."""
    if left == right:
        return TRUE
    a, b = sort_of(left), sort_of(right)
    if isinstance(a, Id) and a.size == 0:
        return FALSE  # nobody is there to be compared, whatever stands for nobody
    if isinstance(left, Lit) and isinstance(right, Lit):
        return TRUE if left.value == right.value else FALSE
    if isinstance(a, Int) and isinstance(b, Int) and (a.hi < b.lo or b.hi < a.lo):
        return FALSE
    if isinstance(a, Bool):
        for one, other in ((left, right), (right, left)):
            if one == TRUE:
                return other
            if one == FALSE:
                return neg(other)
    return Eq(left, right)


def lt(left: Expr, right: Expr) -> Expr:
    """`left < right` of integers."""
    a, b = integer_sort(left), integer_sort(right)
    if a.hi < b.lo:
        return TRUE
    if a.lo >= b.hi or left == right:
        return FALSE
    return Lt(left, right)


def le(left: Expr, right: Expr) -> Expr:
    """`left <= right` of integers."""
    a, b = integer_sort(left), integer_sort(right)
    if a.hi <= b.lo or left == right:
        return TRUE
    if a.lo > b.hi:
        return FALSE
    return Le(left, right)


def arith(op: ArithOp, left: Expr, right: Expr) -> Expr:
    """An integer operation."""
    sort = interval(op, integer_sort(left), integer_sort(right))
    if sort.lo == sort.hi:
        return lit(sort.lo)
    if op in (ArithOp.ADD, ArithOp.SUB) and right == lit(0):
        return left
    if op is ArithOp.ADD and left == lit(0):
        return right
    if op in (ArithOp.MUL, ArithOp.DIV) and right == lit(1):
        return left
    if op is ArithOp.MUL and left == lit(1):
        return right
    if op in (ArithOp.MIN, ArithOp.MAX):
        a, b = integer_sort(left), integer_sort(right)
        low, high = (left, right) if a.hi <= b.lo else (right, left)
        if a.hi <= b.lo or b.hi <= a.lo:
            return low if op is ArithOp.MIN else high
    return Arith(op, left, right)


def times(expr: Expr, factor: int) -> Expr:
    """A multiple."""
    return arith(ArithOp.MUL, expr, lit(factor))


def ite(cond: Expr, then: Expr, other: Expr) -> Expr:
    """One or the other."""
    if cond == TRUE or then == other:
        return then
    if cond == FALSE:
        return other
    if then == TRUE:
        return disj((cond, other))
    if then == FALSE:
        return conj((neg(cond), other))
    if other == FALSE:
        return conj((cond, then))
    if other == TRUE:
        return disj((neg(cond), then))
    return Ite(cond, then, other)


def some(expr: Expr) -> Expr:
    """An option that holds something."""
    return Some(expr)


def is_some(expr: Expr) -> Expr:
    """Does an option hold anything?"""
    match expr:
        case Some():
            return TRUE
        case Lit(_, value):
            return FALSE if value is None else TRUE
        case Ite(cond, then, other):
            a, b = is_some(then), is_some(other)
            if isinstance(a, Lit) or isinstance(b, Lit):
                return ite(cond, a, b)
            return IsSome(expr)
        case _:
            return IsSome(expr)


def or_else(expr: Expr, default: Expr) -> Expr:
    """The payload, or a default."""
    match expr:
        case Some(arg):
            return arg
        case Lit(Opt(of), value):
            if value is None:
                return default
            assert isinstance(value, tuple)
            return Lit(of, value[0])
        case _:
            return OrElse(expr, default)


def get(arg: Expr, key: Expr) -> Expr:
    """A map at a key."""
    if isinstance(arg, Lit) and isinstance(arg.sort, Map):
        assert isinstance(arg.value, tuple)
        if isinstance(key, Lit):
            return Lit(arg.sort.value, arg.value[index_of(arg.sort.key, key.value)])
        if arg.value and all(v == arg.value[0] for v in arg.value):
            return Lit(arg.sort.value, arg.value[0])
    return Get(arg, key)


def field(arg: Expr, name: str) -> Expr:
    """A field of a record."""
    if isinstance(arg, MakeRecord):
        return arg.args[arg.sort.position(name)]
    return GetField(arg, name)


def contains(arg: Expr, elem: Expr) -> Expr:
    """Is it in the set?"""
    if isinstance(arg, Lit) and isinstance(arg.value, frozenset):
        if not arg.value:
            return FALSE
        if isinstance(elem, Lit):
            return TRUE if elem.value in arg.value else FALSE
    return Contains(arg, elem)


def subset(left: Expr, right: Expr) -> Expr:
    """Is everything of `left` in `right`?"""
    return TRUE if left == right else Subset(left, right)


def quantified(kind: QuantKind, binder: Binder, body: Expr) -> Expr:
    """A quantifier; without it where the body does not need it and there is something to bind."""
    if body == (TRUE if kind is QuantKind.ALL else FALSE):
        return body
    size = cardinality(binder.sort)
    if size and binder.name not in free(body):
        return body
    if size == 0:
        return TRUE if kind is QuantKind.ALL else FALSE
    return Quant(kind, binder, body)


def some_of(binders: Iterable[Binder], body: Expr) -> Expr:
    """For some values of all the binders."""
    for binder in reversed(tuple(binders)):
        body = quantified(QuantKind.SOME, binder, body)
    return body


def all_of(binders: Iterable[Binder], body: Expr) -> Expr:
    """For all values of all the binders."""
    for binder in reversed(tuple(binders)):
        body = quantified(QuantKind.ALL, binder, body)
    return body


def count(binder: Binder, cond: Expr) -> Expr:
    """How many values."""
    return lit(0) if cond == FALSE else Count(binder, cond)


def total(binder: Binder, cond: Expr, term: Expr) -> Expr:
    """The sum over the values that satisfy the condition."""
    if cond == FALSE or term == lit(0):
        return lit(0)
    if term == lit(1):
        return Count(binder, cond)
    return Agg(AggKind.SUM, binder, cond, term)


def as_int(flag: Expr) -> Expr:
    """1 for true, 0 for false."""
    return ite_int(flag, lit(1), lit(0))


def ite_int(cond: Expr, then: Expr, other: Expr) -> Expr:
    """`ite` of integers."""
    return ite(cond, then, other)


def inner_binder(name: str, sort: Sort, around: Iterable[Expr]) -> tuple[Binder, Local]:
    """A binder that hides no name of the expressions that will stand in its scope."""
    taken = frozenset[str]().union(*(free(expr) for expr in around))
    while name in taken:
        name += "'"
    return Binder(name, sort), Local(name, sort)


def bound(name: str, sort: Sort) -> tuple[Binder, Local]:
    """A binder and what reads it."""
    return Binder(name, sort), Local(name, sort)


__all__ = [
    "all_of",
    "arith",
    "as_int",
    "bound",
    "conj",
    "constant",
    "contains",
    "count",
    "disj",
    "eq",
    "field",
    "free",
    "get",
    "implies",
    "inner_binder",
    "integer_sort",
    "is_some",
    "ite",
    "ite_int",
    "le",
    "lit",
    "lt",
    "neg",
    "or_else",
    "quantified",
    "some",
    "some_of",
    "subset",
    "times",
    "total",
]
