"""From the trees of a file and its imports to a checked `Program`, or what is wrong.

Everything that can be found is found in one run: a mistake ends the declaration it is in, not the
check. A program is given back only if nothing is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar, final

from kspec.analysis import report
from kspec.analysis.checker import Checker, Unreported, Wrong, each
from kspec.analysis.declarations import behaviour, claims, scenario, vectors
from kspec.analysis.declarations.behaviour import action_types, find_action
from kspec.analysis.env import Env
from kspec.analysis.expressions import coerce, statements
from kspec.analysis.expressions.expr import check as check_expr
from kspec.analysis.expressions.expr import infer
from kspec.analysis.tables import Loaded, collect
from kspec.analysis.typed import (
    AtPath,
    EnumDecl,
    LedgerLine,
    Program,
    TExpr,
    TFieldDecl,
    TFn,
    TKindDecl,
    TParamDecl,
    TRecordDecl,
    TUniverseDecl,
)
from kspec.analysis.types import BoolT, KindT, MapT, RecordT, Type
from kspec.base import codes
from kspec.base.diagnostic import Diagnostic, Label
from kspec.base.record import frozen
from kspec.base.source import Span
from kspec.syntax import ast


@final
@frozen
class Checked:
    """A program, or None with what is wrong; warnings may come with a program."""

    program: Program | None
    diagnostics: tuple[Diagnostic, ...]


_T = TypeVar("_T")
_D = TypeVar("_D")


def check(modules: Iterable[Loaded]) -> Checked:
    """Check files, imports before their importers; the last one is the file asked for."""
    files = tuple(modules)
    c = Checker(collect(files))
    c.diagnostics.extend(c.tables.diagnostics)
    c.demand = _Demand(c)
    for enum in c.tables.enums.values():
        for case in enum.cases:
            c.cases.setdefault(case.text, []).append(enum.name.text)
    program = _program(c, tuple(f.path for f in files))
    if c.diagnostics:
        return Checked(None, tuple(_once(c.diagnostics)))
    return Checked(program, ())


def _once(found: list[Diagnostic]) -> list[Diagnostic]:
    kept: list[Diagnostic] = []
    for one in found:
        if one not in kept:
            kept.append(one)
    return sorted(kept, key=lambda d: (d.primary.span.file, d.primary.span.start))


def _program(c: Checker, paths: tuple[str, ...]) -> Program:
    tables = c.tables
    enums = tuple(
        EnumDecl(e.name.text, tuple(x.text for x in e.cases), e.span) for e in tables.enums.values()
    )
    records = _tuple(c, tables.records.values(), lambda d: _record(c, d))
    kinds = _tuple(c, tables.kinds.values(), lambda d: _kind(c, d))
    _extends(c)
    params = _params(c)
    universes = _tuple(c, tables.universes.values(), lambda d: _universe(c, d))
    functions = _functions(c)
    each(c, tables.effects.values(), lambda d: statements.effect(c, d))
    components = _tuple(c, tables.components.values(), lambda d: behaviour.component(c, d))
    faults = _tuple(c, tables.faults.values(), lambda d: behaviour.fault(c, d))
    ghosts = _tuple(c, tables.ghosts.values(), lambda d: claims.ghost(c, d))
    properties = _tuple(c, tables.properties.values(), lambda d: claims.property_(c, d))
    laws = _tuple(c, tables.laws.values(), lambda d: claims.law(c, d))
    vectored = _tuple(c, tables.vectors, lambda d: vectors.vectors(c, d))
    each(c, tables.clusters.values(), lambda d: scenario.cluster(c, d))
    found = _tuple(c, (None,), lambda _: scenario.scenarios(c))
    return Program(
        paths,
        enums,
        records,
        kinds,
        params,
        universes,
        functions,
        components,
        faults,
        ghosts,
        properties,
        laws,
        vectored,
        found[0] if found else (),
    )


def _tuple(c: Checker, decls: Iterable[_D], make: Callable[[_D], _T]) -> tuple[_T, ...]:
    return tuple(each(c, decls, make))


# ---- on demand ---------------------------------------------------------------------------------


@final
class _Demand:
    """Finds what is asked for by name: fields, signatures, functions, an action's extra names."""

    def __init__(self, checker: Checker) -> None:
        self.c = checker
        self.done: set[str] = set()

    def __call__(self, what: str) -> None:
        if what in self.done:
            return
        word, _, name = what.partition(" ")
        if word == "fields":
            self.done.add(what)
            _find_fields(self.c, name)
        elif word == "signature":
            self.done.add(what)
            _find_signature(self.c, name)
        elif word == "action":
            self.done.add(what)
            _find_extras(self.c, name)
        else:
            _find_function(self.c, what)


