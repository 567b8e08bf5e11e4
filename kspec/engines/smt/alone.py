"""What is so of every object alone, and of its namesakes: clauses that no step breaks.

The search for lemmas learns about one state at a time, as many steps deep as it has frames; what
a timer and a counter of one machine have to do with each other shows after dozens. Here every
clause of at most three literals about one owner is believed until a start or a step from what is
believed breaks it, and then weakened. What is left is so of all reachable states; whoever uses it
proves it again. After Flanagan and Leino (2001) and Yao et al. (2021). Next: `beside` for who is
whose owner, `pdr`, which starts from what is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Any, Final, TypeAlias, final

from attrs import evolve

from kspec.base.record import frozen
from kspec.engines.smt.atoms import Atom, Place, said
from kspec.engines.smt.beside import Pair, owner
from kspec.engines.smt.flock import Flock, TooSpread
from kspec.engines.smt.model import Model
from kspec.engines.smt.solver import Limits
from kspec.engines.smt.space import Cube, Exhausted, Space
from kspec.ir.expr import Expr, Get, GetField, IsSome, Lit, OrElse
from kspec.ir.passes.namesakes import Names
from kspec.ir.sorts import Bool, Enum, Int

LONGEST: Final = 3
"""So many literals a clause has at most."""
MOST_ATOMS: Final = 64
"""With more atoms about an owner, clauses are shorter; with four times as many, there are none."""
WALKS: Final = 2
"""So often walkers begin at a start."""
STEPS: Final = 800
"""So many steps they take from there, if that is not too much."""
FURTHER: Final = 60
"""So many steps they take from where a solution leads to."""
EVERY: Final = 40
"""After so many steps what they see is looked at."""
MOST_EVALUATED: Final = 1_200_000
"""So many terms are evaluated on the way from starts."""
MOST_AT_ONCE: Final = 60_000
"""So many terms are evaluated on the way from where one solution leads to, in whole steps."""
HARDEST: Final = 50_000_000
"""What one question may cost, in z3's units."""
MOST_SPENT: Final = 50_000_000
"""What all of them may cost."""
MOST_ROUNDS: Final = 400
"""So many questions are asked about the owners of one shape."""

Spelled: TypeAlias = "tuple[tuple[Atom, bool], ...]"
"""A cube by its atoms, and whether they are so."""


@final
@frozen
class Shape:
    """Owners that are alike: for each the same atoms, in one order."""

    atoms: tuple[tuple[Atom, ...], ...]


def shapes(places: tuple[Place, ...], pairs: tuple[Pair, ...], names: Names) -> tuple[Shape, ...]:
    """The owners in a state, by what there is to be said of them."""
    of: dict[object, list[int]] = {}
    for at, place in enumerate(places):
        whose = owner(place.expr, names)
        if whose:
            of.setdefault(whose, []).append(at)
    alike: dict[tuple[str, ...], list[list[int]]] = {}
    for mine in of.values():
        mine.sort(key=lambda at: (_form(places[at].expr), at))
        alike.setdefault(tuple(_form(places[at].expr) for at in mine), []).append(mine)
    linked = frozenset(pairs)
    return tuple(
        Shape(tuple(tuple(_atoms(places, mine, linked)) for mine in owners))
        for owners in alike.values()
    )


def _form(expr: Expr) -> str:
    """A place without whose it is."""
    match expr:
        case Get(arg, Lit(sort, _)):
            return f"{_form(arg)}[{getattr(sort, 'kind', '')}]"
        case GetField(arg, name):
            return f"{_form(arg)}.{name}"
        case OrElse(arg, _):
            return f"{_form(arg)}!"
        case IsSome(arg):
            return f"{_form(arg)}?"
        case _:
            return repr(expr)


def _atoms(
    places: tuple[Place, ...], mine: Sequence[int], linked: frozenset[Pair]
) -> Iterator[Atom]:
    for at in mine:
        match places[at].sort:
            case Bool():
                yield Atom(at, False, 1)
            case Int(lo, hi):
                yield from (Atom(at, True, value) for value in sorted({lo, hi - 1}))
            case Enum(_, cases):
                yield from (Atom(at, False, value) for value in range(len(cases)))
            case _:
                pass
    for one, other in combinations(mine, 2):
        if (min(one, other), max(one, other)) in linked:
            yield Atom(one, False, 0, other)
            if isinstance(places[one].sort, Int):
                yield Atom(one, True, 0, other)
                yield Atom(other, True, 0, one)


# ---- clauses -----------------------------------------------------------------------------------


