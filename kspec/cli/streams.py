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


def property_option(command: Decorated) -> Decorated:
    """`-p`, the same for every command that judges."""
    option = click.option(
        "-p", "--property", "patterns", multiple=True, metavar="GLOB", help="Only these."
    )
    return option(command)  # type: ignore[type-var]  # whatever click decorates


def scenario_option(command: Decorated) -> Decorated:
    """`-s`, the same for every command that makes scopes."""
    option = click.option(
        "-s", "--scenario", "scenarios", multiple=True, metavar="GLOB", help="Only these."
    )
    return option(command)  # type: ignore[type-var]  # whatever click decorates


def output_option(command: Decorated) -> Decorated:
    """`-o`, the same for every command whose result is data, too."""
    option = click.option(
        "-o", "--output", type=click.Choice(["text", "json"]), default="text", show_default=True
    )
    return option(command)  # type: ignore[type-var]  # whatever click decorates


def require_option(command: Decorated) -> Decorated:
    """`--require`, the same for every command that gives verdicts."""
    option = click.option(
        "--require",
        type=click.Choice(["exhaustive", "bounded"]),
        help="How strong a verdict must be for exit code 0.",
    )
    return option(command)  # type: ignore[type-var]  # whatever click decorates


def examples(*lines: str) -> str:
    """The end of a help: commands that work as they stand."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def note(text: str, color: str) -> None:
    """One line on stderr while something goes on there."""
    sys.stdout.flush()
    begin = "\r\x1b[2K" if sys.stderr.isatty() else ""
    word = "\x1b[1mnote\x1b[0m" if has_colour(color, sys.stderr) else "note"
    sys.stderr.write(f"{begin}{word}: {text}\n")
    sys.stderr.flush()


def complain(diagnostics: Iterable[Diagnostic], sources: Iterable[SourceFile], color: str) -> None:
    """Every diagnostic, once, on stderr."""
    shown = list(dict.fromkeys(diagnostics))
    if shown:
        sys.stdout.flush()
        style = Style(colour=has_colour(color, sys.stderr))
        sys.stderr.write(render(shown, {s.name: s for s in sources}.values(), style))
        sys.stderr.flush()
