"""Built-in operations on symbolic values.

What is known case by case folds (`tables`); numbers are computed as integers with an exact scale;
the rest becomes nodes of the IR. Next: `binding` for what binds names.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from kspec.analysis.typed import TPrim
from kspec.analysis.types import (
    BoolT,
    EnumT,
    IntT,
    KeyT,
    KindT,
    ListT,
    MapT,
    NameT,
    ObjectT,
    OptT,
    SetT,
    TupleT,
    Type,
    UnitT,
)
from kspec.ir.expr import FALSE, TRUE, ArithOp, Expr, Lit, SetOf, SetOp, SetOpKind, sort_of
from kspec.ir.sorts import Enum, Int, Map, Set, cardinality, values
from kspec.lower import worlds
from kspec.lower.codec import (
    aligned,
    as_alternatives,
    as_case,
    as_flag,
    as_ident,
    as_maybe,
    as_num,
    as_parts,
    as_whole,
    bunch,
    choose,
    decode,
    elements,
    encode,
    equal,
    member,
    number,
    occurring,
    pure,
)
from kspec.lower.context import CannotLower, Frame, Lowering
from kspec.lower.shapes import UNTIMED, CannotStore, measure_of_both, meet
from kspec.lower.smart import (
    arith,
    as_int,
    conj,
    contains,
    disj,
    eq,
    get,
    implies,
    integer_sort,
    is_some,
    ite,
    le,
    lit,
    lt,
    neg,
    or_else,
    subset,
    times,
    total,
)
from kspec.lower.symbolic import Bunch, Clock, Flag, Known, Maybe, Num, Sym, Tabled, Whole
from kspec.lower.tables import by_cases, folded
from kspec.pure import prims
from kspec.pure.value import Value

TEXTUAL: Final = frozenset(
    {
        "starts",
        "ends",
        "has-text",
        "lower",
        "strip-end",
        "strip-start",
        "split",
        "replace",
        "length",
        "concat",
        "decimal",
    }
)


def lower_prim(low: Lowering, frame: Frame, expr: TPrim) -> Sym:
    """The value of an operation."""
    from kspec.lower.expr import lower

    match expr.op:
        case "and" | "or" | "implies":
            return Flag(_logic(low, frame, expr))
        case "live?" | "age" | "name-of" | "kind-is":
            return _about_object(low, frame, expr)
    args = tuple(lower(low, frame, arg) for arg in expr.args)
    types = tuple(arg.type for arg in expr.args)
    if expr.op == "text":
        return _text(low, frame, expr, args[0])
    if expr.op in TEXTUAL:
        return _textual(low, expr, args)
    match expr.op:
        case "not":
            return Flag(neg(as_flag(low.shapes, args[0])))
        case "==":
            return Flag(equal(low.shapes, _common(types), *args))
        case "<" | "<=":
            return Flag(less(low, types[0], args[0], args[1], expr.op == "<="))
        case "+" | "-" | "*" | "neg" | "abs" | "/" | "div" | "mod" | "floor" | "ceil" | "frac":
            return _arithmetic(low, expr, tuple(as_num(low.shapes, a) for a in args))
        case "min" | "max":
            is_first = less(low, types[0], args[0], args[1], True)
            first, second = args if expr.op == "min" else (args[1], args[0])
            both = _least_of_numbers(low, expr, args)
            return both or choose(low.shapes, expr.type, is_first, first, second)
        case "exists":
            return Flag(as_maybe(low.shapes, args[0]).present)
        case "off?" | "on?" | "due?":
            return Flag(_timer_state(low, expr.op, args[0]))
        case _:
            return _collection(low, expr, args)


def _common(types: tuple[Type, ...]) -> Type:
    """The type to compare in: an object of any kind if one side is one."""
    a, b = types
    if isinstance(a, OptT) and isinstance(b, OptT):
        return OptT(_common((a.of, b.of)))
    return b if isinstance(b, ObjectT) else a


def _logic(low: Lowering, frame: Frame, expr: TPrim) -> Expr:
    from kspec.lower.expr import flag

    if expr.op == "implies":
        left = flag(low, frame, expr.args[0])
        return TRUE if left == FALSE else implies(left, flag(low, frame, expr.args[1]))
    stop = FALSE if expr.op == "and" else TRUE
    parts: list[Expr] = []
    for arg in expr.args:
        part = flag(low, frame, arg)
        if part == stop:
            return stop
        parts.append(part)
    return conj(parts) if expr.op == "and" else disj(parts)


# ---- names ------------------------------------------------------------------------------------------


def _textual(low: Lowering, expr: TPrim, args: tuple[Sym, ...]) -> Sym:
    known = tuple(by_cases(low.shapes, a) for a in args)
    if any(k is None for k in known):
        raise CannotLower("the text of this cannot be listed case by case", expr.span)
    function = prims.TABLE[expr.op]
    return folded(low.shapes, function, tuple(k for k in known if k is not None), expr.type)


def _text(low: Lowering, frame: Frame, expr: TPrim, arg: Sym) -> Sym:
    type_ = expr.args[0].type
    if isinstance(type_, KindT):
        return name_of(low, frame, type_.name, arg)
    known = by_cases(low.shapes, arg)
    if known is None and isinstance(type_, OptT):
        inner = as_maybe(low.shapes, arg)
        content = by_cases(low.shapes, inner.content)
        if content is not None:
            shown = folded(low.shapes, lambda v: prims.text(v, type_.of), (content,), NameT())
            return choose(low.shapes, NameT(), inner.present, shown, Known("none"))
    if known is None:
        raise CannotLower("the text of this cannot be listed case by case", expr.span)
    return folded(low.shapes, lambda v: prims.text(v, type_), (known,), NameT())


def name_of(low: Lowering, frame: Frame, kind: str, obj: Sym) -> Sym:
    """The name that refers to an object: its key, the parts joined by `/`."""
    names = low.static.tables.kinds[kind].key
    if not names:
        where = as_ident(low.shapes, kind, obj)
        size = low.shapes.pools[kind]
        return Tabled(where, tuple(f"{kind.lower()}-{i}" for i in range(size)))
    parts = tuple(worlds.read_field(low, frame.world, kind, n, obj) for n in names)
    if len(parts) == 1 and isinstance(low.static.tables.fields[kind][names[0]].type, NameT):
        return parts[0]
    known = tuple(by_cases(low.shapes, p) for p in parts)
    if any(k is None for k in known):
        raise CannotStore("this key cannot be listed case by case")
    return folded(
        low.shapes,
        lambda *vs: "/".join(str(v) for v in vs),
        tuple(k for k in known if k is not None),
        NameT(),
    )


# ---- objects ----------------------------------------------------------------------------------------


def _about_object(low: Lowering, frame: Frame, expr: TPrim) -> Sym:
    from kspec.lower.expr import lower

    arg, type_ = lower(low, frame, expr.args[0]), expr.args[0].type
    there: Expr = TRUE
    if isinstance(type_, OptT):
        maybe = as_maybe(low.shapes, arg)
        there, arg, type_ = maybe.present, maybe.content, type_.of
        if there == FALSE:
            return Known(False)
    match expr.op, type_:
        case "live?", KindT(kind):
            where = as_ident(low.shapes, kind, arg)
            return Flag(conj((there, worlds.lives(low, frame.world, kind, where))))
        case "live?", KeyT(kind):
            return Flag(conj((there, worlds.bearer(low, frame.world, kind, arg).present)))
        case "live?", ObjectT():
            parts = as_alternatives(low.shapes, arg)
            return Flag(
                conj(
                    (
                        there,
                        disj(
                            conj((a.cond, worlds.lives(low, frame.world, a.kind, a.expr)))
                            for a in parts
                        ),
                    )
                )
            )
        case "age", KindT(kind):
            where = as_ident(low.shapes, kind, arg)
            return Num(worlds.age(low, frame.world, kind, where), Fraction(1))
        case "name-of", KindT(kind):
            return name_of(low, frame, kind, arg)
        case "kind-is", _:
            parts = as_alternatives(low.shapes, arg)
            return Flag(conj((there, disj(a.cond for a in parts if a.kind == expr.extra))))
        case _:
            raise CannotLower(f"`{expr.op}` of this cannot be computed in a state", expr.span)


# ---- order ------------------------------------------------------------------------------------------


def less(low: Lowering, type_: Type, a: Sym, b: Sym, or_equal: bool) -> Expr:
    """`a < b`, or `a <= b`."""
    if isinstance(type_, TupleT):
        xs, ys = as_parts(low.shapes, type_, a), as_parts(low.shapes, type_, b)
        return _lexicographic(low, type_.parts, xs, ys, or_equal)
    names = frozenset(_names(low, a) + _names(low, b)) if isinstance(type_, NameT | KeyT) else None
    left, right = ranks(low, type_, a, names), ranks(low, type_, b, names)
    x, y = aligned(left, right)
    return le(x, y) if or_equal else lt(x, y)


def _lexicographic(
    low: Lowering,
    types: tuple[Type, ...],
    xs: tuple[Sym, ...],
    ys: tuple[Sym, ...],
    or_equal: bool,
) -> Expr:
    if not types:
        return TRUE if or_equal else FALSE
    if len(types) == 1:
        return less(low, types[0], xs[0], ys[0], or_equal)
    same = equal(low.shapes, types[0], xs[0], ys[0])
    rest = _lexicographic(low, types[1:], xs[1:], ys[1:], or_equal)
    return disj((less(low, types[0], xs[0], ys[0], False), conj((same, rest))))


def ranks(
    low: Lowering, type_: Type, sym: Sym, names: frozenset[str] | None = None
) -> Num:
    """A scalar as a number with the same order; names as text, cases by declaration.

    `names` are all names that the number is compared with; by default the scalar's own.
    """
    match type_:
        case BoolT():
            return Num(as_int(as_flag(low.shapes, sym)), Fraction(1))
        case EnumT():
            case = as_case(low.shapes, type_, sym)
            return Num(_place(case), Fraction(1))
        case NameT() | KeyT():
            return Num(_rank_of_name(low, sym, names), Fraction(1))
        case _:
            return as_num(low.shapes, sym)


def _place(case: Expr) -> Expr:
    sort = sort_of(case)
    n = cardinality(sort)
    return get(Lit(Map(sort, Int(0, n - 1)), tuple(range(n))), case)


def _rank_of_name(low: Lowering, sym: Sym, names: frozenset[str] | None) -> Expr:
    """The place of a name among others, in the order of text."""
    everything = sorted(_names(low, sym) if names is None else names)
    sort = occurring(low.shapes, NameT(), sym)
    assert isinstance(sort, Enum)
    places = {name: i for i, name in enumerate(everything)}
    ordinals = tuple(places[c] for c in sort.cases)
    bounds = Int(min(ordinals), max(ordinals))
    return get(Lit(Map(sort, bounds), ordinals), encode(low.shapes, NameT(), sym, sort))


def _names(low: Lowering, sym: Sym) -> tuple[str, ...]:
    sort = occurring(low.shapes, NameT(), sym)
    assert isinstance(sort, Enum)
    return sort.cases


def key_numbers(low: Lowering, type_: Type, sym: Sym) -> tuple[Expr, ...]:
    """A key to sort by, as integers to compare one after the other."""
    if isinstance(type_, TupleT):
        parts = as_parts(low.shapes, type_, sym)
        return tuple(
            n for t, p in zip(type_.parts, parts, strict=True) for n in key_numbers(low, t, p)
        )
    rank = ranks(low, type_, sym)
    if rank.den is not None:
        raise CannotStore("the result of a division cannot be sorted by")
    return (rank.num,)


# ---- numbers ----------------------------------------------------------------------------------------


def _arithmetic(low: Lowering, expr: TPrim, args: tuple[Num, ...]) -> Sym:
    match expr.op:
        case "+":
            result = args[0]
            for other in args[1:]:
                result = plus(result, other, ArithOp.ADD)
        case "-":
            result = plus(args[0], args[1], ArithOp.SUB)
        case "*":
            result = args[0]
            for other in args[1:]:
                result = product(result, other)
        case "neg":
            result = plus(number(0), args[0], ArithOp.SUB)
        case "abs":
            (arg,) = args
            flipped = arith(ArithOp.SUB, lit(0), arg.num)
            result = Num(ite(lt(arg.num, lit(0)), flipped, arg.num), arg.scale, arg.den)
        case "/":
            return _divided(low, expr, args[0], args[1])
        case "div" | "mod":
            return _rounded(low, expr, args[0], args[1])
        case "floor":
            result = _floor(args[0])
        case "ceil":
            down = _floor(plus(number(0), args[0], ArithOp.SUB))
            result = plus(number(0), down, ArithOp.SUB)
        case _:
            (result,) = args
    return simplified(result, expr.type)


def simplified(result: Num, type_: Type) -> Sym:
    """A number that is known, as such."""
    if isinstance(result.num, Lit) and (result.den is None or isinstance(result.den, Lit)):
        top = result.num.value
        bottom = result.den.value if isinstance(result.den, Lit) else 1
        assert isinstance(top, int) and isinstance(bottom, int)
        exact = Fraction(top, bottom) * result.scale
        if isinstance(type_, IntT):
            assert exact.denominator == 1, exact
            return Known(int(exact))
        return Known(exact)
    return result


def plus(a: Num, b: Num, op: ArithOp) -> Num:
    """The sum or difference."""
    measure = measure_of_both(a.scale, b.scale)
    if measure == 0:
        return number(0)
    if a.den is None and b.den is None:
        x, y = times(a.num, int(a.scale / measure)), times(b.num, int(b.scale / measure))
        return Num(arith(op, x, y), measure)
    x, y = aligned(a, b)
    den = arith(ArithOp.MUL, a.den or lit(1), b.den or lit(1))
    return Num(arith(op, x, y), measure, den)


def product(a: Num, b: Num) -> Num:
    """The product."""
    den = None
    if a.den is not None or b.den is not None:
        den = arith(ArithOp.MUL, a.den or lit(1), b.den or lit(1))
    return Num(arith(ArithOp.MUL, a.num, b.num), a.scale * b.scale, den)


def _divided(low: Lowering, expr: TPrim, a: Num, b: Num) -> Sym:
    if b.scale == 0 or b.num == lit(0):
        return _without_divisor(expr)
    sort = integer_sort(b.num)
    zero = eq(b.num, lit(0))
    sign = 1
    if sort.hi <= 0:
        sign = -1
    elif sort.lo < 0:
        raise CannotLower("the divisor may be negative or positive", expr.args[1].span)
    bottom = times(b.num, sign)
    if zero != FALSE:
        if not isinstance(expr.type, OptT):
            raise CannotLower("the divisor may be 0", expr.args[1].span)
        bottom = arith(ArithOp.MAX, bottom, lit(1))
    num = times(arith(ArithOp.MUL, a.num, b.den or lit(1)), sign)
    den = arith(ArithOp.MUL, a.den or lit(1), bottom)
    result = simplified(Num(num, a.scale / b.scale, den), _inner(expr.type))
    return result if zero == FALSE else Maybe(neg(zero), result)


def _inner(type_: Type) -> Type:
    return type_.of if isinstance(type_, OptT) else type_


def _without_divisor(expr: TPrim) -> Sym:
    if isinstance(expr.type, OptT):
        return Known(None)
    raise CannotLower("division by zero", expr.args[1].span)


def _rounded(low: Lowering, expr: TPrim, a: Num, b: Num) -> Sym:
    """`div` and `mod`: rounded down, the remainder with the divisor's sign."""
    x, y = aligned(a, b)
    sort = integer_sort(y)
    if sort.lo == sort.hi == 0:
        return _without_divisor(expr)
    zero = eq(y, lit(0))
    if sort.lo < 0:
        raise CannotLower("the divisor may be negative", expr.args[1].span)
    if zero != FALSE:
        if not isinstance(expr.type, OptT):
            raise CannotLower("the divisor may be 0", expr.args[1].span)
        y = arith(ArithOp.MAX, y, lit(1))
    if expr.op == "div":
        result = Num(arith(ArithOp.DIV, x, y), Fraction(1))
    else:
        measure = measure_of_both(a.scale, b.scale)
        den = None
        if a.den is not None or b.den is not None:
            den = arith(ArithOp.MUL, a.den or lit(1), b.den or lit(1))
        result = Num(arith(ArithOp.MOD, x, y), measure, den)
    value = simplified(result, _inner(expr.type))
    return value if zero == FALSE else Maybe(neg(zero), value)


