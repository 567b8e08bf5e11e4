"""Is an expression well-sorted, and does it use only names and nodes that are allowed where it
stands? `validate` says what stands where. Nothing here evaluates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias, assert_never, final

from attrs import evolve

from kspec.base.record import frozen
from kspec.ir.expr import (
    Agg,
    And,
    Arith,
    At,
    Best,
    Binder,
    Concat,
    Contains,
    Count,
    Eq,
    Expr,
    First,
    Fold,
    Get,
    GetField,
    IllSorted,
    IsSome,
    Ite,
    Le,
    Len,
    Let,
    Lit,
    Local,
    Lt,
    MakeMap,
    MakeRecord,
    MakeSeq,
    MakeSet,
    Not,
    Old,
    Or,
    OrElse,
    Put,
    Quant,
    Ref,
    SetOf,
    SetOp,
    Some,
    Sorted,
    Subset,
    WithField,
    mapping,
    payload,
    record,
    sequence,
    sort_of,
)
from kspec.ir.rewrite import bound, bound_names, parts, rebuild
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
    cardinality,
    contains,
    fits,
    join,
)


@final
@frozen
class Place:
    """Where an expression stands: what it may read, and how the place is called.

    `shared` are the variables and constants it may name, `old` those that `Old` may name; `pools`
    gives the size of each kind. `may_pick` allows `First` over identities.
    """

    called: str
    shared: Mapping[str, Sort]
    old: Mapping[str, Sort]
    bound: Mapping[str, Sort]
    pools: Mapping[str, int]
    may_pick: bool = False

    def at(self, part: str) -> Place:
        """A part of this place."""
        return evolve(self, called=f"{self.called}: {part}")

    def bind(self, *binders: Binder) -> Place:
        """This place with more bound names."""
        return evolve(self, bound={**self.bound, **{b.name: b.sort for b in binders}})


Problems: TypeAlias = Iterator[str]


def expr_problems(expr: Expr, place: Place) -> Problems:
    """What is wrong with an expression: of nodes that are wrong, the innermost."""
    inner = [
        problem
        for part in parts(expr)
        if not part.is_inside
        for problem in expr_problems(part.expr, place)
    ]
    if not inner:
        inner = list(_inside_problems(expr, place))
    yield from inner or _node_problems(expr, place)


def _inside_problems(expr: Expr, place: Place) -> Problems:
    inside = [part.expr for part in parts(expr) if part.is_inside]
    if not inside:
        return
    try:
        binders = bound(expr)
    except (IllSorted, KeyError) as error:
        yield f"{place.called}: {error}"
        return
    for binder in binders:
        # It may range over nothing: what it is bound in is then never evaluated.
        yield from sort_problems(binder.sort, place.at(f"bound name {binder.name}"))
    for part in inside:
        yield from expr_problems(part, place.bind(*binders))


def sorted_problems(expr: Expr, wanted: Sort, place: Place) -> Problems:
    """What is wrong with an expression that must be of sort `wanted`, or a part of it."""
    problems = list(expr_problems(expr, place))
    yield from problems
    if not problems and not fits(sort_of(expr), wanted):
        yield f"{place.called}: of sort {sort_of(expr)}, which does not fit {wanted}"


def sort_problems(sort: Sort, place: Place) -> Problems:
    """What is wrong with a sort."""
    match sort:
        case Bool() | Int():
            pass
        case Enum(called, cases):
            if len(set(cases)) != len(cases):
                yield f"{place.called}: enum {called} has a case twice"
        case Id(kind, size):
            if place.pools.get(kind) != size:
                yield f"{place.called}: there is no pool {kind} of {size}"
        case Record(called, fields):
            if len({field for field, _ in fields}) != len(fields):
                yield f"{place.called}: record {called} has a field twice"
            for _, of in fields:
                yield from sort_problems(of, place)
        case Opt(of) | Set(of):
            yield from sort_problems(of, place)
        case Map(key, value):
            yield from sort_problems(key, place)
            yield from sort_problems(value, place)
        case Seq(of, cap):
            if cap < 0:
                yield f"{place.called}: a sequence of capacity {cap}"
            yield from sort_problems(of, place)
        case _:
            assert_never(sort)


def valued_problems(sort: Sort, place: Place) -> Problems:
    """What is wrong with the sort of a variable, a constant, or a name bound outside expressions:
    by an action, an update, a formula, or for the initial states."""
    yield from sort_problems(sort, place)
    if has_empty_range(sort):
        yield f"{place.called}: no integer lies in a range of {sort}"


def has_empty_range(sort: Sort) -> bool:
    """Must a value of the sort have an integer from a range that has none?

    An absent option, an empty set, sequence or map needs none: there a range without integers
    says that nothing can be put there, and that is allowed.
    """
    match sort:
        case Int(lo, hi):
            return lo > hi
        case Record(_, fields):
            return any(has_empty_range(of) for _, of in fields)
        case Map(key, value):
            return cardinality(key) > 0 and has_empty_range(value)
        case Bool() | Enum() | Id() | Opt() | Set() | Seq():
            return False
        case _:
            assert_never(sort)


def holds_identity(sort: Sort) -> bool:
    """Can a value of the sort be, or contain, an identity? Keys of maps are not contained."""
    match sort:
        case Bool() | Int() | Enum():
            return False
        case Id():
            return True
        case Record(_, fields):
            return any(holds_identity(of) for _, of in fields)
        case Opt(of) | Set(of) | Seq(of, _) | Map(_, of):
            return holds_identity(of)
        case _:
            assert_never(sort)


def mentions_identity(sort: Sort) -> bool:
    """Does the order of the sort's values depend on the order of identities?"""
    match sort:
        case Map(key, value):
            return mentions_identity(key) or mentions_identity(value)
        case Record(_, fields):
            return any(mentions_identity(of) for _, of in fields)
        case Opt(of) | Set(of) | Seq(of, _):
            return mentions_identity(of)
        case Bool() | Int() | Enum() | Id():
            return isinstance(sort, Id)
        case _:
            assert_never(sort)


