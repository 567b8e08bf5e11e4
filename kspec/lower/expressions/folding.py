"""`fold q in list from init as acc | body`: along a list, with what was found so far carried on.

Along a list that is stored or sorted it is a `Fold` of the IR; along one that is written out it is
written out too, so that what is known of the elements is used. Next: `binding`.
"""

from __future__ import annotations

from kspec.analysis.typed import TFold
from kspec.analysis.types import ListT
from kspec.ir.build import clamp
from kspec.ir.expr import Binder, Expr, Fold, Ite, Let, Local, MakeRecord, Some, sort_of
from kspec.ir.sorts import Int, Opt, Record, Seq, Sort, cardinality, fits
from kspec.lower.context import Frame, Lowering, named, shared
from kspec.lower.expressions.gathered import items_of
from kspec.lower.values.choice import choose
from kspec.lower.values.codec import decode, encode, occurring
from kspec.lower.values.convert import converted
from kspec.lower.values.shapes import CannotStore, meet
from kspec.lower.values.smart import field, ite
from kspec.lower.values.symbolic import Sym, Whole


def lower_fold(low: Lowering, frame: Frame, expr: TFold) -> Sym:
    """The accumulator after the last element."""
    from kspec.lower.expressions.expr import lower

    source = lower(low, frame, expr.source)
    if isinstance(source, Whole):
        shape = sort_of(source.expr)
        assert isinstance(shape, Seq)
        if shape.cap > 1 and cardinality(shape.of):
            found = _as_node(low, frame, expr, source.expr, shape)
            if found is not None:
                return found
    result = lower(low, frame, expr.init)
    for cond, item in items_of(low, expr.source.type, source):
        elem = shared(low, frame, expr.elem, item)
        inner = frame.bind(**{expr.acc: result, expr.elem: elem})
        after = lower(low, inner, expr.body)
        result = shared(low, frame, expr.acc, choose(low.shapes, expr.type, cond, after, result))
    return result


def _as_node(low: Lowering, frame: Frame, expr: TFold, seq: Expr, shape: Seq) -> Sym | None:
    """A `Fold`; None if no sort holds the accumulator."""
    from kspec.lower.expressions.expr import lower

    init = lower(low, frame, expr.init)
    acc_name, elem_name = low.fresh(expr.acc), low.fresh(expr.elem)
    try:
        start = encode(low.shapes, expr.type, init, occurring(low.shapes, expr.type, init))
        sort: Sort = sort_of(start)
        for _ in range(shape.cap):
            _, wider = _once(low, frame, expr, (acc_name, sort), (elem_name, shape.of))
            if wider == sort:
                break
            sort = wider
        body, _ = _once(low, frame, expr, (acc_name, sort), (elem_name, shape.of))
        # After `cap` elements nothing is outside the sort; the body alone does not show it.
        body, start = held(body, sort), converted(start, sort)
    except CannotStore:
        return None
    whole = Fold(Binder(acc_name, sort), start, elem_name, seq, body)
    return decode(low.shapes, expr.type, named(low, frame, expr.acc, whole))


def held(expr: Expr, sort: Sort) -> Expr:
    """The expression with its numbers kept in the ranges of a sort, which they never leave."""
    have = sort_of(expr)
    if fits(have, sort):
        return expr
    match expr, have, sort:
        case _, Int(), Int(lo, hi):
            return clamp(expr, lo, hi)
        case Let(name, value, body), _, _:
            return Let(name, value, held(body, sort))
        case Ite(cond, then, other), _, _:
            return ite(cond, held(then, sort), held(other, sort))
        case Some(arg), Opt(), Opt(of):
            return Some(held(arg, of))
        case MakeRecord(_, args), Record(), Record(_, fields):
            kept = tuple(held(a, s) for a, (_, s) in zip(args, fields, strict=True))
            return MakeRecord(sort, kept)
        case _, Record(), Record(_, fields):
            return MakeRecord(sort, tuple(held(field(expr, n), s) for n, s in fields))
        case _:
            raise CannotStore("what is carried along the list grows with it")


def _once(
    low: Lowering, frame: Frame, expr: TFold, acc: tuple[str, Sort], elem: tuple[str, Sort]
) -> tuple[Expr, Sort]:
    """The body over an accumulator of a sort, and the sort of both."""
    from kspec.lower.expressions.expr import lower

    assert isinstance(expr.source.type, ListT)
    inner = frame.inner()
    so_far = decode(low.shapes, expr.type, Local(*acc))
    item = decode(low.shapes, expr.source.type.of, Local(*elem))
    after = lower(low, inner.bind(**{expr.acc: so_far, expr.elem: item}), expr.body)
    wider = meet(acc[1], occurring(low.shapes, expr.type, after))
    body = inner.sink.close(encode(low.shapes, expr.type, after, wider))
    return body, meet(wider, sort_of(body))
