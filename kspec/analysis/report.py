"""What the checker says: one function per mistake, each giving a `Diagnostic`.

Only data goes in, so a message can be read, tested and changed without the checker.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kspec.analysis.types import (
    BoolT,
    EnumT,
    IntT,
    KindT,
    NameT,
    ObjectT,
    OptT,
    RationalT,
    TupleT,
    Type,
    UnitT,
)
from kspec.analysis.words import one, show_type
from kspec.base import codes
from kspec.base.codes import Code
from kspec.base.diagnostic import Diagnostic, Edit, Help, Label, did_you_mean
from kspec.base.source import Span
from kspec.base.suggest import suggest

_IMPORTED = frozenset({"type", "kind", "controller", "component", "effect", "fault", "mixin"})
"""What a file often has from another one."""


_FEW = 6
"""So many names can be told one by one."""

_ELSEWHERE = {
    "string": "name",
    "str": "name",
    "text": "name",
    "boolean": "bool",
    "integer": "int",
    "number": "int",
    "nat": "int",
    "float": "rational",
    "double": "rational",
    "decimal": "rational",
    "fraction": "rational",
    "time": "duration",
    "seconds": "duration",
    "bytes": "memory",
    "cores": "cpu",
}
"""Types as other languages call them."""


def insert(text: str, at: Span, what: str) -> Help:
    """Advice to write something behind a place."""
    return Help(text, Edit(Span(at.file, at.end, at.end), what))


def listed(names: Sequence[str], word: str = "and", most: int = 6) -> str:
    """Some names in backticks: "`a` and `b`", "`a`, `b` and 3 more"."""
    if not names:
        return "none"
    if len(names) <= most:
        *first, last = (f"`{n}`" for n in names)
        return f"{', '.join(first)} {word} {last}" if first else last
    shown = ", ".join(f"`{n}`" for n in names[: most - 1])
    return f"{shown} and {len(names) - most + 1} more"


def unknown_name(name: str, span: Span, known: Iterable[str], what: str = "") -> Diagnostic:
    """A name that nothing declares, with the nearest one that something does."""
    known = sorted(known)
    near = suggest(name, known)
    said = f"no {what} is called `{name}`" if what else f"nothing is called `{name}` here"
    better = _ELSEWHERE.get(name.lower()) if what == "type" else None
    help_ = did_you_mean(better or near, span)
    if not help_ and what in _IMPORTED:
        help_ = (Help(f"declare it, or `import` the file that declares the {what}"),)
    elif not help_ and what and 0 < len(known) <= _FEW:
        help_ = (Help(f"there {'is' if len(known) == 1 else 'are'} {listed(known)}"),)
    return Diagnostic(codes.UNKNOWN_NAME, said, Label(span, "not declared"), help=help_)


def unknown_case(name: str, of: str, span: Span, cases: Sequence[str]) -> Diagnostic:
    """A word that is no case of the enumeration wanted."""
    near = suggest(name, cases)
    return Diagnostic(
        codes.UNKNOWN_NAME,
        f"`{name}` is no case of `{of}`",
        Label(span, "no such case"),
        help=did_you_mean(near, span) or (Help(f"the cases are {listed(cases)}"),),
    )


def unknown_field(
    name: str, owner: str, span: Span, known: Iterable[str], of: Span | None = None
) -> Diagnostic:
    """A field that a kind or record does not have; `of` is what it is asked of."""
    known = list(known)
    near = suggest(name, known)
    has = f"`{owner}` has {listed(known)}" if known else f"`{owner}` has no fields"
    return Diagnostic(
        codes.UNKNOWN_FIELD,
        f"`{owner}` has no field `{name}`",
        Label(span, "no such field"),
        (Label(of, one(owner)),) if of else (),
        help=did_you_mean(near, span) or (Help(has),),
    )


def unknown_property(name: str, span: Span, known: Iterable[str]) -> Diagnostic:
    """A line that asks for a property, invariant or law that nobody wrote."""
    near = suggest(name, known)
    return Diagnostic(
        codes.UNKNOWN_PROPERTY,
        f"no property or law is called `{name}`",
        Label(span, "not declared"),
        help=did_you_mean(near, span)
        or (Help("write the property, or `import` the file that has it"),),
    )


def duplicate(name: str, span: Span, first: Span) -> Diagnostic:
    """A name declared twice."""
    return Diagnostic(
        codes.DUPLICATE_NAME,
        f"`{name}` is declared twice",
        Label(span, "again here"),
        (Label(first, "first here"),),
        help=("give one of them another name",),
    )


def reserved(name: str, span: Span) -> Diagnostic:
    """An action that is called as one of the language's own."""
    return Diagnostic(
        codes.DUPLICATE_NAME,
        f"`{name}` is what the language calls an action of its own",
        Label(span, "this would be another"),
        notes=("they are `restart` and `deliver_Kind` of controllers, and `tick` of the clock",),
        help=("give it another name",),
    )


