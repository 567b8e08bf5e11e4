"""Types of expressions: what each form means and the coercions between forms.

`infer` finds the type of an expression, `check` fits it to a wanted one. Both raise `Wrong` at the
first mistake inside the expression. Quantifiers are in `quantify`, built-in functions in
`builtin`, claims over time in `claims`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import assert_never

from kspec.analysis import builtin, coerce, quantify, report, temporal
from kspec.analysis.checker import Checker
from kspec.analysis.coerce import same
from kspec.analysis.env import Env
from kspec.analysis.literals import quantity
from kspec.analysis.typed import (
    PAny,
    Pattern,
    PBind,
    PList,
    PLit,
    PNone,
    PTemplate,
    TAt,
    TBefore,
    TCall,
    TExpr,
    TField,
    TGet,
    TIf,
    TLet,
    TList,
    TLit,
    TLookup,
    TMap,
    TMatch,
    TOrElse,
    TParam,
    TPrim,
    TRecord,
    TRefField,
    TSet,
    TSome,
    TState,
    TTimer,
    TTuple,
    TUniverse,
    TVar,
    TWith,
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
from kspec.analysis.words import show_type
from kspec.base import codes
from kspec.base.diagnostic import Diagnostic, Label
from kspec.base.source import Span
from kspec.syntax import ast

LOGIC = {"and", "or", "implies"}
EQUALITY = {"==", "!=", "is", "is not"}
ORDER = {"<", "<=", ">", ">="}
ARITHMETIC = {"+", "-", "*", "/", "div", "mod", "++", "union", "minus", "inter"}


def check(c: Checker, node: ast.Expr, wanted: Type, env: Env, why: Label | None = None) -> TExpr:
    """The expression as a value of the wanted type."""
    match node:
        case ast.Name(name, span) if isinstance(wanted, EnumT | OptT | TimerT):
            case = _expected_case(c, name, span, wanted, env)
            if case is not None:
                return case
        case ast.Braces():
            return _braces(c, node, wanted, env)
        case ast.ListLit(items, span) if isinstance(wanted, ListT | SetT):
            parts = tuple(check(c, i, wanted.of, env) for i in items)
            return (
                TList(parts, wanted, span)
                if isinstance(wanted, ListT)
                else TSet(parts, wanted, span)
            )
        case ast.TupleLit(items, span) if isinstance(wanted, TupleT):
            if len(items) != len(wanted.parts):
                raise c.fail(report.parts(len(wanted.parts), len(items), span, why))
            parts = tuple(check(c, i, t, env) for i, t in zip(items, wanted.parts, strict=True))
            return TTuple(parts, wanted, span)
        case ast.IfExpr(cond, then, other, span):
            return TIf(
                check(c, cond, BoolT(), env.closed()),
                check(c, then, wanted, env, why),
                check(c, other, wanted, env, why),
                wanted,
                span,
            )
        case ast.LetExpr(name, value, body, span):
            bound = infer(c, value, env)
            inner = check(c, body, wanted, env.bind(name.text, bound.type), why)
            return TLet(name.text, bound, inner, wanted, span)
        case ast.Match():
            return _match(c, node, wanted, env)
        case ast.Binary("or else", left, right, _, span) if not isinstance(wanted, OptT):
            first = check(c, left, OptT(wanted), env, why)
            if isinstance(first, TSome):
                raise c.fail(_always_there(first.arg))
            return TOrElse(first, check(c, right, wanted, env, why), wanted, span)
        case ast.Call(ast.Name(name, _)) if (
            name in ("sum", "product", "min", "max")
            and quantify.is_aggregate(node)
            and isinstance(node, ast.Call)
        ):
            term = wanted.of if isinstance(wanted, OptT) else wanted
            return coerce.fit(c, quantify.aggregate(c, name, node, env, term), wanted, why)
        case ast.QuantityLit(text, span):
            return quantity(c, text, span, wanted)
        case ast.IntLit(value, span) if isinstance(wanted, UnitT):
            return TLit(Fraction(value), wanted, span)
        case _:
            pass
    return coerce.fit(c, infer(c, node, env), wanted, why)


def infer(c: Checker, node: ast.Expr, env: Env) -> TExpr:
    """The expression with the type that it has by itself."""
    match node:
        case ast.Name(name, span):
            return _name(c, name, span, env)
        case ast.IntLit(value, span):
            return TLit(value, IntT(), span)
        case ast.QuantityLit(text, span):
            return quantity(c, text, span, None)
        case ast.StringLit():
            return text_of(c, node, env)
        case ast.NoneLit(span):
            return TLit(None, NothingT("none"), span)
        case ast.TimerIn(duration, span):
            return TTimer(check(c, duration, UnitT("duration"), env), TimerT(), span)
        case ast.Braces():
            return _free_braces(c, node, env)
        case ast.ListLit(items, span):
            if not items:
                return TList((), NothingT("[]"), span)
            first, *rest = (infer(c, i, env) for i in items)
            joined = coerce.common(c, (first, *rest))
            return TList(joined, ListT(joined[0].type), span)
        case ast.TupleLit(items, span):
            typed = tuple(infer(c, i, env) for i in items)
            return TTuple(typed, TupleT(tuple(t.type for t in typed)), span)
        case ast.FieldOf():
            return _field_of(c, node, env)
        case ast.IndexOf():
            return _index_of(c, node, env)
        case ast.Call():
            return _call(c, node, env)
        case ast.Unary():
            return _unary(c, node, env)
        case ast.Binary():
            return _binary(c, node, env)
        case ast.InRange(arg, lo, hi, span):
            inside = check(c, arg, IntT(), env)
            least, most = check(c, lo, IntT(), env), check(c, hi, IntT(), env)
            both = (
                TPrim("<=", (least, inside), BoolT(), span),
                TPrim("<=", (inside, most), BoolT(), span),
            )
            return TPrim("and", both, BoolT(), span)
        case ast.WithExpr():
            return _with(c, node, env)
        case ast.Quantifier() | ast.SortBy() | ast.ChooseLeast() | ast.FoldExpr():
            return quantify.infer_quantified(c, node, env)
        case ast.LetExpr(name, value, body, span):
            bound = infer(c, value, env)
            inner = infer(c, body, env.bind(name.text, bound.type))
            return TLet(name.text, bound, inner, inner.type, span)
        case ast.IfExpr(cond, then, other, span):
            test = check(c, cond, BoolT(), env.closed())
            a, b = coerce.common(c, (infer(c, then, env), infer(c, other, env)))
            return TIf(test, a, b, a.type, span)
        case ast.WhileStays():
            return temporal.while_stays(c, node, env)
        case ast.After():
            from kspec.analysis.statements import after

            return after(c, node, env)
        case ast.Match():
            return _match(c, node, None, env)
        case _:
            assert_never(node)


# ---- names -------------------------------------------------------------------------------------


def _expected_case(c: Checker, name: str, span: Span, wanted: Type, env: Env) -> TExpr | None:
    """A bare word as a case of the wanted enumeration, where no local name is meant."""
    if name in env.names:
        return None
    inner = wanted.of if isinstance(wanted, OptT) else wanted
    if isinstance(inner, EnumT) and name in inner.cases:
        lit = TLit(name, inner, span)
        return TSome(lit, wanted, span) if isinstance(wanted, OptT) else lit
    if isinstance(inner, TimerT) and name == "off":
        return TLit("off", TimerT(), span)
    return None


def _name(c: Checker, name: str, span: Span, env: Env) -> TExpr:
    found = find_name(c, name, span, env)
    if found is not None:
        return found
    if name in ("true", "false"):
        return TLit(name == "true", BoolT(), span)
    owners = c.cases.get(name, [])
    if len(owners) == 1:
        decl = c.tables.enums[owners[0]]
        return TLit(name, EnumT(owners[0], tuple(x.text for x in decl.cases)), span)
    if owners:
        raise c.fail(report.ambiguous_case(name, span, owners))
    known = {*env.names, *c.tables.words(), *c.cases}
    if isinstance(env.self_type, KindT | RecordT):
        known |= set(c.fields_of(env.self_type.name))
    raise c.fail(report.unknown_name(name, span, known))


def find_name(c: Checker, name: str, span: Span, env: Env) -> TExpr | None:
    """What a bare name means here, looked for from the inside out; None if nothing."""
    if name in env.names:
        return TVar(name, env.names[name], span)
    me = env.self_type
    if isinstance(me, KindT | RecordT) and name in c.fields_of(me.name):
        decl = c.fields_of(me.name)[name]
        return TField(TVar("self", me, span), name, decl.type, span)
    for full in (f"{env.component}.{name}", name) if env.component else (name,):
        found = _global(c, full, span)
        if found is not None:
            return found
    return None


def _global(c: Checker, full: str, span: Span) -> TExpr | None:
    c.demand(f"signature {full}")
    if full in c.states:
        return TState(full, c.states[full], span)
    if full in c.params:
        return TParam(full, c.params[full], span)
    if full in c.universes:
        return TUniverse(full, c.universes[full], span)
    if builtin.is_function(c, full):
        fn = c.function(full, span)
        if fn.parameters:
            names = [n for n, _ in fn.parameters]
            raise c.fail(report.arity(full, len(names), 0, span, names))
        return TCall(full, (), fn.result, span)
    return None


# ---- literals ----------------------------------------------------------------------------------


def text_of(c: Checker, node: ast.StringLit, env: Env) -> TExpr:
    """Text with values in it: a name."""
    if all(isinstance(p, str) for p in node.parts):
        return TLit("".join(p for p in node.parts if isinstance(p, str)), NameT(), node.span)
    parts: list[TExpr] = []
    for part in node.parts:
        if isinstance(part, str):
            if part:
                parts.append(TLit(part, NameT(), node.span))
            continue
        parts.append(_printable(c, infer(c, part, env)))
    return TPrim("concat", tuple(parts), NameT(), node.span)


def _printable(c: Checker, value: TExpr) -> TExpr:
    if isinstance(value.type, NameT | KeyT | IntT):
        return value
    if isinstance(value.type, EnumT | BoolT):
        return TPrim("text", (value,), NameT(), value.span)
    if isinstance(value.type, KindT):
        return TPrim("name-of", (value,), KeyT(value.type.name), value.span)
    raise c.fail(report.mismatch(NameT(), value.type, value.span))


def _braces(c: Checker, node: ast.Braces, wanted: Type, env: Env) -> TExpr:
    match wanted:
        case SetT(of):
            _no_keys(c, node)
            return TSet(tuple(check(c, e.value, of, env) for e in node.entries), wanted, node.span)
        case MapT(key, value, total):
            entries = tuple(
                (check(c, _key(c, e, wanted), key, env), check(c, e.value, value, env))
                for e in node.entries
            )
            partial = TMap(entries, MapT(key, value, False), node.span)
            if total:
                raise c.fail(report.mismatch(wanted, partial.type, node.span))
            return partial
        case RecordT(name):
            given = [(_field_key(c, e), e.value, e.span) for e in node.entries]
            return record(c, name, given, env, node.span)
        case OptT(of):
            return TSome(_braces(c, node, of, env), wanted, node.span)
        case _:
            return coerce.fit(c, _free_braces(c, node, env), wanted, None)


def _free_braces(c: Checker, node: ast.Braces, env: Env) -> TExpr:
    if not node.entries:
        return TSet((), NothingT("{}"), node.span)
    if node.entries[0].key is None:
        _no_keys(c, node)
        items = coerce.common(c, tuple(infer(c, e.value, env) for e in node.entries))
        return TSet(items, SetT(items[0].type), node.span)
    keys = coerce.common(c, tuple(infer(c, _key(c, e, SetT(BoolT())), env) for e in node.entries))
    values = coerce.common(c, tuple(infer(c, e.value, env) for e in node.entries))
    entries = tuple(zip(keys, values, strict=True))
    return TMap(entries, MapT(keys[0].type, values[0].type, False), node.span)


def _no_keys(c: Checker, node: ast.Braces) -> None:
    for entry in node.entries:
        if entry.key is not None:
            message = "a set has elements, not keys"
            raise c.fail(
                report.simple(codes.TYPE_MISMATCH, message, entry.key.span, "this is a key")
            )


def _key(c: Checker, entry: ast.BraceEntry, wanted: Type) -> ast.Expr:
    if entry.key is None:
        raise c.fail(
            report.simple(
                codes.TYPE_MISMATCH,
                "a map or a record has a value behind each key",
                entry.span,
                "no key",
                "write `key: value`",
            )
        )
    return entry.key


def _field_key(c: Checker, entry: ast.BraceEntry) -> ast.Ident:
    key = _key(c, entry, BoolT())
    if isinstance(key, ast.Name):
        return ast.Ident(key.name, key.span)
    if isinstance(key, ast.StringLit) and all(isinstance(p, str) for p in key.parts):
        return ast.Ident("".join(str(p) for p in key.parts), key.span)
    raise c.fail(
        report.simple(
            codes.TYPE_MISMATCH,
            "the key of a record is the name of a field",
            key.span,
            "not a name",
        )
    )


def record(
    c: Checker,
    name: str,
    given: list[tuple[ast.Ident, ast.Expr, Span]],
    env: Env,
    span: Span,
) -> TExpr:
    """A record from the fields given, defaults for the others."""
    return TRecord(complete(c, name, given, env, span), RecordT(name), span)


def complete(
    c: Checker,
    owner: str,
    given: list[tuple[ast.Ident, ast.Expr, Span]],
    env: Env,
    span: Span,
) -> tuple[tuple[str, TExpr], ...]:
    """Every field of a record or kind: as given, or its default, in declaration order."""
    values: dict[str, TExpr] = {}
    places: dict[str, Span] = {}
    for ident, value, _ in given:
        decl = c.field_of(owner, ident.text, ident.span)
        if ident.text in values:
            raise c.fail(report.given_twice(ident.text, ident.span, places[ident.text]))
        where = Label(decl.span, f"`{ident.text}` is declared here")
        values[ident.text] = check(c, value, decl.type, env, where)
        places[ident.text] = ident.span
    return tuple(
        (n, values[n] if n in values else default(c, owner, n, span)) for n in c.fields_of(owner)
    )


def default(c: Checker, owner: str, name: str, span: Span) -> TExpr:
    """A field's declared default, or what an absent value of its type is."""
    decl = c.fields_of(owner)[name]
    if decl.default is not None:
        return decl.default
    implied = coerce.absent(decl.type, span)
    if implied is not None:
        return implied
    raise c.fail(report.missing_field(owner, name, span, decl.span))


