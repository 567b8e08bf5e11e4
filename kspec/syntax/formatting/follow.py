"""What may stand behind an expression, as far as it matters for parentheses."""

from __future__ import annotations

from typing import Final

CLOSE: Final = 0
"""Something that ends it: a closing bracket, a word, the end of a line."""
COMMA: Final = 1
"""A comma, or `:`."""
BAR: Final = 2
"""`|` or `where`."""
INNER: Final = 3
"""An operator."""
