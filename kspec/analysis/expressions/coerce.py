"""How a value of one type is had where another is wanted, and how two types meet.

Coercions are written into the typed tree; there are few, and none loses anything: a number where a
fraction is wanted, a value where an option is wanted, a total map where a partial one is wanted, a
name for a name of a kind and back, a document read as the type its position asks for.
"""

from __future__ import annotations

from fractions import Fraction

from attrs import evolve

from kspec.analysis import report
from kspec.analysis.checker import Checker
from kspec.analysis.expressions.bounds import excludes_zero
from kspec.analysis.typed import (
    PBind,
    PNone,
    TDecode,
    TExpr,
    TList,
    TLit,
    TMap,
    TMatch,
    TPrim,
    TSet,
    TSome,
    TTotal,
    TVar,
)
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
    SetT,
    TemporalT,
    TimerT,
    TupleT,
    Type,
    UnitT,
)
from kspec.base import codes
from kspec.base.diagnostic import Diagnostic, Label
from kspec.base.source import Span
from kspec.syntax import ast


def same(a: Type, b: Type) -> bool:
    """Are these one type, whatever the bounds of numbers and the lengths of lists?"""
    match a, b:
        case OptT(x), OptT(y):
            return same(x, y)
        case SetT(x), SetT(y):
            return same(x, y)
        case ListT(x, _), ListT(y, _):
            return same(x, y)
        case MapT(k, x, t), MapT(m, y, u):
            return t == u and same(k, m) and same(x, y)
        case TupleT(xs), TupleT(ys):
            return len(xs) == len(ys) and all(same(x, y) for x, y in zip(xs, ys, strict=True))
        case EnumT(_, xs), EnumT(_, ys) if a != b:
            return a.name == b.name and xs == ys
        case _:
            return a == b


def optional(type_: Type) -> Type:
    """An option of the type, not nested; a timer stays one (absent is off)."""
    return type_ if isinstance(type_, OptT) else OptT(type_)


def absent(type_: Type, span: Span) -> TExpr | None:
    """What a field of this type is when nothing is said, where its type says so."""
    match type_:
        case OptT():
            return TLit(None, type_, span)
        case SetT():
            return TSet((), type_, span)
        case ListT():
            return TList((), type_, span)
        case MapT(_, _, False):
            return TMap((), type_, span)
        case BoolT():
            return TLit(False, type_, span)
        case TimerT():
            return TLit("off", type_, span)
        case _:
            return None


def inherited_key(c: Checker, kind: str) -> tuple[ast.Ident, ...]:
    """The key that a kind has from the bases it names, as identifiers."""
    decl = c.tables.kinds[kind]
    if decl.key:
        return decl.key
    for base in decl.bases:
        mixin = c.tables.mixins.get(base.text)
        if mixin is not None:
            for member in mixin.members:
                if isinstance(member, ast.FieldDecl) and member.name.text == "name":
                    return (ast.Ident("name", decl.name.span),)
    return ()


def absence(value: TExpr) -> Diagnostic:
    """An option where a value is wanted, and why it may be absent."""
    if not _is_quotient(value):
        return report.missing_else(value.span, value.type)
    return report.simple(
        codes.MISSING_ELSE,
        "the divisor may be 0, and then there is no quotient",
        value.span,
        "may be absent",
        "say what is meant then: `… or else v`",
        "or divide by a place whose range is above 0",
    )


def _is_quotient(value: TExpr) -> bool:
    return (
        isinstance(value, TPrim)
        and value.op in ("/", "div", "mod")
        and isinstance(value.type, OptT)
    )


def fit(c: Checker, value: TExpr, wanted: Type, why: Label | None) -> TExpr:
    """The value as one of the wanted type, or a located mistake."""
    found = _try(c, value, wanted)
    if found is None:
        if _is_quotient(value):
            raise c.fail(absence(value))
        raise c.fail(report.mismatch(wanted, value.type, value.span, why))
    return found