# ---- access ------------------------------------------------------------------------------------


def _field_of(c: Checker, node: ast.FieldOf, env: Env) -> TExpr:
    member = _component_member(c, node, env)
    if member is not None:
        return member
    return access(c, infer(c, node.arg, env), node.name, node.span)


def _component_member(c: Checker, node: ast.FieldOf, env: Env) -> TExpr | None:
    """`component.memory`, `Enum.Case`."""
    if not isinstance(node.arg, ast.Name) or node.arg.name in env.names:
        return None
    owner = node.arg.name
    if owner in c.tables.enums:
        cases = tuple(x.text for x in c.tables.enums[owner].cases)
        if node.name.text not in cases:
            raise c.fail(report.unknown_case(node.name.text, owner, node.name.span, cases))
        return TLit(node.name.text, EnumT(owner, cases), node.span)
    if owner in c.tables.components:
        found = _global(c, f"{owner}.{node.name.text}", node.span)
        if found is None:
            raise c.fail(_unknown_member(c, owner, node.name))
        return found
    return None


def _unknown_member(c: Checker, owner: str, name: ast.Ident) -> Diagnostic:
    decl = c.tables.components[owner]
    known = [
        m.name.text
        for m in decl.members
        if isinstance(m, ast.MemoryDecl | ast.ParamDecl | ast.FnDecl)
    ]
    return report.unknown_name(name.text, name.span, known, f"value of `{owner}`")


