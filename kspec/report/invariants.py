"""What proofs rest on beside the claims: lemmas that a search found, as lines to be copied.

With them in the file, induction alone proves what the search was needed for. What the language has
no words for (where a controller stands in a reconcile, what is so of the dead) is said in words
behind `#`, for people. Next: `formula` for lines, `plain` for words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, TypeAlias, final

from kspec.base.record import frozen
from kspec.driver.proofs.proving import ProveResult
from kspec.driver.result import ScopeInfo
from kspec.report.formula import worded
from kspec.report.plain import plain
from kspec.report.stuck import free, words
from kspec.report.values import Lens

BEHIND: Final = (
    "  # behind `#` is what no line of the language says: in words, not to be copied. There",
    "  # `all` is over what lives and what does not; what compares with what is missing is false.",
)
Scope: TypeAlias = "tuple[str, ScopeInfo]"


@final
@frozen
class Found:
    """A lemma: the line that says it, if the language has one, and words for people."""

    file: str
    line: str | None
    text: str


def found(result: ProveResult) -> tuple[Found, ...]:
    """The lemmas of all proofs, each once in a scope."""
    shown = {(r.file, r.scope): r.shown for r in result.checked.rows}
    made: dict[tuple[Scope, str], Found] = {}
    taken = {f.name: words(" ".join(s.text for s in f.sources)) for f in result.checked.files}
    for proof in result.proofs:
        scope = (proof.file, proof.info)
        lens = Lens(proof.system, shown[scope]) if scope in shown else Lens(proof.system)
        for name, body in proof.evidence.lemmas:
            said = worded(lens, body)
            called = free(_called(proof.info, name), taken.get(proof.file, frozenset()))
            line = None if said is None else f"lemma {called}: {said}"
            made.setdefault((scope, name), Found(proof.file, line, plain(lens, body)))
    return tuple(made.values())


def _called(info: ScopeInfo, name: str) -> str:
    """A name that a lemma may have in its file."""
    point = (f"{key} {value}" for key, value in info.point)
    words = (info.scenario, *point, *info.extra, name.removeprefix("lemma "))
    return re.sub(r"[^A-Za-z0-9]+", "_", " ".join((*filter(None, words[:-1]), "lemma", words[-1])))


def lines(lemmas: tuple[Found, ...], understood: frozenset[tuple[str, str]]) -> Iterator[str]:
    """The screen: `understood` are files with the lines that they may be followed by."""
    if not lemmas:
        yield "invariant  the claims alone"
        return
    yield "invariant  the claims and, proved together with them:"
    copied = [lemma for lemma in lemmas if (lemma.file, lemma.line) in understood]
    if len(copied) < len(lemmas):
        yield from BEHIND
    for lemma in lemmas:
        yield f"  {lemma.line}" if lemma in copied else f"  # {lemma.text}"


__all__ = ["Found", "found", "lines"]
