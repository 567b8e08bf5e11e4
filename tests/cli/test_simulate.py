"""`kspec simulate`: what is met is true, what is not met is not said to hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kspec.cli import main
from tests.cli.programs import PODS

LINES = "check few, true_of_all, busy, idle, stays, never_made\n"


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.kspec").write_text(PODS + LINES, encoding="utf-8")
    return tmp_path / "a.kspec"


def simulated(
    capsys: pytest.CaptureFixture[str], *flags: str, code: int | None = None
) -> dict[str, Any]:
    found = main._run(["simulate", "a.kspec", "-o", "json", *flags])
    assert code is None or found == code
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


@pytest.mark.parametrize("flags", [(), ("--engine", "stateful", "--walks", "8", "--depth", "5")])
def test_words(program: Path, capsys: pytest.CaptureFixture[str], flags: tuple[str, ...]) -> None:
    rows = simulated(capsys, *flags, code=1)["results"]
    words = {row["name"]: (row["word"], row["verdict"]) for row in rows}
    assert words == {
        "few": ("VIOLATED", "violated"),
        "true_of_all": ("NO BUG FOUND", "unknown"),
        "busy": ("REACHED", "holds"),
        "idle": ("UNKNOWN", "unknown"),
        "stays": ("NO BUG FOUND", "unknown"),
        "never_made": ("VIOLATED", "violated"),
    }


def test_nothing_found_is_never_green(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("true_of_all", "stays", "idle"):
        assert main._run(["simulate", "a.kspec", "-p", name]) == 3
    assert main._run(["simulate", "a.kspec", "-p", "busy"]) == 0
    assert "HOLDS" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("expect violated few", 0),
        ("expect holds few", 1),
        ("expect holds true_of_all", 3),
        ("expect violated true_of_all", 3),
        ("expect unknown true_of_all", 0),
        ("expect reached busy", 0),
    ],
)
def test_expectations(line: str, code: int, program: Path) -> None:
    program.write_text(PODS + line + "\n", encoding="utf-8")
    assert main._run(["simulate", "a.kspec"]) == code


def test_traces_are_as_short_as_leaving_out_makes_them(
    program: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for seed in range(5):
        rows = simulated(capsys, "--seed", str(seed), "--walks", "20")["results"]
        steps = {row["name"]: row["evidence"].get("steps") for row in rows}
        assert steps["few"] == 2
        assert steps["never_made"] == 1


def test_the_seed_decides(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def shown(*flags: str) -> str:
        main._run(["simulate", "a.kspec", "-p", "true_of_all", "--walks", "5", *flags])
        return capsys.readouterr().out

    assert shown() == shown("--seed", "0")
    assert len({shown("--seed", str(seed)) for seed in range(6)}) > 1


def test_a_walk_does_not_depend_on_how_many_there_are(
    program: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = simulated(capsys, "--walks", "3")["walks"][0]
    many = simulated(capsys, "--walks", "30")["walks"][0]
    assert few["walks"], many["walks"] == (3, 30)
    assert all(many["fired"][name] >= times for name, times in few["fired"].items())


def test_budgets_bind(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = simulated(capsys, "--walks", "7", "--depth", "1")["walks"][0]
    assert (found["walks"], found["longest"], found["steps"]) == (7, 1, 7)


def test_walks_without_a_question(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program.write_text(PODS + "scenario s { in one }\n", encoding="utf-8")
    assert main._run(["simulate", "a.kspec", "--show", "2"]) == 5
    shown = capsys.readouterr().out
    assert "a walk  scenario s" in shown
    assert "nothing to check" in shown


def test_a_broken_range_is_met(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "kind P { n: 0..2 = 0 }\nenvironment e { action up(p: P) do p.n := p.n + 1 }\n"
    text += "invariant small: all p: P | p.n < 9\ncluster c { p a { } }\ncheck small\n"
    program.write_text(text, encoding="utf-8")
    rows = simulated(capsys, code=1)["results"]
    assert {row["name"]: row["word"] for row in rows} == {
        "small": "UNKNOWN",
        "in-range": "VIOLATED",
    }


def test_actions_that_never_fire_are_told(
    program: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = PODS.replace("action run(p: Pod) when", "action run(p: Pod) when false when")
    program.write_text(text + "check true_of_all\n", encoding="utf-8")
    main._run(["simulate", "a.kspec"])
    assert "never fired: people.run\n" in capsys.readouterr().out


def test_scenarios_are_chosen(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = "scenario s { in one check few }\nscenario t { in one check true_of_all }\n"
    text = PODS.replace("room { Pod: 2 }\n", "")
    program.write_text(text + lines, encoding="utf-8")
    for command in ("simulate", "check"):
        main._run([command, "a.kspec", "-s", "t", "-o", "json"])
        rows = json.loads(capsys.readouterr().out)["results"]
        assert [row["name"] for row in rows] == ["true_of_all"]


def test_claims_over_whole_runs_stay_open(
    program: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program.write_text(PODS + "check later, goes_on\n", encoding="utf-8")
    rows = simulated(capsys, code=3)["results"]
    assert [row["word"] for row in rows] == ["UNKNOWN", "NO BUG FOUND"]
    assert "it takes all runs" in rows[0]["evidence"]["words"]


def test_a_state_machine_remembers_and_says_who_answered(
    program: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = ("-p", "few", "--walks", "10", "--depth", "6", "--engine", "stateful")
    rows = simulated(capsys, *few, "--database", "runs", code=1)["results"]
    assert rows[0]["engine"] == "stateful"
    assert rows[0]["evidence"]["steps"] == 2
    assert any((program.parent / "runs").rglob("*"))


def test_only_a_state_machine_has_a_database(
    program: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main._run(["simulate", "a.kspec", "--database", "runs"]) == 2
    assert "--engine stateful" in capsys.readouterr().err
