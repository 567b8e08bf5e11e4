"""Sorts and values as nested lists, both ways. The grammar is in `whole`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import assert_never, final

from kspec.ir.sorts import (
    Bool,
    Enum,
    Id,
    Int,
    Map,
    Opt,
    Record,
    Seq,
    Set,
    Sort,
    Value,
    cardinality,
    contains,
    index_of,
)
from kspec.ir.system import Pool
from kspec.ir.text.sexpr import Group, Misread, Node, Quoted, Word, group, name

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)")


@final
class SortNames:
    """The names that sorts go by in one text: pools first, then enums and records.

    A second sort of a name already taken becomes `name~2`. The table grows as sorts are named or
    declared; it belongs to one text and lives no longer.
    """

    def __init__(self, pools: tuple[Pool, ...]) -> None:
        self.pools = pools
        self.by_tag: dict[str, Sort] = {}
        for pool in pools:
            self.by_tag.setdefault(pool.name, Id(pool.name, pool.size))
        self.by_sort: dict[Sort, str] = {sort: tag for tag, sort in self.by_tag.items()}
        self.declarations: list[Node] = []

    def tag_of(self, sort: Enum | Record) -> Node:
        """The name of a sort; declares it, after its parts, if this is the first time."""
        if sort not in self.by_sort:
            body = _shape(sort, self)
            tag = next(tag for tag in _tags(sort.name) if tag not in self.by_tag)
            self.declare(tag, sort)
            head = "enum" if isinstance(sort, Enum) else "record"
            own = () if tag == sort.name else (name(sort.name),)
            self.declarations.append(group(head, name(tag), body, *own))
        return name(self.by_sort[sort])

    def declare(self, tag: str, sort: Sort) -> None:
        """Let `tag` stand for `sort`."""
        self.by_tag[tag] = sort
        self.by_sort[sort] = tag

    def identities(self, sort: Id) -> tuple[str, ...] | None:
        """The names of a kind's identities, if its pool tells them all apart."""
        for pool in self.pools:
            if pool.name == sort.kind:
                is_usable = len(pool.names) == pool.size == sort.size
                return pool.names if is_usable and len(set(pool.names)) == sort.size else None
        return None


def _tags(wanted: str) -> Iterator[str]:
    yield wanted
    suffix = 2
    while True:
        yield f"{wanted}~{suffix}"
        suffix += 1


def _shape(sort: Enum | Record, names: SortNames) -> Node:
    if isinstance(sort, Enum):
        return group(*(name(case) for case in sort.cases))
    return group(*(group(name(field), write_sort(of, names)) for field, of in sort.fields))


def write_sort(sort: Sort, names: SortNames) -> Node:
    """A sort by name, or by shape where it has none."""
    match sort:
        case Bool():
            return group("bool")
        case Int(lo, hi):
            return group("int", str(lo), str(hi))
        case Enum() | Record():
            return names.tag_of(sort)
        case Id(kind, size):
            if sort in names.by_sort:
                return name(names.by_sort[sort])
            return group("id", name(kind), str(size))
        case Opt(of):
            return group("opt", write_sort(of, names))
        case Set(of):
            return group("set", write_sort(of, names))
        case Map(key, value):
            return group("map", write_sort(key, names), write_sort(value, names))
        case Seq(of, cap):
            return group("seq", write_sort(of, names), str(cap))
        case _:
            assert_never(sort)


def read_sort(node: Node, names: SortNames) -> Sort:
    """The inverse of `write_sort`."""
    if not isinstance(node, Group):
        tag = read_name(node)
        if tag not in names.by_tag:
            raise Misread(node.offset, f"no pool, enum or record is called {tag}")
        return names.by_tag[tag]
    head = head_of(node)
    match head, node.items[1:]:
        case "bool", ():
            return Bool()
        case "int", (lo, hi):
            return Int(read_number(lo), read_number(hi))
        case "id", (kind, size):
            return Id(read_name(kind), read_number(size))
        case "opt", (of,):
            return Opt(read_sort(of, names))
        case "set", (of,):
            return Set(read_sort(of, names))
        case "map", (key, value):
            return Map(read_sort(key, names), read_sort(value, names))
        case "seq", (of, cap):
            return Seq(read_sort(of, names), read_number(cap))
        case _:
            raise Misread(node.offset, f"not a sort: ({head} ...)")


def read_enum(node: Group) -> tuple[str, Enum]:
    """A declaration `(enum TAG (CASE*) NAME?)`: its tag and sort."""
    tag, body, own = _declaration(node)
    return tag, Enum(own, tuple(read_name(case) for case in body.items))


def read_record(node: Group, names: SortNames) -> tuple[str, Record]:
    """A declaration `(record TAG ((FIELD SORT)*) NAME?)`: its tag and sort."""
    tag, body, own = _declaration(node)
    fields = []
    for item in body.items:
        field, of = read_group(item, 2).items
        fields.append((read_name(field), read_sort(of, names)))
    return tag, Record(own, tuple(fields))


