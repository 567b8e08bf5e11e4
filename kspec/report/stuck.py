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
from kspec.report.story import Story, tell
from kspec.report.values import Lens
from kspec.verdict.codec import Json

NO_LINE: Final = "no line of the language says what excludes it"


@final
@frozen
class Told:
    """A failed step in words; `lines` may be copied into the file, `unsaid` counts formulas that
    exclude the state and that no line says."""

    of: Stuck
    story: Story
    lines: tuple[str, ...] = ()
    unsaid: int = 0

    def keeping(self, good: Collection[str]) -> Told:
        """With those lines alone that the file understands."""
        kept = tuple(line for line in self.lines if line in good)
        return Told(self.of, self.story, kept, self.unsaid + len(self.lines) - len(kept))


def told(result: ProveResult) -> tuple[Told, ...]:
    """All failed steps in words."""
    return tuple(_told(of, result.checked.files) for of in result.stuck)


def _told(of: Stuck, files: tuple[FileResult, ...]) -> Told:
    row = of.row
    assert row.system is not None
    lens = Lens(row.system, row.shown)
    said = [text for text in (worded(lens, lemma) for lemma in of.lemmas) if text is not None]
    taken = words(" ".join(s.text for f in files if f.name == row.file for s in f.sources))
    stem = re.sub(r"[^A-Za-z0-9_]+", "_", row.name)
    lines = tuple(
        f"lemma {free(f'{stem}_{number}', taken)}: {text}"
        for number, text in enumerate(said, start=1)
    )
    return Told(of, tell(lens, of.trace), lines, len(of.lemmas) - len(said))


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
        "without_words": told.unsaid,
    }


__all__ = ["Told", "data", "free", "shown", "told", "where", "words"]
