"""Mistakes with signs and literals: those of other languages, those one key away.

Each function looks for one mistake and gives None where it is another; `explain` asks them in turn.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from kspec.base.codes import (
    BAD_LITERAL,
    CHAINED_COMPARISON,
    FOREIGN_SIGN,
    MISSING_OPERAND,
    UNEXPECTED_TEXT,
)
from kspec.base.diagnostic import Diagnostic, Edit, Help, Label
from kspec.base.source import Span
from kspec.base.suggest import suggest
from kspec.syntax.lexer import BAD, Token, spelt
from kspec.syntax.machine import Part
from kspec.syntax.mistakes.situation import Situation

Recognise: TypeAlias = Callable[[Situation], Diagnostic | None]

SUFFIXES: Final = spelt("Ki Mi Gi Ti Pi Ei m k M G T ms s min h d")

_FOREIGN: Final[Mapping[str, tuple[str, str]]] = {
    "!": ("not", "`!` is written `not`"),
    "!==": ("!=", "`!==` is written `!=`"),
    "%": ("mod", "the remainder is written `mod`"),
    "&": ("and", "`&` is written `and`"),
    "&&": ("and", "`&&` is written `and`"),
    "**": ("*", "there are no powers; a product is written `*`"),
    "++": (" += 1", "write `x += 1`"),
    "/*": ("#", "a comment begins with `#` and ends with its line"),
    "//": ("#", "a comment begins with `#`"),
    "::": (".", "a field or a member is written behind `.`"),
    "<->": ("==", "`<->` is written `==`"),
    "<=>": ("==", "`<=>` is written `==`"),
    "<>": ("!=", "`<>` is written `!=`"),
    "===": ("==", "`===` is written `==`"),
    "||": ("or", "`||` is written `or`"),
    "~": ("not", "`~` is written `not`"),
    "¬": ("not", "`¬` is written `not`"),
    "×": ("*", "`×` is written `*`"),
    "÷": ("/", "`÷` is written `/`"),
    "−": ("-", "this is a typographic minus sign; write `-`"),
    "–": ("-", "this is a dash; write `-`"),
    "→": ("->", "`→` is written `->` in a match, `implies` in a formula"),
    "⇒": ("implies", "`⇒` is written `implies`"),
    "∀": ("all", "`∀` is written `all`"),
    "∃": ("some", "`∃` is written `some`"),
    "∈": ("in", "`∈` is written `in`"),
    "∉": ("not in", "`∉` is written `not in`"),
    "∧": ("and", "`∧` is written `and`"),
    "∨": ("or", "`∨` is written `or`"),
    "≔": (":=", "`≔` is written `:=`"),
    "≠": ("!=", "`≠` is written `!=`"),
    "≤": ("<=", "`≤` is written `<=`"),
    "≥": (">=", "`≥` is written `>=`"),
    "“": ('"', 'text stands in straight quotes: `"…"`'),
    "”": ('"', 'text stands in straight quotes: `"…"`'),
    "‘": ('"', 'text stands in straight quotes: `"…"`'),
    "’": ('"', 'text stands in straight quotes: `"…"`'),
    "…": ("...", "write three dots"),
}


def no_token(s: Situation) -> Diagnostic | None:
    """Text that is no token of the language."""
    token = s.token
    if token.kind != BAD:
        return None
    if token.text == "=>":
        return _arrow(s)
    if token.text in _FOREIGN:
        by, advice = _FOREIGN[token.text]
        message = f"`{token.text}` is not a sign of this language"
        return s.mistake(FOREIGN_SIGN, message, token, "", s.replace(advice, token, _apart(s, by)))
    if token.text[0] in "\"'":
        return _quotes(s)
    if token.text[0].isdecimal() and token.text.isascii():
        return _amount(s)
    if not token.text.isprintable() or token.text.isspace():
        name = f"U+{ord(token.text[0]):04X}"
        return s.mistake(
            UNEXPECTED_TEXT,
            f"an invisible character, {name}",
            token,
            "",
            s.replace("delete it, or write a plain blank", token, " "),
        )
    return s.mistake(UNEXPECTED_TEXT, f"`{token.text}` means nothing", token, "")


def _apart(s: Situation, by: str) -> str:
    """A word in a sign's place, with blanks where it would run into its neighbours."""
    if not by.isalpha():
        return by
    before, behind = s.source(s.offset, s.token.start)[-1:], s.after()
    left = " " if before.isalnum() or before == "_" else ""
    right = " " if behind.start == s.token.end and behind.text[:1].isidentifier() else ""
    return f"{left}{by}{right}"


def _arrow(s: Situation) -> Diagnostic:
    token = s.token
    by, advice = "implies", "in a formula, `=>` is written `implies`"
    if s.tables.signs["->"] in s.expected:
        by, advice = "->", "what follows a pattern of `match` stands behind `->`"
    elif "CMP" in s.expected and "IMPLIES" not in s.expected:
        by, advice = ">=", "at least is written `>=`"
    help_ = s.replace(advice, token, by)
    return s.mistake(FOREIGN_SIGN, "`=>` is not a sign of this language", token, "", help_)