def given_twice(name: str, span: Span, first: Span) -> Diagnostic:
    """A field that is given two values."""
    return Diagnostic(
        codes.DUPLICATE_NAME,
        f"`{name}` is given twice",
        Label(span, "again here"),
        (Label(first, "first here"),),
        help=("keep one of them",),
    )


def ambiguous_case(name: str, span: Span, owners: Sequence[str]) -> Diagnostic:
    """A case of several enumerations, where nothing says which is meant."""
    return Diagnostic(
        codes.AMBIGUOUS_NAME,
        f"`{name}` is a case of {listed(owners)}",
        Label(span, "which one?"),
        help=tuple(Help(f"write `{o}.{name}`", Edit(span, f"{o}.{name}")) for o in owners),
    )


def mismatch(wanted: Type, found: Type, span: Span, why: Label | None = None) -> Diagnostic:
    """A value of one type where another is wanted; `why` is what wants it."""
    if isinstance(found, OptT) and not isinstance(wanted, OptT) and _alike(found.of, wanted):
        return missing_else(span, found, why)
    is_unit = isinstance(wanted, UnitT) and isinstance(found, UnitT)
    return Diagnostic(
        codes.UNIT_MISMATCH if is_unit else codes.TYPE_MISMATCH,
        f"{show_type(wanted)} is wanted here, and this is {show_type(found)}",
        Label(span, f"this is {show_type(found)}"),
        (why,) if why else (),
        help=_fitting(wanted, found),
    )


def _alike(a: Type, b: Type) -> bool:
    """One type, whether a reference in it is known to be live or not."""
    if isinstance(a, KindT) and isinstance(b, KindT):
        return a.name == b.name
    return show_type(a) == show_type(b)


def _fitting(wanted: Type, found: Type) -> tuple[Help, ...]:
    """What often helps where one type is found and another wanted."""
    inner = wanted.of if isinstance(wanted, OptT) else wanted
    if isinstance(found, OptT) and not isinstance(wanted, OptT):
        return (Help("say what is meant when there is nothing: `… or else v`"),)
    if isinstance(found, KindT) and isinstance(wanted, KindT) and found.name == wanted.name:
        return (Help("a stored reference may be dead; bind it: `when x as p`, `some p in x | …`"),)
    if isinstance(inner, EnumT) and inner.cases:
        return (Help(f"{one(inner.name)} is {listed(inner.cases, 'or')}"),)
    if isinstance(inner, IntT) and isinstance(found, RationalT):
        return (Help("round it: `floor(…)` or `ceil(…)`"),)
    if isinstance(inner, IntT) and isinstance(found, BoolT):
        return (Help("to count those that are so, write `count(x: K where …)`"),)
    if isinstance(inner, BoolT) and isinstance(found, OptT):
        return (Help("ask whether it is there: `… exists`"),)
    return ()


def operands(op: str, left: Type, lspan: Span, right: Type, rspan: Span, at: Span) -> Diagnostic:
    """Two operands that do not go together, both labelled."""
    return Diagnostic(
        _operand_code(left, right),
        _disagreement(op, left, right),
        Label(at),
        (Label(lspan, show_type(left)), Label(rspan, show_type(right))),
        help=_meeting(op, left, right),
    )


_COMPARES = frozenset({"==", "!=", "is", "is not", "<", "<=", ">", ">="})


def _disagreement(op: str, left: Type, right: Type) -> str:
    a, b = show_type(left), show_type(right)
    if op not in _COMPARES:
        return f"`{op}` cannot join {a} and {b}"
    if a == b and op not in ("==", "!=", "is", "is not"):
        return f"`{op}` cannot compare two of these: {a} has no order"
    return f"{a} cannot be compared with {b}"


def _meeting(op: str, left: Type, right: Type) -> tuple[Help, ...]:
    """What often helps where two types do not meet."""
    for first, other in ((left, right), (right, left)):
        if isinstance(first, KindT | ObjectT) and op in _COMPARES and _bare(left) == _bare(right):
            return (Help("of two objects, the older one is told by `older(p, q)`"),)
        if isinstance(first, EnumT) and first.cases and not isinstance(other, EnumT):
            return (Help(f"{one(first.name)} is {listed(first.cases, 'or')}"),)
        if isinstance(first, KindT) and isinstance(other, NameT):
            return (Help("an object's name is told by `name_of(…)`"),)
        if isinstance(first, KindT) and isinstance(other, IntT):
            return (Help(f"to count, write `count(x: {first.name} where …)`"),)
    return ()


