"""What must have no solution for a proof to be one, as SMT-LIB scripts.

For each group of claims, in order: runs from the initial states in which one of them is false
within the first `k` states; and runs of `k` steps between different states, in which all of them
and of earlier groups are true but for the end. Nothing of the engines is used, `semantics` neither.
Next: `recheck`, which has the scripts decided.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Final, final

from kspec.base.record import frozen
from kspec.certify.formulas import Leaf, Script, Sym, lift
from kspec.certify.meaning import Act, Meaning, Names, can
from kspec.ir.expr import Local, Old, Or, Ref
from kspec.ir.sorts import Sort
from kspec.ir.system import Implicit, Invariant, NoDeadlock, Occurrence, Reachable, System
from kspec.verdict.answer import Induction

WELL_FORMED: Final = "$well-formed"
CUT: Final = "$cut "

MOST_STEPS: Final = 1000
"""Whoever checks a certificate does not go further, whatever it asks for."""

_IMPLICIT: Final = {implicit.value: implicit for implicit in Implicit}


class Unfounded(Exception):
    """A certificate speaks of something that is no claim of the system."""


@final
@frozen
class Obligation:
    """A script that must have no solution; `what` says it for people."""

    what: str
    script: str


def obligations(system: System, groups: tuple[Induction, ...]) -> Iterator[Obligation]:
    """Everything that groups of claims rest on. Raises `Unfounded`."""
    before: tuple[str, ...] = ()
    for number, group in enumerate(groups, start=1):
        if group.k < 1 or not group.names or len(set(group.names)) != len(group.names):
            raise Unfounded(f"group {number} is not one")
        if group.k > MOST_STEPS:
            raise Unfounded(f"group {number} is about runs of more than {MOST_STEPS} steps")
        for depth in range(group.k):
            what = f"group {number}, true at the start: runs of {depth} steps"
            yield Obligation(what, _Run(system, depth, begins=True).fails(group.names))
        if group.ends:
            what = f"group {number}, no run has {group.k} steps"
            yield Obligation(what, _Run(system, group.k, begins=True).script.text())
        else:
            what = f"group {number}, stays true: {group.k} states before"
            run = _Run(system, group.k, begins=False)
            yield Obligation(what, run.fails_late(group.names, before))
        before += group.names


@final
class _Run:
    """A script about a run of so many steps: its states, and what is done in each."""

    def __init__(self, system: System, steps: int, begins: bool) -> None:
        self.system, self.script = system, Script()
        self.meaning = Meaning(self.script, {v.name: v.sort for v in system.variables})
        cuts = ((CUT + a.name, can(a, a.cut)) for a in system.actions if a.cut is not None)
        self.claims: dict[str, object] = {
            **{prop.name: prop.claim for prop in system.properties},
            **{name: Reachable(found) for name, found in cuts},
            **_IMPLICIT,
            WELL_FORMED: Invariant(system.well_formed),
        }
        constants = {(Ref, c.name): lift(c.sort, c.value) for c in system.constants}
        states = [
            [((Ref, v.name), self._any(v.sort)) for v in system.variables] for _ in range(steps + 1)
        ]
        self.worlds = [{**constants, **dict(state)} for state in states]
        self.acts = [[self.meaning.act(a, w) for a in system.actions] for w in self.worlds]
        if begins:
            self._begins(constants)
        for place in range(steps):
            self._step(place)

    def _any(self, sort: Sort) -> Sym:
        """Any value of a sort; of an empty one there is none."""
        sym = self.script.variable(sort)
        self.script.require(self.script.is_of(sort, sym))
        return sym

    def _begins(self, names: Names) -> None:
        """The first state is an initial one."""
        init, script = self.system.init, self.script
        names = {**names, **{(Local, b.name): self._any(b.sort) for b in init.params}}
        script.require(self.meaning.of(init.where, names))
        for name, expr in init.assign:
            script.require(script.equal(self.worlds[0][Ref, name], self.meaning.of(expr, names)))

    def _step(self, place: int) -> None:
        """A step to the next state: an action, or several that lead there."""
        script, after = self.script, self.worlds[place + 1]
        leads = (script.both((a.taken, script.equal(a.after, after))) for a in self.acts[place])
        script.require(script.any(leads))

    # ---- what is asked --------------------------------------------------------------------------

    def fails(self, names: tuple[str, ...], lemmas: tuple[str, ...] = ()) -> str:
        """In the last state one of these claims is false, or of what is done there."""
        last = len(self.worlds) - 1
        self.script.require(self.script.any(self._bad(name, last, lemmas) for name in names))
        return self.script.text()

    def fails_late(self, names: tuple[str, ...], lemmas: tuple[str, ...]) -> str:
        """As before, of different states; until there they are all true, and lemmas there, too."""
        s, last = self.script, len(self.worlds) - 1
        assumed = [(name, place) for place in range(last) for name in (*lemmas, *names)]
        assumed += [(name, last) for name in lemmas if name not in _IMPLICIT]
        for name, place in assumed:
            s.require(s.no(self._bad(name, place)))
        for one, other in combinations(self.worlds, 2) if last > 1 else ():
            s.require(s.no(s.equal(one, other)))
        return self.fails(names, lemmas)

    # ---- claims -------------------------------------------------------------------------------

    def _bad(self, name: str, place: int, lemmas: tuple[str, ...] = ()) -> Leaf:
        """That a claim is false of the state at a place, or of what is done there. What breaks
        something is tried, and breaks nothing that was proved before."""
        s, of, world = self.script, self.meaning.of, self.worlds[place]
        match self.claims.get(name):
            case Invariant(body):
                return s.no(of(body, world))
            case Reachable(body):
                return of(body, world)  # type: ignore[no-any-return]
            case NoDeadlock():
                return s.no(of(Or(tuple(map(can, self.system.actions))), world))
            case Implicit() as which:
                proved = [_IMPLICIT[other] for other in lemmas if other in _IMPLICIT]
                tried = ((act, (s.no(act.breaks[p]) for p in proved)) for act in self.acts[place])
                return s.any(s.both((a.tried, *whole, a.breaks[which])) for a, whole in tried)
            case Occurrence(cases):
                return s.any(
                    s.both((act.taken, s.no(of(case.body, self._stepped(act, place)))))
                    for act in self.acts[place]
                    for case in cases
                    if case.action == act.name
                )
            case _:
                raise Unfounded(f"`{name}` is no claim that is proved by induction")

    def _stepped(self, act: Act, place: int) -> Names:
        """What names stand for in what is said of a step."""
        old = {(Old, name): sym for (_, name), sym in self.worlds[place].items()}
        return {**act.names, **act.after, **old}


__all__ = ["CUT", "Obligation", "Unfounded", "WELL_FORMED", "obligations"]
