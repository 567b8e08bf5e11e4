"""`kspec import -f FILE`: manifests as a cluster in the language, with a ledger.

The program goes to stdout or to `-o`; the ledger, which is about it, to stderr.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

import click

from kspec.base.diagnostic import Diagnostic
from kspec.base.shell import command as next_command
from kspec.cli.streams import colour_option, complain, examples
from kspec.driver.importing import Written, written
from kspec.report.ledger import ledger
from kspec.sources.files import STDIN
from kspec.sources.manifests import manifests_given
from kspec.sources.write import unwritable, write_new

WRONG: Final = 2
NOTHING: Final = 5
_MODULE: Final = re.compile(r"\w+(\.\w+)*", re.ASCII)


@click.command(
    "import",
    help="Write manifests (YAML, JSON) as a cluster in the language, with the models that "
    "describe their objects, and say what was modelled, approximated and ignored.",
    epilog=examples(
        "kspec import -f models/demo/ -o cluster.kspec",
        "kubectl get deploy -o json | kspec import -f -",
    ),
)
@click.option(
    "-f", "--file", "files", multiple=True, required=True, metavar="FILE|DIR|-", help="Repeatable."
)
@click.option("-o", "--output", metavar="FILE", help="Where to; never replaces a file.")
@click.option("--models", metavar="A,B", help="Modules to read with, instead of the fitting ones.")
@click.option("--ledger", "full", is_flag=True, help="Every path, not the counts alone.")
@colour_option
def command(
    files: tuple[str, ...], output: str | None, models: str | None, full: bool, color: str
) -> int:
    """Write the cluster; the exit code is the result."""
    read, wrong = manifests_given(files)
    if wrong:
        complain(wrong, [m.source for m in read], color)
        return WRONG
    chosen = tuple(name.strip() for name in (models or "").split(",") if name.strip())
    for name in chosen:
        if not _MODULE.fullmatch(name):
            raise click.UsageError(f"`{name}` is no name of a module, such as `core.pod`")
    found = written(read, ", ".join(files), chosen)
    complain(found.diagnostics, found.sources, color)
    if found.text is None:
        print("nothing was written   (exit 2)", file=sys.stderr)
        return WRONG
    if not found.objects:
        print("no object that a model describes: nothing was written   (exit 5)", file=sys.stderr)
        return NOTHING
    return _give(found, output, full, color)


def _give(found: Written, output: str | None, full: bool, color: str) -> int:
    assert found.text is not None
    if output is None or output == STDIN:
        sys.stdout.write(found.text)
        sys.stdout.flush()
    else:
        failed = _write(Path(output), output, found.text)
        if failed is not None:
            complain([failed], [], color)
            return WRONG
    for line in ledger(found, full):
        print(line, file=sys.stderr)
    if output is not None and output != STDIN:
        print(f"next  {next_command('simulate', output)}", file=sys.stderr)
    return 0


def _write(path: Path, name: str, text: str) -> Diagnostic | None:
    try:
        write_new(path, text)
    except FileExistsError:
        return unwritable(name, "it is there already, and nothing is replaced")
    except OSError as error:
        return unwritable(name, error)
    return None
