"""What the variables of a system are called in formulas for people, whether or not the language has
words for them: where a controller stands, what is left of a deadline, what a late view holds.

Two variables never have the same words: where they would, they go by their names in the system.
Next: `plain`, for formulas about them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kspec.ir.sorts import Map, Sort
from kspec.ir.system import Role, Var
from kspec.report.literals import sort_words
from kspec.report.values import Lens, is_of

IDLE: Final = "idle"
DEADLINE: Final = ".deadline"


class Places:
    """The words for the variables and constants of one system."""

    def __init__(self, lens: Lens) -> None:
        system = lens.system
        self._variables = {v.name: v for v in system.variables}
        self._sorts: dict[str, Sort] = {c.name: c.sort for c in system.constants}
        self._sorts.update((v.name, v.sort) for v in system.variables)
        self._kinds = frozenset(pool.name for pool in system.pools)
        self._instances = frozenset(lens.shown.instances)
        heads = {name: self._worded(name, _marks(sort))[0] for name, sort in self._sorts.items()}
        heads = {name: head for name, head in heads.items() if head != name}
        said = [*heads.values(), *self._sorts]
        self._unclear = frozenset(name for name, head in heads.items() if said.count(head) > 1)
        self.words: Final = frozenset(said)

    def text(self, name: str, keys: Sequence[str]) -> str:
        """A place: a variable or constant with what it is looked up by."""
        head, rest = (name, keys) if name in self._unclear else self._worded(name, keys)
        return head + "".join(f"[{key}]" for key in rest)

    def is_life(self, name: str) -> bool:
        """Does the variable say which objects live?"""
        return name not in self._unclear and self._role(name) is Role.LIVE

    def stands(self, name: str, keys: Sequence[str]) -> str | None:
        """Whose place in a reconcile it is; None for what is no such place."""
        variable = self._variables.get(name)
        if variable is None or variable.role is not Role.TASK or name != f"{variable.owner}.task":
            return None
        who, rest = self._who(variable, keys)
        return who if name not in self._unclear and not rest else None

    def step(self, name: str, case: str) -> str:
        """A step that a reconcile stands at, without the name of who reconciles."""
        return case.removeprefix(f"{self._variables[name].owner}.")

    def _role(self, name: str) -> Role | None:
        variable = self._variables.get(name)
        return None if variable is None else variable.role

    def _who(self, variable: Var, keys: Sequence[str]) -> tuple[str, Sequence[str]]:
        """A component, or its instance; and the keys that are left."""
        owner = variable.owner
        if keys and owner in self._instances:
            return f"{owner}({keys[0]})", keys[1:]
        return owner, keys

    def _worded(self, name: str, keys: Sequence[str]) -> tuple[str, Sequence[str]]:
        """The words for a place, and the keys that are not in them."""
        variable = self._variables.get(name)
        if keys and self.is_field(name):
            key, rest = keys[0], keys[1:]
            lives = variable is not None and variable.role is Role.LIVE
            return f"({key} is there)" if lives else f"{key}.{name.partition('.')[2]}", rest
        if variable is None or len(keys) < self._least(variable):
            return name, keys
        match variable.role:
            case Role.VIEW:
                return self._image(variable, keys)
            case Role.TASK if name.endswith(DEADLINE):
                action = name.removesuffix(DEADLINE)
                given = f"({', '.join(keys)})" if keys else ""
                return f"left(deadline of {action}{given})", ()
            case Role.TASK | Role.MEMORY | Role.LOCAL if name.startswith(f"{variable.owner}."):
                who, rest = self._who(variable, keys)
                return f"{who}.{name.removeprefix(f'{variable.owner}.')}", rest
            case Role.BUDGET:
                return f"budget({variable.owner})", keys
            case _:
                return name, keys

    def is_field(self, name: str) -> bool:
        """Is it a field of a kind?"""
        kind, _, label = name.partition(".")
        return bool(label) and kind in self._kinds and is_of(self._sorts[name], kind)

    def _least(self, variable: Var) -> int:
        """How many keys there have to be for words."""
        is_deadline = variable.role is Role.TASK and variable.name.endswith(DEADLINE)
        if is_deadline:
            return len(_marks(variable.sort))
        return int(variable.owner in self._instances)

    def _image(self, variable: Var, keys: Sequence[str]) -> tuple[str, Sequence[str]]:
        """What a late view holds: images from before writes, the oldest first."""
        who, rest = self._who(variable, keys)
        kind, _, part = variable.label.partition(".")
        number, _, field = part.partition(".")
        if part == "n":
            return f"lag({who}, {kind})", rest
        if field == "touched":
            return f"touched({who}, {number}, {kind})", rest
        if not rest:
            return variable.name, keys
        of, *more = rest
        said = f"{of} is there" if field == "live" else f"{of}.{field}"
        return f"image({who}, {number}, {said})", more


def _marks(sort: Sort) -> tuple[str, ...]:
    """A key for each map that a sort begins with: names are compared by what is beside them."""
    return (f"?{sort_words(sort.key)}", *_marks(sort.value)) if isinstance(sort, Map) else ()


__all__ = ["IDLE", "Places"]
