"""Says what is wrong where reading stopped, in the words of somebody who writes models.

Common mistakes are recognised one by one (`words`, `signs`, `forms`); any other is told by
what was found and what was expected. No name of the grammar is ever shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from kspec.base.codes import NESTED_TOO_DEEP, UNEXPECTED_END, UNEXPECTED_TEXT
from kspec.base.diagnostic import Diagnostic, Label
from kspec.base.source import Span
from kspec.syntax.lexer import spelt
from kspec.syntax.machine import MAX_DEPTH, Stuck, TooDeep
from kspec.syntax.mistakes.forms import EARLY, FORMS
from kspec.syntax.mistakes.signs import SIGNS, Recognise, stray_close
from kspec.syntax.mistakes.situation import Situation
from kspec.syntax.mistakes.words import FIRST, LAST, WORDS
from kspec.syntax.tables import END, Tables

_CASES: Final[Sequence[Recognise]] = (
    *SIGNS[:1],
    *EARLY,
    *FIRST,
    stray_close,
    *SIGNS[1:],
    *WORDS,
    *FORMS,
    *LAST,
)

_EXPRESSION: Final = spelt(
    "ALL ALWAYS CHOOSE EVENTUALLY FIRST FOLD IF IN INT LBRACE LET LPAR LSQB MAP MATCH MINUS NAME NO"
    " NONE NOT ONE QUANTITY SOME SORT STRING THE THOSE WHILE"
)
_OPERATORS: Final = spelt(
    "AND APPEND CMP CONTAINS DIV DOT ENDS EXISTS IMPLIES IN INTER IS LEADS LPAR LSQB MINUS MISSING"
    " MOD NOT OR OR_ELSE OVER PLUS QMARK STARTS SUBSET TIMES UNION UNTIL WITH WITHOUT"
)
_TYPE: Final = spelt("ENUM INT KEYNAME LIST MAP MINUS NAME SET TUPLE")
_STATEMENT: Final = spelt("CHOOSE DELETE FOR IF NAME NEW NOTHING REQUIRE")
_DATA: Final = spelt("ANY DASHED INT LBRACE LSQB MINUS NAME QUANTITY STRING")
_CLAUSE: Final = spelt("DO EVENT LET NEXT REFUSED WHEN WITHIN YIELDS")
_ITEM: Final = spelt(
    "ALIAS ASSUME BELIEF CHECK CLUSTER CONST CONTROLLER EFFECT ENUM ENVIRONMENT EXPECT EXTEND FAULT"
    " FAULTS FN FOR GHOST IMPORT IN INVARIANT KIND LAW LEMMA MIXIN PARAM PROPERTY PROVE RECORD"
    " RECOVERY ROOM RUN SCENARIO START TIME TYPE UNIVERSE VECTORS WITH"
) | {END}

_PHRASES: Final[Sequence[tuple[frozenset[str], frozenset[str], str]]] = (
    (frozenset({"IMPORT", "UNIVERSE"}), _ITEM, "a new item"),
    (frozenset({"YIELDS", "REFUSED"}), _CLAUSE, "a clause such as `when` or `do`"),
    (frozenset({"NEW", "DELETE", "REQUIRE"}), _STATEMENT, "a change such as `x := e`"),
    (frozenset({"INT", "LPAR", "NONE"}), _EXPRESSION, "an expression"),
    (frozenset({"KEYNAME", "TUPLE"}), _TYPE, "a type"),
    (frozenset({"DASHED", "INT"}), _DATA, "a value"),
    (frozenset({"TIMES", "CMP"}), _OPERATORS, "an operator"),
)
"""Where all of the first are expected, all of the second are called by the third."""

_KINDS: Final[Mapping[str, str]] = {
    "API_VERSION": "an API version such as `apps/v1`",
    "ASSIGN": "`:=`",
    "CMP": "a comparison",
    "DASHED": "a name",
    "DOCSTRING": "a docstring",
    "INT": "a whole number",
    "NAME": "a name",
    "OR_ELSE": "`or else`",
    "PATH": "a path such as `spec.replicas`",
    "QUANTITY": "an amount",
    "STRING": "text in quotes",
}


def explain(
    tables: Tables,
    file: str,
    text: str,
    offset: int,
    outcome: Stuck | TooDeep,
    whole: str = "file",
) -> Diagnostic:
    """What is wrong; `text` stands at `offset` of `file` and is all of what `whole` says."""
    if isinstance(outcome, TooDeep):
        return Diagnostic(
            NESTED_TOO_DEEP,
            f"more than {MAX_DEPTH} brackets or operators within each other",
            Label(Span(file, outcome.start, outcome.end), "too deep here"),
            help=("give the inner parts names of their own, with `let` or `fn`",),
        )
    situation = Situation(file, text, offset, tables, outcome, whole)
    for recognise in _CASES:
        found = recognise(situation)
        if found is not None:
            return found
    return _plainly(situation)


def _plainly(s: Situation) -> Diagnostic:
    """What was found and what was expected."""
    phrases = expected_phrases(s)
    expected = _either(phrases)
    if s.token.kind == END:
        where = f"where {expected} is expected" if expected else "early"
        message = f"the {s.whole} ends {where}"
        return s.mistake(UNEXPECTED_END, message, s.before() if s.before().text else s.token, "")
    found = s.token.text if len(s.token.text) <= 30 else f"{s.token.text[:29]}…"
    if not expected:
        return s.mistake(UNEXPECTED_TEXT, f"`{found}` cannot stand here", s.token, "")
    message = f"expected {expected}, found `{found}`"
    labels: tuple[Label, ...] = ()
    if s.stuck.open and any(p in ("`)`", "`]`", "`}`") for p in phrases):
        labels = (s.label(s.stuck.open[-1], "opened here"),)
    return s.mistake(UNEXPECTED_TEXT, message, s.token, "", labels=labels)


def expected_phrases(s: Situation) -> tuple[str, ...]:
    """What could stand there, in words, the most telling first."""
    left = set(s.expected)
    said: list[str] = []
    field = {"STEP", "UNCHANGED", "INSTANCES"}
    if field <= left:
        said.append("a field" if "VALID" in left else "a key")
        left -= {t for t in left if t in s.words.values()} | {"NAME", "STRING", "DASHED"}
    for needed, covered, phrase in _PHRASES:
        if needed <= left:
            said.append(phrase)
            left -= covered
    spelt = {t: f"`{w}`" for w, t in (*s.tables.words.items(), *s.tables.signs.items())}
    spelt[END] = f"the end of the {s.whole}"
    rest = sorted({_KINDS.get(t) or spelt.get(t, t) for t in left})
    signs = [p for p in rest if p.startswith("`") and not p[1].isalpha()]
    words = [p for p in rest if p not in signs]
    every = [*signs, *words, *said]
    for weak in ("an operator", "a new item"):
        if weak in every and len(every) > 3:
            every.remove(weak)
    return tuple(every)


def _either(phrases: Sequence[str]) -> str:
    if not phrases or len(phrases) > 5:
        return ""
    if len(phrases) == 1:
        return phrases[0]
    return f"{', '.join(phrases[:-1])} or {phrases[-1]}"
