"""No scenario of the library is without a test that says what it comes to, here or elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.models.verdicts import ROOT

TESTS = sorted((ROOT / "tests").rglob("test_*.py"))
LIBRARY = sorted(p for d in ("models", "properties") for p in (ROOT / d).rglob("*.kspec"))
JUDGED = re.compile(r"^ *(check|expect|prove) ", re.MULTILINE)
SCENARIO = re.compile(r"^scenario (\w+)", re.MULTILINE)


def judged() -> list[str]:
    """The files of the library that judge something."""
    files = (p for p in LIBRARY if JUDGED.search(p.read_text(encoding="utf-8")))
    return [p.relative_to(ROOT).as_posix() for p in files]


def pins(file: str) -> str:
    """The tests that name a file; those of the applications name them by their stems."""
    texts = [p.read_text(encoding="utf-8") for p in TESTS]
    stem = Path(file).stem
    named = (f'"{file}"', f'"{stem}": """' if "/apps/" in file else f'"{file}"')
    return "\n".join(text for text in texts if any(name in text for name in named))


@pytest.mark.parametrize("file", judged())
def test_every_scenario_is_pinned(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    known = pins(file)
    assert known, f"no test is about {file}"
    names = SCENARIO.findall(text)
    assert [n for n in names if not re.search(rf'(^|["\s]){n}[" ]', known, re.MULTILINE)] == []
