"""The parser's tables: made from `kspec.lark` when kspec is built, read back as JSON.

`build` needs lark and takes seconds; `load` needs neither where `tables.json` is beside the grammar
and was made from it. The build loads this file by its path, so it imports nothing of kspec, and
lark only inside `build`. What the tables mean is written at `Tables`; `machine` runs them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Final, TypeAlias, final

FORMAT: Final = 2
"""Counted up when the shape of the JSON changes; tables of another shape are stale."""

STARTS: Final = ("start", "expr_only")
END: Final = "$END"

# How a finished rule is treated by the machine; `PASS + i` hands on its child number i as it is.
NODE: Final = 0
NODE_BEFORE_SEPARATOR: Final = 1
SPLICE: Final = 2
PASS: Final = 3


@final
class Tables:
    """What the machine and the lexer need.

    `rows[s][terminal]` is a state to go to (0 or more) or a rule to finish (`~rule`);
    `gotos[s][nonterminal]` is a state. `rules[r]` is (nonterminal, length, treatment, builder's
    name). `words` and `signs` map a keyword or a sign as it is written to its terminal;
    `patterns` maps every other terminal to its regular expression.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        names: list[str] = data["names"]
        self.rules: Final[list[tuple[str, int, int, str]]] = [
            (names[origin], length, how, names[builder])
            for origin, length, how, builder in data["rules"]
        ]
        self.rows: Final[Mapping[int, Mapping[str, int]]] = _Unfolded(_row, names, data["states"])
        self.gotos: Final[Mapping[int, Mapping[str, int]]] = _Unfolded(_goto, names, data["gotos"])
        self.starts: Final[Mapping[str, int]] = data["starts"]
        self.ends: Final[Mapping[str, int]] = data["ends"]
        self.words: Final[Mapping[str, str]] = data["words"]
        self.signs: Final[Mapping[str, str]] = data["signs"]
        self.patterns: Final[Mapping[str, str]] = data["patterns"]


_How: TypeAlias = Callable[[list[str], list[int]], dict[str, int]]


@final
class _Unfolded(dict[int, Mapping[str, int]]):
    """The states that a text comes to, of many: each is unfolded when it is first looked at."""

    def __init__(self, how: _How, names: list[str], folded: list[str]) -> None:
        super().__init__()
        self._how, self._names, self._folded = how, names, folded

    def __missing__(self, state: int) -> Mapping[str, int]:
        flat = [int(number) for number in self._folded[state].split()]
        self[state] = self._how(self._names, flat)
        return self[state]


def _goto(names: list[str], flat: list[int]) -> dict[str, int]:
    """Nonterminal after nonterminal, each with its state."""
    return {names[flat[i]]: flat[i + 1] for i in range(0, len(flat), 2)}


def _row(names: list[str], flat: list[int]) -> dict[str, int]:
    """Action after action, each with the terminals it is for: [action, count, terminals…, …]."""
    row: dict[str, int] = {}
    i = 0
    while i < len(flat):
        action, count = flat[i], flat[i + 1]
        for terminal in flat[i + 2 : i + 2 + count]:
            row[names[terminal]] = action
        i += 2 + count
    return row


@cache
def load() -> Tables:
    """The tables of the installed grammar: from `tables.json`, or built if it is not up to date."""
    try:
        data = json.loads(_read("tables.json"))
    except OSError:
        data = {}
    if data.get("format") != FORMAT or data.get("grammar") != _hash(_read("kspec.lark")):
        data = build()
    return Tables(data)


def build() -> dict[str, Any]:
    """The tables as JSON: made of dicts with string keys, lists, strings and whole numbers."""
    import lark
    from lark.grammar import Rule
    from lark.lexer import TerminalDef

    grammar = _read("kspec.lark")
    parser = lark.Lark(grammar.decode(), parser="lalr", lexer="contextual", start=list(STARTS))
    data, memo = parser.memo_serialize([TerminalDef, Rule])
    return {
        "format": FORMAT,
        "lark": lark.__version__,
        "grammar": _hash(grammar),
        **_compact(data["parser"], memo),
    }


def _read(name: str) -> bytes:
    """A file beside this one, also inside a zip archive."""
    loader: Any = __spec__.loader
    data: bytes = loader.get_data(__file__.removesuffix("tables.py") + name)
    return data


