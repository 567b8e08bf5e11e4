"""Runs files of vectors against the models: what a file is, which model it is about, one line each.

`models/vectors/NAME.kspec` says with a `vectors "NAME.json" { … }` how `NAME.json` is judged; the
data is the file that is asked for, wherever it is. Nothing here knows what a vector is about.
Next: `docs/how-to-add.md`, "Vectors"; `kspec.pure.claims.vectors` for what becomes of a vector.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final, NoReturn, final

from attrs import frozen

from kspec.analysis.typed import Program, TVectors
from kspec.base.render import render
from kspec.driver.preparing.load import load
from kspec.pure.claims.vectors import LeftOut, Mismatch, VectorReport, read_vectors, run_vectors

MODULES: Final = Path(__file__).parents[2] / "models" / "vectors"
SHOWN: Final = 400
"""So many characters of a side that is not what it should be are shown."""


class Unreadable(Exception):
    """A file that is no JSON, or a module that is wrong; the message says where."""


@final
@frozen
class Outcome:
    """A file, what became of its vectors, and the module that judged it, if there is one."""

    file: str
    report: VectorReport
    module: Path | None


def run_directory(directory: Path, modules: Path = MODULES) -> Iterator[Outcome | Unreadable]:
    """Every `*.json` below a directory, by name; what cannot be read does not stop the rest."""
    for path in sorted(directory.rglob("*.json")):
        try:
            yield run_file(path, path.relative_to(directory).as_posix(), modules)
        except Unreadable as error:
            yield error


def run_file(path: Path, name: str, modules: Path = MODULES) -> Outcome:
    """One file; raises `Unreadable`."""
    data = read_json(path)
    module = modules / f"{path.stem}.kspec"
    if not module.is_file():
        return Outcome(name, _nobody(name, data), None)
    program, vectors = read_module(module, path.name)
    return Outcome(name, run_vectors(program, vectors, data), module)


def read_json(path: Path) -> object:
    """What a file holds, numbers exact; raises `Unreadable` with line and column."""
    try:
        text = path.read_bytes().decode("utf-8")
        return json.loads(text, parse_float=Fraction, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise Unreadable(f"{path}:{error.lineno}:{error.colno}: {error.msg}") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        column = error.start - error.object.rfind(b"\n", 0, error.start)
        raise Unreadable(f"{path}:{line}:{column}: this is no UTF-8") from error
    except (OSError, RecursionError, ValueError) as error:
        raise Unreadable(f"{path}:1:1: {error}") from error


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"`{word}` is no JSON")


def read_module(module: Path, file: str) -> tuple[Program, TVectors]:
    """The program of a module and the one `vectors` of it that is about a file of this name."""
    loading = load(module, module.name)
    if loading.loaded is None:
        raise Unreadable(render(loading.diagnostics, loading.sources))
    program = loading.loaded.program
    about = [found for found in program.vectors if Path(found.path).name == file]
    if len(about) != 1:
        raise Unreadable(f'{module}: {len(about)} declarations `vectors "{file}"`, not one')
    return program, about[0]


def _nobody(name: str, data: object) -> VectorReport:
    found = tuple(read_vectors(data, None))
    left_out = tuple(LeftOut(v.id, v.kind, "no model is about this file") for v in found)
    return VectorReport(name, len(found), (), left_out, ())


def line(outcome: Outcome) -> str:
    """A file's outcome as one line of JSON: counts, then the reasons."""
    report = outcome.report
    said: dict[str, object] = {
        "file": outcome.file,
        "total": report.total,
        "passed": len(report.passed),
        "left_out": len(report.left_out),
        "failed": len(report.failed),
        "left_out_because": _reasons(report.left_out),
        "failed_because": [_failure(failed) for failed in report.failed],
    }
    return json.dumps(said, default=_plain, ensure_ascii=False)


def _reasons(left_out: Iterable[LeftOut]) -> dict[str, list[str]]:
    """The vectors that are left out, by the reason why."""
    reasons: dict[str, list[str]] = {}
    for vector in left_out:
        reasons.setdefault(vector.why, []).append(vector.id)
    return reasons


def _failure(failed: Mismatch) -> dict[str, object]:
    said: dict[str, object] = {"id": failed.id, "kind": failed.kind, "why": failed.why}
    if failed.span is not None:
        said["at"] = f"{failed.span.file}:{failed.span.start}"
    if failed.got is not None or failed.expected is not None:
        said |= {"got": _cut(failed.got), "expected": _cut(failed.expected), "where": failed.where}
    return said


def _cut(side: object) -> object:
    text = json.dumps(side, default=_plain, ensure_ascii=False)
    return side if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _plain(value: object) -> object:
    if isinstance(value, Fraction):
        return str(value)
    raise TypeError(f"no JSON for {value!r}")
