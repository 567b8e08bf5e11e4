"""`kspec prove --recheck FILE…`: certificates checked again, from the programs as they are now.

A certificate names its program, relative to where this is run. What cannot be read at all is a
mistake of whoever named it (exit code 2), and then nothing is checked; what can be read and is no
certificate is rejected. Next: `kspec.driver.proofs.certificates`.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, final

from kspec.base.diagnostic import Diagnostic
from kspec.base.source import SourceFile
from kspec.certify.recheck import Rejected
from kspec.cli.certificates import SUFFIX, certificates
from kspec.cli.given import given, meant
from kspec.cli.stop import Stop
from kspec.cli.streams import complain
from kspec.cli.terminal import fitting, paint_for
from kspec.driver.preparing.load import Loading, load
from kspec.driver.result import ExitCode
from kspec.sources.files import STDIN, decoded, read_bytes
from kspec.sources.imports import Given

if TYPE_CHECKING:
    from kspec.driver.proofs.certificates import Checker, Rechecked
    from kspec.manifests.node import Document


def again(
    files: tuple[str, ...], manifests: tuple[str, ...], output: str, color: str, stop: Stop
) -> int:
    """Check certificates again; the exit code is the result."""
    asked_for = meant((STDIN,), manifests)  # of programs, certificates name their own
    texts = [_bytes(path, shown) for path, shown in certificates(files)]
    wrong = (*asked_for.diagnostics, *(t for t in texts if isinstance(t, Diagnostic)))
    if wrong:
        return _wrong(wrong, asked_for.sources, color)
    if not texts:
        return _nothing(files)
    documents = tuple(d for m in asked_for.manifests for d in m.documents)
    read = [t for t in texts if not isinstance(t, Diagnostic)]
    return _Again(color, output).run(read, documents, stop)


def _bytes(path: Path, shown: str) -> tuple[str, bytes] | Diagnostic:
    data = read_bytes(path, shown, None)
    return data if isinstance(data, Diagnostic) else (shown, data)


def _wrong(wrong: tuple[Diagnostic, ...], sources: tuple[SourceFile, ...], color: str) -> int:
    from kspec.report.phrases import counted

    complain(wrong, sources, color)
    code = ExitCode.WRONG_INPUT
    print(f"{counted(len(wrong), 'error')}, nothing was checked again (exit {int(code)})")
    return int(code)


def _nothing(files: tuple[str, ...]) -> int:
    where = " or ".join(f"`{name}`" for name in files)
    why = f"no *{SUFFIX} file in {where}" if files else "name certificates, or a directory of them"
    print(f"nothing to check again: {why}   (exit {int(ExitCode.NOTHING)})")
    if not files:
        print("next  kspec prove FILE --certificates DIR   # writes some")
    return int(ExitCode.NOTHING)


@final
class _Again:
    """A re-check of some texts, how far it is, and how to say it."""

    def __init__(self, color: str, output: str) -> None:
        self.color = color
        self.output = output
        self.found: list[Rechecked] = []
        self.loadings: dict[str, Loading] = {}

    def run(
        self, texts: list[tuple[str, bytes]], documents: tuple[Document, ...], stop: Stop
    ) -> int:
        """Check all, or as many as there is patience for."""
        from kspec.driver.proofs.certificates import Checker

        checker = Checker(documents)
        with stop.listening(), suppress(KeyboardInterrupt):
            for shown, data in texts:
                one = self._one(shown, data, checker)
                if isinstance(one, Loading):
                    complain(one.diagnostics, one.sources, self.color)
                    return int(ExitCode.WRONG_INPUT)
                if stop():
                    break
                self.found.append(one)
        return self._said(stop())

    def _one(self, shown: str, data: bytes, checker: Checker) -> Rechecked | Loading:
        """What became of one; a program with mistakes where it names one."""
        from kspec.driver.proofs.certificates import Rechecked, check_text

        source = decoded(data, shown, None)
        if isinstance(source, Diagnostic):
            return Rechecked(shown, None, Rejected("it is no certificate: it is no text"))
        read = check_text(source.text)
        if isinstance(read, Rejected):
            return Rechecked(shown, None, read)
        if read.file not in self.loadings:
            program = _program(read.file)
            if program is None:
                said = f"`{read.file[:80]}` is no file that anything is proved of"
                return Rechecked(shown, read, Rejected(said))
            self.loadings[read.file] = load(program.path, program.name, program.through)
        loading = self.loadings[read.file]
        if loading.loaded is None:
            return loading
        return checker.check(shown, read, loading.loaded)

    def _said(self, stopped: bool) -> int:
        from kspec.report.rechecks import document, recheck_code, rechecked

        code = ExitCode.INTERRUPTED if stopped else recheck_code(self.found)
        if self.output == "json":
            sys.stdout.write(document(self.found, int(code), stopped))
        else:
            text = rechecked(self.found, int(code), paint_for(self.color, sys.stdout), stopped)
            sys.stdout.write(fitting(text, sys.stdout))
        return int(code)


def _program(name: str) -> Given | None:
    """The program that a certificate names; None for what can be no name of one."""
    try:
        found = () if Path(name).is_dir() else tuple(given((name,)))
    except (OSError, ValueError):
        return None
    return found[0] if len(found) == 1 else None


__all__ = ["again"]
