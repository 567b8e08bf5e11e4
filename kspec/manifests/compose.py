"""One YAML document to a node, from the parser's events.

PyYAML's parser (libyaml where it is there) supplies events only: what a scalar means is decided
in `scalars`, and building the tree here, without recursion, lets depth, aliases and duplicate
keys be checked while it grows. INVARIANT: whatever the text, the answer is nodes and diagnostics.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, TypeAlias, assert_never

import yaml
from attrs import evolve, field

from kspec.base.codes import YAML_ALIAS_BOMB, YAML_DUPLICATE_KEY, YAML_SYNTAX
from kspec.base.diagnostic import Diagnostic, Edit, Help, Label, did_you_mean
from kspec.base.record import define
from kspec.base.source import Span
from kspec.base.suggest import suggest
from kspec.manifests.explain import explain
from kspec.manifests.mistakes import duplicate, too_deep
from kspec.manifests.node import MAX_DEPTH, Mapping, Node, Scalar, Sequence
from kspec.manifests.scalars import Misfit, resolve

MAX_ALIASED: Final = 100_000
"""How many nodes of a document may be there by way of aliases."""

MERGE_TAG: Final = "tag:yaml.org,2002:merge"

# PyYAML has no types of its own; an event is used by its class and a few attributes.
Event: TypeAlias = Any
LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Stop(Exception):
    """Ends the reading of a document; the diagnostic says why. Never leaves this module."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


@define
class Open:
    """A collection that is not finished: its parts so far and how many nodes they count."""

    start: int
    anchor: str | None
    is_mapping: bool
    parts: list[Node] = field(factory=list)
    weight: int = 1


@define
class Composer:
    """The state of reading one document that begins `offset` characters into a file."""

    file: str
    offset: int
    stack: list[Open] = field(factory=list)
    anchors: dict[str, tuple[Node, int]] = field(factory=dict)
    merges: set[Span] = field(factory=set)  # where a `<<` without quotes stands
    aliased: int = 0
    roots: list[Node] = field(factory=list)
    diagnostics: list[Diagnostic] = field(factory=list)

    def span(self, start: int, end: int) -> Span:
        """Positions of the parser in the file."""
        return Span(self.file, self.offset + start, self.offset + max(start, end))

    def place(self, event: Event) -> Span:
        """Where an event stands."""
        return self.span(event.start_mark.index, event.end_mark.index)

    def report(self, diagnostic: Diagnostic) -> None:
        """Keep a diagnostic and go on."""
        self.diagnostics.append(diagnostic)

    def add(self, node: Node, weight: int) -> None:
        """Put a finished node where it belongs."""
        if not self.stack:
            self.roots.append(node)
            return
        self.stack[-1].parts.append(node)
        self.stack[-1].weight += weight


def compose(
    file: str, text: str, offset: int = 0
) -> tuple[tuple[Node, ...], tuple[Diagnostic, ...]]:
    """The nodes of a text (one for each document in it) and what is wrong.

    Where the text stops being YAML the document is lost, but not the mistakes found before.
    """
    state = Composer(file, offset)
    try:
        for event in _events(text, state):
            _take(event, state)
    except Stop as stop:
        state.report(stop.diagnostic)
        return (), tuple(state.diagnostics)
    return tuple(state.roots), tuple(state.diagnostics)


def _events(text: str, state: Composer) -> Iterator[Event]:
    """The parser's events; whatever it raises becomes `Stop`."""
    parser = LOADER(text)
    try:
        while parser.check_event():
            yield parser.get_event()
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        innermost = state.stack[-1].start if state.stack else None
        raise Stop(explain(error, state.file, text, state.offset, innermost)) from None
    finally:
        parser.dispose()


def _take(event: Event, state: Composer) -> None:
    match event:
        case yaml.ScalarEvent():
            _finish(_scalar(event, state), 1, event.anchor, state)
        case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
            _open(event, state)
        case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
            _close(event, state)
        case yaml.AliasEvent():
            _alias(event, state)
        case yaml.DocumentStartEvent():
            state.anchors.clear()
            state.aliased = 0
        case _:
            pass


def _finish(node: Node, weight: int, anchor: str | None, state: Composer) -> None:
    if anchor is not None:
        state.anchors[anchor] = (node, weight)
    state.add(node, weight)


def _scalar(event: Event, state: Composer) -> Scalar:
    span = state.place(event)
    if event.value == "<<" and (event.implicit[0] or event.tag == MERGE_TAG):
        state.merges.add(span)
    value = resolve(event.value, event.tag, event.implicit[0])
    if isinstance(value, Misfit):
        message = f"`{event.value}` {value.reason}"
        quoted = Help("if a text is meant, put it in quotes", Edit(span, f'"{event.value}"'))
        advice = (quoted,) if event.tag is None else ()
        state.report(Diagnostic(YAML_SYNTAX, message, Label(span), help=advice))
        value = event.value
    return Scalar(value, event.value, span)


def _open(event: Event, state: Composer) -> None:
    if len(state.stack) >= MAX_DEPTH:
        raise Stop(too_deep(state.place(event)))
    is_mapping = isinstance(event, yaml.MappingStartEvent)
    if event.anchor is not None:
        state.anchors.pop(event.anchor, None)
    state.stack.append(Open(event.start_mark.index, event.anchor, is_mapping))


