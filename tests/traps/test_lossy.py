"""A lossy search never says holds, whatever it saw: docs/semantics.md, "What engines answer"."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kspec.driver.check import Given, Options, check
from kspec.driver.result import Require, Vacuity, Word
from kspec.driver.searching.search import How
from kspec.engines.explicit import engine
from kspec.verdict.answer import Unknown
from tests.cli.programs import PODS, ROOT, run

MODEL = ROOT / "benchmarks" / "models" / "m2.kspec"
LINES = "check true_of_all, busy, idle, stays, goes_on, later\nexpect violated few\n"


def rows(text: str) -> dict[str, dict[str, object]]:
    return {row["name"]: row for row in json.loads(text)["results"]}


@pytest.mark.parametrize("reduction", ["none", "all"])
def test_no_word_of_a_lossy_search_rests_on_having_seen_everything(
    tmp_path: Path, reduction: str
) -> None:
    (tmp_path / "a.kspec").write_text(PODS + LINES, encoding="utf-8")
    where = ("check", "a.kspec", "-o", "json", "--reduction", reduction)
    exact = run(*where, cwd=tmp_path)
    done = run(*where, "--lossy", cwd=tmp_path)
    assert done.returncode == 3, done.stderr
    found, whole = rows(done.stdout), rows(exact.stdout)
    said = {name: (row["word"], row["verdict"]) for name, row in found.items()}
    assert said == {
        "true_of_all": ("NO BUG FOUND", "unknown"),
        "stays": ("NO BUG FOUND", "unknown"),
        "goes_on": ("NO BUG FOUND", "unknown"),
        "later": ("UNKNOWN", "unknown"),
        "idle": ("UNKNOWN", "unknown"),
        "busy": ("REACHED", "holds"),
        "few": ("VIOLATED", "violated"),
    }
    for name in ("busy", "few"):
        assert found[name]["trace"] == whole[name]["trace"]
    evidence = found["true_of_all"]["evidence"]
    assert isinstance(evidence, dict) and evidence["why"] == "lossy"
    assert 0 < evidence["omission"] < 1e-15


def test_where_states_were_left_out_nothing_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Hashes of 24 bits leave out two thousand of these states."""
    monkeypatch.setattr(engine, "LOSSY_BITS", 24)
    options = Options(scenarios=("p4n3c2r3k1",), how=How(lossy=True))
    result = check([Given(MODEL, MODEL.name)], options)
    assert len(result.rows) == 2 and result.code(Require.DEFAULT, Vacuity.WARN) == 3
    for row in result.rows:
        assert row.word is Word.NO_BUG_FOUND and isinstance(row.verdict, Unknown)
        assert row.verdict.because.omission == 1.0
        assert row.reached is not None and row.reached.states < 276_872


def test_what_cannot_be_lossy_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.kspec").write_text(PODS + LINES, encoding="utf-8")
    for others in (("--engine", "reference"), ("--reduction", "partial-order")):
        done = run("check", "a.kspec", "--lossy", *others, cwd=tmp_path)
        assert done.returncode == 2 and not done.stdout, others