def _floor(a: Num) -> Num:
    top = times(a.num, a.scale.numerator)
    bottom = times(a.den or lit(1), a.scale.denominator)
    return Num(arith(ArithOp.DIV, top, bottom), Fraction(1))


def _least_of_numbers(low: Lowering, expr: TPrim, args: tuple[Sym, ...]) -> Sym | None:
    if not isinstance(expr.type, IntT | UnitT):
        return None
    a, b = (as_num(low.shapes, arg) for arg in args)
    if a.den is not None or b.den is not None:
        return None
    measure = measure_of_both(a.scale, b.scale)
    if measure == 0:
        return Known(0 if isinstance(expr.type, IntT) else Fraction(0))
    x, y = aligned(a, b)
    op = ArithOp.MIN if expr.op == "min" else ArithOp.MAX
    return simplified(Num(arith(op, x, y), measure), expr.type)


# ---- timers -----------------------------------------------------------------------------------------


def _timer_state(low: Lowering, op: str, sym: Sym) -> Expr:
    if isinstance(sym, Known):
        value: Value = sym.value
        found = {"off?": value is None, "on?": value is not None, "due?": value == 0}
        return TRUE if found[op] else FALSE
    if isinstance(sym, Tabled):
        flags = folded(low.shapes, lambda t: prims.TABLE[op](t), (sym,), BoolT())
        return as_flag(low.shapes, flags)
    assert isinstance(sym, Clock)
    if not low.shapes.timed:
        off, due = Lit(UNTIMED, "off"), Lit(UNTIMED, "due")
        return {
            "off?": eq(sym.expr, off),
            "on?": neg(eq(sym.expr, off)),
            "due?": eq(sym.expr, due),
        }[op]
    on = is_some(sym.expr)
    if op == "due?":
        return conj((on, eq(or_else(sym.expr, lit(1)), lit(0))))
    return on if op == "on?" else neg(on)