def _bare(type_: Type) -> str:
    return type_.name if isinstance(type_, KindT) else ""


def _operand_code(left: Type, right: Type) -> Code:
    both = isinstance(left, UnitT) and isinstance(right, UnitT)
    return codes.UNIT_MISMATCH if both else codes.TYPE_MISMATCH


def arity(what: str, wanted: int, found: int, span: Span, names: Sequence[str] = ()) -> Diagnostic:
    """Too many or too few arguments; `names` are those of what is called."""
    some = f"{wanted or 'no'} argument" + ("" if wanted == 1 else "s")
    given = f"{found} is given" if found == 1 else f"{found or 'none'} are given"
    return Diagnostic(
        codes.WRONG_ARITY,
        f"`{what}` takes {some}, and {given}",
        Label(span, f"it is `{what}({', '.join(names)})`" if names else given),
    )


def parts(wanted: int, found: int, span: Span, why: Label | None) -> Diagnostic:
    """Too many or too few values in parentheses."""
    return Diagnostic(
        codes.WRONG_ARITY,
        f"a group of {wanted} values is wanted, and here are {found}",
        Label(span, f"{found} values"),
        (why,) if why else (),
    )


def key_parts(kind: str, key: Sequence[str], found: int, span: Span) -> Diagnostic:
    """A kind asked with too many or too few parts of its key."""
    return Diagnostic(
        codes.WRONG_ARITY,
        f"{one(kind)} is found by {listed(key)}",
        Label(span, f"{found} given"),
        help=(f"write `{kind}[{', '.join(key)}]`",),
    )


def missing_field(owner: str, name: str, span: Span, declared: Span) -> Diagnostic:
    """A field that has no default and is not given."""
    return Diagnostic(
        codes.MISSING_FIELD,
        f"`{owner}` needs `{name}`: it has no default",
        Label(span, f"no `{name}` here"),
        (Label(declared, "declared without a default"),),
        help=(f"write `{name}: …` here, or give a default where it is declared",),
    )


def not_total(left: Sequence[str], of: Type, span: Span) -> Diagnostic:
    """A `match` that leaves values out; `left` are those, where they can be listed."""
    message = f"{listed(left)} would match no case" if left else "not every value is matched"
    return Diagnostic(
        codes.MATCH_NOT_TOTAL,
        message,
        Label(span, f"this is {show_type(of)}"),
        help=("write a case for each, or end with `_ -> …`",),
    )


def missing_else(span: Span, found: Type, why: Label | None = None) -> Diagnostic:
    """An option used as if it were a value."""
    return Diagnostic(
        codes.MISSING_ELSE,
        f"this may be absent: it is {show_type(found)}",
        Label(span, "may be absent"),
        (why,) if why else (),
        help=("say what is meant then: `… or else v`, or bind it: `when … as x`",),
    )


def collection(op: str, found: Type, span: Span) -> Diagnostic:
    """Something that has no elements, where elements are looked for."""
    return Diagnostic(
        codes.TYPE_MISMATCH,
        f"`{op}` wants a set, a list or a map, and this is {show_type(found)}",
        Label(span, f"this is {show_type(found)}"),
    )


def aggregate(name: str, span: Span) -> Diagnostic:
    """`count(p)`: nothing is gone through."""
    return Diagnostic(
        codes.NOT_ALLOWED_HERE,
        f"`{name}` does not say what it goes through",
        Label(span, "nothing is bound here"),
        help=(f"write `{name}(p: Pod where …)` or `{name}(x in s where …)`",),
    )


def unordered(type_: Type, span: Span) -> Diagnostic:
    """A key that cannot be compared by `<`."""
    parts = type_.parts if isinstance(type_, TupleT) else (type_,)
    of = [p.of if isinstance(p, OptT) else p for p in parts]
    help_: tuple[Help, ...] = ()
    if any(isinstance(p, KindT | ObjectT) for p in of):
        help_ = (Help("objects are told apart by `age(p)`, or by a field that has an order"),)
    elif of != list(parts):
        help_ = (Help("say what an absent one counts as: `… or else v`"),)
    return Diagnostic(
        codes.TYPE_MISMATCH,
        f"{show_type(type_)} has no order",
        Label(span, "cannot be compared by `<`"),
        help=help_,
    )


def simple(code: Code, message: str, span: Span, label: str = "", *advice: str) -> Diagnostic:
    """A mistake with one place and perhaps advice."""
    return Diagnostic(code, message, Label(span, label), help=tuple(advice))
