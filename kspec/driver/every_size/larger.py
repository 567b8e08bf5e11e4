"""Larger scopes, for what was asked of every size and is not proved: is it false in one of them?

The pools of the named kinds grow, one object more at a time: a copy of a written one with a name of
its own or, of a kind that is created, one more place. Each scope is searched as `check` does, and
what is found has been replayed. The limit is one of states and of scopes, so that an answer does
not depend on speed. Nothing here proves anything. Next: `any_size`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import Final, TypeAlias, final

from attrs import evolve

from kspec.base.record import frozen
from kspec.driver.preparing.lowering import Lowered, lowered
from kspec.driver.searching.reduce import ALL
from kspec.driver.searching.search import Refused, search
from kspec.engines.api import Budget
from kspec.ir.system import Implicit, Invariant, Occurrence, System
from kspec.pure.scopes.included import created
from kspec.pure.scopes.scope import Initial, Scope, ScopeObject, ScopePool
from kspec.verdict.answer import Absent, Found
from kspec.verdict.trace import Trace

STATES: Final = 100_000
"""So many states are stored at most, in all scopes together."""
SCOPES: Final = 8
"""So many scopes larger than the file's are searched at most."""


@final
@frozen(eq=False)
class Beyond:
    """A run that breaks a property: in a scope with these `sizes` of kinds that have grown, none of
    them if it is the file's own."""

    sizes: tuple[tuple[str, int], ...]
    scope: Scope
    lowered: Lowered
    trace: Trace


@final
@frozen
class Clear:
    """No run breaks it in the file's scope, nor in the larger ones that `upto` tells of."""

    upto: str


Looked: TypeAlias = Beyond | Clear


def look(
    scope: Scope,
    kinds: tuple[str, ...],
    wanted: tuple[str, ...],
    proved: Collection[str] = (),
    stopped: Callable[[], bool] = lambda: False,
) -> dict[str, Looked]:
    """What searches say of properties in the scope and in larger ones, as far as they get; nothing
    of those that they cannot decide, and of an implicit property only that it is broken in a
    larger one, which ends the search. Those that are `proved` are looked for in the scope itself
    alone. Raises `UntrustedEngine`."""
    found: dict[str, Looked] = {}
    left, clear = STATES, ""
    for more, sizes, grown in growing(scope, kinds):
        open_ = tuple(name for name in wanted if not isinstance(found.get(name), Beyond))
        if sizes:
            open_ = tuple(name for name in open_ if name not in proved)
        if not open_ or left <= 0 or stopped():
            break
        made = lowered(grown)
        if not isinstance(made, Lowered):
            break
        open_ = _fit(made.system, open_)
        answers, states = _searched(made.system, open_, left, stopped)
        broken = tuple(i.value for i in Implicit if isinstance(answers.get(i.value), Found))
        if broken and not sizes:
            break  # in the file's own scope that is a verdict like others
        left -= states
        for name in (*open_, *broken):
            answer = answers.get(name)
            if isinstance(answer, Found):
                found[name] = Beyond(sizes, grown, made, answer.trace)
        if broken:
            break  # such a step has no successor, so that nothing more is known of this size
        if not all(isinstance(answers.get(name), Absent | Found) for name in open_):
            break
        clear = more or clear
        for name in open_:
            if isinstance(answers[name], Absent):
                found[name] = Clear(clear)
    return found


def _fit(system: System, names: tuple[str, ...]) -> tuple[str, ...]:
    """Properties that one run can break, whatever room there is besides."""
    claims = {p.name: p.claim for p in system.properties}
    return tuple(n for n in names if isinstance(claims.get(n), Invariant | Occurrence))


def _searched(
    system: System, names: tuple[str, ...], states: int, stopped: Callable[[], bool]
) -> tuple[dict[str, object], int]:
    """Answers, and how many states there were."""
    if not names:
        return {}, 0
    budget = Budget(max_states=states, interrupted=stopped)
    try:
        searched = search("explicit", system, names, budget, lambda _: None, wanted=ALL)
    except (Refused, RecursionError):
        return {}, 0
    return dict(searched.exploration.answers), searched.exploration.reached.states


# ---- scopes ------------------------------------------------------------------------------------

Sizes: TypeAlias = "tuple[tuple[str, int], ...]"


