"""What runs in code that is not Python's, and how somebody else can end it.

A question to a solver blocks the thread that asks it, and no signal is heard before the answer.
Who asks says here how the question is ended; who hears that somebody has lost patience ends all
that run. Nothing is decided here: a question that was ended has no answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

_ENDS: Final[list[Callable[[], None]]] = []


@contextmanager
def blocking(end: Callable[[], None]) -> Iterator[None]:
    """While this is open, `end` ends what runs; it is called from another thread, perhaps often."""
    _ENDS.append(end)
    try:
        yield
    finally:
        _ENDS.remove(end)


def end_all() -> None:
    """End everything that runs now."""
    for end in tuple(_ENDS):
        end()


__all__ = ["blocking", "end_all"]
