"""Reading manifests: what is read, where it stands, and that nothing ever escapes."""

from __future__ import annotations

import gc
import json
from fractions import Fraction

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from kspec.base.diagnostic import Diagnostic
from kspec.base.render import render
from kspec.manifests import compose as compose_module
from kspec.manifests.node import (
    MAX_DEPTH,
    Document,
    Manifest,
    Mapping,
    Node,
    Plain,
    Scalar,
    Sequence,
    get,
)
from kspec.manifests.read import read


def read_text(text: str) -> Manifest:
    return read("a.yaml", text.encode())


def plain(node: Node) -> object:
    match node:
        case Scalar(value):
            return value
        case Sequence(items):
            return [plain(item) for item in items]
        case Mapping(entries):
            return {key.value: plain(value) for key, value in entries}


def good(text: str) -> list[object]:
    found = read_text(text)
    assert found.diagnostics == ()
    return [plain(d.node) for d in found.documents]


def wrong(text: str) -> list[tuple[str, str]]:
    """The slug and the marked text of every diagnostic."""
    found = read_text(text)
    return [(d.code.slug, marked(found, d)) for d in found.diagnostics]


def marked(found: Manifest, d: Diagnostic) -> str:
    return found.source.text[d.primary.span.start : d.primary.span.end]


def names(found: Manifest) -> list[tuple[str | None, str | None, str | None]]:
    return [(d.api_version, d.kind, d.name) for d in found.documents]


DEPLOYMENT = """\
# a comment
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  replicas: 3
  paused: no
  template:
    spec:
      containers:
      - {name: c, image: 'nginx:1.2'}
      - name: d
        args:
        - "on"
        - |
          two
          lines
"""


def test_a_manifest() -> None:
    found = read_text(DEPLOYMENT)
    assert found.diagnostics == ()
    (document,) = found.documents
    assert (document.api_version, document.kind) == ("apps/v1", "Deployment")
    assert (document.name, document.namespace) == ("web", "shop")
    at = ("spec", "template", "spec", "containers")
    assert plain(_at(document, *at, 0)) == {"name": "c", "image": "nginx:1.2"}
    assert plain(_at(document, *at, 1, "args")) == ["on", "two\nlines\n"]
    assert plain(_at(document, "spec", "paused")) is False


def _at(document: Document, *path: str | int) -> Node:
    node = get(document.node, path)
    assert node is not None
    return node


def test_places() -> None:
    found = read_text(DEPLOYMENT)

    def text(*path: str | int) -> str:
        span = _at(found.documents[0], *path).span
        return found.source.text[span.start : span.end]

    containers = ("spec", "template", "spec", "containers")
    assert text("spec", "replicas") == "3"
    assert text(*containers, 0) == "{name: c, image: 'nginx:1.2'}"
    assert text(*containers, 0, "image") == "'nginx:1.2'"
    assert text("metadata") == "name: web\n  namespace: shop"
    assert text("spec").startswith("replicas: 3")
    assert text("spec").endswith("lines\n")
    node = found.documents[0].node
    assert isinstance(node, Mapping)
    key = node.key("kind")
    assert key is not None and (key.value, key.span.start) == ("kind", DEPLOYMENT.index("kind"))


def test_paths_that_leave_the_tree() -> None:
    (node,) = (d.node for d in read_text("a: [1, {b: 2}]\nc:\n").documents)
    assert get(node, ()) is node
    assert get(node, ("a", 1, "b")) is not None
    for path in [("x",), ("a", 2), ("a", -1), ("a", "b"), ("c", "d"), (0,)]:
        assert get(node, path) is None


def test_wide_characters_and_line_ends_keep_places() -> None:
    text = "a: é🎉\r\nb: {x: 日本}\r\nc: z\r\n"
    found = read_text(text)
    values = [(k.value, found.source.text[v.span.start : v.span.end]) for k, v in _entries(found)]
    assert values == [("a", "é🎉"), ("b", "{x: 日本}"), ("c", "z")]