def _try(c: Checker, value: TExpr, wanted: Type) -> TExpr | None:
    have = value.type
    if same(have, wanted):
        return value
    if isinstance(have, JsonT) and not isinstance(wanted, TemporalT):
        return TDecode(value, wanted, value.span)
    if isinstance(have, NothingT):
        return _nothing(value, wanted)
    match wanted:
        case OptT(of):
            if isinstance(have, OptT):
                return _inside(c, value, have, wanted)
            inner = _try(c, value, of)
            return None if inner is None else TSome(inner, wanted, value.span)
        case KindT(name, False) if have == KindT(name, True):
            return retyped(value, wanted)
        case ObjectT() if isinstance(have, KindT):
            return retyped(value, wanted)
        case RationalT() if isinstance(have, IntT):
            if isinstance(value, TLit) and isinstance(value.value, int):
                return TLit(Fraction(value.value), wanted, value.span)
            return TPrim("frac", (value,), wanted, value.span)
        case UnitT() if isinstance(value, TLit) and isinstance(have, IntT | UnitT):
            return _literal_unit(value, wanted)
        case NameT() if isinstance(have, KeyT):
            return retyped(value, wanted)
        case KeyT() if isinstance(have, NameT):
            return retyped(value, wanted)
        case KeyT(kind) if have in (KindT(kind, True),):
            return TPrim("name-of", (value,), wanted, value.span)
        case MapT(key, of, False) if isinstance(have, MapT) and have.total:
            if _same_refs(have.key, key) and _same_refs(have.value, of):
                return TTotal(value, wanted, value.span)
            return None
        case SetT(of) if isinstance(have, SetT) and _same_refs(have.of, of):
            return retyped(value, wanted)
        case ListT(of, _) if isinstance(have, ListT) and _same_refs(have.of, of):
            return retyped(value, wanted)
        case MapT(k, of, t) if isinstance(have, MapT) and have.total == t:
            if _same_refs(have.key, k) and _same_refs(have.value, of):
                return retyped(value, wanted)
            return None
        case TemporalT() if isinstance(have, BoolT):
            return value
        case _:
            return None


def _same_refs(have: Type, wanted: Type) -> bool:
    """One type, where a reference known to be live may stand for a stored one."""
    match have, wanted:
        case KindT(a, _), KindT(b, False):
            return a == b
        case KindT(), ObjectT():
            return True
        case KeyT(), NameT():
            return True
        case NameT(), KeyT():
            return True
        case OptT(x), OptT(y):
            return _same_refs(x, y)
        case _:
            return same(have, wanted)


def _inside(c: Checker, value: TExpr, have: OptT, wanted: OptT) -> TExpr | None:
    """An option of one type as an option of another: its content as the other's, if any."""
    if _same_refs(have.of, wanted.of):
        return retyped(value, wanted)
    var = c.unique("o")
    inner = _try(c, TVar(var, have.of, value.span), wanted.of)
    if inner is None:
        return None
    some = TSome(inner, wanted, value.span)
    nothing = TLit(None, wanted, value.span)
    cases = ((PNone(), nothing), (PBind(var, have.of), some))
    return TMatch(value, cases, wanted, value.span)


def _nothing(value: TExpr, wanted: Type) -> TExpr | None:
    assert isinstance(value.type, NothingT)
    match value.type.what, wanted:
        case "none", OptT():
            return TLit(None, wanted, value.span)
        case "{}", SetT():
            return TSet((), wanted, value.span)
        case "{}", MapT(_, _, False):
            return TMap((), wanted, value.span)
        case "[]", ListT():
            return TList((), wanted, value.span)
        case "[]", SetT():
            return TSet((), wanted, value.span)
        case _:
            return None


def _literal_unit(value: TLit, wanted: UnitT) -> TExpr | None:
    if isinstance(value.type, IntT) and isinstance(value.value, int):
        return TLit(Fraction(value.value), wanted, value.span)
    if isinstance(value.type, UnitT) and "quantity" in (wanted.unit, value.type.unit):
        return TLit(value.value, wanted, value.span)
    return None


def retyped(value: TExpr, wanted: Type) -> TExpr:
    """The same value under another name of its type."""
    return evolve(value, type=wanted)


def meet(c: Checker, left: TExpr, right: TExpr) -> tuple[TExpr, TExpr] | None:
    """Both values in a type they share, or None."""
    for a, b in ((left, right), (right, left)):
        lifted = _lift(c, a, b)
        if lifted is not None:
            return lifted if a is left else (lifted[1], lifted[0])
    return None


def _lift(c: Checker, a: TExpr, b: TExpr) -> tuple[TExpr, TExpr] | None:
    """`a` and `b` with `a` changed to suit `b`."""
    if _is_reference(a.type) and _is_reference(b.type):
        return _references(a, b)
    fitted = _try(c, a, b.type)
    if fitted is not None:
        return fitted, b
    if isinstance(a.type, OptT) and isinstance(b.type, OptT):
        if (
            _is_reference(a.type.of)
            and _is_reference(b.type.of)
            and _comparable(a.type.of, b.type.of)
        ):
            return a, retyped(b, a.type)
        return None
    if isinstance(b.type, OptT):
        if isinstance(a.type, KindT) and isinstance(b.type.of, KindT | ObjectT):
            if _comparable(a.type, b.type.of):
                return TSome(a, OptT(a.type), a.span), b
            return None
        inner = _try(c, a, b.type.of)
        if inner is not None:
            return TSome(inner, b.type, a.span), b
    return None


def _is_reference(type_: Type) -> bool:
    return isinstance(type_, KindT | ObjectT)


def _comparable(a: Type, b: Type) -> bool:
    if isinstance(a, ObjectT) or isinstance(b, ObjectT):
        return True
    return isinstance(a, KindT) and isinstance(b, KindT) and a.name == b.name


