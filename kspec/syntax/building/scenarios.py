"""Builds clusters, data, scenarios and what a scenario asks for, and the module itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast, final, get_args

from kspec.base.record import frozen
from kspec.base.source import Span
from kspec.syntax import ast
from kspec.syntax.building.children import Builder, Children
from kspec.syntax.building.kinds import any_word
from kspec.syntax.building.text import number, plain, unquote

_ITEM: Final = frozenset(get_args(ast.Item))
_SCENARIO_ITEM: Final = frozenset(get_args(ast.ScenarioItem))


@final
@frozen
class Entry:
    """`k: v`"""

    key: ast.Ident
    value: ast.Data
    span: Span


@final
@frozen
class ClusterBody:
    """`{ … }` of a cluster."""

    objects: tuple[ast.ObjectDecl | ast.ObjectsFrom, ...]
    span: Span


@final
@frozen
class With:
    """`with …` behind an expectation."""

    settings: tuple[ast.Setting | ast.FaultItem, ...]
    span: Span


def module(c: Children) -> ast.Module:
    """A file."""
    doc = c.maybe_token("DOCSTRING")
    items: list[ast.Item] = []
    while c.more():
        if type(c.peek()) not in _ITEM:
            raise c.wrong(f"not an item: {c.peek()!r}")
        items.append(cast(ast.Item, c.part()))
    return ast.Module(doc.text[3:-3] if doc else None, tuple(items), c.span)


def cluster(c: Children) -> ast.ClusterDecl:
    """`cluster c from "…" { … }`, `cluster { … }`"""
    c.need("cluster")
    name = c.maybe_ident()
    sources: list[ast.ObjectsFrom] = []
    if c.skip("from"):
        sources.append(_source(c))
        while c.skip(","):
            sources.append(_source(c))
    body = c.maybe(ClusterBody)
    return ast.ClusterDecl(name, tuple(sources), body.objects if body else (), c.span)


def _source(c: Children) -> ast.ObjectsFrom:
    token = c.token("STRING")
    return ast.ObjectsFrom(unquote(c, token), c.span_of(token))


def cluster_body(c: Children) -> ClusterBody:
    """`{ … }`"""
    c.need("{")
    objects: list[ast.ObjectDecl | ast.ObjectsFrom] = []
    while not c.skip("}"):
        objects.append(c.maybe(ast.ObjectDecl) or c.take(ast.ObjectsFrom))
        c.skip(",", ";")
    return ClusterBody(tuple(objects), c.span)


def object_(c: Children) -> ast.ObjectDecl:
    """`node a, b { … }`"""
    kind = c.ident()
    names = c.many(ast.Ident, (",",))
    return ast.ObjectDecl(kind, names, c.take(ast.DataMap), c.span)


def object_from(c: Children) -> ast.ObjectsFrom:
    """`from "…"`"""
    c.need("from")
    return ast.ObjectsFrom(plain(c), c.span)


def data_block(c: Children) -> ast.DataMap:
    """`{ k: v, pod { … } }`"""
    c.need("{")
    entries = c.many(Entry, (",", ";"))
    c.need("}")
    return ast.DataMap(tuple((e.key, e.value) for e in entries), c.span)


def entry(c: Children) -> Entry:
    """`k: v`"""
    key = c.take(ast.Ident)
    c.need(":")
    return Entry(key, c.data(), c.span)


def nested(c: Children) -> Entry:
    """`k { … }`"""
    return Entry(c.take(ast.Ident), c.data(), c.span)


def data_atom(c: Children) -> ast.Data:
    """A word, text or a number; number atoms come built already."""
    if c.is_data():
        return c.data()
    token = c.token("NAME", "DASHED", "STRING", "INT", "QUANTITY")
    text = unquote(c, token) if token.kind == "STRING" else token.text
    return ast.DataAtom(token.kind, text, c.span)


def data_negative(c: Children) -> ast.Data:
    """`-3`"""
    c.need("-")
    return ast.DataAtom("INT", f"-{c.token('INT').text}", c.span)


def data_range(c: Children) -> ast.Data:
    """`0..3`"""
    lo = number(c)[0]
    c.need("..")
    return ast.DataRange(lo, number(c)[0], c.span)


def data_map(c: Children) -> ast.Data:
    """`{k: v}`"""
    return c.data()


def data_list(c: Children) -> ast.Data:
    """`[a, b]`"""
    c.need("[")
    items = []
    while not c.skip("]"):
        items.append(c.data())
        c.skip(",")
    return ast.DataList(tuple(items), c.span)


def data_any(c: Children) -> ast.Data:
    """`any of d`"""
    c.need("any")
    return ast.DataAny(c.data() if c.skip("of") else None, c.span)


def scenario(c: Children) -> ast.Item:
    """`scenario s extends t { … }`"""
    c.need("scenario")
    name = c.ident()
    extends = c.ident() if c.skip("extends") else None
    c.need("{")
    items: list[ast.ScenarioItem] = []
    while not c.skip("}"):
        if type(c.peek()) not in _SCENARIO_ITEM:
            raise c.wrong(f"not a scenario's item: {c.peek()!r}")
        items.append(cast(ast.ScenarioItem, c.part()))
        c.skip(",", ";")
    return ast.ScenarioDecl(name, extends, tuple(items), c.span)


def on_cluster(c: Children) -> ast.ScenarioItem:
    """`in c`"""
    c.need("in")
    return ast.OnCluster(c.ident(), c.span)


def run(c: Children) -> ast.ScenarioItem:
    """`run c, -c.a`"""
    c.need("run")
    return ast.Run(c.many(ast.RunItem, (",",)), c.span)


def run_item(c: Children) -> ast.RunItem:
    """`-c.a at most 2`"""
    remove = c.skip("-")
    return ast.RunItem(remove, c.dotted(), c.expr_after("at", "most"), c.span)


def faults(c: Children) -> ast.ScenarioItem:
    """`faults { … }`"""
    c.need("faults", "{")
    items = c.many(ast.FaultItem, (",", ";"))
    c.need("}")
    return ast.Faults(items, c.span)


def fault_item(c: Children) -> ast.FaultItem:
    """`stale_cache c at most 1 lag 2 servers 2 unordered`"""
    name = c.ident()
    subject = c.maybe_ident()
    args = []
    if c.skip("("):
        while not c.skip(")"):
            args.append(c.data())
            c.skip(",")
    most = c.expr_after("at", "most")
    lag = c.expr_after("lag")
    servers = c.expr_after("servers")
    unordered = c.skip("unordered")
    return ast.FaultItem(name, subject, tuple(args), most, lag, servers, unordered, c.span)


def with_setting(c: Children) -> ast.ScenarioItem:
    """`with p = e, …`"""
    c.need("with")
    return ast.WithSettings(c.many(ast.Setting, (",",)), c.span)


def setting(c: Children) -> ast.Setting:
    """`c.p = e`"""
    path = c.dotted()
    c.need("=")
    return ast.Setting(path, c.expr(), c.span)


def start(c: Children) -> ast.ScenarioItem:
    """`start empty`, `start settled`, `start as given`"""
    c.need("start")
    c.skip("as")
    return ast.Start(c.token().text, c.span)


def time(c: Children) -> ast.ScenarioItem:
    """`time timed`, `time untimed`"""
    c.need("time")
    return ast.Time(c.token().text, c.span)


def room(c: Children) -> ast.ScenarioItem:
    """`room { Pod: 3 }`"""
    c.need("room", "{")
    sizes = []
    while not c.skip("}"):
        name = c.ident()
        c.need(":")
        sizes.append((name, c.expr()))
        c.skip(",", ";")
    return ast.Room(tuple(sizes), c.span)


def assume(c: Children) -> ast.ScenarioItem:
    """`assume a: e`"""
    c.need("assume")
    name = c.ident()
    c.need(":")
    return ast.Assume(name, c.expr(), c.span)


def check(c: Children) -> ast.ScenarioItem:
    """`check p, q`"""
    c.need("check")
    return ast.Check(c.idents(), c.span)


def expect(c: Children) -> ast.ScenarioItem:
    """`expect violated p with f`"""
    c.need("expect")
    word = c.token().text
    names = c.idents()
    given = c.maybe(With)
    return ast.Expect(word, names, given.settings if given else (), c.span)


def expect_with(c: Children) -> With:
    """`with f, p = e`"""
    c.need("with")
    found: list[ast.Setting | ast.FaultItem] = []
    while c.more():
        found.append(c.maybe(ast.Setting) or c.take(ast.FaultItem))
        c.skip(",")
    return With(tuple(found), c.span)


def prove(c: Children) -> ast.ScenarioItem:
    """`prove p`"""
    c.need("prove")
    return ast.Prove(c.idents(), c.span)


def sweep(c: Children) -> ast.ScenarioItem:
    """`for n in 1..4`"""
    c.need("for")
    return ast.Sweep(c.many(ast.SweepItem, (",",)), c.span)


def sweep_item(c: Children) -> ast.SweepItem:
    """`n in lo..hi`"""
    name = c.ident()
    c.need("in")
    return ast.SweepItem(name, c.expr(), c.expr_after(".."), c.span)


BUILDERS: Final[Mapping[str, Builder]] = {
    "assume": assume,
    "check": check,
    "cluster": cluster,
    "cluster_body": cluster_body,
    "data_any": data_any,
    "data_atom": data_atom,
    "data_block": data_block,
    "data_list": data_list,
    "data_map": data_map,
    "data_name": any_word,
    "data_negative": data_negative,
    "data_range": data_range,
    "entry": entry,
    "entry_key": any_word,
    "expect": expect,
    "expect_with": expect_with,
    "fault_item": fault_item,
    "faults": faults,
    "inline_cluster": cluster,
    "nested": nested,
    "object": object_,
    "object_from": object_from,
    "on_cluster": on_cluster,
    "prove": prove,
    "room": room,
    "run": run,
    "run_item": run_item,
    "scenario": scenario,
    "setting": setting,
    "start": module,
    "start_empty": start,
    "start_given": start,
    "start_settled": start,
    "sweep": sweep,
    "sweep_item": sweep_item,
    "timed": time,
    "untimed": time,
    "with_fault": fault_item,
    "with_setting": with_setting,
}
