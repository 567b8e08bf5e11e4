"""What a report needs to show states as their authors wrote them: data, no behaviour.

A system keeps amounts as whole numbers of a measure, leaves out fields that nothing reads, and
does not know which field is a kind's key. `Shown` says all that beside it, so that reports need to
know neither the language nor a scope. Made in `outlook`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final, TypeAlias, final

from kspec.base.record import frozen
from kspec.base.source import Span


@final
@frozen
class Amount:
    """A whole number of `measure`, of a unit: cpu, memory, duration, percent, quantity; `timer`
    is a duration from now."""

    unit: str
    measure: Fraction


@final
@frozen
class Each:
    """The content of an option, the elements of a set or sequence, the values of a map."""

    of: Shape


@final
@frozen
class Parts:
    """The fields of a record, in order."""

    parts: tuple[Shape, ...]


@final
@frozen
class Either:
    """A record of options of which exactly one is there: an object of any kind."""


Shape: TypeAlias = "Amount | Each | Parts | Either | None"
"""How values of a sort are to be shown; None where nothing is to be said about them."""


@final
@frozen
class Shown:
    """`keys`: the key field of a kind; `fields`: its fields in order of declaration.

    `shapes`: of a variable, below the map from its kind's identities if it is a field; of what an
    action is given (`given`), and of the values in an event's text (`said`).
    `constants`: kind and place of an object, with the fields that never change, in words.
    `births`: an action, a kind it makes objects of, and how many of it there may be at once.
    `written`: kind and place of an object read from a manifest, and where it stands there.
    `codes`: the cases of enumerations of values, and those values in words.
    `origins`: those of them that are records of manifests, and everywhere that they stand there.
    `instances`: the components that have an instance for each object of a kind or value of a set.
    """

    keys: tuple[tuple[str, str], ...] = ()
    fields: tuple[tuple[str, tuple[str, ...]], ...] = ()
    shapes: tuple[tuple[str, Shape], ...] = ()
    constants: tuple[tuple[str, int, tuple[tuple[str, str], ...]], ...] = ()
    births: tuple[tuple[str, str, int], ...] = ()
    written: tuple[tuple[str, int, Span], ...] = ()
    codes: tuple[tuple[str, str], ...] = ()
    origins: tuple[tuple[str, tuple[Span, ...]], ...] = ()
    instances: tuple[str, ...] = ()


def given(action: str, binder: str) -> str:
    """What the shape of an action's parameter or choice is found by."""
    return f"{action}({binder})"


def said(action: str, place: int) -> str:
    """What the shape of a part of an event's text is found by."""
    return f"{action} {place}"


NOTHING: Final = Shown()
"""Nothing is known beside the system."""


def amount(value: Fraction, unit: str) -> str:
    """An amount as people write it: `500m`, `2Gi`, `300s`, `25%`."""
    match unit:
        case "cpu" if value.denominator != 1 and (value * 1000).denominator == 1:
            return f"{value * 1000}m"
        case "memory" if value and value.denominator == 1:
            for size, suffix in _BINARY:
                if value % size == 0:
                    return f"{value / size}{suffix}"
            return str(value)
        case "duration":
            return f"{value}s" if value.denominator == 1 else f"{value * 1000}ms"
        case "timer":
            return f"in {amount(value, 'duration')}" if value else "due"
        case "percent":
            return f"{value * 100}%"
        case _:
            return str(value)


_BINARY = ((2**40, "Ti"), (2**30, "Gi"), (2**20, "Mi"), (2**10, "Ki"))
