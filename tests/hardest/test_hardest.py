"""The hardest models parse, type, lower, and say what they said before.

`golden/NAME.txt` has the checked declarations of a model, `golden/NAME.systems.txt` the size of the
system of each of its scenarios, with states and answers where they are few. To accept a change,
look at it, then run with `KSPEC_GOLDEN=write`.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kspec.analysis.check import check
from kspec.analysis.tables import Loaded as Module
from kspec.base.render import render
from kspec.base.source import SourceFile
from kspec.driver.preparing.load import Loaded, load
from kspec.syntax.formatting.module import format_module
from kspec.syntax.parse import parse
from tests.hardest.sizes import sizes
from tests.hardest.summary import summary

HERE = Path(__file__).parent
MODELS = tuple(sorted(p.stem for p in HERE.glob("*.kspec")))


def loaded(name: str) -> Loaded:
    path = HERE / f"{name}.kspec"
    found = load(path, path.name)
    assert found.loaded is not None, render(found.diagnostics, found.sources)
    assert not found.diagnostics, render(found.diagnostics, found.sources)
    return found.loaded


def agree(name: str, now: str) -> None:
    """The text is that of the golden file, or becomes it."""
    path = HERE / "golden" / f"{name}.txt"
    if os.environ.get("KSPEC_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(now, encoding="utf-8")
    assert path.exists(), f"no {path.name} yet: run with KSPEC_GOLDEN=write"
    assert now == path.read_text(encoding="utf-8")


def test_all_of_them_are_here() -> None:
    wanted = {"statefulset", "scheduler", "eviction", "deployment", "rbac", "cronjob", "upgrade"}
    assert wanted | {"iptables", "conntrack", "dns"} <= set(MODELS)


@pytest.mark.parametrize("name", MODELS)
def test_what_the_checker_makes_of_it(name: str) -> None:
    agree(name, summary(loaded(name).program))


SLOW = ("statefulset", "scheduler", "deployment", "iptables", "cronjob", "upgrade", "dns")
MARKS = {name: pytest.mark.slow for name in SLOW}


@pytest.mark.parametrize("name", [pytest.param(m, marks=MARKS.get(m, ())) for m in MODELS])
def test_the_systems_it_becomes(name: str) -> None:
    agree(f"{name}.systems", sizes(loaded(name)))


@pytest.mark.parametrize("name", MODELS)
def test_formatted_it_means_the_same(name: str) -> None:
    path = HERE / f"{name}.kspec"
    once, first = formatted(path.read_text(encoding="utf-8"))
    again, second = formatted(once)
    assert again == once
    assert first == second == summary(loaded(name).program)


def formatted(text: str) -> tuple[str, str]:
    """The text in its canonical form, and what the checker makes of the text itself."""
    source = SourceFile("test.kspec", text)
    parsed = parse(source)
    assert parsed.module is not None and not parsed.diagnostics
    checked = check([Module("test", parsed.module)])
    assert checked.program is not None, render(checked.diagnostics, [source])
    return format_module(parsed.module, text, parsed.comments), summary(checked.program)
