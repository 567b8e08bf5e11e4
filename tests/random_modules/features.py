"""What occurs in a random module: nodes of the typed tree, and words of its text."""

from __future__ import annotations

import re

from kspec.analysis.typed import Program, TComp, TPrim
from kspec.base.node import nodes

NODES = [
    "CAlways",
    "CNoDeadlock",
    "COn",
    "CReachable",
    "OverKind",
    "OverRange",
    "OverSet",
    "OverType",
    "TAssign",
    "TBefore",
    "TBind",
    "TCall",
    "TChoose",
    "TComp",
    "TDelete",
    "TField",
    "TForStmt",
    "TGet",
    "TGhostRule",
    "TGuard",
    "TIf",
    "TIfStmt",
    "TLet",
    "TLetGuard",
    "TLit",
    "TLive",
    "TLookup",
    "TMap",
    "TMatch",
    "TNew",
    "TOrElse",
    "TParam",
    "TPrim",
    "TRecord",
    "TRefField",
    "TRequire",
    "TSeen",
    "TSet",
    "TState",
    "TTimer",
    "TVar",
    "TWatch",
]
"""Classes of the typed tree that a module may contain; the others have no dynamics of their own."""

COMPS = ["all", "some", "no", "one", "count", "sum", "min", "max", "set"]
PRIMS = [
    "not",
    "and",
    "or",
    "implies",
    "==",
    "<",
    "<=",
    "+",
    "-",
    "min",
    "max",
    "in",
    "union",
    "minus",
    "inter",
    "exists",
    "live?",
    "age",
    "off?",
    "due?",
    "on?",
    "concat",
]

WORDS = {
    "address by name": r" by name",
    "address by uid": r" by uid",
    "address if unchanged": r" if unchanged",
    "instances": r"controller \w+ for s",
    "memory": r"^  memory ",
    "local": r"^  local m",
    "local field": r"^  local f",
    "fixed field": r"^  fixed ",
    "const field": r"^  const ",
    "key": r" key name",
    "api kind": r" from v1",
    "kind outside the API": r"^kind K\d( key name)? \{",
    "ordered": r"ordered \{",
    "next": r"^    next ",
    "next each": r"next each",
    "next when": r"next (each .*: )?when",
    "two later steps": r"next .*\n(    refused .*\n)?    next ",
    "refused": r"^    refused ",
    "guard that binds": r"when .* as b\d+",
    "let": r"^    let ",
    "filtered watch": r"watches .*where",
    "several watches": r"watches [^\n]*,",
    "parameter of a set": r"\(.*p\d+ in .*\)",
    "fault": r"^fault ",
    "recovery": r"^recovery ",
    "restart": r"^ *restart c",
    "lossy": r"lossy_api",
    "stale, lag 1": r"lag 1",
    "stale, lag 2": r"lag 2",
    "servers": r"servers 2",
    "servers with a filtered watch": r"controller (c\d).*\n  watches .*where(.|\n)*stale_cache \1 .*servers",
    "budget of an action": r"^run .*at most",
    "budget of a fault": r"^  d\d at most",
    "fault without budget": r"^  d\d;?$",
    "any": r": any[ ,]",
    "any of": r": any of",
    "assume": r"^assume",
    "timed": r"^time timed",
    "untimed": r"^time untimed",
    "deadline on a clock": r"^    within (.|\n)*^time timed",
    "deadline without a clock": r"^    within (.|\n)*^time untimed",
    "timer": r": timer",
    "map of timers": r"to timer",
    "record": r"^record",
    "param": r"^param",
    "setting": r"^with",
    "effect": r"^effect",
    "set of a kind": r"set of K",
    "reference": r": K\d\?",
    "option": r": (bool|E\d|\d\.\.\d)\?",
    "set": r": set of (E|\d)",
    "partial map": r"map from .* = \{",
    "total map": r"map from .* = [^{\n]",
    "map from a kind": r"map from K",
    "template": r"\.name\}-\d",
    "ghost": r"^ghost",
    "property of a step with where": r"^property .*: on .* where",
    "no deadlock": r"no deadlock",
    "blocking fault": r"^fault d9 blocks",
    "yields": r"^    yields ",
    "name of a kind": r"name of K\d\?",
    "amount": r": cpu",
    "list": r"list at most",
    "record with": r"\.?\w+ with \{",
    "two controllers": r"controller c1",
    "fair environment": r"action \w+(\(.*\))? fair",
}


def features(text: str, program: Program) -> frozenset[str]:
    """The names of what occurs, each once."""
    found = {type(node).__name__ for node in nodes(program, object)}
    found |= {f"comp {node.kind.value}" for node in nodes(program, TComp)}
    found |= {f"prim {node.op}" for node in nodes(program, TPrim)}
    found |= {name for name, pattern in WORDS.items() if re.search(pattern, text, re.MULTILINE)}
    return frozenset(found)


def wanted() -> frozenset[str]:
    """The names of everything that must occur."""
    return frozenset(
        (*NODES, *(f"comp {name}" for name in COMPS), *(f"prim {name}" for name in PRIMS), *WORDS)
    )
