"""Random walks as a search: what they met may be believed, what they did not meet says nothing.

Every trace is replayed like any engine's; a property about which nothing was found stays open.
"""

from __future__ import annotations

from typing import Final

from kspec.driver.search import Searched, replay_all
from kspec.engines.api import Walked
from kspec.engines.walks import Walks, walk
from kspec.ir.system import Implicit, Settles, System, Temporal, Values
from kspec.verdict.answer import Answer, Exploration, Found, Inconclusive, Reached, Why
from kspec.verdict.trace import Trace


def walked(system: System, properties: tuple[str, ...], plan: Walks) -> tuple[Searched, Walked]:
    """Walk and replay. Raises `UntrustedEngine`."""
    met = walk(system, properties, plan)
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
    replay_all("walks", system, exploration)
    return Searched(exploration), met


_BEYOND: Final = Temporal | Settles | Values


def _answer(trace: Trace | None, reached: Reached, met: Walked, is_beyond: bool) -> Answer:
    if trace is not None:
        return Found(trace)
    if is_beyond:
        return Inconclusive(Why.UNSUPPORTED, reached, "walks cannot tell: it takes all runs")
    why = Why.INTERRUPTED if met.interrupted and not met.walks else Why.WALKS
    return Inconclusive(why, reached, f"{met.walks} walks")
