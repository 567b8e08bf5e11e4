"""Is a system made for a size, or does it say the same of every number of objects of some kinds?

A scope is laid out: first the objects that are written, then copies of them, then places that are
free. `erased` takes the numbers out of a system: what maps over such a kind say of the places
becomes what they say of each written object and of nobody. Where two sizes leave the same, nothing
in the system was made for either. Nothing here may decide what is true.
Next: `kspec.engines.anysize`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias, final

from kspec.base.record import frozen
from kspec.base.source import Span
from kspec.ir.expr import (
    Binder,
    Expr,
    Fold,
    Lit,
    Local,
    MakeRecord,
    MakeSeq,
    MakeSet,
    Old,
    Put,
    Ref,
)
from kspec.ir.rewrite import bound, bound_names, children
from kspec.ir.sorts import Id, Int, Map, Opt, Record, Seq, Set, Sort, Value
from kspec.ir.system import Index, Invariant, Occurrence, Reachable, System, Update

Shape: TypeAlias = "tuple[Any, ...]"


@final
@frozen
class Endless:
    """A kind without end, and how a scope of it is laid out: `written` objects, `copies` of them
    in turn, `spare` places where nobody is at the start."""

    kind: str
    written: int
    copies: int
    spare: int

    @property
    def size(self) -> int:
        """How many places there are."""
        return self.written + self.copies + self.spare

    def profile(self, place: int) -> int:
        """Which written object a place begins like; `written` for none."""
        if place < self.written:
            return place
        if place < self.written + self.copies:
            return (place - self.written) % self.written
        return self.written


class MadeForSize(Exception):
    """A part of a system was made for a certain number of objects."""

    def __init__(self, what: str, span: Span | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.span = span


Kinds: TypeAlias = Mapping[str, Endless]


def mentions(sort: Sort, kinds: Kinds) -> bool:
    """Is there an identity of one of the kinds in the values of a sort, or in a map's keys?"""
    match sort:
        case Id(kind, _):
            return kind in kinds
        case Opt(of) | Set(of) | Seq(of, _):
            return mentions(of, kinds)
        case Record(_, fields):
            return any(mentions(s, kinds) for _, s in fields)
        case Map(key, value):
            return mentions(key, kinds) or mentions(value, kinds)
        case _:
            return False


def by_profile(of: Endless, values: tuple[Any, ...]) -> tuple[Any, ...]:
    """What a map over a kind says of each written object, then of nobody where there is room."""
    found: dict[int, Any] = {}
    for place, value in enumerate(values):
        if found.setdefault(of.profile(place), value) != value:
            raise MadeForSize(
                f"a table tells {of.kind} number {place} from the one it is a copy of"
            )
    return tuple(found[n] for n in sorted(found))


def erased_sort(sort: Sort, kinds: Kinds) -> Sort:
    """A sort without the sizes of kinds."""
    match sort:
        case Id(kind, _):
            return Id(kind, 0) if kind in kinds else sort
        case Opt(of):
            return Opt(erased_sort(of, kinds))
        case Set(of):
            return Set(erased_sort(of, kinds))
        case Seq(of, cap):
            return Seq(erased_sort(of, kinds), cap)
        case Record(name, fields):
            return Record(name, tuple((n, erased_sort(s, kinds)) for n, s in fields))
        case Map(key, value):
            return Map(erased_sort(key, kinds), erased_sort(value, kinds))
        case _:
            return sort


def erased_value(sort: Sort, value: Value, kinds: Kinds) -> Any:
    """A value without the sizes of kinds."""
    if not mentions(sort, kinds):
        return value
    match sort, value:
        case Opt(of), (inner,):
            return (erased_value(of, inner, kinds),)
        case Record(_, fields), tuple():
            pairs = zip(fields, value, strict=True)
            return tuple(erased_value(s, v, kinds) for (_, s), v in pairs)
        case Set(of), frozenset():
            return frozenset(erased_value(of, v, kinds) for v in value)
        case Seq(of, _), tuple():
            return tuple(erased_value(of, v, kinds) for v in value)
        case Map(key, of), tuple():
            inside = tuple(erased_value(of, v, kinds) for v in value)
            if isinstance(key, Id) and key.kind in kinds:
                return by_profile(kinds[key.kind], inside)
            return inside
        case _:
            return value


@final
class Eraser:
    """Takes the sizes out of expressions, each once."""

    def __init__(self, kinds: Kinds) -> None:
        self.kinds = kinds
        self._done: dict[Expr, Any] = {}

    def expr(self, expr: Expr) -> Any:
        """The form of an expression that has no sizes in it."""
        if expr not in self._done:
            self._done[expr] = self._made(expr)
        return self._done[expr]

    def _made(self, expr: Expr) -> Any:
        inside = tuple(self.expr(child) for child in children(expr))
        return (type(expr).__name__, *self._own(expr), *inside)

    def _own(self, expr: Expr) -> Iterator[Any]:
        kinds = self.kinds
        match expr:
            case Lit(sort, value):
                yield erased_sort(sort, kinds)
                yield erased_value(sort, value, kinds)
            case Ref(name, sort) | Old(name, sort):
                yield from (name, erased_sort(sort, kinds))
            case Local(name, sort):
                # What a count may come to depends on the size, and says nothing.
                yield from (name, None if isinstance(sort, Int) else erased_sort(sort, kinds))
            case MakeRecord(sort, _):
                yield erased_sort(sort, kinds)
            case MakeSet(of, _) | MakeSeq(of, _):
                yield erased_sort(of, kinds)
            case _:
                for name in ("name", "op", "kind"):
                    if hasattr(expr, name):
                        yield getattr(expr, name)
                yield bound_names(expr)
                if hasattr(expr, "binder") or isinstance(expr, Fold):
                    yield tuple(self.binder(b) for b in bound(expr))

    def binder(self, binder: Binder) -> Any:
        """A binder without sizes."""
        return (binder.name, erased_sort(binder.sort, self.kinds))


