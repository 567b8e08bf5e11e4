"""Mistakes with words: those of other languages, those left out, misspelt ones, open blocks.

Each function looks for one mistake and gives None where it is another; `explain` asks them in turn.
"""

from __future__ import annotations

from typing import Final

from kspec.base.codes import (
    FOREIGN_SIGN,
    MISSING_OPERAND,
    UNCLOSED_BLOCK,
    UNEXPECTED_TEXT,
    UNKNOWN_WORD,
)
from kspec.base.diagnostic import Diagnostic, Edit, Help, Label
from kspec.base.source import LineIndex, Span
from kspec.base.suggest import suggest
from kspec.syntax.lexer import Token, spelt
from kspec.syntax.machine import Part
from kspec.syntax.mistakes.layout import CLAUSES, ITEMS, MEMBERS
from kspec.syntax.mistakes.recover import missing_close
from kspec.syntax.mistakes.signs import Recognise
from kspec.syntax.mistakes.situation import NOTHING, Situation
from kspec.syntax.tables import END

_BEGINNINGS: Final = ITEMS | MEMBERS | CLAUSES
_QUANTIFIERS: Final = frozenset({"ALL", "SOME", "NO", "ONE", "THE", "FIRST", "THOSE", "MAP"})
_CLAIMS: Final = frozenset({"PROPERTY", "INVARIANT", "LEMMA", "LAW", "BELIEF", "ASSUME"})
_CLAUSE_KINDS: Final = frozenset(word.upper() for word in CLAUSES)
_WANT_MORE: Final = spelt(
    "when where and or not implies until to always eventually in is of then else if"
    " delete new require choose for most of by every from import check expect prove run extends"
    " holds violated refuted reached unknown div mod union minus inter with starts ends contains do"
    " next refused let because within"
    " reachable valid + - * / ++ == != < <= > >= = := += -= | , : -> ( .."
)


def unclosed(s: Situation) -> Diagnostic | None:
    """A new item, or the end of the file, inside brackets."""
    item = s.token if s.token.kind == END else missing_close(s.stuck, s.text)
    opened = [t for t in s.stuck.open if item is not None and t.start < item.start]
    if item is None or not opened:
        return None
    first = opened[0]
    owner = _owner(s, first)
    message = (
        f"the `{first.text}` of `{owner}` is never closed"
        if owner
        else (f"a `{first.text}` that is never closed")
    )
    end = "the file ends here" if item.kind == END else f"a new `{item.text}` begins here"
    more = tuple(s.label(t, "also open") for t in opened[1:4])
    close = {"(": ")", "[": "]", "{": "}"}[first.text]
    last = max((t for t in s.stuck.before if t.start < item.start), key=lambda t: t.start)
    advice = f"write `{close}` before `{item.text}`" if item.text else f"write `{close}`"
    return Diagnostic(
        UNCLOSED_BLOCK,
        message,
        s.label(first, "opened here"),
        (*more, *_crooked(s, first, item), s.label(item, end)),
        help=(Help(advice, Edit(Span(s.file, last.end, last.end), f"\n{close}")),),
    )


def _owner(s: Situation, bracket: Token) -> str:
    """What stands before a bracket on its line, if that is short."""
    before = s.source(s.offset, bracket.start)
    line = before[before.rfind("\n") + 1 :].strip()
    return line if len(line) <= 40 and "`" not in line else ""


def _crooked(s: Situation, first: Token, item: Token) -> tuple[Label, ...]:
    """A `}` at the beginning of a line that is indented otherwise than the line of its `{`."""
    index = LineIndex(s.text)
    opened: list[Token] = []
    for token in s.stuck.before:
        if not first.start <= token.start < item.start:
            continue
        if token.text == "{" and token.kind == "LBRACE":
            opened.append(token)
        elif token.kind == "RBRACE" and opened:
            partner = opened.pop()
            lines = [index.position(t.start - s.offset)[0] for t in (partner, token)]
            indents = [len(t) - len(t.lstrip()) for t in map(index.line, lines)]
            if lines[0] != lines[1] and s.is_first_on_line(token) and indents[0] != indents[1]:
                return (
                    s.label(partner, "closed by a brace that is indented otherwise"),
                    s.label(token, "is this meant to close another one?"),
                )
    return ()


def foreign_quantifier(s: Situation) -> Diagnostic | None:
    """`forall x: T`, `exists x: T`, `for all x: T`"""
    word = s.before()
    advice = "write `all`, `some`, `no` or `one`, then the name, and `|` before the formula"
    if word.text == "for" and s.token.text == "all":
        both = Token("NAME", "for all", word.start, s.token.end)
        return s.mistake(
            FOREIGN_SIGN, "`for all` is one word", both, "", s.replace(advice, both, "all")
        )
    if s.token.kind != "NAME" or s.expected & {"NAME"}:
        return None
    by = {
        "forall": "all",
        "every": "all",
        "each": "all",
        "any": "some",
        "exists": "some",
        "exist": "some",
        "forsome": "some",
        "there": "some",
    }.get(word.text.lower())
    if by is None or word.kind not in ("NAME", "EXISTS", "ANY"):
        return None
    message = f"`{word.text}` does not begin a formula"
    return s.mistake(FOREIGN_SIGN, message, word, "", s.replace(advice, word, by))


