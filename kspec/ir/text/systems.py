"""Systems as nested lists, both ways. The grammar is in `whole`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import assert_never, final

from kspec.base.source import Span
from kspec.ir.expr import TRUE, Binder, Expr
from kspec.ir.sorts import Sort
from kspec.ir.system import (
    Action,
    Conjunct,
    Const,
    Fairness,
    Field,
    Index,
    Init,
    Origin,
    PathStep,
    Pool,
    Property,
    Role,
    System,
    Template,
    Update,
    Var,
    View,
)
from kspec.ir.text.claims import read_claim, write_claim
from kspec.ir.text.expressions import Scope, read_binder, read_expr, write_binder, write_expr
from kspec.ir.text.sexpr import Group, Misread, Node, Quoted, Word, group, name
from kspec.ir.text.sorts import (
    SortNames,
    head_of,
    read_enum,
    read_group,
    read_name,
    read_number,
    read_record,
    read_sort,
    read_string,
    read_value,
    write_sort,
    write_value,
)

_SPAN = re.compile(r"@([0-9]+):([0-9]+)-([0-9]+)")


@final
class Files:
    """The file names of one text; spans refer to them by place."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = list(names)

    def write(self, span: Span | None) -> tuple[Node, ...]:
        """A span, or nothing; adds its file if it is new."""
        if span is None:
            return ()
        if span.file not in self.names:
            self.names.append(span.file)
        return (Word(f"@{self.names.index(span.file)}:{span.start}-{span.end}"),)

    def read(self, nodes: tuple[Node, ...]) -> Span | None:
        """The span among the nodes, if there is one."""
        for node in nodes:
            if isinstance(node, Word) and (found := _SPAN.fullmatch(node.text)):
                file, start, end = (int(part) for part in found.groups())
                if file >= len(self.names):
                    raise Misread(node.offset, f"there is no file {file}")
                return Span(self.names[file], start, end)
        return None


def write_system(system: System) -> Group:
    """A system; the inverse of `read_system`."""
    files, scope = Files(()), scope_of(system, SortNames(system.pools))
    body = list(_write_body(system, files, scope))
    pools = (group("pool", name(p.name), str(p.size), *map(name, p.names)) for p in system.pools)
    named = (group("files", *map(Quoted, files.names)),) if files.names else ()
    return group("system", name(system.name), *named, *pools, *scope.names.declarations, *body)


def write_body(system: System, scope: Scope) -> Iterator[Node]:
    """The clauses of a system other than pools and named sorts, which `scope` learns meanwhile."""
    yield from _write_body(system, Files(()), scope)


def scope_of(system: System, names: SortNames) -> Scope:
    """The scope outside every binder."""
    constants = {const.name: const.sort for const in system.constants}
    return Scope(names, {**constants, **{v.name: v.sort for v in system.variables}}, {})


def _write_body(system: System, files: Files, scope: Scope) -> Iterator[Node]:
    for const in system.constants:
        shape = write_sort(const.sort, scope.names)
        value = write_value(const.sort, const.value, scope.names)
        yield group("const", name(const.name), shape, value)
    for var in system.variables:
        shape, owner = write_sort(var.sort, scope.names), name(var.owner)
        yield group("var", name(var.name), shape, var.role.value, owner, name(var.label))
    yield _write_init(system.init, scope)
    for action in system.actions:
        yield _write_action(action, files, scope)
    for prop in system.properties:
        claim = write_claim(prop.claim, system.actions, scope)
        said = () if prop.sentence is None else (group("sentence", Quoted(prop.sentence)),)
        yield group("property", name(prop.name), claim, *said, *files.write(prop.span))
    yield group("well-formed", write_expr(system.well_formed, scope))
    for view in system.views:
        yield _write_view(view, scope)
    yield from (group("assume", Quoted(text)) for text in system.assumptions)
    yield from (group("bound", Quoted(text)) for text in system.bounds)


def _write_init(init: Init, scope: Scope) -> Node:
    inner = scope.bind(*init.params)
    assigned = (group(name(var), write_expr(expr, inner)) for var, expr in init.assign)
    return group("init", _binders(init.params, scope), write_expr(init.where, inner), *assigned)


def _binders(binders: tuple[Binder, ...], scope: Scope) -> Group:
    return group(*(write_binder(binder, scope) for binder in binders))


