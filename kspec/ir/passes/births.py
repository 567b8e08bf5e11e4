"""Births without an order: a system in which `new` may take any free identity, not the least.

`First` is the only expression by which an action sees the order of identities, and lowering writes
it as the value of a let: `let p? = first free …`. Here each such let becomes a free choice among
all that satisfy the condition; where none does, the choice is to take none, so that what is cut is
cut as before. Every run of the system is a run of this one; with `First` gone, nothing is left of
the order, and permuting identities is an automorphism wherever `passes.symmetry` says so.

Only births of kinds that are interchangeable as a whole are opened: where some are told apart, the
least of them is another than the least of others.

Only for searching: what is found is lifted to the system itself and replayed there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from attrs import evolve

from kspec.ir.build import neg
from kspec.ir.expr import Binder, Expr, First, IsSome, Ite, Lit, Local, OrElse, Quant, QuantKind
from kspec.ir.passes.symmetry import Classes, classes
from kspec.ir.rewrite import substitute
from kspec.ir.sorts import Id, Opt, Sort, values
from kspec.ir.system import Action, Conjunct, Property, System


def interchangeable(
    system: System, asked: Iterable[Property]
) -> tuple[System, tuple[Classes, ...]]:
    """The system with births opened where that helps, and which identities are interchangeable
    there for a search that asks for these properties."""
    asked = tuple(asked)
    most = classes(opened(system), asked)
    alike = {of.kind for of in most if len(of.groups) == 1}
    made, why = opened(system, alike.__contains__), {of.kind: of.apart for of in most}
    found = classes(made, asked)
    return made, tuple(evolve(of, apart=why[of.kind] or of.apart) for of in found)


def opened(system: System, wanted: Callable[[str], bool] = lambda _: True) -> System:
    """The system with births of wanted kinds a free choice."""
    return evolve(system, actions=tuple(_opened(action, wanted) for action in system.actions))


def _opened(action: Action, wanted: Callable[[str], bool]) -> Action:
    births = [
        (name, e) for name, e in action.lets if isinstance(e, First) and _is_wanted(e, wanted)
    ]
    if not births:
        return action
    taken = {name for name, _ in births}
    return evolve(
        action,
        choices=(*action.choices, *(Binder(name, Opt(e.binder.sort)) for name, e in births)),
        lets=tuple((name, e) for name, e in action.lets if name not in taken),
        guard=(*(Conjunct(_valid(name, e)) for name, e in births), *action.guard),
    )


def _is_wanted(first: First, wanted: Callable[[str], bool]) -> bool:
    sort = first.binder.sort
    return isinstance(sort, Id) and sort.size > 0 and wanted(sort.kind)


def _valid(name: str, first: First) -> Expr:
    """Some identity that satisfies the condition; none only if there is no such."""
    chosen, sort = Local(name, Opt(first.binder.sort)), first.binder.sort
    taken = substitute(first.cond, {first.binder.name: OrElse(chosen, _any(sort))})
    none = neg(Quant(QuantKind.SOME, first.binder, first.cond))
    return Ite(IsSome(chosen), taken, none)


def _any(sort: Sort) -> Lit:
    return Lit(sort, next(values(sort)))
