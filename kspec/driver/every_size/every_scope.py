"""A scope of any size: its system at two sizes, each with copies of its objects and with room for
more, that says the same but for sizes.

Where the two systems do not say the same, or where numbers may decide what is left of a formula,
the construct is named and nothing is claimed. Next: `any_size`, which proves; `largest` for
numbers, `loosened` for conditions that are in the way, `kspec.ir.passes.sizes` for the comparison.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, final

from attrs import evolve

from kspec.base.record import frozen
from kspec.base.source import Span
from kspec.certify.recheck import EverySize
from kspec.driver.every_size.largest import TooMany, actions, margin
from kspec.driver.every_size.loosened import loosened
from kspec.driver.preparing.lowering import Lowered, lowered
from kspec.ir.passes.sizes import Endless, Kinds, difference
from kspec.ir.sorts import Int, Map, Opt, Record, Set, Sort, enums
from kspec.ir.system import Role, System
from kspec.pure.claims.posed import KIND as LAW
from kspec.pure.scopes.included import created
from kspec.pure.scopes.scope import OneOf, Scope, ScopeObject, ScopePool
from kspec.pure.values.value import Obj

COUNTS: Final = "counts-many"
SIZES: Final = "made-for-a-size"
NOBODY: Final = "nobody-there"


@final
@frozen
class Refused:
    """Nothing is proved of every size: the construct that stands in the way, in a word that does
    not change, and where it is; in one of these `claims` alone, if in any."""

    slug: str
    why: str
    span: Span | None = None
    claims: tuple[str, ...] = ()


@final
@frozen(eq=False)
class Sizes:
    """A system at a small size, laid out so, which says the same at every other one; what it was
    `compared` with. Actions that are `loose` have fewer conditions in `scope` than in the one that
    was asked about; claims that are `apart` were made for a size, and are none of the system's."""

    scope: Scope
    system: System
    kinds: Kinds
    compared: EverySize
    loose: tuple[str, ...] = ()
    apart: tuple[tuple[str, Refused], ...] = ()


# ---- sizes -------------------------------------------------------------------------------------


def sizes(scope: Scope, names: tuple[str, ...]) -> Sizes | Refused:
    """The system of a scope for every number of objects of the named kinds: without claims that
    only some sizes have, as long as there is another."""
    apart: dict[str, Refused] = {}
    while True:
        found = _sizes(scope, names)
        if isinstance(found, Sizes):
            return evolve(found, apart=tuple(apart.items()))
        kept = tuple(j for j in scope.judges if j.property not in found.claims)
        if not found.claims or not kept or len(kept) == len(scope.judges):
            return found
        apart |= {name: found for name in found.claims}
        scope = evolve(scope, judges=kept)


def _sizes(scope: Scope, names: tuple[str, ...]) -> Sizes | Refused:
    kinds = {pool.kind for pool in scope.pools}
    for name in names:
        if name not in kinds:
            return Refused("unknown-kind", f"there is no kind `{name}`")
    wide, loose = margin(scope, names), tuple[str, ...]()
    if isinstance(wide, TooMany):
        scope, loose = loosened(scope, names)
        wide = margin(scope, names)
    born = created(actions(scope))
    small = _layouts(scope, names, born, 1)
    for of in small.values():
        if of.size == 0:
            return Refused(NOBODY, f"no {of.kind} is written, and none is created")
    if isinstance(wide, TooMany):
        return Refused(COUNTS, wide.why, wide.where, wide.claims)
    more = max(2, wide)
    large = _layouts(scope, names, born, more)
    one, other = lowered(grown(scope, small)), lowered(grown(scope, large))
    if not isinstance(one, Lowered) or not isinstance(other, Lowered):
        return Refused(SIZES, "a larger scope has no system")
    made = difference(one.system, small, other.system, large)
    if made is not None:
        claims = (p.name for p in one.system.properties if made.what.startswith(f"`{p.name}`"))
        return Refused(SIZES, made.what, made.span, tuple(claims))
    return Sizes(scope, one.system, small, EverySize(small, other.system, large), loose)


