"""The manifests that a cluster names: a file, or every YAML and JSON file of a directory.

A program may name what is in its own directory or below it and nothing else: no absolute path, no
way up, no link that leads out. What the bytes mean is found by `kspec.manifests`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from kspec.base import codes
from kspec.base.diagnostic import Diagnostic, Label
from kspec.base.source import Span
from kspec.manifests.node import Manifest
from kspec.sources.files import STDIN, read_bytes, real, unreadable

SUFFIXES: Final = (".yaml", ".yml", ".json")


def manifests(path: str, at: Span, home: Path) -> tuple[tuple[Manifest, ...], list[Diagnostic]]:
    """What `from "path"`, written at `at` of a file in `home`, brings, in the order of names."""
    from kspec.manifests.read import read  # loads a YAML library, which few programs need

    found: list[Manifest] = []
    wrong: list[Diagnostic] = []
    for file in _files(path, at, home):
        if isinstance(file, Diagnostic):
            wrong.append(file)
            continue
        name = PurePosixPath(Path(at.file).parent, file.relative_to(home)).as_posix()
        data = read_bytes(file, name, at)
        if isinstance(data, Diagnostic):
            wrong.append(data)
        else:
            found.append(read(name, data))
    return tuple(found), wrong


def manifests_given(names: Iterable[str]) -> tuple[tuple[Manifest, ...], list[Diagnostic]]:
    """What a command is given with `-f`: files, directories, `-` for stdin; wherever they are."""
    from kspec.manifests.read import read

    found: list[Manifest] = []
    wrong: list[Diagnostic] = []
    for file, name in _given(names, wrong):
        data = sys.stdin.buffer.read() if name == STDIN else read_bytes(file, name, None)
        if isinstance(data, Diagnostic):
            wrong.append(data)
        else:
            found.append(read(name, data))
    return tuple(found), wrong


def _given(names: Iterable[str], wrong: list[Diagnostic]) -> Iterator[tuple[Path, str]]:
    for name in dict.fromkeys(names):
        path = Path(name)
        if name == STDIN or not path.is_dir():
            yield path, name
            continue
        inside = [
            p for p in sorted(path.rglob("*")) if p.suffix.lower() in SUFFIXES and p.is_file()
        ]
        shown = [p for p in inside if not any(q.startswith(".") for q in p.relative_to(path).parts)]
        if not shown:
            wrong.append(unreadable(name, "no .yaml, .yml or .json file is in it", None))
        yield from ((p, p.as_posix()) for p in shown)


def _files(path: str, at: Span, home: Path) -> Iterator[Path | Diagnostic]:
    if Path(path).is_absolute() or ".." in PurePosixPath(path).parts or "\0" in path:
        yield _outside(path, at)
        return
    target = home / path
    try:
        if not _is_within(target, home):
            yield _outside(path, at)
        elif target.is_dir():
            yield from _files_below(target, path, at, home)
        else:
            yield target
    except OSError as error:
        yield unreadable(path, (error.strerror or "it cannot be opened").lower(), at)


def _files_below(target: Path, path: str, at: Span, home: Path) -> Iterator[Path | Diagnostic]:
    some = False
    for directory, inner, files in os.walk(target):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        # A link to a directory inside is passed over: what it leads to is found there.
        for link in [Path(directory, name) for name in inner if Path(directory, name).is_symlink()]:
            if not _is_within(link, home):
                yield _outside(link.relative_to(home).as_posix(), at)
        for name in sorted(files):
            file = Path(directory, name)
            if file.suffix.lower() in SUFFIXES and not name.startswith("."):
                some = True
                yield (
                    file
                    if _is_within(file, home)
                    else _outside(file.relative_to(home).as_posix(), at)
                )
    if not some:
        yield unreadable(path, "no .yaml, .yml or .json file is in it", at)


def _is_within(path: Path, home: Path) -> bool:
    return real(path).is_relative_to(real(home))


def _outside(path: str, at: Span) -> Diagnostic:
    return Diagnostic(
        codes.OUTSIDE_DIRECTORY,
        f"`{path}` leads out of the directory of this file",
        Label(at, "not in this directory"),
        notes=("a program reads what is in its own directory or below it, and nothing else",),
        help=("put the manifests beside the program",),
    )
