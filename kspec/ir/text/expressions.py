"""Expressions as nested lists, both ways. The grammar is in `whole`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias, assert_never, final

from attrs import evolve

from kspec.base.record import frozen
from kspec.ir.expr import (
    Agg,
    AggKind,
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
    IllSorted,
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
    QuantKind,
    Ref,
    SetOf,
    SetOp,
    SetOpKind,
    Some,
    Sorted,
    Subset,
    WithField,
    sequence,
    sort_of,
)
from kspec.ir.rewrite import children
from kspec.ir.sorts import Bool, Int, Record, Sort
from kspec.ir.text.sexpr import Group, Misread, Node, Quoted, Word, group, name
from kspec.ir.text.sorts import (
    SortNames,
    head_of,
    is_number,
    read_group,
    read_name,
    read_number,
    read_sort,
    read_value,
    write_sort,
    write_value,
)


@final
@frozen
class Scope:
    """What names mean at a place: variables and constants, and bound names.

    A bound name of no known sort (an ill-sorted `Let`) maps to None.
    """

    names: SortNames
    shared: Mapping[str, Sort]
    bound: Mapping[str, Sort | None]

    def bind(self, *binders: Binder) -> Scope:
        """This scope with more bound names; later ones hide earlier ones."""
        return evolve(self, bound={**self.bound, **{b.name: b.sort for b in binders}})

    def bind_to(self, bound: str, expr: Expr) -> Scope:
        """This scope with a name bound to the value of an expression."""
        return evolve(self, bound={**self.bound, bound: known_sort(expr)})


def known_sort(expr: Expr) -> Sort | None:
    """The sort of an expression, or None if its parts do not fit."""
    try:
        return sort_of(expr)
    except (IllSorted, KeyError):
        return None


def element_sort(seq: Expr) -> Sort | None:
    """The sort of a sequence's elements, or None if it is no sequence."""
    try:
        return sequence(sort_of(seq), seq).of
    except (IllSorted, KeyError):
        return None


_Plain: TypeAlias = (
    "Not | And | Or | Ite | Eq | Lt | Le | Arith | Some | IsSome | OrElse | Contains | SetOp"
    " | Subset | Get | Put | Len | At | Concat"
)
_Ranging: TypeAlias = "SetOf | MakeMap | Quant | Count | Agg | First | Best | Sorted"

ARITHMETIC = tuple(op.value for op in ArithOp)
SET_OPERATIONS = tuple(op.value for op in SetOpKind)


def write_expr(expr: Expr, scope: Scope) -> Node:
    """An expression; the inverse of `read_expr` in the same scope."""
    match expr:
        case Lit():
            return _write_lit(expr, scope)
        case Ref() | Old() | Local():
            return _write_name(expr, scope)
        case Let(bound, value, body):
            inner = write_expr(body, scope.bind_to(bound, value))
            return group("let", group(name(bound), write_expr(value, scope)), inner)
        case MakeRecord(sort, args):
            shape = write_sort(sort, scope.names)
            return group("make", shape, *(write_expr(arg, scope) for arg in args))
        case MakeSet(of, args):
            shape = write_sort(of, scope.names)
            return group("set", shape, *(write_expr(arg, scope) for arg in args))
        case MakeSeq(of, args):
            shape = write_sort(of, scope.names)
            return group("seq", shape, *(write_expr(arg, scope) for arg in args))
        case GetField(arg, selected):
            return group(".", write_expr(arg, scope), name(selected))
        case WithField(arg, selected, value):
            parts = write_expr(arg, scope), name(selected), write_expr(value, scope)
            return group("with", *parts)
        case Fold():
            return _write_fold(expr, scope)
        case SetOf() | MakeMap() | Quant() | Count() | Agg() | First() | Best() | Sorted():
            inner_scope = scope.bind(expr.binder)
            inside = (write_expr(child, inner_scope) for child in children(expr))
            return group(_ranging_head(expr), write_binder(expr.binder, scope), *inside)
        case _:
            return group(_plain_head(expr), *(write_expr(c, scope) for c in children(expr)))


def _write_lit(expr: Lit, scope: Scope) -> Node:
    if isinstance(expr.value, bool) and expr.sort == Bool():
        return Word("true" if expr.value else "false")
    if isinstance(expr.value, int) and expr.sort == Int(expr.value, expr.value):
        return Word(str(expr.value))
    shape = write_sort(expr.sort, scope.names)
    return group("the", shape, write_value(expr.sort, expr.value, scope.names))


