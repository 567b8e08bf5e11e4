"""The tests of the reference search, word for word, on the native explorer."""

from __future__ import annotations

import inspect

import pytest

from kspec.engines.api import Budget
from kspec.engines.explicit.engine import Explicit
from kspec.engines.explicit.llvm.tuning import DEFAULT, LOOPS, Tuning
from tests.systems.bench import KNOWN, build
from tests.unit.engines import test_reference

RULES = [
    name
    for name, test in sorted(vars(test_reference).items())
    if name.startswith("test_") and not inspect.signature(test).parameters
]


@pytest.mark.parametrize("tuning", [DEFAULT, LOOPS], ids=["default", "loops"])
@pytest.mark.parametrize("rule", RULES)
def test_rule(monkeypatch: pytest.MonkeyPatch, rule: str, tuning: Tuning) -> None:
    monkeypatch.setattr(test_reference, "ENGINE", Explicit(tuning=tuning))
    getattr(test_reference, rule)()


SIZES = [pytest.param(*k, marks=[pytest.mark.slow] * (k[2] > 30_000)) for k in KNOWN]


@pytest.mark.parametrize(("model", "arguments", "states"), SIZES)
def test_states_of_the_peers(model: str, arguments: tuple[int, ...], states: int) -> None:
    system = build(model, arguments)
    names = tuple(p.name for p in system.properties)
    result = Explicit().explore(system, names, Budget(), lambda progress: None)
    assert result.complete and result.reached.states == states


@pytest.mark.parametrize("level", [0, 1, 2, 3, None])
def test_optimisation_changes_nothing(level: int | None) -> None:
    """276 872 states are enough for the code to be changed on the way."""
    system = build("m2", (4, 3, 2, 3, 1))
    result = Explicit(level).explore(system, (), Budget(), lambda progress: None)
    assert (result.reached.states, result.reached.transitions) == (276_872, 1_852_884)
    assert result.reached.depth == 20
