"""A `System` as text, both ways: `parse_system(print_system(s)) == s`, spans included.

The text is one S-expression (`sexpr`): words, JSON strings, lists; `;` begins a comment. Printing
the same system gives the same bytes. What is read need not be well-formed: that is `validate`'s.

NAME is a bare word `[A-Za-z_][A-Za-z0-9_.'~$/-]*` other than `true` and `false`, or any string as
a JSON string; STRING is a JSON string; INT a decimal. `X*` any number, `X?` at most one. Clauses
of a system or an action may come in any order between kinds; within a kind the order counts, and
a pool, enum or record comes before what uses it.

    SYSTEM    = (system NAME CLAUSE*)
    CLAUSE    = (files STRING*)                       ; file names that spans refer to by place
              | (pool NAME INT NAME*)                 ; size, names; NAME is also its sort
              | (enum TAG (NAME*) NAME?)              ; cases; own name where it is not TAG
              | (record TAG ((NAME SORT)*) NAME?)     ; fields; own name where it is not TAG
              | (const NAME SORT VALUE)
              | (var NAME SORT ROLE NAME NAME)        ; role, owner, label
              | (init (BINDER*) EXPR (NAME EXPR)*)    ; params, where, assignments
              | (action NAME NAME ORIGIN FAIRNESS PART*)                  ; name, owner
              | (property NAME CLAIM (sentence STRING)? SPAN?)
              | (well-formed EXPR)
              | (view NAME NAME (BINDER*) EXPR (NAME EXPR)*)  ; controller, kind, instance,
                                                      ; lag, fields
              | (assume STRING) | (bound STRING)
    PART      = (params BINDER*) | (choices BINDER*) | (let NAME EXPR) | (cut EXPR)
              | (when EXPR (because WORDS*)? SPAN?)   ; a conjunct of the guard
              | (set (NAME STEP*) EXPR (for BINDER*)? (if EXPR)? (live EXPR)? SPAN?)
              | (reason STRING) | (event WORDS*) | SPAN
    STEP      = EXPR | (field NAME)                   ; an index, or a field
    WORDS     = STRING | (of EXPR)                    ; a template
    SPAN      = @INT:INT-INT                          ; file (place in files), start, end
    CLAIM     = (invariant EXPR) | (on-steps CASE*) | (reachable EXPR) | (no-deadlock)
              | (settles NAME*) | (oscillates NAME*) | (temporal FORMULA)
    CASE      = (on NAME EXPR)                        ; sees the action's params, choices and lets
    FORMULA   = (holds EXPR) | (steps CASE*) | (not FORMULA) | (and FORMULA*) | (or FORMULA*)
              | (always FORMULA) | (eventually FORMULA) | (until FORMULA FORMULA)
              | (unchanged EXPR) | (each-life BINDER EXPR FORMULA) | (each-value BINDER FORMULA)
    SORT      = TAG | (bool) | (int INT INT) | (id NAME INT) | (opt SORT) | (set SORT)
              | (map SORT SORT) | (seq SORT INT)
    VALUE     = true | false | INT                    ; of bool; of int
              | NAME                                  ; a case; an identity by its pool's name
              | INT                                   ; an identity its pool has no name for
              | () | (VALUE)                          ; an option: nothing, something
              | (VALUE*)                              ; fields in order; elements; map values in the
                                                      ; order of the keys; items of a sequence
    BINDER    = (NAME SORT)
    EXPR      = true | false | INT                    ; INT n is of sort (int n n)
              | NAME                                  ; the innermost bound name, else declared
              | (the SORT VALUE) | (old NAME)
              | (ref NAME SORT) | (local NAME SORT) | (old NAME SORT)  ; where scope does not tell
              | (let (NAME EXPR) EXPR)
              | (not E) | (and E*) | (or E*) | (if E E E) | (= E E) | (< E E) | (<= E E)
              | (+ E E) | (- E E) | (* E E) | (div E E) | (mod E E) | (min E E) | (max E E)
              | (just E) | (is-just E) | (else E E)                  ; options
              | (make TAG E*) | (. E NAME) | (with E NAME E)         ; records
              | (set SORT E*) | (contains SET E) | (union E E) | (inter E E) | (minus E E)
              | (subset E E) | (set-of BINDER E)                     ; sets
              | (map BINDER E) | (get E KEY) | (put E KEY E)         ; maps
              | (seq SORT E*) | (len E) | (at E INDEX DEFAULT) | (concat E E)
              | (fold (NAME SORT INIT) (NAME SEQ) BODY)              ; accumulator, element
              | (all BINDER E) | (some BINDER E) | (count BINDER E)
              | (sum BINDER COND TERM) | (min-of BINDER COND TERM) | (max-of BINDER COND TERM)
              | (first BINDER E) | (best BINDER COND KEY*) | (sorted BINDER COND KEY*)

ROLE, ORIGIN and FAIRNESS are the values of `Role`, `Origin` and `Fairness`. Where (for), (if) or
(live) is missing it is no binder, `true`, `true`. A bound name hides a declared one of its name.
"""

