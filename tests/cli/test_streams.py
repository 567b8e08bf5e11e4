"""What goes where: results on stdout and nothing else, the same bytes every time."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kspec.driver.check import Given, Options, check
from kspec.driver.result import Require, Vacuity, Word
from tests.cli.programs import MAIN, PODS, ROOT, run

LINES = "check true_of_all, busy, stays, later\nexpect violated few\n"


@pytest.fixture
def program(tmp_path: Path) -> Path:
    (tmp_path / "a.kspec").write_text(PODS + LINES, encoding="utf-8")
    return tmp_path


def test_json_has_stdout_for_itself(program: Path) -> None:
    done = run("check", "a.kspec", "-o", "json", "--timings", cwd=program)
    found = json.loads(done.stdout)
    assert list(found) == [
        "apiVersion",
        "kind",
        "kspec",
        "inputs",
        "diagnostics",
        "ledger",
        "results",
        "never_fired",
        "summary",
        "timings",
    ]
    assert (found["apiVersion"], found["kind"]) == ("kspec.dev/v1", "CheckResult")
    assert found["summary"]["exit"] == done.returncode == 3
    assert found["timings"]
    wanted = set(
        ["file", "name", "scope", "verdict", "expected", "evidence", "assumptions", "engine"]
    )
    wanted |= {"states", "transitions", "depth", "trace"}
    for row in found["results"]:
        assert wanted <= set(row)


def test_json_stays_json_when_something_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "a.kspec").write_text("kind {", encoding="utf-8")
    done = run("check", "a.kspec", "-o", "json", cwd=tmp_path)
    found = json.loads(done.stdout)
    assert done.returncode == found["summary"]["exit"] == 2
    assert found["diagnostics"][0]["at"]["line"] == 1
    assert "error[" in done.stderr


def test_the_result_is_the_same_every_time(program: Path) -> None:
    for flags in ((), ("-o", "json")):
        first, second = (
            run("check", "a.kspec", *flags, cwd=program, environ={"PYTHONHASHSEED": seed})
            for seed in ("1", "2")
        )
        assert first.stdout == second.stdout != ""


def test_both_engines_say_the_same(program: Path) -> None:
    texts = [
        json.loads(run("check", "a.kspec", "-o", "json", "--engine", e, cwd=program).stdout)
        for e in ("explicit", "reference")
    ]
    for found in texts:
        for row in found["results"]:
            del row["engine"], row["evidence"]
    assert texts[0] == texts[1]


def test_times_are_shown_on_stderr_only(program: Path) -> None:
    plain = run("check", "a.kspec", cwd=program)
    timed = run("check", "a.kspec", "--timings", cwd=program)
    assert timed.stdout == plain.stdout
    assert " ms  search a.kspec" in timed.stderr
    assert plain.stderr == ""


def test_colour_is_asked_for(program: Path) -> None:
    def is_coloured(*flags: str, **environ: str) -> bool:
        clean = {"NO_COLOR": "", "FORCE_COLOR": "", "CLICOLOR_FORCE": "0", **environ}
        return "\x1b[" in run("check", "a.kspec", *flags, cwd=program, environ=clean).stdout

    assert not is_coloured()
    assert is_coloured("--color", "always", NO_COLOR="1")
    assert is_coloured(FORCE_COLOR="1")
    assert not is_coloured(FORCE_COLOR="1", NO_COLOR="1")


def test_signs_can_be_plain(program: Path) -> None:
    shown = run("check", "a.kspec", cwd=program, environ={"KSPEC_ASCII": "1"}).stdout
    assert shown.isascii()
    assert "x VIOLATED" in shown


def test_a_reader_that_goes_away_is_no_mistake(program: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, "check", "a.kspec"],
        cwd=program,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    complaints = process.stderr.read()
    process.stderr.close()
    process.wait(timeout=60)
    assert b"Traceback" not in complaints


# ---- interrupted -------------------------------------------------------------------------------


def test_an_interrupted_search_says_what_it_knows(program: Path) -> None:
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 4

    given = Given(program / "a.kspec", "a.kspec")
    result = check([given], Options(engine="reference", interrupted=stop))
    assert result.interrupted
    assert result.code(Require.DEFAULT, Vacuity.WARN) == 130
    words = {row.name: row.word for row in result.rows}
    assert words["true_of_all"] in (Word.BOUNDED, Word.UNKNOWN)
    assert Word.HOLDS not in words.values()


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["explicit", "reference"])
def test_ctrl_c_ends_a_long_search_with_what_is_known(engine: str, tmp_path: Path) -> None:
    fields = "\n".join(f"  f{i}: 0..9 = 0" for i in range(12))
    actions = "\n".join(
        f"  action up{i}(p: P) when p.f{i} < 9 do p.f{i} := p.f{i} + 1" for i in range(12)
    )
    text = (
        f"kind P {{\n{fields}\n}}\nenvironment e {{\n{actions}\n}}\n"
        "invariant small: all p: P | p.f0 < 10\ncluster c { p a { } }\ncheck small\n"
    )
    (tmp_path / "a.kspec").write_text(text, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, "check", "a.kspec", "--engine", engine],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PYTHONPATH": str(ROOT)},
        encoding="utf-8",
    )
    time.sleep(6)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130, (out, err)
    assert "NO BUG TO" in out
    assert "interrupted" in out
    assert "Traceback" not in err
