"""What a command is given: files and directories, or the files of the project that it is run in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import final

from attrs import frozen

from kspec.base.diagnostic import Diagnostic
from kspec.base.source import SourceFile
from kspec.sources.files import STDIN, programs, real
from kspec.sources.imports import Given, Home
from kspec.sources.project import project


@final
@frozen
class Meant:
    """The files that are meant; what is wrong with the project's `kspec.toml`, with its text."""

    files: tuple[Given, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    sources: tuple[SourceFile, ...] = ()


def meant(names: tuple[str, ...]) -> Meant:
    """The programs that the arguments name; without any, those of the project."""
    if names:
        return Meant(tuple(given(names)))
    found = project(Path.cwd())
    if found is None:
        return Meant(())
    sources = () if found.source is None else (found.source,)
    return Meant(tuple(given(found.files)), found.diagnostics, sources)


def given(names: Iterable[str]) -> Iterator[Given]:
    """The programs that these names mean; those of a directory in order, each once."""
    seen: set[Path] = set()
    for name in names:
        path = Path(name)
        through = Home(path, "" if name == "." else path.as_posix()) if path.is_dir() else None
        found = programs(path, name) if through is not None else [(path, name)]
        for file, shown in found:
            found_at = real(file) if shown != STDIN else file
            if found_at not in seen:
                seen.add(found_at)
                yield Given(file, shown, through)
