"""Invariants by property-directed reachability: clauses that no run gets past.

Frame `i` holds clauses that are so of every state within `i` steps. What leads to something bad is
a cube; it is blocked by a clause of the frame before it, or leads back to the start. Clauses are
made as short as they can be, move to later frames where they stay so, and when two neighbouring
frames are the same, one of them is an invariant. After Bradley (2011) and Een, Mishchenko and
Brayton (2011); clauses get images under what is interchangeable, after Goel and Sakallah (2021).

What is found is a suggestion: `kinduction` proves it like any other claim. Next: `generalise` for
how clauses are made short, `space` for the questions.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias, final

from attrs import field

from kspec.base.record import define, frozen
from kspec.engines.smt.alone import Spelled
from kspec.engines.smt.generalise import Generaliser
from kspec.engines.smt.model import Goal, Model, OfState
from kspec.engines.smt.solver import Limits
from kspec.engines.smt.space import Cube, Exhausted, Seen, Space

QUESTIONS: Final = 40_000
"""How many questions one search may ask the solver."""


@final
@frozen
class Invariant:
    """Cubes that no run reaches; together they are inductive, and exclude what was asked about."""

    cubes: tuple[Cube, ...]


@final
@frozen
class Reaches:
    """A run to what `goal` speaks of has `depth` steps."""

    goal: str
    depth: int


@final
@frozen
class Open:
    """The search ended before that: why, and the clauses of the last frames."""

    why: str
    cubes: tuple[Cube, ...]


Outcome: TypeAlias = Invariant | Reaches | Open


@final
@define(order=True)
class _Obligation:
    """A cube to be blocked at a frame: the nearest to the start come first."""

    level: int
    number: int
    cube: Cube = field(order=False)
    distance: int = field(order=False)  # steps to what is bad
    goal: str = field(order=False)


Images: TypeAlias = Callable[[Cube], Iterable[Cube]]


def no_images(_: Space) -> Images:
    """Where nothing is interchangeable."""
    return lambda cube: ()


@final
class Search:
    """A search under way. `images` gives what a cube becomes when interchangeable identities change
    places."""

    def __init__(
        self,
        model: Model,
        lemmas: Iterable[Goal],
        limits: Limits,
        images: Callable[[Space], Images] = no_images,
    ) -> None:
        self.space = Space(model, lemmas, limits)
        self.goals: list[Goal] = []
        self.images = images(self.space)
        self.questions = 0
        self.known: list[Cube] = []  # what no run gets into, all of them together
        self._known = self.space.flag("known")
        self.frames: list[list[Cube]] = [[], []]  # by level, clauses that go no further
        self._active = [self.space.start, self.space.flag("frame")]
        self._generaliser = Generaliser(self.space, self._is_blocked)
        self._pushed = 0

    def believe(self, cubes: Iterable[Spelled]) -> None:
        """Take for granted that no run gets into these: no step leads into one from outside all."""
        space = self.space
        for spelled in cubes:
            cube = tuple(space.literal(atom, is_so) for atom, is_so in spelled)
            self.known.append(cube)
            space.add([space.z3.Implies(self._known, space.outside(cube))])

    # ---- questions about frames ---------------------------------------------------------------

    def _frame(self, level: int) -> list[Any]:
        """What is assumed in a frame."""
        active = [self._active[0]] if level == 0 else self._active[level:]
        return [*active, self._known]

    def _is_blocked(self, cube: Cube, level: int) -> Cube | None | Seen:
        """Can no step from the frame before enter the cube from outside? The part of the cube that
        is enough for that, else the state the step is from."""
        space = self.space
        outside = space.flag("outside")
        space.add([space.z3.Implies(outside, space.outside(cube))])
        asked = [*self._frame(level - 1), space.taken, outside, *(space.then(x) for x in cube)]
        found = self._ask(asked)
        if found is None:
            kept = space.enough(cube, after=True)
            space.add([space.z3.Not(outside)])
            return kept
        seen = space.seen(found)
        space.add([space.z3.Not(outside)])
        return seen

    def _ask(self, literals: list[Any]) -> Any:
        if self.space.questions >= self.questions:
            raise Exhausted("the search for lemmas asked too many questions")
        return self.space.ask(literals)

    def _begins_in(self, cube: Cube) -> bool:
        """Is there an initial state in a cube?"""
        space = self.space
        return self._ask([space.start, *(space.now(x) for x in cube)]) is not None

    # ---- the search ---------------------------------------------------------------------------

    def run(self, goals: Iterable[Goal], questions: int = QUESTIONS) -> Outcome:
        """Until it is decided whether any of these is reached, or so much more was asked. What
        earlier searches have learnt is kept: frames say nothing of goals."""
        self.goals = list(goals)
        self.questions = self.space.questions + questions
        try:
            for goal in self.goals:
                if self._ask([self.space.start, self.space.bad(goal)]) is not None:
                    return Reaches(goal.name, 0)
            while True:
                for goal in self.goals:
                    reached = self._strengthen(goal)
                    if reached is not None:
                        return reached
                self.frames.append([])
                self._active.append(self.space.flag("frame"))
                level = self._propagate()
                if level is not None:
                    return Invariant(self._needed(level))
        except Exhausted as error:
            cubes = [cube for frame in reversed(self.frames[1:]) for cube in frame]
            return Open(str(error), tuple(cubes))

    @property
    def last(self) -> int:
        """The number of the last frame."""
        return len(self.frames) - 1

    def _strengthen(self, goal: Goal) -> Reaches | None:
        """Make the last frame exclude what is bad."""
        space = self.space
        while True:
            found = self._ask([*self._frame(self.last), space.bad(goal)])
            if found is None:
                return None
            cube = self._lifted(space.seen(found), space.z3.Not(space.bad(goal)), goal)
            reached = self._block(cube, goal.name)
            if reached is not None:
                return reached

    def _lifted(self, seen: Seen, misses: Any, goal: Goal | None = None) -> Cube:
        """As few literals of a state as make what is done in it not miss."""
        space = self.space
        given = () if isinstance(goal, OfState) else seen.given
        found = self._ask([*(space.now(x) for x in seen.state), *given, misses])
        if found is not None:
            return seen.state  # what is not said of places makes a difference
        return space.enough(seen.state, after=False)

    def _before(self, seen: Seen, cube: Cube) -> Cube:
        """The states from which what was done leads into a cube."""
        space, z3 = self.space, self.space.z3
        misses = space.flag("misses")
        others = [space.then(-x) for x in cube]
        space.add([z3.Implies(misses, z3.Or(z3.Not(space.taken), *others))])
        lifted = self._lifted(seen, misses)
        space.add([z3.Not(misses)])
        return lifted

    def _block(self, cube: Cube, goal: str) -> Reaches | None:
        """Block a cube in the last frame, and whatever leads to it before."""
        queue: list[_Obligation] = []
        self._push(queue, self.last, cube, 0, goal)
        while queue:
            first = heapq.heappop(queue)
            if self._begins_in(first.cube):
                return Reaches(first.goal, first.distance)
            if self._is_known(first.cube, first.level):
                continue
            outcome = self._is_blocked(first.cube, first.level)
            if isinstance(outcome, Seen):
                if first.level == 1:
                    return Reaches(first.goal, first.distance + 1)
                before = self._before(outcome, first.cube)
                self._push(queue, first.level - 1, before, first.distance + 1, first.goal)
                heapq.heappush(queue, first)
                continue
            assert outcome is not None
            level = self._learn(first.cube, outcome, first.level)
            if level < self.last:
                self._push(queue, level + 1, first.cube, first.distance, first.goal)
        return None

    def _push(
        self, queue: list[_Obligation], level: int, cube: Cube, distance: int, goal: str
    ) -> None:
        self._pushed += 1
        heapq.heappush(queue, _Obligation(level, self._pushed, cube, distance, goal))

    def _is_known(self, cube: Cube, level: int) -> bool:
        """Does a clause of the frame exclude the whole cube?"""
        held = frozenset(cube)
        return any(held.issuperset(c) for frame in self.frames[level:] for c in frame)

    # ---- clauses ------------------------------------------------------------------------------

    def _learn(self, cube: Cube, enough: Cube, level: int) -> int:
        """Add a clause that excludes a cube, and its images; the frame it got to."""
        shorter = self._generaliser.shortened(cube, enough, level)
        while level < self.last:
            outcome = self._is_blocked(shorter, level + 1)
            if isinstance(outcome, Seen) or outcome is None:
                break
            level += 1
        self._add(shorter, level)
        for image in self.images(shorter):
            if self._is_known(image, level) or self._begins_in(image):
                continue
            if not isinstance(self._is_blocked(image, level), Seen):
                self._add(image, level)
        return level

    def _add(self, cube: Cube, level: int) -> None:
        self._say(cube, level)
        held = frozenset(cube)
        for n in range(1, level + 1):
            self.frames[n] = [c for c in self.frames[n] if not held.issubset(c)]
        self.frames[level].append(cube)
        self._generaliser.liked(cube)

    def _say(self, cube: Cube, level: int) -> None:
        space = self.space
        space.add([space.z3.Implies(self._active[level], space.outside(cube))])

    def _propagate(self) -> int | None:
        """Move clauses on; the frame that is the same as the next one, if there is one."""
        for level in range(1, self.last):
            for cube in tuple(self.frames[level]):
                if cube not in self.frames[level]:
                    continue
                outcome = self._is_blocked(cube, level + 1)
                if not isinstance(outcome, Seen):
                    self._add(cube, level + 1)
            if not self.frames[level]:
                return level
        return None

    # ---- the end ------------------------------------------------------------------------------

    def _needed(self, level: int) -> tuple[Cube, ...]:
        """The clauses of an invariant that its proof needs."""
        space, z3 = self.space, self.space.z3
        cubes = [*(cube for frame in self.frames[level:] for cube in frame), *self.known]
        flags = [space.flag("clause") for _ in cubes]
        for flag, cube in zip(flags, cubes, strict=True):
            space.add([z3.Implies(flag, space.outside(cube))])
        number = {flag.get_id(): n for n, flag in enumerate(flags)}
        needed: dict[int, None] = {}
        waiting: list[list[Any]] = [[space.bad(goal)] for goal in self.goals]
        while waiting:
            asked = waiting.pop(0)
            mine = [flags[n] for n in needed]  # those first: a solver likes what comes first
            rest = [flag for n, flag in enumerate(flags) if n not in needed]
            if space.ask([*asked, *mine]) is None:
                continue
            if space.ask([*asked, *mine, *rest]) is not None:
                return tuple(cubes)
            core = (number[i] for i in space.solver.core() if i in number)
            more = sorted(used for used in core if used not in needed)
            for used in self._fewest(more, flags, [*asked, *mine]):
                needed[used] = None
                waiting.append([space.taken, *(space.then(x) for x in cubes[used])])
        return tuple(cubes[n] for n in sorted(needed))

    def _fewest(self, more: list[int], flags: list[Any], asked: list[Any]) -> list[int]:
        """As few of these flags, by number, as are enough for what is asked to be impossible."""
        for number in tuple(reversed(more)):
            rest = [n for n in more if n != number]
            if self.space.ask([*asked, *(flags[n] for n in rest)]) is None:
                more = rest
        return more


__all__ = ["Images", "Invariant", "Open", "Outcome", "Reaches", "Search", "no_images"]
