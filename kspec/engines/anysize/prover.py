"""Proofs for every size: of formulas that might be invariants the largest set that implies itself.

A formula is kept if it is true at every start, and if every step from a state in which all that are
kept are true leads to one in which it is. What nothing rests on is left out again, so that a proof
names what it needs. z3 may give up on a question; then nothing was proved by it, and its reason is
kept. Nothing here says that something is false. Next: `kspec.certify.anysize`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, final

from attrs import field

from kspec.base.blocking import blocking
from kspec.base.record import define, frozen
from kspec.engines.anysize.encode import World
from kspec.engines.anysize.model import Model, Step
from kspec.ir.expr import Expr
from kspec.ir.passes.sizes import Kinds
from kspec.ir.sorts import Id
from kspec.ir.system import Implicit, Invariant, Occurrence, Property, System

RLIMIT: Final = 20_000_000
"""What one question may cost, in z3's units."""


@final
@frozen
class Lemma:
    """A formula that might be an invariant."""

    name: str
    body: Expr


@final
@frozen
class Proven:
    """`needed` are the names of what was proved together with it, itself among them."""

    needed: tuple[str, ...]


@final
@frozen
class Open:
    """Not proved: `start` if it may be false at a start, else after a step of these actions; the
    solver's own words where it gave up, or how many of each kind there are where it fails."""

    at_start: bool
    actions: tuple[str, ...]
    gave_up: tuple[str, ...]
    sizes: tuple[tuple[str, int], ...] = ()


@final
@frozen
class AnySize:
    """What became of each property and each implicit one; the lemmas that proofs name, and the
    names of all claims that imply themselves; what was left open for want of words; `spent` is in
    the solver's units."""

    answers: tuple[tuple[str, Proven | Open], ...]
    lemmas: tuple[Lemma, ...]
    kept: tuple[str, ...]
    left_open: tuple[str, ...]
    spent: int


def prove(
    system: System,
    kinds: Kinds,
    wanted: tuple[Property, ...],
    lemmas: Iterable[Lemma],
    rlimit: int = RLIMIT,
    seconds_left: Callable[[], float] | None = None,
) -> AnySize:
    """Try to prove properties and the implicit ones for every number of objects of some kinds."""
    return _Attempt(Model(system, kinds), wanted, tuple(lemmas), rlimit, seconds_left).run()


