"""What the code generator wants to know of an expression before it visits it.

Equal expressions get the same number, so that a value computed once is found again by
(number, what its free names stand for). `work` estimates instructions executed, binders
multiplied out; it decides what is unrolled and what is branched around. Next: `codegen`.
"""

from __future__ import annotations

from typing import final

import attrs

from kspec.base.record import frozen
from kspec.ir.expr import Best, Binder, Expr, First, Fold, Let, Local, Old, Ref, Sorted, sort_of
from kspec.ir.sorts import Seq, Sort, cardinality

MOST_WORK = 1 << 40


@final
@frozen
class Node:
    """An expression's number, sort, free names (sorted), work, and whether it reads the state."""

    uid: int
    sort: Sort
    free: tuple[str, ...]
    work: int
    reads: bool


@final
class Nodes:
    """The nodes of one system's expressions."""

    def __init__(self) -> None:
        self._by_id: dict[int, tuple[Expr, Node]] = {}
        self._by_shape: dict[tuple[object, ...], Node] = {}
        self._fields: dict[type, tuple[str, ...]] = {}

    def of(self, expr: Expr) -> Node:
        """The node of an expression."""
        known = self._by_id.get(id(expr))
        if known is not None:
            return known[1]
        node = self._number(expr)
        self._by_id[id(expr)] = (expr, node)
        return node

    def _number(self, expr: Expr) -> Node:
        shape: list[object] = [type(expr)]
        kids: list[tuple[str, Expr, Node]] = []
        for name in self._names(type(expr)):
            value = getattr(expr, name)
            if isinstance(value, tuple) and value and attrs.has(type(value[0])):
                nodes = [(name, part, self.of(part)) for part in value]
                shape.append(tuple(n.uid for _, _, n in nodes))
                kids.extend(nodes)
            elif _is_expr(value):
                kids.append((name, value, self.of(value)))
                shape.append(kids[-1][2].uid)
            else:
                shape.append(value)
        key = (*shape,)
        if key not in self._by_shape:
            self._by_shape[key] = self._make(expr, [(name, node) for name, _, node in kids])
        return self._by_shape[key]

    def _names(self, kind: type) -> tuple[str, ...]:
        if kind not in self._fields:
            self._fields[kind] = tuple(a.name for a in attrs.fields(kind))
        return self._fields[kind]

    def _make(self, expr: Expr, kids: list[tuple[str, Node]]) -> Node:
        free: set[str] = {expr.name} if isinstance(expr, Local) else set()
        times, bound, inside = binding(expr)
        work = 1
        for name, node in kids:
            free |= set(node.free) - (bound if name in inside else set())
            work += node.work * (times if name in inside else 1)
        reads = isinstance(expr, Ref | Old) or any(node.reads for _, node in kids)
        uid = len(self._by_shape)
        return Node(uid, sort_of(expr), tuple(sorted(free)), min(work, MOST_WORK), reads)


def binding(expr: Expr) -> tuple[int, set[str], frozenset[str]]:
    """How often the parts under an expression's names are evaluated, the names, the parts."""
    match expr:
        case Let(name, _, _):
            return 1, {name}, frozenset({"body"})
        case Fold(acc, _, elem, seq, _):
            sort = sort_of(seq)
            assert isinstance(sort, Seq)
            return sort.cap, {acc.name, elem}, frozenset({"body"})
        case Sorted(binder, _, _):
            count = cardinality(binder.sort)
            return count * (count + 1), {binder.name}, frozenset({"cond", "keys"})
        case First(binder, _) | Best(binder, _, _):
            return 3 * cardinality(binder.sort), {binder.name}, frozenset({"cond", "keys"})
        case _:
            binder_ = getattr(expr, "binder", None)
            if not isinstance(binder_, Binder):
                return 1, set(), frozenset()
            parts = frozenset({"cond", "body", "term"})
            return cardinality(binder_.sort), {binder_.name}, parts


def _is_expr(value: object) -> bool:
    return (
        type(value).__module__ == Let.__module__
        and attrs.has(type(value))
        and not isinstance(value, Binder)
    )
