"""Where fields stand in documents: the language of `at` paths.

A path is keys joined by dots: `spec.replicas`. A key that is no plain word is quoted
(`metadata.labels."a.b/c"` or `metadata.labels["a.b/c"]`); `[0]` is a place in a list, `[*]` every
one, `[type=Ready]` those whose `type` is `Ready`; `.` alone is the document itself.

Documents are `Tree`s: nodes of a manifest, which know their place in a file, or plain data as
`json` gives it. What a tree means as a typed value is `decode`'s business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Final, TypeAlias, assert_never, final

from kspec.base.record import frozen
from kspec.base.source import Span
from kspec.manifests import node as nodes


@final
@frozen
class Key:
    """The member of an object."""

    name: str


@final
@frozen
class Place:
    """The item of a list, counted from 0."""

    index: int


@final
@frozen
class Every:
    """Every item of a list, or every value of an object."""


@final
@frozen
class Which:
    """The items of a list in which `keys`, followed downward, is the text `word`."""

    keys: tuple[str, ...]
    word: str


Step: TypeAlias = Key | Place | Every | Which
Path: TypeAlias = tuple[Step, ...]

Tree: TypeAlias = object
"""A node of a manifest, or None, bool, int, Fraction, float, str, list or dict."""

_STEP: Final = re.compile(
    r"""\.?(?:
        "(?P<quoted>[^"]+)"
      | \["(?P<inside>[^"]+)"\]
      | \[(?P<index>[0-9]+)\]
      | (?P<every>\[\*\])
      | \[(?P<keys>[A-Za-z0-9_.-]+)=(?:"(?P<text>[^"]*)"|(?P<word>[^"\]]*))\]
      | (?P<key>[^."\[\]]+)
    )""",
    re.VERBOSE,
)


def parse_path(text: str) -> Path | None:
    """The steps of a path, or None where the text is none."""
    if text == ".":
        return ()
    steps: list[Step] = []
    at = 0
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None or not _may_follow(text, at, found):
            return None
        steps.append(_step(found))
        at = found.end()
    return tuple(steps) if steps else None


def _may_follow(text: str, at: int, found: re.Match[str]) -> bool:
    """A dot stands between keys, not before the first step nor before a bracket."""
    has_dot = text[at] == "."
    if at == 0:
        return not has_dot
    return has_dot == (found.lastgroup in ("quoted", "key"))


def _step(found: re.Match[str]) -> Step:
    match found.lastgroup:
        case "quoted" | "inside" | "key":
            return Key(found[found.lastgroup])
        case "index":
            return Place(int(found["index"]))
        case "every":
            return Every()
        case _:
            word = found["text"] if found["text"] is not None else found["word"]
            return Which(tuple(found["keys"].split(".")), word)


def show_path(path: Path) -> str:
    """A path as it is written."""
    return "".join(_show(step, number == 0) for number, step in enumerate(path)) or "."


def _show(step: Step, is_first: bool) -> str:
    match step:
        case Key(name):
            plain = re.fullmatch(r"[^.\"\[\]\s,;(){}]+", name) is not None
            return ("" if is_first else ".") + (name if plain else f'"{name}"')
        case Place(index):
            return f"[{index}]"
        case Every():
            return "[*]"
        case Which(keys, word):
            plain = re.fullmatch(r"[^\"\]\s,;(){}]+", word) is not None
            return f"[{'.'.join(keys)}={word if plain else f'{chr(34)}{word}{chr(34)}'}]"
        case _:
            assert_never(step)


@final
@frozen
class Spot:
    """A tree and how it was reached from the document: keys and places."""

    tree: Tree
    where: tuple[str | int, ...] = ()

    @property
    def span(self) -> Span | None:
        """The place in the file, of a node."""
        return self.tree.span if isinstance(self.tree, _NODES) else None

    def text(self) -> str:
        """How it was reached, as a path."""
        steps = (Key(step) if isinstance(step, str) else Place(step) for step in self.where)
        return show_path(tuple(steps))


_NODES: Final = (nodes.Scalar, nodes.Sequence, nodes.Mapping)


def items(spot: Spot) -> tuple[Spot, ...] | None:
    """The items of a list, None of anything else."""
    tree = spot.tree
    content = tree.items if isinstance(tree, nodes.Sequence) else tree
    if not isinstance(content, list | tuple):
        return None
    return tuple(Spot(item, (*spot.where, place)) for place, item in enumerate(content))


def members(spot: Spot) -> Mapping[str, Spot] | None:
    """The members of an object, in the order of the document, None of anything else."""
    match spot.tree:
        case nodes.Mapping(entries):
            pairs = ((str(key.value), value) for key, value in entries)
        case dict() as content:
            pairs = ((str(key), value) for key, value in content.items())
        case _:
            return None
    return {key: Spot(value, (*spot.where, key)) for key, value in pairs}


def scalar(tree: Tree) -> nodes.Plain:
    """The value of a tree without parts, with exact numbers; None of null and of collections."""
    value = tree.value if isinstance(tree, nodes.Scalar) else tree
    match value:
        case float():
            return Fraction(Decimal(repr(value)))
        case None | bool() | int() | Fraction() | str():
            return value
        case _:
            return None


def is_null(tree: Tree) -> bool:
    """Is this null?"""
    return tree is None or (isinstance(tree, nodes.Scalar) and tree.value is None)


def plain(tree: Tree) -> object:
    """The tree as plain data with exact numbers."""
    spot = Spot(tree)
    listed = items(spot)
    if listed is not None:
        return [plain(item.tree) for item in listed]
    found = members(spot)
    if found is not None:
        return {key: plain(member.tree) for key, member in found.items()}
    return scalar(tree)


def follow(spot: Spot, path: Path) -> Iterator[Spot]:
    """Everything at the end of a path that is there and is not null, in order."""
    if is_null(spot.tree):
        return
    if not path:
        yield spot
        return
    for inner in _one_step(spot, path[0]):
        yield from follow(inner, path[1:])


def _one_step(spot: Spot, step: Step) -> tuple[Spot, ...]:
    match step:
        case Key(name):
            found = (members(spot) or {}).get(name)
            return () if found is None else (found,)
        case Place(index):
            return (items(spot) or ())[index : index + 1]
        case Every():
            listed = items(spot)
            return tuple((members(spot) or {}).values()) if listed is None else listed
        case Which():
            return tuple(item for item in items(spot) or () if chosen(item, step))
        case _:
            assert_never(step)


def chosen(item: Spot, step: Which) -> bool:
    """Is this an item that the step means?"""
    inner = follow(item, tuple(Key(key) for key in step.keys))
    return any(word(found.tree) == step.word for found in inner)


def word(tree: Tree) -> str | None:
    """A scalar as a word: `true`, `3`, `Ready`; None of null and of collections."""
    value = scalar(tree)
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)