def _declaration(node: Group) -> tuple[str, Group, str]:
    match node.items[1:]:
        case (tag, Group() as body):
            return read_name(tag), body, read_name(tag)
        case (tag, Group() as body, own):
            return read_name(tag), body, read_name(own)
        case _:
            raise Misread(node.offset, "a declaration is a name, a list, and perhaps a name")


def write_value(sort: Sort, value: Value, names: SortNames) -> Node:
    """A value whose sort is known from its place. `ValueError` if it is not of the sort."""
    if not contains(sort, value):
        raise ValueError(f"{value!r} is not of sort {sort}")
    return _value(sort, value, names)


def _value(sort: Sort, value: Value, names: SortNames) -> Node:
    match sort:
        case Bool():
            return Word("true" if value else "false")
        case Int():
            return Word(str(value))
        case Enum():
            return name(str(value))
        case Id():
            assert isinstance(value, int)
            called = names.identities(sort)
            return Word(str(value)) if called is None else name(called[value])
        case Opt(of):
            return group() if value is None else group(_value(of, _items(value)[0], names))
        case Record(_, fields):
            pairs = zip(fields, _items(value), strict=True)
            return group(*(_value(of, part, names) for (_, of), part in pairs))
        case Set(of):
            assert isinstance(value, frozenset)
            inside = sorted(value, key=lambda element: index_of(of, element))
            return group(*(_value(of, element, names) for element in inside))
        case Map(_, of) | Seq(of, _):
            return group(*(_value(of, part, names) for part in _items(value)))
        case _:
            assert_never(sort)


def read_value(sort: Sort, node: Node, names: SortNames) -> Value:
    """The inverse of `write_value`."""
    value = _read_value(sort, node, names)
    if not contains(sort, value):
        raise Misread(node.offset, f"not a value of sort {sort}")
    return value


def _read_value(sort: Sort, node: Node, names: SortNames) -> Value:
    match sort:
        case Bool():
            return _read_truth(node)
        case Int():
            return read_number(node)
        case Enum():
            return read_name(node)
        case Id():
            return _read_identity(sort, node, names)
        case Opt(of):
            items = read_group(node).items
            if len(items) > 1:
                raise Misread(node.offset, "an option holds at most one value")
            return tuple(_read_value(of, item, names) for item in items) or None
        case Record(_, fields):
            items = read_group(node, len(fields)).items
            pairs = zip(fields, items, strict=True)
            return tuple(_read_value(of, item, names) for (_, of), item in pairs)
        case Set(of):
            return frozenset(_read_value(of, item, names) for item in read_group(node).items)
        case Map(key, of):
            items = read_group(node, cardinality(key)).items
            return tuple(_read_value(of, item, names) for item in items)
        case Seq(of, _):
            return tuple(_read_value(of, item, names) for item in read_group(node).items)
        case _:
            assert_never(sort)


def _read_truth(node: Node) -> bool:
    if isinstance(node, Word) and node.text in ("true", "false"):
        return node.text == "true"
    raise Misread(node.offset, "true or false is wanted")


def _read_identity(sort: Id, node: Node, names: SortNames) -> int:
    called = names.identities(sort)
    if called is None:
        return read_number(node)
    text = read_name(node)
    if text not in called:
        raise Misread(node.offset, f"no {sort.kind} is called {text}")
    return called.index(text)


def read_name(node: Node) -> str:
    """A name, bare or quoted."""
    if isinstance(node, Quoted) or (isinstance(node, Word) and name(node.text) == node):
        return node.text
    raise Misread(node.offset, "a name is wanted")


def read_string(node: Node) -> str:
    """A quoted text."""
    if isinstance(node, Quoted):
        return node.text
    raise Misread(node.offset, "a string is wanted")


def is_number(node: Node) -> bool:
    """Is the node a decimal integer?"""
    return isinstance(node, Word) and _NUMBER.fullmatch(node.text) is not None


def read_number(node: Node) -> int:
    """A decimal integer."""
    if isinstance(node, Word) and is_number(node):
        return int(node.text)
    raise Misread(node.offset, "an integer is wanted")


def read_group(node: Node, size: int | None = None) -> Group:
    """A list, of `size` items if that is given."""
    if not isinstance(node, Group):
        raise Misread(node.offset, "a list is wanted")
    if size is not None and len(node.items) != size:
        raise Misread(node.offset, f"{size} items are wanted, not {len(node.items)}")
    return node


def head_of(node: Group) -> str:
    """The word a list begins with."""
    if node.items and isinstance(node.items[0], Word):
        return node.items[0].text
    raise Misread(node.offset, "a list that begins with a word is wanted")


def _items(value: Value) -> tuple[Value, ...]:
    assert isinstance(value, tuple)
    return value
