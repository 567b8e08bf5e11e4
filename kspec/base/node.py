"""What the many small classes of a tree share: equality, hash and text by their fields.

attrs writes these methods anew for every class, and compiling a few hundred of them is a good part
of what a first verdict waits for. Classes compared in inner loops keep attrs' own.
`nodes` walks such a tree, whatever it is made of: a class that is added cannot be forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TypeVar

N = TypeVar("N")


class Node:
    """Fields are those of `__match_args__`, which attrs sets: all of them, in order."""

    __slots__ = ()
    __match_args__: tuple[str, ...] = ()

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return all(getattr(self, n) == getattr(other, n) for n in self.__match_args__)

    def __hash__(self) -> int:
        return hash((self.__class__, *(getattr(self, n) for n in self.__match_args__)))

    def __repr__(self) -> str:
        shown = ", ".join(f"{n}={getattr(self, n)!r}" for n in self.__match_args__)
        return f"{self.__class__.__name__}({shown})"


def nodes(root: object, wanted: type[N]) -> Iterator[N]:
    """Every node of a class inside a tree, the root included, in the order of the text."""
    todo = [root]
    while todo:
        node = todo.pop()
        if isinstance(node, wanted):
            yield node
        todo.extend(reversed(parts(node)))


def parts(root: object) -> tuple[object, ...]:
    """What a part of a tree is made of; nothing of what is no tree, as types and spans."""
    if isinstance(root, tuple):
        return root
    if not isinstance(root, Node):
        return ()
    names = _members(type(root))  # type: ignore[arg-type]  # mypy doubts that classes have hashes
    return tuple([getattr(root, name) for name in names])


@cache
def _members(kind: type[object]) -> tuple[str, ...]:
    members = getattr(kind, "__attrs_attrs__", ())
    return tuple(member.name for member in members if member.name != "span")
