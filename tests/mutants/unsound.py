"""Mistakes in the encoding to a solver that make false proofs or false runs, each noticed twice.

`killer` is a test of the certifier alone: what the engine says is judged by `kspec.certify`, with
no reference, no replay and no other evidence. `second` compares the engine with the reference.
Mistakes in the search for lemmas (`pdr`, `space`) are not here: what it finds is suggested, and is
proved by induction like everything else.
"""

from __future__ import annotations

from typing import Final

from tests.mutants.harness import Mutant

SMT: Final = "kspec/engines/smt/"
MODEL, SOLVER, UNROLL = SMT + "model.py", SMT + "solver.py", SMT + "unroll.py"
TERMS, VALUES, ENCODE = SMT + "terms.py", SMT + "values.py", SMT + "encode.py"
LASSO, OWED, INDUCT = SMT + "lasso.py", SMT + "owed.py", SMT + "kinduction.py"

ALONE: Final = "tests/certify/test_engines.py::"
CONFIRMED = ALONE + "test_every_proof_of_telling_systems_is_confirmed"
ACCEPTED = ALONE + "test_every_run_of_telling_systems_is_accepted"
LOOPS = ALONE + "test_every_loop_is_accepted"

TELLING: Final = "tests/engines/smt/test_telling.py::"
PROVED = TELLING + "test_nothing_false_is_proved"
REACHED = TELLING + "test_runs_are_those_of_the_reference"
WALKED = TELLING + "test_loops_are_those_of_the_reference"


def _proof(name: str, file: str, old: str, new: str) -> Mutant:
    """It makes a false proof."""
    return Mutant(name, file, old, new, CONFIRMED, PROVED)


def _run(name: str, file: str, old: str, new: str) -> Mutant:
    """It makes a run that is none."""
    return Mutant(name, file, old, new, ACCEPTED, REACHED)


def _loop(name: str, file: str, old: str, new: str) -> Mutant:
    """It makes a run that loops and is none, is not fair, or refutes nothing."""
    return Mutant(name, file, old, new, LOOPS, WALKED)


FRAMES = (
    _run(
        "what no step writes may change",
        UNROLL,
        "        key = (variable, 0 if variable in self._still else place)\n"
        "        if key not in self._copies:\n"
        '            at = "" if variable in self._still else f"@{place}"\n',
        "        key = (variable, place)\n"
        "        if key not in self._copies:\n"
        '            at = f"@{place}"\n',
    ),
    _run(
        "a place may change that the step does not write",
        UNROLL,
        "self.z3.And(self.translator.truth(model.step), *equal)",
        "self.z3.And(self.translator.truth(model.step), *equal[1:])",
    ),
    _proof(
        "every step takes the same action",
        UNROLL,
        "here = [(z, self.copy_of(v, place)) for v, z in self._names.items()]",
        "here = [\n"
        "            (z, self.copy_of(v, 0 if v in self._given else place))\n"
        "            for v, z in self._names.items()\n"
        "        ]",
    ),
    _proof(
        "different states differ everywhere",
        UNROLL,
        "same = model.terms.and_(",
        "same = model.terms.or_(",
    ),
    _run(
        "the condition on initial states is dropped",
        UNROLL,
        "        yield translator.truth(model.initial)\n",
        "",
    ),
    _run(
        "variables that start may have any value",
        UNROLL,
        "zip(leaves(model.state), leaves(model.start), strict=True):",
        "list(zip(leaves(model.state), leaves(model.start), strict=True))[1:]:",
    ),
)