def access(c: Checker, arg: TExpr, name: ast.Ident, span: Span) -> TExpr:
    """`arg.name`: through options and stored references the result may be absent."""
    match arg.type:
        case KindT(kind, True):
            found = c.field_of(kind, name.text, name.span, arg.span)
            return TField(arg, name.text, found.type, span)
        case RecordT(owner):
            found = c.field_of(owner, name.text, name.span, arg.span)
            return TField(arg, name.text, found.type, span)
        case KindT(kind, False) | KeyT(kind):
            found = c.field_of(kind, name.text, name.span, arg.span)
            return TRefField(arg, name.text, coerce.optional(found.type), span)
        case OptT(of):
            var = c.unique("o")
            inner = access(c, TVar(var, of, arg.span), name, span)
            result = coerce.optional(inner.type)
            body = inner if isinstance(inner.type, OptT) else TSome(inner, result, span)
            nothing = TLit(None, result, span)
            return TMatch(arg, ((PNone(), nothing), (PBind(var, of), body)), result, span)
        case JsonT():
            return TPrim("json-get", (arg, TLit(name.text, NameT(), name.span)), JsonT(), span)
        case _:
            raise c.fail(
                Diagnostic(
                    codes.UNKNOWN_FIELD,
                    f"{show_type(arg.type)} has no fields, and `{name.text}` is asked for",
                    Label(name.span, "no such field"),
                    (Label(arg.span, f"this is {show_type(arg.type)}"),),
                )
            )


