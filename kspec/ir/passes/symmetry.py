"""Which identities of a kind nothing tells apart: permuting them is an automorphism.

A permutation acts on every value by the identities in it. An expression without literals that the
permutation moves takes permuted values to permuted results, but for two: `First` and `Sorted` see
the order of identities. So it is enough that every literal and constant that steps and the asked
properties read stays the same, and that no order is seen. Then the permuted image of a step is a
step, and a property is true of a state iff of its image.

- The start does not matter: whatever it tells apart is told apart in the states themselves.
- The fallback of an `else` does not matter where the option is known to hold something whenever
  the value can make a difference: `_walk` carries what is known.
- Identities that constants tell apart by name alone change places together with their names, in
  every enumeration that has them.

`classes` is for the system with its births opened (`passes.births`); proof and rules are in
docs/adr and docs/semantics.md ("What breaks symmetry"). Engines use it, and never trust it alone:
traces are replayed, and what was stored is audited.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias, assert_never, final

from kspec.base.record import frozen
from kspec.ir.expr import (
    Agg,
    And,
    Best,
    Eq,
    Expr,
    First,
    IsSome,
    Ite,
    Let,
    Lit,
    MakeRecord,
    MakeSeq,
    MakeSet,
    Not,
    Or,
    OrElse,
    Ref,
    Some,
    Sorted,
)
from kspec.ir.passes.slice import expressions
from kspec.ir.rewrite import bound_names, free_locals, parts, subexpressions
from kspec.ir.sorts import (
    Bool,
    Enum,
    Id,
    Int,
    Map,
    Opt,
    Record,
    Seq,
    Set,
    Sort,
    Value,
    enums,
    index_of,
    values,
)
from kspec.ir.system import Action, Index, Occurrence, Pool, Property, StepCase, System, Update

Facts: TypeAlias = frozenset[Expr]
"""Options that hold something wherever the expression in hand makes a difference."""


@final
@frozen
class Group:
    """Places of a kind that are interchangeable, in order; `names` are those that change places
    with them, empty where names stay."""

    kind: str
    places: tuple[int, ...]
    names: tuple[str, ...] = ()


@final
@frozen
class Classes:
    """The places of a kind in groups of interchangeable ones; `apart` says what tells the first
    two of different groups apart, `""` where there is one group."""

    kind: str
    groups: tuple[Group, ...]
    apart: str


@final
@frozen(cache_hash=True)
class _Literal:
    """A value that is written somewhere."""

    sort: Sort
    value: Value
    where: str


@final
@frozen(cache_hash=True)
class _Order:
    """The order of a sort is seen somewhere."""

    sort: Sort
    where: str


_Found: TypeAlias = "_Literal | _Order"


@final
@frozen
class Swap:
    """Two places of a kind change places, and their names if there are any."""

    kind: str
    places: tuple[int, int]
    names: tuple[str, str] | None


def classes(system: System, asked: Iterable[Property]) -> tuple[Classes, ...]:
    """The groups of every kind with more than one identity, in the order of pools, for a search
    that asks for these properties."""
    asked = tuple(asked)
    found = tuple(dict.fromkeys(_written(system, asked)))
    enums = tuple(dict.fromkeys(_enums(system, asked)))
    made: list[Classes] = []
    for pool in system.pools:
        if pool.size > 1:
            taken = {n for of in made for group in of.groups for n in group.names}
            made.append(_of_pool(pool, found, enums, taken))
    return tuple(made)


def nontrivial(found: tuple[Classes, ...]) -> tuple[Group, ...]:
    """The groups of more than one."""
    return tuple(group for of in found for group in of.groups if len(group.places) > 1)


def _of_pool(
    pool: Pool, found: tuple[_Found, ...], enums: tuple[Enum, ...], taken: set[str]
) -> Classes:
    # INVARIANT: in one group all names stay or all move; swaps with the first generate all others.
    plain, apart = _grouped(pool, tuple(range(pool.size)), found, named=False)
    alone = tuple(places[0] for places in plain if len(places) == 1)
    kept = [Group(pool.name, places) for places in plain if len(places) > 1]
    if len(alone) > 1 and _may_be_named(pool, alone, taken):
        named, apart_named = _grouped(pool, alone, found, named=True, enums=enums)
        apart = apart_named or ("" if not kept else apart)
        kept += [
            Group(pool.name, g, tuple(pool.names[p] for p in g) if len(g) > 1 else ())
            for g in named
        ]
    else:
        kept += [Group(pool.name, (place,)) for place in alone]
    groups = tuple(sorted(kept, key=lambda group: group.places))
    return Classes(pool.name, groups, apart if len(groups) > 1 else "")


def _named(pool: Pool, places: tuple[int, ...]) -> Group:
    names = tuple(pool.names[place] for place in places)
    return Group(pool.name, places, names if len(places) > 1 else ())


def _may_be_named(pool: Pool, places: tuple[int, ...], taken: set[str]) -> bool:
    names = [pool.names[place] for place in places]
    return len(set(names)) == len(names) and not taken & set(names)


def _grouped(
    pool: Pool,
    places: tuple[int, ...],
    found: tuple[_Found, ...],
    *,
    named: bool,
    enums: tuple[Enum, ...] = (),
) -> tuple[list[tuple[int, ...]], str]:
    groups: list[list[int]] = []
    apart = ""
    for place in places:
        for group in groups:
            pair = group[0], place
            names = (pool.names[pair[0]], pool.names[pair[1]]) if named else None
            reason = _first_change(Swap(pool.name, pair, names), found, enums)
            if reason is None:
                group.append(place)
                break
            apart = apart or reason
        else:
            groups.append([place])
    return [tuple(group) for group in groups], apart


def _first_change(swap: Swap, found: tuple[_Found, ...], enums: tuple[Enum, ...]) -> str | None:
    """What tells two places apart; None if nothing does."""
    if swap.names is not None:
        one, other = swap.names
        for enum in enums:
            if (one in enum.cases) != (other in enum.cases):
                return f"the names {one} and {other}"
    for item in found:
        match item:
            case _Literal(sort, value, where):
                if moved(swap, sort, value) != value:
                    return where
            case _Order(sort, where):
                if is_moved(swap, sort):
                    return f"an order in {where}"
            case _:
                assert_never(item)
    return None


def is_moved(swap: Swap, sort: Sort) -> bool:
    """Are there values of the sort that the swap changes?"""
    match sort:
        case Bool() | Int():
            return False
        case Id(kind, _):
            return kind == swap.kind
        case Enum(_, cases):
            return swap.names is not None and swap.names[0] in cases and swap.names[1] in cases
        case Opt(of) | Seq(of, _) | Set(of):
            return is_moved(swap, of)
        case Record(_, fields):
            return any(is_moved(swap, of) for _, of in fields)
        case Map(key, of):
            return is_moved(swap, key) or is_moved(swap, of)
        case _:
            assert_never(sort)


def moved(swap: Swap, sort: Sort, value: Value) -> Value:
    """The value after the swap."""
    match sort:
        case Bool() | Int():
            return value
        case Id(kind, _):
            return _exchanged(value, swap.places) if kind == swap.kind else value
        case Enum():
            names = swap.names
            is_so = names is not None and is_moved(swap, sort)
            return _exchanged(value, names) if is_so and names is not None else value
        case Opt(of) | Seq(of, _):
            return None if value is None else tuple(moved(swap, of, v) for v in _items(value))
        case Record(_, fields):
            pairs = zip(fields, _items(value), strict=True)
            return tuple(moved(swap, of, v) for (_, of), v in pairs)
        case Set(of):
            assert isinstance(value, frozenset)
            return frozenset(moved(swap, of, v) for v in value)
        case Map(key, of):
            return _moved_map(swap, key, of, _items(value)) if is_moved(swap, sort) else value
        case _:
            assert_never(sort)


def _moved_map(swap: Swap, key: Sort, of: Sort, items: tuple[Value, ...]) -> Value:
    after = list(items)
    for at, item in zip(values(key), items, strict=True):
        after[index_of(key, moved(swap, key, at))] = moved(swap, of, item)
    return tuple(after)


def _exchanged(value: Value, pair: tuple[Value, Value]) -> Value:
    one, other = pair
    return other if value == one else one if value == other else value


def _items(value: Value) -> tuple[Value, ...]:
    assert isinstance(value, tuple)
    return value


# ---- everything that is written ----------------------------------------------------------------


def _written(system: System, asked: tuple[Property, ...]) -> Iterator[_Found]:
    for constant in system.constants:
        yield _Literal(constant.sort, constant.value, constant.name)
    for action in system.actions:
        yield from _of_action(action)
    known = {action.name: action for action in system.actions}
    for prop in asked:
        where = f"the property {prop.name}"
        if isinstance(prop.claim, Occurrence):
            for case in prop.claim.cases:
                yield from _of_case(known[case.action], case, where)
        else:
            for expr in expressions(prop.claim):
                yield from _walk(expr, frozenset(), where)


def _of_action(action: Action) -> Iterator[_Found]:
    """What decides whether an instance is enabled or cut rests on its guard alone; what it writes,
    on its not being cut too."""
    where = f"the action {action.name}"
    guard, step = _facts_of(action)
    cut = () if action.cut is None else (action.cut,)
    deciding = (*(c.expr for c in action.guard), *cut)
    for expr in (*deciding, *_lets_for(action, deciding)):
        yield from _walk(expr, guard, where)
    writing = tuple(expr for u in action.updates for expr in _of_update(u))
    for expr in _lets_for(action, writing):
        yield from _walk(expr, step, where)
    for update in action.updates:
        own = frozenset(binder.name for binder in update.binders)
        facts = _outside(step, own)
        yield from _walk(update.when, facts, where)
        for expr in _of_update(update)[1:]:
            yield from _walk(expr, facts | _true(update.when), where)


def _of_case(action: Action, case: StepCase, where: str) -> Iterator[_Found]:
    _, step = _facts_of(action)
    # What is known of the state before the step is not known of the one after.
    facts = frozenset(e for e in step if not any(isinstance(s, Ref) for s in subexpressions(e)))
    for expr in _lets_for(action, (case.body,)):
        yield from _walk(expr, step, where)
    yield from _walk(case.body, facts, where)


def _facts_of(action: Action) -> tuple[Facts, Facts]:
    """What is known where the guard is true; where it is and the instance is not cut."""
    guard = frozenset().union(*(_true(c.expr) for c in action.guard))
    return guard, guard | (frozenset() if action.cut is None else _false(action.cut))


def _of_update(update: Update) -> tuple[Expr, ...]:
    keys = (step.key for step in update.path if isinstance(step, Index))
    return (update.when, update.value, update.live, *keys)


def _lets_for(action: Action, exprs: Iterable[Expr]) -> tuple[Expr, ...]:
    """The values of the lets that expressions use, at first or second hand."""
    wanted = {name for expr in exprs for name in free_locals(expr)}
    found: list[Expr] = []
    for name, expr in reversed(action.lets):
        if name in wanted:
            wanted |= free_locals(expr)
            found.append(expr)
    return tuple(found)


def _walk(expr: Expr, facts: Facts, where: str) -> Iterator[_Found]:
    """The literals and orders that an expression may depend on where `facts` are so."""
    match expr:
        case Lit(sort, value):
            yield _Literal(sort, value, where)
        case OrElse(arg, default):
            yield from _walk(arg, facts, where)
            if arg not in facts:
                yield from _walk(default, facts, where)
        case And(args):
            for place, arg in enumerate(args):
                others = (_true(a) for i, a in enumerate(args) if i != place)
                yield from _walk(arg, facts.union(*others), where)
        case Or(args):
            for place, arg in enumerate(args):
                others = (_false(a) for i, a in enumerate(args) if i != place)
                yield from _walk(arg, facts.union(*others), where)
        case Ite(cond, then, other):
            yield from _walk(cond, facts, where)
            yield from _walk(then, facts | _true(cond), where)
            yield from _walk(other, facts | _false(cond), where)
        case _:
            yield from _walk_parts(expr, facts, where)


def _walk_parts(expr: Expr, facts: Facts, where: str) -> Iterator[_Found]:
    if isinstance(expr, First | Sorted):
        yield _Order(expr.binder.sort, where)
    own = frozenset(bound_names(expr))
    inner = _outside(facts, own)
    for place, part in enumerate(parts(expr)):
        within = inner if part.is_inside else facts
        if isinstance(expr, Agg | Best | Sorted) and place > 0:
            within = within | _true(expr.cond)
        yield from _walk(part.expr, within, where)


def _outside(facts: Facts, names: frozenset[str]) -> Facts:
    """The facts that do not speak of names that are bound anew."""
    return frozenset(e for e in facts if not free_locals(e) & names) if names else facts


def _true(expr: Expr) -> Facts:
    """The options that hold something if the expression is true."""
    match expr:
        case IsSome(arg):
            return frozenset((arg,))
        case And(args):
            return frozenset().union(*map(_true, args))
        case Or(args) if args:
            return frozenset.intersection(*map(_true, args))
        case Not(arg):
            return _false(arg)
        case Eq(left, Some()):
            return frozenset((left,))
        case Eq(Some(), right):
            return frozenset((right,))
        case Ite(cond, then, other):
            return (_true(cond) | _true(then)) & (_false(cond) | _true(other))
        case Let(name, _, body):
            return _outside(_true(body), frozenset((name,)))
        case _:
            return frozenset()


def _false(expr: Expr) -> Facts:
    """The options that hold something if the expression is false."""
    match expr:
        case Or(args):
            return frozenset().union(*map(_false, args))
        case And(args) if args:
            return frozenset.intersection(*map(_false, args))
        case Not(arg):
            return _true(arg)
        case Eq(arg, Lit(Opt(), None)) | Eq(Lit(Opt(), None), arg):
            return frozenset((arg,))
        case Ite(cond, then, other):
            return (_true(cond) | _false(then)) & (_false(cond) | _false(other))
        case Let(name, _, body):
            return _outside(_false(body), frozenset((name,)))
        case _:
            return frozenset()


# ---- enumerations ------------------------------------------------------------------------------


def _enums(system: System, asked: tuple[Property, ...]) -> Iterator[Enum]:
    """Every enumeration that values of the system have."""
    for sort in (*(v.sort for v in system.variables), *(c.sort for c in system.constants)):
        yield from enums(sort)
    for binder in system.init.params:
        yield from enums(binder.sort)
    for action in system.actions:
        binders = (*action.params, *action.choices, *(b for u in action.updates for b in u.binders))
        for binder in binders:
            yield from enums(binder.sort)
        exprs = [expr for _, expr in action.lets] + [c.expr for c in action.guard]
        exprs += [expr for u in action.updates for expr in _of_update(u)]
        for expr in (*exprs, *(() if action.cut is None else (action.cut,))):
            yield from _enums_in(expr)
    for prop in asked:
        for expr in expressions(prop.claim):
            yield from _enums_in(expr)


def _enums_in(expr: Expr) -> Iterator[Enum]:
    for node in subexpressions(expr):
        match node:
            case Lit(sort, _) | MakeRecord(sort, _) | MakeSet(sort, _) | MakeSeq(sort, _):
                yield from enums(sort)
            case _:
                binder = getattr(node, "binder", None)
                if binder is not None:
                    yield from enums(binder.sort)
