"""`kspec check --engine portfolio`: what the search answers stands; the rest is asked of others."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest

from kspec.cli import main
from kspec.driver.portfolio import schedule as portfolio
from kspec.driver.portfolio import side_by_side
from kspec.driver.portfolio.side_by_side import CHILD
from tests.cli.programs import MAIN, PODS, ROOT

PROGRAM = """
kind Pod { n: 0..9 = 0 }
controller counter {
  action two(p: Pod) when p.n < 4 do p.n := p.n + 2
  action back(p: Pod) when p.n == 4 do p.n := 2
}
invariant small: all p: Pod | p.n < 5
invariant tiny: all p: Pod | p.n < 3
property odd: reachable some p: Pod | p.n == 5
property grows: all p: Pod | eventually p.n == 8
cluster one { pod a, b {} }
check small, tiny, odd, grows
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.kspec").write_text(PROGRAM, encoding="utf-8")
    return tmp_path


def rows(capsys: pytest.CaptureFixture[str], *flags: str) -> dict[str, Any]:
    main._run(["check", "a.kspec", "-o", "json", *flags])
    found = json.loads(capsys.readouterr().out)["results"]
    return {row["name"]: (row["word"], row["engine"]) for row in found}


def test_what_a_budget_leaves_open_is_proved_or_found(capsys: pytest.CaptureFixture[str]) -> None:
    few = ("--max-states", "4")
    assert {word for word, _ in rows(capsys, *few).values()} == {"NO BUG TO 0", "UNKNOWN"}
    assert rows(capsys, *few, "--engine", "portfolio") == {
        "small": ("HOLDS", "pdr"),
        "tiny": ("VIOLATED", "bounded search"),
        "odd": ("VIOLATED", "pdr"),
        "grows": ("VIOLATED", "bounded search"),
    }


def test_the_first_turn_that_answers_wins(capsys: pytest.CaptureFixture[str]) -> None:
    # The search gets as far as what is violated, and not to the end.
    found = rows(capsys, "--engine", "portfolio", "--max-states", "7", "-p", "tiny", "-p", "small")
    assert found == {"small": ("HOLDS", "pdr"), "tiny": ("VIOLATED", "explicit")}