def _index_of(c: Checker, node: ast.IndexOf, env: Env) -> TExpr:
    if isinstance(node.arg, ast.Name) and node.arg.name in c.tables.kinds:
        return _lookup(c, node.arg.name, node, env)
    return index(c, infer(c, node.arg, env), node.index, env, node.span)


def index(c: Checker, arg: TExpr, key: ast.Expr, env: Env, span: Span) -> TExpr:
    """`arg[key]` of a map or list."""
    match arg.type:
        case MapT(of, value, total):
            typed = check(c, key, of, env)
            return TGet(arg, typed, value if total else coerce.optional(value), span)
        case ListT(of, _):
            return TAt(arg, check(c, key, IntT(), env), coerce.optional(of), span)
        case JsonT():
            return TPrim("json-get", (arg, infer(c, key, env)), JsonT(), span)
        case OptT(of):
            var = c.unique("o")
            inner = index(c, TVar(var, of, arg.span), key, env, span)
            result = coerce.optional(inner.type)
            body = inner if isinstance(inner.type, OptT) else TSome(inner, result, span)
            nothing = TLit(None, result, span)
            return TMatch(arg, ((PNone(), nothing), (PBind(var, of), body)), result, span)
        case _:
            raise c.fail(
                report.simple(
                    codes.TYPE_MISMATCH,
                    "only a map, a list or a kind with a key can be asked with `[…]`",
                    arg.span,
                    f"this is {show_type(arg.type)}",
                )
            )