RANGES = (
    _run(
        "a variable has no upper bound",
        SOLVER,
        "self.ranges[node] = z3.And(below, above)",
        "self.ranges[node] = above",
    ),
    _proof(
        "the greatest number of a range is left out",
        SOLVER,
        "below = made <= node.hi if node.lo < 0 else z3.ULE(made, node.hi)",
        "below = made < node.hi if node.lo < 0 else z3.ULT(made, node.hi)",
    ),
    _proof(
        "numbers are compared by the least that they can be",
        TERMS,
        "if high(a) <= low(b) or a is b:",
        "if low(a) <= low(b) or a is b:",
    ),
    _proof(
        "a sum has the bits of what is added",
        TERMS,
        'self._node("+", (a, b), low(a) + low(b), high(a) + high(b))',
        'self._node("+", (a, b), low(a), high(a))',
    ),
    _proof(
        "a number below zero is made wider without its sign",
        SOLVER,
        "        extend = self.z3.SignExt if term.lo < 0 else self.z3.ZeroExt\n"
        "        return extend(wide - own, made)",
        "        return self.z3.ZeroExt(wide - own, made)",
    ),
    _proof(
        "numbers below zero are compared as great ones",
        SOLVER,
        "return x <= y if lo < 0 else self.z3.ULE(x, y)",
        "return self.z3.ULE(x, y)",
    ),
    _proof(
        "the solver divides towards zero",
        SOLVER,
        "found = (x - x % y) / y if lo < 0 else z3.UDiv(x, y)",
        "found = x / y if lo < 0 else z3.UDiv(x, y)",
    ),
    _proof(
        "everything fits",
        MODEL,
        "in_range=self.values.contained(given, sym, sort),",
        "in_range=True,",
    ),
)

VALUES_OF = (
    _proof(
        "negation is dropped",
        ENCODE,
        "return terms.not_(self.truth(arg, env))",
        "return self.truth(arg, env)",
    ),
    _run(
        "what is so of some is so of all",
        ENCODE,
        "return terms.and_(found) if kind is QuantKind.ALL else terms.or_(found)",
        "return terms.or_(found)",
    ),
    _run(
        "the last of those that fit is picked",
        VALUES,
        "for condition, sym in reversed(places):",
        "for condition, sym in places:",
    ),
    _proof(
        "the best may be tied",
        ENCODE,
        "terms.implies(d, self._before(keys, others, False))",
        "terms.implies(d, self._before(keys, others, True))",
    ),
    _run(
        "what stands for nothing counts",
        VALUES,
        "both = terms.implies(given, self.same(of, inner, payload))",
        "both = self.same(of, inner, payload)",
    ),
)

STEPS = (
    _run(
        "one part of a guard is enough",
        MODEL,
        "enabled = encoder.terms.and_(guard)",
        "enabled = encoder.terms.or_(guard)",
    ),
    _proof(
        "what has two conditions never happens",
        MODEL,
        "enabled = encoder.terms.and_(guard)",
        "enabled = encoder.terms.and_(guard) if len(guard) < 2 else False",
    ),
    _run(
        "a cut step is taken",
        MODEL,
        "return terms.and_((move.enabled, terms.not_(move.cut), *whole))",
        "return terms.and_((move.enabled, *whole))",
    ),
    _run(
        "a broken step goes on",
        MODEL,
        "return terms.and_((move.enabled, terms.not_(move.cut), *whole))",
        "return terms.and_((move.enabled, terms.not_(move.cut)))",
    ),
    _run(
        "a state in which all is cut is dead",
        MODEL,
        "enabling(of.encoder, names, action, given)[1]\n",
        "terms.and_(\n"
        "            (\n"
        "                enabling(of.encoder, names, action, given)[1],\n"
        "                terms.not_(enabling(of.encoder, names, action, given)[2]),\n"
        "            )\n"
        "        )\n",
    ),
    _proof(
        "nothing that is written to is gone",
        MODEL,
        "dead = terms.or_(terms.and_((w.when, terms.not_(w.live))) for w in writes)",
        "dead: Truth = False",
    ),
    _proof(
        "two writes never meet",
        MODEL,
        "twice = terms.or_(self._overlap(a, b) for a, b in combinations(writes, 2))",
        "twice: Truth = False",
    ),
    _proof(
        "a claim about a step reads the state before it",
        MODEL,
        "env = Env(later[n], names, move.env.bound)",
        "env = Env(names, names, move.env.bound)",
    ),
)

