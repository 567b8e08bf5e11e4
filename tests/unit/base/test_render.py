"""How diagnostics look: whole pictures, since a person reads them whole."""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kspec.base.codes import CODES, TYPE_MISMATCH, UNKNOWN_NAME
from kspec.base.diagnostic import Diagnostic, Edit, Help, Label, Severity
from kspec.base.render import Style, concise, render
from kspec.base.source import SourceFile, Span

PLAIN = Style()


def spot(source: SourceFile, part: str, occurrence: int = 0) -> Span:
    start = -1
    for _ in range(occurrence + 1):
        start = source.text.index(part, start + 1)
    return Span(source.name, start, start + len(part))


def shown(text: str, *labels: tuple[str, str], style: Style = PLAIN) -> str:
    """The window of a diagnostic whose first label is the primary one."""
    source = SourceFile("a.kspec", text)
    primary, *others = (Label(spot(source, part), words) for part, words in labels)
    found = Diagnostic(UNKNOWN_NAME, "a message", primary, tuple(others))
    return render([found], [source], style)


def test_two_labels_on_one_line() -> None:
    source = SourceFile("models/replicaset.kspec", "one\n    ensure replicas == phase\n")
    found = Diagnostic(
        TYPE_MISMATCH,
        "`replicas` counts pods, but `phase` is a state",
        Label(spot(source, "phase"), "this is a `PodPhase`"),
        (Label(spot(source, "replicas"), "this is a number from 0 to 3"),),
        notes=("a state is not a number",),
        help=("to count pods, write `count(pods where phase == Ready)`",),
    )
    assert render([found], [source]) == dedent("""\
        error[type-mismatch]: `replicas` counts pods, but `phase` is a state
         --> models/replicaset.kspec:2:24
          |
        2 |     ensure replicas == phase
          |            --------    ^^^^^ this is a `PodPhase`
          |            |
          |            this is a number from 0 to 3
          = help: to count pods, write `count(pods where phase == Ready)`
          = note: a state is not a number

        """)


def test_three_labels_hang_in_steps() -> None:
    assert shown("aa bb cc\n", ("cc", "third"), ("bb", "second"), ("aa", "first")) == dedent("""\
        error[unknown-name]: a message
         --> a.kspec:1:7
          |
        1 | aa bb cc
          | -- -- ^^ third
          | |  |
          | |  second
          | |
          | first

        """)


def test_an_overlapping_label_hangs() -> None:
    assert shown("sum(x)\n", ("x", "inner"), ("sum(x)", "outer")) == dedent("""\
        error[unknown-name]: a message
         --> a.kspec:1:5
          |
        1 | sum(x)
          | ----^-
          | |   |
          | |   inner
          | |
          | outer

        """)


def test_lines_far_apart_and_lines_with_one_between() -> None:
    text = "a\nb\nc\nd\ne\nf\ng\n"
    assert shown(text, ("g", "here"), ("a", "first"), ("c", "")) == dedent("""\
        error[unknown-name]: a message
         --> a.kspec:7:1
          |
        1 | a
          | - first
        2 | b
        3 | c
          | -
        ...
        7 | g
          | ^ here

        """)


def test_a_label_over_several_lines_marks_the_first_and_the_last() -> None:
    assert shown("x {\n  y\n  z\n  }\n", ("{\n  y\n  z\n  }", "never used")) == dedent("""\
        error[unknown-name]: a message
         --> a.kspec:1:3
          |
        1 | x {
          |   ^
        ...
        4 |   }
          |   ^ never used

        """)


def test_tabs_and_wide_characters_keep_marks_under_their_text() -> None:
    assert shown("\tif 日本 == é\n", ("é", "e\u0301"), ("日本", "name")) == dedent("""\
        error[unknown-name]: a message
         --> a.kspec:1:11
          |
        1 |     if 日本 == é
          |        ----    ^ e\u0301
          |        |
          |        name

        """)


def test_the_end_of_the_file_can_be_marked() -> None:
    source = SourceFile("a.kspec", "x {")
    found = Diagnostic(UNKNOWN_NAME, "a message", Label(Span("a.kspec", 3, 3), "expected `}`"))
    assert "1 | x {\n  |    ^ expected `}`\n" in render([found], [source])


