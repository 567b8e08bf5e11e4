"""Programs that are shipped are canonical: `kspec fmt` changes nothing of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kspec.base.source import SourceFile
from kspec.driver.formatting import formatted

ROOT = Path(__file__).parents[3]
CANONICAL = ("models", "properties", "tests/hardest", "benchmarks/models", "kspec/cli/project")


def programs(*directories: str) -> list[str]:
    found = (p for d in directories for p in sorted((ROOT / d).rglob("*.kspec")))
    return [p.relative_to(ROOT).as_posix() for p in found]


def again(name: str) -> tuple[str, str]:
    """A file's text and its canonical text, which has been parsed and compared."""
    text = (ROOT / name).read_text(encoding="utf-8")
    made = formatted(SourceFile(name, text)).text
    assert made is not None
    return text, made


@pytest.mark.parametrize("name", programs(*CANONICAL))
def test_canonical(name: str) -> None:
    text, made = again(name)
    assert made == text, f"kspec fmt {name}"