# ---- sets, lists, maps ------------------------------------------------------------------------------


def _collection(low: Lowering, expr: TPrim, args: tuple[Sym, ...]) -> Sym:
    known = tuple(a for a in args if isinstance(a, Known | Tabled))
    if len(known) == len(args) and expr.op in prims.TABLE:
        return folded(low.shapes, prims.TABLE[expr.op], known, expr.type)
    types = tuple(a.type for a in expr.args)
    match expr.op, types:
        case "in", (_, SetT(of)):
            return Flag(_in_set(low, of, args[0], args[1]))
        case "in-list", (_, ListT(of)):
            return Flag(
                disj(
                    conj((c, equal(low.shapes, of, args[0], x)))
                    for c, x in items_of(low, types[1], args[1])
                )
            )
        case "has", (_, MapT() as type_):
            return Flag(_has(low, type_, args[0], args[1]))
        case "keys", (MapT() as type_,):
            return _keys(low, type_, args[0])
        case "values", (MapT() as type_,):
            return _values(low, type_, args[0])
        case "size", (SetT(of),):
            return Num(size_of(low, of, args[0]), Fraction(1))
        case (("union" | "inter" | "minus"), (SetT(), *_)):
            result = args[0]
            for other in args[1:]:
                result = set_operation(low, expr.op, expr.type, result, other)
            return result
        case "subset", (SetT(of), _):
            return Flag(_subset(low, of, types[0], args[0], args[1]))
        case (("len" | "size"), (ListT() as type_,)):
            items = items_of(low, type_, args[0])
            if isinstance(args[0], Whole):
                from kspec.ir.expr import Len

                return Num(Len(args[0].expr), Fraction(1))
            return Num(_sum(as_int(c) for c, _ in items), Fraction(1))
        case (("head" | "reverse" | "++" | "set-of-list"), (ListT(of), *_)):
            return _list_operation(low, expr, of, args)
        case "to-list", (OptT(of),):
            from kspec.lower.expr import list_of

            maybe = as_maybe(low.shapes, args[0])
            return list_of(
                low, of, [] if maybe.present == FALSE else [(maybe.present, maybe.content)]
            )
        case _:
            raise CannotLower(f"`{expr.op}` of this cannot be computed in a state", expr.span)