def test_within_its_budget_nothing_differs(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = "check few, true_of_all, busy, idle, stays, never_made, later, goes_on\n"
    (home / "a.kspec").write_text(PODS + lines, encoding="utf-8")
    said = []
    for engine in ("explicit", "portfolio"):
        main._run(["check", "a.kspec", "--engine", engine, "-o", "json"])
        said.append(json.loads(capsys.readouterr().out)["results"])
    for row in said[1]:
        if row["kind"] != "implicit":
            (turn,) = row.pop("turns")
            assert turn.startswith("search of 2 000 000 states: ")
    for row in (*said[0], *said[1]):
        (row["evidence"] or {}).pop("words", None)  # who answered is told there, too
    assert said[0] == said[1]


def test_a_step_out_of_range_that_only_a_solver_finds(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = PROGRAM.replace("when p.n < 4", "when p.n < 9").replace(", tiny, odd, grows", "")
    (home / "a.kspec").write_text(text, encoding="utf-8")
    found = rows(capsys, "--engine", "portfolio", "--max-states", "3")
    assert list(found)[-1] == "in-range", "it comes last"
    assert found["in-range"] == ("VIOLATED", "bounded search")
    assert found["small"] == ("VIOLATED", "bounded search")


# ---- side by side ------------------------------------------------------------------------------


def test_the_screen_says_who_answered(capsys: pytest.CaptureFixture[str]) -> None:
    main._run(["check", "a.kspec", "--engine", "portfolio"])
    out = capsys.readouterr().out
    assert "HOLDS     small  by all 9 states, 18 transitions" in out
    assert "VIOLATED  tiny   after 2 steps, by search" in out
    assert "VIOLATED  odd    never reached, by all 9 states" in out
    assert "asked" not in out
    few = ("-p", "small", "-p", "tiny", "--max-states", "4")
    main._run(["check", "a.kspec", "--engine", "portfolio", *few])
    out = capsys.readouterr().out
    assert "HOLDS     small  by pdr, k = 1, with " in out
    assert "VIOLATED  tiny   after 2 steps, by bounded search" in out


def test_what_stays_open_tells_what_everybody_said(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = PROGRAM.replace("eventually p.n == 8", "eventually p.n == 4")
    (home / "a.kspec").write_text(text, encoding="utf-8")
    flags = ("-p", "grows", "--engine", "portfolio", "--max-states", "4")
    assert rows(capsys, *flags) == {"grows": ("NO BUG TO 8", "bounded search")}
    main._run(["check", "a.kspec", *flags])
    asked = [x.strip() for x in capsys.readouterr().out.splitlines() if "  asked  " in x]
    assert asked == [
        "asked  search of 4 states: the limit on states was reached",
        "asked  search for loops: the depth limit was reached",
    ]


def test_time_that_is_up_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    flags = ("-p", "small", "--engine", "portfolio", "--max-states", "4", "--timeout", "0")
    main._run(["check", "a.kspec", *flags])
    asked = [x.strip() for x in capsys.readouterr().out.splitlines() if "  asked  " in x]
    assert asked == ["asked  search of 4 states: the time limit was reached"]


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    return main._run(["check", *arguments]), capsys.readouterr().out


def small_budgets(monkeypatch: pytest.MonkeyPatch, few: int, brief: int, many: int) -> None:
    """So that there is something to do for everybody, of programs that take no time."""
    monkeypatch.setattr(portfolio, "FEW", few)
    monkeypatch.setattr(portfolio, "BRIEF", brief)
    monkeypatch.setattr(portfolio, "MANY", many)


def late(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Processes that begin late, drawn with a seed; by how much."""
    draw, begun = Random(3), list[float]()

    def started() -> subprocess.Popen[bytes]:
        begun.append(draw.choice((0.0, 0.6)))
        text = f"import time; time.sleep({begun[-1]})\n{CHILD.format([ROOT.as_posix()])}"
        pipe = subprocess.PIPE
        return subprocess.Popen([sys.executable, "-c", text], stdin=pipe, stdout=pipe)

    monkeypatch.setattr(side_by_side, "_started", started)
    return begun


def test_the_same_bytes_whoever_is_first(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    small_budgets(monkeypatch, 4, 1, 7)
    arguments = ("a.kspec", "--engine", "portfolio", "-o", "json", "-j")
    alone = said(capsys, *arguments, "1")
    begun = late(monkeypatch)
    assert said(capsys, *arguments, "3") == alone
    assert begun, "nobody was asked beside anybody"
    assert {row["engine"] for row in json.loads(alone[1])["results"]} >= {"pdr", "bounded search"}


def test_a_second_search_answers_what_the_first_left_open(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    small_budgets(monkeypatch, 7, 0, 100)
    flags = ("-p", "tiny", "-p", "small", "--engine", "portfolio", "-j", "1")
    assert rows(capsys, *flags) == {
        "small": ("HOLDS", "explicit"),
        "tiny": ("VIOLATED", "explicit"),
    }
    main._run(["check", "a.kspec", *flags, "-o", "json", "--statistics"])
    found = json.loads(capsys.readouterr().out)
    turns = {row["name"]: [t.partition(":")[0] for t in row["turns"]] for row in found["results"]}
    assert turns["tiny"] == ["search of 7 states"]
    assert turns["small"] == ["search of 7 states", "induction", "search of 100 states"]
    (covered,) = found["statistics"]
    assert covered["complete"] and covered["states"] == 9


LIBRARY = (
    ("properties/kubelet.kspec", "late_kubelet"),
    ("properties/leases.kspec", "healthy"),
    ("properties/leases.kspec", "too_slow"),
    ("properties/rbac.kspec", "policies_change"),
    ("properties/rbac_relations.kspec", "every"),
    ("properties/statefulset_relations.kspec", "force_is_another_matter"),
)


@pytest.mark.slow
@pytest.mark.parametrize(("file", "scenario"), LIBRARY)
def test_the_same_bytes_on_the_library(
    file: str, scenario: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    small_budgets(monkeypatch, 5, 20, 500)
    monkeypatch.setattr(portfolio, "DEEP", 5)
    flags = (file, "-s", scenario, "--engine", "portfolio", "-j")
    alone = said(capsys, *flags, "1")
    late(monkeypatch)
    assert said(capsys, *flags, "3") == alone


# ---- Ctrl-C ------------------------------------------------------------------------------------


def children(of: int) -> list[int]:
    done = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True)
    pairs = (line.split() for line in done.stdout.splitlines())
    return [int(pid) for pid, parent in pairs if int(parent) == of]


def alive(pids: list[int]) -> list[int]:
    done = subprocess.run(["ps", "-A", "-o", "pid=,stat="], capture_output=True, text=True)
    states = dict(line.split(None, 1) for line in done.stdout.splitlines())
    return [pid for pid in pids if not states.get(str(pid), "Z").startswith("Z")]


def begun() -> tuple[subprocess.Popen[str], list[int]]:
    """A check whose proof takes long, when it is asked beside another one."""
    program = "models/demo.kspec"
    flags = ("-s", "remembers", "--engine", "portfolio", "--max-states", "4", "-j", "2")
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, "check", program, *flags],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    for _ in range(600):
        found = children(process.pid)
        if len(found) == 2:
            return process, found
        time.sleep(0.1)
    process.kill()
    raise AssertionError(process.communicate())


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="nothing to kill with")
def test_ctrl_c_prints_what_is_known_and_leaves_nobody() -> None:
    process, found = begun()
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130 and "interrupted: " in out
    assert "Traceback" not in err
    assert not alive(found)


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="nothing to kill with")
def test_nobody_outlives_a_check_that_is_killed() -> None:
    process, found = begun()
    process.kill()
    process.communicate(timeout=60)
    for _ in range(100):
        if not alive(found):
            return
        time.sleep(0.1)
    raise AssertionError(f"{alive(found)} are still there")
