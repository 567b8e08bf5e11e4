"""What cubes become when interchangeable identities change places.

`passes.symmetry` says which those are; a clause about some is as likely to be of use about the
others. Images are candidates: whoever gets one asks the solver about it. Next: `pdr`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Final

from kspec.engines.smt.atoms import Atom, Place
from kspec.engines.smt.space import Cube, Literal, Space
from kspec.ir.expr import At, Contains, Expr, Get, GetField, IsSome, Len, Lit, OrElse, Ref
from kspec.ir.passes.namesakes import Joint
from kspec.ir.passes.symmetry import Group, Swap, moved
from kspec.ir.sorts import Enum, Id, Sort, ordinal

MOST_IMAGES: Final = 24
"""More of one cube are not made."""


def images(
    groups: Iterable[Group], space: Space, joint: Iterable[Joint] = ()
) -> Callable[[Cube], Iterable[Cube]]:
    """The function from a cube to its images under all orders of the identities in groups, and of
    namesakes; it makes them as they are asked for, without the cube itself."""
    found = (*((swap,) for swap in _swaps(groups)), *joint)
    place_of = {place.expr: n for n, place in enumerate(space.places)}
    known: list[dict[Literal, Literal | None]] = [{} for _ in found]

    def swapped(number: int, literal: Literal) -> Literal | None:
        done = known[number]
        if literal not in done:
            atom = _swapped(found[number], space.atoms[abs(literal) - 1], space.places, place_of)
            done[literal] = None if atom is None else space.literal(atom, literal > 0)
        return done[literal]

    def whole(number: int, cube: Cube) -> Cube | None:
        literals = [swapped(number, literal) for literal in cube]
        kept = [literal for literal in literals if literal is not None]
        return tuple(sorted(kept, key=abs)) if len(kept) == len(literals) else None

    def orbit(cube: Cube) -> Iterator[Cube]:
        start = tuple(sorted(cube, key=abs))
        seen, waiting = {start}, [start]
        while waiting and len(seen) < MOST_IMAGES:
            taken = waiting.pop(0)
            for number in range(len(found)):
                image = whole(number, taken)
                if image is not None and image not in seen:
                    seen.add(image)
                    waiting.append(image)
                    yield image

    return orbit


def _swaps(groups: Iterable[Group]) -> Iterator[Swap]:
    """Neighbours that change places: from those every order comes about."""
    for group in groups:
        names = group.names or (None,) * len(group.places)
        for (a, one), (b, other) in pairwise(zip(group.places, names, strict=True)):
            both = (one, other) if one is not None and other is not None else None
            yield Swap(group.kind, (a, b), both)


def _swapped(
    swaps: Joint, atom: Atom, places: tuple[Place, ...], place_of: dict[Expr, int]
) -> Atom | None:
    """The atom after swaps, one after another; None where no place is left that it is about."""
    at = _place_after(swaps, atom.place, places, place_of)
    if at is None:
        return None
    if atom.beside is not None:
        beside = _place_after(swaps, atom.beside, places, place_of)
        return None if beside is None else Atom(at, atom.at_most, 0, beside)
    sort, value = places[atom.place].sort, atom.value
    for swap in swaps:
        value = _value_after(swap, sort, value)
    return Atom(at, atom.at_most, value)


def _place_after(
    swaps: Joint, place: int, places: tuple[Place, ...], place_of: dict[Expr, int]
) -> int | None:
    expr = places[place].expr
    for swap in swaps:
        expr = _moved(swap, expr)
    return place_of.get(expr)


def _value_after(swap: Swap, sort: Sort, value: int) -> int:
    match sort:
        case Id():
            new = moved(swap, sort, value)
            assert isinstance(new, int)
            return new
        case Enum(_, cases):
            return ordinal(sort, moved(swap, sort, cases[value]))
        case _:
            return value


def _moved(swap: Swap, expr: Expr) -> Expr:
    """A place's expression after the swap."""
    match expr:
        case Get(arg, Lit(sort, value)):
            return Get(_moved(swap, arg), Lit(sort, moved(swap, sort, value)))
        case Contains(arg, Lit(sort, value)):
            return Contains(_moved(swap, arg), Lit(sort, moved(swap, sort, value)))
        case GetField(arg, name):
            return GetField(_moved(swap, arg), name)
        case OrElse(arg, default):
            return OrElse(_moved(swap, arg), default)
        case At(arg, index, default):
            return At(_moved(swap, arg), index, default)
        case IsSome(arg):
            return IsSome(_moved(swap, arg))
        case Len(arg):
            return Len(_moved(swap, arg))
        case Ref():
            return expr
        case _:
            raise AssertionError(expr)


__all__ = ["images"]