def _find_fields(c: Checker, owner: str) -> None:
    members = _members(c, owner)
    found: dict[str, TFieldDecl] = {}
    c.fields[owner] = found
    api = owner in c.tables.kinds and bool(c.tables.kinds[owner].versions)
    for member in members:
        if not isinstance(member, ast.FieldDecl):
            continue
        name = member.name.text
        if name in found:
            c.note(report.duplicate(name, member.name.span, found[name].span))
            continue
        try:
            found[name] = _field(c, member, owner, api)
        except Wrong as wrong:
            c.note(wrong.diagnostic)


def _members(c: Checker, owner: str) -> list[ast.Member]:
    """The members of a kind, record or mixin: bases first, then its own, then extensions."""
    tables = c.tables
    decl: ast.KindDecl | ast.RecordDecl | ast.MixinDecl
    if owner in tables.kinds:
        decl = tables.kinds[owner]
    elif owner in tables.records:
        decl = tables.records[owner]
    else:
        decl = tables.mixins[owner]
    found: list[ast.Member] = []
    for base in getattr(decl, "bases", ()):
        if base.text not in tables.mixins:
            raise c.fail(report.unknown_name(base.text, base.span, tables.mixins, "mixin"))
        if f"mixin {base.text}" in c.busy:
            raise c.fail(
                report.simple(
                    codes.RECURSIVE_FUNCTION,
                    f"the mixin `{base.text}` is based on itself",
                    base.span,
                    "comes back to itself",
                )
            )
        c.busy.append(f"mixin {base.text}")
        found.extend(_members(c, base.text))
        c.busy.pop()
    found.extend(decl.members)
    for more in tables.extends.get(owner, []):
        found.extend(more.members)
    return found


def _field(c: Checker, node: ast.FieldDecl, owner: str, api: bool) -> TFieldDecl:
    type_ = c.type_of(node.type, stored=True)
    default: TExpr | None = None
    if node.default is not None:
        type_, default = _default(c, node.default, type_, node.type)
    role = next((f for f in node.flags if f in ("local", "ghost")), "api" if api else "local")
    if owner in c.tables.records:
        role = "api"
    if role == "ghost":
        claims.no_object(c, type_, node.span)
    return TFieldDecl(
        node.name.text,
        type_,
        default,
        _at(c, node.at),
        role,
        "const" in node.flags,
        "fixed" in node.flags,
        "heartbeat" in node.flags,
        node.span,
    )


def _default(c: Checker, node: ast.Expr, type_: Type, declared: ast.TypeNode) -> tuple[Type, TExpr]:
    """A declaration's first value; a map given a value for every key is total."""
    if isinstance(type_, MapT) and not isinstance(node, ast.Braces):
        try:
            value = check_expr(c, node, type_.value, Env())
        except Wrong:
            return type_, check_expr(c, node, type_, Env(), _declared(declared))
        return MapT(type_.key, type_.value, True), value
    return type_, check_expr(c, node, type_, Env(), _declared(declared))


def _declared(node: ast.TypeNode) -> Label:
    return Label(node.span, "declared to be this")


