"""Where a proof about every size failed, as a step that people can look at.

What fails of every size is looked for in a small scope, where numbers are exact: first at the size
that the proof was made at, then at one at least as large as the solver's own example. The state is
any in which all that the proof rested on is so; whether a run gets there is looked at, and is
another question. Nothing here decides a verdict. Next: `kspec.engines.smt.onestep`, `any_size`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias, final

from attrs import evolve

from kspec.base.record import frozen
from kspec.driver.every_size.any_size import Failing, suggested
from kspec.driver.every_size.every_scope import Sizes, grown
from kspec.driver.preparing.lowering import Lowered, lowered
from kspec.driver.telling.outlook import shown
from kspec.driver.telling.shown import Shown
from kspec.ir.expr import Expr
from kspec.ir.passes.sizes import Eraser, Kinds, MadeForSize, difference
from kspec.ir.system import Implicit, Invariant, Property, System
from kspec.verdict.trace import Trace

MOST_PLACES: Final = 12
"""No kind is made larger than this for the sake of a step."""
SHARE: Final = 10
"""A question may cost this part of what one of a proof may cost."""


@final
@frozen(eq=False)
class FailedStep:
    """A state of a scope with so many objects, and a step from it that breaks `claim`. A run gets
    there in `reached` steps, or in none of up to `looked`; `lemmas` exclude the state."""

    claim: str
    sizes: tuple[tuple[str, int], ...]
    system: System
    shown: Shown
    trace: Trace
    looked: int
    reached: int | None
    lemmas: tuple[Expr, ...]


@final
@frozen
class NoStep:
    """No step of scopes of these sizes fails, or nobody knows: more is known of them than of every
    size."""

    sizes: tuple[tuple[tuple[str, int], ...], ...]


Shape: TypeAlias = "FailedStep | NoStep"


def failed_step(
    made: Sizes,
    failing: Failing,
    asked: tuple[str, ...],
    rlimit: int,
    seconds_left: Callable[[], float] | None,
) -> Shape:
    """The step on which a proof of what was `asked` failed."""
    # z3 is loaded by whoever needs it, and only then.
    from kspec.engines.smt.onestep import breaking
    from kspec.engines.smt.solver import Limits

    limits = Limits(max(1, rlimit // SHARE), seconds_left)
    tried: list[tuple[tuple[str, int], ...]] = []
    for kinds in _layouts(made, failing):
        at = lowered(grown(made.scope, kinds))
        if not isinstance(at, Lowered):
            break
        system = _with_lemmas(made, at.system, kinds, failing, asked)
        if system is None:
            break
        sizes = tuple((of.kind, of.size) for of in kinds.values())
        found = breaking(system, failing.claim, failing.assumed, failing.action, limits)
        if found is not None:
            run = found.looked.run
            return FailedStep(
                claim=failing.claim,
                sizes=sizes,
                system=at.system,
                shown=shown(grown(made.scope, kinds), at),
                trace=found.trace,
                looked=found.looked.depth,
                reached=None if run is None else len(run.steps),
                lemmas=found.looked.lemmas,
            )
        tried.append(sizes)
    return NoStep(tuple(tried))


def _layouts(made: Sizes, failing: Failing) -> Iterator[Kinds]:
    """The small size, and one that has room for the solver's example and for one more."""
    yield made.kinds
    wanted = dict(failing.sizes)
    more = {}
    for kind, of in made.kinds.items():
        missing = min(MOST_PLACES, max(wanted.get(kind, 0), of.size + 1)) - of.size
        by_room = of.spare > 0
        rounds = -(-missing // of.written) if of.written else 0
        more[kind] = (
            evolve(of, spare=of.spare + max(0, missing))
            if by_room
            else evolve(of, copies=of.copies + of.written * max(0, rounds))
        )
    if any(more[kind].size > of.size for kind, of in made.kinds.items()):
        yield more


def _with_lemmas(
    made: Sizes, other: System, kinds: Kinds, failing: Failing, asked: tuple[str, ...]
) -> System | None:
    """A system of another size with what is assumed among its properties; None where that is not
    the same there."""
    if difference(made.system, made.kinds, other, kinds) is not None:
        return None
    here, there = dict(suggested(made.system, made.kinds, asked)), suggested(other, kinds, asked)
    known = {p.name for p in other.properties} | {i.value for i in Implicit}
    lemmas = {name: body for name, body in there if name in failing.assumed and name not in known}
    if not set(failing.assumed) <= {*known, *lemmas}:
        return None
    ones, others = Eraser(made.kinds), Eraser(kinds)
    try:
        if any(ones.expr(here[n]) != others.expr(body) for n, body in lemmas.items()):
            return None
    except MadeForSize:
        return None
    more = tuple(Property(name, Invariant(body)) for name, body in lemmas.items())
    return evolve(other, properties=(*other.properties, *more))


__all__ = ["FailedStep", "NoStep", "failed_step"]
