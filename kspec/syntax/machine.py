"""Runs the parser's tables over a text and builds bottom-up, without recursion.

The machine knows no rule of the language: the lexer reads tokens, `finish` makes a value of every
finished rule. It stops at the first token that cannot stand where it does and says what it knows
of that place; `recover` and `explain` make something of that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias, final

from attrs import frozen

from kspec.syntax.lexer import Lexer, Token
from kspec.syntax.tables import END, NODE, NODE_BEFORE_SEPARATOR, PASS, SPLICE, Tables

MAX_BRACKETS: Final = 150
"""How deep brackets may be nested."""

MAX_DEPTH: Final = 150
"""How deep an expression, statement or piece of data may be nested, chains of operators counted."""

Finish: TypeAlias = Callable[[str, list[object], int, int], object]
"""(rule, its tokens and values in order, start, end) to the rule's value."""

_OPENING: Final[Mapping[str, str]] = {"LPAR": ")", "LBRACE": "}", "LSQB": "]"}
_CLOSING: Final = frozenset({"RPAR", "RBRACE", "RSQB"})


@final
@frozen
class Stuck:
    """`token` cannot stand where it does.

    `states` is the stack, `values` what it was made of, `before` the tokens read so far and
    `open` those of them that are brackets not closed yet.
    """

    token: Token
    states: tuple[int, ...]
    values: tuple[object, ...]
    before: tuple[Token, ...]
    open: tuple[Token, ...]


@final
@frozen
class TooDeep:
    """What stands from `start` to `end` is nested too deep."""

    start: int
    end: int
    open: tuple[Token, ...]
    before: tuple[Token, ...]


@final
@frozen
class Done:
    """The value of the start rule, and every token."""

    value: object
    tokens: tuple[Token, ...]


@final
class _Stack:
    """States, and for each but the first: a value, where it starts and ends, how deep it is."""

    def __init__(self, state: int) -> None:
        self.states: Final = [state]
        self.values: Final[list[object]] = []
        self.starts: Final[list[int]] = []
        self.ends: Final[list[int]] = []
        self.depths: Final[list[int]] = []

    def push(self, state: int, value: object, start: int, end: int, depth: int) -> None:
        self.states.append(state)
        self.values.append(value)
        self.starts.append(start)
        self.ends.append(end)
        self.depths.append(depth)


def run(
    tables: Tables, start: str, text: str, offset: int, finish: Finish
) -> Done | Stuck | TooDeep:
    """Read `text`, which stands at `offset` of its file, as what `start` produces."""
    lexer = Lexer(tables, text, offset)
    stack = _Stack(tables.starts[start])
    tokens: list[Token] = []
    brackets: list[Token] = []
    position = offset
    while True:
        row = tables.rows[stack.states[-1]]
        token = lexer.next(position, row)
        action = row.get(token.kind)
        while action is not None and action < 0:
            deep = _finish_rule(tables, ~action, stack, finish, position)
            if deep is not None:
                return TooDeep(*deep, tuple(brackets), tuple(tokens))
            if token.kind == END and stack.states[-1] == tables.ends[start]:
                return Done(stack.values[-1], tuple(tokens))
            action = tables.rows[stack.states[-1]].get(token.kind)
        if action is None:
            return Stuck(
                token, tuple(stack.states), tuple(stack.values), tuple(tokens), tuple(brackets)
            )
        stack.push(action, token, token.start, token.end, 0)
        tokens.append(token)
        position = token.end
        if token.kind in _OPENING:
            brackets.append(token)
            if len(brackets) > MAX_BRACKETS:
                return TooDeep(token.start, token.end, tuple(brackets), tuple(tokens))
        elif token.kind in _CLOSING:
            brackets.pop()


def _finish_rule(
    tables: Tables, rule: int, stack: _Stack, finish: Finish, position: int
) -> tuple[int, int] | None:
    """Replace the top of the stack by the rule's value; where it is, if it is too deep."""
    origin, length, how, builder = tables.rules[rule]
    if length == 1 and how >= PASS:
        del stack.states[-1]
        stack.states.append(tables.gotos[stack.states[-1]][origin])
        return None
    first = len(stack.values) - length
    values = stack.values[first:]
    start = stack.starts[first] if length else position
    end = stack.ends[-1] if length else position
    depth = max(stack.depths[first:], default=0)
    value: object
    if how >= PASS:
        value = values[how - PASS]
        start, end = stack.starts[first + how - PASS], stack.ends[first + how - PASS]
    elif how == SPLICE:
        value = _splice(values)
    else:
        if how == NODE_BEFORE_SEPARATOR:
            del values[-1]
            end = stack.ends[-2]
        assert how in (NODE, NODE_BEFORE_SEPARATOR)
        depth += 1
        if depth > MAX_DEPTH:
            return start, end
        value = finish(builder, _splice(values), start, end)
    for part in (stack.states, stack.values, stack.starts, stack.ends, stack.depths):
        if length:
            del part[-length:]
    stack.push(tables.gotos[stack.states[-1]][origin], value, start, end, depth)
    return None


@final
class Spliced(list[object]):
    """The values of a rule that has no node of its own."""


def _splice(values: list[object]) -> Spliced:
    """The values, with the lists among them laid open; a list that comes first is reused."""
    if values and isinstance(values[0], Spliced):
        flat, rest = values[0], values[1:]
    else:
        flat, rest = Spliced(), values
    for value in rest:
        if isinstance(value, Spliced):
            flat.extend(value)
        else:
            flat.append(value)
    return flat
