"""`kspec version`."""

from __future__ import annotations

import click

from kspec import __version__


@click.command("version", help="Print the version.")
def command() -> int:
    """Print the version."""
    click.echo(f"kspec {__version__}")
    return 0