def _sum(terms: object) -> Expr:
    result: Expr = lit(0)
    for term in terms:  # type: ignore[attr-defined]  # any iterable of expressions
        result = arith(ArithOp.ADD, result, term)
    return result


def items_of(low: Lowering, type_: Type, sym: Sym) -> list[tuple[Expr, Sym]]:
    """The places of a list or the possible elements of a set, each with its condition."""
    match type_, sym:
        case ListT(), Known(tuple() as items):
            return [(TRUE, Known(i)) for i in items]
        case ListT(), Tabled(index, cases):
            rows = [c if isinstance(c, tuple) else () for c in cases]
            found: list[tuple[Expr, Sym]] = []
            for place in range(max(map(len, rows), default=0)):
                filler = next(r[place] for r in rows if len(r) > place)
                column = tuple(r[place] if len(r) > place else filler for r in rows)
                here = folded(low.shapes, lambda row, n=place: len(row) > n, (sym,), BoolT())
                from kspec.lower.tables import tabled

                found.append((as_flag(low.shapes, here), tabled(index, column)))
            return found
        case ListT(of), Whole(expr):
            return [(there, decode(low.shapes, of, e)) for there, e in elements(expr)]
        case SetT(of), _:
            return list(bunch(low.shapes, of, sym).items)
        case OptT(), _:
            maybe = as_maybe(low.shapes, sym)
            return [] if maybe.present == FALSE else [(maybe.present, maybe.content)]
        case _:
            raise CannotStore("this has no elements")