def bar_expected(s: Situation) -> Diagnostic | None:
    """`all p: Pod: e`, `all p: Pod . e`, `all p: Pod, e`"""
    token = s.token
    quantifier = s.last(*_QUANTIFIERS)
    if quantifier is None:
        return None
    message = f"`{quantifier.text}` without `|` before its formula"
    labels = (s.label(quantifier, "of this"),)
    if token.text in (":", ".") and "VBAR" in s.expected:
        help_ = s.replace("write `|`", token, " |")
        return s.mistake(UNEXPECTED_TEXT, message, token, "", help_, labels=labels)
    comma = next((t for t in (s.before(), s.before(2)) if t.text == ","), None)
    if (
        comma is not None
        and _is_of(s, comma, quantifier)
        and s.expected <= {"NAME", "COLON", "IN", "COMMA"}
    ):
        help_ = s.replace("write `|`, or the next name with its type", comma, " |")
        return s.mistake(UNEXPECTED_TEXT, message, comma, "", help_, labels=labels)
    return None


def _is_of(s: Situation, comma: Token, quantifier: Token) -> bool:
    """Does the comma stand among what the quantifier ranges over?"""
    return any(p.token == comma for p in s.stuck.stack) and comma.start > quantifier.start


_OPERANDS: Final = frozenset({"INT", "NEW", "NAME"})


def missing_operand(s: Situation) -> Diagnostic | None:
    """`a and` and then a new clause: which was read as a plain name, or is stuck."""
    for word, owner in ((s.before(), s.before(2)), (s.token, s.before())):
        if owner.text not in _WANT_MORE or owner.kind in ("NAME", "STRING"):
            continue
        if owner.text == word.text:
            continue  # told by `doubled_sign`
        if _begins_something(s, word) or (
            word is s.token and s.expected & _OPERANDS and _ends(s, word)
        ):
            return _missing(s, owner, word)
    return None


def _begins_something(s: Situation, word: Token) -> bool:
    """A word that begins an item or a clause, but was read as a name."""
    if word.text not in _BEGINNINGS or (word is not s.token and word.kind != "NAME"):
        return False
    if word is s.token:
        return word.kind in s.words.values() or s.is_first_on_line(word)
    return s.is_first_on_line(word) or word.text in CLAUSES


def _ends(s: Situation, word: Token) -> bool:
    """Does the token close something, or the file?"""
    return word.text in (")", "]", "}", ",", ";", "") or word.kind in s.words.values()


def _missing(s: Situation, owner: Token, word: Token) -> Diagnostic:
    labels = (s.label(word, f"here is `{word.text}` already"),) if word.text else ()
    if owner.text in ("do", "next", "refused"):
        message = f"a `{owner.text}` without a change"
        help_ = s.insert("for no change, write `nothing`", owner, " nothing")
        return s.mistake(MISSING_OPERAND, message, owner, "", help_, labels=labels)
    message = (
        f"a `{owner.text}` without a condition"
        if owner.text in ("when", "where")
        else (f"nothing behind `{owner.text}`")
    )
    if owner.text == ",":
        help_ = s.replace("delete the comma, or write what is missing", owner, "")
    else:
        help_ = Help(f"write what belongs behind `{owner.text}`, or delete it")
    return s.mistake(MISSING_OPERAND, message, owner, "", help_, labels=labels)


def missing_colon(s: Situation) -> Diagnostic | None:
    """`property p always …`"""
    if "COLON" not in s.expected or s.token.text in ("=", "==", ":="):
        return None
    head = s.last(*_CLAIMS)
    if head is None or any(p.token and p.token.kind == "COLON" for p in _since(s, head)):
        return None
    last = s.before()
    help_ = s.insert("write `:` before what is claimed", last, ":")
    labels = (s.label(head, f"of this `{head.text}`"),)
    message = f"a `{head.text}` without `:`"
    return s.mistake(
        UNEXPECTED_TEXT, message, s.token, "`:` is expected here", help_, labels=labels
    )


def _since(s: Situation, head: Token) -> list[Part]:
    return [p for p in s.stuck.stack if p.start > head.start]


def let_without_semicolon(s: Situation) -> Diagnostic | None:
    """`let x = e in f`, `let x = e f`"""
    if "SEMICOLON" not in s.expected or "COMMA" in s.expected:
        return None
    let = s.last("LET")
    if let is None:
        return None
    labels = (s.label(let, "of this `let`"),)
    advice = "write `let x = e; f`"
    for part in _since(s, let):
        if part.token is not None and part.token.kind == "IN":
            help_ = s.replace(advice, part.token, ";")
            return s.mistake(
                FOREIGN_SIGN, "a `let` with `in`", part.token, "", help_, labels=labels
            )
    help_ = s.insert(advice, s.before(), ";")
    message = "a `let` without `;`"
    return s.mistake(
        UNEXPECTED_TEXT, message, s.token, "`;` is expected here", help_, labels=labels
    )