def _lookup(c: Checker, kind: str, node: ast.IndexOf, env: Env) -> TExpr:
    key = c.tables.kinds[kind].key or coerce.inherited_key(c, kind)
    if not key:
        raise c.fail(
            report.simple(
                codes.TYPE_MISMATCH,
                f"`{kind}` has no key to be found by",
                node.span,
                "found by what?",
                f"declare what it is found by: `kind {kind} key name {{ … }}`",
            )
        )
    given = node.index.items if isinstance(node.index, ast.TupleLit) else (node.index,)
    if len(given) != len(key):
        raise c.fail(report.key_parts(kind, [k.text for k in key], len(given), node.index.span))
    first = infer(c, given[0], env)
    if len(key) == 1 and isinstance(first.type, OptT):
        var = c.unique("o")
        result = OptT(KindT(kind, True))
        inner = coerce.fit(c, TVar(var, first.type.of, first.span), NameT(), None)
        body = TLookup(kind, (inner,), result, node.span)
        nothing = TLit(None, result, node.span)
        return TMatch(
            first, ((PNone(), nothing), (PBind(var, first.type.of), body)), result, node.span
        )
    keys = tuple(
        check(c, k, c.field_of(kind, f.text, f.span).type, env)
        for k, f in zip(given, key, strict=True)
    )
    return TLookup(kind, keys, OptT(KindT(kind, True)), node.span)


# ---- calls -------------------------------------------------------------------------------------


def _call(c: Checker, node: ast.Call, env: Env) -> TExpr:
    match node.function:
        case ast.Name(name, _) if name in quantify.AGGREGATES and quantify.is_aggregate(node):
            return quantify.aggregate(c, name, node, env)
        case ast.Name("before", _):
            return _before(c, node, env)
        case ast.Name(name, _) if name in temporal.CALLS:
            return temporal.call(c, name, node, env)
        case ast.Name(name, span):
            _plain(c, node)
            if name in c.tables.records:
                given = [(_arg_name(c, a), a.value, a.span) for a in node.args]
                return record(c, name, given, env, node.span)
            full = builtin.resolve(c, name, env)
            if full is not None:
                return builtin.user_call(c, full, node, env)
            return builtin.call(c, name, span, node, env)
        case ast.FieldOf(ast.Name(owner, _), name, _) if owner in c.tables.components:
            _plain(c, node)
            return builtin.user_call(c, f"{owner}.{name.text}", node, env)
        case _:
            raise c.fail(
                report.simple(
                    codes.NOT_ALLOWED_HERE,
                    "only a function can be called",
                    node.function.span,
                    "this is no function's name",
                )
            )


def _plain(c: Checker, node: ast.Call) -> None:
    if node.where is not None or node.body is not None:
        raise c.fail(
            report.simple(
                codes.NOT_ALLOWED_HERE,
                "`where` and `|` stand in `count`, `sum`, `min`, `max`, `product` and `union` only",
                node.function.span,
                "not one of these",
            )
        )


def _arg_name(c: Checker, arg: ast.Arg) -> ast.Ident:
    if arg.name is None:
        raise c.fail(
            report.simple(
                codes.NOT_ALLOWED_HERE,
                "the fields of a record are given by name",
                arg.span,
                "which field?",
                "write `field: value`",
            )
        )
    return arg.name


def _before(c: Checker, node: ast.Call, env: Env) -> TExpr:
    if not env.two_state:
        raise c.fail(
            report.simple(
                codes.NOT_ALLOWED_HERE,
                "`before` looks back over a step, and here is one state only",
                node.span,
                "no step here",
                "write a property of a step: `property p: on any step: …`, or `on c.a: …`",
            )
        )
    (arg,) = builtin.exactly(c, node, 1)
    inner = infer(c, arg, env)
    return TBefore(inner, inner.type, node.span)


# ---- operators ---------------------------------------------------------------------------------


def _unary(c: Checker, node: ast.Unary, env: Env) -> TExpr:
    match node.op:
        case "not":
            arg = infer(c, node.arg, env)
            if isinstance(arg.type, TemporalT):
                return temporal.formula("not", (arg,), node.span)
            return TPrim("not", (coerce.fit(c, arg, BoolT(), None),), BoolT(), node.span)
        case "-":
            arg = infer(c, node.arg, env)
            if not isinstance(arg.type, IntT | RationalT | UnitT):
                raise c.fail(report.mismatch(IntT(), arg.type, arg.span))
            return TPrim("neg", (arg,), arg.type, node.span)
        case "exists" | "missing":
            found = infer(c, node.arg, env)
            if isinstance(found.type, JsonT):
                given: TExpr = TPrim("json-given", (found,), BoolT(), node.span)
            elif isinstance(found.type, OptT):
                given = TPrim("exists", (found,), BoolT(), node.span)
            else:
                raise c.fail(
                    report.simple(
                        codes.TYPE_MISMATCH,
                        f"`{node.op}` asks for what may be absent, not {show_type(found.type)}",
                        found.span,
                        "always there",
                    )
                )
            return given if node.op == "exists" else TPrim("not", (given,), BoolT(), node.span)
        case _:
            return temporal.unary(c, node, env)


