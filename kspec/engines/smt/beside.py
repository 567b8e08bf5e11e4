"""Which places of a state are compared with each other when lemmas are sought.

Two timers of one machine, what somebody saw of a pod and what it is: an invariant that says which
is the greater, or that both are the same, takes a clause a value without such atoms. Compared is
what has one owner: an object with its namesakes. No solver is known here. Next: `atoms`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Final, TypeAlias

from kspec.engines.smt.atoms import Atom, Place
from kspec.ir.expr import Expr, Get, GetField, IsSome, Lit, OrElse, Ref
from kspec.ir.passes.namesakes import Names
from kspec.ir.sorts import Enum, Id, Int, Sort

MOST_PAIRS: Final = 600
"""With more pairs than this no places are compared."""

Owner: TypeAlias = "tuple[tuple[str, str], ...]"
Pair: TypeAlias = tuple[int, int]


def pairs(places: tuple[Place, ...], names: Names) -> tuple[Pair, ...]:
    """The places that are compared, by number."""
    alike: dict[tuple[Owner, object], list[int]] = {}
    for number, place in enumerate(places):
        whose, family = owner(place.expr, names), _family(place)
        if whose and family is not None:
            alike.setdefault((whose, family), []).append(number)
    found = tuple(pair for group in alike.values() for pair in combinations(group, 2))
    return found if len(found) <= MOST_PAIRS else ()


def compared(
    places: tuple[Place, ...], pair: Pair, left: int, right: int
) -> Iterator[tuple[Atom, bool]]:
    """What is to be said of two places that have these values: atoms, and whether they are so."""
    one, other = pair
    if isinstance(places[one].sort, Int):
        yield Atom(one, True, 0, other), left <= right
        yield Atom(other, True, 0, one), right <= left
    else:
        yield Atom(one, False, 0, other), left == right


def _family(place: Place) -> object | None:
    """What is compared with what: values of one sort; timers, whatever their ranges."""
    match place.sort, place.expr:
        case Int(), OrElse():
            return "optional"
        case Int() | Enum() | Id(), _:
            return place.sort
        case _:
            return None


def owner(expr: Expr, names: Names) -> Owner | None:
    """Whose place it is; None for what is in no object, or is one of many."""
    match expr:
        case Ref():
            return ()
        case Get(arg, Lit(sort, value)):
            of = owner(arg, names)
            # What is looked up by a record, an option or a set belongs to nobody.
            if of is None or not isinstance(value, int | str):
                return None
            return (*of, _called(sort, value, names))
        case OrElse(arg, _) | GetField(arg, _) | IsSome(arg):
            return owner(arg, names)
        case _:
            return None


def _called(sort: Sort, value: int | str, names: Names) -> tuple[str, str]:
    match sort:
        case Id() if isinstance(value, int):
            named = names.name(sort, value)
            return (sort.kind, str(value)) if named is None else (named[0].name, named[1])
        case Enum(name):
            return name, str(value)
        case _:
            return repr(sort), str(value)


__all__ = ["MOST_PAIRS", "Pair", "compared", "owner", "pairs"]
