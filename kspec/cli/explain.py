"""`kspec explain SLUG`: the page of a diagnostic code, or what is known of it in one line."""

from __future__ import annotations

import click

from kspec.base.codes import CODES
from kspec.base.suggest import suggest
from kspec.sources.pages import page


@click.command("explain", help="Say more about a diagnostic, by its slug; without one, list them.")
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
    click.echo(page(slug) or f"{found.slug}: {found.summary} (since {found.since})", nl=False)
    if page(slug) is None:
        click.echo()
    return 0
