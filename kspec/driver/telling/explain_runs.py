"""Why a run with a loop is a counterexample: what is never met, and where.

The property is read once more by the pure layer at the moments of the run, and followed down to
the state formula on which it fails. Only words come of it: the run has been replayed before it
gets here, and nothing here can change a verdict. Next: `explain`, for what is false in one state.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import final

import attrs
from attrs import evolve, field

from kspec.analysis.typed import OverKind, TBinder, TExpr, TLives, TTemporal, TVar
from kspec.analysis.types import TemporalT
from kspec.base.record import frozen
from kspec.driver.telling.explain import DEEP, Teller
from kspec.pure.evaluation.bindings import pool
from kspec.pure.evaluation.evaluate import evaluate
from kspec.pure.values.value import Obj, Value
from kspec.pure.values.world import Context


@final
@frozen(eq=False)
class _Life:
    """An object that is spoken of; `is_over` if it has been gone since."""

    obj: Obj
    is_over: bool


@final
@frozen(eq=False)
class Moment:
    """A place in the run, with what names stand for there. See `semantics.runs.Moment`."""

    at: int
    lives: Mapping[str, _Life] = field(factory=dict)
    values: Mapping[str, Value] = field(factory=dict)

    def key(self) -> tuple[object, ...]:
        """Equal for moments that are followed by the same."""
        lives = tuple((name, life.obj, life.is_over) for name, life in self.lives.items())
        return self.at, lives


@final
@frozen(eq=False)
class Reading:
    """A run to be read: its states as contexts, the start first, and where its loop begins."""

    contexts: tuple[Context, ...]
    loop: int
    teller: Teller

    def told(self, claim: TExpr) -> Iterator[str]:
        """Lines about why the claim is false on the run."""
        yield from self._why(claim, Moment(0), False)

    # ---- truth --------------------------------------------------------------------------------

    def is_true(self, expr: TExpr, now: Moment) -> bool:
        """The truth of a formula from a moment on."""
        match expr:
            case TTemporal("always", (arg,)):
                return all(self.is_true(arg, then) for then in self._onwards(now))
            case TTemporal("eventually", (arg,)):
                return any(self.is_true(arg, then) for then in self._onwards(now))
            case TTemporal("until", (left, right)):
                return self._until(left, right, now)
            case TTemporal("leads", (left, right)):
                return all(
                    not self.is_true(left, then) or self._comes(right, then)
                    for then in self._onwards(now)
                )
            case TTemporal("not", (arg,)):
                return not self.is_true(arg, now)
            case TTemporal("and", args):
                return all(self.is_true(arg, now) for arg in args)
            case TTemporal("or", args):
                return any(self.is_true(arg, now) for arg in args)
            case TTemporal("implies", (left, right)):
                return not self.is_true(left, now) or self.is_true(right, now)
            case TTemporal("unchanged", args):
                return all(self._stays(arg, now) for arg in args)
            case TTemporal("while-stays", (body, then_)):
                settled = any(self._stays(body, then) for then in self._onwards(now))
                return not settled or self.is_true(then_, now)
            case TTemporal("gone", (who,)):
                return not self._is_there(who, now)
            case TLives(kind, binders, where, body):
                found = (self.is_true(body, m) for m in self._bound(binders, where, now))
                return all(found) if kind == "all" else any(found)
            case _:
                return self._atom(expr, now)

    def _atom(self, expr: TExpr, now: Moment) -> bool:
        return not self._is_over(expr, now) and bool(evaluate(expr, self._context(now)))

    def _comes(self, expr: TExpr, now: Moment) -> bool:
        return any(self.is_true(expr, then) for then in self._onwards(now))

    def _until(self, left: TExpr, right: TExpr, now: Moment) -> bool:
        for then in self._onwards(now):
            if self.is_true(right, then):
                return True
            if not self.is_true(left, then):
                return False
        return False

    def _stays(self, body: TExpr, now: Moment) -> bool:
        for then in self._onwards(now):
            if self._is_over(body, then):
                return False
            after = evolve(self._after(then), lives=then.lives)
            if evaluate(body, self._context(then)) != evaluate(body, self._context(after)):
                return False
        return True

    def _is_there(self, who: TExpr, now: Moment) -> bool:
        if self._is_over(who, now):
            return False
        context = self._context(now)
        obj = evaluate(who, context)
        return isinstance(obj, Obj) and context.world.lives(obj)

    # ---- moments ------------------------------------------------------------------------------

    def _onwards(self, now: Moment) -> Iterator[Moment]:
        seen: set[tuple[object, ...]] = set()
        while now.key() not in seen:
            seen.add(now.key())
            yield now
            now = self._after(now)

    def _after(self, now: Moment) -> Moment:
        last = len(self.contexts) - 1
        at = now.at + 1
        if at > last:
            at = last if self.loop == last else self.loop + 1
        world = self.contexts[at].world
        lives = {
            name: evolve(life, is_over=life.is_over or not world.lives(life.obj))
            for name, life in now.lives.items()
        }
        return Moment(at, lives, now.values)

    def _context(self, now: Moment) -> Context:
        bound = {**now.values, **{name: life.obj for name, life in now.lives.items()}}
        return self.contexts[now.at].binding_all(bound)

    def _is_over(self, expr: TExpr, now: Moment) -> bool:
        over = {name for name, life in now.lives.items() if life.is_over}
        return bool(over and over & _named(expr))

    def _bound(
        self, binders: tuple[TBinder, ...], where: TExpr | None, now: Moment
    ) -> Iterator[Moment]:
        """The moments at which what is quantified begins."""
        if not binders:
            if where is None or self.is_true(where, now):
                yield now
            return
        first, rest = binders[0], binders[1:]
        if not isinstance(first.over, OverKind):
            for value in pool(first, self._context(now)):
                inner = evolve(now, values={**now.values, first.name: value})
                yield from self._bound(rest, where, inner)
            return
        before: set[int] = set()
        for then in self._onwards(now):
            kind = first.over.kind
            there = set(self.contexts[then.at].world.population(kind).objects)
            for index in sorted(there - before):
                life = _Life(Obj(kind, index), False)
                inner = evolve(then, lives={**then.lives, first.name: life})
                yield from self._bound(rest, where, inner)
            before = there

    # ---- words --------------------------------------------------------------------------------

    def _why(self, expr: TExpr, now: Moment, is_so: bool) -> Iterator[str]:
        """Why a formula is `is_so` from a moment on."""
        match expr:
            case TTemporal("not", (arg,)):
                yield from self._why(arg, now, not is_so)
            case TTemporal("and" | "or" | "implies"):
                yield from self._junction(expr, now, is_so)
            case TTemporal("while-stays", (body, then)) if not is_so:
                yield f"{self.teller.text(body)} stays as it is"
                yield from self._why(then, now, False)
            case TTemporal("leads", (left, right)) if not is_so:
                moment = next(
                    m
                    for m in self._onwards(now)
                    if self.is_true(left, m) and not self._comes(right, m)
                )
                yield f"{self.teller.text(left)} is true {self._when(moment)},"
                yield f"and from then on {self.teller.text(right)} is never true"
                yield from self._details(right, self._last(moment), False)
            case TTemporal("always", (arg,)) if not is_so:
                moment = next(m for m in self._onwards(now) if not self.is_true(arg, m))
                yield from self._why(arg, moment, False)
            case TTemporal("eventually", (TTemporal("always", (arg,)),)) if not is_so:
                moment = next(m for m in self._in_loop(now) if not self.is_true(arg, m))
                again = "for ever" if self._rests() else "in every round of the loop"
                yield f"{self.teller.text(arg)} is false {self._when(moment)}, {again}"
                yield from self._details(arg, moment, False)
            case TTemporal("eventually", (arg,)) if not is_so:
                yield f"{self.teller.text(arg)} is never true{self._since(now)}"
                yield from self._details(arg, self._last(now), False)
            case TLives(kind, binders, where, body) if is_so is (kind == "some"):
                found = self._bound(binders, where, now)
                moment = next(m for m in found if self.is_true(body, m) is is_so)
                yield f"for {', '.join(self._names(binders, moment))}:"
                yield from self._why(body, moment, is_so)
            case _:
                truth = "true" if is_so else "false"
                yield f"{self.teller.text(expr)} is {truth}{self._since(now)}"
                yield from self._details(expr, now, is_so)

    def _junction(self, expr: TTemporal, now: Moment, is_so: bool) -> Iterator[str]:
        """The parts that decide it. `a implies b` is a disjunction whose first is negated."""
        signs = [expr.op != "implies", *(True for _ in expr.args[1:])]
        one_decides = is_so is (expr.op != "and")
        for arg, sign in zip(expr.args, signs, strict=True):
            truth = self.is_true(arg, now)
            if not one_decides or (truth is sign) is is_so:
                yield from self._why(arg, now, truth)
                if one_decides:
                    return

    def _details(self, expr: TExpr, now: Moment, is_so: bool) -> Iterator[str]:
        """More about a state formula."""
        if isinstance(expr.type, TemporalT):
            return
        if self._is_over(expr, now):
            gone = ", ".join(name for name, life in now.lives.items() if life.is_over)
            yield f"  {gone} is gone by then"
            return
        lines = list(self.teller.why(expr, self._context(now), is_so, DEEP))
        head = f"{self.teller.text(expr)} is {'true' if is_so else 'false'}"
        yield from (f"  {line.strip()}" for line in lines if line != head)

    def _names(self, binders: tuple[TBinder, ...], now: Moment) -> Iterator[str]:
        for binder in binders:
            life = now.lives.get(binder.name)
            value = life.obj if life is not None else now.values[binder.name]
            words = evolve(self.teller.words, world=self.contexts[now.at].world)
            shown = words.say(value, binder.type)
            born = f", there {self._when(now)}" if life is not None and now.at else ""
            yield f"{binder.name} = {shown}{born}"

    def _rests(self) -> bool:
        return self.loop == len(self.contexts) - 1

    def _in_loop(self, now: Moment) -> Iterator[Moment]:
        """The moments that come again and again."""
        moments = list(self._onwards(now))
        again = self._after(moments[-1]).key()
        begins = next(n for n, moment in enumerate(moments) if moment.key() == again)
        return iter(moments[begins:])

    def _last(self, now: Moment) -> Moment:
        return list(self._onwards(now))[-1]

    def _since(self, now: Moment) -> str:
        return f", from step {now.at} on" if now.at else ""

    def _when(self, now: Moment) -> str:
        return f"after step {now.at}" if now.at else "at the start"


def _named(expr: TExpr) -> frozenset[str]:
    """The names that an expression uses."""
    found: set[str] = set()
    waiting: list[object] = [expr]
    while waiting:
        node = waiting.pop()
        if isinstance(node, TVar):
            found.add(node.name)
        if isinstance(node, tuple):
            waiting.extend(node)
        elif attrs.has(kind := type(node)):
            waiting.extend(getattr(node, a.name) for a in attrs.fields(kind))
    return frozenset(found)
