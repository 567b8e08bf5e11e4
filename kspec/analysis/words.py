"""Types in a reader's words, for messages."""

from __future__ import annotations

from typing import assert_never

from kspec.analysis.types import (
    BoolT,
    EnumT,
    IntT,
    JsonT,
    KeyT,
    KindT,
    ListT,
    MapT,
    NameT,
    NothingT,
    ObjectT,
    OptT,
    RationalT,
    RecordT,
    SetT,
    TemporalT,
    TimerT,
    TupleT,
    Type,
    UnitT,
)


def one(name: str) -> str:
    """A name in backticks with its article: "a `Pod`", "an `Ingress`"."""
    return f"an `{name}`" if name[:1] in "AEIOaeio" else f"a `{name}`"


def show_type(type_: Type) -> str:
    """A noun with its article: "a number", "a `Phase`", "a set of names"."""
    match type_:
        case BoolT():
            return "a truth value"
        case IntT():
            return "a number"
        case RationalT():
            return "a fraction"
        case NameT():
            return "a name"
        case UnitT(unit):
            return {"percent": "a percentage", "duration": "a duration"}.get(
                unit, f"an amount of {unit}"
            )
        case EnumT(name, _):
            return one(name)
        case KindT(name, live):
            return one(name) if live else f"a stored reference to {one(name)}"
        case ObjectT():
            return "a reference to an object"
        case KeyT(kind):
            return f"the name of {one(kind)}"
        case OptT(of):
            return f"{show_type(of)} or nothing"
        case RecordT(name):
            return one(name)
        case SetT(of):
            return f"a set of {plural(of)}"
        case ListT(of, _):
            return f"a list of {plural(of)}"
        case MapT(key, value, _):
            return f"a map from {plural(key)} to {plural(value)}"
        case TupleT(parts):
            return f"a group of {len(parts)} values"
        case TimerT():
            return "a timer"
        case JsonT():
            return "a document"
        case NothingT(what):
            return f"`{what}`"
        case TemporalT():
            return "a claim over time"
        case _:
            assert_never(type_)


def plural(type_: Type) -> str:
    """The noun in the plural, without article."""
    match type_:
        case BoolT():
            return "truth values"
        case IntT():
            return "numbers"
        case RationalT():
            return "fractions"
        case NameT():
            return "names"
        case UnitT(unit):
            return f"amounts of {unit}"
        case EnumT(name, _) | RecordT(name) | KindT(name, _):
            return f"`{name}`s"
        case KeyT(kind):
            return f"names of `{kind}`s"
        case _:
            return f"({show_type(type_)})"
