"""Clauses as formulas of the IR, said of all objects where they were found of some.

A clause about `pod-0` and `pod-1` becomes one about every two Pods, one about a node and its lease
one about every two of one name; whether that is an invariant too is for whoever proves it, and so
is the choice between both. Clauses that differ only in which objects they speak of become the same
formula. After Goel and Sakallah (2021). No solver is known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations, permutations
from typing import Final, TypeAlias, final

from kspec.base.record import frozen
from kspec.engines.smt.atoms import Atom, Place, meant
from kspec.ir.build import conj, disj, neg
from kspec.ir.expr import (
    And,
    At,
    Binder,
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
    OrElse,
    Quant,
    QuantKind,
    Ref,
    Some,
)
from kspec.ir.passes.namesakes import Names
from kspec.ir.sorts import Enum, Id, Map

Said: TypeAlias = tuple[tuple[Expr, bool], ...]
"""A cube: expressions that are so, or not."""
NAMELESS: Final = Names(())


@final
@frozen
class Lemma:
    """A formula that may be an invariant; `instances` are what it was found from."""

    body: Expr
    instances: tuple[Expr, ...]


def cube_of(places: tuple[Place, ...], atoms: list[Atom], cube: tuple[int, ...]) -> Said:
    """What the literals of a cube say."""
    found = ((atoms[abs(x) - 1], x > 0) for x in cube)
    return tuple((meant(places, atom), is_so) for atom, is_so in found)


def clause(said: Said) -> Expr:
    """The clause that excludes a cube: conditions first, then what follows from them."""
    given = [neg(expr) for expr, is_so in said if is_so]
    return disj((*given, *(expr for expr, is_so in said if not is_so)))


def lemmas(cubes: Iterable[Said], names: Names = NAMELESS) -> tuple[Lemma, ...]:
    """The clauses that exclude cubes, of all objects of their kinds; each once, in order."""
    found: dict[Expr, list[Expr]] = {}
    for said in cubes:
        linked = (*said, *_links(said, names))
        found.setdefault(_generalised(linked), []).append(clause(said))
    return tuple(Lemma(body, tuple(instances)) for body, instances in found.items())


# ---- objects -----------------------------------------------------------------------------------


def _generalised(said: Said) -> Expr:
    """The clause of every choice of different objects in place of those that a cube names."""
    objects = _all_objects(said)
    kinds = tuple(sorted({sort for sort, _ in objects}, key=lambda sort: sort.kind))
    if not objects:
        return clause(_sorted(said))
    best: tuple[str, Said, Mapping[_Object, Local]] | None = None
    for names in _namings(kinds, objects):
        renamed = _sorted(tuple((_replaced(expr, names), is_so) for expr, is_so in said))
        key = repr(renamed)
        if best is None or key < best[0]:
            best = key, renamed, names
    assert best is not None
    _, renamed, names = best
    return _quantified(clause(renamed), tuple(names.values()))


_Object: TypeAlias = tuple[Id, int]


def _all_objects(said: Said) -> tuple[_Object, ...]:
    return tuple(dict.fromkeys(o for expr, _ in said for o in _objects(expr)))


def _links(said: Said, names: Names) -> Iterator[tuple[Expr, bool]]:
    """Which of the objects of different kinds have one name, and which have not."""
    bearing: dict[tuple[Enum, str], list[_Object]] = {}
    for sort, place in _all_objects(said):
        named = names.name(sort, place)
        if named is not None:
            bearing.setdefault(named, []).append((sort, place))
    for first, *others in bearing.values():
        for other in others:
            yield Eq(_name(other, names), _name(first, names)), True
    for (one, mine), (two, theirs) in combinations(bearing.items(), 2):
        if one[0] == two[0] and not _kinds(mine) & _kinds(theirs):
            yield Eq(_name(theirs[0], names), _name(mine[0], names)), False


def _kinds(objects: Iterable[_Object]) -> set[str]:
    return {sort.kind for sort, _ in objects}


def _name(one: _Object, names: Names) -> Expr:
    sort, place = one
    key = names.key(sort)
    assert key is not None
    return Get(Ref(key.constant, Map(key.kind, key.names)), Lit(sort, place))


def _namings(
    kinds: tuple[Id, ...], objects: tuple[_Object, ...]
) -> Iterator[Mapping[_Object, Local]]:
    """Ways to call objects by variables of their kinds."""
    if not kinds:
        yield {}
        return
    first, rest = kinds[0], kinds[1:]
    mine = tuple(o for o in objects if o[0] == first)
    letter = _letter(first, {sort for sort, _ in objects} - {first})
    orders = permutations(mine) if len(mine) <= 4 else iter((mine,))
    for order in orders:
        numbered = {o: Local(f"{letter}{n or ''}", first) for n, o in enumerate(order)}
        for others in _namings(rest, objects):
            yield {**numbered, **others}


def _letter(kind: Id, others: Iterable[Id]) -> str:
    """What objects of a kind are called: as short as tells kinds apart."""
    name, lower = kind.kind.lower(), [other.kind.lower() for other in others]
    for size in range(1, len(name) + 1):
        if not any(other.startswith(name[:size]) for other in lower):
            return name[:size]
    return f"{kind.kind}~"  # no word that anything else is called


def _quantified(body: Expr, names: tuple[Local, ...]) -> Expr:
    same: list[Expr] = []
    for n, one in enumerate(names):
        same += [Eq(other, one) for other in names[:n] if other.sort == one.sort]
    whole = disj((*same, body))
    for name in reversed(names):
        whole = Quant(QuantKind.ALL, Binder(name.name, name.sort), whole)
    return whole


def _sorted(said: Said) -> Said:
    return tuple(sorted(said, key=lambda pair: (not pair[1], repr(pair[0]))))


def _objects(expr: Expr) -> Iterator[_Object]:
    """The objects that an atom names; what stands where nothing is is not named."""
    match expr:
        case Get(arg, key):
            yield from (*_objects(arg), *_objects(key))
        case Contains(arg, elem):
            yield from (*_objects(arg), *_objects(elem))
        case Eq(left, right) | Le(left, right) | Lt(left, right):
            yield from (*_objects(left), *_objects(right))
        case And(args):
            for arg in args:
                yield from _objects(arg)
        case OrElse(arg, _) | GetField(arg, _) | At(arg, _, _):
            yield from _objects(arg)
        case Some(arg) | IsSome(arg) | Len(arg):
            yield from _objects(arg)
        case Lit(Id() as sort, int() as value):
            yield sort, value
        case _:
            pass


def _replaced(expr: Expr, names: Mapping[_Object, Local]) -> Expr:
    """An atom with variables in place of objects."""

    def inner(arg: Expr) -> Expr:
        return _replaced(arg, names)

    match expr:
        case Get(arg, key):
            return Get(inner(arg), inner(key))
        case Contains(arg, elem):
            return Contains(inner(arg), inner(elem))
        case Eq(left, right):
            return Eq(inner(left), inner(right))
        case Le(left, right):
            return Le(inner(left), inner(right))
        case Lt(left, right):
            return Lt(inner(left), inner(right))
        case And(args):
            return conj(map(inner, args))
        case OrElse(arg, default):
            return OrElse(inner(arg), default)
        case GetField(arg, name):
            return GetField(inner(arg), name)
        case At(arg, index, default):
            return At(inner(arg), index, default)
        case Some(arg):
            return Some(inner(arg))
        case IsSome(arg):
            return IsSome(inner(arg))
        case Len(arg):
            return Len(inner(arg))
        case Lit(Id() as sort, int() as value):
            return names.get((sort, value), expr)
        case _:
            return expr


__all__ = ["Lemma", "Said", "clause", "cube_of", "lemmas"]
