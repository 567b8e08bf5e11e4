"""The words of scripts: connectives that leave out what says nothing, leaves, names for what cannot
be said. Next: `rows`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeAlias

from attrs import fields

from kspec.certify.obligations import Unfounded
from kspec.ir.expr import ArithOp, Binder, Expr, Local, SetOpKind
from kspec.ir.rewrite import bound_names, parts
from kspec.ir.sorts import Int, Map, Opt, Record, Set, Sort

Leaf: TypeAlias = Callable[[tuple[str, ...]], str]
Flat: TypeAlias = "tuple[Leaf, ...]"
Form: TypeAlias = "tuple[object, ...]"

LOGIC: Final = "(set-logic ALL)"
MOST: Final = 4096


class Unsaid(Unfounded):
    """There are no words for it."""

    def __init__(self) -> None:
        super().__init__("there are no words for a part of it")


def all_of(parts: Iterable[str]) -> str:
    """Conjunction."""
    kept = [p for p in parts if p != "true"]
    if "false" in kept:
        return "false"
    return f"(and {' '.join(kept)})" if len(kept) > 1 else (kept[0] if kept else "true")


def any_of(parts: Iterable[str]) -> str:
    """Disjunction."""
    kept = [p for p in parts if p != "false"]
    if "true" in kept:
        return "true"
    return f"(or {' '.join(kept)})" if len(kept) > 1 else (kept[0] if kept else "false")


def negated(part: str) -> str:
    """Negation."""
    return {"true": "false", "false": "true"}.get(part, f"(not {part})")


def one_of(cond: str, a: str, b: str) -> str:
    """One text or the other."""
    if cond == "true" or a == b:
        return a
    return b if cond == "false" else f"(ite {cond} {a} {b})"


def same(a: str, b: str) -> str:
    """Equality; known where both are numbers."""
    if a == b:
        return "true"
    both_are_numbers = a.lstrip("-").isdigit() and b.lstrip("-").isdigit()
    return "false" if both_are_numbers else f"(= {a} {b})"


def sort_name(name: str) -> str:
    """The sort of a kind, or one of SMT-LIB's own."""
    return name if name in ("Int", "Bool") else f"|kind {name}|"


def numeral(n: int) -> str:
    """A whole number."""
    return str(n) if n >= 0 else f"(- {-n})"


def always(text: str) -> Leaf:
    """A leaf that is looked up by nothing."""
    return lambda _: text


def agree(a: Leaf, b: Leaf) -> Leaf:
    """Are two leaves equal?"""
    return lambda args: same(a(args), b(args))


def implied(a: Leaf, b: Leaf) -> Leaf:
    """Does one truth imply another?"""
    return lambda args: any_of((negated(a(args)), b(args)))


def behind(leaf: Leaf, first: tuple[str, ...]) -> Leaf:
    """A leaf with some of what it is looked up by already given."""
    return lambda args: leaf((*first, *args))


def set_joined(op: SetOpKind, a: str, b: str) -> str:
    """Is something in both, in one, in one alone?"""
    if op is SetOpKind.UNION:
        return any_of((a, b))
    return all_of((a, b if op is SetOpKind.INTER else negated(b)))


def arithmetic(op: ArithOp, a: str, b: str) -> str:
    """A sum, and its like."""
    match op:
        case ArithOp.MIN:
            return f"(ite (< {b} {a}) {b} {a})"
        case ArithOp.MAX:
            return f"(ite (< {a} {b}) {b} {a})"
        case _:
            return f"({op.value} {a} {b})"  # div and mod of a positive divisor are SMT-LIB's


def stored_in(sort: Sort) -> Iterator[Sort]:
    """A sort and those in it that are stored."""
    yield sort
    match sort:
        case Opt(of) | Set(of):
            yield from stored_in(of)
        case Record(_, fields):
            for _, s in fields:
                yield from stored_in(s)
        case Map(_, of):
            yield from stored_in(of)
        case _:
            return


def free_of_numbers(sort: Sort) -> bool:
    """Is there no number in the values of a sort?"""
    return not any(isinstance(s, Int) for s in stored_in(sort))


def shape_of(expr: Expr, bound: tuple[str, ...], free: list[str]) -> Form:
    """What an expression says, whatever its names are: bound ones by how far away they are bound,
    free ones, which are collected, by when they come first."""
    if isinstance(expr, Local):
        if expr.name in bound:
            return ("bound", bound[::-1].index(expr.name), expr.sort)
        if expr.name not in free:
            free.append(expr.name)
        return ("free", free.index(expr.name), expr.sort)
    own = bound_names(expr)
    inside = tuple(part.expr for part in parts(expr))
    said: list[object] = [type(expr), len(inside)]
    for member in fields(type(expr)):
        value = getattr(expr, member.name)
        row = value if isinstance(value, tuple) else (value,)
        if isinstance(value, Binder):
            said.append(value.sort)
        elif value not in own and not all(any(x is part for part in inside) for x in row):
            said.append(value)
    for part in parts(expr):
        said.append(shape_of(part.expr, (*bound, *own) if part.is_inside else bound, free))
    return tuple(said)


__all__ = [
    "Flat",
    "Form",
    "LOGIC",
    "Leaf",
    "MOST",
    "Unsaid",
    "agree",
    "all_of",
    "always",
    "any_of",
    "arithmetic",
    "behind",
    "free_of_numbers",
    "implied",
    "negated",
    "numeral",
    "one_of",
    "same",
    "set_joined",
    "shape_of",
    "sort_name",
    "stored_in",
]
