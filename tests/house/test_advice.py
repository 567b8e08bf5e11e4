"""What a diagnostic advises mends what it complains about: the pages' programs after their edits."""

from __future__ import annotations

from pathlib import Path

import pytest

from kspec.base.diagnostic import Diagnostic, Edit
from tests import language
from tests.markdown import Fence, Section, sections

PAGES = Path(__file__).parents[2] / "docs" / "errors"


def wrong(page: Path) -> tuple[Fence, Section]:
    """The first program or manifest of a page, which is wrong, and what stands beside it."""
    section = next(s for s in sections(page.read_text(encoding="utf-8")) if s.title == page.stem)
    return next(f for f in section.fences if f.file is None), section


def reported(fence: Fence, section: Section, texts: dict[str, str]) -> list[Diagnostic]:
    own = f"{section.title}.{fence.language}"
    beside = {name: text for name, text in texts.items() if name != own}
    check = language.check if fence.language == "kspec" else language.read
    return list(check(own, texts[own], beside if fence.language == "kspec" else {}))


def edits(found: Diagnostic) -> list[Edit]:
    return [help_.edit for help_ in found.help if help_.edit is not None]


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda p: p.stem)
def test_every_edit_mends(page: Path) -> None:
    fence, section = wrong(page)
    texts = {f.file: f.text for f in section.fences if f.file is not None}
    texts[f"{page.stem}.{fence.language}"] = fence.text
    for found in reported(fence, section, texts):
        for edit in edits(found):
            text = texts[edit.span.file]
            mended = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
            left = reported(fence, section, {**texts, edit.span.file: mended})
            assert found.message not in [d.message for d in left]


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda p: p.stem)
def test_messages_keep_to_the_rules(page: Path) -> None:
    """One line, lower case, no full stop; nothing that blames; something to do or to look at."""
    fence, section = wrong(page)
    texts = {f.file: f.text for f in section.fences if f.file is not None}
    texts[f"{page.stem}.{fence.language}"] = fence.text
    for found in reported(fence, section, texts):
        said = [found.message, *(label.text for label in (found.primary, *found.labels))]
        said += [*found.notes, *(help_.text for help_ in found.help)]
        for text in said:
            assert "\n" not in text
            assert not text.endswith(".")
            assert text[:1] == text[:1].lower()
        words = set(found.message.lower().split())
        assert not words & {"illegal", "invalid", "bad", "unify", "sort", "token", "lattice"}
        assert found.help or found.notes or found.labels or found.primary.text