def _node_problems(expr: Expr, place: Place) -> Problems:
    """Problems of one node whose children are right."""
    try:
        complaints = [*_name_complaints(expr, place), *_sort_complaints(expr)]
        if not complaints:
            sort_of(expr)
    except IllSorted as error:
        complaints = [str(error)]
    except KeyError as error:
        complaints = [f"there is no field {error} in {expr}"]
    for complaint in complaints:
        yield f"{place.called}: {complaint}"


def _name_complaints(expr: Expr, place: Place) -> Iterator[str]:
    match expr:
        case Ref(name, sort):
            yield from _lookup("variable or constant", name, sort, place.shared)
        case Old(name, sort):
            yield from _lookup("variable with an old value", name, sort, place.old)
        case Local(name, sort):
            yield from _lookup("bound name", name, sort, place.bound)
        case First(binder, _) if mentions_identity(binder.sort) and not place.may_pick:
            yield "the first identity is picked outside a let or a cut"
        case Lit(sort, value):
            here = evolve(place, called="a literal")
            yield from sort_problems(sort, here)
            if not contains(sort, value):
                yield f"{value!r} is not of sort {sort}"
        case MakeRecord(sort, _):
            yield from sort_problems(sort, evolve(place, called="a record"))
        case MakeSet(of, _) | MakeSeq(of, _):
            yield from sort_problems(of, evolve(place, called="elements"))
        case _:
            pass


def _lookup(what: str, name: str, sort: Sort, known: Mapping[str, Sort]) -> Iterator[str]:
    if name not in known:
        yield f"no {what} {name} may be read here"
    elif known[name] != sort:
        yield f"{name} is read as {sort}, but it is {known[name]}"


def _sort_complaints(expr: Expr) -> Iterator[str]:
    match expr:
        case Lit() | Ref() | Old() | Local() | Let() | Some():
            pass
        case Not() | And() | Or() | Ite() | Eq() | Lt() | Le() | Arith():
            yield from _basic_complaints(expr)
        case IsSome(arg):
            payload(sort_of(arg), expr)
        case OrElse(arg, default):
            yield from _joins(payload(sort_of(arg), expr), sort_of(default), expr)
        case MakeRecord() | GetField() | WithField():
            yield from _record_complaints(expr)
        case MakeSet() | Contains() | SetOp() | Subset():
            yield from _set_complaints(expr)
        case Get() | Put():
            yield from _map_complaints(expr)
        case MakeSeq() | Len() | At() | Concat() | Fold():
            yield from _sequence_complaints(expr)
        case Quant(_, _, body):
            yield from _is(body, Bool(), expr)
        case MakeMap():
            pass
        case SetOf(_, cond) | Count(_, cond) | First(_, cond):
            yield from _is(cond, Bool(), expr)
        case Agg(_, _, cond, term):
            yield from _is(cond, Bool(), expr)
            yield from _is_number(term, expr)
        case Best(_, cond, keys) | Sorted(_, cond, keys):
            yield from _is(cond, Bool(), expr)
            for key in keys:
                yield from _is_number(key, expr)
        case _:
            assert_never(expr)


