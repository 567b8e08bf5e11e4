"""A scope to a system: the order of the steps.

The sorts of what the language does not bound (names, amounts, lengths, keys, kinds of objects) are
found by passes: each lowers all actions with the sorts so far and takes down what it sees written.
When nothing new is seen the last pass is the answer; when something grows without end it is a
mistake of the program. Next: `places`, `steps.actions`, `properties`.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import combinations
from typing import Final, final

from attrs import field, mutable

from kspec.analysis.typed import TLit, TProperty
from kspec.analysis.types import Bounds, UnitT
from kspec.base import codes
from kspec.base.diagnostic import Diagnostic, Label
from kspec.base.node import nodes
from kspec.base.record import frozen
from kspec.base.source import Span
from kspec.ir.expr import IllSorted
from kspec.ir.sorts import Enum, Int, Map, Opt, Record, Seq, Set, Sort
from kspec.ir.system import Pool, Property, System, Var
from kspec.lower import assumptions
from kspec.lower.context import CannotLower, Lowering
from kspec.lower.expressions import worlds
from kspec.lower.expressions.pure_expr import constants
from kspec.lower.facts import Static, amounts, static_of
from kspec.lower.initial import initial
from kspec.lower.places import make_slots
from kspec.lower.properties import lower_property, of_others
from kspec.lower.steps import views
from kspec.lower.steps.actions import Made, lower_action
from kspec.lower.steps.deadlines import deadlines, with_deadlines
from kspec.lower.steps.faults import restarts
from kspec.lower.steps.timers import clock
from kspec.lower.values.shapes import CannotStore, FinerMeasure, Shapes, common_measure
from kspec.lower.wellformed import well_formed
from kspec.manifests.quantity import Quantity, Style, canonical
from kspec.pure.evaluation.evaluate import evaluate
from kspec.pure.scopes.scope import OneOf, Scope
from kspec.pure.scopes.vocabulary import names_in
from kspec.pure.values.cast import as_int
from kspec.pure.values.value import Value

MOST_PASSES: Final = 12


@final
@frozen(eq=False)
class Lowered:
    """The system, or None with what the program says that no system can hold.

    `units` is the measure of each unit: a stored amount is a multiple of it; `tick` that of timers.
    `codes` says which value each case of an enumeration of interned values stands for.
    """

    system: System | None
    diagnostics: tuple[Diagnostic, ...]
    units: Mapping[str, Fraction]
    tick: Fraction
    codes: Mapping[str, Value] = field(factory=dict)


@final
@mutable(eq=False)
class _Passes:
    """What the passes know so far."""

    static: Static
    units: dict[str, Fraction]
    sorts: dict[str, Sort] = field(factory=dict)
    codes: dict[str, Value] = field(factory=dict)
    probes: int = 0


def lower(scope: Scope) -> Lowered:
    """The system of a scope."""
    static = static_of(scope)
    passes = _Passes(static, _units(static))
    try:
        low, made, wrong = _settle(passes)
        if wrong:
            return Lowered(None, wrong, passes.units, static.tick)
        return _system(low, made, passes)
    except CannotLower as error:
        return Lowered(None, (_diagnostic(error, scope),), passes.units, static.tick)
    except CannotStore as error:
        located = CannotLower(str(error), None)
        return Lowered(None, (_diagnostic(located, scope),), passes.units, static.tick)


def _diagnostic(error: CannotLower, scope: Scope) -> Diagnostic:
    span = error.span or scope.program.scenarios[0].span
    return Diagnostic(codes.CANNOT_LOWER, error.message, Label(span), notes=(_WHY,))


_WHY: Final = "this has a meaning, but kspec cannot turn it into a finite system"


# ---- passes ------------------------------------------------------------------------------------


def _units(static: Static) -> dict[str, Fraction]:
    """The measure of each unit, from the values that variables begin with."""
    found: dict[str, list[Fraction]] = {}
    for obj in static.scope.objects:
        for name, initial_ in obj.fields:
            if (obj.kind, name) in static.constant:
                continue
            type_ = static.tables.fields[obj.kind][name].type
            for value in initial_.values if isinstance(initial_, OneOf) else (initial_,):
                for unit in ("cpu", "memory", "percent", "quantity"):
                    found.setdefault(unit, []).extend(amounts(static.tables, type_, value, unit))
    units = {unit: common_measure([abs(v) for v in vs]) for unit, vs in found.items()}
    units = {unit: measure for unit, measure in units.items() if measure}
    units["duration"] = static.tick
    return units


def _settle(passes: _Passes) -> tuple[Lowering, list[Made], tuple[Diagnostic, ...]]:
    """The first pass that sees nothing new."""
    before: dict[str, Sort] = {}
    for _ in range(MOST_PASSES):
        low = _begun(passes)
        wrong: list[Diagnostic] = []
        made: list[Made] = []
        try:
            make_slots(low, passes.sorts)
            for source in low.static.actions:
                try:
                    made += list(lower_action(low, source))
                except (CannotLower, CannotStore, IllSorted) as error:
                    if isinstance(error, FinerMeasure):
                        raise
                    wrong.append(_located(error, source.span))
        except FinerMeasure as finer:
            _refine(passes, finer)
            continue
        seen = dict(low.seen)
        if seen == passes.sorts and len(low.probes) == passes.probes:
            return low, made, tuple(wrong) or _too_fine(passes, low)
        before, passes.sorts, passes.probes = passes.sorts, seen, len(low.probes)
    return low, [], _growing(passes, before)


def _located(error: Exception, span: Span) -> Diagnostic:
    if isinstance(error, CannotLower):
        where = error.span or span
        return Diagnostic(codes.CANNOT_LOWER, error.message, Label(where), notes=(_WHY,))
    return Diagnostic(codes.CANNOT_LOWER, str(error), Label(span, "in this"), notes=(_WHY,))


def _refine(passes: _Passes, finer: FinerMeasure) -> None:
    from kspec.lower.values.shapes import measure_of_both

    if finer.unit == "duration":
        raise CannotStore(f"a duration of {finer.scale}s is no multiple of a tick")
    old = passes.units.get(finer.unit)
    scale = abs(finer.scale)
    passes.units[finer.unit] = scale if old is None else measure_of_both(old, scale)
    # What was seen is in multiples of the old measure.
    passes.sorts = {}


def _begun(passes: _Passes) -> Lowering:
    static = passes.static
    params = dict(static.scope.params)
    pools = {pool.kind: pool.size for pool in static.scope.pools}
    low: Lowering

    def bounds(of: Bounds) -> tuple[int, int]:
        context = constants(low)
        return as_int(evaluate(of.lo, context)), as_int(evaluate(of.hi, context))

    shapes = Shapes(
        static.tables, pools, dict(passes.units), static.scope.timed, bounds, passes.codes
    )
    low = Lowering(static, shapes, {}, params, _universe(passes), probe_count=passes.probes)
    return low


def _universe(passes: _Passes) -> tuple[str, ...]:
    """The names of the scope: those written in the program, those that objects begin with, those
    that can be stored."""
    names = set(passes.static.names)
    for sort in passes.sorts.values():
        names.update(_names(sort))
    for obj in passes.static.scope.objects:
        for name, value in obj.fields:
            type_ = passes.static.tables.fields[obj.kind][name].type
            for one in value.values if isinstance(value, OneOf) else (value,):
                names.update(names_in(passes.static.tables, type_, one))
    return tuple(sorted(names))


def _names(sort: Sort) -> set[str]:
    match sort:
        case Enum("name", cases):
            return set(cases)
        case Opt(of) | Set(of) | Seq(of, _):
            return _names(of)
        case Map(key, value):
            return _names(key) | _names(value)
        case Record(_, fields):
            return set[str]().union(*(_names(s) for _, s in fields))
        case _:
            return set()


def _growing(passes: _Passes, before: Mapping[str, Sort]) -> tuple[Diagnostic, ...]:
    """What still grew in the last pass."""
    found: list[Diagnostic] = []
    for name, sort in passes.sorts.items():
        if before.get(name) == sort:
            continue
        span = _declared(passes.static, name)
        old = before.get(name)
        if old is not None and _names(old) != _names(sort):
            message = f"`{name}` can hold ever longer names"
            found.append(
                Diagnostic(
                    codes.UNBOUNDED_NAMES,
                    message,
                    Label(span, "grows without end"),
                    help=("make it of what has an end: a name that is given, a number in a range",),
                )
            )
        else:
            message = f"`{name}` has no largest value"
            found.append(
                Diagnostic(
                    codes.CANNOT_LOWER,
                    message,
                    Label(span, "grows without end"),
                    help=("give it a range (`0..8`) or, for a list, a length (`at most 3`)",),
                )
            )
    return tuple(found)


def _declared(static: Static, name: str) -> Span:
    """Where a variable is declared."""
    if name in static.tables.state:
        return static.tables.state[name][0].span
    kind, _, field_name = name.partition(".")
    if kind in static.tables.fields and field_name in static.tables.fields[kind]:
        return static.tables.fields[kind][field_name].span
    for action in static.actions:
        if name.startswith(f"{action.name}"):
            return action.span
    return static.scope.program.scenarios[0].span


def _too_fine(passes: _Passes, low: Lowering) -> tuple[Diagnostic, ...]:
    """Amounts that need more than 31 bits."""
    found: list[Diagnostic] = []
    for slot in low.slots.values():
        wide = [i for i in _integers(slot.sort) if max(abs(i.lo), abs(i.hi)) >= 2**31]
        if wide:
            span = _declared(passes.static, slot.name)
            unit = slot.type.unit if isinstance(slot.type, UnitT) else "quantity"
            found.append(
                Diagnostic(
                    codes.GCD_TOO_FINE,
                    f"`{slot.name}` has values too far apart to be kept in a state exactly",
                    Label(span, f"up to {wide[0].hi} times {_shown(passes.units.get(unit), unit)}"),
                    _spoilers(passes.static, unit),
                    notes=("amounts are kept as multiples of their greatest common divisor",),
                    help=("write values with a coarser common measure",),
                )
            )
    return tuple(found)


def _spoilers(static: Static, unit: str) -> tuple[Label, ...]:
    """The two values of a unit whose common measure is the least, where they are written."""
    program = static.scope.program
    written: dict[Fraction, Span] = {}
    for literal in nodes((program.components, program.functions, program.faults), TLit):
        if literal.type == UnitT(unit) and isinstance(literal.value, Fraction) and literal.value:
            written.setdefault(abs(literal.value), literal.span)
    for obj in static.scope.objects:
        for name, initial_ in obj.fields:
            type_ = static.tables.fields[obj.kind][name].type
            for value in initial_.values if isinstance(initial_, OneOf) else (initial_,):
                for amount in amounts(static.tables, type_, value, unit):
                    if amount:
                        written.setdefault(abs(amount), dict(obj.field_spans).get(name, obj.span))
    pairs = [(common_measure([a, b]) or a, a, b) for a, b in combinations(sorted(written), 2)]
    if not pairs:
        return ()
    measure, a, b = min(pairs)
    text = f"{_shown(a, unit)} and {_shown(b, unit)} share no more than {_shown(measure, unit)}"
    return (Label(written[a], text), Label(written[b], _shown(b, unit)))


def _shown(value: Fraction | None, unit: str) -> str:
    """An amount as people write it."""
    if value is None:
        return "the common measure"
    if unit == "duration":
        return f"{value}s"
    style = Style.BINARY if unit == "memory" else Style.DECIMAL
    return canonical(Quantity(value, style))


def _integers(sort: Sort) -> list[Int]:
    match sort:
        case Int():
            return [sort]
        case Opt(of) | Set(of) | Seq(of, _):
            return _integers(of)
        case Map(key, value):
            return [*_integers(key), *_integers(value)]
        case Record(_, fields):
            return [i for _, s in fields for i in _integers(s)]
        case _:
            return []


# ---- the system --------------------------------------------------------------------------------


def _system(low: Lowering, made: list[Made], passes: _Passes) -> Lowered:
    wrong: list[Diagnostic] = []
    properties: list[Property] = []
    helping = {judge.property for judge in low.static.scope.judges if judge.helps}
    for source in _judged(low):
        try:
            claimed, made = lower_property(low, source, made)
            properties.append(claimed)
        except (CannotLower, CannotStore, IllSorted) as error:
            if source.name not in helping:  # a lemma need not mean anything in every scope
                wrong.append(_located(error, source.span))
    due = deadlines(low, made)
    others = (*views.deliveries(low), *restarts(low), *clock(low, due))
    actions = (*(m.action for m in made), *others)
    system = System(
        name=low.static.scope.name or "scenario",
        pools=_pools(low),
        constants=(),
        variables=tuple(Var(s.name, s.whole, s.role, s.owner, s.label) for s in low.slots.values()),
        init=initial(low),
        actions=actions,
        properties=tuple(of_others(p, others) for p in properties),
        well_formed=well_formed(low),
        views=tuple(views.shown_views(low)),
        assumptions=assumptions.assumptions(low),
        bounds=assumptions.bounds(low),
    )
    system = _with_constants(with_deadlines(system, due), low)
    if wrong:
        return Lowered(None, tuple(wrong), passes.units, low.static.tick)
    return Lowered(system, (), passes.units, low.static.tick, dict(passes.codes))


def _judged(low: Lowering) -> list[TProperty]:
    """The properties that the scope judges; all of the program if it judges none."""
    asked = {judge.property for judge in low.static.scope.judges}
    program = low.static.scope.program
    return [p for p in program.properties if p.name in asked or not (asked or p.lemma)]


def _pools(low: Lowering) -> tuple[Pool, ...]:
    return tuple(Pool(p.kind, p.size, p.names) for p in low.static.scope.pools)


def _with_constants(system: System, low: Lowering) -> System:
    """The system with the constants that any of its expressions reads."""
    from attrs import evolve

    from kspec.lower.reads import read_names

    # Who shows a state wants to know of places where nobody ever is, even if no expression asks.
    used = read_names(system) | worlds.settle_who_lives(low)
    constants_ = tuple(c for n, c in low.constants.items() if n in used)
    order = {name: i for i, name in enumerate(sorted(low.constants))}
    return evolve(system, constants=tuple(sorted(constants_, key=lambda c: order[c.name])))