def growing(scope: Scope, kinds: tuple[str, ...]) -> Iterator[tuple[str, Sizes, Scope]]:
    """The scope, then larger ones: which sizes are done once it is, what has grown, the scope."""
    yield "", (), scope
    ways = tuple(_ways(scope, kinds))
    made, more = 0, 0
    while ways and made < SCOPES:
        more += 1
        shares = list(_shares(more, len(ways)))
        for number, share in enumerate(shares, start=1):
            if made == SCOPES:
                return
            grown, made = scope, made + 1
            for (kind, is_copied), count in zip(ways, share, strict=True):
                for _ in range(count):
                    grown = _with_one(grown, scope, kind, is_copied)
            before = {pool.kind: pool.size for pool in scope.pools}
            sizes = tuple((p.kind, p.size) for p in grown.pools if p.size != before[p.kind])
            is_last = number == len(shares)
            yield _upto(scope, ways, more if is_last else more - 1), sizes, grown


def _ways(scope: Scope, kinds: tuple[str, ...]) -> Iterator[tuple[str, bool]]:
    """How a kind can grow: by copies, or by room for those that are created."""
    program = scope.program
    declared = (*(a for c in program.components for a in c.actions), *program.faults)
    born = created(tuple(a for a in declared if a.name in scope.actions))
    for kind in dict.fromkeys(kinds):
        if any(obj.kind == kind for obj in scope.objects):
            yield kind, True
        if kind in born and any(pool.kind == kind for pool in scope.pools):
            yield kind, False


def _shares(total: int, ways: int) -> Iterator[tuple[int, ...]]:
    """All sums of so many numbers, the first as large as possible first."""
    if ways == 1:
        yield (total,)
        return
    for first in range(total, -1, -1):
        yield from ((first, *rest) for rest in _shares(total - first, ways - 1))


def _upto(scope: Scope, ways: tuple[tuple[str, bool], ...], more: int) -> str:
    if more == 0:
        return ""
    if len(ways) == 1:
        kind = ways[0][0]
        return f"{next(p.size for p in scope.pools if p.kind == kind) + more} {kind}"
    grown = ", ".join(dict.fromkeys(kind for kind, _ in ways))
    return f"{more} more of {grown}"


def _with_one(scope: Scope, first: Scope, kind: str, is_copied: bool) -> Scope:
    """With one object more of a kind, or with one place more. `first` is what was written."""
    (pool,) = (p for p in scope.pools if p.kind == kind)
    if not is_copied:
        free = _unused(pool, f"{kind.lower()}-0")
        return _with_pool(scope, evolve(pool, size=pool.size + 1, names=(*pool.names, free)))
    here = sum(1 for obj in scope.objects if obj.kind == kind)
    own = [obj for obj in first.objects if obj.kind == kind]
    model = own[here % len(own)]
    name = _unused(pool, model.name)
    copy = evolve(model, index=here, name=name, fields=_renamed(scope, model, name))
    # Objects come first among the places of a kind.
    names = (*pool.names[:here], name, *pool.names[here:])
    scope = evolve(scope, objects=(*scope.objects, copy))
    return _with_pool(scope, evolve(pool, size=pool.size + 1, names=names))


def _with_pool(scope: Scope, pool: ScopePool) -> Scope:
    before = next(p.size for p in scope.pools if p.kind == pool.kind)
    was, is_ = (f"at most {size} of `{pool.kind}` at once" for size in (before, pool.size))
    said = (f"{is_}{s.removeprefix(was)}" if s.startswith(was) else s for s in scope.assumptions)
    pools = tuple(pool if p.kind == pool.kind else p for p in scope.pools)
    return evolve(scope, pools=pools, assumptions=tuple(said))


def _renamed(scope: Scope, model: ScopeObject, name: str) -> tuple[tuple[str, Initial], ...]:
    """The fields of a copy: where a kind is known by its name, it has one of its own."""
    (kind,) = (k for k in scope.program.kinds if k.name == model.kind)
    own = {f for f in kind.key if dict(model.fields).get(f) == model.name}
    return tuple((f, name if f in own else value) for f, value in model.fields)


def _unused(pool: ScopePool, like: str) -> str:
    """A name of the kind that no object of the pool has."""
    stem = re.sub(r"-?\d+$", "", like) or like
    dash = "-" if re.search(r"-\d+$", like) or not re.search(r"\d$", like) else ""
    number = 1
    while f"{stem}{dash}{number}" in pool.names:
        number += 1
    return f"{stem}{dash}{number}"


__all__ = ["Beyond", "Clear", "Looked", "growing", "look"]
