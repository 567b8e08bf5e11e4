"""What is said of YAML that is none, and what the advice makes of it."""

from __future__ import annotations

import pytest

from kspec.manifests.read import read

# The text, a part of the message, the text after the edit.
CASES = [
    ("a:\n\t- x\n", "a tab in the indentation", "a:\n  - x\n"),
    ("kind: Pod\n metadata: x\n", "a `:` with a space", "kind: Pod\nmetadata: x\n"),
    ("a: %x\n", "cannot begin with `%`", 'a: "%x"\n'),
    ("a: @x # why\n", "cannot begin with `@`", 'a: "@x" # why\n'),
    ("a: `x`\n", "cannot begin with a backquote", 'a: "`x`"\n'),
    ("a: x: y\n", "a `:` with a space", 'a: "x: y"\n'),
    ("- note: see: the wiki   # why\n", "a `:` with a space", '- note: "see: the wiki"   # why\n'),
    ("a: .inf\n", "`.inf` is not a number", 'a: ".inf"\n'),
    ("1.5: x\n", "`1.5` cannot be a key", '"1.5": x\n'),
    ("a: &data 1\nb: *dta\n", "no `&dta` comes before", "a: &data 1\nb: *data\n"),
    ("--- a: 1\n", "only a comment may follow", "---\na: 1\n"),
]


@pytest.mark.parametrize(("text", "message", "mended"), CASES, ids=[c[0] for c in CASES])
def test_an_edit_mends_it(text: str, message: str, mended: str) -> None:
    (found,) = read("m.yaml", text.encode()).diagnostics
    assert message in found.message
    (edit,) = (help_.edit for help_ in found.help if help_.edit is not None)
    assert text[: edit.span.start] + edit.replacement + text[edit.span.end :] == mended
    assert read("m.yaml", mended.encode()).diagnostics == ()


@pytest.mark.parametrize("text", ["b: {c: `x`}\n", "a: b\n c\n d: e\n", "key value\nb: 1\n"])
def test_nothing_is_advised_where_it_would_be_a_guess(text: str) -> None:
    (found,) = read("m.yaml", text.encode()).diagnostics
    assert all(help_.edit is None for help_ in found.help)


def test_the_edit_is_at_its_place_in_a_later_document() -> None:
    text = "a: 1\n---\nb: 2\n---\nc: x: y\n"
    (found,) = read("m.yaml", text.encode()).diagnostics
    edit = found.help[0].edit
    assert edit is not None
    assert text[edit.span.start : edit.span.end] == "x: y"
