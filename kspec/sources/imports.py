"""Which file an import means: beside the file asked for, then in the library.

`import core.pod` is `core/pod.kspec` below one of the importing file's *homes*. A file of the
library has the library alone as its home, so nobody's file can take the place of one that a model
of the library imports.
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Final, final

import kspec
from kspec.base import codes
from kspec.base.diagnostic import Diagnostic, Label, did_you_mean
from kspec.base.record import frozen
from kspec.base.source import Span
from kspec.base.suggest import suggest
from kspec.sources.files import SUFFIX, programs

PARTS: Final = ("models", "properties")
MOST: Final = 500
"""So many files are looked at to find the one that an import may have meant."""


@final
@frozen
class Home:
    """A directory that imports are looked for in, and what its files are called before theirs."""

    directory: Path
    shown: str


@final
@frozen
class Given:
    """A file that a command is given: where it is, what to call it, the directory that it was
    found through."""

    path: Path
    name: str
    through: Home | None = None


@final
@frozen
class Place:
    """A file: where it is, what it is called, by which dotted name it is imported, its homes."""

    path: Path
    name: str
    dotted: str
    homes: tuple[Home, ...]

    @property
    def directory(self) -> Path:
        """Where the manifests that it names are."""
        return self.path.parent


def library() -> tuple[Home, ...]:
    """The homes of the library: inside the package if it was installed, else beside it."""
    package = Path(kspec.__file__).parent
    inside = package / "library"
    root = inside if inside.is_dir() else package.parent
    # `import core.pod` is in models/; `import properties.rbac` names the part itself.
    return (Home(root / PARTS[0], PARTS[0]), Home(root, ""))


def asked(path: Path, name: str, given: Home | None = None) -> Place:
    """The place of a file that the user names; `given` is the directory it was found through."""
    shown = Path(name).parent.as_posix()
    own = Home(path.parent, "" if shown == "." else shown)
    homes = [own, *([given] if given is not None else []), *library()]
    return Place(path, name, path.stem, tuple(homes))


def resolve(dotted: str, importer: Place, at: Span) -> Place | Diagnostic:
    """The file that an import in `importer` means."""
    below = Path(*dotted.split(".")).with_suffix(SUFFIX)
    shelves = library()
    for home in importer.homes:
        if home in shelves and not _is_shelved(below, home):
            continue
        path = home.directory / below
        if path.is_file():
            name = (Path(home.shown) / below).as_posix()
            homes = shelves if home in shelves else importer.homes
            return Place(path, name, dotted, homes)
    near = suggest(dotted, _importable(importer))
    return Diagnostic(
        codes.BAD_IMPORT,
        f"there is no file for `import {dotted}`",
        Label(at, f"no `{below.as_posix()}`"),
        help=did_you_mean(near, at),
        notes=("imports are looked for beside the file asked for, then in the library",),
    )


def _is_shelved(below: Path, home: Home) -> bool:
    """The library's root holds its parts and nothing else that may be imported."""
    return home.shown != "" or below.parts[0] in PARTS


def _importable(importer: Place) -> set[str]:
    """The dotted names that could be meant: those of the first so many files that there are."""
    found: set[str] = set()
    for home in importer.homes:
        # The library's root may be somebody's whole checkout: its parts are looked at alone.
        is_root = home in library() and home.shown == ""
        below = [home.directory / part for part in PARTS] if is_root else [home.directory]
        paths = (path for start in below for path, _ in programs(start, ""))
        for path in islice(paths, MOST):
            found.add(".".join(path.relative_to(home.directory).with_suffix("").parts))
    return found