def _layouts(
    scope: Scope, names: tuple[str, ...], born: tuple[str, ...], more: int
) -> dict[str, Endless]:
    found: dict[str, Endless] = {}
    for pool in scope.pools:
        if pool.kind in names:
            written = sum(1 for obj in scope.objects if obj.kind == pool.kind)
            spare = 1 + more if pool.kind in born else 0
            found[pool.kind] = Endless(pool.kind, written, written * more, spare)
    return found


def grown(scope: Scope, kinds: Kinds) -> Scope:
    """A scope with copies of what is written, and with room."""
    objects: list[ScopeObject] = list(scope.objects)
    pools: list[ScopePool] = []
    for pool in scope.pools:
        if pool.kind not in kinds:
            pools.append(pool)
            continue
        of = kinds[pool.kind]
        own = [obj for obj in scope.objects if obj.kind == pool.kind]
        copies = [
            evolve(
                own[n % of.written], index=of.written + n, name=f"{own[n % of.written].name}~{n}"
            )
            for n in range(of.copies)
        ]
        objects += copies
        free = (f"{pool.kind.lower()}~{n}" for n in range(of.spare))
        shown = (*(obj.name for obj in own), *(obj.name for obj in copies), *free)
        pools.append(evolve(pool, size=of.size, names=shown))
    return pointing_on(evolve(scope, pools=tuple(pools), objects=tuple(objects)))


def pointing_on(scope: Scope) -> Scope:
    """The scope with references that may be to everybody, to copies too."""
    objects: list[ScopeObject] = []
    for obj in scope.objects:
        of = ((n, _among(v, scope.objects) if isinstance(v, OneOf) else v) for n, v in obj.fields)
        objects.append(evolve(obj, fields=tuple(of)))
    return evolve(scope, objects=tuple(objects))


def _among(value: OneOf, objects: tuple[ScopeObject, ...]) -> OneOf:
    kinds = {v.kind for v in value.values if isinstance(v, Obj)}
    if not value.everybody or len(kinds) != 1:
        return value
    nobody = tuple(v for v in value.values if v is None)
    there = tuple(Obj(o.kind, o.index) for o in objects if o.kind in kinds)
    return evolve(value, values=(*nobody, *there))


# ---- what stays bounded ------------------------------------------------------------------------


def bounded(system: System, kinds: Kinds) -> tuple[str, ...]:
    """What stays as the scope has it: other kinds, numbers, words."""
    seen = [p for p in system.pools if p.name != LAW]
    found = [f"{p.size} {p.name}" for p in seen if p.name not in kinds and p.size]
    words: dict[str, int] = {}
    sorts = (*(v.sort for v in system.variables), *(c.sort for c in system.constants))
    for sort in sorts:
        for enum in enums(sort):
            name = "names" if enum.name.split("~")[0] == "name" else ""
            name = name or (enum.name.split("~")[0] if enum.name.startswith("value of") else "")
            if name:
                words[name] = max(words.get(name, 0), len(enum.cases))
    found += [f"{n} {name.replace('value of', 'values of')}" for name, n in sorted(words.items())]
    for v in system.variables:
        if v.role is not Role.VIEW and v.owner != LAW:
            found += [f"{v.label} ≤ {hi}" for hi in _numbers(v.sort)]
    return tuple(dict.fromkeys(found))


def _numbers(sort: Sort) -> Iterator[int]:
    match sort:
        case Int(_, hi):
            yield hi
        case Opt(of) | Set(of) | Map(_, of):
            yield from _numbers(of)
        case Record(_, fields):
            for _, s in fields:
                yield from _numbers(s)
        case _:
            return


__all__ = ["Refused", "Sizes", "bounded", "grown", "pointing_on", "sizes"]