def _entries(found: Manifest) -> tuple[tuple[Scalar, Node], ...]:
    (document,) = found.documents
    assert isinstance(document.node, Mapping)
    return document.node.entries


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16", "utf-8"])
def test_encodings(mark: str) -> None:
    found = read("a.yaml", "a: é\n".encode(mark))
    assert found.diagnostics == ()
    assert found.source.text == "a: é\n"
    assert [plain(d.node) for d in found.documents] == [{"a": "é"}]


def test_bytes_that_are_no_text() -> None:
    found = read("a.yaml", "é: ".encode() + b"\xff\xfeab")
    assert [d.code.slug for d in found.diagnostics] == ["yaml-syntax"]
    assert found.diagnostics[0].primary.span.start == 3
    assert "UTF-8" in render(found.diagnostics, [found.source])


def test_documents() -> None:
    text = "---\n# nothing\n---\na: 1\n--- # b\nb: 2\n---\nnull\n---   \nc: '---'\n...\n"
    assert good(text) == [{"a": 1}, {"b": 2}, {"c": "---"}]
    assert good("") == good("\n\n") == good("# only a comment") == []


def test_a_mistake_hides_nothing_in_other_documents() -> None:
    found = read_text("a: 1\n---\nb: [\n---\nc: 3\n---\nd: 'x\n")
    assert [plain(d.node) for d in found.documents] == [{"a": 1}, {"c": 3}]
    assert [d.primary.span.start for d in found.diagnostics] == [12, 30]


def test_what_follows_a_separator() -> None:
    assert wrong("a: 1\n--- b\nc: 2\n") == [("yaml-syntax", " b")]
    assert wrong("a: 1\n...\nb: 2\n") == [("yaml-syntax", "b")]


def test_lists() -> None:
    text = """\
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Service, metadata: {name: s}}
- {apiVersion: apps/v1, kind: DeploymentList, items: [{metadata: {name: d}}]}
---
kind: PodList
apiVersion: v1
items:
- metadata: {name: p}
- {kind: Pod, metadata: {name: q}}
---
{kind: ConfigMapList, items: }
---
{kind: WhiteList, metadata: {name: no-list}}
"""
    assert names(read_text(text)) == [
        ("v1", "Service", "s"),
        ("apps/v1", "Deployment", "d"),
        ("v1", "Pod", "p"),
        ("v1", "Pod", "q"),
        (None, "WhiteList", "no-list"),
    ]


def test_flow_style_with_comments_and_trailing_commas() -> None:
    """KYAML, as `kubectl get -o kyaml` writes it."""
    text = (
        '---\n{\n  apiVersion: "v1", # here\n  spec: {\n    on: "x",\n    list: [1, 2,],\n  },\n}\n'
    )
    assert good(text) == [{"apiVersion": "v1", "spec": {"true": "x", "list": [1, 2]}}]
    assert good(text.removeprefix("---\n")) == good(text)


def test_names_that_are_no_texts() -> None:
    (document,) = read_text("kind: 3\nmetadata: {name: 12, namespace: [a]}\n").documents
    assert (document.kind, document.name, document.namespace) == (None, None, None)


# Keys


def test_keys_are_texts() -> None:
    assert good("on: 1\n2: b\n0x10: c\n'3': d\n") == [{"true": 1, "2": "b", "16": "c", "3": "d"}]
    keys = [key.raw for key, _ in _entries(read_text("on: 1\n0x10: c\n"))]
    assert keys == ["on", "0x10"]


@pytest.mark.parametrize(
    ("text", "mark"),
    [("~: 1", "~"), ("1.5: 1", "1.5"), ("[a]: 1", "["), ("{a: b}: 1", "{"), ("? \n: 1", "")],
)
def test_keys_that_cannot_be(text: str, mark: str) -> None:
    assert wrong(text) == [("yaml-syntax", mark)]


@pytest.mark.parametrize(
    "text", ["a: 1\nb: 2\na: 3\n", '{"a": 1, "b": 2, "a": 3}', "{a: 1, b: 2, 'a': 3}"]
)
def test_duplicate_keys(text: str) -> None:
    found = read_text(text)
    assert [d.code.slug for d in found.diagnostics] == ["yaml-duplicate-key"]
    assert found.diagnostics[0].primary.span.start > found.diagnostics[0].labels[0].span.start
    assert plain(found.documents[0].node) == {"a": 1, "b": 2}