def _quotes(s: Situation) -> Diagnostic:
    token = s.token
    if token.text == '"""':
        message, label = "a docstring that is never closed", "opened here"
        return s.mistake(BAD_LITERAL, message, token, label, 'close it with `"""`')
    if token.text[0] == '"':
        message = "text without its closing quote"
        help_ = s.insert('text ends on the line where it begins; close it with `"`', token, '"')
        return s.mistake(BAD_LITERAL, message, token, "opened here", help_)
    inside = token.text.strip("'").replace('"', '\\"')
    help_ = s.replace("write it in double quotes", token, f'"{inside}"')
    return s.mistake(FOREIGN_SIGN, "text in single quotes", token, "", help_)


def _amount(s: Situation) -> Diagnostic:
    token = s.token
    match = re.match(r"(\d+(?:\.\d+)*)(\w*)", token.text)
    assert match is not None  # so the lexer found it
    digits, unit = match.groups()
    message = f"`{token.text}` is not an amount"
    label = f"there is no unit `{unit}`" if unit else ""
    near = suggest(unit, SUFFIXES)
    if unit.lower() in ("cpu", "core", "cores", "cpus"):
        advice = "cpu is counted in cores and thousandths, without a word for it"
        return s.mistake(BAD_LITERAL, message, token, label, s.replace(advice, token, digits))
    if unit.lower() in ("sec", "secs", "second", "seconds", "minutes", "mins", "minute"):
        by = digits + ("s" if unit.lower().startswith("s") else "min")
        return s.mistake(BAD_LITERAL, message, token, label, s.replace(f"write `{by}`", token, by))
    if near is not None:
        help_ = s.replace(f"did you mean `{digits}{near}`?", token, digits + near)
        return s.mistake(BAD_LITERAL, message, token, label, help_)
    known = "the units are `Ki Mi Gi Ti Pi Ei m k M G T` and, of time, `ms s min h d`"
    return s.mistake(BAD_LITERAL, message, token, label, known)


def equals_for_assignment(s: Situation) -> Diagnostic | None:
    """`x = e` where a change is meant; `<-` too."""
    token = s.token
    if "ASSIGN" not in s.expected:
        return None
    if token.text == "<" and s.after().text == "-" and s.after().start == token.end:
        arrow = Token(BAD, "<-", token.start, s.after().end)
        help_ = s.replace("a change is written `:=`", arrow, ":=")
        return s.mistake(FOREIGN_SIGN, "`<-` is not a sign of this language", arrow, "", help_)
    if token.text not in ("=", "=="):
        return None
    help_ = s.replace("a change is written `:=`", token, ":=")
    note = "`==` compares, `=` gives a name to something, `:=` changes it in a step"
    message = f"`{token.text}` where something is changed"
    return s.mistake(UNEXPECTED_TEXT, message, token, "", help_, notes=(note,))


def assignment_for_equals(s: Situation) -> Diagnostic | None:
    """`let x := e`, `a := b` in a formula."""
    token = s.token
    if token.kind != "ASSIGN":
        return None
    if "EQUAL" in s.expected:
        help_ = s.replace("a definition is written `=`", token, "=")
        return s.mistake(
            UNEXPECTED_TEXT, f"`{token.text}` in a definition", token, "nothing changes here", help_
        )
    if "COLON" in s.expected:
        help_ = s.replace("write `:`", token, ":")
        return s.mistake(UNEXPECTED_TEXT, f"`{token.text}` behind a name", token, "", help_)
    if "CMP" in s.expected:
        help_ = s.replace("a comparison is written `==`; only `do` changes something", token, "==")
        return s.mistake(UNEXPECTED_TEXT, f"`{token.text}` in an expression", token, "", help_)
    return None


def equals_for_colon(s: Situation) -> Diagnostic | None:
    """`replicas = 2` in an object, `property p = e`."""
    token = s.token
    if token.text not in ("=", "==") or "COLON" not in s.expected:
        return None
    help_ = s.replace("write `:`", token, ":")
    what = s.before().text
    return s.mistake(UNEXPECTED_TEXT, f"`{token.text}` behind `{what}`", token, "", help_)


def equals_for_comparison(s: Situation) -> Diagnostic | None:
    """`a = b` in a formula."""
    token = s.token
    if token.text != "=" or "CMP" not in s.expected:
        return None
    help_ = s.replace("a comparison is written `==`", token, "==")
    return s.mistake(UNEXPECTED_TEXT, "`=` in an expression", token, "", help_)


def arrow_for_implies(s: Situation) -> Diagnostic | None:
    """`a -> b` in a formula."""
    token = s.token
    if token.text != "->" or "IMPLIES" not in s.expected:
        return None
    help_ = s.replace("in a formula, `->` is written `implies`", token, "implies")
    return s.mistake(FOREIGN_SIGN, "`->` outside `match`", token, "", help_)