def test_a_long_line_is_cut_around_its_mark() -> None:
    text = "x" * 300 + "HERE" + "y" * 300
    out = shown(text, ("HERE", "this"), style=Style(width=60))
    code, mark = out.splitlines()[3:5]
    assert len(code) <= 60
    assert code.count("…") == 2
    assert code[mark.index("^") :].startswith("HERE")


def test_what_could_disturb_a_terminal_is_replaced() -> None:
    out = shown("a\x1b[31m\u202eb\n", ("b", "bad \x1b[0m name"))
    assert "\x1b" not in out
    assert "\u202e" not in out


def test_labels_in_other_files_follow() -> None:
    here, there = SourceFile("a.kspec", "import b\n"), SourceFile("b.kspec", "\n\nimport a\n")
    found = Diagnostic(
        UNKNOWN_NAME, "a message", Label(spot(here, "b"), "to"), (Label(spot(there, "a"), "fro"),)
    )
    assert render([found], [there, here]) == dedent("""\
        error[unknown-name]: a message
         --> a.kspec:1:8
          |
        1 | import b
          |        ^ to
         ::: b.kspec:3:8
          |
        3 | import a
          |        ^ fro

        """).replace("^ fro", "- fro")


def test_a_file_without_text_is_named() -> None:
    found = Diagnostic(UNKNOWN_NAME, "a message", Label(Span("gone.yaml", 0, 0)))
    assert render([found], []) == "error[unknown-name]: a message\n --> gone.yaml\n\n"
    assert concise([found], []) == "gone.yaml: error[unknown-name]: a message\n"


def test_concise_gives_line_and_column() -> None:
    source = SourceFile("a.kspec", "é\n b")
    found = Diagnostic(
        UNKNOWN_NAME, "a message", Label(spot(source, "b")), severity=Severity.WARNING
    )
    assert concise([found], [source]) == "a.kspec:2:2: warning[unknown-name]: a message\n"


def test_at_most_so_many_are_shown() -> None:
    found = Diagnostic(UNKNOWN_NAME, "a message", Label(Span("a.kspec", 0, 1)))
    out = render([found] * 13, [])
    assert out.count("error[") == 10
    assert out.endswith("and 3 more\n\n")
    assert "more" not in render([found] * 10, [])


def test_an_edit_is_written_once() -> None:
    span = Span("a.kspec", 0, 1)
    help_ = (Help("close it with", Edit(span, "}")), Help("write `]`", Edit(span, "]")))
    out = render([Diagnostic(UNKNOWN_NAME, "a message", Label(span), help=help_)], [])
    assert "= help: close it with: `}`\n" in out
    assert "= help: write `]`\n" in out


def test_long_advice_is_wrapped_under_itself() -> None:
    found = Diagnostic(UNKNOWN_NAME, "m", Label(Span("a", 0, 1)), notes=("word " * 30,))
    rows = [r for r in render([found], [], Style(width=50)).splitlines() if "word" in r]
    assert all(len(r) <= 50 for r in rows)
    assert rows[1].index("word") == rows[0].index("word")


def test_colour_only_adds_sequences() -> None:
    import re

    plain = shown("aa bb\n", ("aa", "x"), ("bb", "y"))
    coloured = shown("aa bb\n", ("aa", "x"), ("bb", "y"), style=Style(colour=True))
    assert coloured != plain
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


@given(st.text(max_size=60), st.data())
def test_any_text_and_any_spans_are_rendered(text: str, data: st.DataObject) -> None:
    ends = st.integers(0, len(text))
    spans = data.draw(st.lists(st.tuples(ends, ends), min_size=1, max_size=4))
    labels = [Label(Span("f", min(s), max(s)), f"label {n}") for n, s in enumerate(spans)]
    found = Diagnostic(UNKNOWN_NAME, "a message", labels[0], tuple(labels[1:]))
    out = render([found], [SourceFile("f", text)], Style(width=data.draw(st.integers(1, 100))))
    assert all(label.text in out for label in labels)


@pytest.mark.parametrize("slug", CODES)
def test_a_code_is_lower_case_words(slug: str) -> None:
    code = CODES[slug]
    assert slug == code.slug == slug.lower()
    assert slug.replace("-", "").isalpha()
    assert code.summary
    assert not code.summary.endswith(".")


def test_codes_are_in_order() -> None:
    assert list(CODES) == sorted(CODES)