def _listed(head: str, binders: tuple[Binder, ...], scope: Scope) -> tuple[Node, ...]:
    """A clause with binders, or nothing if there are none."""
    return (group(head, *_binders(binders, scope).items),) if binders else ()


def _write_action(action: Action, files: Files, scope: Scope) -> Node:
    parts: list[Node] = [*_listed("params", action.params, scope)]
    parts.extend(_listed("choices", action.choices, scope))
    inner = scope.bind(*action.params, *action.choices)
    for bound, expr in action.lets:
        parts.append(group("let", name(bound), write_expr(expr, inner)))
        inner = inner.bind_to(bound, expr)
    for part in action.guard:
        because = _write_template("because", part.because, inner)
        expr_node = write_expr(part.expr, inner)
        parts.append(group("when", expr_node, *because, *files.write(part.span)))
    if action.cut is not None:
        parts.append(group("cut", write_expr(action.cut, inner)))
    parts.extend(_write_update(update, files, inner) for update in action.updates)
    if action.reason is not None:
        parts.append(group("reason", Quoted(action.reason)))
    parts.extend(_write_template("event", action.event, inner))
    parts.extend(files.write(action.span))
    fixed = name(action.owner), Word(action.origin.value), Word(action.fairness.value)
    return group("action", name(action.name), *fixed, *parts)


def _write_template(head: str, template: Template | None, scope: Scope) -> tuple[Node, ...]:
    if template is None:
        return ()
    return (
        group(
            head,
            *(
                Quoted(part) if isinstance(part, str) else group("of", write_expr(part, scope))
                for part in template.parts
            ),
        ),
    )


def _write_update(update: Update, files: Files, scope: Scope) -> Node:
    inner = scope.bind(*update.binders)
    place = group(name(update.var), *(_write_step(step, inner) for step in update.path))
    parts: list[Node] = [*_listed("for", update.binders, scope)]
    if update.when != TRUE:
        parts.append(group("if", write_expr(update.when, inner)))
    if update.live != TRUE:
        parts.append(group("live", write_expr(update.live, inner)))
    return group("set", place, write_expr(update.value, inner), *parts, *files.write(update.span))


def _write_step(step: PathStep, scope: Scope) -> Node:
    match step:
        case Index(key):
            return write_expr(key, scope)
        case Field(selected):
            return group("field", name(selected))
        case _:
            assert_never(step)


def _write_view(view: View, scope: Scope) -> Node:
    inner = scope.bind(*view.instance)
    fields = (group(name(var), write_expr(expr, inner)) for var, expr in view.fields)
    who = name(view.controller), name(view.kind), _binders(view.instance, scope)
    return group("view", *who, write_expr(view.lag, inner), *fields)


# ---- reading -----------------------------------------------------------------------------------


@final
class _Clauses:
    """The lists among some nodes, by head; whoever asks names every head there may be."""

    def __init__(self, nodes: tuple[Node, ...], heads: tuple[str, ...]) -> None:
        self._groups = [node for node in nodes if isinstance(node, Group)]
        for node in nodes:
            is_span = isinstance(node, Word) and _SPAN.fullmatch(node.text) is not None
            if not is_span and (not isinstance(node, Group) or head_of(node) not in heads):
                raise Misread(node.offset, f"one of {', '.join(heads)} is wanted")

    def all(self, *heads: str) -> list[Group]:
        """Every clause with one of these heads, in order."""
        return [node for node in self._groups if head_of(node) in heads]

    def maybe(self, head: str) -> Group | None:
        """The only clause with this head, if there is one."""
        found = self.all(head)
        if len(found) > 1:
            raise Misread(found[1].offset, f"a second ({head} ...)")
        return found[0] if found else None

    def one(self, head: str, where: Group) -> Group:
        """The only clause with this head."""
        found = self.maybe(head)
        if found is None:
            raise Misread(where.offset, f"({head} ...) is missing")
        return found


_SYSTEM_HEADS = (
    *("files", "pool", "enum", "record", "const", "var", "init", "action", "property"),
    *("well-formed", "view", "assume", "bound"),
)
_ACTION_HEADS = ("params", "choices", "let", "when", "cut", "set", "reason", "event")


