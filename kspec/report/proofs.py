"""The screen of `kspec prove`: verdicts, counterexamples, what stayed stuck; and of its re-checks.

As `text` does it for a check; a failed induction step is shown as what it is, which is no bug.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import assert_never

from kspec.certify.recheck import Confirmed, Rejected, Stale, Undecided
from kspec.driver.certificates import Rechecked
from kspec.driver.proving import Helped, ProveResult, Stuck
from kspec.driver.result import ExitCode, FileResult, Row, ScopeInfo, Word
from kspec.report import phrases
from kspec.report.formula import formula
from kspec.report.paint import Paint, sign
from kspec.report.story import tell
from kspec.report.text import counterexample, refutation
from kspec.report.values import Lens

ASSUMED = "assumes"


def proved(
    result: ProveResult,
    code: int,
    paint: Paint,
    written: tuple[str, ...],
    invariant: tuple[str, ...] = (),
) -> str:
    """Everything that stdout gets; `written` are the files of certificates, `invariant` the lines
    about what proofs rest on."""
    lines: list[str] = []
    for file in result.checked.files:
        if file.rows:
            lines += _file(file, paint)
    for stuck in result.stuck:
        lines += _stuck(stuck, paint)
    lines += [_lemma(helped, paint) for helped in result.helped]
    lines += invariant
    lines += [f"proof  {name}" for name in written]
    lines += _closing(result, code)
    return paint.finish("".join(line.rstrip() + "\n" for line in lines))


def _file(file: FileResult, paint: Paint) -> Iterator[str]:
    yield paint(file.name, "strong")
    wide = max(len(phrases.word(row)) for row in file.rows)
    name = min(max(len(row.name) for row in file.rows), 44)
    for where, rows in groupby(file.rows, key=_where):
        if where:
            yield f"  {where}"
        for row in rows:
            mark, how = sign(row)
            word = paint(f"{mark} {phrases.word(row):<{wide}}", how)
            said = [phrases.expectation(row), phrases.evidence(row)]
            said += [f"(vacuous: {'; '.join(row.vacuous)})"] if row.vacuous else []
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
    where = _scope(of.info)
    return paint(f"lemma  {of.name}  {said[of.proved]}" + (f"  ({where})" if where else ""), "dim")


def _where(row: Row) -> str:
    return _scope(row.scope)


def _scope(scope: ScopeInfo) -> str:
    parts = [f"scenario {scope.scenario}"] if scope.scenario else []
    parts += [f"{name}={value}" for name, value in scope.point]
    return ", ".join((*parts, *(f"with {extra}" for extra in scope.extra)))


def _stuck(of: Stuck, paint: Paint) -> Iterator[str]:
    """Where the induction step failed."""
    row = of.row
    assert row.system is not None
    where = _where(row)
    yield paint(f"? {row.name}" + (f"  {where}" if where else ""), "open")
    sizes = ", ".join(f"{phrases.number(n)} {kind}" for kind, n in of.sizes)
    here = f", with room for {sizes}" if sizes else ""
    yield f"  not a bug: the induction step failed. From this state{here}, which no run need reach:"
    story = tell(Lens(row.system, row.shown), of.trace)
    yield from (f"    {line}" for line in story.start or ("nothing exists",))
    for step in story.steps:
        who = f"{step.who}.{step.action}" if step.who else step.action
        yield f"  one step, {who}  {' '.join(step.given)}".rstrip()
        yield from (f"    {line}" for line in step.changes or ("nothing changes",))
    yield f"  and {row.name} is {'true' if row.kind == 'reachable' else 'false'} there"
    if of.looked >= 0:
        yield f"  is that state reached? not within {phrases.counted(of.looked, 'step')}"
    if of.reached is not None:
        steps = phrases.counted(of.reached, "step")
        yield f"  is that state reached? in {steps}, with copies that have the names of others"
    lens = Lens(row.system, row.shown)
    if of.lemmas:
        yield "  these exclude it, and are true of all that was seen; if one is always so, say it:"
    for number, lemma in enumerate(of.lemmas, start=1):
        yield f"    lemma {_called(row.name, number)}: {formula(lens, lemma)}"
    yield ""


def _called(name: str, number: int) -> str:
    """What a lemma for a property could be called."""
    return f"{re.sub(r'[^A-Za-z0-9_]+', '_', name)}_{number}"


def _closing(result: ProveResult, code: int) -> Iterator[str]:
    checked = result.checked
    errors = sum(1 for f in checked.files for d in f.diagnostics if d.severity.value == "error")
    if not checked.judged:
        yield f"{phrases.counted(errors, 'error')}, nothing was proved (exit {code})"
        return
    rows = checked.rows
    stopped = "interrupted: " if checked.interrupted else ""
    count = f"   {phrases.counted(len(rows), 'property', 'properties')}" if rows else ""
    yield f"{stopped}{phrases.summary(rows)}{count}   (exit {code})"


def costs(result: ProveResult) -> Iterator[str]:
    """What the proofs of each scope needed, in units of z3's that no machine changes."""
    # Proofs of one system say what all of them cost; each law has a system of its own.
    spent: dict[tuple[str, str], dict[int, int]] = {}
    for p in result.proofs:
        of_scope = spent.setdefault((p.file, _scope(p.info)), {})
        of_scope[id(p.system)] = max(p.evidence.spent, of_scope.get(id(p.system), 0))
    for (file, where), systems in spent.items():
        units = sum(systems.values())
        yield f"{phrases.number(units):>16} units of z3  {' '.join(w for w in (file, where) if w)}"


