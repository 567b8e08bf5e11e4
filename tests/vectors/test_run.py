"""The runner of vectors: it counts, says why, reads exactly, and says where it cannot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.vectors.__main__ import main
from tests.vectors.run import Outcome, Unreadable, line, read_json, run_directory

MODULE = """
vectors "halves.json" {
  case half(i, o): i * 2 == o
  case unit-test(i, o): i.n == o.n
  skip later because "not yet"
}
"""
VECTORS = [
    {"id": "a", "kind": "half", "input": 1, "expected": 2},
    {"id": "b", "kind": "half", "input": 1, "expected": 3},
    {"id": "c", "kind": "later"},
    {"id": "d", "kind": "unit-test", "inputs": {"n": 0.3}, "expected": {"n": 0.3}},
]


def files(tmp_path: Path, **texts: str) -> tuple[Path, Path]:
    """A directory of data and one of modules."""
    data, modules = tmp_path / "data", tmp_path / "modules"
    data.mkdir()
    modules.mkdir()
    (modules / "halves.kspec").write_text(MODULE)
    for name, text in texts.items():
        (data / f"{name}.json").write_text(text)
    return data, modules


def test_a_file_is_one_line(tmp_path: Path) -> None:
    data, modules = files(tmp_path, halves=json.dumps({"meta": {}, "vectors": VECTORS}))
    (outcome,) = run_directory(data, modules)
    assert isinstance(outcome, Outcome)
    text = line(outcome)
    assert "\n" not in text
    said = json.loads(text)
    assert [said[key] for key in ("file", "total", "passed", "left_out", "failed")] == [
        "halves.json",
        4,
        2,
        1,
        1,
    ]
    assert said["left_out_because"] == {"not yet": ["c"]}
    (failed,) = said["failed_because"]
    assert (failed["id"], failed["got"], failed["expected"]) == ("b", 2, 3)


def test_a_file_that_nobody_is_about_is_left_out_wholly(tmp_path: Path) -> None:
    data, modules = files(tmp_path, other=json.dumps(VECTORS))
    (outcome,) = run_directory(data, modules)
    assert isinstance(outcome, Outcome)
    assert (outcome.module, outcome.report.total, len(outcome.report.left_out)) == (None, 4, 4)
    assert "no model" in outcome.report.left_out[0].why


def test_bad_json_is_told_where_and_does_not_stop_the_rest(tmp_path: Path) -> None:
    data, modules = files(tmp_path, a='{"vectors":\n  [1, ]}', halves="[]")
    wrong, right = run_directory(data, modules)
    assert isinstance(wrong, Unreadable)
    assert "a.json:2:7:" in str(wrong)
    assert isinstance(right, Outcome)


@pytest.mark.parametrize(
    ("content", "where"),
    [(b'{"a":\n "\xff"}', ":2:3:"), (b"[NaN]", ":1:1:"), (b"[" * 100_000, ":1:1:"), (b"", ":1:1:")],
)
def test_what_is_no_json(tmp_path: Path, content: bytes, where: str) -> None:
    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(Unreadable, match=where):
        read_json(tmp_path / "x.json")


def test_a_module_that_is_wrong_is_told_where(tmp_path: Path) -> None:
    data, modules = files(tmp_path, halves="[]")
    (modules / "halves.kspec").write_text('vectors "halves.json" { case a(i, o): 1 + true == o }')
    (wrong,) = run_directory(data, modules)
    assert isinstance(wrong, Unreadable)
    assert "halves.kspec:1:" in str(wrong)


def test_exit_codes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert main([str(tmp_path)]) == 2
    (tmp_path / "nobody.json").write_text("[]")
    assert main([str(tmp_path)]) == 0
    (tmp_path / "broken.json").write_text("{")
    assert main([str(tmp_path)]) == 2
    assert capsys.readouterr().out.count('"file"') == 2
