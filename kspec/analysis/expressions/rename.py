"""Names of an effect made unlike any other: one effect may be used twice in a block."""

from __future__ import annotations

from typing import Any, TypeVar, cast

import attrs

from kspec.analysis.typed import TNew, TStmt, TVar

_T = TypeVar("_T")


def rename_stmts(body: tuple[TStmt, ...], names: dict[str, str]) -> tuple[TStmt, ...]:
    """The statements with these variables, and the objects they make, under other names."""
    stamp = next(iter(names.values()), "~.").rsplit(".", 1)[0]
    made = {s.name: f"{stamp}.{s.name}" for s in body if isinstance(s, TNew)}
    return rename(body, {**names, **made})


def rename(node: _T, names: dict[str, str]) -> _T:
    """Every `TVar` and `TNew` of these names in a typed tree, renamed."""
    return cast(_T, _walk(node, names))


def _walk(node: Any, names: dict[str, str]) -> Any:
    if isinstance(node, tuple):
        return tuple(_walk(n, names) for n in node)
    if isinstance(node, TVar | TNew) and node.name in names:
        node = attrs.evolve(node, name=names[node.name])
    module = type(node).__module__
    if (
        not attrs.has(type(node))
        or module == "kspec.analysis.types"
        or module.startswith("kspec.base")
    ):
        return node
    changed = {
        f.name: _walk(getattr(node, f.name), names)
        for f in attrs.fields(type(node))
        if f.name not in ("span", "type")
    }
    return attrs.evolve(node, **changed)
