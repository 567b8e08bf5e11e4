"""`--emit-llvm`: the code that is run, with the places in the files that it comes from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.programs import run

PROGRAM = """kind Pod { n: 0..3 = 0; done: bool = false }
environment people {
  action up(p: Pod)
    when  p.n < 3,
          not p.done
    do    {
      p.n := p.n + 1
      p.done := p.n == 2
    }
  action reset(p: Pod) when p.done do p.done := false
}
invariant small: all p: Pod | p.n < 3
cluster one { pod a {}; pod b {} }
check small
"""
PLACES = {
    "action people.up": 3,
    "guard 1 of people.up": 4,
    "guard 2 of people.up": 5,
    "update 1 of people.up": 7,
    "update 2 of people.up": 8,
    "action people.reset": 10,
    "guard 1 of people.reset": 10,
    "update 1 of people.reset": 10,
    "property small": 12,
}


@pytest.fixture
def program(tmp_path: Path) -> Path:
    (tmp_path / "a.kspec").write_text(PROGRAM, encoding="utf-8")
    return tmp_path


def test_comments_name_what_code_comes_from(program: Path) -> None:
    done = run("check", "a.kspec", "--emit-llvm", cwd=program)
    assert done.returncode == 0 and not done.stderr
    assert done.stdout.startswith("; a.kspec\n") and "define i64 @advance(" in done.stdout
    found: dict[str, set[int]] = {}
    shown = re.compile(r"^  ; ((?:\w+ \d of|action|property) [\w.]+).*  \(a\.kspec:(\d+):\d+\)$")
    for line in done.stdout.splitlines():
        if match := shown.match(line):
            found.setdefault(match[1], set()).add(int(match[2]))
    assert {name: lines for name, lines in found.items() if name in PLACES} == {
        name: {line} for name, line in PLACES.items()
    }


def test_code_does_not_depend_on_where_it_is_written(program: Path) -> None:
    """What is remembered of an earlier run is of use after a line was put in above."""
    before = run("check", "a.kspec", "--emit-llvm", cwd=program).stdout
    (program / "a.kspec").write_text("\n\n" + PROGRAM, encoding="utf-8")
    after = run("check", "a.kspec", "--emit-llvm", cwd=program).stdout
    place = re.compile(r"  \(a\.kspec:\d+:\d+\)$", re.MULTILINE)
    assert before != after and place.sub("", before) == place.sub("", after)
