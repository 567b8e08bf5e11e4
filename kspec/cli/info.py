"""`kspec info FILE…`: what there is to search, before searching."""

from __future__ import annotations

import sys

import click

from kspec.cli.given import meant
from kspec.cli.streams import (
    colour_option,
    complain,
    examples,
    manifests_option,
    output_option,
    scenario_option,
)
from kspec.cli.terminal import fitting, paint_for
from kspec.driver.info import FileFacts, info
from kspec.driver.result import ExitCode
from kspec.report.info import document, screen
from kspec.sources.project import FILE


@click.command(
    "info",
    help="Say what there is to search in each scenario: bits of a state, actions, a bound and a "
    "sample of the size, what symmetry and slicing could leave out. Judges nothing. Without a "
    "FILE, the files of the project (kspec.toml).",
    epilog=examples("kspec info models/demo.kspec", "kspec info models/demo.kspec -s believes"),
)
@click.argument("files", nargs=-1, metavar="[FILE|DIR|-]...")
@manifests_option
@scenario_option
@click.option("--sample/--no-sample", default=True, show_default=True, help="Walk a little.")
@output_option
@colour_option
def command(
    files: tuple[str, ...],
    manifests: tuple[str, ...],
    scenarios: tuple[str, ...],
    sample: bool,
    output: str,
    color: str,
) -> int:
    """Print the facts; the exit code says whether there were any."""
    asked_for = meant(files, manifests)
    if asked_for.diagnostics:
        found: tuple[FileFacts, ...] = (
            FileFacts(FILE, (), asked_for.diagnostics, asked_for.sources),
        )
    else:
        found = info(asked_for.files, scenarios, sample, asked_for.manifests)
    complain(
        (d for file in found for d in file.diagnostics),
        (source for file in found for source in file.sources),
        color,
    )
    code = _code(found)
    if output == "json":
        sys.stdout.write(document(found, code))
    else:
        text = screen(found, code, paint_for(color, sys.stdout), manifests)
        sys.stdout.write(fitting(text, sys.stdout))
    return code


def _code(found: tuple[FileFacts, ...]) -> int:
    if any(d.severity.value == "error" for file in found for d in file.diagnostics):
        return int(ExitCode.WRONG_INPUT)
    return int(ExitCode.OK if any(file.scopes for file in found) else ExitCode.NOTHING)
