"""The collector of Markdown chapters, with a checker that knows one word."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import dedent

import pytest

from kspec.base.codes import UNKNOWN_NAME
from kspec.base.diagnostic import Diagnostic, Label
from kspec.base.source import Span
from tests.markdown import (
    Expected,
    Failure,
    Section,
    check_program,
    check_transcript,
    commands,
    expectations,
    sections,
)


def fake_checker(name: str, text: str, beside: Mapping[str, str] = {}) -> Sequence[Diagnostic]:
    """Objects to every `Phse`."""
    found = []
    for file, content in {name: text, **beside}.items():
        for match in re.finditer("Phse", content):
            place = Label(Span(file, *match.span()), "not declared")
            help_ = ("did you mean `Phase`?",)
            found.append(Diagnostic(UNKNOWN_NAME, "nothing is called `Phse`", place, help=help_))
    return found


def section(text: str) -> Section:
    return list(sections(dedent(text)))[-1]


def program(*lines: str) -> None:
    (fence,) = section("\n".join(("# T", "```kspec", *lines, "```"))).fences
    check_program(fence, "t.kspec", fake_checker)


def test_sections_and_fences() -> None:
    text = """\
        # First
        prose
        ```kspec file=a.kspec
        # not a heading
        ```
        ## Second ##
        ````console
        ```
        ````
        """
    first, second = list(sections(dedent(text)))[1:]
    assert (first.title, second.title) == ("First", "Second")
    (fence,) = first.fences
    assert (fence.language, fence.file, fence.line) == ("kspec", "a.kspec", 4)
    assert fence.text == "# not a heading\n"
    assert second.fences[0].text == "```\n"


def test_a_fence_must_be_closed() -> None:
    with pytest.raises(Failure, match="line 2"):
        list(sections("# T\n```kspec\na\n"))


def test_announcements() -> None:
    text = 'a # error: [unknown-name] "x `y`" # warning: [b-c]\n# errors: [no]\n'
    assert expectations(text) == (
        Expected("error", "unknown-name", "x `y`", 1),
        Expected("warning", "b-c", "", 1),
    )


def test_a_right_program_and_announced_mistakes_pass() -> None:
    program("pod { phase: Phase }")
    program('pod { phase: Phse }  # error: [unknown-name] "nothing is called"')
    program('pod { phase: Phse }  # error: [unknown-name] "mean `Phase`"')
    program("Phse Phse  # error: [unknown-name] # error: [unknown-name]")


def test_a_surprise_fails_with_its_picture() -> None:
    with pytest.raises(Failure, match=r"line 3: not announced:(.|\n)*\^\^\^\^ not declared"):
        program("pod { phase: Phse }")


@pytest.mark.parametrize(
    "line",
    [
        "Phase  # error: [unknown-name]",
        "Phse  # error: [type-mismatch]",
        "Phse  # warning: [unknown-name]",
        'Phse  # error: [unknown-name] "some other words"',
        "Phse  # error: [unknown-name] # error: [unknown-name]",
    ],
)
def test_an_announcement_that_nothing_answers_fails_at_its_line(line: str) -> None:
    with pytest.raises(Failure, match="line 4: nothing reports"):
        program("first line", line)


def beside(program: str, file: str) -> None:
    first, second = section(
        f"# T\n```kspec\n{program}\n```\n```kspec file=a.kspec\n{file}\n```"
    ).fences
    check_program(first, "t.kspec", fake_checker, (second,))


def test_files_beside_a_program_announce_mistakes_of_their_own() -> None:
    beside("Phase", "\nPhse  # error: [unknown-name]")
    with pytest.raises(Failure, match=r"not announced:(.|\n)*a.kspec:1:1"):
        beside("Phse  # error: [unknown-name]", "Phse")
    with pytest.raises(Failure, match="line 6: nothing reports"):
        beside("Phse  # error: [unknown-name]", "Phase  # error: [unknown-name]")


def test_an_announcement_counts_on_its_own_line_only() -> None:
    with pytest.raises(Failure):
        program("Phse", "# error: [unknown-name]")