def _hash(grammar: bytes) -> str:
    return hashlib.sha256(grammar).hexdigest()


def _compact(parser: Mapping[str, Any], memo: Mapping[int, Any]) -> dict[str, Any]:
    """Number everything anew, in an order that depends on the grammar alone."""
    made = parser["parser"]
    tokens: Mapping[int, str] = dict(made["tokens"])
    ids = [k for k, v in memo.items() if v["__type__"] == "Rule"]
    ids.sort(key=lambda k: _spelling(memo[k]))
    rules = [_rule(memo[k]) for k in ids]
    number_of_rule = {k: i for i, k in enumerate(ids)}
    names = sorted({*tokens.values(), *(r[0] for r in rules), *(r[3] for r in rules)})
    number = {name: i for i, name in enumerate(names)}
    states = {
        state: sorted((tokens[token], kind, target) for token, (kind, target) in row.items())
        for state, row in made["states"].items()
    }
    order = _reached(states, [made["start_states"][start] for start in STARTS])
    number_of_state = {state: i for i, state in enumerate(order)}
    nonterminals = {r[0] for r in rules}
    rows, gotos = [], []
    for state in order:
        groups: dict[int, list[int]] = {}
        goto: list[int] = []
        for name, kind, target in states[state]:
            if name in nonterminals:
                goto += [number[name], number_of_state[target]]
            else:
                go = number_of_state[target] if kind == 0 else ~number_of_rule[target["@"]]
                groups.setdefault(go, []).append(number[name])
        rows.append(_folded(x for a, ts in sorted(groups.items()) for x in (a, len(ts), *ts)))
        gotos.append(_folded(goto))
    return {
        "names": names,
        "rules": [[number[r[0]], r[1], r[2], number[r[3]]] for r in rules],
        "states": rows,
        "gotos": gotos,
        "starts": {k: number_of_state[v] for k, v in made["start_states"].items()},
        "ends": {k: number_of_state[v] for k, v in made["end_states"].items()},
        **_terminals(t for t in memo.values() if t["__type__"] == "TerminalDef"),
    }


def _folded(numbers: Iterable[int]) -> str:
    return " ".join(map(str, numbers))


def _reached(states: Mapping[int, list[tuple[str, int, Any]]], starts: list[int]) -> list[int]:
    """All states, in the order in which a search by the names of the symbols comes upon them."""
    order = list(dict.fromkeys(starts))
    seen = set(order)
    for state in order:
        for _, kind, target in states[state]:
            if kind == 0 and target not in seen:
                seen.add(target)
                order.append(target)
    return order


def _spelling(rule: Mapping[str, Any]) -> tuple[str, list[str], str]:
    symbols = [str(symbol["name"]) for symbol in rule["expansion"]]
    return rule["origin"]["name"], symbols, rule["alias"] or ""


def _rule(rule: Mapping[str, Any]) -> tuple[str, int, int, str]:
    origin: str = rule["origin"]["name"]
    symbols = rule["expansion"]
    kept = [i for i, s in enumerate(symbols) if not s.get("filter_out", False)]
    alias: str | None = rule["alias"]
    if alias is None and origin.startswith("_"):
        how = SPLICE
    elif alias is None and rule["options"]["expand1"] and len(kept) == 1:
        how = PASS + kept[0]
    elif symbols and symbols[-1]["name"] in ("COMMA", "SEMICOLON"):
        how = NODE_BEFORE_SEPARATOR
    else:
        how = NODE
    return origin, len(symbols), how, alias or origin


def _terminals(definitions: Any) -> dict[str, dict[str, str]]:
    """Keywords and signs by how they are written; the other terminals by regular expression."""
    words: dict[str, str] = {}
    signs: dict[str, str] = {}
    patterns: dict[str, str] = {}
    for definition in sorted(definitions, key=lambda d: str(d["name"])):
        name, pattern = definition["name"], definition["pattern"]
        value: str = pattern["value"]
        if pattern["__type__"] == "PatternStr":
            (words if re.fullmatch(r"\w+", value) else signs)[value] = name
        elif re.fullmatch(r"(\\?[^\w\s\\()\[\]*?{}])+(\|(\\?[^\w\s\\()\[\]*?{}])+)*", value):
            signs |= {text.replace("\\", ""): name for text in value.split("|")}
        else:
            patterns[name] = value
    return {"words": words, "signs": signs, "patterns": patterns}
