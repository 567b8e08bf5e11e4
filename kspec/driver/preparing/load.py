"""From the name of a file to a checked program, or everything that is wrong.

All files are parsed, in the order of their imports, before any is checked; a file that cannot be
read or parsed keeps the check from being run, so that no mistake is told twice.
Next: `kspec.sources` for where files come from, `kspec.analysis.check` for the check.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final, final

from attrs import field

from kspec.analysis.check import check
from kspec.analysis.tables import Loaded as Module
from kspec.analysis.typed import Program
from kspec.base import codes
from kspec.base.diagnostic import Diagnostic, Label
from kspec.base.record import define, frozen
from kspec.base.source import SourceFile, Span
from kspec.sources.files import STDIN, read_text
from kspec.sources.imports import Home, Place, asked, library, resolve
from kspec.syntax import ast
from kspec.syntax.parse import parse

NOWHERE: Final = Path("/nowhere")
"""Where a program that is no file is: it can name no manifests."""


@final
@frozen
class Loaded:
    """A checked program with the texts that it came from; `homes` says where each file is."""

    name: str
    program: Program
    sources: tuple[SourceFile, ...]
    homes: tuple[tuple[str, Path], ...]

    def home(self, file: str) -> Path | None:
        """The directory of a file by its shown name, None for a program that is no file."""
        return dict(self.homes).get(file)


@final
@frozen
class Loading:
    """What became of a file: a program if nothing was wrong; the texts that were read."""

    name: str
    loaded: Loaded | None
    diagnostics: tuple[Diagnostic, ...]
    sources: tuple[SourceFile, ...]


def load(path: Path, name: str, given: Home | None = None, more: str = "") -> Loading:
    """Read a file, everything it imports, and check it; `more` is read as its end."""
    place = asked(path, name, given)
    source = read_text(path, name, None)
    if isinstance(source, Diagnostic):
        return Loading(name, None, (source,), ())
    if more:
        source = SourceFile(source.name, source.text + more)
    return _load(source, place, None if name == STDIN else path.parent)


def load_text(name: str, text: str) -> Loading:
    """Check a program that is no file; it may import from the library."""
    place = Place(NOWHERE / name, name, Path(name).stem, library())
    return _load(SourceFile(name, text), place, None)


def _load(source: SourceFile, place: Place, home: Path | None) -> Loading:
    reader = _Reader()
    reader.visit(source, place, ())
    sources, wrong = tuple(reader.sources), reader.diagnostics
    if wrong:
        return Loading(place.name, None, _in_order(wrong, sources), sources)
    try:
        checked = check(reader.modules)
    except RecursionError:
        place_of = Label(Span(place.name, 0, 0), "in this file or what it imports")
        deep = Diagnostic(codes.NESTED_TOO_DEEP, "declarations use each other too deep", place_of)
        return Loading(place.name, None, (deep,), sources)
    if checked.program is None:
        return Loading(place.name, None, _in_order(checked.diagnostics, sources), sources)
    homes = [(n, d) for n, d in reader.homes if n != place.name or home is not None]
    loaded = Loaded(place.name, checked.program, sources, tuple(homes))
    return Loading(place.name, loaded, _in_order(checked.diagnostics, sources), sources)


@final
@define
class _Reader:
    """Walks the imports of one file, depth first; a file is read once."""

    modules: list[Module] = field(factory=list)
    sources: list[SourceFile] = field(factory=list)
    homes: list[tuple[str, Path]] = field(factory=list)
    diagnostics: list[Diagnostic] = field(factory=list)
    _seen: set[Path] = field(factory=set)

    def visit(self, source: SourceFile, place: Place, above: tuple[tuple[Path, Span], ...]) -> None:
        """Parse a file and what it imports; `above` are the files that led here."""
        real = _real(place.path)
        self._seen.add(real)
        self.sources.append(source)
        self.homes.append((place.name, place.directory))
        parsed = parse(source)
        self.diagnostics.extend(parsed.diagnostics)
        if parsed.module is None:
            return
        for item in parsed.module.items:
            if isinstance(item, ast.Import):
                for path in item.paths:
                    self._import(path, place, (*above, (real, path.span)))
        self.modules.append(Module(place.dotted, parsed.module))

    def _import(
        self, path: ast.Ident, importer: Place, above: tuple[tuple[Path, Span], ...]
    ) -> None:
        found = resolve(path.text, importer, path.span)
        if isinstance(found, Diagnostic):
            self.diagnostics.append(found)
            return
        real = _real(found.path)
        around = [span for file, span in above if file == real]
        if around:
            self.diagnostics.append(_cycle(path, above, around[0]))
        elif real not in self._seen:
            source = read_text(found.path, found.name, path.span)
            if isinstance(source, Diagnostic):
                self.diagnostics.append(source)
            else:
                self.visit(source, found, above)


def _real(path: Path) -> Path:
    return path.resolve() if path.exists() else path


def _cycle(path: ast.Ident, above: tuple[tuple[Path, Span], ...], first: Span) -> Diagnostic:
    spans = [span for _, span in above]
    between = spans[spans.index(first) : -1]
    return Diagnostic(
        codes.IMPORT_CYCLE,
        f"`import {path.text}` leads back to a file that is being imported",
        Label(path.span, "and back again"),
        tuple(Label(span, "from here") for span in between),
        help=("move what both need into a third file",),
    )


def _in_order(
    wrong: Iterable[Diagnostic], sources: tuple[SourceFile, ...]
) -> tuple[Diagnostic, ...]:
    """The file asked for first, then its imports in the order they were read."""
    place = {source.name: number for number, source in enumerate(sources)}

    def key(d: Diagnostic) -> tuple[int, str, int, int]:
        span = d.primary.span
        return place.get(span.file, -1), span.file, span.start, span.end

    return tuple(sorted(wrong, key=key))