def _write_name(expr: Ref | Old | Local, scope: Scope) -> Node:
    called = name(expr.name)
    is_bound, shared = expr.name in scope.bound, scope.shared.get(expr.name)
    match expr:
        case Ref(_, sort):
            head, is_known = "ref", not is_bound and shared == sort
        case Local(_, sort):
            head, is_known = "local", is_bound and scope.bound[expr.name] == sort
        case Old(_, sort):
            if shared == sort:
                return group("old", called)
            head, is_known = "old", False
        case _:
            assert_never(expr)
    return called if is_known else group(head, called, write_sort(expr.sort, scope.names))


def _write_fold(expr: Fold, scope: Scope) -> Node:
    seq = write_expr(expr.seq, scope)
    inner = scope.bind(expr.acc)
    inner = evolve(inner, bound={**inner.bound, expr.elem: element_sort(expr.seq)})
    shape = write_sort(expr.acc.sort, scope.names)
    carried = group(name(expr.acc.name), shape, write_expr(expr.init, scope))
    return group("fold", carried, group(name(expr.elem), seq), write_expr(expr.body, inner))


def _ranging_head(expr: _Ranging) -> str:
    match expr:
        case SetOf():
            return "set-of"
        case MakeMap():
            return "map"
        case Quant(kind, _, _):
            return kind.value
        case Count():
            return "count"
        case Agg(agg, _, _, _):
            return agg.value
        case First():
            return "first"
        case Best():
            return "best"
        case Sorted():
            return "sorted"
        case _:
            assert_never(expr)


def _plain_head(expr: _Plain) -> str:
    match expr:
        case Arith(arith, _, _):
            return arith.value
        case SetOp(operation, _, _):
            return operation.value
        case Not():
            return "not"
        case And():
            return "and"
        case Or():
            return "or"
        case Ite():
            return "if"
        case Eq():
            return "="
        case Lt():
            return "<"
        case Le():
            return "<="
        case _:
            return _structure_head(expr)


def _structure_head(
    expr: Some | IsSome | OrElse | Contains | Subset | Get | Put | Len | At | Concat,
) -> str:
    match expr:
        case Some():
            return "just"
        case IsSome():
            return "is-just"
        case OrElse():
            return "else"
        case Contains():
            return "contains"
        case Subset():
            return "subset"
        case Get():
            return "get"
        case Put():
            return "put"
        case Len():
            return "len"
        case At():
            return "at"
        case Concat():
            return "concat"
        case _:
            assert_never(expr)


def write_binder(binder: Binder, scope: Scope) -> Node:
    """A bound name with its sort."""
    return group(name(binder.name), write_sort(binder.sort, scope.names))


def read_binder(node: Node, scope: Scope) -> Binder:
    """The inverse of `write_binder`."""
    bound, sort = read_group(node, 2).items
    return Binder(read_name(bound), read_sort(sort, scope.names))


def read_expr(node: Node, scope: Scope) -> Expr:
    """The expression a node stands for. Raises `Misread`."""
    if not isinstance(node, Group):
        return _read_atom(node, scope)
    head, items = head_of(node), node.items[1:]
    for reader in (_read_special, _read_ranging, _read_plain):
        expr = reader(head, items, scope)
        if expr is not None:
            return expr
    raise Misread(node.offset, f"not an expression: ({head} ...) of {len(items)} parts")


def _read_atom(node: Word | Quoted, scope: Scope) -> Expr:
    if isinstance(node, Word) and node.text in ("true", "false"):
        return Lit(Bool(), node.text == "true")
    if is_number(node):
        value = read_number(node)
        return Lit(Int(value, value), value)
    called = read_name(node)
    if called in scope.bound:
        sort = scope.bound[called]
        if sort is None:
            raise Misread(node.offset, f"the sort of {called} is not known")
        return Local(called, sort)
    if called not in scope.shared:
        raise Misread(node.offset, f"nothing is called {called} here")
    return Ref(called, scope.shared[called])


