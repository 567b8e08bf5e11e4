"""What every command says on which stream: results on stdout, diagnostics on stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TypeVar

import click

from kspec.base.diagnostic import Diagnostic
from kspec.base.render import Style, render
from kspec.base.source import SourceFile
from kspec.cli.terminal import has_colour

Decorated = TypeVar("Decorated")


def colour_option(command: Decorated) -> Decorated:
    """`--color`, the same for every command."""
    option = click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        help="Whether stdout and stderr have colours.",
    )
    return option(command)  # type: ignore[type-var]  # whatever click decorates


def manifests_option(command: Decorated) -> Decorated:
    """`-f`, the same for every command that makes scopes."""
    option = click.option(
        "-f",
        "--file",
        "manifests",
        multiple=True,
        metavar="FILE|DIR|-",
        help="Manifests that every scenario starts with, beside those of its cluster.",
    )
    return option(command)  # type: ignore[type-var]  # whatever click decorates


def examples(*lines: str) -> str:
    """The end of a help: commands that work as they stand."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def complain(diagnostics: Iterable[Diagnostic], sources: Iterable[SourceFile], color: str) -> None:
    """Every diagnostic, once, on stderr."""
    shown = list(dict.fromkeys(diagnostics))
    if shown:
        sys.stdout.flush()
        style = Style(colour=has_colour(color, sys.stderr))
        sys.stderr.write(render(shown, {s.name: s for s in sources}.values(), style))
        sys.stderr.flush()
