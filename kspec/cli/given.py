"""What a command is given: files and directories, or the files of the project that it is run in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import final

from attrs import evolve

from kspec.base.diagnostic import Diagnostic, Severity
from kspec.base.record import frozen
from kspec.base.source import SourceFile
from kspec.manifests.node import Manifest
from kspec.sources.files import STDIN, programs, real
from kspec.sources.imports import Given, Home
from kspec.sources.project import project


@final
@frozen
class Meant:
    """The files that are meant, and manifests beside them; what keeps all from being looked at
    (the project's `kspec.toml`, a manifest), with the texts to show it in."""

    files: tuple[Given, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    sources: tuple[SourceFile, ...] = ()
    manifests: tuple[Manifest, ...] = ()


def meant(names: tuple[str, ...], manifests: tuple[str, ...] = ()) -> Meant:
    """The programs that the arguments name; without any, those of the project."""
    found = Meant(tuple(given(names))) if names else _of_project()
    if not manifests:
        return found
    from kspec.sources.manifests import manifests_given

    read, wrong = manifests_given(manifests)
    errors = [d for m in read for d in m.diagnostics if d.severity is Severity.ERROR]
    return evolve(
        found,
        diagnostics=(*found.diagnostics, *wrong, *errors),
        sources=(*found.sources, *(m.source for m in read)),
        manifests=read,
    )


def _of_project() -> Meant:
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
