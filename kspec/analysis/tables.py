"""What names mean: the declarations of a file and everything it imports, in one namespace.

Built once per check from the syntax trees; the only mutable part is the cache of signatures that
`check` fills while it works.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeVar, final

from attrs import field

from kspec.analysis import report
from kspec.base.diagnostic import Diagnostic
from kspec.base.record import define, frozen
from kspec.base.source import Span
from kspec.syntax import ast


@final
@frozen
class Loaded:
    """A parsed file: the dotted path it is imported by, and its tree."""

    path: str
    module: ast.Module


@final
@define
class Tables:
    """Declarations by name. Component members are under their component."""

    enums: dict[str, ast.EnumDecl] = field(factory=dict)
    aliases: dict[str, ast.AliasDecl] = field(factory=dict)
    records: dict[str, ast.RecordDecl] = field(factory=dict)
    mixins: dict[str, ast.MixinDecl] = field(factory=dict)
    kinds: dict[str, ast.KindDecl] = field(factory=dict)
    extends: dict[str, list[ast.ExtendDecl]] = field(factory=dict)
    params: dict[str, ast.ParamDecl] = field(factory=dict)
    universes: dict[str, ast.UniverseDecl] = field(factory=dict)
    functions: dict[str, ast.FnDecl] = field(factory=dict)
    effects: dict[str, ast.EffectDecl] = field(factory=dict)
    components: dict[str, ast.ControllerDecl | ast.EnvironmentDecl] = field(factory=dict)
    faults: dict[str, ast.FaultDecl | ast.RecoveryDecl] = field(factory=dict)
    ghosts: dict[str, ast.GhostDecl] = field(factory=dict)
    properties: dict[str, ast.PropertyDecl] = field(factory=dict)
    laws: dict[str, ast.LawDecl] = field(factory=dict)
    clusters: dict[str, ast.ClusterDecl] = field(factory=dict)
    scenarios: dict[str, ast.ScenarioDecl] = field(factory=dict)
    vectors: list[ast.VectorsDecl] = field(factory=list)
    modules: dict[str, str] = field(factory=dict)  # declaration name -> module path
    loose: list[ast.ScenarioItem] = field(factory=list)  # of the file asked for
    diagnostics: list[Diagnostic] = field(factory=list)
    _seen: dict[str, Span] = field(factory=dict)

    def words(self) -> set[str]:
        """Every declared name that can stand in an expression."""
        return {
            *self.params,
            *self.universes,
            *self.functions,
            *self.ghosts,
            *self.enums,
            *self.records,
            *self.kinds,
            *self.components,
        }

    def types(self) -> set[str]:
        """Every declared name of a type."""
        return {*self.enums, *self.aliases, *self.records, *self.kinds, *self.mixins}


_Decl = TypeVar("_Decl")

# Clusters and scenarios are never meant where a value or a type is: names of their own.
_SPACES: Final[dict[type, str]] = {ast.ClusterDecl: "cluster ", ast.ScenarioDecl: "scenario "}


def collect(modules: Iterable[Loaded]) -> Tables:
    """All declarations of these files, the one asked for last; scenario lines of that one only."""
    tables = Tables()
    files = tuple(modules)
    for loaded in files:
        for item in loaded.module.items:
            _add(tables, item, loaded.path, asked=loaded is files[-1])
    return tables


def _add(tables: Tables, item: ast.Item, path: str, asked: bool) -> None:
    match item:
        case ast.Import():
            pass
        case ast.EnumDecl():
            _put(tables, tables.enums, item.name, item, path)
        case ast.AliasDecl():
            _put(tables, tables.aliases, item.name, item, path)
        case ast.RecordDecl():
            _put(tables, tables.records, item.name, item, path)
        case ast.MixinDecl():
            _put(tables, tables.mixins, item.name, item, path)
        case ast.KindDecl():
            _put(tables, tables.kinds, item.name, item, path)
        case ast.ExtendDecl():
            tables.extends.setdefault(item.name.text, []).append(item)
        case ast.ParamDecl():
            _put(tables, tables.params, item.name, item, path)
        case ast.UniverseDecl():
            _put(tables, tables.universes, item.name, item, path)
        case ast.FnDecl():
            _put(tables, tables.functions, item.name, item, path)
        case ast.EffectDecl():
            _put(tables, tables.effects, item.name, item, path)
        case ast.ControllerDecl() | ast.EnvironmentDecl():
            _put(tables, tables.components, item.name, item, path)
        case ast.FaultDecl() | ast.RecoveryDecl():
            _put(tables, tables.faults, item.name, item, path)
        case ast.GhostDecl():
            _put(tables, tables.ghosts, item.name, item, path)
        case ast.PropertyDecl():
            _put(tables, tables.properties, item.name, item, path)
        case ast.LawDecl():
            _put(tables, tables.laws, item.name, item, path)
        case ast.VectorsDecl():
            tables.vectors.append(item)
        case _:
            _add_scenario(tables, item, path, asked)


def _add_scenario(
    tables: Tables, item: ast.ScenarioDecl | ast.ScenarioItem, path: str, asked: bool
) -> None:
    if isinstance(item, ast.ClusterDecl) and item.name is not None:
        _put(tables, tables.clusters, item.name, item, path)
    if isinstance(item, ast.ScenarioDecl):
        _put(tables, tables.scenarios, item.name, item, path)
        if not asked:
            tables.modules.pop(f"scenario {item.name.text}", None)
        else:
            tables.modules[f"scenario {item.name.text}"] = path
    elif asked:
        tables.loose.append(item)


def _put(tables: Tables, table: dict[str, _Decl], name: ast.Ident, decl: _Decl, path: str) -> None:
    space = _SPACES.get(type(decl), "")
    first = tables._seen.get(space + name.text)
    if first is not None:
        tables.diagnostics.append(report.duplicate(name.text, name.span, first))
        return
    tables._seen[space + name.text] = name.span
    tables.modules[name.text] = path
    table[name.text] = decl
