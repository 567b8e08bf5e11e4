"""`check`, `prove` and `simulate`, by every engine, never contradict each other about a module that
is made to be hard, nor about the library."""

from __future__ import annotations

from pathlib import Path

import pytest

from kspec.driver.check import Given
from tests.redteam.shapes import shape
from tests.redteam.words import contradictions, words

SECONDS = 3.0


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100))
def test_no_command_contradicts_another_about_hard_modules(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "module.kspec"
    text = shape(seed, room=2).replace("  prove ", "  check ")
    path.write_text(text, encoding="utf-8")
    assert list(contradictions(words(Given(path, "module.kspec"), SECONDS))) == []
