"""The claims about evictions are found false where the model is made wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from kspec.driver.check import Given, Options, check
from tests.models.verdicts import ROOT

MUTANTS = [
    ("eviction_rank", "if c.priority then priority else 0,", "0,", "eviction_order"),
    (
        "eviction_rank",
        "c.exceeds and measured and not exceeds,",
        "c.exceeds and measured and exceeds,",
        "within_requests_last",
    ),
    ("eviction_rank", "then -excess else 0", "then excess else 0", "excess_last"),
    ("eviction", "fresh := not measures_again", "fresh := true", "one_a_round"),
    ("eviction", "some f in free | f < n.threshold", "free exists", "only_under_pressure"),
    ("eviction", "no q: Pod | candidate(q) and key(q) < key(p)", "true", "eviction_order"),
    ("eviction", "and not p.critical", "", "critical_spared"),
    ("eviction", "next p.phase := Failed", "next nothing", "somebody_goes"),
    ("eviction", "next p.phase := Failed", "next nothing", "relief"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("file", "old", "new", "claim"), MUTANTS)
def test_a_wrong_model_is_found_out(
    tmp_path: Path, file: str, old: str, new: str, claim: str
) -> None:
    for name in ("eviction", "eviction_rank"):
        text = (ROOT / "models" / f"{name}.kspec").read_text()
        if name == file:
            assert text.count(old) == 1
            text = text.replace(old, new)
        (tmp_path / f"{name}.kspec").write_text(text)
    claims = (ROOT / "properties" / "eviction.kspec").read_text()
    path = tmp_path / "claims.kspec"
    path.write_text(claims.replace("import models.eviction", "import eviction"))
    names = ("order", "critical", "in_the_end")
    result = check([Given(path, "claims.kspec")], Options(scenarios=names, patterns=(claim,)))
    rows = [row for found in result.files for row in found.rows if not row.scope.extra]
    assert "VIOLATED" in {row.word.value for row in rows if row.name == claim}
