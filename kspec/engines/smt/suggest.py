"""Lemmas for a proof that does not go through: what a search for invariants suggests.

The search is of the system with births opened, which has every run of the system itself and sees no
order of identities; so nothing that it finds need be so of the system, and nothing is believed.
Next: `pdr`, which searches; `kinduction`, which proves.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias, final

from kspec.base.record import frozen
from kspec.engines.smt import pdr
from kspec.engines.smt.alone import alone
from kspec.engines.smt.atoms import TooManyPlaces
from kspec.engines.smt.encode import TooLarge
from kspec.engines.smt.images import images
from kspec.engines.smt.lemmas import Lemma, cube_of, lemmas
from kspec.engines.smt.model import model, named_goal
from kspec.engines.smt.solver import Limits
from kspec.ir.passes.births import interchangeable
from kspec.ir.passes.namesakes import joint
from kspec.ir.passes.namesakes import names as names_of
from kspec.ir.passes.symmetry import nontrivial
from kspec.ir.system import System

EASY: Final = 3_000
"""So many questions are asked before what is so of every object alone is found out."""
MOST_OPEN: Final = 24
"""So many clauses of a search that did not end are shown."""


@final
@frozen
class Suggested:
    """Lemmas with which a proof should go through."""

    lemmas: tuple[Lemma, ...]


@final
@frozen
class Bad:
    """One of what was asked about seems to be reached, in so many steps."""

    name: str
    depth: int


@final
@frozen
class Nothing:
    """No proof; `lemmas` are what the search believed when it ended, the most general first."""

    why: str
    lemmas: tuple[Lemma, ...] = ()


Suggestion: TypeAlias = Suggested | Bad | Nothing


@final
class Suggestions:
    """A search that goes on from one question to the next. `proved` are names of what is known
    of the system."""

    def __init__(self, system: System, names: Iterable[str], limits: Limits) -> None:
        asked = [p for p in system.properties if p.name in set(names)]
        opened, classes = interchangeable(system, asked)
        self.model = model(opened)
        self.limits = limits
        self._groups = nontrivial(classes)
        self._joint = joint(opened)
        self._names = names_of(opened)
        self._search: pdr.Search | None = None
        self._looked = False
        self._before = 0

    def about(self, names: Iterable[str], proved: Iterable[str], questions: int) -> Suggestion:
        """Lemmas by which none of these is reached. What is `proved` when the first question is
        asked is taken as known in all that follow."""
        try:
            search = self._begun(proved)
            goals = [g for name in names if (g := named_goal(self.model, name)) is not None]
            outcome = search.run(goals, min(questions, EASY))
            if isinstance(outcome, pdr.Open) and questions > EASY:
                self._look_alone(search)
                outcome = search.run(goals, questions - EASY)
        except (TooManyPlaces, TooLarge) as error:
            return Nothing(str(error))
        match outcome:
            case pdr.Invariant(cubes):
                return Suggested(self._said(search, cubes))
            case pdr.Reaches(name, depth):
                return Bad(name, depth)
            case pdr.Open(why, cubes):
                return Nothing(why, self._said(search, cubes)[:MOST_OPEN])

    @property
    def spent(self) -> int:
        """What it has cost so far, in the solver's units."""
        if self._search is None:
            return 0
        self._search.space.solver.settle()
        return self._before + self._search.space.solver.spent

    def _look_alone(self, search: pdr.Search) -> None:
        """Once: what is so of every object alone."""
        if not self._looked:
            self._looked = True
            found = alone(self.model, self._names, self.limits)
            self._before = found.spent
            search.believe(found.cubes)

    def _begun(self, proved: Iterable[str]) -> pdr.Search:
        if self._search is None:
            known = [g for name in proved if (g := named_goal(self.model, name)) is not None]
            groups, joint = self._groups, self._joint
            self._search = pdr.Search(
                self.model, known, self.limits, lambda space: images(groups, space, joint)
            )
        return self._search

    def _said(self, search: pdr.Search, cubes: Iterable[tuple[int, ...]]) -> tuple[Lemma, ...]:
        space = search.space
        said = (cube_of(space.places, space.atoms, cube) for cube in cubes)
        return lemmas(said, self._names)


__all__ = ["Bad", "Nothing", "Suggested", "Suggestion", "Suggestions"]