from __future__ import annotations

from typing import final

from attrs import evolve

from kspec.base.source import LineIndex
from kspec.ir.expr import Expr
from kspec.ir.system import System
from kspec.ir.text.expressions import Scope, read_expr, write_expr
from kspec.ir.text.sexpr import Group, Misread, read, write
from kspec.ir.text.sorts import SortNames
from kspec.ir.text.systems import read_system, scope_of, write_body, write_system


@final
class TextError(Exception):
    """Text that is no system: what is wrong, and the line and column (from 1) where."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(f"{line}:{column}: {message}")
        self.message = message
        self.line = line
        self.column = column


def print_system(system: System) -> str:
    """The text of a system, ending in a newline.

    Raises `ValueError` if a literal or a constant is not of its sort.
    """
    return write(write_system(system))


def parse_system(text: str) -> System:
    """The system that a text stands for. Raises `TextError`."""
    try:
        nodes = read(text)
        if len(nodes) != 1 or not isinstance(nodes[0], Group):
            raise Misread(nodes[1].offset if len(nodes) > 1 else 0, "one list is wanted")
        return read_system(nodes[0])
    except Misread as error:
        raise _located(error, text) from None


@final
class Expressions:
    """Expressions about the states of one system, to texts and back. What names mean is found out
    once, which takes as long as writing the system."""

    def __init__(self, system: System) -> None:
        self._name = system.name
        self._scope = _scope(system)

    def text(self, expr: Expr) -> str:
        """The text of an expression, without a newline at its end.

        Raises `ValueError` if it is of a sort that the system does not know, or a literal is not of
        its own.
        """
        known = len(self._scope.names.declarations)
        node = write_expr(expr, self._scope)
        if len(self._scope.names.declarations) > known:
            unknown = self._scope.names.declarations[known:]
            raise ValueError(f"{self._name} has no such sorts: {unknown}")
        return write(node).rstrip("\n")

    def expr(self, text: str) -> Expr:
        """The expression that a text stands for: the inverse of `text`. Raises `TextError`; whether
        it is well-sorted is `validate`'s to say."""
        try:
            nodes = read(text)
            if len(nodes) != 1:
                raise Misread(nodes[1].offset if nodes else 0, "one expression is wanted")
            return read_expr(nodes[0], self._scope)
        except Misread as error:
            raise _located(error, text) from None


def print_expr(expr: Expr, system: System) -> str:
    """The text of one expression; see `Expressions.text`."""
    return Expressions(system).text(expr)


def parse_expr(text: str, system: System) -> Expr:
    """The expression of one text; see `Expressions.expr`."""
    return Expressions(system).expr(text)


def _scope(system: System) -> Scope:
    """What names mean in a system; sorts are called what its text calls them, which does not depend
    on its properties."""
    bare = evolve(system, properties=(), views=())
    scope = scope_of(bare, SortNames(bare.pools))
    for _ in write_body(bare, scope):
        pass
    return scope


def _located(error: Misread, text: str) -> TextError:
    line, column = LineIndex(text).position(error.offset)
    return TextError(error.message, line, column)


__all__ = ["Expressions", "TextError", "parse_expr", "parse_system", "print_expr", "print_system"]
