"""`kspec prove`: words, exit codes, certificates."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kspec.certify.proof import _digest
from kspec.cli.prove import command

PROGRAM = """
kind Pod { n: 0..9 = 0 }
environment people {
  action up(p: Pod)
    when  p.n < STOP
    do    p.n := p.n + 2
}
invariant small: all p: Pod | p.n < 6
invariant large: all p: Pod | p.n < 9
property grows: reachable some p: Pod | p.n > 3
property never: reachable some p: Pod | p.n == 7
invariant odd: all p: Pod | p.n != 7
on_step
cluster one { pod a {} }
prove small
check large, grows, never
expect violated odd
"""


def program(stop: int) -> str:
    return PROGRAM.replace("STOP", str(stop)).replace("on_step\n", "")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.kspec").write_text(program(4), encoding="utf-8")
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments), standalone_mode=False)


def rows(*arguments: str) -> dict[str, tuple[str, str]]:
    document = json.loads(run(*arguments, "-o", "json").stdout)
    return {r["name"]: (r["word"], r["evidence"]["kind"]) for r in document["results"]}


def test_lines_of_prove_are_proved_and_no_others(home: Path) -> None:
    assert rows("a.kspec") == {"small": ("HOLDS", "inductive")}
    assert run("a.kspec").return_value == 0


def test_named_lines_are_proved_but_those_expected_to_be_violated(home: Path) -> None:
    assert rows("a.kspec", "-p", "*") == {
        "small": ("HOLDS", "inductive"),
        "large": ("HOLDS", "inductive"),
        "grows": ("REACHED", "witness"),
        "never": ("VIOLATED", "inductive"),
    }
    assert run("a.kspec", "-p", "*").return_value == 1


def test_nothing_to_prove(home: Path) -> None:
    assert run("a.kspec", "-p", "nobody").return_value == 5


def test_a_failed_step_is_no_bug(home: Path) -> None:
    (home / "a.kspec").write_text(program(8).replace("< 9", "!= 9"), encoding="utf-8")
    result = run("a.kspec", "-p", "large", "--depth", "1", "--engine", "induction")
    assert result.return_value == 3
    assert "? NO BUG TO 0 large  the induction step failed, which is not a bug" in result.stdout
    assert "not a bug: the induction step failed" in result.stdout
    assert run("a.kspec", "-p", "large", "--depth", "1", "--require", "bounded").return_value == 0


def test_a_step_out_of_range_comes_first(home: Path) -> None:
    (home / "a.kspec").write_text(program(9).replace("< 9", "< 10"), encoding="utf-8")
    shown = rows("a.kspec", "-p", "large")
    assert shown["in-range"] == ("VIOLATED", "trace")
    assert shown["large"][0] == "UNKNOWN"


def test_no_time_at_all(home: Path) -> None:
    result = run("a.kspec", "--timeout", "0")
    assert result.return_value == 3
    assert "UNKNOWN" in result.stdout
    assert "the time limit was reached" in result.stdout


def test_a_question_that_may_cost_nothing(home: Path) -> None:
    (home / "a.kspec").write_text(program(4).replace("n: 0..9", "n: 0..900"), encoding="utf-8")
    result = run("a.kspec", "--rlimit", "1")
    assert result.return_value == 3
    assert "the solver gave up" in result.stdout


def test_certificates_are_written_and_confirmed(home: Path) -> None:
    assert "proof  proofs/a-small.kproof" in run("a.kspec", "--certificates", "proofs").stdout
    result = run("--recheck", "proofs")
    assert result.return_value == 0
    assert "CONFIRMED proofs/a-small.kproof  small holds" in result.stdout


def test_which_properties_were_asked_for_makes_no_difference(home: Path) -> None:
    run("a.kspec", "--certificates", "few")
    run("a.kspec", "-p", "*", "--certificates", "all")
    assert run("--recheck", "few", "all").return_value == 0


def test_a_changed_model_makes_certificates_stale_but_a_comment_does_not(home: Path) -> None:
    run("a.kspec", "--certificates", "proofs")
    (home / "a.kspec").write_text("# told\n" + program(4), encoding="utf-8")
    assert run("--recheck", "proofs").return_value == 0
    (home / "a.kspec").write_text(program(3), encoding="utf-8")
    result = run("--recheck", "proofs")
    assert result.return_value == 3
    assert "STALE" in result.stdout


def test_a_tampered_certificate_is_rejected(home: Path) -> None:
    run("a.kspec", "--certificates", "proofs")
    file = home / "proofs" / "a-small.kproof"
    file.write_text(file.read_text().replace('"k": 1', '"k": 2'))
    result = run("--recheck", "proofs/a-small.kproof")
    assert result.return_value == 1
    assert "REJECTED" in result.stdout


@pytest.mark.parametrize("file", ["", ".", "\x00", "a" * 5000, "proofs"])
def test_a_certificate_of_no_file_is_rejected(home: Path, file: str) -> None:
    run("a.kspec", "--certificates", "proofs")
    (proof, *_) = sorted((home / "proofs").glob("*.kproof"))
    body = {**json.loads(proof.read_text(encoding="utf-8")), "file": file}
    del body["digest"]
    proof.write_text(json.dumps({**body, "digest": _digest(body)}), encoding="utf-8")
    result = run("--recheck", proof.as_posix())
    assert result.exception is None
    assert (result.return_value, "REJECTED" in result.stdout) == (1, True)


def test_nothing_to_recheck(home: Path) -> None:
    (home / "proofs").mkdir()
    assert run("--recheck", "proofs").return_value == 5
    assert run("--recheck", "gone.kproof").return_value == 2


def test_same_input_same_bytes(home: Path) -> None:
    first, second = (run("a.kspec", "-p", "*", "-o", "json").stdout for _ in range(2))
    assert first == second
