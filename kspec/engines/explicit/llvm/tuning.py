"""How much code is traded for speed. No choice here may change an answer.

`DEFAULT` is what is used; `LOOPS` never unrolls and always branches, and is there so that tests
reach the code that only large systems need. The numbers count estimated instructions
(`nodes.Node.work`) unless they say otherwise.
"""

from __future__ import annotations

from typing import final

from kspec.base.record import frozen


@final
@frozen
class Tuning:
    """Thresholds.

    `unroll_work`, `unroll_count`: a binder is unrolled if all its rounds are at most so much
    work and so many. `unroll_parts`: the same for the parts of one value, in rounds.
    `branch_work`: what is only wanted sometimes and is at least so much work is branched around.
    `unroll_code`: the loops over parameters of one action are unrolled up to so much code.
    `skip_code`: a guard is tested with a branch before so much code. `straight_code`: an update
    of at most so much work is computed without a branch.

    `together`: levels of so many states wake all workers. `lines`: log2 of the lines of the first
    table, at least 1. `quantum`: states of the first piece of work. `block`: rows that a worker
    stores before it asks for more room. `indexed`: slots of the table are indices of rows also
    where a slot could tell its state, so that a look-up finds the index.
    """

    unroll_work: int = 200
    unroll_count: int = 64
    unroll_parts: int = 16
    branch_work: int = 150
    unroll_code: int = 600
    skip_code: int = 200
    straight_code: int = 60
    together: int = 1 << 12
    lines: int = 8
    quantum: int = 1 << 12
    block: int = 1 << 10
    indexed: bool = False


DEFAULT = Tuning()
LOOPS = Tuning(0, 0, 0, 0, 0, 0, 0)
CROWDED = Tuning(together=1, lines=1, quantum=50, block=3)
"""All workers in every level, a few states at a time, and a table that grows all the time."""
