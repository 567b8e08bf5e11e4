"""What the many small classes of a tree share: equality, hash and text by their fields.

attrs writes these methods anew for every class, and compiling a few hundred of them is a good part
of what a first verdict waits for. Classes compared in inner loops keep attrs' own.
"""

from __future__ import annotations


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
