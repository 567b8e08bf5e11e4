"""`kspec info`: sizes that are so, and analyses that are called analyses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kspec.cli import main
from kspec.report.info import WIDTH
from tests.cli.programs import PODS

PROGRAM = """\
enum Phase { Pending, Running }
kind Node key name { name: name; cpu: cpu }
kind Pod { on: Node? = none; hot: 0..5 = 0 }
environment scheduler { action bind(p: Pod, n: Node) when p.on missing, n.cpu > 1 do p.on := n }
environment sun { action heat(p: Pod) when p.hot < 5 do p.hot := p.hot + 1 }
fault crash(n: Node) when n.cpu > 1 do { for p: Pod where p.on is n { p.on := none } }
invariant cold: all p: Pod | p.hot <= 5
invariant bound: all p: Pod | p.on exists implies p.hot >= 0
property hot: reachable some p: Pod | p.hot == 5
property goes_on: no deadlock
cluster three { node a, b { cpu: 2 } node c { cpu: 1 } pod x, y { } }
scenario one { in three faults { crash at most 2 } check hot, goes_on expect holds cold }
scenario two { in three run sun }
"""


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.kspec").write_text(PROGRAM, encoding="utf-8")
    return tmp_path / "a.kspec"


def facts(capsys: pytest.CaptureFixture[str], *flags: str) -> list[dict[str, Any]]:
    assert main._run(["info", "a.kspec", "-o", "json", *flags]) == 0
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["scopes"]
    return found


def test_facts(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = facts(capsys)
    assert one["objects"] == {"Node": 3, "Pod": 2}
    assert one["variables"]["Pod.hot"] == 2 * 3
    assert one["variables"]["Pod.on"] == 2 * (1 + 2)
    assert one["bits"] == sum(one["variables"].values())
    assert one["actions"]["scheduler.bind"] == 2 * 3
    assert int(one["bound"]) == 6**2 * 4**2 * 3
    assert one["faults"] == ["crash at most 2"]
    assert one["judges"] == ["hot", "goes_on", "cold"]
    assert two["judges"] == []
    assert two["variables"] == {"Pod.hot": 6}


def test_symmetry_and_slices(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = facts(capsys, "-s", "one")[0]
    symmetry = {of["kind"]: of for of in one["symmetry"]}
    assert symmetry["Pod"]["groups"] == [["x", "y"]]
    assert symmetry["Node"]["groups"] == [["a", "b"], ["c"]]
    assert symmetry["Node"]["apart"] == "Node.cpu"
    assert "Pod.on" in one["slices"]["hot"]
    assert one["slices"]["goes_on"] == []
    slicing, symmetry_said = one["reduced"]
    assert slicing.startswith("slicing off: goes_on sees everything")
    assert symmetry_said == (
        "symmetry on: Node a, b alike (others told apart by Node.cpu); Pod all 2 alike"
    )


def test_a_sample_is_no_bound_and_no_more_than_there_is(
    program: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program.write_text(PODS + "check true_of_all\n", encoding="utf-8")
    (one,) = facts(capsys)
    main._run(["check", "a.kspec", "-o", "json"])
    states = json.loads(capsys.readouterr().out)["results"][0]["states"]
    assert 1 < one["sample"]["states"] <= states <= int(one["bound"])
    assert facts(capsys, "--no-sample")[0]["sample"] is None


def test_where_walks_meet_everything_nobody_says_there_is_more(
    program: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program.write_text(
        "kind Pod {}\ncluster one { pod x {} }\nscenario s { in one }\n", encoding="utf-8"
    )
    (scope,) = facts(capsys)
    assert (scope["sample"]["states"], scope["sample"]["guess"]) == (1, 1)


def test_the_screen_calls_things_what_they_are(
    program: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main._run(["info", "a.kspec"]) == 0
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= WIDTH
    for part in ("a bound, no", "sampled, ", "perhaps far", "--reduction all"):
        assert part in shown
    assert shown == (main._run(["info", "a.kspec"]), capsys.readouterr().out)[1]


def test_nothing_and_mistakes(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main._run(["info", "a.kspec", "-s", "nobody"]) == 5
    program.write_text(PROGRAM.replace("cpu: 1 }", "cpu: 1Gi }"), encoding="utf-8")
    assert main._run(["info", "a.kspec"]) == 2
    shown = capsys.readouterr()
    assert "error[" in shown.err
    program.write_text('cluster c from "none/"\nscenario s { in c }\n', encoding="utf-8")
    assert main._run(["info", "a.kspec"]) == 2
    assert "unreadable-file" in capsys.readouterr().err


def test_check_says_what_info_promised(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    promised = facts(capsys, "-s", "one")[0]["reduced"]
    main._run(["check", "a.kspec", "-s", "one", "--vacuity", "off", "-o", "json"])
    plain = json.loads(capsys.readouterr().out)["results"]
    main._run(
        ["check", "a.kspec", "-s", "one", "--vacuity", "off", "-o", "json", "--reduction", "all"]
    )
    fewer = json.loads(capsys.readouterr().out)["results"]
    assert [row["word"] for row in fewer] == [row["word"] for row in plain]
    assert [row["reduced"] for row in plain] == [[], [], []]
    assert [row["reduced"] for row in fewer] == [promised] * 3
    assert fewer[0]["states"] < plain[0]["states"]
