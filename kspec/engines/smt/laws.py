"""Laws: is there a start of a system in which a formula is false?

The system is one whose starts are the worlds of a law (`kspec.pure.claims.posed`), without
actions; its runs have no steps, so what no start refutes is proved. Whoever asks must not believe a
world that is found: it is evaluated elsewhere. Next: `bmc`, which asks; `kspec.certify`, which
asks again.
"""

from __future__ import annotations

from typing import TypeAlias, final

from attrs import frozen

from kspec.engines.smt.bmc import Bounded
from kspec.engines.smt.model import goal, model
from kspec.engines.smt.solver import Limits
from kspec.ir.system import Implicit, System
from kspec.verdict.answer import Inconclusive, Induction, Inductive, Reached, Why
from kspec.verdict.trace import State


@final
@frozen
class Somewhere:
    """A start in which the law is false."""

    state: State


@final
@frozen
class Nowhere:
    """There is none. `speaks` is false where nothing is such as the law speaks of."""

    proof: Inductive
    speaks: bool


Answer: TypeAlias = Somewhere | Nowhere | Inconclusive


def decide(system: System, law: str, anything: str, limits: Limits) -> Answer:
    """Ask for a start in which the property `law` is false; if there is none, for one in which
    `anything` is true. Raises `TooLarge`."""
    assert not system.actions, "a law is of starts alone"
    of = model(system)
    props = {prop.name: prop for prop in system.properties}
    goals = [found for name in (law, anything) if (found := goal(of, props[name])) is not None]
    asked = Bounded(of, goals, limits)
    asked.deepen()
    if asked.gave_up:
        return Inconclusive(Why.SOLVER, Reached(0, 0, 0), asked.gave_up)
    if law in asked.found:
        return Somewhere(asked.found[law].start)
    claims = (law, *(which.value for which in Implicit))
    proof = Inductive(1, (Induction(claims, 1, ends=True),), spent=asked.solver.spent)
    return Nowhere(proof, anything in asked.found)


__all__ = ["Answer", "Nowhere", "Somewhere", "decide"]
