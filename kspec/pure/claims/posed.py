"""A law as a question about the starts of a scope: is there one, and values for what the law's
outer `all` binds, of which the law is false?

The values become fields of one object more, of a kind that no program can name, each open between
all that it may be: so what is asked is a scope like others, which nobody has to go through. What a
law means is that of `decide`: the worlds of the scope, those that are well-formed and assumed, and
for names the scope's names and one that is none of them.

An answer is nothing to be shown: `Posed.refuted` makes a world of it, in which the law itself is
evaluated. Next: `posing` for how the question is made, `kspec.lower` for a scope's system,
`kspec.engines.smt.laws` for who answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, cast, final

from attrs import evolve, frozen

from kspec.analysis.typed import Comp, OverRange, OverSet, OverType, TBinder, TComp, TExpr, TLaw
from kspec.analysis.types import SetT
from kspec.pure.claims import laws
from kspec.pure.evaluation import evaluate as pure
from kspec.pure.evaluation import finite
from kspec.pure.scopes.scope import Initial, OneOf, Scope
from kspec.pure.values.cast import as_bool, as_int, as_set
from kspec.pure.values.order import any_order
from kspec.pure.values.quoted import quoted
from kspec.pure.values.value import Obj, Value
from kspec.pure.values.world import EMPTY, Context, Fixed, Population, Tables, World

KIND: Final = "$law"


ANYTHING: Final = "?"
"""After a law's name in that of the property that the law speaks of anything."""


FEW: Final = 64
"""So many values of a number are listed; of more the digits are open, each for itself."""


OF: Final = "$of"


@final
@frozen(eq=False)
class Free:
    """A name of the law's outer `all` that stands for any of `size` values; `value` says which, in
    a world of the question."""

    binder: TBinder
    value: TExpr
    size: int


@final
@frozen(eq=False)
class Refuted:
    """A world of the scope, in the context of the law, and the values of which it is false."""

    world: Context
    bound: tuple[tuple[TBinder, Value], ...]
    law: TLaw


@final
@frozen(eq=False)
class Posed:
    """The question: `scope` has the law as a property of its starts, and by the law's name and
    `ANYTHING` that it speaks of anything. `worlds` are left open by the law's scope, `cases` are
    these times the values of its outer `all`; `names` stand for all names, none where it goes
    through none."""

    scope: Scope
    of: Scope
    law: TLaw
    free: tuple[Free, ...]
    names: tuple[str, ...]
    worlds: int
    cases: int
    goes_through_names: bool

    def refuted(self, world: World) -> Refuted | str:
        """The law in a world of the question: false of something, or why it is not."""
        asked = Context(Tables(self.scope.program), dict(self.of.params), world, world)
        here = evolve(asked, names=self.names).binding(OF, Obj(KIND, 0))
        bound = tuple((f.binder, pure.evaluate(f.value, here)) for f in self.free)
        return self.false_of(_only(self.of, world), bound)

    def false_of(self, world: World, bound: tuple[tuple[TBinder, Value], ...]) -> Refuted | str:
        """The same, of a world of the scope and values."""
        context = laws.in_world(self.of.program, world, dict(self.of.params), self.names)
        if not laws.well_formed(context):
            return "the world is not well-formed"
        for name, clause in self.of.assumes:
            if not as_bool(pure.evaluate(cast(TExpr, clause), context)):
                return f"`{name}` is false in the world"
        for binder, value in bound:
            if not _ranges_over(binder, value, context):
                return f"`{binder.name}` is bound to what it does not range over"
        narrow = evolve(self.law, body=_narrowed(self.law.body, dict(bound), context.tables))
        if laws.holds(narrow, context):
            return "the law is true there"
        return Refuted(context, bound, narrow)


def smaller(posed: Posed, found: Refuted) -> Refuted:
    """A refutation in which no open field and no value can be replaced by an earlier one of its
    own: fields and values are tried in order, each of its values from the first on."""
    context = laws.in_world(posed.of.program, EMPTY, dict(posed.of.params), posed.names)
    for obj in posed.of.objects:
        for name, initial in obj.fields:
            if isinstance(initial, OneOf):
                at = Obj(obj.kind, obj.index)
                for value in initial.values:
                    old = found.world.world.fields(at)
                    assert old is not None
                    if old[name] == value:
                        break
                    world = found.world.world.with_fields(at, old.put(name, value))
                    tried = posed.false_of(world, found.bound)
                    if isinstance(tried, Refuted):
                        found = tried
                        break
    for free in posed.free:
        if free.size > FEW * FEW:
            continue
        for value in _values(free.binder, context):
            if dict(found.bound)[free.binder] == value:
                break
            bound = tuple((b, value if b is free.binder else v) for b, v in found.bound)
            tried = posed.false_of(found.world.world, bound)
            if isinstance(tried, Refuted):
                found = tried
                break
    return found


def _values(binder: TBinder, context: Context) -> Iterator[Value]:
    match binder.over:
        case OverType(type_):
            yield from finite.values(type_, context)
        case OverRange(lo, hi):
            first, last = pure.evaluate(lo, context), pure.evaluate(hi, context)
            assert isinstance(first, int) and isinstance(last, int)
            yield from range(first, last + 1)
        case OverSet(arg):
            yield from sorted(as_set(pure.evaluate(arg, context)), key=any_order)
        case _:
            raise AssertionError(binder.over)


def _ranges_over(binder: TBinder, value: Value, context: Context) -> bool:
    match binder.over:
        case OverType(type_):
            return finite.in_range(value, type_, context)
        case OverRange(lo, hi):
            first, last = pure.evaluate(lo, context), pure.evaluate(hi, context)
            return as_int(first) <= as_int(value) <= as_int(last)
        case OverSet(arg):
            return value in as_set(pure.evaluate(arg, context))
        case _:
            return False


def _narrowed(body: TExpr, bound: dict[TBinder, Value], tables: Tables) -> TExpr:
    """The formula about these values alone."""
    if not (isinstance(body, TComp) and body.kind is Comp.ALL):
        return body
    binders = []
    for binder in body.binders:
        if binder in bound:
            only = quoted(frozenset((bound[binder],)), SetT(binder.type), tables, binder.span)
            binder = evolve(binder, over=OverSet(only))
        binders.append(binder)
    return evolve(body, binders=tuple(binders), body=_narrowed(body.body, bound, tables))


def _only(scope: Scope, world: World) -> World:
    """The world with the objects of the scope alone, none of them written to."""
    rows: dict[str, dict[int, Fixed[str, Value]]] = {}
    for obj in scope.objects:
        fields = world.fields(Obj(obj.kind, obj.index))
        assert fields is not None, "objects of a start live"
        chosen = {n: _chosen(initial, fields[n]) for n, initial in obj.fields}
        rows.setdefault(obj.kind, {})[obj.index] = Fixed(chosen)
    return World(
        Fixed(
            {
                kind: Population(Fixed(dict(sorted(row.items()))), tuple(sorted(row)))
                for kind, row in rows.items()
            }
        )
    )


def _chosen(initial: Initial, value: Value) -> Value:
    if not isinstance(initial, OneOf):
        return initial
    assert value in initial.values, "what is open between some values has one of them"
    return value


__all__ = ["ANYTHING", "FEW", "Free", "KIND", "OF", "Posed", "Refuted", "smaller"]
