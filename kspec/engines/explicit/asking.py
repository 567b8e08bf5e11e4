"""Questions about states that a finished search has stored: which formulas are ever true.

Code for the questions alone is run over the rows. Most are answered by the first rows, and the
rest is only asked what is still open. Next: `program`, where the code is made.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Final

from kspec.engines.explicit import frame as f
from kspec.engines.explicit.llvm.codes import Codes
from kspec.engines.explicit.plan import plan
from kspec.engines.explicit.program import look_module
from kspec.engines.explicit.search import Search
from kspec.ir.expr import Expr
from kspec.ir.system import Property, Reachable

FIRST: Final = 1 << 10
"""Rows that are asked everything."""
AT_ONCE: Final = 1 << 14
"""Rows between two moments in which somebody may stop it."""
QUICK: Final = 0


def ever(
    search: Search, total: int, bodies: tuple[Expr, ...], is_stopped: Callable[[], bool]
) -> tuple[bool, ...] | None:
    """Of each formula, is it true in one of the first `total` stored states? None if it was
    stopped, or if states lie in files, where this does not look."""
    if search.storage.spilled:
        return None
    found = [False] * len(bodies)
    for low, high in ((0, min(FIRST, total)), (min(FIRST, total), total)):
        left = [k for k, yes in enumerate(found) if not yes]
        if not left or low == high:
            continue
        answers = _look(search, (low, high), tuple(bodies[k] for k in left), is_stopped)
        if answers is None:
            return None
        for k, yes in zip(left, answers, strict=True):
            found[k] = yes
    return tuple(found)


def _look(
    search: Search, rows: tuple[int, int], bodies: tuple[Expr, ...], is_stopped: Callable[[], bool]
) -> tuple[bool, ...] | None:
    asked = tuple(Property(f"${k}", Reachable(body)) for k, body in enumerate(bodies))
    program = plan(search.program.system, asked, search.program.tuning)
    code = Codes().make(look_module(program), QUICK)
    look = code.function("look", 3)
    frame = (ctypes.c_uint64 * program.frame.size())()
    frame[f.STORE] = search.word(f.STORE)
    for low in range(*rows, AT_ONCE):
        if is_stopped():
            return None
        look(ctypes.addressof(frame), low, min(low + AT_ONCE, rows[1]))
    return tuple(bool(frame[program.frame.mark(k)]) for k in range(len(bodies)))


__all__ = ["ever"]
