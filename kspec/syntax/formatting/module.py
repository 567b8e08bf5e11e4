"""The canonical text of a module: the same tree, the same comments, one way to write it.

Parsing the text gives the tree back (but for spans), and formatting it again the same text. Lines
are at most 110 wide where that is possible; what stood in braces on one line stays there if it
fits. What is written how is in the other modules here; `sheet` keeps comments and empty lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from kspec.syntax import ast
from kspec.syntax.formatting.declarations import behaviour, claim_decl, data_decl
from kspec.syntax.formatting.doc import Doc, render
from kspec.syntax.formatting.scenarios import scenario, scenario_item
from kspec.syntax.formatting.sheet import Child, Sheet
from kspec.syntax.parse import Comment

WIDTH: Final = 110
"""The length of a line, in characters."""


def format_module(
    module: ast.Module, text: str | None = None, comments: Sequence[Comment] = ()
) -> str:
    """The canonical text.

    `text` and `comments` are those `module` was parsed from; without them the tree alone decides.
    """
    s = Sheet(text, comments)
    docs: list[Doc] = []
    if module.doc is not None:
        docs.append(f'"""{module.doc}"""')
    children: list[Child] = []
    for i, it in enumerate(module.items):
        behind = module.items[i + 1] if i + 1 < len(module.items) else None
        can_go_on = isinstance(it, ast.FnDecl | ast.ParamDecl)
        sep = ";" if can_go_on and isinstance(behind, ast.OnCluster | ast.WithSettings) else ""
        children.append(Child(it.span, partial(item, s, it), sep))
    docs += [s.lines(children, behind=module.doc is not None), s.rest()]
    made = render(tuple(docs), WIDTH).strip("\n")
    return f"{made}\n" if made else ""


def item(s: Sheet, it: ast.Item) -> Doc:
    """An item of a file."""
    match it:
        case ast.Import(paths):
            return f"import {', '.join(path.text for path in paths)}"
        case (
            ast.EnumDecl()
            | ast.AliasDecl()
            | ast.RecordDecl()
            | ast.MixinDecl()
            | ast.KindDecl()
            | ast.ExtendDecl()
            | ast.ParamDecl()
            | ast.UniverseDecl()
            | ast.FnDecl()
            | ast.EffectDecl()
        ):
            return data_decl(s, it)
        case (
            ast.ControllerDecl()
            | ast.EnvironmentDecl()
            | ast.FaultDecl()
            | ast.RecoveryDecl()
            | ast.GhostDecl()
        ):
            return behaviour(s, it)
        case ast.PropertyDecl() | ast.LawDecl() | ast.VectorsDecl():
            return claim_decl(s, it)
        case ast.ScenarioDecl():
            return scenario(s, it)
        case _:
            return scenario_item(s, it)
