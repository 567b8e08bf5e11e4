"""What keeps a law from being posed for every number of objects of some kinds, whatever a solver
says of formulas: names.

A scope has the names that it writes. A copy of an object has the name of what it is a copy of, and
for all other names one stands: where a law looks at the names that objects are known by, or goes
through names in more than one way, other numbers of objects would be other questions. Here such
laws are found, and so many names are added as a law can tell apart by going through them. Nothing
here decides a law. Next: `posing`, which asks; `kspec.driver.every_size.every_law`, which is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, cast, final

from attrs import evolve, frozen

from kspec.analysis.typed import (
    Comp,
    OverType,
    Program,
    TBinder,
    TComp,
    TExpr,
    TField,
    TLaw,
    TLookup,
    TPrim,
    TRefField,
)
from kspec.analysis.types import (
    KeyT,
    KindT,
    ListT,
    MapT,
    NameT,
    OptT,
    RecordT,
    SetT,
    TupleT,
    Type,
)
from kspec.base.node import nodes
from kspec.base.source import Span
from kspec.pure.claims.made_of import holding_itself, made_of
from kspec.pure.scopes.scope import Initial, OneOf, Scope
from kspec.pure.scopes.vocabulary import SOMETHING_ELSE, reached, vocabulary
from kspec.pure.values.value import FrozenMap, Obj, Rec, Value
from kspec.pure.values.world import Tables

OWN_NAMES: Final = "own-names"
MANY_NAMES: Final = "names-many"
POINTS: Final = "open-references"

MOST_SPARE: Final = 8
"""A law that goes through names more often than that is not posed for every size."""

JUDGING: Final = (Comp.ALL, Comp.SOME, Comp.NO)


@final
@frozen
class Barred:
    """Such a law says different things at different sizes: a word that does not change, what it
    is, and where it stands."""

    slug: str
    why: str
    span: Span


def barred(scope: Scope, law: TLaw, kinds: tuple[str, ...]) -> Barred | None:
    """What in a law of a scope is none of every number of objects of the kinds; None if nothing."""
    record = holding_itself(scope.program)
    if record is not None:
        return Barred(MANY_NAMES, f"a `{record.name}` may hold any number of names", record.span)
    code = _code(scope, law)
    found = (*_own_names(scope, code, kinds), *_names(scope, code), *_open_references(scope, kinds))
    return found[0] if found else None


def spare(scope: Scope, law: TLaw) -> tuple[str, ...]:
    """All names for a law of every size: those of the scope, what stands for others, and one more
    for each that the law can hold against another."""
    known = vocabulary(scope, law.body)
    more = sum(_width(scope.program, b.type) for b in _through_names(scope, _code(scope, law)))
    found = list(known)
    for n in range(more):
        found.append(f"{SOMETHING_ELSE}~{n}")
    return tuple(found)


def _code(scope: Scope, law: TLaw) -> tuple[TExpr, ...]:
    """All that the truth of the law in a world of the scope rests on."""
    present = {obj.kind for obj in scope.objects}
    valid = (e for k in scope.program.kinds if k.name in present for e in k.valid)
    inside = (e for r in scope.program.records for e in r.valid)
    roots = (law.body, *valid, *inside, *(e for _, e in scope.assumes))
    found: dict[int, TExpr] = {}
    for root in roots:
        found |= {id(e): e for e in reached(cast(TExpr, root), scope.program)}
    return tuple(found.values())


# ---- names of objects --------------------------------------------------------------------------


def _own_names(scope: Scope, code: Iterable[object], kinds: tuple[str, ...]) -> Iterator[Barred]:
    """Where an object of the kinds is known by its name."""
    own = {kind: set(_own(scope, kind)) for kind in kinds}
    for root in code:
        reads: list[TField | TRefField] = [*nodes(root, TField), *nodes(root, TRefField)]
        for at in reads:
            of = _without_option(at.arg.type)
            if isinstance(of, KindT) and at.name in own.get(of.name, ()):
                why = f"`{at.name}` is what a {of.name} is known by: others have other names"
                yield Barred(OWN_NAMES, why, at.span)
            elif isinstance(of, KeyT) and of.kind in own:
                yield _by_name(of.kind, at.span)
        for lookup in nodes(root, TLookup):
            if lookup.kind in own:
                yield _by_name(lookup.kind, lookup.span)
        for prim in nodes(root, TPrim):
            if prim.op == "name-of" or prim.op.startswith("json"):
                yield Barred(OWN_NAMES, "what objects are known by is looked at", prim.span)
            for arg in prim.args:
                of = _without_option(arg.type)
                if isinstance(of, KeyT) and of.kind in own:
                    yield _by_name(of.kind, arg.span)


def _by_name(kind: str, span: Span) -> Barred:
    return Barred(OWN_NAMES, f"a {kind} is looked for by what it is known by", span)


def _own(scope: Scope, kind: str) -> Iterator[str]:
    """The parts of a kind's key that hold names of its objects, or may."""
    declared = Tables(scope.program).kinds.get(kind)
    there = [obj for obj in scope.objects if obj.kind == kind]
    known = {obj.name for obj in there}
    for part in () if declared is None else declared.key:
        for obj in there:
            initial = dict(obj.fields).get(part)
            values = initial.values if isinstance(initial, OneOf) else (initial,)
            if any(value in known for value in values):
                yield part


