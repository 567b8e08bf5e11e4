"""What `kspec prove` is given and cannot use: said with what was expected, never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from kspec.cli import main

PROGRAM = """
kind Pod { n: 0..9 = 0 }
environment people { action up(p: Pod) when p.n < 4 do p.n := p.n + 1 }
invariant small: all p: Pod | p.n < 6
cluster one { pod a {} }
check small
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.kspec").write_text(PROGRAM, encoding="utf-8")
    (tmp_path / "empty").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("a.kspec",), 5, "next  kspec prove a.kspec -p small"),
        (("a.kspec", "-p", "smal"), 5, "did you mean `small`?"),
        (("a.kspec", "-s", "s"), 5, "no scenario is called `s`"),
        (("empty",), 5, "no program"),
        (("a.kspec", "--for-all", "pod"), 2, "did you mean `Pod`?"),
        (("a.kspec", "--for-all", ","), 2, "name kinds"),
        (("a.kspec", "--timeout", "nan"), 2, "is no time"),
        (("a.kspec", "--certificates", "a.kspec/x", "-p", "small"), 2, "cannot write to"),
        (("--recheck", "empty"), 5, "no *.kproof file in `empty`"),
        (("--recheck", "gone.kproof"), 2, "there is no such file"),
        (("--recheck", "a.kspec"), 1, "it is no certificate"),
        (("--recheck", "a.kspec", "--for-all", "Pod"), 2, "does not go with --recheck"),
    ],
)
def test_what_cannot_be_used_is_said(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int, said: str
) -> None:
    assert main._run(["prove", *arguments]) == code
    shown = capsys.readouterr()
    assert said in shown.out + shown.err


@pytest.mark.parametrize("content", [b"\xff\xfe", b"", b"[" * 100_000, b"[]", b"9" * 9999, b"{}"])
def test_what_is_no_certificate_is_rejected(
    home: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    (home / "x.kproof").write_bytes(content)
    assert main._run(["prove", "--recheck", "x.kproof"]) == 1
    assert "REJECTED" in capsys.readouterr().out