def _in_set(low: Lowering, of: Type, item: Sym, whole: Sym) -> Expr:
    known = by_cases(low.shapes, item)
    if isinstance(whole, Known | Tabled) and known is not None and not isinstance(of, KindT):
        found = folded(low.shapes, prims.TABLE["in"], (known, whole), BoolT())
        return as_flag(low.shapes, found)
    return member(low.shapes, of, item, whole)


def _has(low: Lowering, type_: MapT, key: Sym, whole: Sym) -> Expr:
    from kspec.lower.expr import get_from

    if type_.total:
        return TRUE
    return as_maybe(low.shapes, get_from(low, type_, whole, key)).present


def _keys(low: Lowering, type_: MapT, sym: Sym) -> Sym:
    expr = as_whole(low.shapes, type_, sym)
    sort = sort_of(expr)
    assert isinstance(sort, Map)
    binder, local = low.binder("k", sort.key)
    cond = TRUE if type_.total else is_some(get(expr, local))
    if type_.total and isinstance(type_.key, KindT):
        raise CannotStore("the keys of a total map are all objects; range over the kind")
    return Whole(SetOf(binder, cond))


def _values(low: Lowering, type_: MapT, sym: Sym) -> Sym:
    """The values by the order of their keys."""
    from kspec.lower.expr import list_of

    expr = as_whole(low.shapes, type_, sym)
    sort = sort_of(expr)
    assert isinstance(sort, Map)
    found: list[tuple[Expr, Sym]] = []
    for key in _ordered_keys(low, type_, sort):
        value = get(expr, Lit(sort.key, key))  # type: ignore[arg-type]  # a value of the sort
        if type_.total:
            found.append((TRUE, decode(low.shapes, type_.value, value)))
        else:
            inner = type_.value if isinstance(type_.value, OptT) else OptT(type_.value)
            maybe = as_maybe(low.shapes, decode(low.shapes, inner, value))
            found.append((maybe.present, maybe.content))
    of = type_.value.of if isinstance(type_.value, OptT) else type_.value
    return list_of(low, of, [(c, s) for c, s in found if c != FALSE])


