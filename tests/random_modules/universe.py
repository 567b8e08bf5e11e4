"""Types, kinds and values of a random module, with their text.

Small on purpose: state spaces multiply. Every choice puts the simplest alternative first. Next:
`expressions`.
"""

from __future__ import annotations

from typing import TypeAlias, final

from attrs import field, frozen, mutable

from kspec.engines.random_systems.draw import Draw


@final
@frozen
class Bool:
    """`bool`"""


@final
@frozen
class Range:
    """`lo..hi`"""

    lo: int
    hi: int


@final
@frozen
class Enum:
    """An enumeration that is declared."""

    name: str
    cases: tuple[str, ...]


@final
@frozen
class Live:
    """A bound object: parameters, binders."""

    kind: str


@final
@frozen
class Ref:
    """A stored reference, `K?`: perhaps none, perhaps to an object that is gone."""

    kind: str


@final
@frozen
class Born:
    """A reference to an object that the step makes: never none, perhaps not alive.

    Nothing is asked of it in the block that makes it: there may be no room for it, and then the
    instance is cut whatever the rest of the block would say.
    """

    kind: str
    is_made: bool = False


@final
@frozen
class Maybe:
    """`T?` of a scalar."""

    of: Scalar


@final
@frozen
class SetOf:
    """`set of T`, of scalars or of a kind."""

    of: Scalar | Live


@final
@frozen
class MapOf:
    """`map from K to V`; total ones have a default."""

    key: Enum | Range | Live
    value: Scalar | Timer
    total: bool


@final
@frozen
class Record:
    """A record that is declared."""

    name: str
    fields: tuple[tuple[str, Scalar], ...]


@final
@frozen
class Timer:
    """`timer`"""


@final
@frozen
class Name:
    """`name`, one of a few literals."""


@final
@frozen
class Key:
    """`name of K?`: perhaps none, perhaps a name that nobody bears."""

    kind: str


@final
@frozen
class Cpu:
    """`cpu`, an amount; a few literals."""


@final
@frozen
class ListOf:
    """`list of T at most n`"""

    of: Scalar
    most: int


Scalar: TypeAlias = Bool | Range | Enum
Stored: TypeAlias = (
    "Scalar | Ref | Maybe | SetOf | MapOf | Record | Timer | Name | Key | Cpu | ListOf"
)
Type: TypeAlias = "Stored | Live | Born"

NAMES = ("x", "y")
DURATIONS = ("10s", "20s")
AMOUNTS = ("500m", "1", "1500m")


@final
@frozen
class FieldDecl:
    """A field: `flag` is "", "local", "const" or "fixed"."""

    name: str
    type: Stored
    default: str
    flag: str


@final
@frozen
class Kind:
    """A kind. `objects` live at the start; `born` says whether anything makes more."""

    name: str
    api: bool
    keyed: bool
    fields: tuple[FieldDecl, ...]
    objects: tuple[str, ...]
    room: int
    born: bool


@final
@frozen
class Function:
    """A function of a module or of a component."""

    name: str
    parameters: tuple[Type, ...]
    result: Scalar


@final
@mutable
class Universe:
    """What is declared before any behaviour."""

    draw: Draw
    enums: list[Enum] = field(factory=list)
    keyed: list[str] = field(factory=list)
    records: list[Record] = field(factory=list)
    params: list[tuple[str, Scalar]] = field(factory=list)
    kinds: list[Kind] = field(factory=list)
    functions: list[Function] = field(factory=list)

    def kind(self, name: str) -> Kind:
        """A kind by name."""
        (found,) = [kind for kind in self.kinds if kind.name == name]
        return found


def text_of(kind: Type) -> str:
    """A type as it is written."""
    match kind:
        case Bool():
            return "bool"
        case Range(lo, hi):
            return f"{lo}..{hi}"
        case Enum(name, _) | Record(name, _) | Live(name) | Born(name):
            return name
        case Ref(name):
            return f"{name}?"
        case Maybe(of):
            return f"{text_of(of)}?"
        case SetOf(of):
            return f"set of {text_of(of)}"
        case MapOf(key, value, _):
            return f"map from {text_of(key)} to {text_of(value)}"
        case Timer():
            return "timer"
        case Name():
            return "name"
        case Key(name):
            return f"name of {name}?"
        case Cpu():
            return "cpu"
        case ListOf(of, most):
            return f"list at most {most} of {text_of(of)}"


def scalar(u: Universe) -> Scalar:
    """A small scalar type."""
    options: list[Scalar] = [Bool(), Range(0, 1), Range(0, 2), *u.enums, Range(1, 3)]
    return u.draw.pick(options)


def index(u: Universe) -> Enum | Range:
    """A type that a total map may go from."""
    return u.draw.pick([Range(0, 1), *u.enums[:1]])


