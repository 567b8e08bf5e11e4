"""No engine contradicts another about any scenario of the library, at the first of its scopes."""

from __future__ import annotations

import pytest

from tests.engines.agreement import contradictions
from tests.engines.library import FILES, VOICES, asked_about, scenarios
from tests.engines.test_agreement import round_trip

CASES = [(file, name) for file in FILES for name in scenarios(file)]


def test_the_library_has_scenarios() -> None:
    assert len(CASES) > 90


@pytest.mark.slow
@pytest.mark.parametrize(("file", "scenario"), CASES, ids=lambda value: value or "alone")
def test_no_engine_contradicts_another_about_the_library(file: str, scenario: str) -> None:
    asked = asked_about(file, scenario)
    if asked is not None:
        answers = {name: voice(asked) for name, voice in VOICES.items()}
        assert list(contradictions(asked, answers)) == []


SMALL = (("models/demo.kspec", "believes"), ("properties/leases.kspec", "healthy"))


@pytest.mark.slow
@pytest.mark.parametrize(("file", "scenario"), SMALL)
def test_states_of_the_library_are_terms_and_back(file: str, scenario: str) -> None:
    asked = asked_about(file, scenario)
    assert asked is not None and round_trip(asked.system, 20) > 0
