"""The rows of `kspec prove --for-all`: what is so of every number of objects; what is not proved is
looked for in larger scopes, and the step that its proof failed on is shown.

Where a proof and a search both answer, they must agree. Next: `any_size` proves, `larger` searches,
`failed_steps` shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import final

from attrs import evolve

from kspec.base.record import frozen
from kspec.driver.every_size.any_size import Attempt, Outcome, attempt, judged
from kspec.driver.every_size.failed_steps import FailedStep, NoStep, failed_step
from kspec.driver.every_size.larger import Beyond, Clear, Looked, look
from kspec.driver.preparing.load import Loaded
from kspec.driver.preparing.plan import Plan
from kspec.driver.preparing.stages import Made
from kspec.driver.proofs.proof_rows import beyond, implicit_rows, unjudged
from kspec.driver.result import Row, Word
from kspec.driver.searching.search import UntrustedEngine
from kspec.driver.telling.outlook import shown
from kspec.ir.system import Implicit
from kspec.verdict.answer import Found, Inconclusive, Inductive, Unknown


@final
@frozen
class OfEverySize:
    """A row, with the proof behind it or the step on which there is none."""

    row: Row
    proof: Inductive | None = None
    failed: FailedStep | None = None


def rows_of_every_size(
    loaded: Loaded,
    plan: Plan,
    made: Made,
    kinds: tuple[str, ...],
    rlimit: int,
    seconds_left: Callable[[], float],
    prove_here: Callable[[Plan], tuple[Row, ...]],
) -> Iterator[OfEverySize]:
    """The rows of a plan, in its order; `prove_here` gives those of lines that nothing is known of
    in the scope itself. Raises `UntrustedEngine`."""
    known = {prop.name: prop for prop in made.system.properties}
    wanted = tuple(dict.fromkeys(j.property for _, j in plan.lines if j.property in known))
    found = attempt(made.scope, kinds, wanted, rlimit, seconds_left)
    done = dict(found.proofs) if isinstance(found, Attempt) else {}
    looked = look(made.scope, kinds, wanted, done, lambda: seconds_left() <= 0)
    for name in done:
        if isinstance(looked.get(name), Beyond):
            said = f"`{name}` is proved for every size, but not so in a scope"
            raise UntrustedEngine(said, made.system)
    undecided = tuple(n for n in wanted if n not in done and n not in looked)
    rest = evolve(plan, lines=tuple(x for x in plan.lines if x[1].property in undecided))
    by_line = iter(prove_here(rest) if rest.lines else ())
    steps = _Steps(found, wanted, rlimit, seconds_left)
    for _, line in plan.lines:
        of = looked.get(line.property)
        if line.property in undecided:
            yield steps.with_step(judged(next(by_line), found, loaded.sources))
        elif isinstance(of, Beyond):
            yield OfEverySize(beyond(loaded, line, plan, made, known[line.property], of))
        else:
            row = unjudged(loaded, line, plan, made, known.get(line.property))
            if isinstance(of, Clear):
                row = evolve(row, word=Word.HOLDS)
            better = judged(row, found, loaded.sources, of.upto if isinstance(of, Clear) else "")
            yield evolve(steps.with_step(better), proof=done.get(line.property))
    yield from map(OfEverySize, by_line)  # implicit properties that are broken here
    yield from map(OfEverySize, _implicit(loaded, plan, made, looked))


def _implicit(loaded: Loaded, plan: Plan, made: Made, looked: dict[str, Looked]) -> Iterator[Row]:
    """Rows for implicit properties that are broken in a larger scope."""
    for implicit in Implicit:
        of = looked.get(implicit.value)
        if isinstance(of, Beyond):
            here = evolve(
                made, scope=of.scope, lowered=of.lowered, shown=shown(of.scope, of.lowered)
            )
            for row in implicit_rows(loaded, plan, here, {implicit.value: Found(of.trace)}):
                yield evolve(row, engine="explicit", beyond=of.sizes)


@final
class _Steps:
    """The steps that proofs failed on, each shown once."""

    def __init__(
        self,
        found: Outcome,
        wanted: tuple[str, ...],
        rlimit: int,
        seconds_left: Callable[[], float],
    ) -> None:
        self.found, self.wanted = found, wanted
        self.rlimit, self.seconds_left = rlimit, seconds_left
        self.shown: set[tuple[str, str]] = set()

    def with_step(self, row: Row) -> OfEverySize:
        """A row with the step that its proof failed on, if there is one."""
        found = self.found
        if row.word is not Word.UNKNOWN or not isinstance(found, Attempt):
            return OfEverySize(row)
        failing = dict(found.failed).get(row.name)
        if failing is None or (failing.claim, failing.action) in self.shown:
            return OfEverySize(row)
        self.shown.add((failing.claim, failing.action))
        of = failed_step(found.made, failing, self.wanted, self.rlimit, self.seconds_left)
        if isinstance(of, FailedStep):
            return OfEverySize(row, failed=of)
        return OfEverySize(_with_note(row, of) if of.sizes else row)


def _with_note(row: Row, of: NoStep) -> Row:
    """A row that says where no step fails: what is known of every size is too little there."""
    assert isinstance(row.verdict, Unknown)
    because: Inconclusive = row.verdict.because
    sizes = ", ".join(f"{n} {kind}" for kind, n in of.sizes[-1])
    note = f"{because.note}; no step fails that was found at {sizes}"
    return evolve(row, verdict=Unknown(evolve(because, note=note)))


__all__ = ["OfEverySize", "rows_of_every_size"]
