"""`kspec prove --engine`: who answers, and claims over whole runs, which can only be hunted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kspec.cli.prove import command

PROGRAM = """
enum Phase { Pending, Running, Done }
kind Pod { phase: Phase = Pending, n: 0..9 = 0 }
controller kubelet {
  action start(p: Pod) when p.phase is Pending do p.phase := Running
  action again(p: Pod) when p.phase is Running do p.phase := Pending
}
environment people {
  action finish(p: Pod) when p.phase is Running do p.phase := Done
  action two(p: Pod) when p.n < 4 do p.n := p.n + 2
}
property done: all p: Pod | eventually p.phase is Done
property starts: all p: Pod | p.phase is Pending leads to p.phase is Running
property rests: settles
property turns: oscillates
invariant small: all p: Pod | p.n < 5
invariant not_nine: all p: Pod | p.n != 9
invariant tiny: all p: Pod | p.n < 3
cluster one { pod a {} }
check done, starts, rests, turns, small, not_nine, tiny
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.kspec").write_text(PROGRAM, encoding="utf-8")
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, ["a.kspec", *arguments], standalone_mode=False)


def rows(*arguments: str) -> dict[str, Any]:
    found = json.loads(run(*arguments, "-o", "json").stdout)["results"]
    return {row["name"]: (row["word"], row["verdict"], row["engine"]) for row in found}


def test_claims_over_whole_runs_are_hunted() -> None:
    names = [word for name in ("done", "starts", "rests", "turns") for word in ("-p", name)]
    assert rows(*names, "--depth", "3") == {
        "done": ("VIOLATED", "violated", "bounded search"),
        "starts": ("NO BUG TO 3", "bounded", "bounded search"),
        "rests": ("NO BUG TO 3", "bounded", "bounded search"),
        # Where a run is wanted, none so far is no good news.
        "turns": ("UNKNOWN", "unknown", "bounded search"),
    }
    assert "3 steps" not in run("-p", "done").stdout
    assert run("-p", "done").return_value == 1
    assert run("-p", "starts").return_value == 3


def test_who_answers() -> None:
    names = ("-p", "small", "-p", "not_nine", "-p", "tiny")
    assert rows(*names, "--engine", "induction") == {
        "small": ("HOLDS", "holds", "k-induction"),
        "not_nine": ("HOLDS", "holds", "k-induction"),
        "tiny": ("VIOLATED", "violated", "bounded search"),
    }
    assert rows(*names, "--engine", "bmc", "--depth", "4") == {
        "small": ("NO BUG TO 4", "bounded", "bounded search"),
        "not_nine": ("NO BUG TO 4", "bounded", "bounded search"),
        "tiny": ("VIOLATED", "violated", "bounded search"),
    }


@pytest.mark.slow
def test_all_in_turn_say_what_each_says() -> None:
    for engine in ("portfolio", "pdr"):
        words = {name: word for name, (word, _, _) in rows("-p", "*", "--engine", engine).items()}
        assert words["small"] == words["not_nine"] == "HOLDS", engine
        assert words["tiny"] == words["done"] == "VIOLATED", engine