def test_keys_that_become_equal() -> None:
    assert wrong("1: a\n'1': b\n") == [("yaml-duplicate-key", "'1'")]


# Anchors, aliases, merges


def test_aliases_share_a_node() -> None:
    (document,) = read_text("a: &x [1]\nb: *x\nc: &x 2\nd: *x\n").documents
    assert plain(document.node) == {"a": [1], "b": [1], "c": 2, "d": 2}
    assert get(document.node, ("a",)) is get(document.node, ("b",))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{a: &a {x: 1, w: 2}, b: {<<: *a, x: 3}}", {"x": 3, "w": 2}),
        ("{a: &a {x: 1}, c: &c {x: 2, w: 2}, b: {<<: [*a, *c], z: 3}}", {"x": 1, "w": 2, "z": 3}),
        ("{b: {<<: {x: 1}, w: 2}}", {"x": 1, "w": 2}),
        ("{b: {<<: [], w: 2}}", {"w": 2}),
        ("{b: {'<<': 1}}", {"<<": 1}),
        ("{b: {!!merge <<: {x: 1}}}", {"x": 1}),
    ],
)
def test_merges(text: str, expected: object) -> None:
    (document,) = read_text(text).documents
    assert read_text(text).diagnostics == ()
    assert plain(_at(document, "b")) == expected


def test_merges_that_are_no_objects_or_come_too_late() -> None:
    assert wrong("<<: 1\n") == [("yaml-syntax", "1")]
    assert wrong("<<: [{a: 1}, b]\n") == [("yaml-syntax", "b")]
    assert wrong("a: 1\n<<: {a: 2}\n") == [("yaml-duplicate-key", "<<")]
    assert wrong("<<: {a: 2}\n<<: {a: 3}\n") == [("yaml-duplicate-key", "<<")]
    assert wrong("<<: {a: 2}\na: 1\na: 2\n") == [("yaml-duplicate-key", "a")]


def test_aliases_that_lead_nowhere_or_into_themselves() -> None:
    assert wrong("a: *b\n") == [("yaml-syntax", "*b")]
    assert wrong("a: &x 1\n---\nb: *x\n") == [("yaml-syntax", "*x")]
    assert wrong("a: &x [*x]\n") == [("yaml-alias-bomb", "*x")]
    assert wrong("&x a: {b: *x}\n") == []
    assert wrong("a: &x 1\nb: &x {c: *x}\n") == [("yaml-alias-bomb", "*x")]


def test_an_alias_bomb_is_refused() -> None:
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 30)]
    assert [slug for slug, _ in wrong("l0: &l0 [x]\n" + "".join(levels))] == ["yaml-alias-bomb"]


def test_many_small_aliases_are_fine() -> None:
    text = "a: &a {x: 1}\nb:\n" + "- *a\n" * 10_000
    assert read_text(text).diagnostics == ()


# Depth


@pytest.mark.parametrize(
    "text",
    [
        "[" * 10**6,
        "{" * 10**6,
        '{"a":' * 10**6,
        '{"a":' * 10**6 + "1" + "}" * 10**6,
        "- " * 10**6,
        "? " * 10**6,
        "".join(" " * n + "a:\n" for n in range(1000)),
    ],
    ids=["[", "{", "json-open", "json", "-", "?", "indent"],
)
def test_nesting_beyond_reason_is_refused(text: str) -> None:
    found = read_text(text)
    assert [d.code.slug for d in found.diagnostics] == ["yaml-too-deep"]
    assert found.documents == ()


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_nesting_within_reason_is_read(opening: str) -> None:
    closing = "]" if opening == "[" else "}"
    text = opening * MAX_DEPTH + "1" + closing * MAX_DEPTH
    (document,) = read_text(text).documents
    assert plain(document.node) is not None
    assert document == read_text(text).documents[0]
    assert hash(document) == hash(read_text(text).documents[0])
    assert wrong(opening + text + closing)[0][0] == "yaml-too-deep"


