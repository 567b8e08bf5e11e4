"""Help is short, has an example, and the example can be typed."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from kspec.cli import main
from tests.cli.programs import ROOT


@pytest.mark.parametrize("command", [None, *main.COMMANDS])
def test_help(
    command: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--help"] if command is None else [command, "--help"]
    monkeypatch.setenv("COLUMNS", "80")
    assert main._run(asked) == 0
    shown = capsys.readouterr().out
    assert len(shown.splitlines()) <= 45
    assert max(map(len, shown.splitlines())) <= 80
    assert re.search(r"^ *Examples:\n +(\w+=\S+ )?(kspec|kubectl) ", shown, re.MULTILINE), shown


def test_without_arguments_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main._run([]) == 2
    assert "Commands:" in capsys.readouterr().out


SLOW = [pytest.param(command, marks=pytest.mark.slow) for command in ("info", "simulate")]


@pytest.mark.parametrize("command", [*SLOW, "fmt", "import", "explain", "version"])
def test_the_first_example_works(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "models").symlink_to(ROOT / "models")
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "a.kspec").write_text("kind  P { }\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    main._run([command, "--help"])
    example = capsys.readouterr().out.split("Examples:\n")[1].splitlines()[0]
    assert main._run(shlex.split(example)[1:]) in (0, 3), capsys.readouterr().err