def _binary(c: Checker, node: ast.Binary, env: Env) -> TExpr:
    _clear_reach(c, node)
    if node.op in LOGIC:
        return _logic(c, node, env)
    if node.op in EQUALITY:
        same_ = _equal(c, node, env)
        return same_ if node.op in ("==", "is") else TPrim("not", (same_,), BoolT(), node.span)
    if node.op in ORDER:
        return _order(c, node, env)
    if node.op in ARITHMETIC:
        return _arithmetic(c, node, env)
    match node.op:
        case "or else":
            return _or_else(c, node, env)
        case "in":
            return _member(c, node, env)
        case "not in":
            return TPrim("not", (_member(c, node, env),), BoolT(), node.span)
        case "starts" | "ends" | "contains":
            op = "has-text" if node.op == "contains" else node.op
            pair = (check(c, node.left, NameT(), env), check(c, node.right, NameT(), env))
            return TPrim(op, pair, BoolT(), node.span)
        case "subset of":
            left = infer(c, node.left, env)
            if isinstance(left.type, NothingT):
                return TLit(True, BoolT(), node.span)
            if not isinstance(left.type, SetT):
                raise c.fail(report.collection("subset of", left.type, left.span))
            right = check(c, node.right, left.type, env)
            return TPrim("subset", (left, right), BoolT(), node.span)
        case _:
            return temporal.binary(c, node, env)


def _clear_reach(c: Checker, node: ast.Binary) -> None:
    """`always a implies b` can be meant in two ways, and they differ: parentheses decide."""
    left = node.left
    reaching = isinstance(left, ast.Unary) and left.op in ("always", "eventually")
    if not reaching or node.op not in (*LOGIC, "until", "leads to"):
        return
    if left.span.start != node.span.start:
        return
    assert isinstance(left, ast.Unary)
    raise c.fail(
        report.simple(
            codes.UNCLEAR_REACH,
            f"does `{left.op}` reach over `{node.op}`, or end before it?",
            left.span.to(node.op_span),
            "two readings",
            f"`{left.op} (… {node.op} …)`: it speaks of the whole",
            f"`({left.op} …) {node.op} …`: it ends there",
        )
    )


def _logic(c: Checker, node: ast.Binary, env: Env) -> TExpr:
    args: list[TExpr] = []
    rest: ast.Expr = node
    while isinstance(rest, ast.Binary) and rest.op == node.op and node.op != "implies":
        _clear_reach(c, rest)
        args.append(infer(c, rest.right, env))
        rest = rest.left
    if node.op == "implies":
        args = [infer(c, node.right, env)]
        rest = node.left
    args.append(infer(c, rest, env))
    args.reverse()
    if any(isinstance(a.type, TemporalT) for a in args):
        if not env.temporal:
            bad = next(a for a in args if isinstance(a.type, TemporalT))
            raise c.fail(
                report.simple(
                    codes.NOT_A_VALUE,
                    "a claim over time has no value in a single state",
                    bad.span,
                    "speaks of what comes",
                    "claims over time stand in `property` only",
                )
            )
        return temporal.formula(node.op, tuple(args), node.span)
    return TPrim(node.op, tuple(coerce.fit(c, a, BoolT(), None) for a in args), BoolT(), node.span)


def _equal(c: Checker, node: ast.Binary, env: Env) -> TExpr:
    timer = _timer_state(c, node, env)
    if timer is not None:
        return timer
    left, right = _sides(c, node, env)
    pair = coerce.meet(c, left, right)
    if pair is None:
        raise c.fail(
            report.operands(node.op, left.type, left.span, right.type, right.span, node.op_span)
        )
    return TPrim("==", pair, BoolT(), node.span)


def _timer_state(c: Checker, node: ast.Binary, env: Env) -> TExpr | None:
    """`t is off`, `t is due`, `t is on`."""
    words = {"off": "off?", "due": "due?", "on": "on?"}
    if not isinstance(node.right, ast.Name) or node.right.name not in words:
        return None
    if node.right.name in env.names:
        return None
    left = infer(c, node.left, env)
    if not isinstance(left.type, TimerT):
        return None
    return TPrim(words[node.right.name], (left,), BoolT(), node.span)


def _needs_context(c: Checker, node: ast.Expr, env: Env) -> bool:
    """Is this an expression whose type the other side decides?"""
    match node:
        case ast.NoneLit() | ast.Braces() | ast.QuantityLit() | ast.IntLit():
            return True
        case ast.ListLit(items, _):
            return not items or any(_needs_context(c, i, env) for i in items)
        case ast.Name(name, _):
            return name not in env.names and name in c.cases
        case _:
            return False


def _sides(c: Checker, node: ast.Binary, env: Env) -> tuple[TExpr, TExpr]:
    """Both operands, one giving the type of the other where it must."""
    if _needs_context(c, node.left, env) and not _needs_context(c, node.right, env):
        right = infer(c, node.right, env)
        return _beside(c, node.left, right, env), right
    left = infer(c, node.left, env)
    return left, _beside(c, node.right, left, env)


