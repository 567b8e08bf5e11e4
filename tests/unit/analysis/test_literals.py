"""A literal with a unit, or with a point, is not whatever is wanted."""

from __future__ import annotations

import pytest

from kspec.analysis.check import check
from kspec.analysis.tables import Loaded
from kspec.base.source import SourceFile
from kspec.syntax.parse import parse


def slugs(text: str) -> list[str]:
    parsed = parse(SourceFile("module.kspec", text))
    assert parsed.module is not None and parsed.diagnostics == ()
    found = check([Loaded("module", parsed.module)])
    return [d.code.slug for d in found.diagnostics]


@pytest.mark.parametrize("type_", ["bool", "0..3", "int", "name", "enum { A, B }", "set of int"])
@pytest.mark.parametrize("literal", ["0.5", "500m", "5s", "1Gi"])
def test_an_amount_is_refused_where_something_else_is_wanted(type_: str, literal: str) -> None:
    assert slugs(f"const kind K {{ n: {type_} = {literal} }}") == ["type-mismatch"]


@pytest.mark.parametrize(
    "type_", ["rational", "rational?", "quantity", "cpu", "memory?", "percent?"]
)
def test_an_amount_without_a_unit_takes_the_one_that_is_wanted(type_: str) -> None:
    assert slugs(f"const kind K {{ n: {type_} = 0.5 }}") == []


def test_numbers_of_a_scenario_are_whole() -> None:
    text = """
environment e { action go do nothing }
invariant i: true
scenario s { run e at most 0.5  check i }
"""
    assert slugs(text) == ["type-mismatch"]
