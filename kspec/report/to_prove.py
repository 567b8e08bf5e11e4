"""The one command to run after `kspec prove`: what helps most where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, final

from kspec.base.record import frozen
from kspec.base.shell import command
from kspec.driver.proofs.proving import ProveResult
from kspec.driver.result import Require, Row, Vacuity, Word
from kspec.report import phrases
from kspec.report.advice import explain
from kspec.verdict.answer import Inductive, Unknown, Why

MORE: Final = 10


@final
@frozen
class Asked:
    """How `prove` was called, as far as advice depends on it."""

    require: Require = Require.DEFAULT
    manifests: tuple[str, ...] = ()
    engine: str = "portfolio"
    every: tuple[str, ...] = ()
    rlimit: int = 0
    certificates: str | None = None


def advice(result: ProveResult, asked: Asked) -> Iterator[str]:
    """At most one command."""
    checked = result.checked
    wrong = explain(checked)
    if not checked.judged or any(row.word is Word.ERROR for row in checked.rows):
        yield from () if wrong is None else (wrong,)
        return
    rows = [row for row in checked.rows if row.met is not True]
    for row in rows:
        if row.word is Word.VIOLATED:
            yield command(*_again(row, asked), *_every(asked), "-o", "json", note=_data(row))
            return
    for row in rows:
        if isinstance(row.verdict, Unknown):
            yield _open(row, row.verdict, asked)
            return
    for row in rows:
        is_weak = row.code(asked.require, Vacuity.OFF) != 0
        if is_weak and asked.require is Require.PROVED and not asked.every:
            kinds = ",".join(kind for kind, _ in row.scope.sizes) or "KIND"
            yield command(*_again(row, asked), "--for-all", kinds, note="for scopes of every size")
            return
    yield from _done(result, asked)


def _done(result: ProveResult, asked: Asked) -> Iterator[str]:
    """Everything is as it should be."""
    if not result.proofs:
        return
    if asked.certificates is not None:
        note = "proves it again, by an encoder of its own"
        given = _given(asked)
        yield command("prove", "--recheck", asked.certificates, *given, note=note)
        return
    first = next((r for r in result.checked.rows if _is_proof(r)), None)
    if first is not None:
        again = (*_again(first, asked), *_every(asked), "--certificates", "proofs")
        yield command(*again, note="keeps the proof, to be checked again")


def _is_proof(row: Row) -> bool:
    return isinstance(getattr(row.verdict, "evidence", None), Inductive)


def _again(row: Row, asked: Asked, what: str = "prove") -> tuple[str, ...]:
    """The command for this row alone."""
    scenario = ("-s", row.scope.scenario) if row.scope.scenario else ()
    only = () if row.kind == "implicit" else ("-p", row.name)
    return (what, row.file, *_given(asked), *scenario, *only)


def _given(asked: Asked) -> tuple[str, ...]:
    return tuple(word for name in asked.manifests for word in ("-f", name))


def _every(asked: Asked) -> tuple[str, ...]:
    return ("--for-all", ",".join(asked.every)) if asked.every else ()


def _data(row: Row) -> str:
    return "the world as data" if row.world else "the trace as data"


def _open(row: Row, verdict: Unknown, asked: Asked) -> str:
    because = verdict.because
    check = _again(row, asked, "check")
    if asked.every:
        return command(*check, "--reduction", "all", note="what is so of the scope as written")
    match because.why:
        case Why.SOLVER if phrases.at_rlimit(because.note) and asked.rlimit:
            return command(*_again(row, asked), "--rlimit", str(MORE * asked.rlimit))
        case Why.INDUCTION if asked.engine != "portfolio":
            return command(*_again(row, asked), note="looks for lemmas by itself, too")
        case Why.DEPTH if asked.engine == "bmc":
            return command(*_again(row, asked), note="bugs were looked for, nothing else")
        case Why.DEPTH:
            return command(*check, note="goes through all of the scope, and decides")
        case _:
            pass
    if row.kind == "law":
        return command(*check, note="goes through all of the scope, where that is finite")
    return command(*check, "--reduction", "all", note="goes through all of the scope")


__all__ = ["Asked", "advice"]