def _factors(c: Checker, node: ast.Binary, env: Env) -> tuple[TExpr, TExpr]:
    """Both operands as they are: neither gives its unit to the other (half of it, 25% of it)."""
    return infer(c, node.left, env), infer(c, node.right, env)


def _beside(c: Checker, node: ast.Expr, other: TExpr, env: Env) -> TExpr:
    wanted = other.type
    if isinstance(wanted, JsonT | NothingT | TemporalT):
        return infer(c, node, env)
    if _needs_context(c, node, env):
        if isinstance(node, ast.IntLit) and not isinstance(wanted, UnitT | OptT):
            return infer(c, node, env)
        if isinstance(wanted, OptT) and not isinstance(node, ast.NoneLit):
            return check(c, node, wanted.of, env)
        if isinstance(node, ast.NoneLit) and not isinstance(wanted, OptT):
            raise c.fail(
                Diagnostic(
                    codes.TYPE_MISMATCH,
                    f"{show_type(wanted)} is never `none`",
                    Label(node.span, "never equal"),
                    (Label(other.span, "always there"),),
                )
            )
        return check(c, node, wanted, env)
    return infer(c, node, env)


def _order(c: Checker, node: ast.Binary, env: Env) -> TExpr:
    left, right = _sides(c, node, env)
    for side in (left, right):
        if isinstance(side.type, OptT):
            raise c.fail(coerce.absence(side))
    pair = coerce.meet(c, left, right)
    if pair is None or not coerce.ordered(pair[0].type):
        raise c.fail(
            report.operands(node.op, left.type, left.span, right.type, right.span, node.op_span)
        )
    if node.op in (">", ">="):
        pair = (pair[1], pair[0])
    return TPrim("<" if node.op in ("<", ">") else "<=", pair, BoolT(), node.span)


def _arithmetic(c: Checker, node: ast.Binary, env: Env) -> TExpr:
    left, right = _factors(c, node, env) if node.op in ("*", "/") else _sides(c, node, env)
    for side in (left, right):
        if isinstance(side.type, OptT):
            raise c.fail(coerce.absence(side))
    found = coerce.arithmetic(c, node.op, left, right, node.span)
    if found is None:
        raise c.fail(
            report.operands(node.op, left.type, left.span, right.type, right.span, node.op_span)
        )
    return found


def _always_there(value: TExpr) -> Diagnostic:
    message = f"`or else` needs something that may be absent, and this is {show_type(value.type)}"
    return report.simple(codes.TYPE_MISMATCH, message, value.span, "always there")


def _or_else(c: Checker, node: ast.Binary, env: Env) -> TExpr:
    left = infer(c, node.left, env)
    if isinstance(left.type, JsonT):
        right = infer(c, node.right, env)
        return TOrElse(coerce.fit(c, left, OptT(right.type), None), right, right.type, node.span)
    if not isinstance(left.type, OptT):
        raise c.fail(_always_there(left))
    if isinstance(node.right, ast.NoneLit):
        return left
    wanted = left.type.of
    if not _needs_context(c, node.right, env):
        right = infer(c, node.right, env)
        if isinstance(right.type, OptT):
            fitted = coerce.fit(c, right, left.type, None)
            return TOrElse(left, fitted, left.type, node.span)
        return TOrElse(left, coerce.fit(c, right, wanted, None), wanted, node.span)
    return TOrElse(left, check(c, node.right, wanted, env), wanted, node.span)


def _member(c: Checker, node: ast.Binary, env: Env) -> TExpr:
    right = infer(c, node.right, env)
    match right.type:
        case SetT(of):
            return TPrim("in", (_element(c, node.left, of, env), right), BoolT(), node.span)
        case ListT(of, _):
            return TPrim("in-list", (_element(c, node.left, of, env), right), BoolT(), node.span)
        case MapT(of, _, _):
            return TPrim("has", (_element(c, node.left, of, env), right), BoolT(), node.span)
        case OptT(of):
            left = _element(c, node.left, of, env)
            return TPrim("==", (TSome(left, right.type, left.span), right), BoolT(), node.span)
        case NothingT():
            return TLit(False, BoolT(), node.span)
        case JsonT():
            left = infer(c, node.left, env)
            whole = coerce.fit(c, right, ListT(left.type), None)
            return TPrim("in-list", (left, whole), BoolT(), node.span)
        case _:
            raise c.fail(report.collection(node.op, right.type, right.span))


def _element(c: Checker, node: ast.Expr, of: Type, env: Env) -> TExpr:
    found = check(c, node, of, env) if _needs_context(c, node, env) else infer(c, node, env)
    if isinstance(found.type, KindT) and isinstance(of, KindT) and found.type.name == of.name:
        return found
    return coerce.fit(c, found, of, None)


