"""What of a system need not be searched: which reductions are on, what they leave out, why not
more.

Rules: `docs/semantics.md`, "Reductions". Slicing first, then symmetry in the slice, then partial
order. Claims over
whole runs, and counts of values, are searched without either. Everything that a reduced search
finds is lifted to the system itself; that reductions are right is audited like all else.
Next: `search`, which uses this.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import Final, final

from attrs import evolve, field

from kspec.base.record import frozen
from kspec.driver.searching.audit import SEED, Difference
from kspec.driver.searching.waiting import order_of
from kspec.engines.stubborn import Situation
from kspec.ir.passes.births import interchangeable
from kspec.ir.passes.independence import Independence
from kspec.ir.passes.reduce import sliced
from kspec.ir.passes.symmetry import Classes, Group, nontrivial
from kspec.ir.system import Property, Settles, System, Temporal, Values
from kspec.semantics.permute import Renaming, renamed_state
from kspec.semantics.step import Disabled, Taken, outcomes
from kspec.verdict.trace import State

STATES: Final = 24
"""So many stored states are compared with random images of theirs."""
STEPS: Final = 2
"""Of so many, all steps are compared too."""
OVER_RUNS: Final = "claims over whole runs need every state as it is"
COUNTING: Final = "values are counted in states as they are"
NAMED: Final = 6
"""More variables that are left out are only counted."""


@final
@frozen
class Reductions:
    """Which are wanted."""

    slicing: bool = False
    symmetry: bool = False
    partial_order: bool = False

    def __bool__(self) -> bool:
        return self.slicing or self.symmetry or self.partial_order


NONE: Final = Reductions()
ALL: Final = Reductions(slicing=True, symmetry=True)
"""What `all` means; partial order is asked for by its own name."""


@final
@frozen
class Reduced:
    """What is searched instead of a system: `system` is its slice, `searched` the slice with births
    opened where there are `groups`. `order`: steps may wait. `said` tells people; `kept` are places
    of variables."""

    system: System
    searched: System
    groups: tuple[Group, ...]
    kept: tuple[int, ...]
    said: tuple[str, ...] = field(default=())
    order: Independence | None = None

    def projected(self, state: State) -> State:
        """What the slice keeps of a state."""
        return tuple(state[place] for place in self.kept)


def reduced(
    system: System,
    asked: Iterable[Property],
    wanted: Reductions,
    judged: Iterable[Property] | None = None,
    unordered: str = "",
) -> Reduced:
    """The least to search for these properties. `judged` are those of them that are searched for;
    the others are only watched. `unordered`: why there is no partial order, if that is known."""
    asked = tuple(asked)
    judged = asked if judged is None else tuple(judged)
    slice_, said = system, list[str]()
    refused = _refused(asked)
    if wanted.slicing and refused:
        said.append(f"slicing off: {refused}")
    elif wanted.slicing:
        found = sliced(system, asked)
        slice_ = found.system
        said.append(f"slicing off: {found.why}" if found.why else _dropped(found.dropped))
    groups: tuple[Group, ...] = ()
    searched = slice_
    if wanted.symmetry and refused:
        said.append(f"symmetry off: {refused}")
    elif wanted.symmetry:
        made, of = interchangeable(slice_, asked)
        groups = nontrivial(of)
        searched = made if groups else slice_
        said.append(_symmetric(slice_, of))
    order: Independence | None = None
    if wanted.partial_order:
        order, why = order_of(searched, judged, unordered)
        said += [] if order else [f"partial order off: {why}"]
    places = {variable.name: place for place, variable in enumerate(system.variables)}
    kept = tuple(places[variable.name] for variable in slice_.variables)
    return Reduced(slice_, searched, groups, kept, tuple(said), order)


def without_symmetry(of: Reduced, why: str) -> Reduced:
    """The same, searched as it is."""
    said = tuple(line for line in of.said if not line.startswith("symmetry"))
    return evolve(of, searched=of.system, groups=(), said=(*said, f"symmetry off: {why}"))


def without_order(of: Reduced, why: str) -> Reduced:
    """The same, with every step taken."""
    return evolve(of, order=None, said=(*of.said, f"partial order off: {why}"))


def _refused(asked: tuple[Property, ...]) -> str:
    """Why these properties are searched without any reduction."""
    if any(isinstance(p.claim, Temporal | Settles) for p in asked):
        return OVER_RUNS
    return COUNTING if any(isinstance(p.claim, Values) for p in asked) else ""


def _dropped(names: tuple[str, ...]) -> str:
    shown = names[:NAMED] if len(names) > NAMED + 1 else names
    more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    return f"slicing on: {', '.join(shown)}{more} cannot make a difference"


def _symmetric(system: System, found: tuple[Classes, ...]) -> str:
    if not nontrivial(found):
        why = "; ".join(f"{of.kind} told apart by {of.apart}" for of in found if of.apart)
        return f"symmetry off: {why or 'no kind has more than one object'}"
    return "symmetry on: " + "; ".join(_groups(system, of) for of in found)


def _groups(system: System, of: Classes) -> str:
    """`Pod all 6 alike`, `Node n1, n2 alike (others told apart by Node.name)`."""
    together = [group for group in of.groups if len(group.places) > 1]
    if not together:
        return f"{of.kind} told apart by {of.apart}"
    if not of.apart:
        return f"{of.kind} all {len(together[0].places)} alike"
    names = {pool.name: pool.names for pool in system.pools}[of.kind]
    said = " and ".join(", ".join(names[p] for p in g.places) for g in together)
    return f"{of.kind} {said} alike (others told apart by {of.apart})"


# ---- the audit ---------------------------------------------------------------------------------


def audit_symmetry(
    of: Reduced, states: Iterable[State], canonical: Callable[[State], State]
) -> None:
    """Compare stored states with random images of theirs: they must be stored as the same, and of
    some, the same must be possible there. Raises `Difference`."""
    dice = random.Random(SEED)
    for number, state in enumerate(states):
        if number >= STATES:
            return
        image = renamed_state(_random_renaming(of.groups, dice), of.system, state)
        if canonical(image) != state:
            raise Difference(f"another state is stored for an image of {state}")
        if number < STEPS and _offered(of, state, canonical) != _offered(of, image, canonical):
            raise Difference(f"something else is possible in {image}, an image of {state}")


def may_wait(of: Reduced, state: State, missing: Iterable[int]) -> bool:
    """Is it right that the steps with these numbers were left out there?"""
    return of.order is not None and Situation(of.searched, of.order, state).may_wait(missing)


def _random_renaming(groups: tuple[Group, ...], dice: random.Random) -> Renaming:
    places: dict[str, dict[int, int]] = {}
    names: dict[str, str] = {}
    for group in groups:
        order = dice.sample(range(len(group.places)), len(group.places))
        moved = {group.places[i]: group.places[j] for i, j in enumerate(order)}
        places.setdefault(group.kind, {}).update(moved)
        if group.names:
            names.update({group.names[i]: group.names[j] for i, j in enumerate(order)})
    return Renaming(places, names)


def _offered(of: Reduced, state: State, canonical: Callable[[State], State]) -> set[object]:
    """What is possible in a state, up to what is stored."""
    return {
        (of.searched.actions[i.action].name, canonical(o.state) if isinstance(o, Taken) else o)
        for i, o in outcomes(of.searched, state)
        if not isinstance(o, Disabled)
    }