def quantity_with_space(s: Situation) -> Diagnostic | None:
    """`500 m`; in an object the unit was read as the next key."""
    for number, unit in ((s.before(), s.token), (s.before(2), s.before())):
        if (
            number.kind == "INT"
            and unit.kind == "NAME"
            and unit.text in SUFFIXES
            and "\n" not in s.source(number.end, unit.start)
        ):
            whole = Token("QUANTITY", number.text + unit.text, number.start, unit.end)
            help_ = s.replace("write number and unit without a blank", whole, whole.text)
            message = f"a blank between `{number.text}` and its unit"
            return s.mistake(BAD_LITERAL, message, whole, "", help_)
    return None


_WITHIN_OPERAND: Final = frozenset(
    {"NAME", "INT", "QUANTITY", "STRING", "DOT", "PLUS", "MINUS", "TIMES", "OVER", "DIV", "MOD"}
)


def chained_comparison(s: Situation) -> Diagnostic | None:
    """`a < b < c`"""
    stack = s.stuck.stack
    at = next((i for i in reversed(range(len(stack))) if _is_comparison(stack[i])), None)
    if s.token.kind != "CMP" or not at:
        return None
    if any(p.token is not None and p.token.kind not in _WITHIN_OPERAND for p in stack[at + 1 :]):
        return None
    first = stack[at].token
    assert first is not None  # it is a comparison
    left = s.source(stack[at - 1].start, stack[at - 1].end)
    middle = s.source(first.end, s.token.start).strip()
    third = s.after()
    is_whole = third.kind in ("NAME", "INT", "QUANTITY")
    is_whole = is_whole and s.text[third.end - s.offset :].lstrip(" ")[:1] not in (".", "(", "[")
    right = third.text if is_whole else "…"
    both = f"{left} {first.text} {middle} and {middle} {s.token.text} {right}"
    whole = Span(s.file, stack[at - 1].start, third.end)
    help_ = Help(f"write `{both}`", Edit(whole, both) if is_whole else None)
    ranged = f"or, for a range, `{middle} in {left}..{right}`"
    return Diagnostic(
        CHAINED_COMPARISON,
        f"`{first.text}` and `{s.token.text}` in one comparison",
        s.label(s.token, "the second"),
        (s.label(first, "the first"),),
        help=(help_, ranged) if first.text == s.token.text == "<=" else (help_,),
    )


def _is_comparison(part: Part) -> bool:
    return part.token is not None and part.token.kind == "CMP"


def comma_in_paths(s: Situation) -> Diagnostic | None:
    """`a: int at x.y, b: int`: the comma continues the list of paths."""
    path, comma = s.before(), s.before(2)
    if path.kind != "PATH":
        path, comma = comma, s.before(3)
    if path.kind != "PATH" or not path.text.endswith(":") or comma.text != ",":
        return None
    return Diagnostic(
        UNEXPECTED_TEXT,
        f"`{path.text}` read as a path",
        s.label(path, "a path is expected behind this comma"),
        (s.label(comma, "after `at`, commas stand between paths"),),
        help=(Help("end the field with `;` or a new line", Edit(s.span(comma), ";")),),
    )


def stray_close(s: Situation) -> Diagnostic | None:
    """A closing bracket that closes nothing, or not what is open."""
    token = s.token
    if token.text not in (")", "]", "}"):
        return None
    pairs = {")": "(", "]": "[", "}": "{"}
    if not s.stuck.open:
        return s.mistake(
            UNEXPECTED_TEXT, f"a `{token.text}` that closes nothing", token, "nothing is open"
        )
    last = s.stuck.open[-1]
    if last.text == pairs[token.text]:
        return None
    close = {v: k for k, v in pairs.items()}[last.text]
    return Diagnostic(
        UNEXPECTED_TEXT,
        f"`{token.text}` where `{close}` is expected",
        s.label(token, ""),
        (s.label(last, "opened here"),),
        help=(Help(f"close the `{last.text}` first", Edit(_behind_last(s), close)),),
    )


def _behind_last(s: Situation) -> Span:
    return Span(s.file, s.before().end, s.before().end)


def doubled_sign(s: Situation) -> Diagnostic | None:
    """`, ,`, `; ;`: nothing between."""
    token = s.token
    if token.text not in (",", ";") or s.before().text not in (",", ";"):
        return None
    help_ = s.replace("delete one of them", token, "")
    first: tuple[Label, ...] = (s.label(s.before(), "the first"),)
    message = f"nothing between `{s.before().text}` and `{token.text}`"
    return s.mistake(MISSING_OPERAND, message, token, "", help_, labels=first)


SIGNS: Final[tuple[Recognise, ...]] = (
    no_token,
    comma_in_paths,
    quantity_with_space,
    doubled_sign,
    chained_comparison,
    equals_for_assignment,
    assignment_for_equals,
    equals_for_colon,
    equals_for_comparison,
    arrow_for_implies,
)
