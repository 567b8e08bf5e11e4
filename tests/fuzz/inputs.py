"""Broken inputs: mutants and truncations of programs and manifests that are right.

A seed is an input, the same on every machine. Next: `run`, which gives them to the command line.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias, final

from attrs import frozen

ROOT: Final = Path(__file__).resolve().parents[2]

FENCE: Final = re.compile(r"^```kspec[^`\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)

Mutation: TypeAlias = Callable[[bytes, random.Random], bytes]

PROGRAM: Final = b"""\
kind Deployment from apps/v1 key name {
  name: name            at metadata.name
  replicas: 0..9 = 1    at spec.replicas
  cpu: cpu = 0          at spec.template.spec.containers by asked
  labels: map from name to name at metadata.labels
}
fn asked(containers: json): cpu = sum(c in containers | c.resources.requests.cpu or else 0)
cluster real from "manifests/" { }
invariant few: all d: Deployment | d.replicas <= 9
scenario s { in real  check few }
"""
"""What reads the broken manifests."""

MANIFEST: Final = b"""\
# two documents and a list
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web, "tier": 'front'}}
spec:
  replicas: 3
  template:
    spec:
      containers:
      - name: main
        image: example.com/web:1.2
        args: [--flag, "-x", 'it''s']
        resources: {requests: {cpu: 250m, memory: 1.5Gi}, limits: {cpu: "1"}}
        env: &env
        - {name: A, value: "0x10"}
      - name: side
        env: *env
        command:
        - sh
        - -c
        - |
          echo yes
          exit 0
---
apiVersion: v1
kind: List
items:
- {apiVersion: apps/v1, kind: Deployment, metadata: {name: b}, spec: {replicas: 0}}
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: c}
  data: {on: "off", "~": null, k: 1e3}
"""

DOCUMENT: Final = (
    b'{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "j"},'
    b' "spec": {"replicas": 2, "template": {"spec": {"containers": [{"resources":'
    b' {"requests": {"cpu": "1e-1"}}}]}}}}'
)

PIECES: Final = tuple(
    text.encode()
    for text in (
        *[
            "{",
            "}",
            "(",
            ")",
            "[",
            "]",
            "|",
            ":",
            ":=",
            "=",
            "==",
            "=>",
            "..",
            ".",
            ",",
            ";",
            "#",
            '"',
            "'",
            "\\",
            "\n",
            "\r\n",
            "\t",
            "\x00",
            "&",
            "*",
            "!",
            "%",
            "@",
            "`",
            "?",
            "-",
            "--",
            "---",
            "...",
        ],
        *[
            "kind",
            "enum",
            "record",
            "fn",
            "action",
            "when",
            "do",
            "new",
            "delete",
            "choose",
            "for",
            "if",
            "then",
            "else",
            "let",
            "all",
            "some",
        ],
        *[
            "scenario",
            "cluster",
            "check",
            "expect",
            "room",
            "faults",
            "timer",
            "in",
            "5s",
            "1Gi",
            "250m",
            "99999999999999999999",
        ],
        *[
            "~",
            "null",
            "true",
            "off",
            "0x1f",
            "1e999",
            ".inf",
            ".nan",
            "<<:",
            "!!python/object:os.system",
            "!!binary",
        ],
        *("é", "\u2028", "\ufeff", "\U0001f600", "\u202e", '"""', "a" * 5000, "-" * 300),
        *("{" * 200, "[" * 200, "(" * 200, "- " * 200, "not " * 200, "1 + " * 200),
    )
)


@final
@frozen
class Input:
    """Files by their paths in a directory, and what `kspec` is called with there."""

    files: tuple[tuple[str, bytes], ...]
    arguments: tuple[str, ...]


def seeded_input(seed: int) -> Input:
    """The input of a seed: three in four programs, the others manifests."""
    draw = random.Random(seed)
    if seed % 4:
        text = _broken(draw.choice(_programs()), _programs(), draw)
        return Input((("broken.kspec", text),), ARGUMENTS)
    source, name = draw.choice(((MANIFEST, "a.yaml"), (DOCUMENT, "a.json"), (MANIFEST, "a.yml")))
    text = _broken(source, (MANIFEST, DOCUMENT), draw)
    return Input((("whole.kspec", PROGRAM), (f"manifests/{name}", text)), ARGUMENTS)


ARGUMENTS: Final = ("check", ".", "--max-states", "200", "--engine", "reference")


@cache
def _programs() -> tuple[bytes, ...]:
    """What is written in the documentation, and the small models."""
    chapters = sorted((ROOT / "docs" / "language").glob("*.md"))
    blocks = [block for chapter in chapters for block in FENCE.findall(chapter.read_text())]
    models = [p.read_text() for p in sorted((ROOT / "models").glob("*.kspec"))]
    return tuple(text.encode() for text in (*blocks, *models))


def _broken(source: bytes, others: tuple[bytes, ...], draw: random.Random) -> bytes:
    for _ in range(draw.choice((1, 1, 1, 2, 3, 8))):
        source = draw.choice(MUTATIONS)(source, draw)
    if draw.random() < 0.1:
        other = draw.choice(others)
        source = source[: _at(source, draw)] + other[_at(other, draw) :]
    return source


def _at(source: bytes, draw: random.Random) -> int:
    return draw.randint(0, len(source))


def _truncate(source: bytes, draw: random.Random) -> bytes:
    return source[: _at(source, draw)]


def _behead(source: bytes, draw: random.Random) -> bytes:
    return source[_at(source, draw) :]


def _drop(source: bytes, draw: random.Random) -> bytes:
    at = _at(source, draw)
    return source[:at] + source[at + draw.choice((1, 1, 2, 5, 20)) :]


def _flip(source: bytes, draw: random.Random) -> bytes:
    at = _at(source, draw)
    return source[:at] + bytes((draw.randrange(256),)) + source[at + 1 :]


def _insert(source: bytes, draw: random.Random) -> bytes:
    at = _at(source, draw)
    return source[:at] + draw.choice(PIECES) + source[at:]


def _repeat(source: bytes, draw: random.Random) -> bytes:
    at = _at(source, draw)
    end = at + draw.choice((1, 5, 40, 200))
    return source[:at] + source[at:end] * draw.choice((2, 3, 50)) + source[end:]


def _swap_lines(source: bytes, draw: random.Random) -> bytes:
    lines = source.splitlines(keepends=True)
    if len(lines) > 1:
        i, j = draw.randrange(len(lines)), draw.randrange(len(lines))
        lines[i], lines[j] = lines[j], lines[i]
    return b"".join(lines)


def _swap_words(source: bytes, draw: random.Random) -> bytes:
    words = source.split(b" ")
    i, j = draw.randrange(len(words)), draw.randrange(len(words))
    words[i], words[j] = words[j], words[i]
    return b" ".join(words)


def _change_number(source: bytes, draw: random.Random) -> bytes:
    digits = [i for i, byte in enumerate(source) if chr(byte).isdigit()]
    if not digits:
        return source
    at = draw.choice(digits)
    number = draw.choice((b"0", b"7", b"-1", b"1000000", b"9" * 40, b"1e9", b"0.5", b"00"))
    return source[:at] + number + source[at + 1 :]


MUTATIONS: Final[tuple[Mutation, ...]] = (
    _truncate,
    _behead,
    _drop,
    _flip,
    _insert,
    _insert,
    _repeat,
    _swap_lines,
    _swap_words,
    _swap_words,
    _change_number,
)
