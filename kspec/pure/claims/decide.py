"""Laws and beliefs of a finite scope, decided by going through all of it.

The worlds of a scope are those that it can start in: every choice that a cluster leaves open
(`any`, `0..2`), each with all of its objects. A quantifier over a type goes through the type's
values, over `name` through the scope's names and one that is none of them. So what is said here is
said of these worlds and values, never of all there could be; and where there are more than a limit,
nothing is said. Cases are counted before anything is looked at.

Next: `laws` for one world, `scopes.vocabulary` for names; the words for it are `kspec.driver.laws`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from math import prod
from typing import Final, TypeAlias, cast, final

from kspec.analysis.typed import (
    Comp,
    OverRange,
    OverType,
    TBinder,
    TCall,
    TComp,
    TExpr,
    TLaw,
    TLit,
)
from kspec.analysis.types import (
    BoolT,
    EnumT,
    IntT,
    KeyT,
    KindT,
    NameT,
    OptT,
    RecordT,
    SetT,
    TupleT,
    Type,
)
from kspec.base.node import parts
from kspec.base.record import frozen
from kspec.pure.claims import laws
from kspec.pure.evaluation import bindings, finite
from kspec.pure.evaluation import evaluate as pure
from kspec.pure.scopes.scope import OneOf, Scope
from kspec.pure.scopes.vocabulary import reached, vocabulary
from kspec.pure.values.cast import as_bool
from kspec.pure.values.value import Value
from kspec.pure.values.world import Context, EvaluationError, Fixed, Population, World

MOST_CASES: Final = 100_000
"""So many cases are gone through unless somebody asks for more."""


@final
@frozen
class Seen:
    """How much was gone through: worlds, those of them that are no world of the law (not
    well-formed, or an assumption is false there), cases of the law's outer `all`, and the names
    that stood for all names (0 where the law goes through none)."""

    worlds: int
    left_out: int
    cases: int
    names: int


@final
@frozen
class Everywhere:
    """The law is true in all of the scope."""

    seen: Seen


@final
@frozen(eq=False)
class Somewhere:
    """The law is false in `world`, the first in order, of what the law's outer `all` binds."""

    seen: Seen
    world: Context
    bound: tuple[tuple[TBinder, Value], ...]


@final
@frozen
class TooMany:
    """The scope has so many cases; a multiple of the worlds."""

    worlds: int
    cases: int


@final
@frozen
class Endless:
    """A quantifier has no end here; why."""

    why: str


@final
@frozen
class Stopped:
    """Somebody asked to stop."""

    seen: Seen


Decision: TypeAlias = Everywhere | Somewhere | TooMany | Endless | Stopped


def decide(
    scope: Scope,
    law: TLaw,
    most: int = MOST_CASES,
    interrupted: Callable[[], bool] = lambda: False,
) -> Decision:
    """Is the law true in every world of the scope? At most `most` cases are gone through."""
    names = vocabulary(scope, law.body)
    try:
        weight = _Weights(scope, names).of(law.body)
        worlds = prod(len(options) for _, _, options in _open(scope))
        if worlds * weight > most:
            return TooMany(worlds, worlds * weight)
        shown = len(names) if _goes_through_names(scope, law.body) else 0
        return _gone_through(scope, law, names, shown, interrupted)
    except EvaluationError as error:
        return Endless(error.message)


def _gone_through(
    scope: Scope,
    law: TLaw,
    names: tuple[str, ...],
    shown: int,
    interrupted: Callable[[], bool],
) -> Decision:
    worlds = left_out = cases = 0
    for world in possible_worlds(scope):
        worlds += 1
        context = laws.in_world(scope.program, world, dict(scope.params), names)
        if not _is_meant(scope, context):
            left_out += 1
            continue
        for bound, is_true in _cases(law.body, context):
            cases += 1
            seen = Seen(worlds, left_out, cases, shown)
            if not is_true:
                return Somewhere(seen, context, bound)
            if interrupted():
                return Stopped(seen)
    return Everywhere(Seen(worlds, left_out, cases, shown))


def _is_meant(scope: Scope, context: Context) -> bool:
    assumed = (cast(TExpr, clause) for _, clause in scope.assumes)
    return laws.well_formed(context) and all(as_bool(pure.evaluate(e, context)) for e in assumed)


def _cases(
    expr: TExpr, context: Context, bound: tuple[tuple[TBinder, Value], ...] = ()
) -> Iterator[tuple[tuple[tuple[TBinder, Value], ...], bool]]:
    """Every binding of the outer quantifiers, and whether the rest is true of it."""
    if isinstance(expr, TComp) and expr.kind is Comp.ALL:
        for inner in bindings.bindings(expr.binders, expr.where, context):
            own = tuple((binder, inner.locals[binder.name]) for binder in expr.binders)
            yield from _cases(expr.body, inner, (*bound, *own))
        return
    yield bound, as_bool(pure.evaluate(expr, context))