def _close(event: Event, state: Composer) -> None:
    done = state.stack.pop()
    if event.start_mark.index < event.end_mark.index:
        end = event.end_mark.index  # a closing bracket
    elif done.parts:
        # A block collection is closed by what follows it; it ends where its last part ends.
        end = max(part.span.end for part in done.parts[-2:]) - state.offset
    else:
        end = done.start
    span = state.span(done.start, end)
    parts = tuple(done.parts)
    node = _mapping(parts, span, state) if done.is_mapping else Sequence(parts, span)
    _finish(node, done.weight, done.anchor, state)


def _alias(event: Event, state: Composer) -> None:
    span = state.place(event)
    if event.anchor not in state.anchors:
        raise Stop(_unknown_anchor(event.anchor, span, state))
    node, weight = state.anchors[event.anchor]
    state.aliased += weight
    if state.aliased > MAX_ALIASED:
        message = f"aliases repeat more than {MAX_ALIASED} nodes"
        raise Stop(
            Diagnostic(
                YAML_ALIAS_BOMB,
                message,
                Label(span, "with this one"),
                (Label(node.span, "which repeats this"),),
                help=("write the values out, or split the file",),
            )
        )
    state.add(node, weight)


def _unknown_anchor(name: str, span: Span, state: Composer) -> Diagnostic:
    for around in state.stack:
        if around.anchor == name:
            label = Label(state.span(around.start, around.start + 1), f"`&{name}` is not finished")
            message = f"`*{name}` stands inside of what it repeats"
            return Diagnostic(YAML_ALIAS_BOMB, message, Label(span), (label,))
    near = suggest(name, state.anchors)
    return Diagnostic(
        YAML_SYNTAX,
        f"no `&{name}` comes before `*{name}`",
        Label(span, "repeats what?"),
        help=did_you_mean(f"*{near}" if near else None, span),
    )


def _mapping(parts: tuple[Node, ...], span: Span, state: Composer) -> Mapping:
    """Keys and values in turn to entries: keys made text, merges merged, duplicates reported."""
    entries: dict[str, tuple[Scalar, Node]] = {}
    merged: set[str] = set()
    for key, value in zip(parts[::2], parts[1::2], strict=True):
        if state.merges and key.span in state.merges:
            _merge(key, value, entries, merged, state)
            continue
        name = _key(key, state)
        if name is None:
            continue
        text = str(name.value)
        if text in entries and text not in merged:
            state.report(duplicate(name, entries[text][0]))
            continue
        merged.discard(text)
        entries[text] = (name, value)
    return Mapping(tuple(entries.values()), span)


def _key(key: Node, state: Composer) -> Scalar | None:
    """A key as JSON has it, or None with a diagnostic where JSON has no such key."""
    match key:
        case Scalar(value=str()):
            return key
        case Scalar(value=bool() as truth):
            return evolve(key, value="true" if truth else "false")
        case Scalar(value=int() as whole):
            return evolve(key, value=str(whole))
        case Scalar(span=span, raw=raw):
            quoted = Help("put it in quotes", Edit(span, f'"{raw}"'))
            message = f"`{raw}` cannot be a key" if raw else "a key is missing"
            state.report(Diagnostic(YAML_SYNTAX, message, Label(span), help=(quoted,)))
        case Sequence(span=span) | Mapping(span=span):
            first = Label(Span(span.file, span.start, span.start + 1), "this is no text")
            state.report(Diagnostic(YAML_SYNTAX, "a list or an object cannot be a key", first))
        case _:
            assert_never(key)
    return None


def _merge(
    key: Node,
    value: Node,
    entries: dict[str, tuple[Scalar, Node]],
    merged: set[str],
    state: Composer,
) -> None:
    """`<<: *a` or `<<: [*a, *b]`: in a list, what comes first wins.

    Keys written before the `<<` are kept by YAML's definition but lost in go-yaml v2, so there
    the two must not meet; keys written after it win in both.
    """
    arrived: dict[str, tuple[Scalar, Node]] = {}
    for source in value.items if isinstance(value, Sequence) else (value,):
        if not isinstance(source, Mapping):
            message = "only objects can be merged with `<<`"
            state.report(Diagnostic(YAML_SYNTAX, message, Label(source.span), (Label(key.span),)))
            continue
        for name, node in source.entries:
            arrived.setdefault(str(name.value), (name, node))
    for text, (name, node) in arrived.items():
        if text in entries:
            state.report(_overridden(key, name, entries[text][0]))
            continue
        entries[text] = (name, node)
        merged.add(text)


def _overridden(merge: Node, name: Scalar, first: Scalar) -> Diagnostic:
    return Diagnostic(
        YAML_DUPLICATE_KEY,
        f"`<<` brings `{name.value}`, which is written before it",
        Label(merge.span, "this merge comes second"),
        (Label(first.span, "first here"), Label(name.span, "and merged from here")),
        notes=("YAML keeps the first, the library that Kubernetes reads YAML with the second",),
        help=("put `<<` before the keys that override it",),
    )