def _references(a: TExpr, b: TExpr) -> tuple[TExpr, TExpr] | None:
    if not _comparable(a.type, b.type):
        return None
    if isinstance(a.type, ObjectT) or isinstance(b.type, ObjectT):
        return retyped(a, ObjectT()), retyped(b, ObjectT())
    return a, b


def common(c: Checker, values: tuple[TExpr, ...]) -> tuple[TExpr, ...]:
    """All values in one type: the first one's, or the option of it, or what the others need."""
    wanted = _common_type(c, values)
    return tuple(fit(c, v, wanted, Label(values[0].span, "like this one")) for v in values)


def _common_type(c: Checker, values: tuple[TExpr, ...]) -> Type:
    known = [v for v in values if not isinstance(v.type, NothingT | JsonT)]
    if not known:
        return values[0].type
    candidates: list[Type] = [v.type for v in known]
    candidates += [optional(t) for t in candidates if not isinstance(t, TemporalT)]
    for wanted in candidates:
        if all(_try(c, v, wanted) is not None for v in values):
            return wanted
    return known[0].type


def ordered(type_: Type) -> bool:
    """May values of the type be compared by `<`? Identities never."""
    match type_:
        case IntT() | RationalT() | UnitT() | EnumT() | NameT() | BoolT():
            return True
        case TupleT(parts):
            return all(ordered(p) for p in parts)
        case _:
            return False


def arithmetic(c: Checker, op: str, left: TExpr, right: TExpr, span: Span) -> TExpr | None:
    """An arithmetic, set or list operation, or None where the operands do not go together."""
    if isinstance(left.type, SetT | NothingT | ListT) or isinstance(right.type, SetT | ListT):
        return _collections(c, op, left, right, span)
    if op in ("div", "mod"):
        if isinstance(left.type, IntT) and isinstance(right.type, IntT):
            return _divided(TPrim(op, (left, right), IntT(), span))
        return None
    if op == "/":
        quotient = _quotient(c, left, right, span)
        return None if quotient is None else _divided(quotient)
    if op == "*":
        return _product(c, left, right, span)
    if op in ("+", "-"):
        pair = meet(c, left, right)
        if pair is not None and isinstance(pair[0].type, IntT | RationalT | UnitT):
            return TPrim(op, pair, pair[0].type, span)
    return None


_SET_OPS = {"+": "union", "union": "union", "-": "minus", "minus": "minus", "inter": "inter"}


def _collections(c: Checker, op: str, left: TExpr, right: TExpr, span: Span) -> TExpr | None:
    pair = meet(c, left, right)
    if pair is None:
        return None
    type_ = pair[0].type if not isinstance(pair[0].type, NothingT) else pair[1].type
    if isinstance(type_, SetT) and op in _SET_OPS:
        return TPrim(_SET_OPS[op], pair, type_, span)
    if isinstance(type_, ListT) and op in ("++", "+"):
        return TPrim("++", pair, ListT(type_.of), span)
    return None


def _divided(quotient: TPrim) -> TExpr:
    """No expression is partial: where the divisor may be 0, the answer may be nothing."""
    if excludes_zero(quotient.args[1]):
        return quotient
    return retyped(quotient, optional(quotient.type))


def _quotient(c: Checker, left: TExpr, right: TExpr, span: Span) -> TPrim | None:
    if isinstance(left.type, UnitT) and isinstance(right.type, UnitT):
        pair = meet(c, left, right)
        return None if pair is None else TPrim("/", pair, RationalT(), span)
    divisor = _try(c, right, RationalT())
    if divisor is None:
        return None
    if isinstance(left.type, UnitT):
        return TPrim("/", (left, divisor), left.type, span)
    dividend = _try(c, left, RationalT())
    return None if dividend is None else TPrim("/", (dividend, divisor), RationalT(), span)


def _product(c: Checker, left: TExpr, right: TExpr, span: Span) -> TExpr | None:
    if isinstance(left.type, IntT) and isinstance(right.type, IntT):
        return TPrim("*", (left, right), IntT(), span)
    if isinstance(left.type, UnitT) and isinstance(right.type, UnitT):
        if "percent" not in (left.type.unit, right.type.unit):
            return None
        unit = right.type if left.type.unit == "percent" else left.type
        return TPrim("*", (left, right), unit, span)
    for a, b in ((left, right), (right, left)):
        if isinstance(a.type, UnitT):
            factor = _try(c, b, RationalT())
            if factor is None:
                return None
            result: Type = RationalT() if a.type.unit == "percent" else a.type
            return TPrim("*", (a, factor), result, span)
    first, second = _try(c, left, RationalT()), _try(c, right, RationalT())
    if first is None or second is None:
        return None
    return TPrim("*", (first, second), RationalT(), span)
