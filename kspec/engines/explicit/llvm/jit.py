"""LLVM assembly to callable code: the owner of every llvmlite object.

Level 0 is compiled in milliseconds and runs at about half the speed; the others take the usual
optimisations. Nothing else imports llvmlite. Next: `codes`, which remembers what was made.
"""

from __future__ import annotations

import ctypes
from typing import Any, final

from llvmlite import binding

from kspec.engines.explicit.store.layout import Refusal


@final
class Compiled:
    """Machine code of one module. Its functions live as long as this object."""

    def __init__(self, assembly: str, level: int, made: bytes | None = None) -> None:
        """`made`: what `machine_code` gave for it on a machine of this kind (`kind_of_machine`)."""
        made = machine_code(assembly, level) if made is None else made
        _start()
        self._engine = binding.create_mcjit_compiler(binding.parse_assembly(""), _machine(0))
        self._engine.add_object_file(binding.ObjectFileRef.from_data(made))
        self._engine.finalize_object()

    def function(self, name: str, arguments: int, gives: bool = False) -> Any:
        """A function of 64-bit arguments, and a 64-bit result if it `gives` one."""
        address = self._engine.get_function_address(name)
        if not address:
            raise Refusal(f"the generated code has no function {name}")
        result = ctypes.c_uint64 if gives else None
        return ctypes.CFUNCTYPE(result, *[ctypes.c_uint64] * arguments)(address)


def machine_code(assembly: str, level: int) -> bytes:
    """Compile a module."""
    _start()
    machine = _machine(level)
    try:
        module = binding.parse_assembly(assembly)
    except RuntimeError as flaw:
        raise AssertionError(f"the generated code is not LLVM assembly: {flaw}") from flaw
    if level:
        _optimise(module, machine, level)
    made: bytes = machine.emit_object(module)
    return made


def kind_of_machine() -> str:
    """All that machine code depends on but the module and the level."""
    features = binding.get_host_cpu_features().flatten()
    version = ".".join(map(str, binding.llvm_version_info))
    return f"{version} {binding.get_process_triple()} {binding.get_host_cpu_name()} {features}"


def _start() -> None:
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()


def _machine(level: int) -> Any:
    target = binding.Target.from_default_triple()
    return target.create_target_machine(
        cpu=binding.get_host_cpu_name(),
        features=binding.get_host_cpu_features().flatten(),
        opt=level,
        jit=True,
    )


def _optimise(module: Any, machine: Any, level: int) -> None:
    options = binding.PipelineTuningOptions(speed_level=level)
    builder = binding.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
