"""The words of `--reduction`."""

from __future__ import annotations

from typing import Final, final

import click

from kspec.driver.searching.reduce import ALL, NONE, Reductions

WORDS: Final = {
    "all": ALL,
    "symmetry": Reductions(symmetry=True),
    "slicing": Reductions(slicing=True),
    "partial-order": Reductions(partial_order=True),
    "none": NONE,
}


@final
class Wanted(click.ParamType[Reductions]):
    """`all`, `none`, or names with commas between them."""

    name = "what"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Reductions:
        """The reductions that are named."""
        if isinstance(value, Reductions):
            return value
        names = [name.strip() for name in str(value).split(",")]
        for name in names:
            if name not in WORDS:
                self.fail(f"{name!r} is none of {', '.join(map(repr, WORDS))}.", param, ctx)
        found = [WORDS[name] for name in names]
        return Reductions(
            slicing=any(of.slicing for of in found),
            symmetry=any(of.symmetry for of in found),
            partial_order=any(of.partial_order for of in found),
        )


__all__ = ["WORDS", "Wanted"]
