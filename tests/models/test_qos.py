"""Laws of quality of service and of scores, and what is believed of them."""

from __future__ import annotations

import pytest

from tests.models.verdicts import verdicts

FILE = "properties/qos.kspec"
TRUE = (
    "order_of_containers guaranteed_is_full best_effort_says_nothing never_falls_to_the_last"
    " init_containers_count scores_between asking_never_hurts"
)
BELIEVED = "limits_alone_are_burstable zero_is_nothing init_containers_are_gone asking_helps"


@pytest.mark.slow
def test_laws_and_beliefs() -> None:
    lines = [" ".join(line.split()[:3]) for line in verdicts(FILE)]
    holds = [f"classes {name} HOLDS" for name in TRUE.split()]
    assert lines == holds + [f"classes {name} VIOLATED" for name in BELIEVED.split()]