@final
@define
class _Attempt:
    model: Model
    wanted: tuple[Property, ...]
    lemmas: tuple[Lemma, ...]
    rlimit: int
    seconds_left: Callable[[], float] | None
    spent: int = 0
    cores: dict[str, set[str]] = field(factory=dict)  # what each needs of the others
    failed: dict[str, tuple[bool, tuple[str, ...]]] = field(factory=dict)
    gave_up: dict[str, list[str]] = field(factory=dict)
    sizes: dict[str, tuple[tuple[str, int], ...]] = field(factory=dict)
    _before: World | None = None
    _literals: dict[str, Any] = field(factory=dict)
    _said: dict[str, Any] = field(factory=dict)

    def run(self) -> AnySize:
        """All of it."""
        bodies = {lemma.name: lemma.body for lemma in self.lemmas}
        for prop in self.wanted:
            if isinstance(prop.claim, Invariant):
                bodies[prop.name] = prop.claim.body
        start = self.model.start()
        kept = [name for name in bodies if self._begins(name, bodies[name], start)]
        self._before = self.model.any_state()
        for name in kept:
            self.model.encoder.where = f"`{name}`"
            self._said[name] = self.model.encoder.truth(bodies[name], self._before)
            self._literals[name] = self.model.universe.z3.Bool(
                f"hold {name}", self.model.universe.context
            )
        steps = [s for a in self.model.system.actions if (s := self._step(a)) is not None]
        kept = self._largest(kept, steps, bodies)
        answers = tuple(self._answers(kept, steps, bodies))
        named = {n for _, a in answers if isinstance(a, Proven) for n in a.needed}
        lemmas = tuple(lemma for lemma in self.lemmas if lemma.name in named)
        left = tuple(self.model.encoder.left_open)
        return AnySize(answers, lemmas, tuple(kept), left, self.spent)

    def _step(self, action: Any) -> Step | None:
        assert self._before is not None
        return self.model.step(action, self._before)

    # ---- questions ----------------------------------------------------------------------------

    def _ask(self, assumed: list[Any], kept: Iterable[str], who: str) -> set[str] | None:
        """The names that a refutation needs, or None if there is none, or z3 does not know."""
        u = self.model.universe
        names = list(kept)
        left = None if self.seconds_left is None else self.seconds_left()
        if left is not None and left <= 0:
            self.gave_up.setdefault(who, []).append("timeout")
            return None
        solver = u.z3.Solver(ctx=u.context)
        solver.set("rlimit", self.rlimit)
        if left is not None:
            solver.set("timeout", max(1, int(left * 1000)))
        for name in names:
            solver.add(u.z3.Implies(self._literals[name], self._said[name]))
        solver.add(assumed)
        solver.add(u.axioms)
        with blocking(u.context.interrupt):
            result = solver.check(*(self._literals[name] for name in names))
        self.spent = max(self.spent, _cost(solver))  # it counts what the context has cost
        if result == u.z3.unsat:
            core = {str(x) for x in solver.unsat_core()}
            return {n for n in names if str(self._literals[n]) in core}
        if result == u.z3.unknown:
            self.gave_up.setdefault(who, []).append(str(solver.reason_unknown()))
        else:
            self.sizes[who] = tuple(self._counted(solver.model()))
        return None

    def _counted(self, found: Any) -> Iterator[tuple[str, int]]:
        """How many there are of each kind without end."""
        u = self.model.universe
        for kind in sorted(u.kinds):
            all_ = found.get_universe(u.sort(Id(kind, 0)))
            yield kind, 0 if all_ is None else len(all_)

    def _begins(self, name: str, body: Expr, start: World) -> bool:
        model = self.model
        model.encoder.where = f"`{name}`"
        bad = model.universe.no(model.encoder.truth(body, start))
        if self._ask([bad], (), name) is not None:
            return True
        self.failed[name] = (True, ())
        return False

    # ---- the largest set that implies itself --------------------------------------------------

    def _largest(self, kept: list[str], steps: list[Step], bodies: dict[str, Expr]) -> list[str]:
        kept = list(kept)
        todo = [(name, n) for name in kept for n in range(len(steps))]
        proved: dict[tuple[str, int], set[str]] = {}
        while todo:
            name, n = todo.pop(0)
            if name not in kept or (name, n) in proved:
                continue
            core = self._keeps(name, bodies[name], steps[n], kept)
            if core is not None:
                proved[name, n] = core
                continue
            kept.remove(name)
            self.failed[name] = (False, (steps[n].action.name,))
            again = [key for key, core in proved.items() if name in core and key[0] in kept]
            for key in again:
                del proved[key]
            todo += again
        for (name, _), core in proved.items():
            if name in kept:
                self.cores.setdefault(name, set()).update(core)
        return kept

    def _keeps(self, name: str, body: Expr, step: Step, kept: list[str]) -> set[str] | None:
        model = self.model
        model.encoder.where = f"`{name}` after `{step.action.name}`"
        after = World(step.after.number, step.after.state)
        bad = model.universe.no(model.encoder.truth(body, after))
        if model.universe.z3.is_false(bad):
            return set()
        # Its own name first: most formulas need nothing else.
        alone = self._ask([step.can, bad], (name,), f"{name} alone")
        if alone is not None:
            return alone
        return self._ask([step.can, bad], kept, name)

    # ---- answers ------------------------------------------------------------------------------

    def _answers(
        self, kept: list[str], steps: list[Step], bodies: dict[str, Expr]
    ) -> Iterator[tuple[str, Proven | Open]]:
        for prop in self.wanted:
            match prop.claim:
                case Invariant():
                    done = prop.name in kept
                    yield prop.name, self._closed({prop.name}) if done else self._open(prop.name)
                case Occurrence():
                    yield prop.name, self._of_steps(prop.name, kept, self._occurrence(prop, steps))
                case _:
                    yield prop.name, Open(False, (), ())
        for implicit in Implicit:
            yield implicit.value, self._of_steps(implicit.value, kept, _breaking(implicit, steps))

    def _occurrence(self, prop: Property, steps: list[Step]) -> Iterator[tuple[Step, Any]]:
        assert isinstance(prop.claim, Occurrence)
        for step in steps:
            bad = self.model.bad_step(prop.claim, step)
            yield step, bad

    def _of_steps(
        self, name: str, kept: list[str], bad: Iterable[tuple[Step, Any]]
    ) -> Proven | Open:
        needed: set[str] = set()
        failing: list[str] = []
        z3 = self.model.universe.z3
        for step, formula in bad:
            if z3.is_false(formula):
                continue
            core = self._ask([step.can, formula], (), f"{name} alone")
            core = self._ask([step.can, formula], kept, name) if core is None else core
            if core is None:
                failing.append(step.action.name)
            else:
                needed |= core
        if failing:
            self.failed[name] = (False, tuple(dict.fromkeys(failing)))
            return self._open(name)
        proof = self._closed(needed)
        return Proven((*proof.needed, name))

    def _closed(self, names: set[str]) -> Proven:
        """With everything that it rests on."""
        found, todo = set(names), list(names)
        while todo:
            for more in self.cores.get(todo.pop(), ()):
                if more not in found:
                    found.add(more)
                    todo.append(more)
        order = [*(lemma.name for lemma in self.lemmas), *(p.name for p in self.wanted)]
        return Proven(tuple(name for name in order if name in found))

    def _open(self, name: str) -> Open:
        at_start, actions = self.failed.get(name, (False, ()))
        gave_up = tuple(dict.fromkeys(self.gave_up.get(name, ())))
        return Open(at_start, actions, gave_up, self.sizes.get(name, ()))


def _breaking(implicit: Implicit, steps: list[Step]) -> Iterator[tuple[Step, Any]]:
    for step in steps:
        for kind, bad in step.broken:
            if kind is implicit:
                yield step, bad


def _cost(solver: Any) -> int:
    statistics = solver.statistics()
    keys = statistics.keys()
    return int(statistics.get_key_value("rlimit count")) if "rlimit count" in keys else 0


__all__ = ["AnySize", "Lemma", "Open", "Proven", "prove"]