@final
class Believed:
    """The clauses of literals `0 … 2n-1` (an atom and its negation in turn) that nobody was seen to
    break, as bits; `least` are those that no other one implies. `implied[x]` are the literals that
    are so wherever `x` is, whatever the state."""

    def __init__(self, literals: int, longest: int) -> None:
        self.literals = literals
        self.all: dict[int, tuple[int, ...]] = {}
        self.least: dict[int, None] = {}
        self._weaker: list[list[int]] = [[] for _ in range(literals)]
        self._stronger: list[list[int]] = [[] for _ in range(literals)]
        for size in range(1, longest + 1):
            for chosen in combinations(range(literals), size):
                if not any(n ^ 1 in chosen for n in chosen):
                    self.all[_bits(chosen)] = chosen

    def leave(self, planes: Sequence[int], there: int) -> None:
        """Leave what walkers break: `planes` are those for whom a literal is so."""
        self.all = {
            clause: chosen
            for clause, chosen in self.all.items()
            if _anyone(planes, chosen) & there == there
        }

    def settle(self, implies: Iterable[tuple[int, int]]) -> None:
        """Find out which are the least, knowing what implies what."""
        for one, other in implies:
            self._weaker[one].append(other)
            self._stronger[other].append(one)
        self.least = {clause: None for clause in self.all if self._is_least(clause)}

    def broken(self, planes: Sequence[int], there: int) -> list[int]:
        """Those of the least that somebody breaks."""
        return [c for c in self.least if _anyone(planes, self.all[c]) & there != there]

    def weaken(self, broken: list[int]) -> None:
        """Take what weaker ones that are still believed say instead of what is believed no more."""
        for clause in broken:
            self.least.pop(clause, None)
        for clause in broken:
            for weaker in self._weakened(clause):
                if weaker in self.all and weaker not in self.least and self._is_least(weaker):
                    self.least[weaker] = None

    def _weakened(self, clause: int) -> Iterator[int]:
        for n in range(self.literals):
            if not clause >> n & 1:
                yield clause | 1 << n
            else:
                rest = clause ^ 1 << n
                for other in self._weaker[n]:
                    yield rest | 1 << other

    def _is_least(self, clause: int) -> bool:
        for n in self.all[clause]:
            rest = clause ^ 1 << n
            if rest in self.all:
                return False
            if any(rest | 1 << other in self.all for other in self._stronger[n]):
                return False
        return True


def _bits(chosen: Iterable[int]) -> int:
    return sum(1 << n for n in chosen)


def _anyone(planes: Sequence[int], chosen: tuple[int, ...]) -> int:
    found = 0
    for n in chosen:
        found |= planes[n]
    return found


# ---- questions ---------------------------------------------------------------------------------