# JSON


def test_json_by_itself() -> None:
    assert good('{"a": "\\ud83d\\ude00", "b": [1, -2.5e1, true, null, "\\n\\u0041"]}') == [
        {"a": "😀", "b": [1, Fraction(-25), True, None, "\nA"]}
    ]
    assert good('{"a": 1}\n{"b": 2}') == [{"a": 1}, {"b": 2}]
    assert good('{"yes": "no", "half": "\\ud83d"}') == [{"yes": "no", "half": "\ufffd"}]


def test_json_keeps_places() -> None:
    found = read_text('\n{"a": ["x\\ty", 12]}')
    items = get(found.documents[0].node, ("a",))
    assert isinstance(items, Sequence)
    assert [found.source.text[i.span.start : i.span.end] for i in items.items] == [
        '"x\\ty"',
        "12",
    ]


@pytest.mark.parametrize("text", ['{"a" 1}', '{"a": 1,}', '{"a": [1}', '{"a": 01}', '{"a": "\t"}'])
def test_what_is_not_json_may_be_yaml(text: str) -> None:
    found = read_text(text)
    assert found.documents or found.diagnostics


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=4), json_values), st.sampled_from([None, 1]))
def test_json_round_trip(value: dict[str, object], indent: int | None) -> None:
    for ascii_ in (True, False):
        assert good(json.dumps(value, indent=indent, ensure_ascii=ascii_)) == [value]


# Nothing escapes


@given(st.binary(max_size=80))
def test_any_bytes_are_read(data: bytes) -> None:
    check_sane(read("a.yaml", data))


@given(st.text("a1 :-[]{},&*!|>'\"%@`#?<~\n\t\\u.e", max_size=60))
@example("a: !<tag:yaml.org,2002:int> x")
@example('"\\UFFFFFFFF"')
@example("%YAML 9.9\n---\na: 1")
@example("%TAG ! tag:x,2000:\n---\n!a b")
@example("a: !!python/object:os.system {}")
@example("\ufeffa: 1\n---\n\ufeffb: 2")
def test_any_punctuation_is_read(text: str) -> None:
    check_sane(read_text(text))


@given(st.text("a1 :-[]{},&*!|>'\"%@`#?<~\n\t\\u.e", max_size=60))
@example('"\\UFFFFFFFF"')
def test_the_slow_parser_is_held_as_well(text: str) -> None:
    """Where libyaml is missing, PyYAML's own parser is used; it fails in other ways."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compose_module, "LOADER", yaml.SafeLoader)
        check_sane(read_text(text))


def check_sane(found: Manifest) -> None:
    size = len(found.source.text)
    for d in found.diagnostics:
        for label in (d.primary, *d.labels):
            assert 0 <= label.span.start <= label.span.end <= size
    assert bool(found.diagnostics) == bool(render(found.diagnostics, [found.source]))
    for document in found.documents:
        check_node(document.node, size)


def check_node(node: Node, size: int) -> None:
    assert 0 <= node.span.start <= node.span.end <= size
    match node:
        case Scalar(value):
            assert _is_plain(value)
        case Sequence(items):
            for item in items:
                check_node(item, size)
        case Mapping(entries):
            assert len({key.value for key, _ in entries}) == len(entries)
            for key, inner in entries:
                assert isinstance(key.value, str)
                check_node(inner, size)


def _is_plain(value: Plain) -> bool:
    return value is None or isinstance(value, str | int | Fraction | bool)


def test_the_collector_is_left_as_it_was() -> None:
    assert gc.isenabled()
    read_text("a: [1")
    assert gc.isenabled()


def test_the_same_bytes_give_the_same_answer() -> None:
    text = DEPLOYMENT + "---\na: 1\na: 2\nb: *c\n"
    assert read_text(text) == read_text(text)


def test_whole_numbers_in_any_notation() -> None:
    (document,) = read_text("[3, 3.0, 3e0, 3.5, '3', true]").documents
    assert isinstance(document.node, Sequence)
    found = [i.integer() for i in document.node.items if isinstance(i, Scalar)]
    assert found == [3, 3, 3, None, None, None]
