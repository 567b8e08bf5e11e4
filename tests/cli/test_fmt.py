"""`kspec fmt`: in place, whole or not at all, and nothing that is shipped would change."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kspec.cli import main
from tests.cli.programs import MAIN, ROOT

LOOSE = "kind Pod{ready:bool=false}     # stays\n"
TIGHT = "kind Pod { ready: bool = false }  # stays\n"
WRONG = "kind {\n"


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in (("a", LOOSE), ("b", TIGHT)):
        (tmp_path / f"{name}.kspec").write_text(text, encoding="utf-8")
    return tmp_path


def test_in_place(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main._run(["fmt", "."]) == 0
    assert (directory / "a.kspec").read_text(encoding="utf-8") == TIGHT
    assert (
        capsys.readouterr().out
        == "formatted a.kspec\n1 formatted, 1 already canonical   (exit 0)\n"
    )
    assert sorted(p.name for p in directory.iterdir()) == ["a.kspec", "b.kspec"]


def test_check_changes_nothing(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main._run(["fmt", "--check", "."]) == 1
    assert (directory / "a.kspec").read_text(encoding="utf-8") == LOOSE
    shown = capsys.readouterr().out
    assert f"-{LOOSE}+{TIGHT}" in shown
    assert shown.endswith("next  kspec fmt .\n")
    assert main._run(["fmt", "--check", "b.kspec"]) == 0


def test_a_mistake_leaves_its_file_alone_and_no_other(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (directory / "c.kspec").write_text(WRONG, encoding="utf-8")
    assert main._run(["fmt", "."]) == 2
    shown = capsys.readouterr()
    assert " --> c.kspec:1:6" in shown.err
    assert (directory / "c.kspec").read_text(encoding="utf-8") == WRONG
    assert (directory / "a.kspec").read_text(encoding="utf-8") == TIGHT


def test_mode_and_link_stay(directory: Path) -> None:
    (directory / "a.kspec").chmod(0o640)
    (directory / "link.kspec").symlink_to("a.kspec")
    assert main._run(["fmt", "link.kspec"]) == 0
    assert (directory / "link.kspec").is_symlink()
    assert (directory / "a.kspec").stat().st_mode & 0o777 == 0o640
    assert (directory / "a.kspec").read_text(encoding="utf-8") == TIGHT


def test_a_file_that_cannot_be_replaced_stays(
    directory: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    assert main._run(["fmt", "a.kspec"]) == 2
    assert "cannot write `a.kspec`: no space left on device" in capsys.readouterr().err
    assert (directory / "a.kspec").read_text(encoding="utf-8") == LOOSE
    assert sorted(p.name for p in directory.iterdir()) == ["a.kspec", "b.kspec"]


@pytest.mark.parametrize(("text", "out", "code"), [(LOOSE, TIGHT, 0), (WRONG, "", 2)])
def test_from_stdin_to_stdout(text: str, out: str, code: int, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MAIN, "fmt", "-"],
        cwd=tmp_path,
        input=text,
        capture_output=True,
        encoding="utf-8",
        env={"PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert (done.stdout, done.returncode) == (out, code)


def test_nothing_to_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main._run(["fmt"]) == 5
    assert main._run(["fmt", "none.kspec"]) == 2


def test_a_text_that_would_say_something_else_is_never_written(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kspec.driver import formatting

    monkeypatch.setattr(formatting, "format_module", lambda *_: "kind Pod { ready: bool = true }\n")
    monkeypatch.setenv("TMPDIR", str(directory / "aside"))
    (directory / "aside").mkdir()
    monkeypatch.setattr("tempfile.tempdir", None)
    assert main._run(["fmt", "a.kspec"]) == 101
    assert (directory / "a.kspec").read_text(encoding="utf-8") == LOOSE
    assert list((directory / "aside").glob("kspec-bug-*"))
