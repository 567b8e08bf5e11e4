"""`kspec check --engine portfolio`: what the search answers stands; the rest is asked of others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kspec.cli import main
from tests.cli.programs import PODS

PROGRAM = """
kind Pod { n: 0..9 = 0 }
controller counter {
  action two(p: Pod) when p.n < 4 do p.n := p.n + 2
  action back(p: Pod) when p.n == 4 do p.n := 2
}
invariant small: all p: Pod | p.n < 5
invariant tiny: all p: Pod | p.n < 3
property odd: reachable some p: Pod | p.n == 5
property grows: all p: Pod | eventually p.n == 8
cluster one { pod a, b {} }
check small, tiny, odd, grows
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.kspec").write_text(PROGRAM, encoding="utf-8")
    return tmp_path


def rows(capsys: pytest.CaptureFixture[str], *flags: str) -> dict[str, Any]:
    main._run(["check", "a.kspec", "-o", "json", *flags])
    found = json.loads(capsys.readouterr().out)["results"]
    return {row["name"]: (row["word"], row["engine"]) for row in found}


def test_what_a_budget_leaves_open_is_proved_or_found(capsys: pytest.CaptureFixture[str]) -> None:
    few = ("--max-states", "4")
    assert {word for word, _ in rows(capsys, *few).values()} == {"NO BUG TO 0", "UNKNOWN"}
    assert rows(capsys, *few, "--engine", "portfolio") == {
        "small": ("HOLDS", "pdr"),
        "tiny": ("VIOLATED", "bounded search"),
        "odd": ("VIOLATED", "pdr"),
        "grows": ("VIOLATED", "bounded search"),
    }


def test_the_first_turn_that_answers_wins(capsys: pytest.CaptureFixture[str]) -> None:
    # The search gets as far as what is violated, and not to the end.
    found = rows(capsys, "--engine", "portfolio", "--max-states", "7", "-p", "tiny", "-p", "small")
    assert found == {"small": ("HOLDS", "pdr"), "tiny": ("VIOLATED", "explicit")}


def test_within_its_budget_nothing_differs(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = "check few, true_of_all, busy, idle, stays, never_made, later, goes_on\n"
    (home / "a.kspec").write_text(PODS + lines, encoding="utf-8")
    said = []
    for engine in ("explicit", "portfolio"):
        for form in ("text", "json"):
            main._run(["check", "a.kspec", "--engine", engine, "-o", form])
            said.append(capsys.readouterr().out)
    assert said[:2] == said[2:]


def test_a_step_out_of_range_that_only_a_solver_finds(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = PROGRAM.replace("when p.n < 4", "when p.n < 9").replace(", tiny, odd, grows", "")
    (home / "a.kspec").write_text(text, encoding="utf-8")
    found = rows(capsys, "--engine", "portfolio", "--max-states", "3")
    assert found["in-range"] == ("VIOLATED", "bounded search")
    assert found["small"] == ("VIOLATED", "bounded search")
