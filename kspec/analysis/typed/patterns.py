"""Patterns of `match`. Next: `worlds`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, final

from kspec.analysis.types import Type
from kspec.base.node import Node
from kspec.base.record import frozen

if TYPE_CHECKING:
    from kspec.analysis.typed.expressions import TExpr


@final
@frozen(eq=False, repr=False)
class PAny(Node):
    """`_`"""


@final
@frozen(eq=False, repr=False)
class PBind(Node):
    """A name; matches anything (of an option: its content, never `none`)."""

    name: str
    type: Type


@final
@frozen(eq=False, repr=False)
class PLit(Node):
    """A literal of the type matched (of an option: its content)."""

    value: TExpr


@final
@frozen(eq=False, repr=False)
class PNone(Node):
    """`none`"""


@final
@frozen(eq=False, repr=False)
class PTemplate(Node):
    """Text with holes, `"{a}/{b}"`: a hole takes the shortest text up to the next literal; the
    last one the rest. `parts` alternate literal text and hole names (`_` binds nothing)."""

    parts: tuple[tuple[str, str], ...]  # ("text", literal) or ("hole", name)


@final
@frozen(eq=False, repr=False)
class PList(Node):
    """A list of exactly these elements."""

    items: tuple[Pattern, ...]


Pattern: TypeAlias = PAny | PBind | PLit | PNone | PTemplate | PList
