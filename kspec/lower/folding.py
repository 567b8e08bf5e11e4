"""`fold q in list from init as acc | body`: along the places of the list, one after the other.

The accumulator is taken apart and each part gets a name at every place, so that nothing is computed
twice. Next: `binding` for the other forms that bind names.
"""

from __future__ import annotations

from kspec.analysis.typed import TFold
from kspec.lower.codec import choose
from kspec.lower.context import Frame, Lowering, shared
from kspec.lower.operations import items_of
from kspec.lower.symbolic import Sym


def lower_fold(low: Lowering, frame: Frame, expr: TFold) -> Sym:
    """The accumulator after the last element."""
    from kspec.lower.expr import lower

    source = lower(low, frame, expr.source)
    result = lower(low, frame, expr.init)
    for cond, item in items_of(low, expr.source.type, source):
        elem = shared(low, frame, expr.elem, item)
        inner = frame.bind(**{expr.acc: result, expr.elem: elem})
        after = lower(low, inner, expr.body)
        result = shared(low, frame, expr.acc, choose(low.shapes, expr.type, cond, after, result))
    return result
