"""Every diagnostic code: a slug, one line on what it is about, the version that brought it.

A slug is never reused for something else. To add one, write a constant here and, once something
reports it, a page `docs/errors/<slug>.md` whose program reports exactly that. Messages are made
where the mistake is found (see `diagnostic`), not here.
"""

from __future__ import annotations

from typing import Final, final

from kspec.base.record import frozen


@final
@frozen
class Code:
    """What a kind of mistake is called: `slug` in lower-case words joined by hyphens."""

    slug: str
    summary: str
    since: str


# Reading a program.
UNEXPECTED_TEXT: Final = Code("unexpected-text", "something stands where it cannot", "0.1")
UNCLOSED_BLOCK: Final = Code("unclosed-block", "a bracket or brace is never closed", "0.1")
UNEXPECTED_END: Final = Code("unexpected-end", "the file ends in the middle of something", "0.1")
BAD_LITERAL: Final = Code("bad-literal", "a number, text or quantity that cannot be read", "0.1")
NESTED_TOO_DEEP: Final = Code("nested-too-deep", "brackets or operators nested too deep", "0.1")
FOREIGN_SIGN: Final = Code("foreign-sign", "a sign or word that other languages use", "0.1")
MISSING_OPERAND: Final = Code("missing-operand", "a word or sign without what it works on", "0.1")
CHAINED_COMPARISON: Final = Code("chained-comparison", "three things compared at once", "0.1")
UNKNOWN_WORD: Final = Code("unknown-word", "a word that begins nothing where it stands", "0.1")

# What names mean.
UNKNOWN_NAME: Final = Code("unknown-name", "a name that nothing declares", "0.1")
DUPLICATE_NAME: Final = Code("duplicate-name", "a name that is declared twice", "0.1")
UNKNOWN_FIELD: Final = Code("unknown-field", "a field that a kind or record does not have", "0.1")
UNKNOWN_PROPERTY: Final = Code("unknown-property", "a check of a property nobody wrote", "0.1")
UNKNOWN_KIND: Final = Code("unknown-kind", "an object of a kind that no model describes", "0.1")
BAD_IMPORT: Final = Code("bad-import", "an import that leads nowhere", "0.1")
IMPORT_CYCLE: Final = Code("import-cycle", "files that import each other in a circle", "0.1")

# What expressions are.
TYPE_MISMATCH: Final = Code("type-mismatch", "two things of different types meet", "0.1")
WRONG_ARITY: Final = Code("wrong-arity", "too many or too few arguments", "0.1")
UNIT_MISMATCH: Final = Code("unit-mismatch", "quantities of different units meet", "0.1")
MISSING_ELSE: Final = Code("missing-else", "a value that may be absent, without `else`", "0.1")
AMBIGUOUS_CHOICE: Final = Code("ambiguous-choice", "a choice whose ties are not broken", "0.1")

# What actions may do.
MULTI_WRITE: Final = Code("multi-write", "a controller step that writes several objects", "0.1")
MISSING_ADDRESSING: Final = Code(
    "missing-addressing", "a write that does not say how it finds its object", "0.1"
)
NOT_A_CHOICE_PLACE: Final = Code(
    "not-a-choice-place", "a free choice outside `init` and `do`", "0.1"
)

# What a scope can hold.
UNBOUNDED_NAMES: Final = Code("unbounded-names", "names without a finite list of them", "0.1")
CANNOT_LOWER: Final = Code("cannot-lower", "something that a finite state cannot hold", "0.1")
GCD_TOO_FINE: Final = Code("gcd-too-fine", "values whose common measure is too small", "0.1")
OUT_OF_RANGE: Final = Code("out-of-range", "a value outside the range of its place", "0.1")
NOT_VALID: Final = Code("not-valid", "an object that the API server would not admit", "0.1")
TOO_MANY_STARTS: Final = Code(
    "too-many-starts", "too many free initial values to go through", "0.1"
)
NOT_MODELLED: Final = Code("not-modelled", "something that kspec does not model", "0.1")
NOT_EXACT: Final = Code(
    "not-exact", "with --strict: something in a manifest that no model reads exactly", "0.1"
)

# Manifests.
YAML_SYNTAX: Final = Code("yaml-syntax", "a manifest that is not well-formed", "0.1")
YAML_DUPLICATE_KEY: Final = Code("yaml-duplicate-key", "a key that is written twice", "0.1")
YAML_ALIAS_BOMB: Final = Code(
    "yaml-alias-bomb", "aliases that repeat too much, or contain themselves", "0.1"
)
YAML_TOO_DEEP: Final = Code("yaml-too-deep", "a manifest nested beyond reason", "0.1")
QUANTITY_SYNTAX: Final = Code("quantity-syntax", "an amount that Kubernetes cannot read", "0.1")
DURATION_SYNTAX: Final = Code("duration-syntax", "a duration that cannot be read", "0.1")

# What the checker adds.
RECURSIVE_FUNCTION: Final = Code("recursive-function", "a function that needs itself", "0.1")
AMBIGUOUS_NAME: Final = Code("ambiguous-name", "a name that several declarations could mean", "0.1")
NOT_A_VALUE: Final = Code("not-a-value", "a claim over time where a value is wanted", "0.1")
NO_TEMPORAL_WORD: Final = Code(
    "no-temporal-word", "a property that says neither always nor eventually", "0.1"
)
NOT_ALLOWED_HERE: Final = Code(
    "not-allowed-here", "a form that has no meaning where it stands", "0.1"
)
MISSING_FIELD: Final = Code("missing-field", "a value that is needed and not given", "0.1")
MATCH_NOT_TOTAL: Final = Code("match-not-total", "a `match` that leaves values out", "0.1")
INFINITE_CHOICE: Final = Code("infinite-choice", "a choice among infinitely many", "0.1")
UNCLEAR_REACH: Final = Code(
    "unclear-reach", "an `always` or `eventually` whose reach can be read in two ways", "0.1"
)
CONST_WRITTEN: Final = Code("const-written", "an action that writes what never changes", "0.1")

# Files and commands.
UNREADABLE_FILE: Final = Code("unreadable-file", "a file that cannot be read", "0.1")
OUTSIDE_DIRECTORY: Final = Code(
    "outside-directory", "a path that leaves the directory it is allowed in", "0.1"
)

CODES: Final[dict[str, Code]] = {
    code.slug: code
    for code in sorted(
        (value for value in tuple(globals().values()) if isinstance(value, Code)),
        key=lambda code: code.slug,
    )
}
"""Every constant above, by slug, in the order of the slugs."""
