"""Runs the parser's tables over a text and builds bottom-up, without recursion.

The machine knows no rule of the language: the lexer reads tokens, `finish` makes a value of every
finished rule. It stops at the first token that cannot stand where it does and says what it knows
of that place; `explain` and `recover` make something of that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeAlias, final

from kspec.base.record import frozen
from kspec.syntax.lexer import Lexer, Token
from kspec.syntax.tables import END, NODE_BEFORE_SEPARATOR, PASS, SPLICE, Tables

MAX_BRACKETS: Final = 150
"""How deep brackets may be nested."""

MAX_DEPTH: Final = 150
"""How deep an expression, statement or piece of data may be nested, chains of operators counted.

Whatever walks the tree afterwards may recurse.
"""

MAX_OPEN: Final = 20 * MAX_DEPTH
"""How much may be read without being finished: more than what is not too deep ever leaves open."""

Finish: TypeAlias = Callable[[str, list[object], int, int], object]
"""(rule, its tokens and values in order, start, end) to the rule's value."""

_OPENING: Final = frozenset({"LPAR", "LBRACE", "LSQB"})
_CLOSING: Final = frozenset({"RPAR", "RBRACE", "RSQB"})


class Part(NamedTuple):
    """Something read, but not part of anything finished yet: a token, or None for a rule."""

    token: Token | None
    start: int
    end: int


@final
@frozen
class Stuck:
    """`token` cannot stand where it does.

    `stack` is what was read before it, `expected` every terminal that could stand there, `before`
    all tokens before it, and `open` those of them that are brackets not closed yet.
    """

    token: Token
    stack: tuple[Part, ...]
    expected: frozenset[str]
    before: tuple[Token, ...]
    open: tuple[Token, ...]


@final
@frozen
class TooDeep:
    """What stands from `start` to `end` is nested too deep."""

    start: int
    end: int
    before: tuple[Token, ...]


@final
@frozen
class Done:
    """The value of the start rule, and every token."""

    value: object
    tokens: tuple[Token, ...]


@final
class Stack:
    """States, and for each but the first: a value, where it starts and ends, how deep it is."""

    def __init__(self, state: int) -> None:
        self.states: Final = [state]
        self.values: Final[list[object]] = []
        self.starts: Final[list[int]] = []
        self.ends: Final[list[int]] = []
        self.depths: Final[list[int]] = []

    def push(self, state: int, value: object, start: int, end: int, depth: int) -> None:
        """Put a token or a finished rule on top."""
        self.states.append(state)
        self.values.append(value)
        self.starts.append(start)
        self.ends.append(end)
        self.depths.append(depth)

    def pop(self, count: int) -> None:
        """Take so many off the top."""
        if count:
            for column in (self.states, self.values, self.starts, self.ends, self.depths):
                del column[-count:]


def run(
    tables: Tables, start: str, text: str, offset: int, finish: Finish
) -> Done | Stuck | TooDeep:
    """Read `text`, which stands at `offset` of its file, as what `start` produces."""
    lexer = Lexer(tables, text, offset)
    stack = Stack(tables.starts[start])
    tokens: list[Token] = []
    brackets: list[Token] = []
    while True:
        position = tokens[-1].end if tokens else offset
        row = tables.rows[stack.states[-1]]
        token = lexer.next(position, row)
        if row.get(token.kind, 0) < 0 and tables.words.get(token.text) == token.kind:
            token = _word(tables, start, stack.states, token)
        outcome = _read(tables, stack, token, finish, tables.ends[start])
        if token.kind == END and outcome is True:
            return Done(stack.values[-1], tuple(tokens))
        if isinstance(outcome, Part):
            return TooDeep(outcome.start, outcome.end, tuple(tokens))
        if not outcome:
            return _stuck(tables, start, token, tokens, brackets)
        tokens.append(token)
        if len(stack.values) > MAX_OPEN:
            return TooDeep(token.start, token.end, tuple(tokens))
        if token.kind in _OPENING:
            brackets.append(token)
            if len(brackets) > MAX_BRACKETS:
                return TooDeep(token.start, token.end, tuple(tokens))
        elif token.kind in _CLOSING:
            brackets.pop()


def _word(tables: Tables, start: str, states: Sequence[int], token: Token) -> Token:
    """A keyword, or a name where only a name can stand although the row allows the keyword."""
    if not _fits(tables, start, states, token.kind) and _fits(tables, start, states, "NAME"):
        return token._replace(kind="NAME")
    return token


def _read(tables: Tables, stack: Stack, token: Token, finish: Finish, end: int) -> bool | Part:
    """Finish what `token` finishes, then put it on the stack, unless it is the end.

    False if it cannot stand there; a `Part` that is too deep.
    """
    action = tables.rows[stack.states[-1]].get(token.kind)
    while action is not None and action < 0:
        deep = _finish_rule(tables, ~action, stack, finish, token.start)
        if deep is not None:
            return deep
        if token.kind == END and stack.states[-1] == end:
            return True
        action = tables.rows[stack.states[-1]].get(token.kind)
    if action is None:
        return False
    stack.push(action, token, token.start, token.end, 0)
    return True


def _finish_rule(
    tables: Tables, rule: int, stack: Stack, finish: Finish, position: int
) -> Part | None:
    """Replace the top of the stack by the rule's value; where it is, if it is too deep."""
    origin, length, how, builder = tables.rules[rule]
    if length == 1 and how >= PASS:
        stack.states.pop()
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
        depth += 1
        if depth > MAX_DEPTH:
            return Part(None, start, end)
        value = finish(builder, _splice(values), start, end)
    stack.pop(length)
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


def _stuck(
    tables: Tables, start: str, token: Token, tokens: Sequence[Token], brackets: Sequence[Token]
) -> Stuck:
    """Go there once more, but stop before the token finishes anything that it should not."""
    stack = Stack(tables.starts[start])
    for before in tokens:
        _read(tables, stack, before, lambda *_: None, -1)
    parts = tuple(
        Part(v if isinstance(v, Token) else None, s, e)
        for v, s, e in zip(stack.values, stack.starts, stack.ends, strict=True)
    )
    row = tables.rows[stack.states[-1]]
    expected = frozenset(t for t in row if _fits(tables, start, stack.states, t))
    return Stuck(token, parts, expected, tuple(tokens), tuple(brackets))


def _fits(tables: Tables, start: str, states: Sequence[int], terminal: str) -> bool:
    """Would this terminal be read after finishing what it finishes?"""
    kept = len(states)
    added: list[int] = []
    while True:
        action = tables.rows[added[-1] if added else states[kept - 1]].get(terminal)
        if action is None or action >= 0:
            return action is not None
        origin, length, _, _ = tables.rules[~action]
        below = length - len(added)
        if below > 0:
            kept -= below
            added.clear()
        else:
            del added[len(added) - length :]
        added.append(tables.gotos[added[-1] if added else states[kept - 1]][origin])
        if terminal == END and added[-1] == tables.ends[start]:
            return True
