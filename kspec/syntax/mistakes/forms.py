"""Mistakes with the form of a thing: a part that is left out, or written as elsewhere.

Each function looks for one mistake and gives None where it is another; `explain` asks them in turn.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from kspec.base.codes import (
    FOREIGN_SIGN,
    MISSING_OPERAND,
    UNEXPECTED_END,
    UNEXPECTED_TEXT,
    UNKNOWN_WORD,
)
from kspec.base.diagnostic import Diagnostic, Edit, Help
from kspec.base.source import Span
from kspec.base.suggest import suggest
from kspec.syntax.lexer import Token, spelt
from kspec.syntax.mistakes.layout import CLAUSES, ITEMS, MEMBERS
from kspec.syntax.mistakes.signs import Recognise
from kspec.syntax.mistakes.situation import Situation
from kspec.syntax.tables import END

_BLOCKS: Final = frozenset(
    word.upper()
    for word in spelt(
        "kind record mixin enum extend controller environment scenario faults room vectors"
    )
)

_ELSEWHERE: Final[Mapping[str, tuple[str, ...]]] = {
    "assert": ("invariant", "require", "assume"),
    "class": ("kind",),
    "constant": ("param",),
    "constants": ("param",),
    "data": ("record",),
    "def": ("fn",),
    "effects": ("do",),
    "end": ("}",),
    "ensure": ("invariant",),
    "fail": ("violated",),
    "fails": ("violated",),
    "false": ("violated",),
    "fun": ("fn",),
    "func": ("fn",),
    "function": ("fn",),
    "given": ("when",),
    "guard": ("when",),
    "if": ("when",),
    "include": ("import",),
    "object": ("kind",),
    "ok": ("holds",),
    "open": ("import",),
    "operator": ("controller",),
    "passes": ("holds",),
    "pre": ("when",),
    "process": ("controller",),
    "reachable": ("reached",),
    "requires": ("when", "require"),
    "resource": ("kind",),
    "rule": ("action",),
    "safety": ("invariant",),
    "skip": ("nothing",),
    "state": ("memory", "ghost"),
    "struct": ("record",),
    "test": ("check",),
    "then": ("do",),
    "theorem": ("law", "lemma"),
    "true": ("holds",),
    "use": ("import",),
    "var": ("memory", "ghost"),
    "verify": ("check",),
    "where": ("when",),
}
"""What other languages call something, and what it is called here."""


def import_path(s: Situation) -> Diagnostic | None:
    """`import core/pod`, `import "core.pod"`"""
    word = s.last("IMPORT")
    if word is None or not (s.token.text in ("/", "-", ".") or s.token.kind == "STRING"):
        return None
    found = re.compile(r"""\s*(["\w./-]+)""").match(s.text, word.end - s.offset)
    if found is None:
        return None
    start, end = (i + s.offset for i in found.span(1))
    whole = Token("PATH", found[1], start, end)
    better = found[1].strip('"./').removesuffix(".kspec").replace("/", ".")
    is_path = re.fullmatch(r"\w+(\.\w+)*", better) is not None
    advice = f"write `import {better}`" if is_path else "an import is names with dots between them"
    help_ = s.replace(advice, whole, better) if is_path else Help(advice)
    note = "`import core.pod` is the file `core/pod.kspec`"
    message = f"`{found[1]}` is no path of an import"
    return s.mistake(UNEXPECTED_TEXT, message, whole, "", help_, notes=(note,))


def result_arrow(s: Situation) -> Diagnostic | None:
    """`fn f(x: int) -> int = …`"""
    if s.token.text != "->" or "COLON" not in s.expected or s.last("FN") is None:
        return None
    help_ = s.replace("the type of what a function gives stands behind `:`", s.token, ":")
    return s.mistake(FOREIGN_SIGN, "`->` before a type", s.token, "", help_)


def function_without_value(s: Situation) -> Diagnostic | None:
    """`fn f: int`, `fn f: int { … }`"""
    word = s.last("FN")
    if word is None or "EQUAL" not in s.expected or "DO" in s.expected:
        return None
    labels = (s.label(word, "of this function"),)
    if s.token.text == "{":
        advice = "a function is one expression: write `= …`, without braces"
        return s.mistake(FOREIGN_SIGN, "a function in braces", s.token, "", advice, labels=labels)
    if s.token.kind == END:
        message = f"the {s.whole} ends before a function's value"
        help_ = "write what it is: `= …`"
        return s.mistake(UNEXPECTED_END, message, s.before(), "", help_, labels=labels)
    if s.token.text not in ITEMS | MEMBERS and s.token.text != "}":
        return None
    label = f"here is `{s.token.text}` already"
    message, advice = "a function without a value", "write what it is: `= …`"
    return s.mistake(MISSING_OPERAND, message, word, "", advice, labels=(s.label(s.token, label),))


def without_block(s: Situation) -> Diagnostic | None:
    """`kind Pod` and nothing behind it; `new Pod`"""
    if "LBRACE" not in s.expected or (s.stuck.open and s.stuck.open[-1].text != "{"):
        return None
    head = s.last(*_BLOCKS, "NEW")
    behind = s.token.kind == END or s.token.text == "}" or s.token.text in ITEMS | MEMBERS | CLAUSES
    if head is None or not behind or (s.stuck.open and s.stuck.open[-1].start > head.start):
        return None
    message = f"a `{head.text}` without `{{ … }}`"
    empty = " { }" if head.kind in ("KIND", "RECORD", "MIXIN", "NEW") else ""
    advice = f"write `{empty.strip()}` behind it, even where nothing is in it"
    help_ = s.insert(advice, s.before(), empty) if empty else Help("what it holds stands in braces")
    code = UNEXPECTED_END if s.token.kind == END else UNEXPECTED_TEXT
    return s.mistake(code, message, head, "", help_)


def foreign_word(s: Situation) -> Diagnostic | None:
    """`resource Pod { … }`, `requires p.ready`: what another language calls it."""
    for word in (s.token, s.before()):
        here = [w for w in _ELSEWHERE.get(word.text.lower(), ()) if _could_stand(s, w, word)]
        if not here or not (word is s.token or s.is_first_on_line(word)):
            continue
        help_ = s.replace(f"write `{here[0]}`", word, here[0])
        message = f"`{word.text}` is not what it is called here"
        return s.mistake(FOREIGN_SIGN, message, word, "", help_)
    return None


def _could_stand(s: Situation, better: str, word: Token) -> bool:
    if word is s.token:
        return (s.words.get(better) or s.tables.signs.get(better)) in s.expected
    is_name = word.kind == "NAME" and s.token.kind in ("NAME", "LPAR", "INT", "NOT")
    return is_name and better in ITEMS | MEMBERS | CLAUSES


def shortened_word(s: Situation) -> Diagnostic | None:
    """`watch Pod`, `env user`: the beginning of a word that could stand there."""
    word = s.token
    if not word.text.isidentifier() or len(word.text) < 3:
        return None
    longer = sorted(
        w for w, t in s.words.items() if t in s.expected and w.startswith(word.text.lower())
    )
    longer = [w for w in longer if w != word.text]
    if len(longer) != 1:
        return None
    message = f"`{word.text}` begins nothing here"
    help_ = s.replace(f"did you mean `{longer[0]}`?", word, longer[0])
    return s.mistake(UNKNOWN_WORD, message, word, "", help_)


def outside(s: Situation) -> Diagnostic | None:
    """`action` or `when` where an item begins."""
    word = s.token
    if END not in s.expected or s.stuck.open or word.text not in (MEMBERS | CLAUSES) - ITEMS:
        return None
    home = "an `action`" if word.text in CLAUSES else "a `controller` or an `environment`"
    if word.text in ("watches", "acts", "memory", "local", "ordered"):
        home = "a `controller`"
    return s.mistake(
        UNEXPECTED_TEXT,
        f"`{word.text}` outside of what it belongs to",
        word,
        "",
        f"it is part of {home}",
    )


def list_brackets(s: Situation) -> Diagnostic | None:
    """`Pod[]` for a list of pods."""
    name = s.before()
    if s.token.text != "[" or name.kind != "NAME" or not {"QMARK", "EQUAL"} <= s.expected:
        return None
    closing = s.after()
    if closing.text != "]":
        return None
    whole = Token("NAME", f"{name.text}[]", name.start, closing.end)
    better = f"list of {name.text}"
    help_ = s.replace(f"write `{better}`, or `set of {name.text}`", whole, better)
    return s.mistake(FOREIGN_SIGN, f"`{name.text}[]` is not a type", whole, "", help_)


def without_colon(s: Situation) -> Diagnostic | None:
    """`ready bool`, `memory seen int`, `(p Pod)`"""
    name, token = s.before(), s.token
    if "COLON" not in s.expected or not s.expected <= {"COLON", "COMMA", "IN", "LBRACE"}:
        return None
    starts = token.kind in ("NAME", "INT", "QUANTITY", "STRING") or token.kind in s.words.values()
    if not starts or "\n" in s.source(name.end, token.start):
        return None
    if suggest(name.text, MEMBERS | CLAUSES | ITEMS | {"valid", "approximates", "ignores"}):
        return None
    help_ = s.insert(f"write `{name.text}: {token.text}`", name, ":")
    message = f"expected `:` behind `{name.text}`, found `{token.text}`"
    return s.mistake(UNEXPECTED_TEXT, message, token, "", help_)


def one_word_missing(s: Situation) -> Diagnostic | None:
    """`set Pod`, `map Pod to int`: where one word, and no other, could stand."""
    choices = s.expected - {"AT"} if "OF" in s.expected else s.expected
    spelling = [w for w, t in s.words.items() if t in choices]
    if len(choices) != 1 or len(spelling) != 1 or s.token.kind == END:
        return None
    (word,) = spelling
    place = Span(s.file, s.before().end, s.before().end)
    help_ = Help(f"write `{s.before().text} {word} {s.token.text}`", Edit(place, f" {word}"))
    message = f"expected `{word}`, found `{s.token.text}`"
    return s.mistake(UNEXPECTED_TEXT, message, s.token, "", help_)


EARLY: Final[tuple[Recognise, ...]] = (
    import_path,
    result_arrow,
    function_without_value,
    without_block,
)
FORMS: Final[tuple[Recognise, ...]] = (
    outside,
    foreign_word,
    shortened_word,
    list_brackets,
    without_colon,
    one_word_missing,
)
