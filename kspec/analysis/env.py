"""What is in scope where an expression stands."""

from __future__ import annotations

from typing import final

from attrs import evolve, field

from kspec.analysis.types import IntT, KindT, Type
from kspec.base.record import frozen


@final
@frozen
class Env:
    """Bound names, and where we are.

    `self_type` is the kind or record whose fields may be named bare (`valid`, `watches … where`).
    `component` is the controller or environment we are in, `watched` the kinds it sees through a
    view. `two_state` is true in occurrence properties, where `before` may stand. `temporal` is
    true where claims over time may stand. `free` is true in `do`, where choices may be made.
    """

    names: dict[str, Type] = field(factory=dict)
    self_type: Type | None = None
    component: str | None = None
    watched: frozenset[str] = frozenset()
    two_state: bool = False
    temporal: bool = False
    free: bool = False

    def bind(self, name: str, type_: Type) -> Env:
        """With one more name. Nobody checks that its value keeps within a range: it has none."""
        return self.bind_exact(name, IntT() if isinstance(type_, IntT) else type_)

    def bind_exact(self, name: str, type_: Type) -> Env:
        """With one more name, whose value is certain to be of the type, ranges and all."""
        return evolve(self, names={**self.names, name: type_})

    def with_self(self, type_: Type) -> Env:
        """With the fields of an object in scope by name; the object itself is `self`."""
        return evolve(self, names={**self.names, "self": type_}, self_type=type_)

    def closed(self) -> Env:
        """Where no claim over time may stand."""
        return evolve(self, temporal=False)


def live(kind: str) -> KindT:
    """The type of a bound object that is known to exist."""
    return KindT(kind, True)
