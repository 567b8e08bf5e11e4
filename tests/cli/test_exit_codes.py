"""The table of exit codes, each row a run of the command (`docs/semantics.md`, "Exit codes")."""

from __future__ import annotations

from pathlib import Path

import pytest

from kspec.cli import main
from tests.cli.programs import PODS

TABLE: list[tuple[str, tuple[str, ...], int]] = [
    ("check true_of_all", (), 0),
    ("check busy", (), 0),
    ("check few", (), 1),
    ("expect violated few", (), 0),
    ("expect violated true_of_all", (), 1),
    ("expect holds true_of_all", (), 0),
    ("expect holds few", (), 1),
    ("expect reached busy", (), 0),
    ("check later", (), 3),
    ("expect unknown later", (), 0),
    ("expect violated later", (), 3),
    ("check later, few", (), 1),
    # Two pods are room's doing, not the world's.
    ("check idle", (), 3),
    ("check goes_on", (), 3),
    ("check true_of_all", ("--require", "exhaustive"), 3),
    ("check true_of_all", ("--require", "bounded"), 0),
    ("check true_of_all", ("--max-states", "2"), 3),
    ("check true_of_all", ("--max-states", "2", "--require", "bounded"), 0),
    ("check true_of_all", ("-p", "few"), 5),
    ("check true_of_all, few", ("-p", "true*"), 0),
    ("", (), 5),
    ("check nobody", (), 2),
    ("check few check", (), 2),
    ("check true_of_all", ("--nonsense",), 2),
    ("check true_of_all", ("--max-states", "0"), 2),
    ("check true_of_all", ("--engine", "nobody"), 2),
    ("check true_of_all", ("--engine", "reference"), 0),
]


@pytest.mark.parametrize(("lines", "flags", "code"), TABLE)
def test_exit_code(
    lines: str,
    flags: tuple[str, ...],
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "a.kspec").write_text(PODS + lines, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main._run(["check", "a.kspec", *flags]) == code, capsys.readouterr()
    shown = capsys.readouterr()
    if code != 2:
        assert f"(exit {code})" in shown.out
    else:
        assert "error[" in shown.err


def test_no_file_is_nothing_to_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main._run(["check"]) == 5
    assert main._run(["check", "."]) == 5
    assert main._run(["check", "none.kspec"]) == 2


def test_a_mistake_in_one_file_keeps_all_from_being_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.kspec").write_text(PODS + "check few", encoding="utf-8")
    (tmp_path / "b.kspec").write_text("kind {", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main._run(["check", "."]) == 2
    assert "nothing was checked" in capsys.readouterr().out


def test_a_scenario_with_a_mistake_leaves_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = PODS.replace("cluster one { }\nroom { Pod: 2 }\n", "") + (
        'scenario bad { cluster { from "../../etc" } check true_of_all }\n'
        "scenario good { cluster { } check true_of_all }\n"
    )
    (tmp_path / "a.kspec").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main._run(["check", "a.kspec"]) == 2
    shown = capsys.readouterr()
    assert "outside-directory" in shown.err
    assert "! ERROR" in shown.out
    assert "✔ HOLDS" in shown.out


def test_a_mistake_of_kspec_leaves_a_bundle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from kspec.driver.searching import search
    from kspec.verdict.replay import Flaw

    (tmp_path / "a.kspec").write_text(PODS + "check few", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr(search, "replay", lambda *_: Flaw(0, "no reason"))
    assert main._run(["check", "a.kspec"]) == 101
    shown = capsys.readouterr()
    assert shown.out == ""
    (bundle,) = tmp_path.glob("kspec-bug-*")
    assert str(bundle) in shown.err
    assert (bundle / "system.txt").read_text(encoding="utf-8").startswith("(system")
    assert "does not replay" in (bundle / "report.txt").read_text(encoding="utf-8")