def _at(c: Checker, node: ast.At | None) -> AtPath | None:
    if node is None:
        return None
    if node.read == "by" and node.word is not None:
        decl = c.tables.functions.get(node.word.text)
        if decl is None:
            known = c.tables.functions
            raise c.fail(report.unknown_name(node.word.text, node.word.span, known, "function"))
        names = [
            ident.text
            for p in decl.parameters
            for ident in (p.names if isinstance(p, ast.TypedParameter) else (p.name,))
        ]
        if len(names) != len(node.paths):
            found, name = len(node.paths), node.word.text
            raise c.fail(report.arity(name, len(names), found, node.word.span, names))
    return AtPath(
        tuple(p.text for p in node.paths), node.read or "value", node.word.text if node.word else ""
    )


def _find_signature(c: Checker, full: str) -> None:
    """The type of a parameter, universe, ghost or component variable, if that is what it is."""
    owner, dot, name = full.partition(".")
    if not dot:
        if owner in c.tables.params:
            c.params[owner] = c.type_of(c.tables.params[owner].type, stored=False)
        elif owner in c.tables.universes:
            c.universes[owner] = c.type_of(c.tables.universes[owner].type, stored=False)
        elif owner in c.tables.ghosts:
            node = c.tables.ghosts[owner]
            type_ = c.type_of(node.type, stored=True)
            c.states[owner] = _default(c, node.init, type_, node.type)[0]
        return
    decl = c.tables.components.get(owner)
    for member in decl.members if decl is not None else ():
        if isinstance(member, ast.MemoryDecl) and member.name.text == name:
            type_ = c.type_of(member.type, stored=True)
            if member.default is not None:
                type_ = _default(c, member.default, type_, member.type)[0]
            c.states[full] = type_
        elif isinstance(member, ast.ParamDecl) and member.name.text == name:
            c.params[full] = c.type_of(member.type, stored=False)


def _find_function(c: Checker, full: str) -> None:
    """Check a function; its signature is known when its result is, its body after that."""
    decl, env = _function_decl(c, full)
    if decl is None:
        raise Unreported
    c.busy.append(full)
    try:
        parameters: list[tuple[str, Type]] = []
        for parameter in decl.parameters:
            if not isinstance(parameter, ast.TypedParameter):
                raise c.fail(_no_type(parameter))
            for ident in parameter.names:
                type_ = c.type_of(parameter.type, stored=False)
                parameters.append((ident.text, type_))
                env = env.bind(ident.text, type_)
        if decl.result is None:
            body = infer(c, decl.body, env)
            result = body.type
        else:
            result, body = _result(c, decl.result, decl.body, env)
    finally:
        c.busy.pop()
    owner = full.rpartition(".")[0] or None
    c.functions[full] = TFn(full, owner, tuple(parameters), result, body, decl.span)


def _no_type(parameter: ast.DrawnParameter) -> Diagnostic:
    name = parameter.name.text
    return report.simple(
        codes.NOT_ALLOWED_HERE,
        f"`{name}` of a function has no type",
        parameter.span,
        "drawn from a set",
        f"write `{name}: T`: a function has a value for every value of a type",
    )


def _result(c: Checker, node: ast.TypeNode, body: ast.Expr, env: Env) -> tuple[Type, TExpr]:
    """A function's body as its declared result; references in it are as live as the body's."""
    live, stored = c.type_of(node, stored=False), c.type_of(node, stored=True)
    why = _declared(node)
    try:
        return live, check_expr(c, body, live, env, why)
    except Wrong:
        if live == stored:
            raise
    try:
        return stored, check_expr(c, body, stored, env, why)
    except Wrong:
        return live, check_expr(c, body, live, env, why)


def _function_decl(c: Checker, full: str) -> tuple[ast.FnDecl | None, Env]:
    owner, _, name = full.rpartition(".")
    if not owner:
        return c.tables.functions.get(name), Env()
    decl = c.tables.components[owner]
    env, _ = behaviour.component_env(c, decl)
    for member in decl.members:
        if isinstance(member, ast.FnDecl) and member.name.text == name:
            return member, env
    return None, env