# ---- re-checks ---------------------------------------------------------------------------------


def rechecked(found: Iterable[Rechecked], code: int, paint: Paint) -> str:
    """What became of certificates, a line each."""
    lines = [_rechecked(one, paint) for one in found]
    lines.append(f"{phrases.counted(len(lines), 'certificate')}   (exit {code})")
    return paint.finish("".join(line.rstrip() + "\n" for line in lines))


def _rechecked(one: Rechecked, paint: Paint) -> str:
    match one.outcome:
        case Confirmed(count, solvers, states, all_states, gave_up):
            assert one.certificate is not None
            every = ", ".join(one.certificate.endless)
            said = f"{one.certificate.prop} {one.certificate.claim}"
            said += f" for every number of {every}" if every else ""
            how = f"{phrases.counted(count, 'obligation')} proved again by {' and '.join(solvers)}"
            if states:
                where = "all " if all_states else ""
                how += f", and so in {where}{phrases.counted(states, 'state')}"
            how += "".join(f"; not decided: {why}" for why in gave_up)
            return f"  {paint('✔ CONFIRMED', 'good')} {one.name}  {said}: {how}"
        case Stale():
            why = "the model was changed since: prove it again"
            return f"  {paint('? STALE    ', 'open')} {one.name}  {why}"
        case Rejected(why):
            return f"  {paint('✘ REJECTED ', 'bad')} {one.name}  {why}"
        case Undecided(why):
            return f"  {paint('? UNKNOWN  ', 'open')} {one.name}  {why}"
        case _:
            assert_never(one.outcome)


def recheck_code(found: Iterable[Rechecked]) -> ExitCode:
    """0 if all are confirmed, 1 if any is rejected, 3 if any is stale or undecided, 5 for none."""
    outcomes = [one.outcome for one in found]
    if any(isinstance(outcome, Rejected) for outcome in outcomes):
        return ExitCode.VIOLATED
    if any(isinstance(outcome, Stale | Undecided) for outcome in outcomes):
        return ExitCode.UNDECIDED
    return ExitCode.OK if outcomes else ExitCode.NOTHING


__all__ = ["costs", "proved", "recheck_code", "rechecked"]
