"""`kspec explain SLUG`: the page of a diagnostic code, as text for a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import click

from kspec.base.codes import CODES
from kspec.base.suggest import suggest
from kspec.cli.streams import examples
from kspec.sources.pages import page

_ANNOUNCED: Final = re.compile(r'#\s*(?:error|warning): \[[a-z-]+\](?:\s+"([^"]*)")?')
"""In the pages, what is wrong stands at the end of its line in a form that tests can read."""


@click.command(
    "explain",
    help="Say more about a diagnostic, by its slug; without one, list them.",
    epilog=examples("kspec explain unknown-name"),
)
@click.argument("slug", required=False)
def command(slug: str | None) -> int:
    """Print a page, a summary, or the list of all codes."""
    if slug is None:
        width = max(map(len, CODES))
        for code in CODES.values():
            click.echo(f"{code.slug:<{width}}  {code.summary}")
        return 0
    found = CODES.get(slug)
    if found is None:
        near = suggest(slug, CODES)
        advice = f"; did you mean `{near}`?" if near else ""
        raise click.UsageError(f"there is no diagnostic `{slug}`{advice}")
    text = page(slug)
    if text is None:
        click.echo(f"{found.slug}: {found.summary} (since {found.since})")
    else:
        click.echo("\n".join(as_text(text)))
    return 0


def as_text(markdown: str) -> Iterator[str]:
    """A page without the signs of Markdown: programs are indented, files have their name above."""
    inside = False
    for line in markdown.rstrip("\n").splitlines():
        if line.startswith("```"):
            inside = not inside
            name = re.search(r"file=(\S+)", line)
            if inside and name:
                yield f"    -- {name[1]}"
        elif inside:
            yield f"    {_ANNOUNCED.sub(_told, line)}".rstrip()
        elif line.startswith("#"):
            yield click.style(line.lstrip("# "), bold=True)
        else:
            yield line


def _told(match: re.Match[str]) -> str:
    return f"# <- {match[1]}" if match[1] else "# <- here"