def _ordered_keys(low: Lowering, type_: MapT, sort: Map) -> list[object]:
    from kspec.pure.order import rank

    keys = [(pure(low.shapes, type_.key, v, sort.key), v) for v in values(sort.key)]
    order = rank(type_.key, low.static.tables)
    return [v for _, v in sorted(keys, key=lambda pair: order(pair[0]))]


def size_of(low: Lowering, of: Type, sym: Sym) -> Expr:
    """How many elements a set has."""
    if isinstance(sym, Whole):
        sort = sort_of(sym.expr)
        assert isinstance(sort, Set)
        binder, local = low.binder("e", sort.of)
        return total(binder, contains(sym.expr, local), lit(1))
    items = bunch(low.shapes, of, sym).items
    return _sum(as_int(c) for c in distinct(low, of, items))


def distinct(low: Lowering, of: Type, items: tuple[tuple[Expr, Sym], ...]) -> list[Expr]:
    """For each element, whether it is in the set and no earlier one is equal to it."""
    found: list[Expr] = []
    for i, (cond, item) in enumerate(items):
        again = disj(conj((c, equal(low.shapes, of, x, item))) for c, x in items[:i])
        found.append(conj((cond, neg(again))))
    return found


def set_operation(low: Lowering, op: str, type_: Type, a: Sym, b: Sym) -> Sym:
    """Union, intersection or difference."""
    assert isinstance(type_, SetT)
    if isinstance(a, Known | Tabled) and isinstance(b, Known | Tabled):
        return folded(low.shapes, prims.TABLE[op], (a, b), type_)
    if stays_whole(low, type_.of, a) and stays_whole(low, type_.of, b):
        return Whole(_whole_operation(low, op, type_, a, b))
    xs, ys = bunch(low.shapes, type_.of, a).items, bunch(low.shapes, type_.of, b).items
    if op == "union":
        return Bunch((*xs, *ys))
    keep = []
    for cond, item in xs:
        there = member(low.shapes, type_.of, item, b)
        keep.append((conj((cond, there if op == "inter" else neg(there))), item))
    return Bunch(tuple((c, i) for c, i in keep if c != FALSE))


