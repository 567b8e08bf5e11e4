"""Trusted: is a state an initial one? Told without listing them all.

Must agree with `step.initial_states`, which lists them and is what the answer means. A choice is
made for one parameter after the other, and given up where a variable that is settled by the choices
made so far has another value than the state.
"""

from __future__ import annotations

from collections.abc import Iterator

from kspec.ir.expr import Expr
from kspec.ir.rewrite import free_locals
from kspec.ir.sorts import Value, values
from kspec.ir.system import Init, System
from kspec.semantics.evaluate import Env, evaluate, truth
from kspec.semantics.state import State
from kspec.semantics.step import check_state


def is_initial(system: System, state: State) -> bool:
    """Is it one of `initial_states(system)`? `IllSorted` if it is and a value leaves its
    sort."""
    if len(state) != len(system.variables):
        return False
    constants = {constant.name: constant.value for constant in system.constants}
    wanted = dict(zip((v.name for v in system.variables), state, strict=True))
    found = _leads_to(system, wanted, Env(constants, None, {}), 0)
    if found:
        check_state(system, state)
    return found


def _leads_to(system: System, wanted: dict[str, Value], env: Env, made: int) -> bool:
    """Do some choices for the parameters from number `made` on end in what is wanted?"""
    if any(evaluate(expr, env) != wanted[name] for name, expr in _settled(system.init, made)):
        return False
    if made == len(system.init.params):
        return truth(system.init.where, env)
    binder = system.init.params[made]
    return any(
        _leads_to(system, wanted, env.bind(binder.name, value), made + 1)
        for value in values(binder.sort)
    )


def _settled(init: Init, made: int) -> Iterator[tuple[str, Expr]]:
    """The assignments that the last of the first `made` parameters settles."""
    places = {binder.name: place for place, binder in enumerate(init.params, start=1)}
    for name, expr in init.assign:
        if max((places[local] for local in free_locals(expr)), default=0) == made:
            yield name, expr