def if_mistakes(s: Situation) -> Diagnostic | None:
    """`elif`, `then` in a statement, braces in an expression, no `else`."""
    token = s.token
    if token.text in ("elif", "elsif", "elseif"):
        help_ = s.replace("write `else if`", token, "else if")
        return s.mistake(
            FOREIGN_SIGN, f"`{token.text}` is not a word of the language", token, "", help_
        )
    if s.last("IF") is None:
        return None
    if token.text == "then" and "LBRACE" in s.expected:
        advice = "among changes, `if` is followed by changes in braces: `if c { … } else { … }`"
        return s.mistake(UNEXPECTED_TEXT, "`then` among changes", token, "", advice)
    if "THEN" in s.expected and token.text in ("{", ":"):
        advice = "in an expression, write `if c then a else b`"
        return s.mistake(UNEXPECTED_TEXT, f"`{token.text}` behind a condition", token, "", advice)
    if "ELSE" in s.expected and "INT" not in s.expected and s.last("IF", "THEN") == s.last("THEN"):
        advice = "an expression has a value in both cases: write `else` and the other one"
        label = "`else` is expected here"
        return s.mistake(MISSING_OPERAND, "an `if` without `else`", token, label, advice)
    return None


def semicolon_between_conditions(s: Situation) -> Diagnostic | None:
    """`when a; b`"""
    semicolon = s.before()
    clauses = (t for t in reversed(s.stuck.before) if t.kind in _CLAUSE_KINDS)
    when = next(clauses, NOTHING)
    if semicolon.text != ";" or when.kind != "WHEN" or s.token.kind not in ("NAME", "NOT", "LPAR"):
        return None
    if s.is_first_on_line(s.token):
        return None
    help_ = s.replace("conditions have commas between them", semicolon, ",")
    labels = (s.label(when, "of this `when`"),)
    return s.mistake(UNEXPECTED_TEXT, "`;` between conditions", semicolon, "", help_, labels=labels)


def docstring_late(s: Situation) -> Diagnostic | None:
    """A docstring that is not the first thing of a file."""
    if s.token.kind != "DOCSTRING":
        return None
    advice = "a file may begin with one; elsewhere, write comments behind `#`"
    return s.mistake(UNEXPECTED_TEXT, "a docstring in the middle", s.token, "", advice)


def misspelt_word(s: Situation) -> Diagnostic | None:
    """A word near one that could stand there, at the beginning of an item, a member, a clause."""
    for word in (s.token, s.before()):
        is_name = word.kind in ("NAME", "BAD") or word.kind in s.words.values()
        if not is_name or not word.text.isidentifier():
            continue
        begins = word is not s.token
        if begins and not (s.is_first_on_line(word) and s.token.kind in ("NAME", "LPAR")):
            continue
        candidates = [
            w for w, t in s.words.items() if (w in _BEGINNINGS if begins else t in s.expected)
        ]
        near = suggest(word.text, candidates)
        if near is not None and not (begins and word.text in s.words):
            help_ = s.replace(f"did you mean `{near}`?", word, near)
            message = f"`{word.text}` begins nothing here"
            return s.mistake(UNKNOWN_WORD, message, word, "", help_)
    return None


def unknown_item(s: Situation) -> Diagnostic | None:
    """A line that begins with a word that begins no item."""
    token = s.token
    if END not in s.expected or s.stuck.open or not s.is_first_on_line(token):
        return None
    if token.kind != "NAME":
        return None
    advice = "an item begins with a word such as `kind`, `controller`, `property` or `check`"
    return s.mistake(UNKNOWN_WORD, f"`{token.text}` begins no item", token, "", advice)


def reserved_word(s: Situation) -> Diagnostic | None:
    """`first + 1`: a word that begins an expression, used as a name."""
    word = s.before()
    reserved = _QUANTIFIERS | {"FOLD", "MATCH", "SORT", "CHOOSE", "WHILE", "NONE"}
    if word.kind not in reserved or word is NOTHING or "NAME" not in s.expected:
        return None
    if s.token.kind in ("NAME", END):
        return None
    message = f"`{word.text}` used as a name"
    advice = f"in an expression `{word.text}` is a word of the language; choose another name"
    return s.mistake(UNEXPECTED_TEXT, message, word, "a name is expected behind it", advice)


FIRST: Final[tuple[Recognise, ...]] = (docstring_late, missing_operand, unclosed)
WORDS: Final[tuple[Recognise, ...]] = (
    foreign_quantifier,
    let_without_semicolon,
    if_mistakes,
    bar_expected,
    semicolon_between_conditions,
    missing_colon,
    misspelt_word,
)
LAST: Final[tuple[Recognise, ...]] = (unknown_item, reserved_word)