def stays_whole(low: Lowering, of: Type, sym: Sym) -> bool:
    """Is a set small enough as the IR stores it?"""
    if isinstance(sym, Whole):
        return True
    try:
        sort = occurring(low.shapes, SetT(of), sym)
    except CannotStore:
        return False
    assert isinstance(sort, Set)
    return cardinality(sort.of) <= 64


def _whole_operation(low: Lowering, op: str, type_: SetT, a: Sym, b: Sym) -> Expr:
    sort = meet(occurring(low.shapes, type_, a), occurring(low.shapes, type_, b))
    kind = {"union": SetOpKind.UNION, "inter": SetOpKind.INTER, "minus": SetOpKind.MINUS}[op]
    x, y = encode(low.shapes, type_, a, sort), encode(low.shapes, type_, b, sort)
    return SetOp(kind, x, y)


def _subset(low: Lowering, of: Type, type_: Type, a: Sym, b: Sym) -> Expr:
    if stays_whole(low, of, a) and stays_whole(low, of, b):
        sort = meet(occurring(low.shapes, type_, a), occurring(low.shapes, type_, b))
        return subset(encode(low.shapes, type_, a, sort), encode(low.shapes, type_, b, sort))
    items = bunch(low.shapes, of, a).items
    return conj(disj((neg(c), member(low.shapes, of, x, b))) for c, x in items)


def _list_operation(low: Lowering, expr: TPrim, of: Type, args: tuple[Sym, ...]) -> Sym:
    from kspec.lower.expr import list_of

    lists = [items_of(low, a.type, s) for a, s in zip(expr.args, args, strict=True)]
    match expr.op:
        case "++":
            if all(isinstance(a, Whole | Known) for a in args):
                whole = [
                    as_whole(low.shapes, t.type, a) for t, a in zip(expr.args, args, strict=True)
                ]
                return Whole(_concatenated(low, whole))
            return list_of(low, of, [item for items in lists for item in items])
        case "reverse":
            return list_of(low, of, list(reversed(lists[0])))
        case "set-of-list":
            return Bunch(tuple(lists[0]))
        case _:
            return first_of(low, of, lists[0])


def first_of(low: Lowering, of: Type, items: list[tuple[Expr, Sym]]) -> Sym:
    """The first item whose condition is true, as an option."""
    present = disj(c for c, _ in items)
    usable = [(c, s) for c, s in items if c != FALSE]
    if not usable:
        return Known(None)
    result = usable[-1][1]
    for cond, item in reversed(usable[:-1]):
        result = choose(low.shapes, of, cond, item, result)
    if isinstance(of, OptT):
        inner = as_maybe(low.shapes, result)
        return Maybe(conj((present, inner.present)), inner.content)
    return Maybe(present, result)


def _concatenated(low: Lowering, parts: list[Expr]) -> Expr:
    from kspec.ir.expr import Concat
    from kspec.ir.sorts import Seq
    from kspec.lower.codec import converted

    sorts = [sort_of(p) for p in parts]
    of = sorts[0].of if isinstance(sorts[0], Seq) else None
    assert of is not None
    for sort in sorts[1:]:
        assert isinstance(sort, Seq)
        of = meet(of, sort.of)
    coded = []
    for part, sort in zip(parts, sorts, strict=True):
        assert isinstance(sort, Seq)
        if sort.cap:
            coded.append(converted(part, Seq(of, sort.cap)))
    if not coded:
        return parts[0]
    whole = coded[0]
    for part in coded[1:]:
        whole = Concat(whole, part)
    return whole
