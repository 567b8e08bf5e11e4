"""Where runs start, what a step does, and what it breaks. Next: `obligations`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations_with_replacement
from typing import final

from kspec.certify.anysize.expressions import Expressions, Seen
from kspec.certify.anysize.words import Flat, Leaf, Unsaid, all_of, always, any_of, negated, one_of
from kspec.ir.expr import Binder, Expr, Lit, Local, sort_of
from kspec.ir.passes.sizes import choices_of, mentions, place_value, under
from kspec.ir.rewrite import free_locals
from kspec.ir.sorts import (
    Map,
    Opt,
    Record,
    Sort,
    cardinality,
    join,
    values,
)
from kspec.ir.system import Action, Implicit, Index, Update


@final
class Script(Expressions):
    """One script about a system: where runs start, and steps."""

    # ---- states -------------------------------------------------------------------------------

    def start(self) -> Seen:
        """A state that a run may start in."""
        init = self.system.init
        seen = Seen("init", self.fixed, {}, {})
        for binder in init.params:
            seen = seen.bind(binder.name, self.given(binder, f"init {binder.name}"), binder.sort)
        self.require(self.truth(init.where, seen))
        state = dict(self.fixed)
        for name, value in init.assign:
            try:
                state[name] = self._first(self.sorts[name], value, seen)
            except Unsaid:
                continue
        return Seen("start", state, {}, {})

    def given(self, binder: Binder, name: str) -> Flat:
        """Some value for a parameter."""
        if not mentions(binder.sort, self.kinds) and cardinality(binder.sort) == 0:
            self.require("false")
        flat = self.fresh(binder.sort, name)
        for said in self.canonical(binder.sort, flat):
            self.require(said)
        return flat

    def _first(self, sort: Sort, value: Expr, seen: Seen) -> Flat:
        kind = self.endless(sort.key) if isinstance(sort, Map) else None
        if kind is None:
            return self.into(value, seen, sort)
        assert isinstance(sort, Map)
        base = under(value)
        assert isinstance(base, Lit)
        plain = self.lift(base.sort, base.value)
        params = {b.name: b.sort for b in self.system.init.params}
        chosen = [(n, place_value(value, n)) for n in range(self.kinds[kind].written)]

        def leaf(n: int) -> Leaf:
            def at(args: tuple[str, ...]) -> str:
                result = plain[n](args)
                for place, expr in chosen:
                    if expr is None:
                        continue
                    here = seen
                    for name in sorted(choices_of(expr) & set(params)):
                        own = self._own(params[name], f"each {name}", sort.key, args[0])
                        here = here.bind(name, own, params[name])
                    said = self.into(expr, here, sort.value)[n](args[1:])
                    result = one_of(self.like(kind, args[0], place), said, result)
                return result

            return at

        return tuple(leaf(n) for n in range(len(plain)))

    def _own(self, sort: Sort, name: str, key: Sort, who: str) -> Flat:
        """What somebody chooses, in canonical form."""
        own = self.fresh(sort, name, ((key, who),))
        if not isinstance(sort, Opt):
            return own
        return self.choose(own[0](()), own, self.lift(sort, None))

    def state(self) -> Seen:
        """Any state."""
        state = dict(self.fixed)
        for number, variable in enumerate(self.system.variables):
            try:
                flat = self.fresh(variable.sort, f"s {number}")
            except Unsaid:
                continue
            state[variable.name] = flat
            for said in self.canonical(variable.sort, flat):
                self.require(said)
        return Seen("s", state, {}, {})

    # ---- steps --------------------------------------------------------------------------------

    def can(self, action: Action, seen: Seen) -> tuple[str, Seen]:
        """When an action may be done, and what its names stand for then."""
        for number, binder in enumerate((*action.params, *action.choices)):
            seen = seen.bind(binder.name, self.given(binder, f"given {number}"), binder.sort)
        for name, expr in action.lets:
            seen = seen.bind(name, self.flat(expr, seen), sort_of(expr))
        parts = [self.truth(part.expr, seen) for part in action.guard]
        if action.cut is not None:
            parts.append(negated(self.truth(action.cut, seen)))
        return all_of(parts), seen

    def after(self, action: Action, seen: Seen) -> Seen:
        """The state that an action leads to."""
        state = dict(seen.state)
        for update in action.updates:
            if update.var not in state:
                continue
            sort = self.sorts[update.var]
            try:
                state[update.var] = self._place(sort, state[update.var], 0, update, seen)
            except Unsaid:
                self.count += 1
                state[update.var] = self.fresh(sort, f"after {self.count}")
        return Seen("t", state, seen.state, seen.bound)

    def _place(self, sort: Sort, old: Flat, depth: int, update: Update, seen: Seen) -> Flat:
        open_ = {b.name: b for b in update.binders if b.name not in seen.bound}
        if depth == len(update.path):
            if open_:
                raise Unsaid
            new = self.into(update.value, seen, sort) if self._fits(update, sort) else None
            if new is None:
                raise Unsaid
            return self.choose(self.truth(update.when, seen), new, old)
        step = update.path[depth]
        if not isinstance(step, Index):
            assert isinstance(sort, Record)
            parts = list(self.cut(sort, old))
            n = sort.position(step.name)
            parts[n] = self._place(sort.field(step.name), parts[n], depth + 1, update, seen)
            return tuple(x for part in parts for x in part)
        assert isinstance(sort, Map)
        if isinstance(step.key, Local) and step.key.name in open_:
            return self._everywhere(sort, old, depth, update, seen, open_[step.key.name])
        if set(open_) & free_locals(step.key):
            raise Unsaid
        key = self.into(step.key, seen, sort.key)
        inner = sort.value
        return self.written(
            sort, old, key, lambda was, _: self._place(inner, was, depth + 1, update, seen)
        )

    def _fits(self, update: Update, sort: Sort) -> bool:
        return join(sort_of(update.value), sort) is not None

    def _everywhere(
        self, sort: Map, old: Flat, depth: int, update: Update, seen: Seen, binder: Binder
    ) -> Flat:
        """Written at each key that the update binds."""
        if binder.sort != sort.key:
            raise Unsaid
        if self.endless(sort.key) is None:
            parts: list[Leaf] = []
            for v, was in zip(values(sort.key), self.cut(sort, old), strict=True):
                here = seen.bind(binder.name, self.lift(sort.key, v), binder.sort)
                parts += self._place(sort.value, was, depth + 1, update, here)
            return tuple(parts)

        def leaf(n: int) -> Leaf:
            def at(args: tuple[str, ...]) -> str:
                was = tuple((lambda more, x=x: x((args[0], *more))) for x in old)
                here = seen.bind(binder.name, (always(args[0]),), binder.sort)
                self.deep += 1
                found = self._place(sort.value, was, depth + 1, update, here)[n](args[1:])
                self.deep -= 1
                return found

            return at

        return tuple(leaf(n) for n in range(len(old)))

    # ---- what a step breaks -------------------------------------------------------------------

    def breaks(self, which: Implicit, action: Action, seen: Seen) -> str:
        """Does a step break an implicit property?"""
        opened = [self._opened(u, seen, f"u{n}") for n, u in enumerate(action.updates)]
        pairs = list(zip(action.updates, opened, strict=True))
        if which is Implicit.LIVE_TARGET:
            return any_of(
                all_of((self.truth(u.when, s), negated(self.truth(u.live, s)))) for u, s in pairs
            )
        if which is Implicit.IN_RANGE:
            return any_of(all_of((self.truth(u.when, s), self._misfit(u, s))) for u, s in pairs)
        found: list[str] = []
        for n, m in combinations_with_replacement(range(len(pairs)), 2):
            (a, here), (b, there) = pairs[n], pairs[m]
            if a.var != b.var or (n == m and not a.binders):
                continue
            parts: list[str] = []
            if n == m:
                there = self._opened(b, seen, f"v{n}")
                parts.append(any_of(negated(self._same(x, here, there)) for x in b.binders))
            found.append(all_of((*parts, *self._meet(a, here, b, there))))
        return any_of(found)

    def _same(self, binder: Binder, here: Seen, there: Seen) -> str:
        return self.equal(binder.sort, here.bound[binder.name][0], there.bound[binder.name][0])

    def _opened(self, update: Update, seen: Seen, tag: str) -> Seen:
        for number, binder in enumerate(update.binders):
            flat = self.given(binder, f"{tag} {number}")
            seen = seen.bind(binder.name, flat, binder.sort)
        return seen

    def _misfit(self, update: Update, seen: Seen) -> str:
        sort = self.sorts[update.var]
        for step in update.path:
            if isinstance(step, Index):
                assert isinstance(sort, Map)
                sort = sort.value
            else:
                assert isinstance(sort, Record)
                sort = sort.field(step.name)
        try:
            return self.outside(sort_of(update.value), self.flat(update.value, seen), sort)
        except Unsaid:
            return "true"

    def _meet(self, a: Update, here: Seen, b: Update, there: Seen) -> Iterator[str]:
        yield from (self.truth(a.when, here), self.truth(b.when, there))
        sort = self.sorts[a.var]
        for x, y in zip(a.path, b.path, strict=False):
            if isinstance(x, Index) and isinstance(y, Index):
                assert isinstance(sort, Map)
                keys = (self.into(x.key, here, sort.key), self.into(y.key, there, sort.key))
                yield self.equal(sort.key, *keys)
                sort = sort.value
            else:
                assert not isinstance(x, Index) and not isinstance(y, Index)
                assert isinstance(sort, Record)
                if x.name != y.name:
                    yield "false"
                    return
                sort = sort.field(x.name)


__all__ = ["Script"]
