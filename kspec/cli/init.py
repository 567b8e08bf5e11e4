"""`kspec init [DIR]`: a small project to begin with. Never replaces a file."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import Final

import click

from kspec.base.diagnostic import Diagnostic
from kspec.base.shell import command as next_command
from kspec.cli.streams import colour_option, complain, examples
from kspec.sources.files import unreadable
from kspec.sources.write import unwritable, write_new

WRONG: Final = 2
PROJECT: Final = Path(__file__).parent / "project"
"""The files of a project that begins with nothing."""
SAMPLES: Final = ("php-apache.yaml", "cluster.kspec")
RUN: Final = {"kspec.toml": "kspec.toml", "kspec.yml": ".github/workflows/kspec.yml"}
"""What every project gets, and where it goes."""


@click.command(
    "init",
    help="Write a small project: a program with a property that holds and one that is violated on "
    "purpose, a manifest, kspec.toml, a workflow for CI. Never replaces a file.",
    epilog=examples("kspec init demo", "kspec init . --from manifests/"),
)
@click.argument("directory", default=".", metavar="[DIR]")
@click.option(
    "--from", "manifests", metavar="FILE|DIR", help="Begin with these manifests; they are in DIR."
)
@colour_option
def command(directory: str, manifests: str | None, color: str) -> int:
    """Write the files and say what to do next."""
    root = Path(directory)
    if root.exists() and not root.is_dir():
        return _refused(unreadable(directory, "it is no directory", None), color)
    if manifests is None:
        found: dict[str, str] | Diagnostic = {name: _sample(name) for name in SAMPLES}
    else:
        found = _from(root, manifests, color)
    if isinstance(found, Diagnostic):
        return _refused(found, color)
    files = {**found, **{where: _sample(name) for name, where in RUN.items()}}
    return _write(root, directory, files, color)


def _sample(name: str) -> str:
    return (PROJECT / name).read_text(encoding="utf-8")


def _from(root: Path, given: str, color: str) -> dict[str, str] | Diagnostic:
    """A program about the manifests; what cannot be read of them is told."""
    from kspec.driver.starting import program_of
    from kspec.sources.manifests import manifests_given

    path = os.path.relpath(Path(given).resolve(), root.resolve())
    if path.startswith(".."):
        why = f"it is not in `{root}`, and a program reads what is beside it or below it"
        return unreadable(given, why, None)
    read, wrong = manifests_given((given,))
    if wrong:
        return wrong[0]
    complain((d for m in read for d in m.diagnostics), (m.source for m in read), color)
    if any(d.severity.value == "error" for m in read for d in m.diagnostics):
        return unreadable(given, "see the mistakes above", None)
    shown = Path(path).as_posix() + ("/" if Path(given).is_dir() else "")
    text, missing = program_of(shown, (d for m in read for d in m.documents))
    if missing:
        print(f"no model describes: {', '.join(missing)}", file=sys.stderr)
    return {"cluster.kspec": text}


def _write(root: Path, shown: str, files: dict[str, str], color: str) -> int:
    there = [name for name in files if (root / name).exists() or (root / name).is_symlink()]
    if there:
        name = (Path(shown) / there[0]).as_posix()
        return _refused(unwritable(name, "it is there already, and nothing is replaced"), color)
    try:
        for name, text in files.items():
            write_new(root / name, text)
    except OSError as error:
        return _refused(unwritable(error.filename or shown, error), color)
    print("created  " + "  ".join((Path(shown) / name).as_posix() for name in files))
    step = "" if Path(shown).resolve() == Path.cwd() else f"cd {shlex.quote(shown)} && "
    print(f"next  {step}{next_command('check')}")
    return 0


def _refused(why: Diagnostic, color: str) -> int:
    complain([why], [], color)
    print("nothing was written   (exit 2)", file=sys.stderr)
    return WRONG
