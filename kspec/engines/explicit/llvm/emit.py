"""LLVM assembly, one function at a time, with constants folded while it is written.

An `Op` is a number or a name with a width. Pure instructions are numbered: writing the same one
twice where the first dominates gives the first. This module knows nothing of sorts or systems.
Text is written because it is several times faster to make than objects and is what
`--emit-llvm` shows. Next: `code.values`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import final

from kspec.engines.explicit.llvm.operand import (
    FALSE,
    TRUE,
    Op,
    compare_constants,
    fold,
    in_order,
    number,
    signed,
    type_name,
)


@final
class Globals:
    """What stands outside the functions of a module: declarations and constant tables."""

    def __init__(self) -> None:
        self._lines: dict[str, None] = {}
        self._tables: dict[tuple[int, int], Op] = {}

    def need(self, line: str) -> None:
        """A line that is written once, however often it is needed."""
        self._lines[line] = None

    def table(self, value: int, words: int) -> Op:
        """The address of a constant, least significant word first, two zero words at the end."""
        key = (value, words)
        if key not in self._tables:
            name = f"@table.{len(self._tables)}"
            parts = [number(64, value >> (64 * i)).typed for i in range(words + 2)]
            kind = "internal unnamed_addr constant"
            self.need(f"{name} = {kind} [{words + 2} x i64] [{', '.join(parts)}], align 8")
            self._tables[key] = Op(0, name)
        return self._tables[key]

    def text(self) -> str:
        """All lines."""
        return "\n".join(self._lines) + "\n"


def clean(name: str) -> str:
    """A name that LLVM takes without quotes."""
    return re.sub(r"[^A-Za-z0-9_.]", "_", name)


@final
class Emitter:
    """Writes one function. `place` and the branch methods keep track of the current block.

    INVARIANT: a name in the numbering table was defined in a block that dominates the current
    one. `scope` guards code that is not always executed.
    """

    def __init__(self, signature: str, globals_: Globals, unroll: int = 16) -> None:
        """`unroll`: `repeat` writes out at most so many rounds."""
        self.unroll = unroll
        self.signature = signature
        self.globals = globals_
        self.block = "entry"
        self._lines: list[str] = []
        self._allocas: list[str] = []
        self._next = 0
        self._known: list[dict[tuple[object, ...], Op]] = [{}]
        self.on_scope: list[Callable[[bool], None]] = []

    # ---- names, blocks, scopes ----------------------------------------------------------------

    def fresh(self, hint: str = "v") -> str:
        """A new local name."""
        self._next += 1
        return f"%{hint}.{self._next}"

    def label(self, hint: str) -> str:
        """A new block name, not yet placed."""
        self._next += 1
        return f"{clean(hint)}.{self._next}"

    def line(self, text: str) -> None:
        """One instruction, as it is."""
        self._lines.append("  " + text)

    def comment(self, text: str) -> None:
        """A comment that names what the next instructions come from."""
        self._lines.append("  ; " + text.replace("\n", " "))

    def place(self, label: str) -> None:
        """Begin a block."""
        self._lines.append(f"{label}:")
        self.block = label

    def enter(self) -> None:
        """Begin code that is not always executed."""
        self._known.append({})
        for hook in self.on_scope:
            hook(True)

    def leave(self) -> None:
        """End it."""
        self._known.pop()
        for hook in self.on_scope:
            hook(False)

    def text(self) -> str:
        """The whole function."""
        body = "\n".join(self._lines)
        head = "\n".join(self._allocas)
        return f"define {self.signature} {{\nentry:\n{head}\n{body}\n}}\n"

    # ---- pure instructions --------------------------------------------------------------------

    def _pure(self, key: tuple[object, ...], bits: int, text: str) -> Op:
        for known in reversed(self._known):
            if key in known:
                return known[key]
        op = Op(bits, self.fresh())
        self.line(f"{op.ref} = {text}")
        self._known[-1][key] = op
        return op

    def binary(self, name: str, a: Op, b: Op) -> Op:
        """An integer operation on operands of the same width."""
        if a.bits != b.bits:
            raise ValueError(f"{name} of i{a.bits} and i{b.bits}")
        a, b = in_order(name, a, b)
        folded = fold(name, a, b)
        if folded is not None:
            return folded
        text = f"{name} {a.typed}, {b.ref}"
        return self._pure((name, a, b), a.bits, text)

    def add(self, a: Op, b: Op) -> Op:
        """`a + b`."""
        return self.binary("add", a, b)

    def sub(self, a: Op, b: Op) -> Op:
        """`a - b`."""
        return self.binary("sub", a, b)

    def mul(self, a: Op, b: Op) -> Op:
        """`a * b`."""
        return self.binary("mul", a, b)

    def both(self, a: Op, b: Op) -> Op:
        """Bitwise and."""
        return self.binary("and", a, b)

    def either(self, a: Op, b: Op) -> Op:
        """Bitwise or."""
        return self.binary("or", a, b)

    def flip(self, a: Op) -> Op:
        """Bitwise complement."""
        return self.binary("xor", a, number(a.bits, -1))

    def up(self, a: Op, by: int | Op) -> Op:
        """Shift left; `by` is less than the width."""
        return self.binary("shl", a, number(a.bits, by) if isinstance(by, int) else by)

    def down(self, a: Op, by: int | Op) -> Op:
        """Shift right, zeros coming in; `by` is less than the width."""
        return self.binary("lshr", a, number(a.bits, by) if isinstance(by, int) else by)

    def compare(self, name: str, a: Op, b: Op) -> Op:
        """`eq ne ult ule slt sle`, one bit."""
        if a.const is not None and b.const is not None:
            return TRUE if compare_constants(name, a.bits, a.const, b.const) else FALSE
        if a == b:
            return TRUE if name in ("eq", "ule", "sle") else FALSE
        return self._pure((name, a, b), 1, f"icmp {name} {a.typed}, {b.ref}")

    def select(self, cond: Op, a: Op, b: Op) -> Op:
        """`a` if `cond`, else `b`."""
        if cond.const is not None:
            return a if cond.const else b
        if a == b:
            return a
        if a.bits == 1 and a.const is not None and b.const is not None:
            return cond if a.const else self.flip(cond)
        return self._pure(
            ("select", cond, a, b), a.bits, f"select {cond.typed}, {a.typed}, {b.typed}"
        )

    def resize(self, a: Op, bits: int, sign: bool = False) -> Op:
        """The same number in another width; `sign` when it is two's complement."""
        if a.bits == bits:
            return a
        if a.const is not None:
            return number(bits, signed(a.bits, a.const) if sign else a.const)
        if bits < a.bits:
            return self._pure(("trunc", a, bits), bits, f"trunc {a.typed} to i{bits}")
        name = "sext" if sign else "zext"
        return self._pure((name, a, bits), bits, f"{name} {a.typed} to i{bits}")

    def mask(self, a: Op, bits: int) -> Op:
        """The low bits only, width unchanged."""
        return a if bits >= a.bits else self.both(a, number(a.bits, (1 << bits) - 1))

    def popcount(self, a: Op) -> Op:
        """How many bits are set, in the same width."""
        if a.const is not None:
            return number(a.bits, a.const.bit_count())
        name = f"@llvm.ctpop.i{a.bits}"
        self.globals.need(f"declare i{a.bits} {name}(i{a.bits})")
        return self._pure(("ctpop", a), a.bits, f"call i{a.bits} {name}({a.typed})")

    # ---- memory -------------------------------------------------------------------------------

    def alloca(self, count_bytes: int, hint: str = "m") -> Op:
        """Memory of the function, aligned to a word."""
        name = self.fresh(clean(hint))
        self._allocas.append(f"  {name} = alloca [{count_bytes} x i8], align 8")
        return Op(0, name)

    def cell(self, hint: str, bits: int = 64) -> Op:
        """Memory for one number; LLVM turns it into registers."""
        name = self.fresh(clean(hint))
        self._allocas.append(f"  {name} = alloca i{bits}, align 8")
        return Op(0, name)

    def offset(self, base: Op, count_bytes: Op | int) -> Op:
        """A pointer moved by a number of bytes."""
        by = number(64, count_bytes) if isinstance(count_bytes, int) else count_bytes
        if by.const == 0:
            return base
        text = f"getelementptr inbounds i8, {base.typed}, {by.typed}"
        return self._pure(("gep", base, by), 0, text)

    def load(self, at: Op, bits: int, align: int = 8) -> Op:
        """Read memory that may change."""
        op = Op(bits, self.fresh())
        self.line(f"{op.ref} = load {type_name(bits)}, {at.typed}, align {align}")
        return op

    def constant_load(self, at: Op, bits: int, align: int, forever: bool) -> Op:
        """Read memory that does not change in this scope, or `forever` (in this function)."""
        note = ", !invariant.load !0" if forever else ""
        text = f"load i{bits}, {at.typed}, align {align}{note}"
        return self._pure(("load", at, bits), bits, text)

    def store(self, value: Op, at: Op, align: int = 8) -> None:
        """Write memory."""
        self.line(f"store {value.typed}, {at.typed}, align {align}")

    # ---- control ------------------------------------------------------------------------------

    def jump(self, label: str) -> None:
        """Go to a block."""
        self.line(f"br label %{label}")

    def branch(self, cond: Op, yes: str, no: str) -> None:
        """Go to one of two blocks."""
        self.line(f"br {cond.typed}, label %{yes}, label %{no}")

    def phi(self, bits: int, arms: Sequence[tuple[Op, str]]) -> Op:
        """The value that came with the block we came from."""
        op = Op(bits, self.fresh())
        joined = ", ".join(f"[ {value.ref}, %{block} ]" for value, block in arms)
        self.line(f"{op.ref} = phi {type_name(bits)} {joined}")
        return op

    def when(self, cond: Op, body: Callable[[], None], hint: str = "then") -> None:
        """Do `body` if `cond`."""
        if cond.const is not None:
            if cond.const:
                body()
            return
        yes, after = self.label(hint), self.label("after")
        self.branch(cond, yes, after)
        self.place(yes)
        self.enter()
        body()
        self.leave()
        self.jump(after)
        self.place(after)

    def choose(
        self, cond: Op, yes: Callable[[], list[Op]], no: Callable[[], list[Op]], hint: str
    ) -> list[Op]:
        """The operands of one of two pieces of code, only that one executed."""
        if cond.const is not None:
            return yes() if cond.const else no()
        arms: list[tuple[list[Op], str]] = []
        labels = (self.label(hint + ".yes"), self.label(hint + ".no"))
        after = self.label(hint + ".end")
        self.branch(cond, *labels)
        for label, body in zip(labels, (yes, no), strict=True):
            self.place(label)
            self.enter()
            ops = body()
            self.leave()
            arms.append((ops, self.block))
            self.jump(after)
        self.place(after)
        (left, from_left), (right, from_right) = arms
        return [
            self.phi(a.bits, ((a, from_left), (b, from_right)))
            for a, b in zip(left, right, strict=True)
        ]

    def loop(
        self,
        count: Op,
        start: Sequence[Op],
        body: Callable[[Op, list[Op]], list[Op]],
        stop: int | None = None,
        hint: str = "loop",
    ) -> list[Op]:
        """`body` for 0 .. count-1, carrying operands; ends early once operand `stop` is true."""
        head, inside, after = self.label(hint), self.label(hint + ".in"), self.label(hint + ".end")
        before = self.block
        self.jump(head)
        self.place(head)
        place = Op(count.bits, self.fresh("i"))
        carried = [Op(op.bits, self.fresh("c")) for op in start]
        at = len(self._lines)
        more = self._open(head, count, place, carried, stop)
        self.branch(more, inside, after)
        self.place(inside)
        self.enter()
        ends = body(place, carried)
        self.leave()
        again = Op(count.bits, self.fresh())
        self.line(f"{again.ref} = add nuw {place.typed}, 1")
        latch = self.block
        self.jump(head)
        phis = [_phi(place, number(count.bits, 0), before, again, latch)]
        phis += [
            _phi(name, first, before, last, latch)
            for name, first, last in zip(carried, start, ends, strict=True)
        ]
        self._lines[at:at] = phis
        self.place(after)
        return carried

    def repeat(
        self,
        count: int,
        start: list[Op],
        body: Callable[[Op, list[Op]], list[Op]],
        hint: str,
    ) -> list[Op]:
        """`loop`, written out if there are few rounds."""
        if count > self.unroll:
            return self.loop(number(64, count), start, body, hint=hint)
        for i in range(count):
            start = body(number(64, i), start)
        return start

    def _open(self, head: str, count: Op, place: Op, carried: list[Op], stop: int | None) -> Op:
        more = Op(1, self.fresh())
        self.line(f"{more.ref} = icmp ult {place.typed}, {count.ref}")
        if stop is None:
            return more
        going, both = Op(1, self.fresh()), Op(1, self.fresh())
        self.line(f"{going.ref} = xor {carried[stop].typed}, true")
        self.line(f"{both.ref} = and {more.typed}, {going.ref}")
        return both


def _phi(name: Op, first: Op, before: str, last: Op, latch: str) -> str:
    arms = f"[ {first.ref}, %{before} ], [ {last.ref}, %{latch} ]"
    return f"  {name.ref} = phi {type_name(name.bits)} {arms}"
