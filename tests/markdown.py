"""Markdown chapters as tests: `docs/language/*.md`, `docs/errors/*.md`, `docs/{commands,proofs}.md` and
those below `tests`.

Headings name the cases; a chapter may hold any prose between them.

A fence ```` ```kspec ```` is a program. It must be right, but for the mistakes that it announces
at the end of the line where they are marked:

    replicas: Phse   # error: [unknown-name] "did you mean `Phase`"

The text in quotes is a part of the message, of a label or of the help, and may be left out.
A diagnostic that is not announced fails, and so does an announcement that nothing answers. Fences
of the same section that say `file=NAME` after their language are files beside the program: it may
import them, or name them as manifests, and they may announce mistakes as well.

A fence ```` ```yaml ```` without a name is a manifest that is read by itself, and judged likewise.

A fence ```` ```console ```` is a transcript. Each `$ kspec …` in it is run in a directory with the
files of its section: the program before it, under the name that the command uses, and every fence
that has a name. What follows is the exact output; `[exit N]` after it, if
N is not 0. The program before a transcript is judged by the transcript alone.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import final

import pytest
from attrs import frozen

from kspec.base.diagnostic import Diagnostic
from kspec.base.render import render
from kspec.base.source import LineIndex, SourceFile
from tests import language

PAGES = (("docs", "commands.md"), ("docs", "proofs.md"))
CHAPTERS = (("tests", "spec"), ("tests", "cli"), ("docs", "language"), ("docs", "errors"))
PROGRAM = "kspec"
MANIFEST = "yaml"
TRANSCRIPT = "console"

Checker = Callable[[str, str, Mapping[str, str]], Sequence[Diagnostic]]
Runner = Callable[[Sequence[str], Path], tuple[str, int]]

_FENCE = re.compile(r"^(?P<ticks>`{3,})(?P<info>[^`]*)$")
_HEADING = re.compile(r"^#{1,6}\s+(?P<title>.*?)\s*#*$")
_EXPECTED = re.compile(r'#\s*(error|warning): \[([a-z-]+)\](?:\s+"([^"]*)")?')


@final
@frozen
class Fence:
    """A fenced block: what stands after the ticks, the text, the line of its first text line."""

    info: tuple[str, ...]
    text: str
    line: int

    @property
    def language(self) -> str:
        """The first word after the ticks."""
        return self.info[0] if self.info else ""

    @property
    def file(self) -> str | None:
        """The NAME of `file=NAME`."""
        names = [word.removeprefix("file=") for word in self.info if word.startswith("file=")]
        return names[0] if names else None


@final
@frozen
class Section:
    """What stands below one heading: its title and its fences."""

    title: str
    fences: tuple[Fence, ...]


@final
@frozen
class Expected:
    """An announced mistake; `line` counts within the program."""

    severity: str
    slug: str
    part: str
    line: int


class Failure(Exception):
    """A chapter that is not so; the text says where and what."""


def sections(text: str) -> Iterator[Section]:
    """A chapter's sections; what stands before the first heading belongs to none."""
    title, fences = "", list[Fence]()
    lines = iter(enumerate(text.splitlines(), 1))
    for number, line in lines:
        if match := _FENCE.match(line):
            fences.append(_fence(match, number, lines))
        elif match := _HEADING.match(line):
            yield Section(title, tuple(fences))
            title, fences = match["title"], []
    yield Section(title, tuple(fences))


def _fence(opening: re.Match[str], number: int, lines: Iterator[tuple[int, str]]) -> Fence:
    inside: list[str] = []
    for _, line in lines:
        if line.startswith(opening["ticks"]) and not line.strip("`").strip():
            return Fence(tuple(opening["info"].split()), "".join(inside), number + 1)
        inside.append(line + "\n")
    raise Failure(f"line {number}: this fence is never closed")


def expectations(program: str) -> tuple[Expected, ...]:
    """The mistakes that a program announces."""
    return tuple(
        Expected(match[1], match[2], match[3] or "", number)
        for number, line in enumerate(program.splitlines(), 1)
        for match in _EXPECTED.finditer(line)
    )


def check_program(fence: Fence, name: str, check: Checker, beside: Sequence[Fence] = ()) -> None:
    """Raise `Failure` unless the program has exactly the mistakes that it announces.

    `beside` are the files beside it, whose mistakes and announcements count too.
    """
    files = {one.file: one for one in beside if one.file is not None}
    found = check(name, fence.text, {file: one.text for file, one in files.items()})
    fences = {**files, name: fence}
    index = {file: LineIndex(one.text) for file, one in fences.items()}
    announced = [(file, e) for file, one in fences.items() for e in expectations(one.text)]
    surprises: list[Diagnostic] = []
    for diagnostic in found:
        span = diagnostic.primary.span
        line = index[span.file].position(span.start)[0] if span.file in index else 0
        met = (p for p in announced if p[0] == span.file and p[1].line == line)
        answered = next((p for p in met if _answers(diagnostic, p[1])), None)
        if answered is None:
            surprises.append(diagnostic)
        else:
            announced.remove(answered)
    complaints = [
        f'line {fences[file].line + e.line - 1}: nothing reports {e.severity}: [{e.slug}] "{e.part}"'
        for file, e in announced
    ]
    if surprises:
        texts = [SourceFile(file, one.text) for file, one in fences.items()]
        complaints.append(f"line {fence.line}: not announced:\n" + render(surprises, texts))
    if complaints:
        raise Failure("\n".join(complaints))


