"""The one command to run next, as it can be typed: after mistakes, what is violated, what is open.

A note behind `#` says what it is for; a shell passes over it.
"""

from __future__ import annotations

from kspec.base.shell import command
from kspec.driver.result import CheckResult, Row, Word
from kspec.verdict.answer import Unknown, Why

REDUCIBLE = ("invariant", "occurrence", "reachable")
"""Kinds of properties that states can be left out for."""


def advice(result: CheckResult) -> str | None:
    """The command that helps most; None where nothing does."""
    rows = result.rows
    if not result.judged or any(row.word is Word.ERROR for row in rows):
        return explain(result)
    if result.walked:
        return _after_walks(result)
    for row in rows:
        if row.word is Word.VIOLATED and row.met is not True:
            asked = _check(row, result)
            return command(*asked, "-o", "json", note="the trace as data")
    for row in rows:
        if row.met is not True and isinstance(row.verdict, Unknown):
            return _to_decide(row, row.verdict, result)
    if rows:
        again = ("check", rows[0].file, *_given(result))
        return command(*again, "-o", "json", note="the evidence as data")
    if not result.files:
        return command("check", "--help")
    name = result.files[0].name
    return command("info", name, *_given(result), note="what there is to judge")


def explain(result: CheckResult) -> str | None:
    """About the first mistake."""
    found = [d for f in result.files for d in f.diagnostics if d.severity.value == "error"]
    return command("explain", found[0].code.slug) if found else None


def _given(result: CheckResult) -> tuple[str, ...]:
    """The manifests beside the files, as they were named."""
    return tuple(word for name in result.manifests for word in ("-f", name))


def _check(row: Row, result: CheckResult) -> tuple[str, ...]:
    """To check this row alone; implicit properties come with any other."""
    only = () if row.kind == "implicit" else ("-p", row.name)
    return ("check", row.file, *_given(result), *only)


def _after_walks(result: CheckResult) -> str | None:
    for row in result.rows:
        if row.word is Word.VIOLATED and row.met is not True:
            return command(*_check(row, result), note="the shortest trace")
    for row in result.rows:
        return command("check", row.file, *_given(result), note="every order of every step")
    for file in result.files:
        return command("info", file.name, *_given(result), note="what there is to search")
    return command("simulate", "--help")


def _to_decide(row: Row, verdict: Unknown, result: CheckResult) -> str:
    because = verdict.because
    asked = _check(row, result)
    if because.why is Why.STATES and not because.reached.states:
        return command(*asked, note="without --max-states")
    if because.why is Why.STATES:
        more = max(1000, 10 * because.reached.states)
        return command(*asked, "--max-states", str(more))
    if because.why in (Why.TIME, Why.MEMORY) and row.kind in REDUCIBLE and not row.reduced:
        return command(*asked, "--reduction", "all", note="often far fewer states")
    if because.why is Why.UNSUPPORTED and row.reached is None and row.kind != "law":
        return command(*asked, "--engine", "reference")
    return command(*asked, "-o", "json", note="what is known as data")
