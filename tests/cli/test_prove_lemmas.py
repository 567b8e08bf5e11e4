"""`lemma` in `kspec prove`: proved first, used once it is proved, never assumed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kspec.cli import main

PROGRAM = """
kind Tank { level: 0..9 = 0  valve: bool = false }
controller pump {
  action fill(t: Tank)
    when t.level < 8
    do t.level := t.level + 2
  action rush(t: Tank)
    when t.level == 7
    do t.valve := true
}
controller other {
  memory warm: bool = false
  action heat() when not warm do warm := true
}
invariant shut: all t: Tank | not t.valve
lemma even: all t: Tank | t.level mod 2 == 0
lemma small: all t: Tank | t.level < 4
lemma elsewhere: not other.warm
cluster one { tank a, b {} }
scenario s {
  in one
  run pump
  prove shut
}
scenario named {
  in one
  run pump
  check small
}
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.kspec").write_text(PROGRAM, encoding="utf-8")
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = main._run(list(arguments))
    captured = capsys.readouterr()
    assert captured.err == ""
    return code, captured.out


def test_a_lemma_that_is_proved_is_used(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    code, text = run(capsys, "prove", "a.kspec", "--engine", "induction", "--certificates", "d")
    assert code == 0
    assert "HOLDS shut" in text
    assert "lemma  even  proved" in text
    (certificate,) = sorted((home / "d").glob("*.kproof"))
    groups = json.loads(certificate.read_text(encoding="utf-8"))["groups"]
    assert any({"even", "shut"} <= set(group["names"]) for group in groups)
    assert not any("small" in group["names"] for group in groups)
    code, text = run(capsys, "prove", "--recheck", "d")
    assert (code, "CONFIRMED" in text) == (0, True)


def test_one_that_is_false_is_told_and_not_used(capsys: pytest.CaptureFixture[str]) -> None:
    _, text = run(capsys, "prove", "a.kspec", "--engine", "induction")
    assert "lemma  small  false" in text


def test_without_it_induction_alone_fails(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    text = PROGRAM.replace("lemma even: all t: Tank | t.level mod 2 == 0", "")
    (home / "a.kspec").write_text(text, encoding="utf-8")
    code, _ = run(capsys, "prove", "a.kspec", "--engine", "induction", "--depth", "1")
    assert code == 3


def test_a_check_judges_a_lemma_where_a_line_names_it(capsys: pytest.CaptureFixture[str]) -> None:
    code, text = run(capsys, "check", "a.kspec", "-o", "json")
    assert code == 1
    assert [(row["name"], row["verdict"]) for row in json.loads(text)["results"]] == [
        ("small", "violated")
    ]


def test_a_lemma_is_stale_with_its_model(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    """It is a claim of the certificate like all others: another wording is another system."""
    run(capsys, "prove", "a.kspec", "--engine", "induction", "--certificates", "d")
    (home / "a.kspec").write_text(PROGRAM.replace("mod 2 == 0", "mod 2 <= 0"), encoding="utf-8")
    code, text = run(capsys, "prove", "--recheck", "d")
    assert (code, "STALE" in text) == (3, True)