# ---- worlds ------------------------------------------------------------------------------------


def _open(scope: Scope) -> list[tuple[int, str, tuple[Value, ...]]]:
    """What the scope leaves open: the object's place in the scope, the field, its values."""
    return [
        (place, name, initial.values)
        for place, obj in enumerate(scope.objects)
        for name, initial in obj.fields
        if isinstance(initial, OneOf)
    ]


def possible_worlds(scope: Scope) -> Iterator[World]:
    """Every world that the scope can start in, in the order of its choices, the last fastest."""
    choices = _open(scope)
    for values in product(*(options for _, _, options in choices)):
        chosen = {
            (place, name): value for (place, name, _), value in zip(choices, values, strict=True)
        }
        rows: dict[str, dict[int, Fixed[str, Value]]] = {}
        for place, obj in enumerate(scope.objects):
            fields = {
                name: chosen[place, name] if isinstance(initial, OneOf) else initial
                for name, initial in obj.fields
            }
            rows.setdefault(obj.kind, {})[obj.index] = Fixed(fields)
        yield World(
            Fixed(
                {
                    k: Population(Fixed(dict(sorted(r.items()))), tuple(sorted(r)))
                    for k, r in rows.items()
                }
            )
        )


# ---- how many cases ----------------------------------------------------------------------------


@final
class _Weights:
    """How many bindings the quantifiers over types and ranges have, those within others times
    these. Objects and elements of collections are not counted: there are few of them."""

    def __init__(self, scope: Scope, names: tuple[str, ...]) -> None:
        self.scope = scope
        self.context = laws.in_world(scope.program, World(), dict(scope.params), names)
        self.known: dict[str, int] = {}

    def of(self, expr: object) -> int:
        """The number for an expression and all that it calls; at least 1."""
        match expr:
            case TComp():
                own = prod(self._binder(binder) for binder in expr.binders)
                return own * max(1, self._most(expr))
            case TCall(function):
                return max(self._function(function), self._most(expr))
            case _:
                return self._most(expr)

    def _most(self, expr: object) -> int:
        return max((self.of(part) for part in parts(expr)), default=1)

    def _function(self, name: str) -> int:
        if name not in self.known:
            self.known[name] = self.of(self.context.tables.functions[name].body)
        return self.known[name]

    def _binder(self, binder: TBinder) -> int:
        match binder.over:
            case OverType(type_):
                return self.size(type_)
            case OverRange(TLit(lo), TLit(hi)) if isinstance(lo, int) and isinstance(hi, int):
                return max(0, hi - lo + 1)
            case _:
                return 1

    def size(self, type_: Type) -> int:
        """How many values a type has here. Raises `EvaluationError` where there is no end."""
        match type_:
            case BoolT():
                return 2
            case NameT():
                return len(self.context.names)
            case EnumT(_, cases):
                return len(cases)
            case KindT(kind, _) | KeyT(kind):
                return sum(1 for obj in self.scope.objects if obj.kind == kind)
            case OptT(of):
                return 1 + self.size(of)
            case TupleT(of):
                return prod(map(self.size, of))
            case RecordT(name):
                fields = self.context.tables.records[name].fields
                return prod(self.size(field.type) for field in fields)
            case SetT(of):
                elements = self.size(of)
                return 1 << min(elements, 64)
            case IntT():
                found = finite.bounds(type_, self.context)
                if found is not None:
                    return max(0, found[1] - found[0] + 1)
            case _:
                pass
        return sum(1 for _ in finite.values(type_, self.context))


def _goes_through_names(scope: Scope, formula: TExpr) -> bool:
    """Does any quantifier go through names, alone or inside other values?"""
    return any(_has_names(scope, expr) for expr in reached(formula, scope.program))


def _has_names(scope: Scope, expr: object) -> bool:
    if isinstance(expr, TBinder) and isinstance(expr.over, OverType):
        return _mentions_names(scope, expr.over.type)
    return any(_has_names(scope, part) for part in parts(expr))


def _mentions_names(scope: Scope, type_: Type) -> bool:
    match type_:
        case NameT():
            return True
        case OptT(of) | SetT(of):
            return _mentions_names(scope, of)
        case TupleT(of):
            return any(_mentions_names(scope, part) for part in of)
        case RecordT(name):
            declared = next(r for r in scope.program.records if r.name == name)
            return any(_mentions_names(scope, field.type) for field in declared.fields)
        case _:
            return False
