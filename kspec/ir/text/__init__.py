"""Systems as text, both ways: the grammar is in `whole`, where to begin.

`sexpr` makes nested lists of characters; `sorts`, `expressions`, `claims` and `systems` make of
them what their names say.
"""

from kspec.ir.text.whole import (
    Expressions,
    TextError,
    parse_expr,
    parse_system,
    print_expr,
    print_system,
)

__all__ = ["Expressions", "TextError", "parse_expr", "parse_system", "print_expr", "print_system"]
