"""Runs drawn at random as a search: what they met may be believed, what they did not says nothing.

Every trace is replayed like any engine's; a property about which nothing was found stays open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias, assert_never

from kspec.driver.searching.search import Searched, replay_all
from kspec.engines.api import Walked
from kspec.ir.system import Implicit, Settles, System, Temporal, Values
from kspec.verdict.answer import Exploration, Found, HunterAnswer, Inconclusive, Reached, Why
from kspec.verdict.trace import Trace

if TYPE_CHECKING:
    from kspec.engines import stateful
    from kspec.engines.walks import Walks

# The hunters are loaded by whoever sends them out.
Drawn: TypeAlias = "Walks | stateful.Runs"
"""Who draws the runs: each plan belongs to one hunter."""


def named(plan: Drawn) -> str:
    """What the hunter is called in reports."""
    from kspec.engines import stateful
    from kspec.engines.walks import Walks

    match plan:
        case Walks():
            return "walks"
        case stateful.Runs():
            return "stateful"
        case _:
            assert_never(plan)


def walked(system: System, properties: tuple[str, ...], plan: Drawn) -> tuple[Searched, Walked]:
    """Draw runs and replay. Raises `UntrustedEngine`."""
    from kspec.engines import stateful
    from kspec.engines.walks import Walks, walk

    match plan:
        case Walks():
            met = walk(system, properties, plan)
        case stateful.Runs():
            met = stateful.run(system, properties, plan)
        case _:
            assert_never(plan)
    reached = Reached(met.states, met.steps, met.longest)
    found = dict(met.found)
    beyond = {p.name for p in system.properties if isinstance(p.claim, _BEYOND)}
    names = (*properties, *(implicit.value for implicit in Implicit))
    exploration = Exploration(
        answers=tuple(
            (name, _answer(found.get(name), reached, met, name in beyond)) for name in names
        ),
        reached=reached,
        complete=False,
        cuts=(),
        fired=met.fired,
    )
    replay_all(named(plan), system, exploration)
    return Searched(exploration), met


_BEYOND: Final = Temporal | Settles | Values


def _answer(trace: Trace | None, reached: Reached, met: Walked, is_beyond: bool) -> HunterAnswer:
    if trace is not None:
        return Found(trace)
    if is_beyond:
        return Inconclusive(Why.UNSUPPORTED, reached, "walks cannot tell: it takes all runs")
    why = Why.INTERRUPTED if met.interrupted and not met.walks else Why.WALKS
    return Inconclusive(why, reached, f"{met.walks} walks")
