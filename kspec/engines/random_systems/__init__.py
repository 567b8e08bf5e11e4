"""Small random systems in which everything that a `System` can say occurs.

`draw_system` makes one from a source of numbers; `seeded_system` from a seed; `systems` is a
Hypothesis strategy, which shrinks. The systems are well formed (`ir.validate` accepts them) and
small, but their state spaces need not be: explore them with a limit on states. Nothing here may
evaluate anything. What occurs how often is asserted in `tests/random`.

Parts: `draw` (numbers), `universe` (sorts and values), `expressions`, `world` (variables, initial
states), `actions`, `claims`.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from kspec.engines.random_systems.actions import Actions
from kspec.engines.random_systems.claims import Claims
from kspec.engines.random_systems.draw import Below, Draw
from kspec.engines.random_systems.expressions import Expressions
from kspec.engines.random_systems.universe import Universe
from kspec.engines.random_systems.world import draw_init, draw_world, views_of, well_formed
from kspec.ir.system import System

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy


def draw_system(below: Below) -> System:
    """A system, decided by the numbers that `below` gives."""
    draw = Draw(below)
    universe = Universe(draw)
    expressions = Expressions(universe)
    world = draw_world(universe, expressions)
    init = draw_init(universe, expressions, world)
    actions = Actions(universe, expressions, world).all()
    properties = Claims(universe, expressions, world, actions).all()
    return System(
        name="random",
        pools=universe.pools,
        constants=world.constants,
        variables=world.variables(),
        init=init,
        actions=actions,
        properties=properties,
        well_formed=well_formed(world),
        views=views_of(world),
        assumptions=('clocks are "right"',) if draw.chance(10) else (),
        bounds=("at most 3 pods\\",) if draw.chance(10) else (),
    )


def seeded_system(seed: int) -> System:
    """The system of a seed: the same on every machine."""
    return draw_system(random.Random(seed).randrange)


def systems() -> SearchStrategy[System]:
    """A strategy that draws systems; Hypothesis is loaded here and not before."""
    from hypothesis import strategies as st

    @st.composite
    def drawn(draw: DrawFn) -> System:
        return draw_system(lambda n: draw(st.integers(0, n - 1)))

    return drawn()


__all__ = ["draw_system", "seeded_system", "systems"]
