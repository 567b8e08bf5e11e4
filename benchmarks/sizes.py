"""What is measured: models, sizes, and the numbers of states on which all tools must agree."""

from __future__ import annotations

from typing import Final, final

from attrs import frozen


@final
@frozen
class Size:
    """One model at one size; `states` is what every tool must count.

    `scenario` is its name in `models/`, `values` what is put into the peers' models.
    """

    model: str
    scenario: str
    values: tuple[tuple[str, int], ...]
    states: int

    @property
    def parameters(self) -> str:
        """For people and for JSON."""
        return " ".join(f"{name}={value}" for name, value in self.values)


def _m1(n: int, states: int) -> Size:
    return Size("m1", f"n{n}", (("N", n),), states)


def _m2(p: int, n: int, c: int, r: int, k: int, states: int) -> Size:
    values = (("P", p), ("N", n), ("C", c), ("R", r), ("K", k))
    return Size("m2", f"p{p}n{n}c{c}r{r}k{k}", values, states)


SIZES: Final = (
    Size("m0", "", (), 2),
    _m1(5, 8_832),
    _m1(8, 1_745_408),
    _m1(9, 10_340_352),
    _m2(3, 2, 2, 2, 1, 5_676),
    _m2(3, 3, 2, 2, 1, 21_304),
    _m2(4, 3, 2, 3, 1, 276_872),
    _m2(4, 4, 2, 3, 1, 981_720),
    _m2(5, 3, 2, 2, 1, 2_877_232),
    _m2(6, 2, 3, 4, 1, 5_094_210),
    _m2(5, 3, 2, 3, 2, 5_826_926),
    _m2(6, 2, 4, 4, 2, 7_710_280),
)
MODEST: Final = 6_000_000
"""Larger ones only with `--full`."""
PATIENT: Final = 2_000_000
"""States up to which every tool is run, without `--full`."""
