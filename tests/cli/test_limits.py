"""Limits of a search leave open what is beyond them, and say how far it was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.programs import PODS, run


@pytest.fixture
def program(tmp_path: Path) -> Path:
    text = PODS + "check true_of_all, busy\n"
    (tmp_path / "a.kspec").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("depth", [0, 1])
def test_a_depth_that_is_enough_for_nothing(program: Path, depth: int) -> None:
    done = run("check", "a.kspec", "--max-depth", str(depth), cwd=program)
    assert done.returncode == 3
    assert f"NO BUG TO {depth}" in done.stdout and "the depth limit was reached" in done.stdout
    enough = run("check", "a.kspec", "--max-depth", str(depth), "--require", "bounded", cwd=program)
    assert enough.returncode == 3, "what must be reached was not"


def test_a_depth_beyond_the_last_level_changes_nothing(program: Path) -> None:
    whole = run("check", "a.kspec", "-o", "json", cwd=program)
    limited = run("check", "a.kspec", "-o", "json", "--max-depth", "50", cwd=program)
    assert whole.returncode == limited.returncode == 0
    assert json.loads(limited.stdout)["results"] == json.loads(whole.stdout)["results"]
