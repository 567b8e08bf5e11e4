"""Every scope of a sweep gives what the same scope gives alone: docs/language, sweeps."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from kspec.driver.check import Given, Options, check
from kspec.driver.result import Row
from kspec.driver.searching.reduce import ALL, NONE, Reductions
from tests.cli.programs import ROOT

MODEL = (ROOT / "benchmarks" / "models" / "m2.kspec").read_text(encoding="utf-8")
BASE = MODEL[: MODEL.index("scenario p3n2")]
BAD = """
invariant few_end "one pod ends at a time": count(p: Pod where p.phase is terminating) <= 1
scenario sweep {{
  in base
  with C = {c}, R = 2, K = 1
  for Node in {node}, Pod in {pod}
  check capacity, replicas_bound, few_end
}}
"""


def rows(path: Path, wanted: Reductions, **scope: str) -> list[Row]:
    path.write_text(BASE + BAD.format(**scope), encoding="utf-8")
    result = check([Given(path, path.name)], Options(reductions=wanted))
    assert result.judged, [d.message for file in result.files for d in file.diagnostics]
    return list(result.rows)


def said(row: Row) -> Mapping[str, object]:
    return {
        "scope": row.scope.point,
        "name": row.name,
        "word": row.word,
        "verdict": row.verdict,
        "reached": row.reached,
        "cuts": row.cuts,
    }


@pytest.mark.parametrize(
    ("wanted", "most"),
    [
        (ALL, 2),
        pytest.param(ALL, 3, marks=pytest.mark.slow),
        pytest.param(NONE, 3, marks=pytest.mark.slow),
    ],
)
def test_every_scope_is_as_alone(tmp_path: Path, wanted: Reductions, most: int) -> None:
    path = tmp_path / "m2.kspec"
    together = rows(path, wanted, c="2", node="1..2", pod=f"1..{most}")
    assert len(together) == 2 * most * 3 and len({row.word for row in together}) == 2
    for node in (1, 2):
        for pod in range(1, most + 1):
            alone = rows(path, wanted, c="2", node=f"{node}..{node}", pod=f"{pod}..{pod}")
            point = alone[0].scope.point
            some = [row for row in together if row.scope.point == point]
            assert [*map(said, some)] == [*map(said, alone)], point
