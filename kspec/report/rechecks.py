"""What became of certificates that were checked again: the screen, the document, the exit code."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import assert_never

from kspec import __version__
from kspec.base.shell import command
from kspec.certify.recheck import Confirmed, Outcome, Rejected, Stale, Undecided
from kspec.driver.proofs.certificates import Rechecked
from kspec.driver.result import ExitCode
from kspec.report import phrases
from kspec.report.paint import Paint
from kspec.verdict.codec import Json

CHANGED = "the model was changed since: prove it again"


def rechecked(found: Iterable[Rechecked], code: int, paint: Paint, stopped: bool = False) -> str:
    """The screen of a re-check: a line for each certificate, and a summary."""
    found = tuple(found)
    lines = [_line(one, paint) for one in found]
    before = "interrupted: " if stopped else ""
    lines.append(f"{before}{_summary(found)}   (exit {code})")
    lines += [f"next  {line}" for line in _next(found)]
    return paint.finish("".join(f"{line}\n" for line in lines))


def document(found: Iterable[Rechecked], code: int, stopped: bool = False) -> str:
    """The JSON document, kind `RecheckResult`."""
    found = tuple(found)
    shown: dict[str, Json] = {
        "apiVersion": "kspec.dev/v1",
        "kind": "RecheckResult",
        "kspec": __version__,
        "results": [_data(one) for one in found],
        "summary": {"exit": code, "interrupted": stopped, "certificates": len(found)},
    }
    return json.dumps(shown, indent=2, ensure_ascii=False) + "\n"


def recheck_code(found: Iterable[Rechecked]) -> ExitCode:
    """0 if all are confirmed, 1 if any is rejected, 3 if any is stale or undecided, 5 for none."""
    outcomes = [one.outcome for one in found]
    if any(isinstance(outcome, Rejected) for outcome in outcomes):
        return ExitCode.VIOLATED
    if any(isinstance(outcome, Stale | Undecided) for outcome in outcomes):
        return ExitCode.UNDECIDED
    return ExitCode.OK if outcomes else ExitCode.NOTHING


def _line(one: Rechecked, paint: Paint) -> str:
    mark, how = _sign(one.outcome)
    return f"  {paint(f'{mark} {_word(one.outcome):<9}', how)} {one.name}  {_said(one)}"


def _word(outcome: Outcome) -> str:
    match outcome:
        case Confirmed():
            return "CONFIRMED"
        case Stale():
            return "STALE"
        case Rejected():
            return "REJECTED"
        case Undecided():
            return "UNKNOWN"
        case _:
            assert_never(outcome)


def _sign(outcome: Outcome) -> tuple[str, str]:
    match outcome:
        case Confirmed():
            return "✔", "good"
        case Rejected():
            return "✘", "bad"
        case _:
            return "?", "open"


def _said(one: Rechecked) -> str:
    match one.outcome:
        case Confirmed() as outcome:
            return f"{_claim(one)}: {_how(outcome)}"
        case Stale():
            return CHANGED
        case Rejected(why) | Undecided(why):
            return why
        case _:
            assert_never(one.outcome)


def _claim(one: Rechecked) -> str:
    """What is confirmed; of which scope, where the file has several."""
    of = one.certificate
    assert of is not None
    parts = (of.scenario, *(f"{name}={value}" for name, value in of.point), *of.extra)
    scope = ", ".join(part for part in parts if part)
    every = f" for every number of {', '.join(of.endless)}" if of.endless else ""
    return f"{of.prop} {of.claim}{f' in {scope}' if scope else ''}{every}"


def _how(of: Confirmed) -> str:
    how = f"{phrases.counted(of.obligations, 'obligation')} proved again by {_and(of.solvers)}"
    if of.states:
        some = "all" if of.all_states else "some"
        how += f", and true in {some} {phrases.counted(of.states, 'state')} that runs reach"
    return how + "".join(f"; not decided: {why}" for why in of.open)


def _and(names: tuple[str, ...]) -> str:
    return " and ".join(names)


def _summary(found: tuple[Rechecked, ...]) -> str:
    """`2 certificates: 1 confirmed, 1 stale`."""
    if not found:
        return "no certificates"
    words = [_word(one.outcome).lower() for one in found]
    counts = (f"{words.count(word)} {word}" for word in dict.fromkeys(sorted(words)))
    return f"{phrases.counted(len(found), 'certificate')}: {', '.join(counts)}"


def _next(found: tuple[Rechecked, ...]) -> Iterator[str]:
    """How to prove again what is stale."""
    for one in found:
        if isinstance(one.outcome, Stale) and one.certificate is not None:
            of = one.certificate
            scenario = ("-s", of.scenario) if of.scenario else ()
            every = ("--for-all", ",".join(of.endless)) if of.endless else ()
            where = ("--certificates", one.name.rpartition("/")[0] or ".")
            yield command("prove", of.file, *scenario, "-p", of.prop, *every, *where)
            return


def _data(one: Rechecked) -> Json:
    of, outcome = one.certificate, one.outcome
    about: dict[str, Json] = (
        {}
        if of is None
        else {
            "file": of.file,
            "property": of.prop,
            "claim": of.claim,
            "scenario": of.scenario or None,
            "point": dict(of.point),
            "with": list(of.extra),
            "everyNumberOf": list(of.endless),
            "assumptions": list(of.assumptions),
        }
    )
    return {"certificate": one.name, "word": _word(outcome), "words": _said(one), **about}


__all__ = ["document", "recheck_code", "rechecked"]
