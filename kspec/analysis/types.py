"""The types of the language. They are wider than sorts: see rule 17.

A range keeps its bounds as expressions, since they may mention `param`s that a scenario sets;
two ranges are always compatible. Bounds are checked when a scope is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, final

from kspec.base.record import frozen

if TYPE_CHECKING:
    from kspec.analysis.typed import TExpr


@final
@frozen
class BoolT:
    """`bool`"""


@final
@frozen
class IntT:
    """Integers; `bounds` is None for `int`, else inclusive bounds.

    Bounds do not take part in equality: values flow between ranges freely.
    """

    bounds: Bounds | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IntT)

    def __hash__(self) -> int:
        return hash(IntT)


@final
@frozen
class Bounds:
    """`lo..hi`"""

    lo: TExpr
    hi: TExpr


@final
@frozen
class RationalT:
    """Exact fractions; the pure layer only."""


@final
@frozen
class NameT:
    """Text; in a state an index into the scope's universe."""


@final
@frozen
class UnitT:
    """A quantity with a unit: cpu, memory, duration, percent, or `quantity` for any resource.

    Values are exact fractions of cores, bytes, seconds, ones.
    """

    unit: str


@final
@frozen
class EnumT:
    """An enumeration."""

    name: str
    cases: tuple[str, ...]


@final
@frozen
class KindT:
    """A reference to an identity. `live` is true of parameters and quantified variables, whose
    object is known to exist where they are read."""

    name: str
    live: bool = False


@final
@frozen
class ObjectT:
    """A reference to an identity of any kind of the scope."""


@final
@frozen
class KeyT:
    """A reference by name: whoever bears it now."""

    kind: str


@final
@frozen
class OptT:
    """A value or nothing; never nested by the language itself."""

    of: Type


@final
@frozen
class RecordT:
    """A record, by name."""

    name: str


@final
@frozen
class SetT:
    """A finite set."""

    of: Type


@final
@frozen
class ListT:
    """An ordered list; `most` bounds its length where it is stored."""

    of: Type
    most: int | None = None


@final
@frozen
class MapT:
    """A map. Total: a value at every key. Partial: `m[k]` is an option."""

    key: Type
    value: Type
    total: bool


@final
@frozen
class TupleT:
    """A tuple, compared lexicographically."""

    parts: tuple[Type, ...]


@final
@frozen
class TimerT:
    """Off, or so many ticks from due; due at zero and until used."""


@final
@frozen
class JsonT:
    """A document; takes the type its position asks for."""


@final
@frozen
class NothingT:
    """The type of `none`, `{}` and `[]` before their position is known."""

    what: str  # "none", "{}" or "[]"


@final
@frozen
class TemporalT:
    """A formula over runs: not a value."""


Type: TypeAlias = (
    "BoolT | IntT | RationalT | NameT | UnitT | EnumT | KindT | ObjectT | KeyT | OptT | RecordT"
    " | SetT | ListT | MapT | TupleT | TimerT | JsonT | NothingT | TemporalT"
)
