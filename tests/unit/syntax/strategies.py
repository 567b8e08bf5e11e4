"""Random modules, of every kind of node; each of them has a text.

What no text means is not made: a negative literal, a text part beside another, an item that would
be read as the rest of the one before. Spans are all the same and mean nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from hypothesis import strategies as st

from kspec.base.source import Span
from kspec.syntax import ast
from kspec.syntax.tables import load

SPAN = Span("", 0, 0)

SAFE = ["a", "b", "pod", "Node", "rs", "x_1", "_", "replicas", "uid", "owner"]
"""Names that are names everywhere."""
ANY = [*SAFE, *load().words]
"""Names where anything is one: behind a dot, where something is declared."""
KEYS = [*ANY, "a/b", "a b", "", "é"]
ROOTS = sorted({*ANY} - {"choose", "delete", "for", "if", "new", "nothing", "require"})
"""What a statement may begin with without being another statement."""
TEXTS = ["", "a b", "{x}", 'say "it"\n', "\\", "\t\x01é", "}}", "'", "# no comment", "ok"]
PATHS = [
    "spec.a",
    "metadata.name",
    "items[*].x",
    'metadata.labels["a/b"]',
    ".x",
    "status",
]
QUANTITIES = ["500m", "2Gi", "300s", "25%", "0.5", "1.5Ki", "5min", "1h"]
OPERATORS = ["and", "or", "implies", "leads to", "until", "==", "!=", "<", "<=", ">", ">="]
OPERATORS += ["is", "is not", "in", "not in", "starts", "ends", "contains", "subset of", "or else"]
OPERATORS += ["+", "-", "++", "union", "minus", "inter", "*", "/", "div", "mod"]
ANY_LIST = ast.ListLit((ast.Name("...", SPAN),), SPAN)

Make = Callable[[], Any]


class Maker:
    """Makes nodes by drawing small choices; `depth` bounds how deep they go."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self.draw = draw

    # ---- choices

    def among(self, choices: Sequence[Any]) -> Any:
        return self.draw(st.sampled_from(choices))

    def one(self, *makes: Make) -> Any:
        return makes[self.draw(st.integers(0, len(makes) - 1))]()

    def yes(self) -> bool:
        return bool(self.draw(st.booleans()))

    def maybe(self, make: Make) -> Any:
        return make() if self.yes() else None

    def some(self, make: Make, least: int = 1, most: int = 2) -> tuple[Any, ...]:
        return tuple(make() for _ in range(self.draw(st.integers(least, most))))

    def many(self, make: Make, most: int = 2) -> tuple[Any, ...]:
        return self.some(make, 0, most)

    def ident(self, names: Sequence[str] = ANY) -> ast.Ident:
        """A name; a usual one as often as not."""
        return ast.Ident(self.among(SAFE if names is ANY and self.yes() else names), SPAN)

    def idents(self) -> tuple[ast.Ident, ...]:
        return self.some(self.ident)

    def text(self) -> str:
        if self.yes():
            return str(self.among(TEXTS))
        return str(self.draw(st.text(max_size=5)))

    # ---- types

    def bound(self) -> ast.Expr:
        def atom() -> ast.Expr:
            number = ast.IntLit(self.among([0, 1, 7, 10**12]), SPAN)
            return self.one(  # type: ignore[no-any-return]
                lambda: number,
                lambda: ast.Name(self.among(SAFE), SPAN),
                lambda: ast.Unary("-", number, SPAN),
            )

        if self.yes():
            return atom()
        return ast.Binary(self.among("+-"), atom(), atom(), SPAN, SPAN)

    def base_type(self, depth: int) -> Any:
        leaves = [
            lambda: ast.NamedType(self.among(SAFE), SPAN),
            lambda: ast.NameType(SPAN),
            lambda: ast.KeyType(self.ident(), SPAN),
            lambda: ast.EnumType(self.many(self.ident), SPAN),
            lambda: ast.RangeType(self.bound(), self.bound(), SPAN),
        ]
        if depth <= 0:
            return self.one(*leaves)
        return self.one(
            *leaves,
            lambda: ast.SetType(self.base_type(depth - 1), SPAN),
            lambda: ast.ListType(self.base_type(depth - 1), self.maybe(lambda: self.expr(1)), SPAN),
            lambda: ast.MapType(self.base_type(depth - 1), self.type(depth - 1), SPAN),
            lambda: ast.TupleType(self.some(lambda: self.type(depth - 1), 2, 3), SPAN),
        )

    def type(self, depth: int = 1) -> Any:
        base = self.base_type(depth)
        end = base
        while isinstance(end, ast.SetType | ast.ListType):
            end = end.of
        # The `?` behind a map belongs to what it maps to.
        may_be_option = not isinstance(end, ast.MapType)
        return ast.OptionType(base, SPAN) if may_be_option and self.yes() else base

    # ---- expressions

    def template(self, depth: int = 1) -> ast.StringLit:
        parts: list[Any] = []
        for _ in range(self.among([0, 1, 2, 3])):
            if self.yes() and not (parts and isinstance(parts[-1], str)):
                parts.append(self.text() or "x")
            else:
                hole = self.expr(depth)
                plain = "StringLit" not in repr(hole)
                parts.append(hole if plain else ast.Name("a", SPAN))
        return ast.StringLit(tuple(parts), SPAN)

    def expr(self, depth: int) -> Any:
        leaves = [
            lambda: ast.Name(self.among(SAFE), SPAN),
            lambda: ast.IntLit(self.among([0, 3, 10**30]), SPAN),
            lambda: ast.QuantityLit(self.among(QUANTITIES), SPAN),
            lambda: ast.NoneLit(SPAN),
        ]
        if depth <= 0 or self.among([True, False, False]):
            return self.one(*leaves)
        return self.compound(depth - 1)

    def braces(self, depth: int) -> ast.Braces:
        def entry() -> ast.BraceEntry:
            return ast.BraceEntry(self.maybe(e), e(), SPAN)

        def e() -> Any:
            return self.expr(depth)

        return ast.Braces(self.many(entry), SPAN)

    def arg(self, depth: int) -> ast.Arg:
        if self.yes():
            return ast.Arg(None, self.expr(depth), SPAN)
        return ast.Arg(self.ident(SAFE), self.expr(depth), SPAN, self.yes())

    def case(self, depth: int) -> ast.MatchCase:
        pattern = ANY_LIST if self.among([True, False, False, False]) else self.expr(depth)
        return ast.MatchCase(pattern, self.expr(depth), SPAN)

    def compound(self, d: int) -> Any:
        def e() -> Any:
            return self.expr(d)

        kinds = ["all", "some", "no", "one", "the", "first", "those", "map"]
        unary = ["not", "-", "always", "eventually", "exists", "missing"]
        return self.one(
            lambda: self.template(d),
            lambda: ast.TimerIn(e(), SPAN),
            lambda: self.braces(d),
            lambda: ast.ListLit(self.many(e), SPAN),
            lambda: ast.TupleLit(self.some(e, 2, 3), SPAN),
            lambda: ast.FieldOf(e(), self.ident(ANY), SPAN),
            lambda: ast.IndexOf(e(), e(), SPAN),
            lambda: ast.Call(
                e(), self.many(lambda: self.arg(d)), self.maybe(e), self.maybe(e), SPAN
            ),
            lambda: ast.Unary(self.among(unary), e(), SPAN),
            lambda: ast.Binary(self.among(OPERATORS), e(), e(), SPAN, SPAN),
            lambda: ast.Binary(self.among(OPERATORS), e(), e(), SPAN, SPAN),
            lambda: ast.InRange(e(), e(), e(), SPAN),
            lambda: ast.WithExpr(e(), self.braces(d), SPAN),
            lambda: ast.Quantifier(self.among(kinds), self.binders(d), self.maybe(e), SPAN),
            lambda: ast.Quantifier(self.among(kinds), self.binders(d), self.maybe(e), SPAN),
            lambda: ast.SortBy(self.binders(d), e(), SPAN),
            lambda: ast.ChooseLeast(self.binders(d), e(), SPAN),
            lambda: ast.FoldExpr(self.ident(), e(), e(), self.ident(), e(), SPAN),
            lambda: ast.LetExpr(self.ident(), e(), e(), SPAN),
            lambda: ast.IfExpr(e(), e(), e(), SPAN),
            lambda: ast.WhileStays(e(), e(), SPAN),
            lambda: ast.After(e(), self.changes(d), SPAN),
            lambda: ast.Match(e(), self.some(lambda: self.case(d), 1, 3), SPAN),
        )

    def binder(self, depth: int) -> Any:
        if self.yes():
            return ast.TypedBinder(self.idents(), self.type(min(depth, 1)), SPAN)
        hi = self.maybe(lambda: self.expr(depth))
        return ast.DrawnBinder(self.ident(), self.expr(depth), hi, SPAN)

    def binders(self, depth: int) -> ast.Binders:
        found = self.some(lambda: self.binder(depth))
        return ast.Binders(found, self.maybe(lambda: self.expr(depth)), SPAN)

    # ---- statements and clauses

    def place(self, depth: int) -> ast.Place:
        def step() -> Any:
            if self.yes():
                return ast.PlaceField(self.ident(ANY))
            return ast.PlaceIndex(self.expr(depth))

        return ast.Place(self.ident(ROOTS), self.many(step), SPAN)

    def stmt(self, d: int) -> Any:
        def e() -> Any:
            return self.expr(d)

        def address() -> Any:
            return self.among([None, "by name", "by uid", "if unchanged"])

        simple = [
            lambda: ast.Assign(self.place(d), self.among([":=", "+=", "-="]), e(), address(), SPAN),
            lambda: ast.New(
                self.maybe(self.ident), self.ident(), self.many(lambda: (self.ident(), e())), SPAN
            ),
            lambda: ast.Delete(e(), address(), SPAN),
            lambda: ast.ChooseStmt(self.binders(d), SPAN),
            lambda: ast.Require(e(), SPAN),
            lambda: ast.CallStmt(
                self.ident(["f", "c.f", "is", "time", "next.all"]), self.many(e), address(), SPAN
            ),
            lambda: ast.Nothing(SPAN),
        ]
        if d <= 0:
            return self.one(*simple)
        return self.one(
            *simple,
            lambda: ast.IfStmt(e(), self.body(d - 1), self.body(d - 1), SPAN),
            lambda: ast.ForStmt(self.binders(d - 1), self.body(d - 1), SPAN),
        )

    def changes(self, depth: int) -> tuple[Any, ...]:
        found = self.some(lambda: self.stmt(depth))
        # A comma behind `choose x: T` goes on with what is chosen.
        closed = [
            s
            for s in found[:-1]
            if not isinstance(s, ast.ChooseStmt) or s.binders.where is not None
        ]
        return (*closed, found[-1])

    def body(self, depth: int) -> tuple[Any, ...]:
        return self.many(lambda: self.stmt(depth), 3)

    def clause(self, d: int) -> Any:
        def e() -> Any:
            return self.expr(d)

        def part() -> ast.GuardPart:
            bind = self.maybe(self.ident)
            return ast.GuardPart(e(), bind, self.maybe(self.template), SPAN)

        def step() -> ast.Next:
            name = self.maybe(self.ident)
            source = e() if name else None
            return ast.Next(name, source, self.maybe(e), self.body(d), SPAN)

        return self.one(
            lambda: ast.When(self.some(part, 1, 3), SPAN),
            lambda: ast.LetClause(self.ident(), e(), SPAN),
            lambda: ast.Yields(self.ident(), e(), SPAN),
            lambda: ast.Do(self.body(d), SPAN),
            step,
            lambda: ast.Refused(self.body(d), SPAN),
            lambda: ast.Event(self.ident(), self.maybe(self.template), SPAN),
            lambda: ast.Within(e(), SPAN),
        )

    # ---- declarations

    def parameters(self) -> tuple[Any, ...]:
        def parameter() -> Any:
            if self.yes():
                return ast.TypedParameter(self.idents(), self.type(), SPAN)
            return ast.DrawnParameter(self.ident(), self.expr(1), SPAN)

        return self.many(parameter)

    def at(self) -> ast.At:
        read = self.among([None, "exists", "is", "by"])
        word = None
        if read == "is":
            word = ast.Ident(self.text(), SPAN)
        elif read == "by":
            word = self.ident()
        return ast.At(self.some(lambda: self.ident(PATHS)), read, word, SPAN)

    def member(self) -> Any:
        flags = ["const", "local", "fixed", "ghost", "heartbeat"]
        return self.one(
            lambda: ast.FieldDecl(
                self.many(lambda: self.among(flags)),
                self.ident(KEYS),
                self.type(),
                self.maybe(lambda: self.expr(1)),
                self.maybe(self.at),
                SPAN,
            ),
            lambda: ast.Valid(self.expr(2), SPAN),
            lambda: ast.Ledger(
                self.among(["approximates", "ignores"]), self.ident(PATHS), self.text(), SPAN
            ),
        )

    def members(self) -> tuple[Any, ...]:
        return self.many(self.member, 3)

    def dotted(self) -> ast.Ident:
        return self.ident(["a", "core.pod", "a.b.c"])

    def param(self) -> ast.ParamDecl:
        return ast.ParamDecl(self.ident(), self.type(), self.maybe(lambda: self.expr(1)), SPAN)

    def fn(self) -> ast.FnDecl:
        result = self.maybe(lambda: self.type(2))
        return ast.FnDecl(self.ident(), self.parameters(), result, self.expr(4), SPAN)

    def action(self) -> ast.ActionDecl:
        flags = self.many(lambda: self.among(["fair", "strongly fair", "unfair"]))
        clauses = self.many(lambda: self.clause(2), 3)
        why = self.maybe(self.text)
        return ast.ActionDecl(self.ident(), self.parameters(), flags, why, clauses, SPAN)

    def kind(self) -> ast.KindDecl:
        def version() -> ast.ApiVersion:
            text = self.among(["v1", "apps/v1", "batch/v1/CronJob", "x.io/v1beta1"])
            return ast.ApiVersion(text, self.maybe(self.ident), SPAN)

        return ast.KindDecl(
            self.yes(),
            self.ident(),
            self.many(self.ident),
            self.many(version),
            self.many(self.ident),
            self.members(),
            SPAN,
        )

    def data_decl(self) -> Any:
        return self.one(
            lambda: ast.Import(self.some(self.dotted), SPAN),
            lambda: ast.EnumDecl(self.ident(), self.many(self.ident), SPAN),
            lambda: ast.AliasDecl(self.ident(), self.type(2), SPAN),
            lambda: ast.RecordDecl(self.ident(), self.members(), SPAN),
            lambda: ast.MixinDecl(self.ident(), self.many(self.ident), self.members(), SPAN),
            self.kind,
            lambda: ast.ExtendDecl(self.ident(), self.members(), SPAN),
            self.param,
            lambda: ast.UniverseDecl(self.ident(), self.type(), self.expr(2), SPAN),
            self.fn,
            lambda: ast.EffectDecl(self.ident(), self.parameters(), self.body(2), SPAN),
        )

    def pattern(self) -> ast.Pattern:
        if self.among([True, False, False]):
            return ast.Pattern((), None, SPAN)
        return ast.Pattern(
            self.some(lambda: self.ident(SAFE)), self.maybe(lambda: self.many(self.ident)), SPAN
        )

    def controller_member(self) -> Any:
        def watch() -> ast.Watch:
            return ast.Watch(self.ident(SAFE), self.maybe(lambda: self.expr(2)), SPAN)

        return self.one(
            lambda: ast.Watches(self.some(watch), SPAN),
            lambda: ast.ActsAs(self.text(), SPAN),
            lambda: ast.MemoryDecl(
                self.yes(), self.ident(), self.type(), self.maybe(lambda: self.expr(1)), SPAN
            ),
            self.param,
            self.fn,
            self.action,
            self.action,
            lambda: ast.Ordered(self.many(self.action), SPAN),
        )

    def behaviour(self) -> Any:
        def rule() -> ast.GhostRule:
            return ast.GhostRule(self.pattern(), self.body(1), SPAN)

        def clauses() -> Any:
            return self.many(lambda: self.clause(1))

        return self.one(
            lambda: ast.ControllerDecl(
                self.ident(),
                self.maybe(lambda: (self.ident(), self.type())),
                self.maybe(lambda: self.expr(1)),
                self.many(self.controller_member, 3),
                SPAN,
            ),
            lambda: ast.EnvironmentDecl(
                self.ident(), self.many(lambda: self.one(self.fn, self.action, self.param)), SPAN
            ),
            lambda: ast.FaultDecl(
                self.ident(), self.parameters(), self.maybe(self.pattern), clauses(), SPAN
            ),
            lambda: ast.RecoveryDecl(self.ident(), self.parameters(), self.yes(), clauses(), SPAN),
            lambda: ast.GhostDecl(self.ident(), self.type(), self.expr(1), self.many(rule), SPAN),
        )

    def claim(self) -> Any:
        return self.one(
            lambda: ast.TemporalClaim(self.expr(4), SPAN),
            lambda: ast.OnStep(
                self.pattern(), self.maybe(lambda: self.expr(1)), self.expr(2), SPAN
            ),
            lambda: ast.ReachableClaim(self.expr(2), SPAN),
            lambda: ast.DeadlockClaim(SPAN),
            lambda: ast.ValuesClaim(3, self.expr(1), self.maybe(lambda: self.expr(1)), SPAN),
            lambda: ast.SettlesClaim(self.yes(), self.many(self.dotted), SPAN),
        )

    def law(self) -> ast.LawDecl:
        belief = self.yes()
        induction = None if belief else self.maybe(self.ident)
        return ast.LawDecl(
            self.ident(), belief, self.maybe(self.text), self.expr(3), induction, SPAN
        )

    def vector(self) -> Any:
        def where() -> Any:
            return self.maybe(lambda: self.expr(1))

        def path() -> ast.Ident:
            return self.ident(PATHS)

        def kind() -> ast.Ident:
            return self.one(self.ident, lambda: ast.Ident("unit-test", SPAN))

        return self.one(
            lambda: ast.VectorLayout(path(), path(), path(), path(), SPAN),
            lambda: ast.VectorWorld(self.some(kind), self.ident(), self.body(1), SPAN),
            lambda: ast.VectorCase(
                self.some(kind), self.ident(), self.ident(), where(), self.expr(2), SPAN
            ),
            lambda: ast.VectorSkip(kind(), where(), self.text(), SPAN),
        )

    def invariant(self) -> ast.PropertyDecl:
        """Its `always` is written by nobody: it has the span of what it holds."""
        body = self.expr(3)
        span = body.span
        claim = ast.TemporalClaim(ast.Unary("always", body, span), span)
        return ast.PropertyDecl(self.ident(), self.maybe(self.text), claim, SPAN, self.yes())

    def claims(self) -> Any:
        return self.one(
            lambda: ast.PropertyDecl(self.ident(), self.maybe(self.text), self.claim(), SPAN),
            self.invariant,
            self.law,
            lambda: ast.VectorsDecl(
                self.text(), self.maybe(self.ident), self.many(self.vector), SPAN
            ),
        )

    # ---- scenarios

    def data(self, depth: int) -> Any:
        leaves = [
            lambda: ast.DataAtom("NAME", self.among(SAFE), SPAN),
            lambda: ast.DataAtom("DASHED", "web-0", SPAN),
            lambda: ast.DataAtom("STRING", self.text(), SPAN),
            lambda: ast.DataAtom("INT", self.among(["0", "12", "-5"]), SPAN),
            lambda: ast.DataAtom("QUANTITY", self.among(QUANTITIES), SPAN),
            lambda: ast.DataRange(self.among([0, 1]), self.among([2, 30]), SPAN),
        ]
        if depth <= 0:
            return self.one(*leaves)
        return self.one(
            *leaves,
            lambda: self.data_map(depth - 1),
            lambda: ast.DataList(self.many(lambda: self.data(depth - 1)), SPAN),
            lambda: ast.DataAny(self.maybe(lambda: self.data(depth - 1)), SPAN),
        )

    def data_map(self, depth: int) -> ast.DataMap:
        def entry() -> Any:
            return self.ident([*KEYS, "a-b"]), self.data(depth)

        return ast.DataMap(self.many(entry, 3), SPAN)

    def cluster(self, *, named: bool) -> ast.ClusterDecl:
        def source() -> ast.ObjectsFrom:
            return ast.ObjectsFrom(self.text(), SPAN)

        def object_() -> Any:
            names = self.many(lambda: ast.Ident(self.one(self.text, lambda: "db-0"), SPAN))
            kind = self.ident(sorted({*ANY} - {"from"}))
            return ast.ObjectDecl(kind, names, self.data_map(2), SPAN)

        objects = self.many(lambda: self.one(source, object_))
        if not named:
            return ast.ClusterDecl(None, (), objects, SPAN)
        return ast.ClusterDecl(self.ident(), self.many(source), objects, SPAN)

    def fault_item(self) -> ast.FaultItem:
        def bound() -> Any:
            return self.maybe(lambda: self.expr(1))

        args = self.many(lambda: self.data(1))
        subject = self.maybe(lambda: self.ident(SAFE))
        return ast.FaultItem(
            self.ident(), subject, args, bound(), bound(), bound(), self.yes(), SPAN
        )

    def with_fault(self) -> ast.FaultItem:
        lag = self.maybe(lambda: self.expr(1))
        return ast.FaultItem(
            self.ident(), self.maybe(lambda: self.ident(SAFE)), (), None, lag, None, False, SPAN
        )

    def setting(self) -> ast.Setting:
        return ast.Setting(self.idents(), self.expr(2), SPAN)

    def scenario_item(self) -> Any:
        def run_item() -> ast.RunItem:
            return ast.RunItem(self.yes(), self.idents(), self.maybe(lambda: self.expr(1)), SPAN)

        def sweep_item() -> ast.SweepItem:
            hi = self.maybe(lambda: self.expr(1))
            return ast.SweepItem(self.ident(), self.expr(1), hi, SPAN)

        words = ["holds", "violated", "unknown", "refuted", "reached"]
        return self.one(
            lambda: ast.OnCluster(self.ident(), SPAN),
            lambda: ast.Run(self.some(run_item), SPAN),
            lambda: ast.Faults(self.many(self.fault_item), SPAN),
            lambda: ast.WithSettings(self.some(self.setting), SPAN),
            lambda: ast.Start(self.among(["empty", "settled", "given"]), SPAN),
            lambda: ast.Time(self.among(["timed", "untimed"]), SPAN),
            lambda: ast.Room(self.many(lambda: (self.ident(), self.expr(1))), SPAN),
            lambda: ast.Assume(self.ident(), self.expr(2), SPAN),
            lambda: ast.Check(self.idents(), SPAN),
            lambda: ast.Expect(
                self.among(words),
                self.idents(),
                self.many(lambda: self.one(self.setting, self.with_fault)),
                SPAN,
            ),
            lambda: ast.Prove(self.idents(), SPAN),
            lambda: ast.Sweep(self.some(sweep_item), SPAN),
        )

    def scenario(self) -> ast.ScenarioDecl:
        items = self.many(
            lambda: self.one(
                self.scenario_item,
                self.scenario_item,
                lambda: self.cluster(named=True),
                lambda: self.cluster(named=False),
            ),
            4,
        )
        return ast.ScenarioDecl(self.ident(), self.maybe(self.ident), items, SPAN)

    def item(self) -> Any:
        return self.one(
            self.data_decl,
            self.behaviour,
            self.claims,
            self.scenario,
            lambda: self.cluster(named=True),
            self.scenario_item,
        )

    def module(self) -> ast.Module:
        doc = self.among([None, "Doc.", "two\nlines \\ {x}", ""])
        items: list[Any] = []
        for item in self.many(self.item, 3):
            # `in c` and `with p = e` would go on with most items.
            goes_on = isinstance(item, ast.OnCluster | ast.WithSettings)
            closed = items and isinstance(items[-1], ast.FnDecl | ast.ParamDecl | ast.EnumDecl)
            if closed or not goes_on:
                items.append(item)
        return ast.Module(doc, tuple(items), SPAN)


class Rolled(Maker):
    """Makes nodes by rolling dice, the same for the same seed: quicker, and nothing shrinks."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)

    def among(self, choices: Sequence[Any]) -> Any:
        return self.dice.choice(choices)

    def one(self, *makes: Make) -> Any:
        return self.dice.choice(makes)()

    def yes(self) -> bool:
        return self.dice.random() < 0.5

    def some(self, make: Make, least: int = 1, most: int = 2) -> tuple[Any, ...]:
        return tuple(make() for _ in range(self.dice.randint(least, most)))

    def text(self) -> str:
        return str(self.among(TEXTS))


@st.composite
def modules(draw: Callable[[st.SearchStrategy[Any]], Any]) -> ast.Module:
    """A module of up to three items."""
    return Maker(draw).module()
