"""Expressions as canonical text.

Parentheses are written where the grammar needs them and nowhere else: `expr` knows how tightly
what stands around an expression binds, and what follows it. Expressions, types and statements
contain each other, and so do this module, `types` and `statements`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final, TypeAlias, assert_never

from kspec.syntax import ast
from kspec.syntax.formatting import statements, types
from kspec.syntax.formatting.doc import EMPTY, SOFT, SPACE, Doc, Group, Nest, flat, join
from kspec.syntax.formatting.follow import BAR, CLOSE, COMMA, INNER
from kspec.syntax.formatting.sheet import Child, Sheet

_LEVELS: Final[Mapping[str, int]] = {
    "implies": 1,
    "leads to": 1,
    "or": 2,
    "and": 3,
    "until": 4,
    **dict.fromkeys(["==", "!=", "<", "<=", ">", ">=", "is", "is not", "in", "not in"], 6),
    **dict.fromkeys(["starts", "ends", "contains", "subset of"], 6),
    "or else": 7,
    **dict.fromkeys(["+", "-", "++", "union", "minus", "inter"], 8),
    **dict.fromkeys(["*", "/", "div", "mod"], 9),
}
_PREFIX: Final[Mapping[str, int]] = {"not": 5, "always": 5, "eventually": 5, "-": 10}
_SUM: Final = 8
_POSTFIX: Final = 12
_ATOM: Final = 13

_Opener: TypeAlias = (
    ast.Quantifier
    | ast.SortBy
    | ast.ChooseLeast
    | ast.FoldExpr
    | ast.LetExpr
    | ast.IfExpr
    | ast.WhileStays
)
_QUANTIFIERS: Final = (ast.Quantifier, ast.SortBy, ast.ChooseLeast)
_TAILS: Final[Mapping[str, tuple[type, ...]]] = {
    "implies": (*_QUANTIFIERS, ast.LetExpr, ast.IfExpr),
    "leads to": (*_QUANTIFIERS, ast.LetExpr, ast.IfExpr),
    "or": (*_QUANTIFIERS, ast.IfExpr),
    "and": (*_QUANTIFIERS, ast.IfExpr),
    "not": _QUANTIFIERS,
    "always": _QUANTIFIERS,
    "eventually": _QUANTIFIERS,
}
"""What may stand behind an operator without parentheses, although it binds looser."""


def level_of(e: ast.Expr) -> int:
    """How tightly an expression holds together: 0 loosest, 13 an atom."""
    match e:
        case ast.Binary():
            return _LEVELS[e.op]
        case ast.Unary():
            return _PREFIX.get(e.op, 6)
        case ast.InRange():
            return 6
        case ast.WithExpr():
            return 11
        case ast.FieldOf() | ast.IndexOf() | ast.Call():
            return _POSTFIX
        case (
            ast.Quantifier()
            | ast.SortBy()
            | ast.ChooseLeast()
            | ast.FoldExpr()
            | ast.LetExpr()
            | ast.IfExpr()
            | ast.WhileStays()
            | ast.TimerIn()
        ):
            return 0
        case (
            ast.Name()
            | ast.IntLit()
            | ast.QuantityLit()
            | ast.StringLit()
            | ast.NoneLit()
            | ast.Braces()
            | ast.ListLit()
            | ast.TupleLit()
            | ast.After()
            | ast.Match()
        ):
            return _ATOM
        case _:
            assert_never(e)


def expr(
    s: Sheet, e: ast.Expr, level: int = 0, follow: int = CLOSE, tails: tuple[type, ...] = ()
) -> Doc:
    """An expression where something binds at `level` around it and `follow` stands behind it.

    `tails` may stand there without parentheses although they bind looser.
    """
    bare = level_of(e) >= level or isinstance(e, tails)
    if level_of(e) == 0:
        bare = bare and follow != INNER and not _is_open(e, follow)
    if bare:
        return _bare(s, e, follow)
    return ("(", Nest(2, _bare(s, e, CLOSE)), ")")


def _is_open(e: ast.Expr, follow: int) -> bool:
    """Would a quantifier at the end of `e` take what follows for its own?"""
    match e:
        case ast.Quantifier(_, binders, None):
            return follow == BAR or (follow == COMMA and binders.where is None)
        case _:
            return False


def _bare(s: Sheet, e: ast.Expr, follow: int) -> Doc:
    match e:
        case ast.Name(name):
            return name
        case ast.IntLit(value):
            return str(value)
        case ast.QuantityLit(text):
            return text
        case ast.StringLit():
            return template(e)
        case ast.NoneLit():
            return "none"
        case ast.TimerIn(duration):
            return ("in ", expr(s, duration, _SUM, follow))
        case ast.Braces() | ast.ListLit() | ast.TupleLit():
            return _literal(s, e)
        case ast.FieldOf() | ast.IndexOf() | ast.Call() | ast.WithExpr():
            return _postfix(s, e)
        case ast.Unary() | ast.Binary() | ast.InRange():
            return _operator(s, e, follow)
        case ast.After(arg, changes):
            first = expr(s, arg)
            done = join((",", SPACE), [statements.stmt(s, c, COMMA) for c in changes])
            return Group(("(", first, Nest(2, (SPACE, "after ", done)), ")"))
        case ast.Match():
            return match_(s, e)
        case (
            ast.Quantifier()
            | ast.SortBy()
            | ast.ChooseLeast()
            | ast.FoldExpr()
            | ast.LetExpr()
            | ast.IfExpr()
            | ast.WhileStays()
        ):
            return _opener(s, e, follow)
        case _:
            assert_never(e)


def _operator(s: Sheet, e: ast.Unary | ast.Binary | ast.InRange, follow: int) -> Doc:
    match e:
        case ast.InRange(arg, lo, hi):
            first = expr(s, arg, 7, INNER)
            low = expr(s, lo, 7, INNER)
            return (first, " in ", range_(low, expr(s, hi, 7, follow)))
        case ast.Unary("exists" | "missing", arg):
            return (expr(s, arg, 7, INNER), " ", e.op)
        case ast.Unary("-", arg):
            return ("-", expr(s, arg, 10, follow))
        case ast.Unary(op, arg):
            level = _POSTFIX if op == "not" and level_of(arg) in (6, 7) else 5
            return (op, " ", expr(s, arg, level, follow, _TAILS[op]))
        case ast.Binary("implies" | "leads to" | "or else" | "until", left, right):
            level = level_of(e)
            first = _left(s, left, level + 1)
            right_level = 5 if e.op == "until" else level
            second = expr(s, right, right_level, follow, _TAILS.get(e.op, ()))
            return Group((first, Nest(2, (SPACE, e.op, " ", second))))
        case ast.Binary():
            return _chain(s, e, follow)
        case _:
            assert_never(e)


def _left(s: Sheet, e: ast.Expr, level: int) -> Doc:
    """What stands before an operator; `(always a) implies b` would mislead without parentheses."""
    is_temporal = isinstance(e, ast.Unary) and e.op in ("always", "eventually")
    return expr(s, e, _POSTFIX if is_temporal else level, INNER)


def range_(lo: Doc, hi: Doc) -> Doc:
    """`lo..hi`; a blank where the dots would be read as part of a number."""
    return (lo, " .." if re.search(r"\d\.\d+$", flat(lo)) else "..", hi)


def _chain(s: Sheet, e: ast.Binary, follow: int) -> Doc:
    """`a and b and c`: all on one line, or each on its own; `and` in `or` is in parentheses."""
    level = level_of(e)
    links: list[ast.Binary] = []
    first: ast.Expr = e
    while isinstance(first, ast.Binary) and level_of(first) == level and (level != 6 or not links):
        links.append(first)
        first = first.left
    bound = 4 if level == 2 else level + 1
    start = _left(s, first, bound)
    rest: list[Doc] = []
    for link in reversed(links):
        behind = follow if link is e else INNER
        operand = expr(s, link.right, bound, behind, _TAILS.get(link.op, ()))
        rest += [SPACE, link.op, " ", operand]
    return Group((start, Nest(2, tuple(rest))))


def _literal(s: Sheet, e: ast.Braces | ast.ListLit | ast.TupleLit) -> Doc:
    match e:
        case ast.Braces(entries):
            parts = [_brace_entry(s, entry) for entry in entries]
            return _enclosed("{", parts, "}")
        case ast.ListLit(items):
            return _enclosed("[", [expr(s, i, 0, COMMA) for i in items], "]")
        case ast.TupleLit(items):
            return _enclosed("(", [expr(s, i, 0, COMMA) for i in items], ")")
        case _:
            assert_never(e)


def _brace_entry(s: Sheet, entry: ast.BraceEntry) -> Doc:
    if entry.key is None:
        return expr(s, entry.value, 0, COMMA)
    key = expr(s, entry.key, 0, COMMA)
    return (key, ": ", expr(s, entry.value, 0, COMMA))


def _enclosed(opening: str, parts: Sequence[Doc], closing: str) -> Doc:
    if not parts:
        return opening + closing
    return Group((opening, Nest(2, (SOFT, join((",", SPACE), list(parts)))), SOFT, closing))


def _postfix(s: Sheet, e: ast.FieldOf | ast.IndexOf | ast.Call | ast.WithExpr) -> Doc:
    match e:
        case ast.FieldOf(arg, name):
            return (_operand(s, arg), ".", name.text)
        case ast.IndexOf(arg, index):
            return (_operand(s, arg), "[", expr(s, index), "]")
        case ast.WithExpr(arg, changes):
            first = expr(s, arg, 11, INNER)
            return (first, " with ", _literal(s, changes))
        case ast.Call():
            return _call(s, e)
        case _:
            assert_never(e)


def _operand(s: Sheet, e: ast.Expr) -> Doc:
    """What a `.`, `[` or `(` stands behind; numbers need parentheses, because of their points."""
    if isinstance(e, ast.IntLit | ast.QuantityLit):
        return ("(", expr(s, e), ")")
    return expr(s, e, _POSTFIX, INNER)


def _call(s: Sheet, e: ast.Call) -> Doc:
    function = _operand(s, e.function)
    behind = CLOSE if e.where is None and e.body is None else BAR
    args: list[Doc] = []
    for i, arg in enumerate(e.args):
        follow = behind if i + 1 == len(e.args) else COMMA
        args.append(_arg(s, arg, follow))
    inside: list[Doc] = [SOFT, join((",", SPACE), args)]
    if e.where is not None:
        between = SPACE if args else EMPTY
        inside += [between, "where ", expr(s, e.where, 0, CLOSE if e.body is None else BAR)]
    if e.body is not None:
        between = " " if args or e.where is not None else ""
        inside += [between, "|", SPACE, expr(s, e.body)]
    if len(inside) == 2 and not args:
        return (function, "()")
    return Group((function, "(", Nest(2, tuple(inside)), SOFT, ")"))


def _arg(s: Sheet, arg: ast.Arg, follow: int) -> Doc:
    if arg.name is None:
        return expr(s, arg.value, 0, follow)
    level = _POSTFIX if arg.optional else 0
    return (arg.name.text, ": ", expr(s, arg.value, level, follow), "?" if arg.optional else "")


def _opener(s: Sheet, e: _Opener, follow: int) -> Doc:
    match e:
        case ast.Quantifier(kind, binders, body):
            if body is None:
                return (kind, " ", types.binders(s, binders, follow))
            head = types.binders(s, binders, BAR)
            return Group((kind, " ", head, " |", Nest(2, (SPACE, expr(s, body, 0, follow)))))
        case ast.SortBy(binders, key):
            head = types.binders(s, binders, CLOSE)
            return Group(("sort ", head, Nest(2, (SPACE, "by ", expr(s, key, 0, follow)))))
        case ast.ChooseLeast(binders, key):
            head = types.binders(s, binders, CLOSE)
            return Group(("choose ", head, Nest(2, (SPACE, "least by ", expr(s, key, 0, follow)))))
        case ast.FoldExpr(elem, source, init, acc, body):
            over = expr(s, source)
            start = expr(s, init)
            head = ("fold ", elem.text, " in ", over, " from ", start, " as ", acc.text, " |")
            return Group((head, Nest(2, (SPACE, expr(s, body, 0, follow)))))
        case ast.WhileStays(body, then):
            head = ("while ", expr(s, body), " stays,")
            return Group((head, Nest(2, (SPACE, expr(s, then, 0, follow)))))
        case ast.LetExpr():
            return _lets(s, e, follow)
        case ast.IfExpr():
            return _ifs(s, e, follow)
        case _:
            assert_never(e)


def _lets(s: Sheet, e: ast.LetExpr, follow: int) -> Doc:
    """`let x = a; let y = b; c`: on one line, or each on its own."""
    parts: list[Doc] = []
    rest: ast.Expr = e
    while isinstance(rest, ast.LetExpr):
        parts += [("let ", rest.name.text, " = ", expr(s, rest.value), ";"), SPACE]
        rest = rest.body
    return Group((*parts, expr(s, rest, 0, follow)))


def _ifs(s: Sheet, e: ast.IfExpr, follow: int) -> Doc:
    """`if a then b else if c then d else e`: on one line, or each case on its own."""
    parts: list[Doc] = []
    rest: ast.Expr = e
    while isinstance(rest, ast.IfExpr):
        cond = expr(s, rest.cond)
        parts.append(Group(("if ", cond, Nest(2, (SPACE, "then ", expr(s, rest.then))))))
        parts += [SPACE, "else "]
        rest = rest.other
    if isinstance(rest, ast.LetExpr):
        return Group((*parts[:-1], "else", SPACE, _lets(s, rest, follow)))
    return Group((*parts, expr(s, rest, 0, follow)))


def match_(s: Sheet, e: ast.Match) -> Doc:
    """`match e { p -> a; q -> b }`: on one line if it stood on one, else each case on its own."""
    head = expr(s, e.arg)
    cases = [
        Child(case.span, partial(_case, s, case), ";" if i + 1 < len(e.cases) else "")
        for i, case in enumerate(e.cases)
    ]
    return ("match ", head, " ", s.block(cases, e.span))


def _case(s: Sheet, case: ast.MatchCase) -> Doc:
    pattern, body = expr(s, case.pattern), expr(s, case.body)
    if isinstance(case.body, ast.Match | ast.Braces | ast.ListLit):
        return (pattern, " -> ", body)
    return Group((pattern, " ->", Nest(2, (SPACE, body))))


_ESCAPES: Final[Mapping[str, str]] = {
    "\\": "\\\\",
    '"': '\\"',
    "\n": "\\n",
    "\t": "\\t",
    "\r": "\\r",
}


def quoted(text: str) -> str:
    """Text in quotes."""
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    return "".join(
        _ESCAPES.get(c) or (c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}") for c in text
    )


def template(e: ast.StringLit) -> str:
    """Text with holes, in quotes."""
    parts: list[str] = []
    for part in e.parts:
        if isinstance(part, str):
            parts.append(re.sub(r"[{}]", lambda m: m[0] * 2, _escaped(part)))
        else:
            inside = flat(expr(Sheet(None, ()), part))
            pad = " " if inside.startswith("{") or inside.endswith("}") else ""
            parts.append(f"{{{pad}{inside}{pad}}}")
    return f'"{"".join(parts)}"'
