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
from kspec.ir.passes.symmetry import Group, Swap, moved
from kspec.ir.sorts import Bool, Enum, Id, ordinal

MOST_IMAGES: Final = 24
"""More of one cube are not made."""


def images(groups: Iterable[Group], space: Space) -> Callable[[Cube], Iterable[Cube]]:
    """The function from a cube to its images under all orders of the identities in groups; it makes
    them as they are asked for, without the cube itself."""
    found = tuple(_swaps(groups))
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
    swap: Swap, atom: Atom, places: tuple[Place, ...], place_of: dict[Expr, int]
) -> Atom | None:
    place = places[atom.place]
    at = place_of.get(_moved(swap, place.expr))
    if at is None:
        return None
    value = atom.value
    match place.sort:
        case Id():
            new = moved(swap, place.sort, value)
            assert isinstance(new, int)
            value = new
        case Enum(_, cases):
            value = ordinal(place.sort, moved(swap, place.sort, cases[value]))
        case Bool():
            pass
        case _:
            pass
    return Atom(at, atom.at_most, value)


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
