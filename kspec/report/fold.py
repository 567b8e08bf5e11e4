"""Long lines for a narrow terminal: broken between words, what follows further in.

Only what a person looks at is folded; into a file or a pipe every line goes as it is.
"""

from __future__ import annotations

import re
from typing import Final

INDENT: Final = 4
_ANSI: Final = re.compile("\x1b\\[[0-9;]*m")
# A number is a word: 6 552 is not broken.
_WORD: Final = re.compile(r" *(?:[^ ]|(?<=[0-9]) (?=[0-9]{3}(?![0-9])))+")


def folded(text: str, width: int) -> str:
    """The text with no line longer than `width`, where words allow it; words stay whole."""
    return "".join(_line(line, width) for line in text.splitlines(keepends=True))


def length(text: str) -> int:
    """Columns that a text takes, without its colours."""
    return len(_ANSI.sub("", text))


def _line(line: str, width: int) -> str:
    body = line.rstrip("\n")
    if length(body) <= width:
        return line
    plain = _ANSI.sub("", body)
    indent = min(len(plain) - len(plain.lstrip()) + INDENT, width // 2)
    made: list[str] = []
    here, used = "", 0
    for word in _WORD.findall(body):
        size = length(word)
        if used + size > width and length(here.strip()):
            made.append(here)
            word = " " * indent + word.lstrip(" ")
            here, used = word, length(word)
        else:
            here, used = here + word, used + size
    return "\n".join([*made, here]) + line[len(body) :]