TRANSCRIPT = """\
    # T
    ```yaml file=deploy/web.yaml
    kind: Deployment
    ```
    ```kspec
    a program
    ```
    ```console
    $ kspec check demo.kspec 'deploy/web.yaml'
    two
    lines
    [exit 1]
    $ kspec explain unknown-name
    ```
    """


def test_commands() -> None:
    first, second = commands(section(TRANSCRIPT).fences[2])
    assert first.arguments == ("check", "demo.kspec", "deploy/web.yaml")
    assert (first.output, first.exit, first.line) == ("two\nlines\n", 1, 9)
    assert (second.output, second.exit) == ("", 0)


def transcript(directory: Path, *answers: tuple[str, int]) -> list[Sequence[str]]:
    """Run the transcript with these answers; the commands that were run."""
    given = section(TRANSCRIPT)
    remaining, asked = list(answers), list[Sequence[str]]()

    def run(arguments: Sequence[str], where: Path) -> tuple[str, int]:
        assert (where / "demo.kspec").read_text(encoding="utf-8") == "a program\n"
        assert (where / "deploy/web.yaml").read_text(encoding="utf-8") == "kind: Deployment\n"
        asked.append(arguments)
        return remaining.pop(0)

    check_transcript(given.fences[2], given.fences[1], given, directory, run)
    return asked


def test_a_true_transcript_passes(tmp_path: Path) -> None:
    asked = transcript(tmp_path, ("two  \nlines\n\n", 1), ("", 0))
    assert [a[0] for a in asked] == ["check", "explain"]


@pytest.mark.parametrize(
    "answers",
    [
        [("two\nlines\n", 0), ("", 0)],
        [("two\n", 1), ("", 0)],
        [("two\nlines\n", 1), ("more", 0)],
        [("two\n\nlines\n", 1), ("", 0)],
    ],
)
def test_a_false_transcript_fails(tmp_path: Path, answers: list[tuple[str, int]]) -> None:
    with pytest.raises(Failure, match="says otherwise"):
        transcript(tmp_path, *answers)


@pytest.mark.parametrize("text", ["", "kspec check", "$ rm -r x", "output\n$ kspec check"])
def test_what_is_no_transcript(text: str) -> None:
    fence = section(f"# T\n```console\n{text}\n```\n").fences[0]
    with pytest.raises(Failure):
        commands(fence)


def test_files_stay_in_the_directory(tmp_path: Path) -> None:
    given = section("# T\n```yaml file=../x\n```\n```console\n$ kspec check\n```\n")
    with pytest.raises(Failure, match="leaves"):
        check_transcript(given.fences[1], None, given, tmp_path, lambda *_: ("", 0))


def test_chapters_are_collected(pytester: pytest.Pytester) -> None:
    """From the file to the outcome, as pytest sees it."""
    root = Path(__file__).parents[2]
    pytester.makeconftest(
        f"import sys\nsys.path.insert(0, {str(root)!r})\n"
        "from tests import language\n"
        "from tests.house.test_markdown import fake_checker\n"
        "language.check = language.read = fake_checker\n"
        "language.run = lambda arguments, directory: ('hello', 3)\n"
        "pytest_plugins = ('tests.markdown',)\n"
    )
    chapter = pytester.path / "docs" / "language"
    chapter.mkdir(parents=True)
    (chapter / "one.md").write_text(
        "# Right\n```kspec\nPhase\n```\n# Wrong\n```kspec\nPhse\n```\n```kspec\nPhase\n```\n"
        "# Run\n```kspec\nPhse\n```\n```console\n$ kspec check a.kspec\nhello\n[exit 3]\n```\n"
        "# Elsewhere\n```yaml\na: 1\n```\n```yaml file=x.yaml\nPhse\n```\n",
        encoding="utf-8",
    )
    (pytester.path / "README.md").write_text("```kspec\nPhse\n```\n", encoding="utf-8")
    result = pytester.runpytest_subprocess("-v", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=4, failed=1)
    result.stdout.fnmatch_lines(["*one.md::Wrong FAILED*", "*one.md: line 7: not announced:*"])
