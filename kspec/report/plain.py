"""Formulas in words: as an author would write them, whether or not the language has such lines.

Every formula has words, and two that mean something else have others. A quantifier is over all
places of a kind, living or not, and what is compared with what is missing is false. For people
alone: nothing reads it. Next: `shorter` for what is said at once, `places` for what variables are
called; `formula` for lines of the language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kspec.ir.expr import (
    And,
    Contains,
    Eq,
    Expr,
    Get,
    IsSome,
    Le,
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
    Subset,
    sort_of,
)
from kspec.ir.sorts import Int, Opt, Set, index_of
from kspec.report.formula_values import Said, Values
from kspec.report.linked import Links, Named
from kspec.report.literals import duration, inner
from kspec.report.places import IDLE, Places
from kspec.report.shorter import needs, shorter
from kspec.report.values import Lens

WHOLE, ATOM, AND, OR, LOOSE = range(5)


def plain(lens: Lens, expr: Expr) -> str:
    """A formula about states, on one line."""
    return _Writer(lens, Places(lens), {}).truth(shorter(expr))[0]


def _within(said: Said, most: int) -> str:
    text, loose = said
    return text if loose <= most else f"({text})"


class _Writer(Values):
    """Writes formulas of one system."""

    # ---- truths --------------------------------------------------------------------------------

    def truth(self, expr: Expr) -> Said:
        """A formula."""
        match expr:
            case Quant():
                return self._quantified(expr)
            case Or(args):
                return self._clause(args)
            case And(args):
                parts = self._together(args)
                return (" and ".join(parts), AND) if len(parts) != 1 else (parts[0], ATOM)
            case Not(arg):
                return self._denied(arg)
            case Eq(left, right):
                return self._same(left, right)
            case Le(left, right):
                return self._compared(left, "<=", right), ATOM
            case Lt(Lit(), left):
                return self._compared(left, ">", expr.left), ATOM
            case Lt(left, right):
                return self._compared(left, "<", right), ATOM
            case IsSome(arg):
                said = "is on" if self.is_timer(arg) else "exists"
                return f"{self.value(arg)} {said}", ATOM
            case Contains(arg, elem):
                return self._member(elem, arg), ATOM
            case Subset(left, right):
                return f"{self.value(left)} within {self.value(right)}", ATOM
            case Lit(_, value):
                return ("true" if value else "false"), WHOLE
            case Get(Ref(name), key) if self.places.is_life(name):
                return f"{self.value(key)} is there", ATOM
            case _:
                return self.value(expr), WHOLE

    def _part(self, expr: Expr, most: int = ATOM) -> str:
        return _within(self.truth(expr), most)

    def _denied(self, arg: Expr) -> Said:
        match arg:
            case Le(left, right):
                return self._compared(left, ">", right), ATOM
            case Lt(left, right):
                return self._compared(left, ">=", right), ATOM
            case IsSome(of):
                said = "is off" if self.is_timer(of) else "is missing"
                return f"{self.value(of)} {said}", ATOM
            case Contains(of, elem):
                return self._member(elem, of, "not "), ATOM
            case Eq(left, Lit(_, value) as least) if _least(left) == value:
                return self._compared(left, ">", least), ATOM
            case Eq(left, right):
                return self._same(left, right, " not")
            case Get(Ref(name), key) if self.places.is_life(name):
                return f"{self.value(key)} is not there", ATOM
            case _:
                return f"not {self._part(arg, WHOLE)}", ATOM

    def _clause(self, args: tuple[Expr, ...]) -> Said:
        """Conditions, `implies`, and one of what follows."""
        given = tuple(_positive(arg) for arg in args if _is_given(arg))
        then = tuple(arg for arg in args if not _is_given(arg))
        follows = " or ".join(self._part(arg, ATOM if len(then) > 1 else OR) for arg in then)
        if not given:
            return follows or "false", OR
        if not then:
            return self._excluded(given)
        conditions = " and ".join(self._together(given))
        return f"{conditions} implies {follows}", LOOSE

    def _excluded(self, given: Sequence[Expr]) -> Said:
        """What is never so at once: if some of it is so, something else is not."""
        simple = [place for place, arg in enumerate(given) if _is_simple(arg)]
        if len(given) == 1:
            return self._denied(given[0])
        if not simple:
            return f"not ({' and '.join(self._together(given))})", ATOM
        last = given[simple[-1]]
        given = [arg for arg in given if arg is not last]
        denied = _within(self._denied(last), ATOM)
        return f"{' and '.join(self._together(given))} implies {denied}", LOOSE

    def _together(self, args: Sequence[Expr]) -> list[str]:
        """What is so at once. What a comparison needs is not said beside it."""
        flat = tuple(
            part for arg in args for part in (arg.args if isinstance(arg, And) else (arg,))
        )
        known = {arg: needs(arg) if set(needs(arg)) <= set(flat) else () for arg in flat}
        unsaid = {of for arg in flat for of in _implied(arg, known[arg])}
        left = [arg for arg in flat if arg not in unsaid]
        found: list[str] = []
        for place, arg in enumerate(left):
            writer = self.where(known[arg])
            match left[place - 1] if place else None, arg:
                case Le(Lit() as least, same), Le(number, most) if number == same:
                    low = writer._beside(number, least)
                    found[-1] = f"{low} <= {writer._compared(number, '<=', most)}"
                case _:
                    found.append(writer._part(arg))
        return found or ["true"]

    def _same(self, left: Expr, right: Expr, no: str = "") -> Said:
        name, keys = self.chain(left)
        who = None if name is None else self.places.stands(name, keys)
        if who is not None and name is not None and isinstance(right, Lit):
            step = self.places.step(name, str(right.value))
            if step == IDLE:
                return f"{who} is{no} idle", ATOM
            return f"{who} {'does not stand' if no else 'stands'} at {step}", ATOM
        timed = self._due(left, right)
        if timed is not None:
            return f"{timed[0]} is{no} {timed[1]}", ATOM
        return f"{self.operand(left)} is{no} {self._beside(left, right)}", ATOM

    def _due(self, left: Expr, right: Expr) -> tuple[str, str] | None:
        """A timer that is on, and what is left of it; None for anything else."""
        match left, right:
            case OrElse(timer), Lit(Int(), int() as value) if IsSome(timer) in self.there:
                pass
            case timer, Some(Lit(Int(), int() as value)):
                pass
            case _:
                return None
        if not self.is_timer(timer):
            return None
        said = self.literals.show(Lit(Int(value, value), value), duration(inner(self.shape(timer))))
        return (f"left({self.value(timer)})", said) if value else (self.value(timer), "due")

    def _compared(self, left: Expr, sign: str, right: Expr) -> str:
        return f"{self.operand(left)} {sign} {self._beside(left, right)}"

    def _beside(self, left: Expr, right: Expr) -> str:
        """A literal is shown as what it stands beside is."""
        shape = self.shape(left)
        match right:
            case Some(Lit() as one) if not isinstance(one.sort, Opt):
                return self.literals.show(one, duration(inner(shape)))
            case Some(arg) if not isinstance(sort_of(arg), Opt):
                return self.value(arg)
            case Lit():
                return self.literals.show(right, duration(shape))
            case _:
                return self.operand(right)

    def _member(self, elem: Expr, of: Expr, no: str = "") -> str:
        """An element of a set; one of several values."""
        match elem, of:
            case Lit(), _:
                return f"{self.literals.show(elem, inner(self.shape(of)))} {no}in {self.value(of)}"
            case _, Lit(Set(sort), frozenset() as members):
                inside = sorted(members, key=lambda one: index_of(sort, one))
                shown = ", ".join(self._beside(elem, Lit(sort, one)) for one in inside)
                return f"{self.operand(elem)} {no}in {{{shown}}}"
            case _:
                return f"{self.value(elem)} {no}in {self.value(of)}"

    # ---- quantifiers ---------------------------------------------------------------------------

    def _quantified(self, expr: Quant) -> Said:
        kind, binders = expr.kind, [expr.binder]
        body = expr.body
        while isinstance(body, Quant) and body.kind is kind:
            if body.binder.name in [binder.name for binder in binders]:
                break
            binders.append(body.binder)
            body = body.body
        links = Links(self.lens, tuple(binders))
        inside = self.beyond([binder.name for binder in binders])
        names, apart = "", False
        if kind is QuantKind.ALL:
            body, linked, apart = links.without(body)
            names = "".join(_of(group, len(binders), inside.bound) for group in linked)
        said = f"{inside.bindings(binders, apart)}{names}"
        return f"{kind.value} {said} | {inside.truth(body)[0]}", LOOSE


def _is_given(part: Expr) -> bool:
    """Is this a condition in a clause: a negation, or that two are not the same?"""
    match part:
        case Not() | Eq(Local(), Local()):
            return True
        case _:
            return False


def _least(number: Expr) -> int | None:
    """The least value of a number that is always there."""
    sort = sort_of(number)
    return sort.lo if isinstance(sort, Int) and not needs(number) else None


def _is_simple(part: Expr) -> bool:
    """Is it one word less to say that this is not so?"""
    return isinstance(part, Eq | Le | Lt | IsSome | Contains) and not needs(part)


def _positive(part: Expr) -> Expr:
    return part.arg if isinstance(part, Not) else Not(part)


def _implied(comparison: Expr, known: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """What need not be said beside a comparison, since it is false without. Two that are missing
    are the same, so of one of two it is said that it is there."""
    if isinstance(comparison, Eq) and needs(comparison.right):
        return tuple(of for of in known if of not in needs(comparison.left))
    return known


def _of(group: Named, all_of_them: int, bound: Mapping[str, str]) -> str:
    """Which of the objects have one name."""
    if len(group.objects) == all_of_them:
        return f" of one {group.label}"
    return f", {' and '.join(bound[name] for name in group.objects)} of one {group.label}"


__all__ = ["plain"]
