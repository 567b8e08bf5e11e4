"""The JSON document of `kspec check`: `kspec.dev/v1`, kind `CheckResult`.

Deterministic: keys in a fixed order, no clock but where timings are asked for. A trace is what
`kspec.verdict.codec` writes, with the words of the screen beside it. Changes within v1 only add.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import assert_never, cast

from kspec import __version__
from kspec.base.diagnostic import Diagnostic
from kspec.base.source import LineIndex, SourceFile, Span
from kspec.driver.result import (
    CheckResult,
    Covered,
    FileResult,
    LedgerRow,
    NeverFired,
    Row,
    WalkedScope,
    Word,
)
from kspec.ir.system import Implicit
from kspec.report import phrases
from kspec.report.chains import chains
from kspec.report.lassos import Loop, assumed, loop
from kspec.report.statistics import data
from kspec.report.story import StepWords, Story, tell
from kspec.report.values import Lens
from kspec.verdict.answer import Enumerated, Holds, Inductive, Solved, Unknown, Violated
from kspec.verdict.codec import Json, encode_trace
from kspec.verdict.trace import Trace


def document(
    result: CheckResult,
    code: int,
    *,
    timings: bool = False,
    more: Mapping[str, Json] | None = None,
) -> str:
    """The document, indented, with a line end; `more` are keys that only some commands have."""
    shown: dict[str, Json] = {
        "apiVersion": "kspec.dev/v1",
        "kind": "SimulateResult" if result.walked else "CheckResult",
        "kspec": __version__,
        "inputs": _inputs(result),
        "diagnostics": [_diagnostic(d, f) for f in result.files for d in f.diagnostics],
        "ledger": [_ledger(line, f) for f in result.files for line in f.ledger],
        "results": [_row(row, file) for file in result.files for row in file.rows],
        **_all_walks(result),
        "never_fired": [_never(never, file) for file in result.files for never in file.never],
        **_all_statistics(result),
        **(more or {}),
        "summary": _summary(result, code),
        "timings": _timings(result) if timings else None,
    }
    return json.dumps(shown, indent=2, ensure_ascii=False) + "\n"


def _inputs(result: CheckResult) -> list[Json]:
    texts = {s.name: s.text for f in result.files for s in f.sources}
    return [
        {"name": name, "sha256": hashlib.sha256(text.encode()).hexdigest()}
        for name, text in sorted(texts.items())
    ]


def _timings(result: CheckResult) -> Json:
    return [{"what": t.what, "milliseconds": round(t.seconds * 1000)} for t in result.timings]


def _diagnostic(d: Diagnostic, file: FileResult) -> Json:
    return {
        "severity": d.severity.value,
        "code": d.code.slug,
        "message": d.message,
        "at": _at(d.primary.span, file.sources),
        "help": [h.text for h in d.help],
        "notes": list(d.notes),
    }


def _ledger(line: LedgerRow, file: FileResult) -> Json:
    return {
        "kind": line.kind,
        "path": line.path or None,
        "status": line.status,
        "why": line.why or None,
        "count": line.count,
        "at": _at(line.span, file.sources),
    }


def _at(span: Span | None, sources: tuple[SourceFile, ...]) -> Json:
    if span is None:
        return None
    for source in sources:
        if source.name == span.file:
            line, column = LineIndex(source.text).position(span.start)
            return {"file": span.file, "line": line, "column": column}
    return {"file": span.file, "line": None, "column": None}


def _row(row: Row, file: FileResult) -> Json:
    scope = row.scope
    return {
        "file": row.file,
        "name": row.name,
        "kind": row.kind,
        "sentence": row.sentence,
        "at": _at(row.span, file.sources),
        "scope": {
            "scenario": scope.scenario or None,
            "point": dict(scope.point),
            "with": list(scope.extra),
            "start": scope.start,
            "time": "timed" if scope.timed else "untimed",
            "sizes": dict(scope.sizes),
        },
        "verdict": row.word.answer,
        "word": phrases.word(row),
        "expected": row.expected,
        "met": row.met,
        "vacuous": list(row.vacuous),
        "evidence": _evidence(row),
        "cut": {c.action: c.states for c in row.cuts},
        "assumptions": [*scope.assumptions, *assumed(row)],
        "bounded": list(scope.bounds),
        "engine": row.engine,
        "reduced": list(row.reduced),
        **({"beyond": dict(row.beyond)} if row.beyond else {}),
        **({"turns": list(row.turns)} if row.turns else {}),
        "states": row.reached.states if row.reached else None,
        "transitions": row.reached.transitions if row.reached else None,
        "depth": row.reached.depth if row.reached else None,
        "values": None if row.values is None else list(row.values),
        **_chains(row, file),
        "refutation": _refutation(row),
        "trace": _trace(row, file),
    }


def _refutation(row: Row) -> Json:
    """The world that a law is false in, and why."""
    return {"world": list(row.world), "why": list(row.why)} if row.world else None


def _chains(row: Row, file: FileResult) -> dict[str, Json]:
    """How the values are reached that should not be there."""
    if not row.runs:
        return {}
    from kspec.report.text import place

    told = chains(row, lambda span: place(span, file.sources))
    return {"chains": [{"value": value, "steps": list(steps)} for value, steps in told]}


def _all_walks(result: CheckResult) -> dict[str, Json]:
    walks: list[Json] = [_walks(w, f) for f in result.files for w in f.walks]
    return {"walks": walks} if result.walked else {}


def _never(never: NeverFired, file: FileResult) -> Json:
    at = _at(never.span, file.sources)
    return {"file": file.name, "action": never.action, "at": at}


def _all_statistics(result: CheckResult) -> dict[str, Json]:
    told: list[Json] = [_statistics(of, file) for file in result.files for of in file.covered]
    return {"statistics": told} if told else {}


def _statistics(of: Covered, file: FileResult) -> Json:
    return {
        "file": file.name,
        "scenario": of.scope.scenario or None,
        "point": dict(of.scope.point),
        "with": list(of.scope.extra),
        **data(of, file.sources, lambda span: _at(span, file.sources)),
    }


def _walks(of: WalkedScope, file: FileResult) -> Json:
    met = of.walked
    return {
        "file": file.name,
        "scenario": of.scope.scenario or None,
        "point": dict(of.scope.point),
        "with": list(of.scope.extra),
        "walks": met.walks,
        "steps": met.steps,
        "states": met.states,
        "longest": met.longest,
        "ended": met.ended,
        "fired": dict(met.fired),
    }


def _evidence(row: Row) -> Json:
    said = phrases.evidence(row)
    match row.verdict:
        case None:
            return {"kind": "none", "words": said}
        case Holds(rest) | Violated(rest):
            if isinstance(rest, Trace):
                kind = "witness" if isinstance(row.verdict, Holds) else "trace"
                return {"kind": kind, "words": said, "steps": len(rest.steps)}
            if isinstance(rest, Enumerated):
                return {
                    "kind": "enumerated",
                    "words": said,
                    "worlds": rest.worlds,
                    "left_out": rest.left_out,
                    "cases": rest.cases,
                    "names": rest.names,
                }
            if isinstance(rest, Solved):
                return {
                    "kind": "solved",
                    "words": said,
                    "worlds": rest.worlds,
                    "cases": rest.cases,
                    "names": rest.names,
                    "spent": None if rest.proof is None else rest.proof.spent,
                }
            if isinstance(rest, Inductive):
                return {
                    "kind": "inductive",
                    "words": said,
                    "k": rest.k,
                    "groups": [
                        {"names": list(g.names), "k": g.k, "ends": g.ends} for g in rest.groups
                    ],
                    "spent": rest.spent,
                    **(
                        {"everyNumberOf": list(rest.endless), "bounded": list(rest.bounded)}
                        if rest.endless
                        else {}
                    ),
                }
            return {
                "kind": "exhausted",
                "words": said,
                "states": rest.states,
                "transitions": rest.transitions,
                "depth": rest.depth,
                "audited": rest.audited,
            }
        case Unknown(because):
            return {
                "kind": "none",
                "words": said,
                "why": because.why.name.lower().replace("_", "-"),
                "note": because.note,
                **({} if because.omission is None else {"omission": cast(Json, because.omission)}),
            }
        case _:
            assert_never(row.verdict)


def _trace(row: Row, file: FileResult) -> Json:
    if row.trace is None or row.system is None:
        return None
    broken = row.asked if isinstance(row.asked, Implicit) else None
    story = tell(Lens(row.system, row.shown), row.trace, broken)
    again = loop(Lens(row.system, row.shown), row.trace, row.asked)
    return {**encode_trace(row.trace, row.system), "words": _story(story, again, row)}


def _story(story: Story, again: Loop | None, row: Row) -> Json:
    return {
        "start": list(story.start),
        "steps": [_step(step) for step in story.steps],
        "why": [*row.why, *story.ending, *(again.why if again is not None else ())],
        "refused": list(row.refused),
        "loop": None
        if again is None
        else {"after": again.begins, "back": again.back, "fair": list(again.fair)},
    }


def _step(step: StepWords) -> Json:
    return {
        "number": step.number,
        "who": step.who,
        "action": step.action,
        "given": list(step.given),
        "reason": step.reason,
        "event": step.event,
        "changes": list(step.changes),
        "saw": list(step.saw),
    }


def _summary(result: CheckResult, code: int) -> Json:
    rows = result.rows
    return {
        "exit": code,
        "judged": result.judged,
        "interrupted": result.interrupted,
        **({} if result.nothing is None else {"nothing": result.nothing.said}),
        "properties": len(rows),
        "expected": sum(1 for row in rows if row.met is True),
        **{
            word.answer: sum(1 for row in rows if row.word.answer == word.answer)
            for word in (
                Word.HOLDS,
                Word.PROVED,
                Word.VIOLATED,
                Word.BOUNDED,
                Word.UNKNOWN,
                Word.ERROR,
            )
        },
    }
