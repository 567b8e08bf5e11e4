"""The demo: what one learns from it, and what it costs."""

from __future__ import annotations

import pytest

from tests.models.verdicts import unmet, verdicts

FILE = "models/demo.kspec"
DEMO = """
remembers never_overshoots HOLDS 298 11
remembers capacity HOLDS 298 11
remembers bound_for_life HOLDS 298 11
remembers reaches_replicas REACHED 9
believes never_overshoots VIOLATED 5
"""


@pytest.mark.slow
def test_memory_keeps_a_stale_cache_harmless() -> None:
    assert verdicts(FILE) == DEMO.split("\n")[1:-1]
    assert unmet(FILE) == []