def read_system(node: Group) -> System:
    """The system a node stands for. Raises `Misread`."""
    if head_of(node) != "system" or len(node.items) < 2:
        raise Misread(node.offset, "(system NAME ...) is wanted")
    clauses = _Clauses(node.items[2:], _SYSTEM_HEADS)
    listed = clauses.maybe("files")
    files = Files(() if listed is None else tuple(read_string(n) for n in listed.items[1:]))
    pools = tuple(_read_pool(clause) for clause in clauses.all("pool"))
    names = SortNames(pools)
    for clause in clauses.all("enum", "record"):
        _declare(clause, names)
    constants = tuple(_read_const(clause, names) for clause in clauses.all("const"))
    variables = tuple(_read_var(clause, names) for clause in clauses.all("var"))
    shared: dict[str, Sort] = {**{c.name: c.sort for c in constants}}
    scope = Scope(names, {**shared, **{v.name: v.sort for v in variables}}, {})
    actions = tuple(_read_action(clause, files, scope) for clause in clauses.all("action"))
    formed = read_group(clauses.one("well-formed", node), 2).items[1]
    return System(
        name=read_name(node.items[1]),
        pools=pools,
        constants=constants,
        variables=variables,
        init=_read_init(clauses.one("init", node), scope),
        actions=actions,
        properties=tuple(
            _read_property(clause, actions, files, scope) for clause in clauses.all("property")
        ),
        well_formed=read_expr(formed, scope),
        views=tuple(_read_view(clause, scope) for clause in clauses.all("view")),
        assumptions=tuple(read_string(read_group(c, 2).items[1]) for c in clauses.all("assume")),
        bounds=tuple(read_string(read_group(c, 2).items[1]) for c in clauses.all("bound")),
    )


def _read_pool(node: Group) -> Pool:
    match node.items[1:]:
        case (called, size, *members):
            return Pool(read_name(called), read_number(size), tuple(map(read_name, members)))
        case _:
            raise Misread(node.offset, "(pool NAME SIZE NAME*) is wanted")


def _declare(node: Group, names: SortNames) -> None:
    tag, sort = read_enum(node) if head_of(node) == "enum" else read_record(node, names)
    if tag in names.by_tag:
        raise Misread(node.offset, f"{tag} is declared twice")
    names.declare(tag, sort)


def _read_const(node: Group, names: SortNames) -> Const:
    _, called, shape, value = read_group(node, 4).items
    sort = read_sort(shape, names)
    return Const(read_name(called), sort, read_value(sort, value, names))


def _read_var(node: Group, names: SortNames) -> Var:
    _, called, shape, role, owner, label = read_group(node, 6).items
    sort, part = read_sort(shape, names), Role(_word(role, [r.value for r in Role]))
    return Var(read_name(called), sort, part, read_name(owner), read_name(label))


def _word(node: Node, known: list[str]) -> str:
    if isinstance(node, Word) and node.text in known:
        return node.text
    raise Misread(node.offset, f"one of {', '.join(known)} is wanted")


def _read_binders(nodes: tuple[Node, ...], scope: Scope) -> tuple[Binder, ...]:
    return tuple(read_binder(node, scope) for node in nodes)


def _read_named(nodes: list[Node], scope: Scope) -> tuple[tuple[str, Expr], ...]:
    pairs = [read_group(node, 2).items for node in nodes]
    return tuple((read_name(called), read_expr(expr, scope)) for called, expr in pairs)


def _read_init(node: Group, scope: Scope) -> Init:
    match node.items[1:]:
        case (Group(items=params), where, *assigned):
            binders = _read_binders(params, scope)
            inner = scope.bind(*binders)
            return Init(binders, read_expr(where, inner), _read_named(assigned, inner))
        case _:
            raise Misread(node.offset, "(init (BINDER*) EXPR (NAME EXPR)*) is wanted")


def _read_view(node: Group, scope: Scope) -> View:
    match node.items[1:]:
        case (controller, kind, Group(items=instance), lag, *fields):
            binders = _read_binders(instance, scope)
            inner = scope.bind(*binders)
            return View(
                controller=read_name(controller),
                kind=read_name(kind),
                instance=binders,
                lag=read_expr(lag, inner),
                fields=_read_named(fields, inner),
            )
        case _:
            raise Misread(node.offset, "(view NAME NAME (BINDER*) EXPR (NAME EXPR)*) is wanted")


