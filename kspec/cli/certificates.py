"""Files of certificates: written whole or not at all, found by name or in a directory."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import click

from kspec.base.diagnostic import Diagnostic
from kspec.driver.proofs.proving import Proof
from kspec.sources.write import unwritable, write_whole

SUFFIX: Final = ".kproof"
LONGEST: Final = 200
"""Characters of the name of a file, less its suffix: file systems allow some more."""


def made_ready(directory: Path) -> None:
    """A place for certificates, before anything is proved: a proof that took an hour has to find
    somewhere to stay. Raises `click.UsageError`."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = error.strerror or str(error)
        raise click.UsageError(f"--certificates cannot write to `{directory}`: {why}") from error
    if not os.access(directory, os.W_OK | os.X_OK):
        raise click.UsageError(f"--certificates cannot write to `{directory}`: no permission")


def written(proofs: tuple[Proof, ...], directory: Path) -> Iterator[str | Diagnostic]:
    """The names of the certificates that were written, and what kept others from it."""
    from kspec.driver.proofs.certificates import files_of

    taken: set[str] = set()
    for name, text in files_of(proofs):
        stem = _free(name.removesuffix(SUFFIX)[:LONGEST], taken)
        path = directory / f"{stem}{SUFFIX}"
        try:
            write_whole(path, text)
        except OSError as error:
            yield unwritable(path.as_posix(), error)
            continue
        yield path.as_posix()


def _free(stem: str, taken: set[str]) -> str:
    """Two programs of one name in different places have certificates of one name."""
    found, number = stem, 1
    while found in taken:
        number += 1
        found = f"{stem}-{number}"
    taken.add(found)
    return found


def certificates(names: Iterable[str]) -> Iterator[tuple[Path, str]]:
    """The files that are meant, with what to call them: those of a directory in order."""
    for name in names:
        path = Path(name)
        if path.is_dir():
            found = sorted(p for p in path.glob(f"*{SUFFIX}") if not p.is_dir())
            yield from ((p, p.as_posix()) for p in found)
        else:
            yield path, path.as_posix()


__all__ = ["certificates", "made_ready", "written"]
