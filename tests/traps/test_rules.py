"""The programs of docs/semantics.md, judged by both engines: the page is binding, so it is run.

Each program would come out differently if the rule above it were broken. Where the verdicts alone
would not tell, the number of states does.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from attrs import frozen

from kspec.driver.check import Given, Options, check
from kspec.driver.result import FileResult, Row, Word

PAGE = Path(__file__).parents[2] / "docs" / "semantics.md"
IMPLICIT = {
    "5. What every system must keep / 1": "in-range",
    "5. What every system must keep / 2": "single-write",
}
STATES = {
    "2. A step reads the state before it / 1": 2,
    "3. Canonical form / 1": 5,
    "4. Birth, reuse, cuts / 1": 4,
    "6. Expressions are total and exact / 1": 4,
    "18. A function reads the world of its caller / 1": 2,
    "17. Two layers, one language / 1": 15,
}


@frozen
class Program:
    """A program of the page: where it stands and its text."""

    name: str
    text: str


def programs() -> tuple[Program, ...]:
    """The page's programs, each under its heading."""
    found: list[Program] = []
    heading, count = "", 0
    for match in re.finditer(r"^## ([^\n]+)$|^```kspec\n(.*?)^```$", PAGE.read_text(), re.M | re.S):
        if match.group(1):
            heading, count = match.group(1), 0
            continue
        count += 1
        found.append(Program(f"{heading} / {count}", match.group(2)))
    return tuple(found)


def judged(text: str, engine: str, directory: Path) -> FileResult:
    """The program judged by one engine."""
    path = directory / "rule.kspec"
    path.write_text(text, encoding="utf-8")
    result = check([Given(path, "rule.kspec")], Options(engine=engine))
    assert result.judged, [d.message for f in result.files for d in f.diagnostics]
    return result.files[0]


def wanted(row: Row) -> bool:
    """Is this the verdict that its line asks for?"""
    return bool(row.met) if row.expected is not None else row.word in (Word.HOLDS, Word.REACHED)


ALL = programs()
RUN = tuple(p for p in ALL if "# error:" not in p.text)


def test_every_rule_has_a_program() -> None:
    """Also the rule that speaks of kspec itself: what a reduction may not change."""
    headings = {h for h in re.findall(r"^## (\d+[^\n]*)$", PAGE.read_text(), re.M)}
    shown = {p.name.split(" / ")[0] for p in ALL}
    assert headings <= shown


@pytest.mark.parametrize("engine", ["explicit", "reference"])
@pytest.mark.parametrize("program", RUN, ids=lambda p: p.name)
def test_rule(program: Program, engine: str, tmp_path: Path) -> None:
    """Every line to judge is met; what else is found is what the rule speaks of."""
    rows = judged(program.text, engine, tmp_path).rows
    assert rows
    extra = IMPLICIT.get(program.name)
    for row in rows:
        if row.kind == "implicit":
            assert row.name == extra
            assert row.word is Word.VIOLATED
        else:
            assert wanted(row), (row.name, row.word)
    assert (extra is not None) == any(row.kind == "implicit" for row in rows)


@pytest.mark.parametrize("name", sorted(STATES))
def test_states(name: str, tmp_path: Path) -> None:
    """How many states there are where only that shows whether the rule is kept."""
    (program,) = (p for p in ALL if p.name == name)
    rows = judged(program.text, "reference", tmp_path).rows
    assert {row.reached.states for row in rows if row.reached} == {STATES[name]}
