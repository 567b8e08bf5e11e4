"""The pinned values of expressions, computed by generated code.

Literals are read from memory at run time, else constant folding would do the work.
"""

from __future__ import annotations

import ctypes
from typing import final

import pytest
from attrs import frozen

from kspec.engines.explicit.code import codegen
from kspec.engines.explicit.code.codegen import Codegen
from kspec.engines.explicit.code.nodes import Nodes
from kspec.engines.explicit.code.values import Val, from_bits, packed, register
from kspec.engines.explicit.llvm.emit import Emitter, Globals
from kspec.engines.explicit.llvm.jit import Compiled
from kspec.engines.explicit.llvm.operand import Op
from kspec.engines.explicit.llvm.tuning import DEFAULT, LOOPS, Tuning
from kspec.engines.explicit.store.layout import Layout, bits_of, pack, unpack
from kspec.ir.expr import sort_of
from kspec.ir.sorts import Sort, Value
from tests.unit.semantics.cases import CASES


@final
@frozen
class Module:
    """Generated code for every case: `case0`, `case1` … write their packed value."""

    text: str
    widths: tuple[int, ...]


def hide(em: Emitter, sort: Sort, value: Value) -> Val:
    """A literal that the optimiser cannot see."""
    bits = register(bits_of(sort))
    op = Op(bits, em.fresh("hidden"))
    table = em.globals.table(pack(sort, value), bits // 64)
    em.line(f"{op.ref} = load volatile i{bits}, {table.typed}, align 8")
    return from_bits(em, sort, op)


def generate(monkeypatch: pytest.MonkeyPatch, tuning: Tuning, hidden: bool) -> Module:
    out, texts, widths = Globals(), list[str](), list[int]()
    out.need("!0 = !{}")
    for i, (_, expr, _) in enumerate(CASES):
        em = Emitter(f"void @case{i}(ptr %out)", out, tuning.unroll_parts)
        if hidden:
            monkeypatch.setattr(codegen, "literal", lambda s, v, em=em: hide(em, s, v))
        cg = Codegen(em, Nodes(), Layout((), 0, 1), (), None, tuning)
        bits = packed(em, cg.value(expr, {}, None))
        em.store(bits, Op(0, "%out"))
        em.line("ret void")
        texts.append(em.text())
        widths.append(bits.bits)
    return Module("\n".join(texts) + out.text(), tuple(widths))


def results(module: Module, level: int) -> list[Value]:
    code, found = Compiled(module.text, level), list[Value]()
    for i, (_, expr, _) in enumerate(CASES):
        memory = ctypes.create_string_buffer(module.widths[i] // 8)
        code.function(f"case{i}", 1)(ctypes.addressof(memory))
        found.append(unpack(sort_of(expr), int.from_bytes(memory.raw, "little")))
    return found


@pytest.mark.parametrize("level", [0, 2])
@pytest.mark.parametrize("tuning", [DEFAULT, LOOPS], ids=["default", "loops"])
def test_every_case_at_run_time(
    monkeypatch: pytest.MonkeyPatch, tuning: Tuning, level: int
) -> None:
    got = results(generate(monkeypatch, tuning, hidden=True), level)
    assert [
        (name, value, want)
        for (name, _, want), value in zip(CASES, got, strict=True)
        if value != want or type(value) is not type(want)
    ] == []


def test_every_case_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    got = results(generate(monkeypatch, DEFAULT, hidden=False), 0)
    assert got == [want for _, _, want in CASES]