def _basic_complaints(expr: Not | And | Or | Ite | Eq | Lt | Le | Arith) -> Iterator[str]:
    match expr:
        case Not(arg):
            yield from _is(arg, Bool(), expr)
        case And(args) | Or(args):
            for arg in args:
                yield from _is(arg, Bool(), expr)
        case Ite(cond, then, other):
            yield from _is(cond, Bool(), expr)
            yield from _joins(sort_of(then), sort_of(other), expr)
        case Eq(left, right):
            yield from _joins(sort_of(left), sort_of(right), expr)
        case Lt(left, right) | Le(left, right) | Arith(_, left, right):
            # That a divisor is positive is found by `sort_of`.
            yield from _is_number(left, expr)
            yield from _is_number(right, expr)
        case _:
            assert_never(expr)


def _record_complaints(expr: MakeRecord | GetField | WithField) -> Iterator[str]:
    match expr:
        case MakeRecord(sort, args):
            if len(args) != len(sort.fields):
                yield f"{len(args)} values for {len(sort.fields)} fields in {expr}"
                return
            for (_, of), arg in zip(sort.fields, args, strict=True):
                yield from _is(arg, of, expr)
        case GetField(arg, name):
            record(sort_of(arg), expr).field(name)
        case WithField(arg, name, value):
            yield from _is(value, record(sort_of(arg), expr).field(name), expr)
        case _:
            assert_never(expr)


def _set_complaints(expr: MakeSet | Contains | SetOp | Subset) -> Iterator[str]:
    match expr:
        case MakeSet(of, args):
            for arg in args:
                yield from _is(arg, of, expr)
        case Contains(arg, elem):
            whole = sort_of(arg)
            if isinstance(whole, Set):
                yield from _joins(whole.of, sort_of(elem), expr)
            else:
                yield f"a set is wanted, not {whole}, in {expr}"
        case SetOp(_, left, right) | Subset(left, right):
            sorts = sort_of(left), sort_of(right)
            if all(isinstance(sort, Set) for sort in sorts):
                yield from _joins(*sorts, expr)
            else:
                yield f"two sets are wanted, not {sorts}, in {expr}"
        case _:
            assert_never(expr)


def _map_complaints(expr: Get | Put) -> Iterator[str]:
    whole = mapping(sort_of(expr.arg), expr)
    yield from _is(expr.key, whole.key, expr)
    if isinstance(expr, Put):
        yield from _is(expr.value, whole.value, expr)


def _sequence_complaints(expr: MakeSeq | Len | At | Concat | Fold) -> Iterator[str]:
    match expr:
        case MakeSeq(of, args):
            for arg in args:
                yield from _is(arg, of, expr)
        case Len(arg):
            sequence(sort_of(arg), expr)
        case At(arg, index, default):
            yield from _is_number(index, expr)
            yield from _joins(sequence(sort_of(arg), expr).of, sort_of(default), expr)
        case Concat():
            sort_of(expr)
        case Fold():
            yield from _fold_complaints(expr)
        case _:
            assert_never(expr)


def _fold_complaints(expr: Fold) -> Iterator[str]:
    """The accumulator's sort must hold what it is after each of at most `cap` elements."""
    if expr.acc.name == expr.elem:
        yield f"{expr.elem} is both accumulator and element in {expr}"
    shape = sequence(sort_of(expr.seq), expr)
    sort = sort_of(expr.init)
    for _ in range(shape.cap):
        body = narrowed(expr.body, {expr.acc.name: sort, expr.elem: shape.of})
        wider = join(sort, sort_of(body))
        if wider is None:
            yield f"the accumulator is {sort}, then {sort_of(body)}, in {expr}"
            return
        if wider == sort:
            break
        sort = wider
    if not fits(sort, expr.acc.sort):
        yield f"the accumulator takes values of {sort} in {expr}"


def narrowed(expr: Expr, known: Mapping[str, Sort]) -> Expr:
    """The expression with other sorts for free names, and for `Let`s that depend on them."""
    if isinstance(expr, Local):
        return Local(expr.name, known.get(expr.name, expr.sort))
    if isinstance(expr, Let):
        value = narrowed(expr.value, known)
        return Let(expr.name, value, narrowed(expr.body, {**known, expr.name: sort_of(value)}))
    hidden = {name: sort for name, sort in known.items() if name not in bound_names(expr)}
    new = (narrowed(part.expr, hidden if part.is_inside else known) for part in parts(expr))
    return rebuild(expr, tuple(new))


def _is(arg: Expr, wanted: Sort, where: Expr) -> Iterator[str]:
    if not fits(sort_of(arg), wanted):
        yield f"{sort_of(arg)} does not fit {wanted} in {where}"


def _is_number(arg: Expr, where: Expr) -> Iterator[str]:
    if not isinstance(sort_of(arg), Int):
        yield f"an integer is wanted, not {sort_of(arg)}, in {where}"


def _joins(a: Sort, b: Sort, where: Expr) -> Iterator[str]:
    if join(a, b) is None:
        yield f"{a} and {b} have no common sort in {where}"
