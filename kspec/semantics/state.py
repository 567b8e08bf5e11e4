"""Trusted: states of a system, their names and their order.

Next: `evaluate` for expressions, `step` for what may happen in a state.
"""

from __future__ import annotations

from typing import TypeAlias

from kspec.ir.sorts import Value, leaves
from kspec.ir.system import System
from kspec.semantics.evaluate import Env

State: TypeAlias = tuple[Value, ...]
"""One value per variable, in the order of `System.variables`."""

Key: TypeAlias = tuple[int, ...]
"""What states are compared by: all leaves of all variables, in order."""


def state_key(system: System, state: State) -> Key:
    """The leaves of every variable, in order; equal for equal states only."""
    pairs = zip(system.variables, state, strict=True)
    return tuple(leaf for variable, value in pairs for leaf in leaves(variable.sort, value))


def named(system: System, state: State) -> dict[str, Value]:
    """The values of constants and variables by name."""
    constants = {constant.name: constant.value for constant in system.constants}
    pairs = zip(system.variables, state, strict=True)
    return {**constants, **{variable.name: value for variable, value in pairs}}


def env_of(system: System, state: State) -> Env:
    """An environment that reads one state and binds no name."""
    return Env(present=named(system, state), before=None, bound={})
