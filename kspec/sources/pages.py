"""The long texts behind diagnostic codes: `docs/errors/<slug>.md`, shipped with the package."""

from __future__ import annotations

from pathlib import Path

import kspec


def page(slug: str) -> str | None:
    """The page of a code, or None if there is none (yet)."""
    package = Path(kspec.__file__).parent
    for directory in (package / "library" / "errors", package.parent / "docs" / "errors"):
        path = directory / f"{slug}.md"
        if path.is_file():
            return path.read_text(encoding="utf-8")
    return None
