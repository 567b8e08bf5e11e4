"""`is_initial` says what `initial_states` lists, without listing."""

from __future__ import annotations

import pytest

from kspec.engines.random_systems import seeded_system
from kspec.ir.sorts import Value
from kspec.semantics.initial import is_initial
from kspec.semantics.step import initial_states
from tests.systems.small import several_starts


@pytest.mark.parametrize("seed", range(60))
def test_it_agrees_with_the_list(seed: int) -> None:
    system = seeded_system(seed)
    listed = initial_states(system)
    for state in listed:
        assert is_initial(system, state)
        for place in range(len(state)):
            for other in (state[place], None, -1, 7, "odd"):
                near: tuple[Value, ...] = (*state[:place], other, *state[place + 1 :])
                assert is_initial(system, near) == (near in listed)


def test_a_state_of_another_length_is_none() -> None:
    assert is_initial(several_starts(), (3,))
    assert not is_initial(several_starts(), (3, 3))
    assert not is_initial(several_starts(), ())
    assert not is_initial(several_starts(), (4,))
