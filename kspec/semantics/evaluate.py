"""Trusted: the value of an expression.

One closed union, one meaning a node, as the docstrings of `kspec.ir.expr` give it (rules 6, 7, 17).
Nothing is optimised, nothing is cached, and no expression is partial: what raises here is a
mistake in kspec (`IllSorted`), never a property of a model. Cases that come often stand first.
Next: `step`, which makes steps of values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias, assert_never, final

from kspec.base.record import frozen
from kspec.ir.expr import (
    Agg,
    AggKind,
    And,
    Arith,
    ArithOp,
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
    QuantKind,
    Ref,
    SetOf,
    SetOp,
    SetOpKind,
    Some,
    Sorted,
    Subset,
    WithField,
    mapping,
    record,
    sort_of,
)
from kspec.ir.sorts import Sort, Value, contains, index_of, values


@final
@frozen
class Env:
    """What names stand for: constants and state, the state before the step if there is one,
    and bound names."""

    present: Mapping[str, Value]
    before: Mapping[str, Value] | None
    bound: Mapping[str, Value]

    def bind(self, name: str, value: Value) -> Env:
        """This environment with one bound name more; an inner name hides an outer one."""
        return Env(self.present, self.before, {**self.bound, name: value})


_Logic: TypeAlias = "Not | And | Or | Ite | Eq | Quant"
_Number: TypeAlias = "Lt | Le | Arith | Count | Agg"
_Choice: TypeAlias = "Some | IsSome | OrElse | First | Best"
_Product: TypeAlias = "MakeRecord | GetField | WithField | MakeMap | Get | Put"
_SetExpr: TypeAlias = "MakeSet | Contains | SetOp | Subset | SetOf"
_SeqExpr: TypeAlias = "MakeSeq | Len | At | Concat | Sorted | Fold"


def evaluate(expr: Expr, env: Env) -> Value:
    """The value of an expression whose free names are all in `env`."""
    match expr:
        case Local():
            return env.bound[expr.name]
        case Ref():
            return env.present[expr.name]
        case Lit():
            return expr.value
        case Old():
            return _old(expr, env)
        case Let(name, value, body):
            return evaluate(body, env.bind(name, evaluate(value, env)))
        case Get() | GetField() | WithField() | MakeRecord() | MakeMap() | Put():
            return _product(expr, env)
        case Not() | And() | Or() | Ite() | Eq() | Quant():
            return _logic(expr, env)
        case Lt() | Le() | Arith() | Count() | Agg():
            return _number(expr, env)
        case Some() | IsSome() | OrElse() | First() | Best():
            return _choice(expr, env)
        case MakeSet() | Contains() | SetOp() | Subset() | SetOf():
            return _set(expr, env)
        case MakeSeq() | Len() | At() | Concat() | Sorted() | Fold():
            return _sequence(expr, env)
        case _:
            assert_never(expr)


def truth(expr: Expr, env: Env) -> bool:
    """The value of an expression of sort `Bool`."""
    value = evaluate(expr, env)
    if not isinstance(value, bool):
        raise IllSorted(f"a truth value is wanted, not {value!r}, from {expr}")
    return value


def number(expr: Expr, env: Env) -> int:
    """The value of an expression of an integer sort."""
    value = evaluate(expr, env)
    if not isinstance(value, int) or isinstance(value, bool):
        raise IllSorted(f"an integer is wanted, not {value!r}, from {expr}")
    return value


def parts(expr: Expr, env: Env) -> tuple[Value, ...]:
    """The value of an expression of a record, map, sequence or (held) option sort."""
    value = evaluate(expr, env)
    if not isinstance(value, tuple):
        raise IllSorted(f"a compound value is wanted, not {value!r}, from {expr}")
    return value


def elements(expr: Expr, env: Env) -> frozenset[Value]:
    """The value of an expression of a set sort."""
    value = evaluate(expr, env)
    if not isinstance(value, frozenset):
        raise IllSorted(f"a set is wanted, not {value!r}, from {expr}")
    return value


def place_of(sort: Sort, key: Value) -> int:
    """Where a key stands in the order of its sort; `IllSorted` if it is not of the sort."""
    if not contains(sort, key):
        raise IllSorted(f"{key!r} is no key of sort {sort}")
    return index_of(sort, key)


def replaced(whole: tuple[Value, ...], place: int, value: Value) -> tuple[Value, ...]:
    """A compound value with the part at one place replaced."""
    return (*whole[:place], value, *whole[place + 1 :])


def _old(expr: Old, env: Env) -> Value:
    if env.before is None:
        raise IllSorted(f"there is no state before this one to read {expr.name} in")
    return env.before[expr.name]


def _logic(expr: _Logic, env: Env) -> Value:
    match expr:
        case Eq(left, right):
            return evaluate(left, env) == evaluate(right, env)
        case And(args):
            return all(truth(arg, env) for arg in args)
        case Not(arg):
            return not truth(arg, env)
        case Or(args):
            return any(truth(arg, env) for arg in args)
        case Ite(cond, then, other):
            return evaluate(then if truth(cond, env) else other, env)
        case Quant(kind, binder, body):
            found = [truth(body, env.bind(binder.name, v)) for v in values(binder.sort)]
            return all(found) if kind is QuantKind.ALL else any(found)
        case _:
            assert_never(expr)


def _number(expr: _Number, env: Env) -> Value:
    match expr:
        case Lt(left, right):
            return number(left, env) < number(right, env)
        case Le(left, right):
            return number(left, env) <= number(right, env)
        case Arith(op, left, right):
            return arithmetic(op, number(left, env), number(right, env))
        case Count(binder, cond):
            return len(list(_satisfying(binder, cond, env)))
        case Agg(kind, binder, cond, term):
            inner = [env.bind(binder.name, v) for v in _satisfying(binder, cond, env)]
            return aggregate(kind, [number(term, e) for e in inner])
        case _:
            assert_never(expr)


def arithmetic(op: ArithOp, a: int, b: int) -> int:
    """An exact operation; `DIV` rounds towards minus infinity and `MOD` is what it leaves."""
    match op:
        case ArithOp.ADD:
            return a + b
        case ArithOp.SUB:
            return a - b
        case ArithOp.MUL:
            return a * b
        case ArithOp.DIV:
            return a // _positive(b)
        case ArithOp.MOD:
            return a % _positive(b)
        case ArithOp.MIN:
            return min(a, b)
        case ArithOp.MAX:
            return max(a, b)
        case _:
            assert_never(op)


def aggregate(kind: AggKind, terms: list[int]) -> Value:
    """A sum, or the least or greatest term as an option."""
    match kind:
        case AggKind.SUM:
            return sum(terms)
        case AggKind.MIN:
            return (min(terms),) if terms else None
        case AggKind.MAX:
            return (max(terms),) if terms else None
        case _:
            assert_never(kind)


def _choice(expr: _Choice, env: Env) -> Value:
    match expr:
        case Some(arg):
            return (evaluate(arg, env),)
        case IsSome(arg):
            return evaluate(arg, env) is not None
        case OrElse(arg, default):
            if evaluate(arg, env) is None:
                return evaluate(default, env)
            (inner,) = parts(arg, env)
            return inner
        case First(binder, cond):
            for value in _satisfying(binder, cond, env):
                return (value,)
            return None
        case Best(binder, cond, keys):
            ranked = _ranked(binder, cond, keys, env)
            least = [value for key, value in ranked if key == min(k for k, _ in ranked)]
            return (least[0],) if len(least) == 1 else None
        case _:
            assert_never(expr)


def _product(expr: _Product, env: Env) -> Value:
    match expr:
        case Get(arg, key):
            return parts(arg, env)[_place(arg, key, env)]
        case MakeRecord(_, args):
            return tuple(evaluate(arg, env) for arg in args)
        case GetField(arg, name):
            return parts(arg, env)[record(sort_of(arg), expr).position(name)]
        case WithField(arg, name, value):
            place = record(sort_of(arg), expr).position(name)
            return replaced(parts(arg, env), place, evaluate(value, env))
        case MakeMap(binder, body):
            inner = [env.bind(binder.name, v) for v in values(binder.sort)]
            return tuple(evaluate(body, e) for e in inner)
        case Put(arg, key, value):
            return replaced(parts(arg, env), _place(arg, key, env), evaluate(value, env))
        case _:
            assert_never(expr)


def _set(expr: _SetExpr, env: Env) -> Value:
    match expr:
        case MakeSet(_, args):
            return frozenset(evaluate(arg, env) for arg in args)
        case Contains(arg, elem):
            return evaluate(elem, env) in elements(arg, env)
        case SetOp(op, left, right):
            return _set_operation(op, elements(left, env), elements(right, env))
        case Subset(left, right):
            return elements(left, env) <= elements(right, env)
        case SetOf(binder, cond):
            return frozenset(_satisfying(binder, cond, env))
        case _:
            assert_never(expr)


def _set_operation(
    op: SetOpKind, left: frozenset[Value], right: frozenset[Value]
) -> frozenset[Value]:
    match op:
        case SetOpKind.UNION:
            return left | right
        case SetOpKind.INTER:
            return left & right
        case SetOpKind.MINUS:
            return left - right
        case _:
            assert_never(op)


def _sequence(expr: _SeqExpr, env: Env) -> Value:
    match expr:
        case MakeSeq(_, args):
            return tuple(evaluate(arg, env) for arg in args)
        case Len(arg):
            return len(parts(arg, env))
        case At(arg, index, default):
            items, place = parts(arg, env), number(index, env)
            return items[place] if 0 <= place < len(items) else evaluate(default, env)
        case Concat(left, right):
            return parts(left, env) + parts(right, env)
        case Sorted(binder, cond, keys):
            # `sorted` keeps the sort's order between equal keys.
            ranked = sorted(_ranked(binder, cond, keys, env), key=lambda pair: pair[0])
            return tuple(value for _, value in ranked)
        case Fold(acc, init, elem, seq, body):
            total = evaluate(init, env)
            for item in parts(seq, env):
                total = evaluate(body, env.bind(acc.name, total).bind(elem, item))
            return total
        case _:
            assert_never(expr)


def _satisfying(binder: Binder, cond: Expr, env: Env) -> Iterator[Value]:
    for value in values(binder.sort):
        if truth(cond, env.bind(binder.name, value)):
            yield value


def _ranked(
    binder: Binder, cond: Expr, keys: tuple[Expr, ...], env: Env
) -> list[tuple[tuple[int, ...], Value]]:
    chosen = list(_satisfying(binder, cond, env))
    inner = [env.bind(binder.name, value) for value in chosen]
    return [
        (tuple(number(key, e) for key in keys), value)
        for e, value in zip(inner, chosen, strict=True)
    ]


def _place(arg: Expr, key: Expr, env: Env) -> int:
    return place_of(mapping(sort_of(arg), arg).key, evaluate(key, env))


def _positive(divisor: int) -> int:
    if divisor < 1:
        raise IllSorted(f"the divisor is {divisor}")
    return divisor
