"""Formulas about states, as near to what an author would write as their names allow.

For people to read and to copy from; what is checked is the formula itself. A quantifier that an
engine writes is over places of a kind, living or not; one of the language is over what lives. So
what is said of the dead has no words, unless somebody refers to them. Next: `proofs`.
"""

from __future__ import annotations

from kspec.driver.telling.shown import Each, Parts, Shape
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
from kspec.report.values import Lens, is_of, is_timer


def formula(lens: Lens, expr: Expr) -> str:
    """The text of a formula, on one line."""
    return _Writer(lens).truth(expr)


def worded(lens: Lens, expr: Expr) -> str | None:
    """The same in words of the language only; None where it has none."""
    return _Writer(lens).worded(expr)


class _Unwritten(Exception):
    """A form that only the text of systems has."""


class _Writer:
    """Writes formulas of one system."""

    def __init__(self, lens: Lens) -> None:
        self.lens = lens
        self.variables: dict[str, Var] = {v.name: v for v in lens.system.variables}
        self.named: dict[Expr, str] = {}
        self.shaped: dict[Expr, Shape] = {}

    def truth(self, expr: Expr) -> str:
        """A formula, or how certificates write it where there is no other way."""
        return self.worded(expr) or " ".join(print_expr(expr, self.lens.system).split())

    def worded(self, expr: Expr) -> str | None:
        """A formula in words of the language, if it has them."""
        try:
            return self._whole(expr)
        except _Unwritten:
            return None

    def _whole(self, expr: Expr) -> str:
        binders: list[tuple[str, str]] = []
        while isinstance(expr, Quant) and expr.kind is QuantKind.ALL:
            sort = expr.binder.sort
            if not isinstance(sort, Id):
                raise _Unwritten
            binders.append((expr.binder.name, sort.kind))
            expr = expr.body
        parts = list(expr.args if isinstance(expr, Or) else (expr,))
        for name, kind in tuple(binders):
            if self._of_the_living(parts, name):
                binders.remove((name, kind))
        said = "".join(f"{_binding(kind, binders)} | " for kind in _kinds(binders))
        return f"{said}{self._clause(parts)}"

    def _of_the_living(self, parts: list[Expr], name: str) -> bool:
        """Leave out that an object lives, since it does. Where that is what follows, speak of what
        refers to it instead; is it not needed any more then?"""
        for part in tuple(parts):
            if isinstance(part, Not) and self._living(part.arg) == name:
                parts.remove(part)
        lives = next((part for part in parts if self._living(part) == name), None)
        if lives is None:
            return False
        for place, part in enumerate(parts):
            match part:
                case Not(Eq(refers, Some(Local(other)) as one)) if other == name:
                    self.named[one.arg] = self._value(refers)
                    parts[place] = Not(IsSome(refers))
                    return True
                case _:
                    pass
        raise _Unwritten

    def _living(self, expr: Expr) -> str | None:
        """Whom this says to live."""
        match expr:
            case Get(Ref(name), Local(one)) if self._role(name) is Role.LIVE:
                return one
            case _:
                return None

    def _role(self, name: str) -> Role | None:
        variable = self.variables.get(name)
        return None if variable is None else variable.role

    def _clause(self, parts: list[Expr]) -> str:
        """Conditions, `implies`, and one of what follows."""
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
            case Not(IsSome(arg)) if self._is_timer(arg):
                return f"{self._value(arg)} is off"
            case Not(arg):
                return f"not {self._atom(arg)}"
            case And((IsSome(arg), Le(OrElse(same), Lit(_, 0)))) if arg == same:
                if self._is_timer(arg):
                    return f"{self._value(arg)} is due"
                return self._inside(expr.args[-1])
            case And((*_, last)):
                return self._inside(last)
            case Eq(left, right):
                return f"{self._value(left)} is {self._beside(left, right)}"
            case Le(left, right):
                return f"{self._value(left)} <= {self._beside(left, right)}"
            case IsSome(arg):
                return f"{self._value(arg)} {'is on' if self._is_timer(arg) else 'exists'}"
            case Contains(arg, elem):
                return f"{self._value(elem)} in {self._value(arg)}"
            case Or(args):
                return "(" + " or ".join(map(self._atom, args)) + ")"
            case _ if isinstance(sort_of(expr), Bool):
                return self._value(expr)
            case _:
                raise _Unwritten

    def _inside(self, expr: Expr) -> str:
        """A comparison of what may not be there: that it is there, and compares so."""
        inner = _optional(expr)
        if inner is None:
            return self._atom(expr)
        match inner:
            case OrElse(arg, _):
                where = self._value(arg)
            case At(arg, index, _):
                where = f"{self._value(arg)}[{self._value(index)}]"
            case _:
                raise _Unwritten
        shape, name = self._shape(inner), f"u{len(self.named) or ''}"
        self.named[inner], self.shaped[inner] = name, shape
        said = self._atom(expr)
        del self.named[inner], self.shaped[inner]
        return f"(some {name} in {where} | {said})"

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
        if expr in self.named:
            return self.named[expr]
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
            case Len(arg):
                return f"length({self._value(arg)})"
            case _:
                raise _Unwritten

    def _variable(self, name: str) -> str:
        variable = self.variables.get(name)
        match None if variable is None else variable.role:
            case Role.MEMORY if variable is not None:
                return f"seen({variable.owner}, {variable.owner}.{variable.label})"
            case Role.GHOST if variable is not None:
                return variable.label
            case _:
                raise _Unwritten

    def _field(self, name: str, key: Expr) -> str:
        variable = self.variables.get(name)
        if variable is None:
            return self._constant(name, key)
        own, of = variable.owner, self._value(key)
        if variable.role is Role.MEMORY and own in self.lens.shown.instances:
            return f"seen({own}({of}), {own}.{variable.label})"
        if not is_of(variable.sort, own):
            return f"{self._variable(name)}[{of}]"
        if variable.role is Role.LIVE:
            return f"alive({of})"
        return f"{of}.{variable.label}"

    def _constant(self, name: str, key: Expr) -> str:
        """A field that never changes, of some object."""
        kind, _, label = name.partition(".")
        constant = next((c for c in self.lens.system.constants if c.name == name), None)
        if constant is None or not label or not is_of(constant.sort, kind):
            raise _Unwritten
        return f"{self._value(key)}.{label}"

    def _is_timer(self, expr: Expr) -> bool:
        shape = self._shape(expr)
        return shape is not None and is_timer(shape)

    def _shape(self, expr: Expr) -> Shape:
        """How values in the place of an expression are shown."""
        if expr in self.shaped:
            return self.shaped[expr]
        match expr:
            case Ref(name):
                return self.lens.shapes.get(name)
            case Get(Ref(name, Map()), _) if self._is_field(name):
                return self.lens.shapes.get(name)
            case Get(arg, _) | At(arg, _, _) | OrElse(arg, _):
                outer = self._shape(arg)
                return outer.of if isinstance(outer, Each) else None
            case GetField(arg, name):
                return self._part(self._shape(arg), arg, name)
            case _:
                return None

    def _is_field(self, name: str) -> bool:
        variable = self.variables.get(name)
        return variable is not None and is_of(variable.sort, variable.owner)

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


def _optional(expr: Expr) -> OrElse | At | None:
    """What of a comparison may not be there."""
    match expr:
        case OrElse() | At():
            return expr
        case Not(arg) | GetField(arg, _) | Get(arg, _) | IsSome(arg) | Len(arg):
            return _optional(arg)
        case Contains(arg, _) | Eq(arg, _) | Le(arg, _) | Lt(arg, _):
            return _optional(arg)
        case _:
            return None


__all__ = ["formula", "worded"]
