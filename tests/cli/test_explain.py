"""`kspec explain`: the page of every code, without the signs of Markdown."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from kspec.base.codes import CODES
from kspec.cli.explain import as_text, command
from kspec.sources.pages import page


def explain(*arguments: str) -> tuple[str, int]:
    result = CliRunner().invoke(command, arguments, standalone_mode=False)
    return result.output, result.return_value if result.exception is None else 2


@pytest.mark.parametrize("slug", CODES)
def test_every_code_is_explained(slug: str) -> None:
    output, code = explain(slug)
    assert code == 0
    assert output.startswith(f"{slug}\n")
    assert "Mended\n" in output
    assert "```" not in output
    assert f"# error: [{slug}]" not in output


def test_without_a_slug_all_are_listed() -> None:
    output, code = explain()
    assert code == 0
    assert [line.split()[0] for line in output.splitlines()] == list(CODES)


def test_a_slug_that_is_none() -> None:
    with pytest.raises(Exception, match="did you mean `unknown-name`"):
        CliRunner().invoke(command, ["unkown-name"], standalone_mode=False, catch_exceptions=False)


def test_a_page_as_text() -> None:
    text = '# a\n\nOne.\n\n```kspec file=x.kspec\n# no heading\nb  # error: [a] "wrong"\n```\n\n## Mended\n'
    shown = list(as_text(text))
    assert shown[2:6] == ["One.", "", "    -- x.kspec", "    # no heading"]
    assert shown[6] == "    b  # <- wrong"


def test_pages_are_those_of_the_checkout_or_of_the_package() -> None:
    root = Path(__file__).parents[2]
    assert page("unknown-name") == (root / "docs/errors/unknown-name.md").read_text(
        encoding="utf-8"
    )
    assert page("no-such-page") is None