def _find_extras(c: Checker, full: str) -> None:
    """Names that an action's steps carry besides parameters: yields, bindings, new objects."""
    owner, _, name = full.partition(".")
    decl = c.tables.components.get(owner)
    action = find_action(decl, name) if decl is not None else None
    if decl is None or action is None:
        return
    env, _ = behaviour.component_env(c, decl)
    for shown, type_ in action_types(c, full):
        env = env.bind(shown, type_)
    found: list[tuple[str, Type]] = []
    spec = behaviour._Action(full, owner, "environment", "none")
    read = behaviour._Read()
    start = set(env.names)
    for clause in action.clauses:
        read, env = behaviour._clause(c, clause, read, env, spec)
    found.extend((n, t) for n, t in env.names.items() if n not in start)
    found.extend((n, value.type) for n, value in read.yields)
    c.extras[full] = found


# ---- declarations ------------------------------------------------------------------------------


def _record(c: Checker, node: ast.RecordDecl) -> TRecordDecl:
    fields = tuple(c.fields_of(node.name.text).values())
    valid = _valid(c, node.name.text, RecordT(node.name.text))
    return TRecordDecl(node.name.text, fields, valid, node.span)


def _valid(c: Checker, owner: str, me: Type) -> tuple[TExpr, ...]:
    env = Env().with_self(me)
    return tuple(
        check_expr(c, m.cond, BoolT(), env) for m in _members(c, owner) if isinstance(m, ast.Valid)
    )


def _kind(c: Checker, node: ast.KindDecl) -> TKindDecl:
    name = node.name.text
    fields = tuple(c.fields_of(name).values())
    key = coerce.inherited_key(c, name)
    for part in key:
        c.field_of(name, part.text, part.span)
    ledger = tuple(
        LedgerLine(m.word == "approximates", m.path.text, m.why)
        for m in _members(c, name)
        if isinstance(m, ast.Ledger)
    )
    return TKindDecl(
        name,
        node.const,
        tuple(_version(v, name) for v in node.versions),
        tuple(k.text for k in key),
        fields,
        _valid(c, name, KindT(name, True)),
        ledger,
        c.tables.modules.get(name, ""),
        node.span,
    )


def _version(node: ast.ApiVersion, kind: str) -> tuple[str, str]:
    """apiVersion and the API's name of the kind: `v1/PersistentVolumeClaim` names another."""
    parts = node.text.split("/")
    if len(parts) > 1 and parts[-1][:1].isupper():
        return "/".join(parts[:-1]), parts[-1]
    return node.text, node.named.text if node.named else kind


def _extends(c: Checker) -> None:
    for name, decls in c.tables.extends.items():
        if name not in c.tables.types() or name in c.tables.enums:
            known = {*c.tables.kinds, *c.tables.records, *c.tables.mixins}
            c.note(report.unknown_name(name, decls[0].name.span, known, "kind or record"))


def _params(c: Checker) -> tuple[TParamDecl, ...]:
    found: list[tuple[str, ast.ParamDecl]] = list(c.tables.params.items())
    for owner, decl in c.tables.components.items():
        found.extend(
            (f"{owner}.{m.name.text}", m) for m in decl.members if isinstance(m, ast.ParamDecl)
        )
    return _tuple(c, found, lambda pair: _param(c, *pair))


def _param(c: Checker, full: str, node: ast.ParamDecl) -> TParamDecl:
    c.demand(f"signature {full}")
    if full not in c.params:
        raise Unreported
    type_ = c.params[full]
    default: TExpr | None = None
    if node.default is not None:
        default = check_expr(c, node.default, type_, Env(), _declared(node.type))
    return TParamDecl(full, type_, default, node.span)


def _universe(c: Checker, node: ast.UniverseDecl) -> TUniverseDecl:
    c.demand(f"signature {node.name.text}")
    type_ = c.universes[node.name.text]
    return TUniverseDecl(node.name.text, type_, check_expr(c, node.value, type_, Env()), node.span)


def _functions(c: Checker) -> tuple[TFn, ...]:
    names: list[tuple[str, Span]] = [(n, d.span) for n, d in c.tables.functions.items()]
    for owner, decl in c.tables.components.items():
        names.extend(
            (f"{owner}.{m.name.text}", m.span) for m in decl.members if isinstance(m, ast.FnDecl)
        )
    _tuple(c, names, lambda pair: c.function(*pair))
    return tuple(c.functions.values())
