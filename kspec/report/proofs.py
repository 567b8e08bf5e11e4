"""The screen of `kspec prove`: verdicts, counterexamples, and the one next command.

As `text` does it for a check. Next: `stuck` for steps that failed, `rechecks` for certificates.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from kspec.driver.proofs.proving import Helped, ProveResult
from kspec.driver.result import ExitCode, FileResult, Row, Vacuity, Word
from kspec.report import phrases
from kspec.report.paint import Paint, sign
from kspec.report.stuck import Told, data, shown, where
from kspec.report.text import counterexample, nothing, refutation
from kspec.report.to_prove import Asked, advice
from kspec.verdict.codec import Json

ASSUMED = "assumes"


def proved(
    result: ProveResult,
    code: int,
    paint: Paint,
    written: tuple[str, ...],
    invariant: tuple[str, ...] = (),
    steps: tuple[Told, ...] = (),
    asked: Asked | None = None,
) -> str:
    """Everything that stdout gets; `written` are the files of certificates, `invariant` the lines
    about what proofs rest on, `steps` those that failed."""
    lines: list[str] = []
    asked = asked or Asked()
    for file in result.checked.files:
        if file.rows:
            lines += _file(file, paint, asked)
    for told in steps:
        lines += shown(told, paint)
    lines += [_lemma(helped, paint) for helped in result.helped]
    lines += invariant
    lines += [f"proof  {name}" for name in written]
    lines += _closing(result, code, asked)
    return paint.finish("".join(line.rstrip() + "\n" for line in lines))


def _file(file: FileResult, paint: Paint, asked: Asked) -> Iterator[str]:
    yield paint(file.name, "strong")
    wide = max(len(phrases.word(row)) for row in file.rows)
    name = min(max(len(row.name) for row in file.rows), 44)
    for scope, rows in groupby(file.rows, key=lambda row: where(row.scope)):
        if scope:
            yield f"  {scope}"
        for row in rows:
            mark, how = sign(row)
            word = paint(f"{mark} {phrases.word(row):<{wide}}", how)
            said = [phrases.expectation(row), phrases.evidence(row)]
            said += [f"(vacuous: {'; '.join(row.vacuous)})"] if row.vacuous else []
            said += [f"(weaker than {asked.require.value})"] if _is_weaker(row, asked) else []
            yield f"  {word} {row.name:<{name}}  {' '.join(part for part in said if part)}"
    for line in dict.fromkeys(a for row in file.rows for a in row.scope.assumptions):
        yield paint(f"    {ASSUMED}  {line}", "dim")
    yield ""
    for row in file.rows:
        if row.word is Word.VIOLATED and row.trace is not None:
            yield from counterexample(row, file, paint)
        elif row.word is Word.VIOLATED and row.world:
            yield from refutation(row, file, paint)


def _lemma(of: Helped, paint: Paint) -> str:
    """What became of a lemma."""
    said = {
        True: "proved, and used for the rest",
        None: "not proved, so nothing rests on it",
        False: "false, so nothing rests on it: `kspec check` shows why if a line names it",
    }
    scope = where(of.info)
    return paint(f"lemma  {of.name}  {said[of.proved]}" + (f"  ({scope})" if scope else ""), "dim")


def _is_weaker(row: Row, asked: Asked) -> bool:
    """Does it hold, and is that not enough?"""
    weak = row.code(asked.require, Vacuity.OFF) is ExitCode.UNDECIDED
    return weak and row.word is Word.HOLDS and row.expected is None


def _closing(result: ProveResult, code: int, asked: Asked) -> Iterator[str]:
    checked = result.checked
    errors = sum(1 for f in checked.files for d in f.diagnostics if d.severity.value == "error")
    if not checked.judged:
        yield f"{phrases.counted(errors, 'error')}, nothing was proved (exit {code})"
        yield from (f"next  {line}" for line in advice(result, asked))
        return
    if checked.nothing is not None:
        yield from nothing(checked.nothing, "prove", code)
        return
    rows = checked.rows
    stopped = "interrupted: " if checked.interrupted else ""
    if checked.interrupted and not rows:
        yield f"{stopped}nothing was decided   (exit {code})"
        return
    count = f"   {phrases.counted(len(rows), 'property', 'properties')}" if rows else ""
    yield f"{stopped}{phrases.summary(rows)}{count}   (exit {code})"
    yield from (f"next  {line}" for line in advice(result, asked))


def more(
    steps: tuple[Told, ...],
    result: ProveResult,
    written: tuple[str, ...],
    invariant: tuple[str, ...],
) -> dict[str, Json]:
    """What a document has besides: failed steps, lemmas, the files of certificates, and what
    proofs rest on, if somebody asked for it."""
    return {
        "stuck": [data(told) for told in steps],
        "lemmas": [_helped(of) for of in result.helped],
        "certificates": list(written),
        **({"invariant": list(invariant)} if invariant else {}),
    }


def _helped(of: Helped) -> Json:
    scenario = of.info.scenario or None
    return {"file": of.file, "name": of.name, "scenario": scenario, "proved": of.proved}


def costs(result: ProveResult) -> Iterator[str]:
    """What the proofs of each scope needed, in units of z3's that no machine changes."""
    # Proofs of one system say what all of them cost; each law has a system of its own.
    spent: dict[tuple[str, str], dict[int, int]] = {}
    for p in result.proofs:
        of_scope = spent.setdefault((p.file, where(p.info)), {})
        of_scope[id(p.system)] = max(p.evidence.spent, of_scope.get(id(p.system), 0))
    for (file, scope), systems in spent.items():
        units = sum(systems.values())
        yield f"{phrases.number(units):>16} units of z3  {' '.join(w for w in (file, scope) if w)}"


__all__ = ["costs", "more", "proved"]
