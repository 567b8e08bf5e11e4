"""Formulas about states, as near to what an author would write as their names allow.

For people to read and to copy from; what is checked is the formula itself. A quantifier that an
engine writes is over places of a kind, living or not; `lives(p)` says which. Next: `proofs`.
"""

from __future__ import annotations

from kspec.driver.shown import Each, Parts, Shape
from kspec.ir.expr import (
    And,
    At,
    Contains,
    Eq,
    Expr,
    Get,
    GetField,
    IsSome,
    Le,
    Len,
    Lit,
    Local,
    Lt,
    Not,
    Or,
    OrElse,
    Quant,
    QuantKind,
    Ref,
    Some,
    sort_of,
)
from kspec.ir.sorts import Bool, Id, Map, Opt
from kspec.ir.system import Role, Var
from kspec.ir.text import print_expr
from kspec.report.values import Lens, is_of


def formula(lens: Lens, expr: Expr) -> str:
    """The text of a formula, on one line."""
    return _Writer(lens).truth(expr)


class _Unwritten(Exception):
    """A form that only the text of systems has."""


class _Writer:
    """Writes formulas of one system."""

    def __init__(self, lens: Lens) -> None:
        self.lens = lens
        self.variables: dict[str, Var] = {v.name: v for v in lens.system.variables}

    def truth(self, expr: Expr) -> str:
        """A formula, or how certificates write it where there is no other way."""
        try:
            return self._whole(expr)
        except _Unwritten:
            return " ".join(print_expr(expr, self.lens.system).split())

    def _whole(self, expr: Expr) -> str:
        binders: list[tuple[str, str]] = []
        while isinstance(expr, Quant) and expr.kind is QuantKind.ALL:
            sort = expr.binder.sort
            if not isinstance(sort, Id):
                raise _Unwritten
            binders.append((expr.binder.name, sort.kind))
            expr = expr.body
        said = "".join(f"{_binding(kind, binders)} | " for kind in _kinds(binders))
        return f"{said}{self._clause(expr)}"

    def _clause(self, expr: Expr) -> str:
        """Conditions, `implies`, and one of what follows."""
        parts = expr.args if isinstance(expr, Or) else (expr,)
        given = [_positive(part) for part in parts if _is_given(part)]
        then = [part for part in parts if not _is_given(part)]
        conditions = " and ".join(self._atom(part) for part in given)
        follows = " or ".join(self._atom(part) for part in then)
        if not given:
            return follows or "false"
        if not then and len(given) == 1:
            return self._atom(parts[0])
        if not then:
            return f"not ({conditions})"
        return f"{conditions} implies {follows}"

    def _atom(self, expr: Expr) -> str:
        match expr:
            case Not(Eq(left, right)):
                return f"{self._value(left)} is not {self._beside(left, right)}"
            case Not(Le(left, right)) | Lt(right, left):
                return f"{self._value(left)} > {self._beside(left, right)}"
            case Not(arg):
                return f"not {self._atom(arg)}"
            case And(args):
                return " and ".join(self._atom(a) for a in args if not _is_about(a, args))
            case Eq(left, right):
                return f"{self._value(left)} is {self._beside(left, right)}"
            case Le(left, right):
                return f"{self._value(left)} <= {self._beside(left, right)}"
            case IsSome(arg):
                return f"{self._value(arg)} exists"
            case Contains(arg, elem):
                return f"{self._value(elem)} in {self._value(arg)}"
            case Or(args):
                return "(" + " or ".join(map(self._atom, args)) + ")"
            case _ if isinstance(sort_of(expr), Bool):
                return self._value(expr)
            case _:
                raise _Unwritten

    def _beside(self, left: Expr, right: Expr) -> str:
        """The right side of a comparison: a literal is shown as what it stands beside is."""
        shape = self._shape(left)
        match right:
            case Lit(sort, value):
                inner = isinstance(sort_of(left), Opt) and not isinstance(sort, Opt)
                of = shape.of if inner and isinstance(shape, Each) else shape
                return self.lens.show(sort, value, None, of)
            case Some(Lit(sort, value)):
                of = shape.of if isinstance(shape, Each) else None
                return self.lens.show(sort, value, None, of)
            case Some(arg):
                return self._value(arg)
            case _:
                return self._value(right)

    def _value(self, expr: Expr) -> str:
        match expr:
            case Local(name):
                return name
            case Lit(sort, value):
                return self.lens.show(sort, value)
            case Ref(name):
                return self._variable(name)
            case Get(Ref(name), key):
                return self._field(name, key)
            case Get(arg, key):
                return f"{self._value(arg)}[{self._value(key)}]"
            case GetField(arg, name):
                return f"{self._value(arg)}.{name}"
            case OrElse(arg, _):
                return self._value(arg)
            case At(arg, index, _):
                return f"{self._value(arg)}[{self._value(index)}]"
            case Len(arg):
                return f"length({self._value(arg)})"
            case _:
                raise _Unwritten

    def _variable(self, name: str) -> str:
        variable = self.variables.get(name)
        if variable is None or variable.role is Role.VIEW:
            return name
        return f"{variable.owner}.{variable.label}" if variable.owner else variable.label

    def _field(self, name: str, key: Expr) -> str:
        variable = self.variables.get(name)
        if variable is None or not is_of(variable.sort, variable.owner):
            return f"{self._variable(name)}[{self._value(key)}]"
        if variable.role is Role.LIVE:
            return f"lives({self._value(key)})"
        return f"{self._value(key)}.{variable.label}"

    def _shape(self, expr: Expr) -> Shape:
        """How values in the place of an expression are shown."""
        match expr:
            case Ref(name):
                return self.lens.shapes.get(name)
            case Get(Ref(name, Map()), _):
                return self.lens.shapes.get(name)
            case Get(arg, _) | At(arg, _, _) | OrElse(arg, _):
                outer = self._shape(arg)
                return outer.of if isinstance(outer, Each) else None
            case GetField(arg, name):
                return self._part(self._shape(arg), arg, name)
            case _:
                return None

    @staticmethod
    def _part(shape: Shape, arg: Expr, name: str) -> Shape:
        names = [n for n, _ in getattr(sort_of(arg), "fields", ())]
        return shape.parts[names.index(name)] if isinstance(shape, Parts) else None


def _kinds(binders: list[tuple[str, str]]) -> list[str]:
    return list(dict.fromkeys(kind for _, kind in binders))


def _binding(kind: str, binders: list[tuple[str, str]]) -> str:
    return f"all {', '.join(name for name, k in binders if k == kind)}: {kind}"


def _is_given(part: Expr) -> bool:
    """Is this a condition in a clause: a negation, or that two are not the same?"""
    return isinstance(part, Not) or (
        isinstance(part, Eq) and isinstance(part.left, Local) and isinstance(part.right, Local)
    )


def _positive(part: Expr) -> Expr:
    return part.arg if isinstance(part, Not) else Not(part)


def _is_about(part: Expr, others: tuple[Expr, ...]) -> bool:
    """Does a condition only say that there is what another one speaks of?"""
    return isinstance(part, IsSome | Lt) and part is not others[-1]


__all__ = ["formula"]
