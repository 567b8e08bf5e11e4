"""The screen and the document of `kspec info`.

At most 80 columns where names allow it. Deterministic: samples have a fixed seed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from math import log10
from textwrap import wrap
from typing import Final

from kspec import __version__
from kspec.base.shell import command
from kspec.driver.info import FileFacts, Sample, ScopeFacts, SliceFacts, SymmetryFacts
from kspec.ir.system import Role
from kspec.report.paint import Paint
from kspec.report.phrases import counted, number
from kspec.verdict.codec import Json

WIDTH: Final = 80
LABEL: Final = 11


def screen(
    files: Sequence[FileFacts], code: int, paint: Paint, manifests: tuple[str, ...] = ()
) -> str:
    """Everything that stdout gets; `manifests` are the names of what was given beside files."""
    lines: list[str] = []
    for file in files:
        if file.scopes:
            lines.append(paint(file.name, "strong"))
        for scope in file.scopes:
            lines += _scope(scope, paint)
            lines.append("")
    lines += _closing(files, code, manifests)
    return paint.finish("".join(line.rstrip() + "\n" for line in lines))


def _scope(of: ScopeFacts, paint: Paint) -> Iterator[str]:
    info = of.info
    name = f"scenario {info.scenario}" if info.scenario else "the scenario"
    parts = [name, *(f"{n}={v}" for n, v in info.point)]
    if info.extra:
        parts.append(f"with {', '.join(info.extra)}")
    yield paint("  " + ", ".join(parts), "strong")
    yield from _labelled("objects", [_rooms(of)])
    yield from _labelled("state", [_state(of), *_owners(of)])
    yield from _labelled("actions", [_actions(of), ", ".join(_instances(of))])
    yield from _labelled("size", _size(of))
    yield from _labelled("faults", of.faults or ("none",))
    yield from _labelled("symmetry", _symmetry(of))
    yield from _labelled("slicing", _slicing(of))
    yield from _labelled("judges", [", ".join(of.judged) or "nothing"])
    yield from _labelled("laws", map(_law, of.laws))
    yield from _labelled("reduced", _reduced(of))
    yield from _labelled("assumes", info.assumptions)


def _law(of: tuple[str, str]) -> str:
    name, outside = of
    return f"{name}: {f'not in the decidable fragment: {outside}' if outside else 'decidable'}"


def _labelled(label: str, lines: Iterable[str]) -> Iterator[str]:
    for said in lines:
        for line in wrap(said, WIDTH - LABEL - 4, subsequent_indent="  ") or [""]:
            yield f"    {label:<{LABEL}}{line}"
            label = ""


def _rooms(of: ScopeFacts) -> str:
    return ", ".join(f"{size} {kind}" for kind, size, _ in of.rooms if size) or "none"


def _state(of: ScopeFacts) -> str:
    return f"{counted(of.bits, 'bit')} in {counted(len(of.variables), 'variable')}"


def _owners(of: ScopeFacts) -> Iterator[str]:
    """The variables by what they belong to, the first with the first."""
    ordered = sorted(of.variables, key=lambda v: [o.owner for o in of.variables].index(v.owner))
    for owner, group in groupby(ordered, key=lambda v: v.owner):
        inside = tuple(group)
        bits = sum(v.bits for v in inside)
        said = ", ".join(f"{_marked(v.label, v.role)} {v.bits}" for v in inside)
        yield f"{owner or 'scenario'} {bits}: {said}"


def _marked(label: str, role: Role) -> str:
    return {Role.GHOST: f"{label} (ghost)", Role.BUDGET: f"{label} (budget)"}.get(role, label)


def _actions(of: ScopeFacts) -> str:
    instances = sum(action.instances for action in of.actions)
    by: dict[str, int] = {}
    for action in of.actions:
        by[action.origin] = by.get(action.origin, 0) + 1
    who = ", ".join(f"{n} {origin}" for origin, n in by.items())
    return f"{counted(len(of.actions), 'action')} ({who}), {counted(instances, 'instance')}"


def _instances(of: ScopeFacts) -> Iterator[str]:
    for action in of.actions:
        yield f"{action.name} {number(action.instances)}"


def power(n: int) -> str:
    """A number, or how many digits it has: `about 10^23`."""
    return number(n) if n < 1_000_000 else f"about 10^{int(_log10(n))}"


def _log10(n: int) -> float:
    digits = len(str(n)) - 15
    return log10(n) if digits <= 0 else log10(n // 10**digits) + digits


def _size(of: ScopeFacts) -> Iterator[str]:
    yield f"at most {power(of.most)} states (the product of all ranges: a bound, no estimate)"
    if of.sample is not None:
        yield _sampled(of.sample)


def _sampled(of: Sample) -> str:
    said = f"sampled, {counted(of.walks, 'random walk')}, {counted(of.steps, 'step')}: "
    said += f"at least {counted(of.states, 'state')}"
    if of.guess is None:
        return said + "; the walks hardly met, so there are many more"
    return said + f"; a guess: {power(max(of.guess, of.states))}, perhaps far more"


def _symmetry(of: ScopeFacts) -> Iterator[str]:
    said = [_groups(one) for one in of.symmetry]
    if not said:
        yield "no kind has more than one object"
        return
    yield from said
    if of.fewer > 1:
        yield f"up to {power(of.fewer)} times fewer states"


def _groups(of: SymmetryFacts) -> str:
    if len(of.groups) == 1:
        return f"{of.kind}: all {len(of.groups[0])} interchangeable"
    together = [group for group in of.groups if len(group) > 1]
    said = "; ".join(", ".join(group) for group in together)
    said = f"interchangeable: {said}" if together else "none interchangeable"
    return f"{of.kind}: {said} (told apart by {of.apart})"


def _reduced(of: ScopeFacts) -> Iterator[str]:
    """What a search for all that is judged leaves out, if it is told to."""
    if of.reduced:
        yield "by `kspec check --reduction all`, for all that is judged together:"
        yield from of.reduced


def _slicing(of: ScopeFacts) -> Iterator[str]:
    if not of.slices:
        yield "nothing is judged"
        return
    for one in of.slices:
        yield _slice(one, of.bits)


def _slice(of: SliceFacts, bits: int) -> str:
    if of.whole:
        return f"{of.property}: sees everything, for {of.whole}"
    if not of.unseen:
        return f"{of.property}: sees everything"
    if of.bits == bits:
        return f"{of.property}: sees nothing, for the ranges alone decide it"
    return f"{of.property}: cannot see {of.bits} of {bits} bits: {', '.join(of.unseen)}"


def _closing(files: Sequence[FileFacts], code: int, manifests: tuple[str, ...]) -> Iterator[str]:
    errors = sum(1 for f in files for d in f.diagnostics if d.severity.value == "error")
    scopes = sum(len(file.scopes) for file in files)
    wrong = f", {counted(errors, 'error')}" if errors else ""
    yield f"{counted(scopes, 'scope') if scopes else 'no scope'}{wrong}   (exit {code})"
    slugs = [d.code.slug for f in files for d in f.diagnostics if d.severity.value == "error"]
    if slugs:
        yield f"next  {command('explain', slugs[0])}"
        return
    given = tuple(word for name in manifests for word in ("-f", name))
    for file in files:
        judges = any(scope.judged for scope in file.scopes)
        if judges:
            yield f"next  {command('check', file.name, *given)}"
        elif file.scopes:
            yield f"next  {command('simulate', file.name, *given)}"
        if file.scopes:
            return
    yield f"next  {command('info', '--help')}"


# ---- as data -----------------------------------------------------------------------------------


def document(files: Sequence[FileFacts], code: int) -> str:
    """The document, indented, with a line end."""
    shown: dict[str, Json] = {
        "apiVersion": "kspec.dev/v1",
        "kind": "InfoResult",
        "kspec": __version__,
        "scopes": [_data(file.name, scope) for file in files for scope in file.scopes],
        "summary": {"exit": code},
    }
    return json.dumps(shown, indent=2, ensure_ascii=False) + "\n"


def _data(file: str, of: ScopeFacts) -> Json:
    return {
        "file": file,
        "scenario": of.info.scenario or None,
        "point": dict(of.info.point),
        "with": list(of.info.extra),
        "objects": {kind: size for kind, size, _ in of.rooms},
        "bits": of.bits,
        "variables": {v.name: v.bits for v in of.variables},
        "actions": {a.name: a.instances for a in of.actions},
        "bound": str(of.most),
        "laws": {name: {"decidable": not outside, "outside": outside} for name, outside in of.laws},
        "sample": _sample_data(of.sample),
        "symmetry": [
            {"kind": s.kind, "groups": [list(g) for g in s.groups], "apart": s.apart or None}
            for s in of.symmetry
        ],
        "slices": {s.property: list(s.unseen) for s in of.slices},
        "reduced": list(of.reduced),
        "faults": list(of.faults),
        "judges": list(of.judged),
        "assumptions": list(of.info.assumptions),
    }


def _sample_data(of: Sample | None) -> Json:
    if of is None:
        return None
    return {"walks": of.walks, "steps": of.steps, "states": of.states, "guess": of.guess}
