"""Where an induction step failed, for people who never heard of one: no bug, a question to them.

The state is shown with the step that breaks the claim, whether a run was found to get there, and
lines that would exclude it. Only a line that its file understands is offered to be copied.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final, final

from kspec.base.record import frozen
from kspec.driver.proofs.proving import ProveResult, Stuck
from kspec.driver.result import FileResult, ScopeInfo
from kspec.report import phrases
from kspec.report.formula import worded
from kspec.report.paint import Paint
from kspec.report.plain import plain
from kspec.report.story import Story, tell
from kspec.report.values import Lens
from kspec.verdict.codec import Json

NO_LINE: Final = "no line of the language says what excludes it"
MOST_WORDS: Final = 2
"""How many formulas that no line says are shown in words."""


@final
@frozen
class Told:
    """A failed step in words; `lines` may be copied into the file. `unsaid` are formulas that
    exclude the state and that no line says, in words for people; `worded` what lines say, in the
    same words."""

    of: Stuck
    story: Story
    lines: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()
    worded: tuple[str, ...] = ()

    def keeping(self, good: Collection[str]) -> Told:
        """With those lines alone that the file understands."""
        pairs = tuple(zip(self.lines, self.worded, strict=True))
        kept = tuple((line, text) for line, text in pairs if line in good)
        lost = tuple(text for line, text in pairs if line not in good)
        lines, texts = (tuple(part) for part in zip(*kept, strict=True)) if kept else ((), ())
        return Told(self.of, self.story, lines, (*self.unsaid, *lost), texts)


def told(result: ProveResult) -> tuple[Told, ...]:
    """All failed steps in words."""
    return tuple(_told(of, result.checked.files) for of in result.stuck)


def _told(of: Stuck, files: tuple[FileResult, ...]) -> Told:
    row = of.row
    assert row.system is not None
    lens = Lens(row.system, row.shown)
    pairs = [(worded(lens, lemma), plain(lens, lemma)) for lemma in of.lemmas]
    said = [(line, text) for line, text in pairs if line is not None]
    taken = words(" ".join(s.text for f in files if f.name == row.file for s in f.sources))
    stem = re.sub(r"[^A-Za-z0-9_]+", "_", row.name)
    lines = tuple(
        f"lemma {free(f'{stem}_{number}', taken)}: {text}"
        for number, (text, _) in enumerate(said, start=1)
    )
    unsaid = tuple(text for line, text in pairs if line is None)
    return Told(of, tell(lens, of.trace), lines, unsaid, tuple(text for _, text in said))


def words(text: str) -> frozenset[str]:
    """All words of a text: a name that is none of them is free in it."""
    return frozenset(re.findall(r"\w+", text))


def free(name: str, taken: Collection[str]) -> str:
    """A name, or one like it that nothing else has."""
    found, number = name, 1
    while found in taken:
        number += 1
        found = f"{name}_{number}"
    return found


def where(scope: ScopeInfo) -> str:
    """`scenario small, pod=3, with force_delete`; `""` for the only scope of a file."""
    parts = [f"scenario {scope.scenario}"] if scope.scenario else []
    parts += [f"{name}={value}" for name, value in scope.point]
    return ", ".join((*parts, *(f"with {extra}" for extra in scope.extra)))


def shown(told: Told, paint: Paint) -> Iterator[str]:
    """The screen."""
    of, row = told.of, told.of.row
    title = "  ".join(part for part in (f"? {row.name}", where(row.scope)) if part)
    yield paint(title, "open")
    sizes = ", ".join(f"{phrases.number(n)} {kind}" for kind, n in of.sizes)
    here = f"this state, with room for {sizes}," if sizes else "this state"
    yield f"  not a bug: the induction step failed. A run that got to {here} could break it:"
    yield from (f"    {line}" for line in told.story.start or ("nothing exists",))
    for step in told.story.steps:
        yield f"  by one step, {_step(step.who, step.action)}  {' '.join(step.given)}".rstrip()
        yield from (f"    {line}" for line in step.changes or ("nothing changes",))
    yield f"  after which {row.name} is {_after(told)}"
    if of.looked >= 0:
        looked = phrases.counted(of.looked, "step")
        yield f"  is that state reached? not within {looked}; beyond that nobody looked"
    if of.reached is not None:
        steps = phrases.counted(of.reached, "step")
        yield f"  is that state reached? in {steps}, with copies that have the names of others"
    yield from _lemmas(told)
    yield ""


def _step(who: str, action: str) -> str:
    return f"{who}.{action}" if who else action


def _after(told: Told) -> str:
    return "true" if told.of.row.kind == "reachable" else "false"


def _lemmas(told: Told) -> Iterator[str]:
    if told.lines:
        yield "  if no run gets there, a lemma in the file may say why. These exclude it, and no"
        yield "  run that was looked at breaks them; they are proved before anything rests on them:"
        yield from (f"    {line}" for line in told.lines)
    elif told.unsaid:
        yield f"  {NO_LINE}: it is about what is behind the text, such as where a"
        yield "  controller stands in a reconcile, or objects that do not live"
        yield "  in words only, no line of the language says it:"
        yield from (f"    # {text}" for text in told.unsaid[:MOST_WORDS])
    else:
        yield "  if no run gets there, a `lemma` that is false of this state is what is missing"


def data(told: Told) -> Json:
    """The same for programs."""
    row, scope = told.of.row, told.of.row.scope
    return {
        "file": row.file,
        "name": row.name,
        "scenario": scope.scenario or None,
        "point": dict(scope.point),
        "with": list(scope.extra),
        "state": list(told.story.start),
        "steps": [
            {
                "who": step.who,
                "action": step.action,
                "given": list(step.given),
                "changes": list(step.changes),
            }
            for step in told.story.steps
        ],
        "not_reached_within": told.of.looked if told.of.looked >= 0 else None,
        "reached_in": told.of.reached,
        "sizes": dict(told.of.sizes),
        "lemmas": list(told.lines),
        "without_words": len(told.unsaid),
        "in_words_only": list(told.unsaid[:MOST_WORDS]),
    }


__all__ = ["Told", "data", "free", "shown", "told", "where", "words"]