def _read_property(
    node: Group, actions: tuple[Action, ...], files: Files, scope: Scope
) -> Property:
    if len(node.items) < 3:
        raise Misread(node.offset, "(property NAME CLAIM ...) is wanted")
    sentence = _Clauses(node.items[3:], ("sentence",)).maybe("sentence")
    return Property(
        name=read_name(node.items[1]),
        claim=read_claim(read_group(node.items[2]), actions, scope),
        sentence=None if sentence is None else read_string(read_group(sentence, 2).items[1]),
        span=files.read(node.items[3:]),
    )


def _read_action(node: Group, files: Files, scope: Scope) -> Action:
    if len(node.items) < 5:
        raise Misread(node.offset, "(action NAME OWNER ORIGIN FAIRNESS ...) is wanted")
    _, called, owner, origin, fairness = node.items[:5]
    clauses = _Clauses(node.items[5:], _ACTION_HEADS)
    params, choices = (_listed_binders(clauses, h, scope) for h in ("params", "choices"))
    inner, lets = scope.bind(*params, *choices), []
    for clause in clauses.all("let"):
        _, bound, value = read_group(clause, 3).items
        expr = read_expr(value, inner)
        lets.append((read_name(bound), expr))
        inner = inner.bind_to(read_name(bound), expr)
    cut, reason = clauses.maybe("cut"), clauses.maybe("reason")
    return Action(
        name=read_name(called),
        owner=read_name(owner),
        origin=Origin(_word(origin, [o.value for o in Origin])),
        params=params,
        choices=choices,
        lets=tuple(lets),
        guard=tuple(_read_conjunct(clause, files, inner) for clause in clauses.all("when")),
        cut=None if cut is None else read_expr(read_group(cut, 2).items[1], inner),
        updates=tuple(_read_update(clause, files, inner) for clause in clauses.all("set")),
        fairness=Fairness(_word(fairness, [f.value for f in Fairness])),
        reason=None if reason is None else read_string(read_group(reason, 2).items[1]),
        event=_read_template(clauses.maybe("event"), inner),
        span=files.read(node.items[5:]),
    )


def _listed_binders(clauses: _Clauses, head: str, scope: Scope) -> tuple[Binder, ...]:
    clause = clauses.maybe(head)
    return () if clause is None else _read_binders(clause.items[1:], scope)


def _read_conjunct(node: Group, files: Files, scope: Scope) -> Conjunct:
    if len(node.items) < 2:
        raise Misread(node.offset, "(when EXPR ...) is wanted")
    because = _Clauses(node.items[2:], ("because",)).maybe("because")
    expr = read_expr(node.items[1], scope)
    return Conjunct(expr, _read_template(because, scope), files.read(node.items[2:]))


def _read_template(node: Group | None, scope: Scope) -> Template | None:
    if node is None:
        return None
    parts: list[str | Expr] = []
    for item in node.items[1:]:
        if isinstance(item, Group) and head_of(item) == "of":
            parts.append(read_expr(read_group(item, 2).items[1], scope))
        else:
            parts.append(read_string(item))
    return Template(tuple(parts))


def _read_update(node: Group, files: Files, scope: Scope) -> Update:
    if len(node.items) < 3 or not read_group(node.items[1]).items:
        raise Misread(node.offset, "(set (NAME STEP*) EXPR ...) is wanted")
    var, *steps = read_group(node.items[1]).items
    clauses = _Clauses(node.items[3:], ("for", "if", "live"))
    binders = _listed_binders(clauses, "for", scope)
    inner = scope.bind(*binders)
    conditions = [clauses.maybe(head) for head in ("if", "live")]
    when, live = (
        TRUE if clause is None else read_expr(read_group(clause, 2).items[1], inner)
        for clause in conditions
    )
    return Update(
        var=read_name(var),
        path=tuple(_read_step(step, inner) for step in steps),
        value=read_expr(node.items[2], inner),
        when=when,
        live=live,
        binders=binders,
        span=files.read(node.items[3:]),
    )


def _read_step(node: Node, scope: Scope) -> PathStep:
    if isinstance(node, Group) and head_of(node) == "field":
        return Field(read_name(read_group(node, 2).items[1]))
    return Index(read_expr(node, scope))
