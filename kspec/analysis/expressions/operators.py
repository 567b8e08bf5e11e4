"""Operators: logic, comparison, arithmetic, membership, `or else`, `with`.

A family of `expr`, which dispatches; mistakes are raised as `Wrong`.
"""

from __future__ import annotations

from kspec.analysis import report
from kspec.analysis.checker import Checker
from kspec.analysis.env import Env
from kspec.analysis.expressions import braces, coerce, expr, temporal
from kspec.analysis.typed import (
    TExpr,
    TLit,
    TOrElse,
    TPrim,
    TSome,
    TWith,
)
from kspec.analysis.types import (
    BoolT,
    IntT,
    JsonT,
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
    Type,
    UnitT,
)
from kspec.analysis.words import show_type
from kspec.base import codes
from kspec.base.diagnostic import Diagnostic, Label
from kspec.syntax import ast

LOGIC = {"and", "or", "implies"}
EQUALITY = {"==", "!=", "is", "is not"}
ORDER = {"<", "<=", ">", ">="}
ARITHMETIC = {"+", "-", "*", "/", "div", "mod", "++", "union", "minus", "inter"}


def unary(c: Checker, node: ast.Unary, env: Env) -> TExpr:
    """`not`, `-`, `exists`, `missing`, `always`, `eventually`."""
    match node.op:
        case "not":
            arg = expr.infer(c, node.arg, env)
            if isinstance(arg.type, TemporalT):
                return temporal.formula("not", (arg,), node.span)
            return TPrim("not", (coerce.fit(c, arg, BoolT(), None),), BoolT(), node.span)
        case "-":
            arg = expr.infer(c, node.arg, env)
            if not isinstance(arg.type, IntT | RationalT | UnitT):
                raise c.fail(report.mismatch(IntT(), arg.type, arg.span))
            return TPrim("neg", (arg,), arg.type, node.span)
        case "exists" | "missing":
            found = expr.infer(c, node.arg, env)
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


def binary(c: Checker, node: ast.Binary, env: Env) -> TExpr:
    """An operator between two operands."""
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
            pair = (expr.check(c, node.left, NameT(), env), expr.check(c, node.right, NameT(), env))
            return TPrim(op, pair, BoolT(), node.span)
        case "subset of":
            left = expr.infer(c, node.left, env)
            if isinstance(left.type, NothingT):
                return TLit(True, BoolT(), node.span)
            if not isinstance(left.type, SetT):
                raise c.fail(report.collection("subset of", left.type, left.span))
            right = expr.check(c, node.right, left.type, env)
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
        args.append(expr.infer(c, rest.right, env))
        rest = rest.left
    if node.op == "implies":
        args = [expr.infer(c, node.right, env)]
        rest = node.left
    args.append(expr.infer(c, rest, env))
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
    left = expr.infer(c, node.left, env)
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
        right = expr.infer(c, node.right, env)
        return _beside(c, node.left, right, env), right
    left = expr.infer(c, node.left, env)
    return left, _beside(c, node.right, left, env)


def _factors(c: Checker, node: ast.Binary, env: Env) -> tuple[TExpr, TExpr]:
    """Both operands as they are: neither gives its unit to the other (half of it, 25% of it)."""
    return expr.infer(c, node.left, env), expr.infer(c, node.right, env)


def _beside(c: Checker, node: ast.Expr, other: TExpr, env: Env) -> TExpr:
    wanted = other.type
    if isinstance(wanted, JsonT | NothingT | TemporalT):
        return expr.infer(c, node, env)
    if _needs_context(c, node, env):
        if isinstance(node, ast.IntLit) and not isinstance(wanted, UnitT | OptT):
            return expr.infer(c, node, env)
        if isinstance(wanted, OptT) and not isinstance(node, ast.NoneLit):
            return expr.check(c, node, wanted.of, env)
        if isinstance(node, ast.NoneLit) and not isinstance(wanted, OptT):
            raise c.fail(
                Diagnostic(
                    codes.TYPE_MISMATCH,
                    f"{show_type(wanted)} is never `none`",
                    Label(node.span, "never equal"),
                    (Label(other.span, "always there"),),
                )
            )
        return expr.check(c, node, wanted, env)
    return expr.infer(c, node, env)


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


def always_there(value: TExpr) -> Diagnostic:
    """`or else` on something that cannot be absent."""
    message = f"`or else` needs something that may be absent, and this is {show_type(value.type)}"
    return report.simple(codes.TYPE_MISMATCH, message, value.span, "always there")


def _or_else(c: Checker, node: ast.Binary, env: Env) -> TExpr:
    left = expr.infer(c, node.left, env)
    if isinstance(left.type, JsonT):
        right = expr.infer(c, node.right, env)
        return TOrElse(coerce.fit(c, left, OptT(right.type), None), right, right.type, node.span)
    if not isinstance(left.type, OptT):
        raise c.fail(always_there(left))
    if isinstance(node.right, ast.NoneLit):
        return left
    wanted = left.type.of
    if not _needs_context(c, node.right, env):
        right = expr.infer(c, node.right, env)
        if isinstance(right.type, OptT):
            fitted = coerce.fit(c, right, left.type, None)
            return TOrElse(left, fitted, left.type, node.span)
        return TOrElse(left, coerce.fit(c, right, wanted, None), wanted, node.span)
    return TOrElse(left, expr.check(c, node.right, wanted, env), wanted, node.span)


def _member(c: Checker, node: ast.Binary, env: Env) -> TExpr:
    right = expr.infer(c, node.right, env)
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
            left = expr.infer(c, node.left, env)
            whole = coerce.fit(c, right, ListT(left.type), None)
            return TPrim("in-list", (left, whole), BoolT(), node.span)
        case _:
            raise c.fail(report.collection(node.op, right.type, right.span))


def _element(c: Checker, node: ast.Expr, of: Type, env: Env) -> TExpr:
    found = (
        expr.check(c, node, of, env) if _needs_context(c, node, env) else expr.infer(c, node, env)
    )
    if isinstance(found.type, KindT) and isinstance(of, KindT) and found.type.name == of.name:
        return found
    return coerce.fit(c, found, of, None)


def with_(c: Checker, node: ast.WithExpr, env: Env) -> TExpr:
    """`e with {…}`."""
    arg = expr.infer(c, node.arg, env)
    match arg.type:
        case RecordT(owner):
            fields = []
            for entry in node.changes.entries:
                ident = braces.field_key(c, entry)
                decl = c.field_of(owner, ident.text, ident.span)
                fields.append((ident.text, expr.check(c, entry.value, decl.type, env)))
            return TWith(arg, tuple(fields), (), arg.type, node.span)
        case MapT(key, value, _):
            entries = tuple(
                (
                    expr.check(c, braces.entry_key(c, e, arg.type), key, env),
                    expr.check(c, e.value, value, env),
                )
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
