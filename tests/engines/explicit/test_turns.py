"""Workers that take turns: each has its part of every piece of a level, whatever the clock says.

Threads of a small search seldom meet: the first has done everything before the second is awake.
Here each is given its part by hand, one after the other, so that every piece leaves holes, and
several workers see the same for the first time.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from attrs import evolve

from kspec.engines.conformance import seeded_question
from kspec.engines.explicit import frame as f
from kspec.engines.explicit.engine import Explicit
from kspec.engines.explicit.llvm.tuning import CROWDED
from kspec.engines.explicit.workers import Workers
from kspec.engines.reference import Reference

PIECES = evolve(CROWDED, quantum=7)
ENGINES = {
    "exact": Explicit(0, PIECES, workers=3),
    "indexed": Explicit(0, evolve(PIECES, indexed=True), workers=3),
}


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """From now on workers take turns; how many had something to do each time."""
    spread = Workers.spread
    parts: list[tuple[int, int]] = []
    busy: list[int] = []

    def one_by_one(self: Workers, name: str, pieces: Sequence[tuple[int, ...]]) -> list[int]:
        if name != "advance" or len(pieces) == 1:
            return spread(self, name, pieces)
        low, high = self.shared(f.NEXT_CHUNK), self.shared(f.LAST_CHUNK)
        if low < high:
            parts[:] = self.split(low, high)
            busy.append(sum(a < b for a, b in parts))
        given = []
        for n, worker in enumerate(self.all):
            self.set_shared(f.NEXT_CHUNK, parts[n][0])
            self.set_shared(f.LAST_CHUNK, parts[n][1])
            given.append(self._functions[name](worker.context) or 0)
            parts[n] = (min(parts[n][1], self.shared(f.NEXT_CHUNK)), parts[n][1])
        self.set_shared(f.NEXT_CHUNK, high)
        self.set_shared(f.LAST_CHUNK, high)
        return given

    monkeypatch.setattr(Workers, "spread", one_by_one)
    return busy


@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)
def test_what_is_found_is_what_one_finds(engine: Explicit, turns: list[int]) -> None:
    for seed in range(300, 320):
        question = seeded_question(seed)
        system, names, budget = question.system, question.properties, question.budget
        run = engine.run(system, names, budget, lambda _: None)
        assert run.exploration == Reference().explore(system, names, budget, lambda _: None), seed
        rows = [run.search.row(place) for place in range(run.search.stored)]
        for place, row in enumerate(rows):
            wanted = place + 1 if engine.tuning.indexed else 1
            assert run.search.storage.find(row) == wanted, seed
    assert turns.count(3) >= 10