# ---- what goes through names -------------------------------------------------------------------

PLAIN: Final = ("==", "in", "in-list", "has", "exists", "subset", "union", "inter", "minus")
"""What does the same with every name that is none of those written."""


def _names(scope: Scope, code: tuple[TExpr, ...]) -> Iterator[Barred]:
    through = tuple(_through_names(scope, code))
    if not through:
        return
    for binder in through:
        if _gathers_names(scope.program, binder.type):
            why = "a quantifier over sets of names, of which there are more in larger scopes"
            yield Barred(MANY_NAMES, why, binder.span)
    if sum(_width(scope.program, b.type) for b in through) > MOST_SPARE:
        why = f"it goes through names more than {MOST_SPARE} times"
        yield Barred(MANY_NAMES, why, through[0].span)
    for root in code:
        for comp in nodes(root, TComp):
            if comp.kind not in JUDGING and any(b in through for b in comp.binders):
                why = "all names are gathered or counted, and there are more in larger scopes"
                yield Barred(MANY_NAMES, why, comp.span)
        for prim in nodes(root, TPrim):
            is_of_names = any(isinstance(_without_option(a.type), NameT) for a in prim.args)
            if is_of_names and prim.op not in PLAIN:
                yield Barred(MANY_NAMES, f"`{prim.op}` of a name tells names apart", prim.span)


def _through_names(scope: Scope, code: tuple[TExpr, ...]) -> Iterator[TBinder]:
    for root in code:
        for binder in nodes(root, TBinder):
            over = binder.over
            if isinstance(over, OverType) and _width(scope.program, over.type):
                yield binder


def _width(program: Program, type_: Type) -> int:
    """How many names there are in a value, at least one where there is any."""
    match type_:
        case NameT():
            return 1
        case OptT(of) | SetT(of) | ListT(of):
            return _width(program, of)
        case MapT(key, of):
            return _width(program, key) + _width(program, of)
        case TupleT(parts):
            return sum(_width(program, part) for part in parts)
        case RecordT(name):
            fields = (f for r in program.records if r.name == name for f in r.fields)
            return sum(_width(program, f.type) for f in fields)
        case _:
            return 0


def _gathers_names(program: Program, type_: Type) -> bool:
    match type_:
        case SetT(of) | ListT(of):
            return _width(program, of) > 0
        case MapT():
            return _width(program, type_) > 0
        case OptT(of):
            return _gathers_names(program, of)
        case TupleT(parts):
            return any(_gathers_names(program, part) for part in parts)
        case RecordT(name):
            fields = (f for r in program.records if r.name == name for f in r.fields)
            return any(_gathers_names(program, f.type) for f in fields)
        case _:
            return False


# ---- references that are open ------------------------------------------------------------------


def _open_references(scope: Scope, kinds: tuple[str, ...]) -> Iterator[Barred]:
    """Where it is open which object is meant: in a larger scope there are more to choose from."""
    tables = Tables(scope.program)
    for obj in scope.objects:
        for name, initial in obj.fields:
            if not isinstance(initial, OneOf) or initial.everybody:
                continue
            type_ = tables.fields[obj.kind][name].type
            if _bears_keys(scope.program, type_, kinds) or any(
                _points(v, kinds) for v in initial.values
            ):
                why = f"`{obj.name}.{name}` is open between the objects that are written"
                yield Barred(POINTS, why, obj.span)


def pointing(scope: Scope, kinds: tuple[str, ...]) -> Scope:
    """The scope in which a reference that is open between all objects of one of the kinds is open
    between all there are."""
    there: dict[str, set[Value]] = {kind: set() for kind in kinds}
    for obj in scope.objects:
        if obj.kind in there:
            there[obj.kind].add(Obj(obj.kind, obj.index))

    def widened(initial: Initial) -> Initial:
        if not isinstance(initial, OneOf):
            return initial
        meant = set(initial.values) - {None}
        everybody = any(meant and meant == those for those in there.values())
        return evolve(initial, everybody=everybody)

    objects = (
        evolve(obj, fields=tuple((n, widened(v)) for n, v in obj.fields)) for obj in scope.objects
    )
    return evolve(scope, objects=tuple(objects))


def _points(value: object, kinds: tuple[str, ...]) -> bool:
    match value:
        case Obj(kind, _):
            return kind in kinds
        case Rec(_, parts):
            return any(_points(part, kinds) for part in parts)
        case FrozenMap():
            return any(_points(x, kinds) for pair in value.items() for x in pair)
        case tuple() | frozenset():
            return any(_points(part, kinds) for part in value)
        case _:
            return False


def _bears_keys(program: Program, type_: Type, kinds: tuple[str, ...]) -> bool:
    """May a value hold what an object of the kinds is known by, as such?"""
    return any(isinstance(t, KeyT) and t.kind in kinds for t in made_of(program, type_))


def _without_option(type_: Type) -> Type:
    return type_.of if isinstance(type_, OptT) else type_


__all__ = ["Barred", "JUDGING", "barred", "pointing", "spare"]