def stored(u: Universe, kinds: tuple[str, ...], timers: bool) -> Stored:
    """A type that a field or variable may have."""
    match u.draw.below(21):
        case 6:
            return Maybe(scalar(u))
        case 7:
            return SetOf(u.draw.pick([Range(0, 1), *u.enums]))
        case 8:
            if kinds and u.draw.chance(30):
                return MapOf(Live(u.draw.pick(kinds)), scalar(u), False)
            value: Scalar | Timer = Timer() if timers and u.draw.chance(50) else scalar(u)
            return MapOf(index(u), value, isinstance(value, Timer) or u.draw.chance(50))
        case 9 if u.records:
            return u.draw.pick(u.records)
        case 10 | 15 | 16 if timers:
            return Timer()
        case 11 | 13 | 14 if kinds:
            return Ref(u.draw.pick(kinds))
        case 17 if u.keyed:
            return Key(u.draw.pick(u.keyed))
        case 18:
            return Cpu()
        case 19:
            return ListOf(scalar(u), u.draw.between(1, 2))
        case 12 if kinds:
            return u.draw.pick([Ref(u.draw.pick(kinds)), SetOf(Live(u.draw.pick(kinds)))])
        case _:
            return scalar(u)


def literal(u: Universe, kind: Stored) -> str:
    """A value of a type that needs nothing in scope; of references none."""
    match kind:
        case Bool():
            return u.draw.pick(["false", "true"])
        case Range(lo, hi):
            return str(u.draw.between(lo, hi))
        case Enum(_, cases):
            return u.draw.pick(cases)
        case Ref():
            return "none"
        case Maybe(of):
            return "none" if u.draw.chance(50) else literal(u, of)
        case SetOf(Live()):
            return "{}"
        case SetOf(of):
            return "{" + literal(u, of) + "}" if u.draw.chance(40) else "{}"
        case MapOf(key, value, True):
            return literal(u, value)
        case MapOf(Live(), _, False):
            return "{}"
        case MapOf(key, value, False):
            entry = f"{literal(u, key)}: {literal(u, value)}"
            return "{" + entry + "}" if u.draw.chance(40) else "{}"
        case Record(name, fields):
            inner = ", ".join(f"{n}: {literal(u, t)}" for n, t in fields)
            return f"{name}({inner})"
        case Timer():
            return "off"
        case Name():
            return f'"{u.draw.pick(NAMES)}"'
        case Key():
            return "none"
        case Cpu():
            return u.draw.pick(AMOUNTS)
        case ListOf(of):
            return f"[{literal(u, of)}]" if u.draw.chance(40) else "[]"


def declare(draw: Draw) -> tuple[Universe, str]:
    """Enumerations, records, parameters and kinds, and their text."""
    u = Universe(draw)
    lines: list[str] = []
    for n in range(draw.between(1, 2)):
        enum = Enum(f"E{n}", tuple(f"{c}{n}" for c in "AB" + "C" * draw.below(2)))
        u.enums.append(enum)
        lines.append(f"enum {enum.name} {{ {', '.join(enum.cases)} }}")
    if draw.chance(30):
        record = Record("R0", (("a", scalar(u)), ("b", scalar(u))))
        u.records.append(record)
        inner = "  ".join(f"{n}: {text_of(t)} = {literal(u, t)}" for n, t in record.fields)
        lines.append(f"record R0 {{ {inner} }}")
    for n in range(draw.below(2)):
        kind = scalar(u)
        u.params.append((f"q{n}", kind))
        lines.append(f"param q{n}: {text_of(kind)} = {literal(u, kind)}")
    count = draw.between(1, 3)
    names = tuple(f"K{n}" for n in range(count))
    u.keyed += [name for name in names if draw.chance(60)]
    for name in names:
        kind_ = _kind(u, name, names)
        u.kinds.append(kind_)
        lines.append(_kind_text(kind_))
    return u, "\n".join(lines)


def _kind(u: Universe, name: str, names: tuple[str, ...]) -> Kind:
    draw = u.draw
    api = not draw.chance(25)
    keyed = name in u.keyed
    fields = []
    for n in range(draw.between(1, 2 if draw.chance(70) else 3)):
        kind = stored(u, names, timers=not api)
        flag = draw.pick(["", "", "", "", "", "", "", "local", "fixed", "const"])
        fields.append(FieldDecl(f"f{n}", kind, literal(u, kind), flag))
    alive = draw.pick([1, 1, 2, 2, 0])
    born = draw.chance(50) or alive == 0
    room = alive + (draw.pick([1, 1, 2, 0]) if born else 0)
    objects = tuple(f"{name.lower()}o{n}" for n in range(alive))
    return Kind(name, api, keyed, tuple(fields), objects, max(room, 1), born)


def _kind_text(kind: Kind) -> str:
    head = f"kind {kind.name}"
    if kind.api:
        head += " from v1"
    if kind.keyed:
        head += " key name"
    rows = ["  name: name"] if kind.keyed else []
    rows += [
        f"  {f.flag + ' ' if f.flag else ''}{f.name}: {text_of(f.type)} = {f.default}"
        for f in kind.fields
    ]
    return "\n".join([head + " {", *rows, "}"])
