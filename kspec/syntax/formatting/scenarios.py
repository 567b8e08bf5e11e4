"""Clusters, data and scenarios as canonical text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from itertools import zip_longest
from typing import Final, assert_never

from kspec.syntax import ast
from kspec.syntax.formatting.doc import EMPTY, SOFT, SPACE, Doc, Group, Line, Nest, join
from kspec.syntax.formatting.expressions import expr, quoted, range_
from kspec.syntax.formatting.follow import COMMA
from kspec.syntax.formatting.sheet import Child, Sheet
from kspec.syntax.formatting.statements import CONTINUES

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(-[A-Za-z0-9_]+)*")
_SUM: Final = 8


def cluster(s: Sheet, c: ast.ClusterDecl) -> Doc:
    """`cluster c from "…" { … }`"""
    name = f" {c.name.text}" if c.name else ""
    source = f" from {', '.join(quoted(o.path) for o in c.sources)}" if c.sources else ""
    head = f"cluster{name}{source}"
    if not c.objects and c.name is not None:
        return head
    children = [Child(o.span, partial(_object, s, o)) for o in c.objects]
    return (f"{head} ", s.block(children, c.span))


def _object(s: Sheet, o: ast.ObjectDecl | ast.ObjectsFrom) -> Doc:
    match o:
        case ast.ObjectsFrom(path):
            return f"from {quoted(path)}"
        case ast.ObjectDecl(kind, names, body):
            shown = ", ".join(_word(name.text) for name in names)
            return (f"{kind.text} {shown} " if shown else f"{kind.text} ", _map(s, body))
        case _:
            assert_never(o)


def _word(text: str) -> str:
    return text if _NAME.fullmatch(text) else quoted(text)


def _map(s: Sheet, m: ast.DataMap, pad: Line = SPACE) -> Doc:
    children: list[Child] = []
    for i, (key, value) in enumerate(m.entries):
        behind = m.entries[i + 1][0].text if i + 1 < len(m.entries) else ""
        sep = "," if behind == "of" and isinstance(value, ast.DataAny) else ""
        children.append(Child(key.span.to(value.span), partial(_entry, s, key, value), sep))
    return s.block(children, m.span, ", ", pad)


def _entry(s: Sheet, key: ast.Ident, value: ast.Data) -> Doc:
    between = s.between(key.span.end, value.span.start)
    if isinstance(value, ast.DataMap) and between is not None and ":" not in between:
        return (_word(key.text), " ", _map(s, value))
    return (_word(key.text), ": ", data(s, value))


def data(s: Sheet, d: ast.Data) -> Doc:
    """A piece of data."""
    match d:
        case ast.DataAtom("STRING", text):
            return quoted(text)
        case ast.DataAtom(_, text):
            return text
        case ast.DataRange(lo, hi):
            return f"{lo}..{hi}"
        case ast.DataMap():
            return _map(s, d, SOFT)
        case ast.DataList(items):
            if not items:
                return "[]"
            docs = join((",", SPACE), [data(s, i) for i in items])
            return Group(("[", Nest(2, (SOFT, docs)), SOFT, "]"))
        case ast.DataAny(of):
            return "any" if of is None else ("any of ", data(s, of))
        case _:
            assert_never(d)


_ENDED: Final = (
    ast.Room
    | ast.Faults
    | ast.Start
    | ast.Time
    | ast.Check
    | ast.Prove
    | ast.OnCluster
    | ast.ClusterDecl
)
"""Items after which `in` and `with` can only begin another one."""


def scenario(s: Sheet, d: ast.ScenarioDecl) -> Doc:
    """`scenario s extends t { … }`"""
    base = f" extends {d.extends.text}" if d.extends else ""
    children: list[Child] = []
    for i, item in enumerate(d.items):
        behind = d.items[i + 1] if i + 1 < len(d.items) else None
        could_go_on = isinstance(behind, ast.OnCluster | ast.WithSettings)
        sep = ";" if could_go_on and not isinstance(item, _ENDED) else ""
        children.append(Child(item.span, partial(scenario_item, s, item), sep))
    return (f"scenario {d.name.text}{base} ", s.block(children, d.span))


def scenario_item(s: Sheet, i: ast.ScenarioItem) -> Doc:
    """What a scenario asks for."""
    match i:
        case ast.OnCluster(name):
            return f"in {name.text}"
        case ast.Run(items):
            return ("run ", _list([_run_item(s, item) for item in items]))
        case ast.Faults(items_):
            children = [
                Child(f.span, partial(_fault, s, f), _end(f, n))
                for f, n in zip_longest(items_, items_[1:])
            ]
            return ("faults ", s.block(children, i.span))
        case ast.WithSettings(settings):
            return ("with ", _list([_setting(s, t) for t in settings]))
        case ast.Start(word):
            return "start as given" if word == "given" else f"start {word}"
        case ast.Time(word):
            return f"time {word}"
        case ast.Room(sizes):
            docs: list[Doc] = [(name.text, ": ", expr(s, size, _SUM)) for name, size in sizes]
            return ("room ", _enclosed(docs))
        case ast.Assume(name, body):
            return Group((f"assume {name.text}:", Nest(2, (SPACE, expr(s, body)))))
        case ast.Check(names):
            return ("check ", _names(names))
        case ast.Expect(word, names, settings_):
            given = [
                _setting(s, t) if isinstance(t, ast.Setting) else _fault(s, t) for t in settings_
            ]
            behind: Doc = (" with ", _list(given)) if given else EMPTY
            return (f"expect {word} ", _names(names), behind)
        case ast.Prove(names):
            return ("prove ", _names(names))
        case ast.Sweep(sweeps):
            return ("for ", _list([_sweep(s, w) for w in sweeps]))
        case ast.ClusterDecl():
            return cluster(s, i)
        case _:
            assert_never(i)


def _list(docs: list[Doc]) -> Doc:
    return Group(Nest(2, join((",", SPACE), docs)))


def _names(names: Sequence[ast.Ident]) -> Doc:
    return _list([name.text for name in names])


def _enclosed(docs: list[Doc]) -> Doc:
    if not docs:
        return "{}"
    return Group(("{", Nest(2, (SPACE, join((",", SPACE), docs))), SPACE, "}"))


def _path(path: Sequence[ast.Ident]) -> str:
    return ".".join(name.text for name in path)


def _run_item(s: Sheet, item: ast.RunItem) -> Doc:
    most = EMPTY if item.most is None else (" at most ", expr(s, item.most, _SUM))
    return (f"{'-' if item.remove else ''}{_path(item.path)}", most)


def _setting(s: Sheet, setting: ast.Setting) -> Doc:
    return (f"{_path(setting.path)} = ", expr(s, setting.value, 0, COMMA))


def _end(f: ast.FaultItem, behind: ast.FaultItem | None) -> str:
    """A `;` where the next name would be taken for a subject, or for more of an expression."""
    is_bare = not (f.subject or f.args or f.most or f.lag or f.servers or f.unordered)
    return ";" if behind and (is_bare or behind.name.text in CONTINUES) else ""


def _fault(s: Sheet, f: ast.FaultItem) -> Doc:
    subject = f" {f.subject.text}" if f.subject else ""
    args: Doc = ("(", join(", ", [data(s, a) for a in f.args]), ")") if f.args else EMPTY
    bounds: list[Doc] = []
    for word, bound in (("at most", f.most), ("lag", f.lag), ("servers", f.servers)):
        if bound is not None:
            bounds.append((f" {word} ", expr(s, bound, _SUM)))
    return (f"{f.name.text}{subject}", args, *bounds, " unordered" if f.unordered else "")


def _sweep(s: Sheet, w: ast.SweepItem) -> Doc:
    first = expr(s, w.source, _SUM)
    over = first if w.hi is None else range_(first, expr(s, w.hi, _SUM))
    return (f"{w.name.text} in ", over)
