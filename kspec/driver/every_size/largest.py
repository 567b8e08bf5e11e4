"""How large a number can get that a program makes, however many objects there are.

What is lowered leaves out what intervals decide, and a count of three places is at most 3. At a
size that is larger than every number of the program such a decision is one for all sizes. Numbers
are bounded by the text alone: the largest that is written, doubled by every sum and squared by
every product, in functions as often as they are called. What makes numbers in ways that are not
bounded here is refused. Next: `any_size`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Final, TypeAlias, final

from attrs import evolve, field

from kspec.analysis.typed import (
    Comp,
    OverKind,
    OverOption,
    OverRange,
    OverType,
    Program,
    TAction,
    TAt,
    TBinder,
    TCall,
    TComp,
    TFn,
    TFold,
    TPrim,
    TProperty,
    TUniverse,
)
from kspec.analysis.types import (
    BoolT,
    EnumT,
    IntT,
    ListT,
    MapT,
    NameT,
    OptT,
    RationalT,
    RecordT,
    SetT,
    TimerT,
    TupleT,
    Type,
    UnitT,
)
from kspec.base.node import nodes
from kspec.base.record import define, frozen
from kspec.base.source import Span
from kspec.pure.scopes.scope import Scope
from kspec.pure.values.world import Tables

MOST_PLACES: Final = 2000
"""A scope with more places than these is not made for the sake of a comparison."""


@final
@frozen
class TooMany:
    """No such size is known; `where` something is counted. In these `claims` alone, if in any."""

    why: str
    where: Span
    claims: tuple[str, ...] = ()


def margin(scope: Scope, names: tuple[str, ...]) -> int | TooMany:
    """How many copies it takes until no number of the program is as large as the number of objects
    of the named kinds: a comparison with a count is then decided at that size only if it is at
    every one."""
    found = _margin(scope, names)
    return evolve(found, claims=_counting(scope, names)) if isinstance(found, TooMany) else found


def _counting(scope: Scope, names: tuple[str, ...]) -> tuple[str, ...]:
    """The claims that count; none if anything else does."""
    program = scope.program
    found: dict[str, None] = {}
    for root in _roots(scope):
        if any(True for _ in counts(program, (root, *called(program, (root,))), names)):
            if not isinstance(root, TProperty):
                return ()
            found[root.name] = None
    return tuple(found)


def _margin(scope: Scope, names: tuple[str, ...]) -> int | TooMany:
    roots = _roots(scope)
    code = (*roots, *called(scope.program, roots))
    counted = next(counts(scope.program, code, names), None)
    if counted is None:
        return 2
    odd = next((w for root in code for w in _unbounded(root)), None)
    if odd is not None:
        return TooMany(f"a count and {odd} in one program", counted)
    written = (code, _declared(scope), scope.params, _given(scope))
    largest = max(1, *_numbers(written), *(pool.size for pool in scope.pools))
    weigh = _Weights(Tables(scope.program).functions)
    broken = any(n.denominator != 1 for n in _fractions(written))
    needed = 0
    for root in roots:
        weight = weigh.of(root)
        if weight is None:
            return TooMany("a count and a function that calls itself in one program", counted)
        sums, products = weight
        products += sums if broken else 0  # a sum of fractions multiplies what is below them
        if sums >= 32 or products >= 4:
            return TooMany(_TOO_LARGE, counted)
        needed = max(needed, 2 + 2 * int((largest * 2**sums) ** (2**products)))
    return TooMany(_TOO_LARGE, counted) if needed > MOST_PLACES else needed


_TOO_LARGE: Final = (
    "a count of a kind without end, beside numbers that are too large to tell from one"
)


# ---- what is lowered ---------------------------------------------------------------------------


def actions(scope: Scope) -> tuple[TAction, ...]:
    """What runs."""
    program = scope.program
    declared = (*(a for c in program.components for a in c.actions), *program.faults)
    return tuple(action for action in declared if action.name in scope.actions)


def _roots(scope: Scope) -> tuple[object, ...]:
    """What runs, what is judged, and what objects are valid."""
    program = scope.program
    judged = {judge.property for judge in scope.judges}
    props = (p for p in program.properties if p.name in judged)
    return (*actions(scope), *props, *program.ghosts, scope.assumes, *_declared(scope))


def _declared(scope: Scope) -> tuple[object, ...]:
    program, present = scope.program, {pool.kind for pool in scope.pools}
    kinds = (kind for kind in program.kinds if kind.name in present)
    state = ((c.instance, c.watches, c.state) for c in program.components)
    universes = nodes(program, TUniverse)
    values = (u.value for u in program.universes) if any(True for _ in universes) else ()
    return (*kinds, *program.records, *state, *values)


def _given(scope: Scope) -> tuple[object, ...]:
    return tuple(value for obj in scope.objects for _, value in obj.fields)


def called(program: Program, roots: Iterable[object]) -> Iterator[object]:
    """The bodies of all functions that something calls."""
    functions, done, waiting = Tables(program).functions, set[str](), list(roots)
    while waiting:
        for call in nodes(waiting.pop(), TCall):
            if call.function not in done and call.function in functions:
                done.add(call.function)
                waiting.append(functions[call.function].body)
                yield functions[call.function].body


# ---- what is counted ---------------------------------------------------------------------------

_NUMERIC: Final = (
    Comp.COUNT,
    Comp.SUM,
    Comp.PRODUCT,
    Comp.ONE,
    Comp.MIN,
    Comp.MAX,
    Comp.THE,
    Comp.LEAST,
    Comp.LIST,
    Comp.SORT,
)
"""What makes a number of how many there are, or a list as long."""


def counts(program: Program, code: tuple[object, ...], names: tuple[str, ...]) -> Iterator[Span]:
    """Where objects of the kinds are counted, or sums of them made; `code` is all there is."""
    scaling = _Scaling(program, names)
    gathered = any(scaling.is_gathered(root) for root in code)
    for root in code:
        for comp in nodes(root, TComp):
            if comp.kind in _NUMERIC and any(scaling.may_grow(b, gathered) for b in comp.binders):
                yield comp.span
        for at in nodes(root, TAt):
            if scaling.holds_objects(at.arg.type):
                yield at.span
        for fold in nodes(root, TFold):
            if gathered or scaling.holds_objects(fold.source.type):
                yield fold.span
        for prim in nodes(root, TPrim):
            if prim.op == "age" or _is_measured(prim, scaling, gathered):
                yield prim.span


def _is_measured(prim: TPrim, scaling: _Scaling, gathered: bool) -> bool:
    """Is a number of elements seen: by asking for it, or by the places that a list has?"""
    types = [arg.type for arg in prim.args if scaling.holds_objects(arg.type)]
    if prim.op in ("size", "len") and gathered:
        return True
    is_list = prim.op in ("size", "len", "values") or any(isinstance(t, ListT) for t in types)
    return is_list and bool(types)


_GATHERING: Final = (Comp.UNION, Comp.SET, Comp.LIST, Comp.MAP, Comp.SORT)


@final
@frozen
class _Scaling:
    """What has more elements where there are more objects of the kinds."""

    program: Program
    names: tuple[str, ...]

    def may_grow(self, binder: TBinder, gathered: bool) -> bool:
        """Does a name stand for more values then? `gathered`: some collection is made of them."""
        match binder.over:
            case OverKind(kind):
                return kind in self.names
            case OverRange() | OverOption():
                return False
            case _:
                return self.holds_objects(binder.type) or (gathered and not _is_plain(binder.type))

    def is_gathered(self, root: object) -> bool:
        """Is a collection made of them that does not hold them, so that it does not show by its
        type that it is as long as they are many?"""
        by_comp = (
            any(self.may_grow(b, False) for b in comp.binders)
            for comp in nodes(root, TComp)
            if comp.kind in _GATHERING and not self.holds_objects(comp.type)
        )
        by_map = (
            any(self.holds_objects(arg.type) for arg in prim.args)
            for prim in nodes(root, TPrim)
            if prim.op in ("keys", "values") and not self.holds_objects(prim.type)
        )
        return any(by_comp) or any(by_map)

    def holds_objects(self, type_: Type, seen: frozenset[str] = frozenset()) -> bool:
        """May an object be a value of it, or a part of one?"""
        match type_:
            case BoolT() | IntT() | EnumT() | UnitT() | NameT() | RationalT() | TimerT():
                return False
            case OptT(of) | SetT(of) | ListT(of):
                return self.holds_objects(of, seen)
            case MapT(key, value):
                return self.holds_objects(key, seen) or self.holds_objects(value, seen)
            case TupleT(parts):
                return any(self.holds_objects(part, seen) for part in parts)
            case RecordT(name) if name in seen:
                return False
            case RecordT(name):
                fields = [f for r in self.program.records if r.name == name for f in r.fields]
                known = any(r.name == name for r in self.program.records)
                inside = (self.holds_objects(f.type, seen | {name}) for f in fields)
                return not known or any(inside)
            case _:
                return True


def _is_plain(type_: Type) -> bool:
    """Are there as many values of it, whatever there is in the world?"""
    match type_:
        case BoolT() | IntT() | EnumT() | UnitT():
            return True
        case OptT(of) | SetT(of):
            return _is_plain(of)
        case TupleT(parts):
            return all(map(_is_plain, parts))
        case _:
            return False


# ---- how large ---------------------------------------------------------------------------------

_STRANGE: Final = ("length", "split", "values", "keys", "age")


def _unbounded(root: object) -> Iterator[str]:
    """What makes numbers, or collections, of which nothing is known here."""
    if any(True for _ in nodes(root, TFold)):
        yield "a fold"
    for prim in nodes(root, TPrim):
        if prim.op in _STRANGE or prim.op.startswith("json"):
            yield f"`{prim.op}`"
    for comp in nodes(root, TComp):
        if comp.kind is Comp.PRODUCT:
            yield "a product of many"
    for binder in nodes(root, TBinder):
        if isinstance(binder.over, OverType) and not _is_plain(binder.over.type):
            yield "a range over all names or objects"


@final
@define
class _Weights:
    """How many sums and products a part of the program makes; None if there is no end to it."""

    functions: Mapping[str, TFn]
    known: dict[str, Weight | None] = field(factory=dict)

    def of(self, root: object) -> Weight | None:
        """With all that it calls, as often as it calls it."""
        sums, products = 0, sum(_gathered(comp) for comp in nodes(root, TComp))
        for prim in nodes(root, TPrim):
            if prim.op in ("+", "-", "++", "union"):
                sums += max(1, len(prim.args) - 1)
            elif prim.op in ("*", "div", "/"):
                products += max(1, len(prim.args) - 1)
        for call in nodes(root, TCall):
            more = self._function(call.function)
            if more is None:
                return None
            sums, products = sums + more[0], products + more[1]
        return sums, products

    def _function(self, name: str) -> Weight | None:
        if name not in self.functions:
            return 0, 0
        if name not in self.known:
            self.known[name] = None  # as long as it is being looked at
            self.known[name] = self.of(self.functions[name].body)
        return self.known[name]


Weight: TypeAlias = "tuple[int, int]"

_JUDGING: Final = (Comp.ALL, Comp.SOME, Comp.NO, Comp.ONE, Comp.THE, Comp.FIRST, Comp.LEAST)


def _gathered(comp: TComp) -> int:
    """How many numbers are multiplied where all bindings of a comprehension are put together."""
    if comp.kind in _JUDGING:
        return 0
    ranges = sum(_parts(binder.type) for binder in comp.binders)
    return ranges if comp.kind is Comp.SUM else ranges - 1


def _parts(type_: Type) -> int:
    match type_:
        case OptT(of) | SetT(of):
            return 1 + _parts(of)
        case TupleT(parts):
            return sum(map(_parts, parts))
        case _:
            return 1


def _numbers(root: object) -> Iterator[int]:
    """All numbers in trees, types and values, and how many things stand together."""
    todo = [root]
    while todo:
        one = todo.pop()
        match one:
            case bool() | str() | None:
                continue
            case int():
                yield abs(one)
            case Fraction():
                yield max(abs(one.numerator), one.denominator) ** 2
            case EnumT():
                yield len(one.cases)
            case tuple() | frozenset() | Mapping():
                yield len(one)
        todo.extend(_inside(one))


def _inside(one: object) -> Iterator[object]:
    """The parts of a tree, a type or a value."""
    if isinstance(one, Mapping):
        yield from one.items()
    elif isinstance(one, tuple | frozenset):
        yield from one
    elif not isinstance(one, Span):
        for member in getattr(type(one), "__attrs_attrs__", ()):
            yield getattr(one, member.name)


def _fractions(root: object) -> Iterator[Fraction]:
    todo = [root]
    while todo:
        one = todo.pop()
        if isinstance(one, Fraction):
            yield one
        todo.extend(_inside(one))


__all__ = ["MOST_PLACES", "TooMany", "actions", "called", "counts", "margin"]
