"""`kspec version`."""

from __future__ import annotations

import click

from kspec import __version__
from kspec.cli.streams import examples


@click.command("version", help="Print the version.", epilog=examples("kspec version"))
def command() -> int:
    """Print the version."""
    click.echo(f"kspec {__version__}")
    return 0