def _with(c: Checker, node: ast.WithExpr, env: Env) -> TExpr:
    arg = infer(c, node.arg, env)
    match arg.type:
        case RecordT(owner):
            fields = []
            for entry in node.changes.entries:
                ident = _field_key(c, entry)
                decl = c.field_of(owner, ident.text, ident.span)
                fields.append((ident.text, check(c, entry.value, decl.type, env)))
            return TWith(arg, tuple(fields), (), arg.type, node.span)
        case MapT(key, value, _):
            entries = tuple(
                (check(c, _key(c, e, arg.type), key, env), check(c, e.value, value, env))
                for e in node.changes.entries
            )
            return TWith(arg, (), entries, arg.type, node.span)
        case _:
            raise c.fail(
                report.simple(
                    codes.TYPE_MISMATCH,
                    f"`with` changes parts of a record or a map, not of {show_type(arg.type)}",
                    arg.span,
                    f"this is {show_type(arg.type)}",
                )
            )


# ---- match -------------------------------------------------------------------------------------


def _match(c: Checker, node: ast.Match, wanted: Type | None, env: Env) -> TExpr:
    arg = infer(c, node.arg, env)
    cases: list[tuple[Pattern, TExpr]] = []
    for case in node.cases:
        pattern, inner = _pattern(c, case.pattern, arg.type, env)
        body = infer(c, case.body, inner) if wanted is None else check(c, case.body, wanted, inner)
        cases.append((pattern, body))
    if not _covers(cases, arg.type):
        raise c.fail(report.not_total(_uncovered(cases, arg.type), arg.type, arg.span))
    bodies = tuple(b for _, b in cases)
    typed = bodies if wanted is not None else coerce.common(c, bodies)
    pairs = tuple((p, b) for (p, _), b in zip(cases, typed, strict=True))
    return TMatch(arg, pairs, typed[0].type, node.span)


def _covers(cases: list[tuple[Pattern, TExpr]], of: Type) -> bool:
    patterns = [p for p, _ in cases]
    if isinstance(patterns[-1], PAny):
        return True
    binds = any(isinstance(p, PBind) for p in patterns)
    if binds and (not isinstance(of, OptT) or any(isinstance(p, PNone) for p in patterns)):
        return True
    inner = of.of if isinstance(of, OptT) else of
    lits = {p.value.value for p in patterns if isinstance(p, PLit) and isinstance(p.value, TLit)}
    full = False
    if isinstance(inner, EnumT):
        full = set(inner.cases) <= lits
    elif isinstance(inner, BoolT):
        full = {True, False} <= lits
    return full and (not isinstance(of, OptT) or any(isinstance(p, PNone) for p in patterns))


def _uncovered(cases: list[tuple[Pattern, TExpr]], of: Type) -> list[str]:
    """Values that no case matches, where they can be listed."""
    patterns = [p for p, _ in cases]
    inner = of.of if isinstance(of, OptT) else of
    lits = {p.value.value for p in patterns if isinstance(p, PLit) and isinstance(p.value, TLit)}
    left: list[str] = []
    if not any(isinstance(p, PBind) for p in patterns):
        if isinstance(inner, EnumT):
            left = [case for case in inner.cases if case not in lits]
        elif isinstance(inner, BoolT):
            left = [word for word, v in (("true", True), ("false", False)) if v not in lits]
    if isinstance(of, OptT) and not any(isinstance(p, PNone) for p in patterns):
        left.append("none")
    return left


def _pattern(c: Checker, node: ast.Expr, of: Type, env: Env) -> tuple[Pattern, Env]:
    inner = of.of if isinstance(of, OptT) else of
    match node:
        case ast.Name("_", _):
            return PAny(), env
        case ast.NoneLit():
            return PNone(), env
        case ast.Name(name, span) if isinstance(inner, EnumT) and name in inner.cases:
            return PLit(TLit(name, inner, span)), env
        case ast.Name(name, span) if name in ("true", "false") and isinstance(inner, BoolT):
            return PLit(TLit(name == "true", inner, span)), env
        case ast.Name(name, _):
            return PBind(name, inner), env.bind(name, inner)
        case ast.StringLit(parts, _) if any(not isinstance(p, str) for p in parts):
            pieces: list[tuple[str, str]] = []
            for part in parts:
                if isinstance(part, str):
                    pieces.append(("text", part))
                elif isinstance(part, ast.Name):
                    pieces.append(("hole", part.name))
                    env = env if part.name == "_" else env.bind(part.name, NameT())
                else:
                    raise c.fail(
                        report.simple(
                            codes.NOT_ALLOWED_HERE, "a hole holds a name", part.span, "not a name"
                        )
                    )
            return PTemplate(tuple(pieces)), env
        case ast.ListLit(items, _) if isinstance(inner, ListT):
            patterns = []
            for item in items:
                pattern, env = _pattern(c, item, inner.of, env)
                patterns.append(pattern)
            return PList(tuple(patterns)), env
        case _:
            return PLit(check(c, node, inner, env)), env


__all__ = ["access", "check", "complete", "default", "infer", "record", "same", "text_of"]
