"""Programs with marks: what the checker must underline stands between « and »."""

from __future__ import annotations

from typing import final

from attrs import frozen

from kspec.analysis.check import check
from kspec.analysis.tables import Loaded
from kspec.base.diagnostic import Diagnostic
from kspec.base.render import render
from kspec.base.source import SourceFile
from kspec.syntax.parse import parse

PRELUDE = """\
enum Phase { Pending, Running, Failed }
enum Colour { red, green }
enum Light { green, off_ }
record Point { x: int  y: int = 0 }
record Pair { first: name  second: name = "" }
kind Node from v1 key name {
  name: name
  free: 0..4 = 4
  memory: memory = 4Gi
  labels: map from name to name = {}
}
kind Pod from v1 {
  phase: Phase = Pending
  node: Node? = none
  home: Node? = none
  wait: 0..9? = none
  ready: bool = false
  at_point: Point = {x: 1}
  friends: set of Pod = {}
  timer: timer = off
  const first: name = ""
  fixed second: name = ""
}
const kind Fixed { n: int = 0 }
kind Plain { n: 0..3 = 0 }
controller c {
  watches Pod
  memory m: 0..3 = 0
  action a(p: Pod) when p.ready do nothing
}
controller each for s: Plain { action b(q: Plain) when q.n > s.n do q.n := 0 }
environment user { action go(p: Plain) do p.n := 1 }
fn twice(n: int, m: int): int = n + m
"""
"""Declared in every marked program; the marks are behind it."""


@final
@frozen
class Mark:
    """What is underlined, and where in the whole text it begins."""

    text: str
    start: int


def unmarked(text: str) -> tuple[str, tuple[Mark, ...]]:
    """The program without its marks, and what they were around."""
    marks: list[Mark] = []
    made, opened = PRELUDE, -1
    for char in text:
        if char == "«":
            opened = len(made)
        elif char == "»":
            marks.append(Mark(made[opened:], opened))
        else:
            made += char
    return made, tuple(marks)


def mistakes(text: str) -> tuple[SourceFile, tuple[Diagnostic, ...]]:
    """Everything the checker says of a program that can be parsed."""
    source = SourceFile("test.kspec", text)
    parsed = parse(source)
    assert not parsed.diagnostics, render(parsed.diagnostics, [source])
    assert parsed.module is not None
    return source, check([Loaded("test", parsed.module)]).diagnostics