@final
class _Thinning:
    """The clauses of one shape, thinned out. `known` are constants of what is so already."""

    def __init__(self, space: Space, shape: Shape, flock: Flock, known: list[Any]) -> None:
        self.space = space
        self.shape = shape
        self.flock = flock
        self.known = known
        size = len(shape.atoms[0])
        self.believed = Believed(2 * size, LONGEST if size <= MOST_ATOMS else LONGEST - 1)
        self.literals = [
            [
                sign
                for atom in mine
                for sign in (space.literal(atom, True), space.literal(atom, False))
            ]
            for mine in shape.atoms
        ]
        terms = space.model.terms
        self.said = [
            [said(terms, space.places, atom, False) for atom in mine] for mine in shape.atoms
        ]
        self._holds: dict[int, Any] = {}
        self._breaks: dict[int, Any] = {}
        self.rounds = 0

    def run(self) -> tuple[list[Any], list[Spelled]]:
        """What is left: constants of it, and the cubes that it excludes."""
        self.believed.settle(self._implications())
        while self._round([self.space.start], after=False):
            pass
        while self._round([self.space.taken], after=True):
            pass
        least = tuple(self.believed.least)
        return [self._held(c) for c in least], [x for c in least for x in self._spelled(c)]

    def _spelled(self, clause: int) -> Iterator[Spelled]:
        chosen = self.believed.all[clause]
        for mine in self.shape.atoms:
            yield tuple((mine[n // 2], n % 2 == 1) for n in chosen)

    # ---- walks --------------------------------------------------------------------------------

    def look(self) -> None:
        """Leave what walkers break where they are."""
        self.believed.leave(*self._planes())

    def _planes(self) -> tuple[list[int], int]:
        """For whom each literal is so, owner beside owner; and who is there."""
        flock, known = self.flock, dict(self.flock.state)
        planes, there = [0] * self.believed.literals, 0
        for number, truths in enumerate(self.said):
            shift = number * flock.walkers
            there |= flock.there << shift
            for n, truth in enumerate(truths):
                so = flock.truth(truth, known)
                planes[2 * n] |= so << shift
                planes[2 * n + 1] |= (flock.everybody & ~so) << shift
        return planes, there

    def _from(self, found: Any) -> bool:
        """Leave what is broken where a solution leads to, and on the way of many from there."""
        self.flock.begin_in(*self.space.assigned(found))
        upto = self.flock.evaluated + MOST_AT_ONCE
        any_ = False
        for n in range(FURTHER):
            if n % EVERY == 0:
                any_ = self._left(*self._planes()) or any_
            if self.flock.evaluated > upto:
                break
            self.flock.step()
        return any_

    def _left(self, planes: list[int], there: int) -> bool:
        broken = self.believed.broken(planes, there)
        if broken:
            self.believed.leave(planes, there)
            self.believed.weaken(broken)
        return bool(broken)

    # ---- questions ----------------------------------------------------------------------------

    def _implications(self) -> Iterator[tuple[int, int]]:
        """Which literals imply which, of themselves; of two that mean the same the first counts."""
        space, (first, *_) = self.space, self.literals
        for chosen in self.believed.all.values():
            if len(chosen) != 2:
                continue
            a, b = chosen
            if space.ask([space.now(-first[a]), space.now(-first[b])]) is None:
                # not a implies b, and not b implies a
                for one, other in ((a ^ 1, b), (b ^ 1, a)):
                    back = space.ask([space.now(-first[one]), space.now(first[other])]) is None
                    if not back or one < other:
                        yield one, other

    def _round(self, given: list[Any], after: bool) -> bool:
        self.rounds += 1
        self.space.solver.settle()
        if self.rounds > MOST_ROUNDS or self.space.solver.spent > MOST_SPENT:
            raise Exhausted("what is so of every object alone takes too many questions")
        space, z3 = self.space, self.space.z3
        least = tuple(self.believed.least)
        asked = space.flag("round")
        space.add([z3.Implies(asked, z3.Or([self._broken(c, after) for c in least]))])
        holds = [self._held(c) for c in least] if after else []
        found = space.ask([*given, *self.known, *holds, asked])
        space.add([z3.Not(asked)])
        if found is None:
            return False
        moved = self._from(found) if after else self._left(*self._seen(found))
        assert moved, "what breaks a clause is seen to break it"
        return True

    def _seen(self, found: Any) -> tuple[list[int], int]:
        """As `_planes`, of the one state of a solution."""
        is_true, now = self.space.z3.is_true, self.space.now
        planes = [0] * self.believed.literals
        for number, literals in enumerate(self.literals):
            for n, literal in enumerate(literals):
                planes[n] |= int(is_true(found.eval(now(literal), True))) << number
        return planes, (1 << len(self.literals)) - 1

    def _cubes(self, clause: int) -> tuple[Cube, ...]:
        numbers = [n for n in range(self.believed.literals) if clause >> n & 1]
        return tuple(tuple(-literals[n] for n in numbers) for literals in self.literals)

    def _held(self, clause: int) -> Any:
        """The constant of: no owner breaks it."""
        if clause not in self._holds:
            flag = self.space.flag("holds")
            z3 = self.space.z3
            self.space.add(z3.Implies(flag, self.space.outside(c)) for c in self._cubes(clause))
            self._holds[clause] = flag
        return self._holds[clause]

    def _broken(self, clause: int, after: bool) -> Any:
        """The constant of: some owner breaks it."""
        z3, space = self.space.z3, self.space
        if not after:
            return z3.Or([z3.And([space.now(x) for x in cube]) for cube in self._cubes(clause)])
        if clause not in self._breaks:
            flag = space.flag("breaks")
            cubes = [z3.And([space.then(x) for x in cube]) for cube in self._cubes(clause)]
            space.add([z3.Implies(flag, z3.Or(cubes))])
            self._breaks[clause] = flag
        return self._breaks[clause]


@final
@frozen
class Alone:
    """Cubes that no run reaches, all of them together; and what it cost, in the solver's units."""

    cubes: tuple[Spelled, ...]
    spent: int


def alone(model: Model, names: Names, limits: Limits) -> Alone:
    """What is so of every object alone, as far as it is found out. Raises `TooManyPlaces`."""
    limits = evolve(limits, rlimit=min(limits.rlimit, HARDEST))
    space, flock, known = Space(model, [], limits), Flock(model), list[Any]()
    found = (s for s in shapes(space.places, space.pairs, names) if _may_be_asked(s))
    thinnings = [_Thinning(space, shape, flock, known) for shape in found]
    kept: list[Spelled] = []
    try:
        _walk(flock, thinnings)
        for thinning in thinnings:
            held, cubes = thinning.run()
            known += held
            kept += cubes
    except (Exhausted, TooSpread):
        pass  # what is left of shapes before is so all the same
    space.solver.settle()
    return Alone(tuple(kept), space.solver.spent)


def _may_be_asked(shape: Shape) -> bool:
    return 1 < len(shape.atoms[0]) <= 4 * MOST_ATOMS


def _walk(flock: Flock, thinnings: list[_Thinning]) -> None:
    """Leave what is broken on the way of many from the start."""
    for walk in range(1, WALKS + 1):
        flock.begin()
        for n in range(STEPS):
            if n % EVERY == 0:
                for thinning in thinnings:
                    thinning.look()
            if flock.evaluated > MOST_EVALUATED * walk // WALKS:
                break
            flock.step()
        for thinning in thinnings:
            thinning.look()


__all__ = ["Alone", "Shape", "Spelled", "alone", "shapes"]