def _read_special(head: str, items: tuple[Node, ...], scope: Scope) -> Expr | None:
    match head, items:
        case "the", (sort, value):
            of = read_sort(sort, scope.names)
            return Lit(of, read_value(of, value, scope.names))
        case "ref", (called, sort):
            return Ref(read_name(called), read_sort(sort, scope.names))
        case "local", (called, sort):
            return Local(read_name(called), read_sort(sort, scope.names))
        case "old", (called, sort):
            return Old(read_name(called), read_sort(sort, scope.names))
        case "old", (called,):
            return _read_old(called, scope)
        case "let", (Group(items=(bound, value)), body):
            given = read_expr(value, scope)
            inner = scope.bind_to(read_name(bound), given)
            return Let(read_name(bound), given, read_expr(body, inner))
        case "make", (sort, *args):
            shape = read_sort(sort, scope.names)
            if not isinstance(shape, Record):
                raise Misread(sort.offset, "a record is wanted")
            return MakeRecord(shape, tuple(read_expr(arg, scope) for arg in args))
        case "set", (sort, *args):
            of = read_sort(sort, scope.names)
            return MakeSet(of, tuple(read_expr(arg, scope) for arg in args))
        case "seq", (sort, *args):
            of = read_sort(sort, scope.names)
            return MakeSeq(of, tuple(read_expr(arg, scope) for arg in args))
        case ".", (arg, selected):
            return GetField(read_expr(arg, scope), read_name(selected))
        case "with", (arg, selected, value):
            changed = read_expr(value, scope)
            return WithField(read_expr(arg, scope), read_name(selected), changed)
        case "fold", (Group(items=(acc, sort, init)), Group(items=(elem, seq)), body):
            carried = Binder(read_name(acc), read_sort(sort, scope.names))
            return _read_fold(carried, read_expr(init, scope), elem, seq, body, scope)
        case _:
            return None


def _read_old(node: Node, scope: Scope) -> Expr:
    called = read_name(node)
    if called not in scope.shared:
        raise Misread(node.offset, f"nothing is called {called}")
    return Old(called, scope.shared[called])


def _read_fold(acc: Binder, init: Expr, elem: Node, seq: Node, body: Node, scope: Scope) -> Expr:
    along, called = read_expr(seq, scope), read_name(elem)
    inner = scope.bind(acc)
    inner = evolve(inner, bound={**inner.bound, called: element_sort(along)})
    return Fold(acc, init, called, along, read_expr(body, inner))


def _read_ranging(head: str, items: tuple[Node, ...], scope: Scope) -> Expr | None:
    if head not in RANGING or len(items) < 2:
        return None
    binder = read_binder(items[0], scope)
    inner = scope.bind(binder)
    inside = tuple(read_expr(item, inner) for item in items[1:])
    match head, inside:
        case "set-of", (cond,):
            return SetOf(binder, cond)
        case "map", (body,):
            return MakeMap(binder, body)
        case (("all" | "some"), (body,)):
            return Quant(QuantKind(head), binder, body)
        case "count", (cond,):
            return Count(binder, cond)
        case (("sum" | "min-of" | "max-of"), (cond, term)):
            return Agg(AggKind(head), binder, cond, term)
        case "first", (cond,):
            return First(binder, cond)
        case "best", (cond, *keys):
            return Best(binder, cond, tuple(keys))
        case "sorted", (cond, *keys):
            return Sorted(binder, cond, tuple(keys))
        case _:
            return None


RANGING = (
    *("set-of", "map", "all", "some", "count", "sum", "min-of", "max-of"),
    *("first", "best", "sorted"),
)
PLAIN = (
    *("not", "and", "or", "if", "=", "<", "<=", "just", "is-just", "else", "contains", "subset"),
    *("get", "put", "len", "at", "concat"),
    *ARITHMETIC,
    *SET_OPERATIONS,
)


def _read_plain(head: str, items: tuple[Node, ...], scope: Scope) -> Expr | None:
    if head not in PLAIN:
        return None
    args = tuple(read_expr(item, scope) for item in items)
    match head, args:
        case "and", _:
            return And(args)
        case "or", _:
            return Or(args)
        case _, (a,):
            return _unary(head, a)
        case _, (a, b):
            return _binary(head, a, b)
        case "if", (a, b, c):
            return Ite(a, b, c)
        case "put", (a, b, c):
            return Put(a, b, c)
        case "at", (a, b, c):
            return At(a, b, c)
        case _:
            return None


def _unary(head: str, a: Expr) -> Expr | None:
    match head:
        case "not":
            return Not(a)
        case "just":
            return Some(a)
        case "is-just":
            return IsSome(a)
        case "len":
            return Len(a)
        case _:
            return None


def _binary(head: str, a: Expr, b: Expr) -> Expr | None:
    if head in ARITHMETIC:
        return Arith(ArithOp(head), a, b)
    if head in SET_OPERATIONS:
        return SetOp(SetOpKind(head), a, b)
    match head:
        case "=":
            return Eq(a, b)
        case "<":
            return Lt(a, b)
        case "<=":
            return Le(a, b)
        case "else":
            return OrElse(a, b)
        case "contains":
            return Contains(a, b)
        case "subset":
            return Subset(a, b)
        case "get":
            return Get(a, b)
        case "concat":
            return Concat(a, b)
        case _:
            return None