def place_value(value: Expr, place: int) -> Expr | None:
    """What an initial map, written with choices for some places, says of a place; None where the
    literal under them says it."""
    while isinstance(value, Put):
        assert isinstance(value.key, Lit)
        if value.key.value == place:
            return value.value
        value = value.arg
    return None


def under(value: Expr) -> Expr:
    """The literal under the choices of an initial map."""
    while isinstance(value, Put):
        value = value.arg
    return value


def choices_of(value: Expr) -> frozenset[str]:
    """The parameters of the initial states that an expression reads."""
    own = frozenset((value.name,)) if isinstance(value, Local) else frozenset[str]()
    return own.union(*(choices_of(child) for child in children(value)))


def erased_initial(sort: Sort, value: Expr, eraser: Eraser) -> Any:
    """The first value of a variable: by profile where it is a map over a kind without end."""
    kinds = eraser.kinds
    if not (isinstance(sort, Map) and isinstance(sort.key, Id) and sort.key.kind in kinds):
        return eraser.expr(value)
    of = kinds[sort.key.kind]
    base = under(value)
    if not isinstance(base, Lit) or not isinstance(base.value, tuple):
        raise MadeForSize("the first value of a variable is no table")
    plain = [erased_value(sort.value, v, kinds) for v in base.value]
    said: list[Any] = []
    for place in range(of.size):
        chosen = place_value(value, place)
        said.append(plain[place] if chosen is None else _numberless(eraser.expr(chosen)))
    return by_profile(of, tuple(said))


def _numberless(form: Any) -> Any:
    """Choices are called after places; those of copies are choices of their own."""
    if isinstance(form, tuple) and form and form[0] == "Local":
        return ("Local", re.sub(r"\[\d+\]$", "[]", form[1]), *form[2:])
    return tuple(map(_numberless, form)) if isinstance(form, tuple) else form


def erased(system: System, kinds: Kinds) -> Iterator[tuple[str, Span | None, Any]]:
    """The parts of a system without the sizes of kinds: what, where, its form. Raises
    `MadeForSize`."""
    of = Eraser(kinds)
    for kind in kinds.values():
        sizes = [pool.size for pool in system.pools if pool.name == kind.kind]
        if sizes != [kind.size]:
            raise MadeForSize(f"there are {sizes} places for {kind.kind}, not {kind.size}")
    yield "pools", None, tuple((p.name, p.size) for p in system.pools if p.name not in kinds)
    for constant in system.constants:
        value = _said(lambda c=constant: erased_value(c.sort, c.value, kinds), constant.name, None)
        yield f"`{constant.name}`", None, (erased_sort(constant.sort, kinds), value)
    first = dict(system.init.assign)
    for v in system.variables:
        start = _said(lambda v=v: erased_initial(v.sort, first[v.name], of), v.name, None)
        yield f"`{v.name}`", None, (v.name, v.role, erased_sort(v.sort, kinds), start)
    yield "what is assumed of the start", None, of.expr(system.init.where)
    yield "what is well-formed", None, of.expr(system.well_formed)
    for action in system.actions:
        form = _said(lambda a=action: _action(a, of), action.name, action.span)
        yield f"action `{action.name}`", action.span, form
    for prop in system.properties:
        form = _said(lambda p=prop: _claim(p.claim, of), prop.name, prop.span)
        yield f"`{prop.name}`", prop.span, form


def _said(form: Any, name: str, span: Span | None) -> Any:
    try:
        return form()
    except MadeForSize as made:
        raise MadeForSize(f"`{name}`: {made.what}", made.span or span) from None


def _action(action: Any, of: Eraser) -> Any:
    return (
        tuple(map(of.binder, action.params)),
        tuple(map(of.binder, action.choices)),
        tuple((name, of.expr(expr)) for name, expr in action.lets),
        tuple(of.expr(part.expr) for part in action.guard),
        None if action.cut is None else of.expr(action.cut),
        tuple(_update(update, of) for update in action.updates),
    )


def _update(update: Update, of: Eraser) -> Any:
    path = tuple(of.expr(s.key) if isinstance(s, Index) else s.name for s in update.path)
    exprs = tuple(map(of.expr, (update.value, update.when, update.live)))
    return (update.var, path, exprs, tuple(map(of.binder, update.binders)))


def _claim(claim: Any, of: Eraser) -> Any:
    match claim:
        case Invariant(body) | Reachable(body):
            return (type(claim).__name__, of.expr(body))
        case Occurrence(cases):
            return tuple((case.action, of.expr(case.body)) for case in cases)
        case _:
            return type(claim).__name__


def difference(one: System, ones: Kinds, other: System, others: Kinds) -> MadeForSize | None:
    """The first part that two sizes of a system say differently, None if there is none."""
    try:
        left, right = tuple(erased(one, ones)), tuple(erased(other, others))
    except MadeForSize as made:
        return made
    for (what, span, a), (again, _, b) in zip(left, right, strict=False):
        if what != again or a != b:
            return MadeForSize(f"{what} is not the same for every number of objects", span)
    if len(left) != len(right):
        return MadeForSize("there are parts that only some numbers of objects have")
    return None


__all__ = [
    "Endless",
    "Kinds",
    "MadeForSize",
    "by_profile",
    "choices_of",
    "difference",
    "erased",
    "mentions",
    "place_value",
    "under",
]