PROVING = (
    _proof(
        "the claim is assumed where it is to be proved",
        INDUCT,
        "for place in range(self.k):\n                self._suppose",
        "for place in range(self.k + 1):\n                self._suppose",
    ),
    _proof(
        "nothing is looked at in the initial states",
        SMT + "bmc.py",
        "for goal in tuple(self.open):",
        "for goal in tuple(self.open) if place else ():",
    ),
    _proof(
        "what was not proved is assumed later",
        INDUCT,
        "self._prove(kept, step.k)\n        for goal in kept:\n            step.lemma(goal)",
        "self._prove(kept, step.k)\n        for goal in candidates:\n            step.lemma(goal)",
    ),
    _proof(
        "runs are taken to end where they go on",
        SMT + "bmc.py",
        "            case Sat():\n                return True\n",
        "            case Sat():\n                self.ended = place > 0\n"
        "                return not self.ended\n",
    ),
    Mutant(
        "no answer is taken for no",
        SOLVER,
        "        return GaveUp(str(self._solver.reason_unknown()))",
        "        return Unsat()",
        ALONE + "test_who_gives_up_proves_nothing",
        TELLING + "test_who_gives_up_proves_nothing",
    ),
)

FAIRNESS = (
    _loop(
        "a set of fairness is dropped",
        LASSO,
        "        for fair in self.fair:\n",
        "        for fair in self.fair[1:]:\n",
    ),
    _loop(
        "a search for loops rests anywhere",
        LASSO,
        "yield z3.Implies(rests, z3.Not(at(place, fair.enabled)))",
        "yield z3.Implies(rests, at(place, True))",
    ),
    _loop(
        "a search for loops takes strong fairness for weak",
        LASSO,
        "is_strong = action.fairness is Fairness.STRONG",
        "is_strong = False",
    ),
    _loop(
        "a search for loops looks at fairness in the stem",
        LASSO,
        "taken = [z3.And(is_in, at(n, fair.taken)) for n, is_in in enumerate(inside)]",
        "taken = [at(n, fair.taken) for n, _ in enumerate(inside)]",
    ),
    _loop(
        "in a search for loops a cut instance is disabled",
        LASSO,
        "terms.or_((move.cut, *broken, _changes(of, move)))",
        "terms.and_((terms.not_(move.cut), terms.or_((*broken, _changes(of, move)))))",
    ),
    _loop(
        "a search for loops forgets who is always cut",
        LASSO,
        "    return enabled\n\n\ndef _changes",
        "    return False and enabled\n\n\ndef _changes",
    ),
    _loop(
        "a search for loops comes back to another state",
        LASSO,
        "z3.Implies(b, z3.Not(self.unrolling.differ(n, place))) for n, b in enumerate(back)",
        "z3.Implies(b, self.unrolling.differ(n, place)) for n, b in enumerate(back)",
    ),
    _loop(
        "others may disturb for ever what is to settle",
        LASSO,
        "yield z3.Implies(is_in, z3.Not(at(n, disturbed)))",
        "yield z3.Implies(is_in, at(n, True))",
    ),
    _loop(
        "what is put off need not come",
        OWED,
        "self.solver.add([self.z3.Implies(closing.loops, self._any(paid))])",
        "pass",
    ),
    _loop(
        "what is owed is forgotten where a run comes back",
        OWED,
        "self._implied([back, link.flag], self._arrived(link.what, n, n + 1))",
        "self._implied([back, link.flag], True)",
    ),
    _loop(
        "what is owed is forgotten at rest",
        OWED,
        "self._implied([closing.rests, link.flag], self._at_rest(link.what, place))",
        "self._implied([closing.rests, link.flag], True)",
    ),
    _loop(
        "in a search for loops no life ends",
        OWED,
        "over = evolve(name, is_over=True)",
        "over = name",
    ),
)

UNSOUND = (*FRAMES, *RANGES, *VALUES_OF, *STEPS, *PROVING, *FAIRNESS)
