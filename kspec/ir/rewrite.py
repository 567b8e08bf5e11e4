"""Walking and changing expressions: the one place that knows every node's parts.

`parts` takes a node apart, `rebuild` puts it together again; everything else here is made of
these two. Nothing here simplifies or evaluates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import TypeAlias, assert_never, final

from attrs import evolve

from kspec.base.record import frozen
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
    sequence,
    sort_of,
)

_BindingNode: TypeAlias = "SetOf | MakeMap | Quant | Count | Agg | First | Best | Sorted"


@final
@frozen
class Part:
    """A child of a node; `is_inside` if the names that the node binds are in scope in it."""

    expr: Expr
    is_inside: bool


def parts(expr: Expr) -> tuple[Part, ...]:
    """The children of a node, in the order of its fields, with their scope."""
    match expr:
        case Lit() | Ref() | Old() | Local():
            return ()
        case Not(arg) | Some(arg) | IsSome(arg) | GetField(arg, _) | Len(arg):
            return _outside(arg)
        case And(args) | Or(args) | MakeRecord(_, args) | MakeSet(_, args) | MakeSeq(_, args):
            return _outside(*args)
        case Ite(a, b, c) | Put(a, b, c) | At(a, b, c):
            return _outside(a, b, c)
        case WithField(a, _, b):
            return _outside(a, b)
        case Eq(a, b) | Lt(a, b) | Le(a, b) | Arith(_, a, b) | SetOp(_, a, b) | Subset(a, b):
            return _outside(a, b)
        case Concat(a, b) | Contains(a, b) | OrElse(a, b) | Get(a, b):
            return _outside(a, b)
        case Let(_, value, body):
            return (*_outside(value), *_inside(body))
        case Fold(_, init, _, seq, body):
            return (*_outside(init, seq), *_inside(body))
        case SetOf(_, body) | MakeMap(_, body) | Quant(_, _, body) | Count(_, body):
            return _inside(body)
        case First(_, cond):
            return _inside(cond)
        case Agg(_, _, cond, term):
            return _inside(cond, term)
        case Best(_, cond, keys) | Sorted(_, cond, keys):
            return _inside(cond, *keys)
        case _:
            assert_never(expr)


def children(expr: Expr) -> tuple[Expr, ...]:
    """The direct subexpressions of a node, in the order of its fields."""
    return tuple(part.expr for part in parts(expr))


def bound_names(expr: Expr) -> tuple[str, ...]:
    """The names a node binds in its inside parts; an accumulator before its element."""
    match expr:
        case Let(name, _, _):
            return (name,)
        case Fold(acc, _, elem, _, _):
            return (acc.name, elem)
        case SetOf() | MakeMap() | Quant() | Count() | Agg() | First() | Best() | Sorted():
            return (expr.binder.name,)
        case _:
            return ()


def bound(expr: Expr) -> tuple[Binder, ...]:
    """The names a node binds, with their sorts. Raises `IllSorted` as `sort_of` does."""
    match expr:
        case Let(name, value, _):
            return (Binder(name, sort_of(value)),)
        case Fold(acc, _, elem, seq, _):
            return (acc, Binder(elem, sequence(sort_of(seq), expr).of))
        case SetOf() | MakeMap() | Quant() | Count() | Agg() | First() | Best() | Sorted():
            return (expr.binder,)
        case _:
            return ()


def rebuild(expr: Expr, new: tuple[Expr, ...]) -> Expr:
    """The same node over other children, given in the order of `children`."""
    if len(new) != len(parts(expr)):
        raise ValueError(f"{len(new)} children for {expr}")
    match expr:
        case Lit() | Ref() | Old() | Local():
            return expr
        case Not() | Some() | IsSome() | GetField() | Len():
            return evolve(expr, arg=new[0])
        case And() | Or() | MakeRecord() | MakeSet() | MakeSeq():
            return evolve(expr, args=new)
        case Eq() | Lt() | Le() | Arith() | SetOp() | Subset() | Concat():
            return evolve(expr, left=new[0], right=new[1])
        case Contains(_, _):
            return Contains(new[0], new[1])
        case OrElse(_, _):
            return OrElse(new[0], new[1])
        case Get(_, _):
            return Get(new[0], new[1])
        case Ite(_, _, _):
            return Ite(new[0], new[1], new[2])
        case Put(_, _, _):
            return Put(new[0], new[1], new[2])
        case At(_, _, _):
            return At(new[0], new[1], new[2])
        case WithField(_, name, _):
            return WithField(new[0], name, new[1])
        case _:
            return _rebuild_binding(expr, new)


def _rebuild_binding(expr: Let | Fold | _BindingNode, new: tuple[Expr, ...]) -> Expr:
    match expr:
        case Let(name, _, _):
            return Let(name, new[0], new[1])
        case Fold(acc, _, elem, _, _):
            return Fold(acc, new[0], elem, new[1], new[2])
        case SetOf() | Count() | First():
            return evolve(expr, cond=new[0])
        case MakeMap() | Quant():
            return evolve(expr, body=new[0])
        case Agg():
            return evolve(expr, cond=new[0], term=new[1])
        case Best() | Sorted():
            return evolve(expr, cond=new[0], keys=new[1:])
        case _:
            assert_never(expr)


def rename(expr: Expr, names: tuple[str, ...]) -> Expr:
    """The same node binding other names, given in the order of `bound_names`; its children keep
    the old ones."""
    match expr:
        case Let(_, value, body):
            (name,) = names
            return Let(name, value, body)
        case Fold(acc, init, _, seq, body):
            carried, elem = names
            return Fold(Binder(carried, acc.sort), init, elem, seq, body)
        case SetOf() | MakeMap() | Quant() | Count() | Agg() | First() | Best() | Sorted():
            (name,) = names
            return evolve(expr, binder=Binder(name, expr.binder.sort))
        case _:
            if names:
                raise ValueError(f"{expr} binds no name")
            return expr


def map_expr(change: Callable[[Expr], Expr], expr: Expr) -> Expr:
    """`change` applied to every node, children before their parent."""
    return change(rebuild(expr, tuple(map_expr(change, child) for child in children(expr))))


def subexpressions(expr: Expr) -> Iterator[Expr]:
    """Every node, a parent before its children, left to right."""
    yield expr
    for child in children(expr):
        yield from subexpressions(child)


def refs(expr: Expr) -> frozenset[str]:
    """The variables and constants an expression reads in the present state."""
    return frozenset(node.name for node in subexpressions(expr) if isinstance(node, Ref))


def olds(expr: Expr) -> frozenset[str]:
    """The variables an expression reads in the state before the step."""
    return frozenset(node.name for node in subexpressions(expr) if isinstance(node, Old))


def free_locals(expr: Expr) -> frozenset[str]:
    """The bound names an expression uses and does not bind itself."""
    if isinstance(expr, Local):
        return frozenset((expr.name,))
    own = frozenset(bound_names(expr))
    return frozenset().union(
        *(free_locals(p.expr) - (own if p.is_inside else frozenset()) for p in parts(expr))
    )


def substitute(expr: Expr, by: Mapping[str, Expr]) -> Expr:
    """Free `Local`s replaced by expressions, all at once.

    A binder that would capture a name free in a replacement is renamed first. The caller owes
    that each replacement's sort fits where the name stood.
    """
    if isinstance(expr, Local):
        return by.get(expr.name, expr)
    wanted = {name: by[name] for name in sorted(free_locals(expr) & set(by))}
    if not wanted:
        return expr
    own, fresh = bound_names(expr), _fresh_names(expr, wanted)
    inner = {name: value for name, value in wanted.items() if name not in own}
    renamed = {
        old: Local(new, binder.sort)
        for old, new, binder in zip(own, fresh, bound(expr), strict=True)
        if old != new
    }
    new = tuple(
        substitute(p.expr, {**inner, **renamed} if p.is_inside else wanted) for p in parts(expr)
    )
    return rename(rebuild(expr, new), fresh)


def _fresh_names(expr: Expr, wanted: Mapping[str, Expr]) -> tuple[str, ...]:
    """The names to bind instead: the same ones, but for those that would capture."""
    captured: frozenset[str] = frozenset().union(*(free_locals(v) for v in wanted.values()))
    taken = set(captured) | set(bound_names(expr))
    taken.update(*(free_locals(p.expr) for p in parts(expr)))
    fresh = []
    for name in bound_names(expr):
        if name in captured:
            name = next(n for i in count(1) if (n := f"{name}'{i}") not in taken)
            taken.add(name)
        fresh.append(name)
    return tuple(fresh)


def _outside(*exprs: Expr) -> tuple[Part, ...]:
    return tuple(Part(expr, False) for expr in exprs)


def _inside(*exprs: Expr) -> tuple[Part, ...]:
    return tuple(Part(expr, True) for expr in exprs)