def _answers(diagnostic: Diagnostic, expected: Expected) -> bool:
    texts = (
        diagnostic.message,
        *(label.text for label in (diagnostic.primary, *diagnostic.labels)),
        *(help_.text for help_ in diagnostic.help),
    )
    return (
        diagnostic.code.slug == expected.slug
        and diagnostic.severity.value == expected.severity
        and any(expected.part in text for text in texts)
    )


@final
@frozen
class Command:
    """A command of a transcript, what it prints, and its exit code; `line` is in the chapter."""

    arguments: tuple[str, ...]
    output: str
    exit: int
    line: int


def commands(fence: Fence) -> tuple[Command, ...]:
    """The commands of a transcript."""
    found: list[Command] = []
    for number, line in enumerate(fence.text.splitlines(), fence.line):
        if line.startswith("$ "):
            program, *arguments = shlex.split(line.removeprefix("$ "))
            if program != "kspec":
                raise Failure(f"line {number}: only `kspec` can be run, not `{program}`")
            found.append(Command(tuple(arguments), "", 0, number))
            continue
        if not found:
            raise Failure(f"line {number}: a transcript begins with `$ kspec …`")
        last = found[-1]
        if match := re.fullmatch(r"\[exit (\d+)\]", line):
            found[-1] = Command(last.arguments, last.output, int(match[1]), last.line)
        else:
            found[-1] = Command(last.arguments, last.output + line + "\n", last.exit, last.line)
    if not found:
        raise Failure(f"line {fence.line}: this transcript runs nothing")
    return tuple(found)


def check_transcript(
    fence: Fence, program: Fence | None, section: Section, directory: Path, run: Runner
) -> None:
    """Raise `Failure` unless every command prints what the transcript says."""
    todo = commands(fence)
    for given in section.fences:
        if given.file is not None:
            _write(directory, given.file, given.text)
    if program is not None and program.file is None:
        names = [a for c in todo for a in c.arguments if a.endswith(".kspec")]
        if not names:
            raise Failure(f"line {fence.line}: no command names the program before it")
        _write(directory, names[0], program.text)
    for command in todo:
        output, code = run(command.arguments, directory)
        if _trimmed(output) != _trimmed(command.output) or code != command.exit:
            shown = f"{_trimmed(output)}\n[exit {code}]"
            raise Failure(f"line {command.line}: the command says otherwise:\n{shown}")


def _write(directory: Path, name: str, text: str) -> None:
    path = directory / name
    if not path.resolve().is_relative_to(directory.resolve()):
        raise Failure(f"`{name}` leaves the directory of the test")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())


class MarkdownFile(pytest.File):
    """A chapter."""

    def collect(self) -> Iterator[pytest.Item]:
        """One item for each program, manifest or transcript."""
        seen: dict[str, int] = {}
        for section in sections(self.path.read_text(encoding="utf-8")):
            for place in range(len(section.fences)):
                if not _is_judged(section.fences, place):
                    continue
                title = section.title or self.path.stem
                seen[title] = seen.get(title, 0) + 1
                name = title if seen[title] == 1 else f"{title} ({seen[title]})"
                yield MarkdownCase.from_parent(self, name=name, section=section, place=place)


def _is_judged(fences: Sequence[Fence], place: int) -> bool:
    """Transcripts are, manifests without a name, and programs that no transcript follows."""
    fence = fences[place]
    if fence.language == TRANSCRIPT:
        return True
    followed = place + 1 < len(fences) and fences[place + 1].language == TRANSCRIPT
    if fence.file is not None or followed:
        return False
    return fence.language in (PROGRAM, MANIFEST)


class MarkdownCase(pytest.Item):
    """One program, manifest or transcript of a chapter."""

    def __init__(self, *, section: Section, place: int, **rest: object) -> None:
        super().__init__(**rest)  # type: ignore[arg-type]  # pytest hands these through
        self.section = section
        self.place = place

    def runtest(self) -> None:
        """Check the program, read the manifest or run the transcript."""
        fences = self.section.fences
        fence = fences[self.place]
        if fence.language == PROGRAM:
            beside = [one for one in fences if one.file is not None]
            check_program(fence, f"{self.path.stem}.kspec", language.check, beside)
            return
        if fence.language == MANIFEST:
            check_program(fence, f"{self.path.stem}.yaml", language.read)
            return
        before = fences[self.place - 1] if self.place else None
        program = before if before is not None and before.language == PROGRAM else None
        with TemporaryDirectory() as directory:
            check_transcript(fence, program, self.section, Path(directory), language.run)

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None
    ) -> str:
        """The complaint alone where it is the chapter that is wrong."""
        if isinstance(excinfo.value, Failure):
            return f"{self.path.name}: {excinfo.value}"
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int, str]:
        """File, line (from 0) and name."""
        return self.path, self.section.fences[self.place].line - 2, self.name


def pytest_collect_file(parent: pytest.Collector, file_path: Path) -> MarkdownFile | None:
    """Take the chapters, and no other Markdown."""
    is_page = file_path.parts[-2:] in PAGES
    if is_page or (file_path.suffix == ".md" and file_path.parent.parts[-2:] in CHAPTERS):
        return MarkdownFile.from_parent(parent, path=file_path)
    return None
