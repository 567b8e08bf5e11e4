"""What a lemma says of its objects before it says anything else: that they are different, and which
of them have one name. Next: `plain`.
"""

from __future__ import annotations

from itertools import combinations
from typing import TypeAlias, final

from kspec.base.record import frozen
from kspec.ir.build import disj
from kspec.ir.expr import Binder, Eq, Expr, Get, Local, Not, Or, Ref
from kspec.report.values import Lens


@final
@frozen
class Named:
    """Objects that have one name; `label` is what the field is called."""

    label: str
    objects: tuple[str, ...]


Without: TypeAlias = "tuple[Expr, tuple[Named, ...], bool]"
"""What is left of a clause, what has one name, and whether objects of a kind are different."""


@final
class Links:
    """The objects of one lemma."""

    def __init__(self, lens: Lens, binders: tuple[Binder, ...]) -> None:
        self.keys = lens.keys
        self.binders = binders

    def without(self, body: Expr) -> Without:
        """A clause without such conditions, where all of them are of that kind."""
        if not isinstance(body, Or):
            return body, (), False
        parts = list(body.args)
        apart = [Eq(Local(a.name, a.sort), Local(b.name, b.sort)) for a, b in self._pairs()]
        different = bool(apart) and all(one in parts or _turned(one) in parts for one in apart)
        if different:
            parts = [p for p in parts if p not in apart and _turned(p) not in apart]
        pairs = [(part, pair) for part in parts if (pair := self._alike(part)) is not None]
        parts = [part for part in parts if part not in [one for one, _ in pairs]]
        return disj(parts), self._groups([pair for _, pair in pairs]), different

    def _pairs(self) -> list[tuple[Binder, Binder]]:
        return [(a, b) for a, b in combinations(self.binders, 2) if a.sort == b.sort]

    def _alike(self, part: Expr) -> tuple[str, str, str] | None:
        """Two objects that have one name, and what it is called."""
        match part:
            case Not(Eq(Get(Ref(one), Local(a)), Get(Ref(other), Local(b)))) if a != b:
                label, same = self._label(one, a), self._label(other, b)
                return (label, a, b) if label is not None and label == same else None
            case _:
                return None

    def _label(self, name: str, of: str) -> str | None:
        kind, _, label = name.partition(".")
        return label if self.keys.get(kind) == label and self._is_bound(of) else None

    def _is_bound(self, name: str) -> bool:
        return any(binder.name == name for binder in self.binders)

    def _groups(self, pairs: list[tuple[str, str, str]]) -> tuple[Named, ...]:
        groups: list[tuple[str, set[str]]] = []
        for label, a, b in pairs:
            mine = [group for group in groups if group[0] == label and group[1] & {a, b}]
            joined = {a, b}.union(*(group[1] for group in mine))
            groups = [group for group in groups if group not in mine] + [(label, joined)]
        order = [binder.name for binder in self.binders]
        found = (Named(label, tuple(sorted(of, key=order.index))) for label, of in groups)
        return tuple(sorted(found, key=lambda group: order.index(group.objects[0])))


def _turned(part: Expr) -> Expr:
    return Eq(part.right, part.left) if isinstance(part, Eq) else part


__all__ = ["Links", "Named"]
