"""All mutants, by what they are mistakes in. Each is one that somebody could make; its killer is an
ordinary, fast test. `docs/mutants.md` is this table as a page.
"""

from __future__ import annotations

from tests.mutants import (
    coverage,
    hunters,
    laws,
    lemmas,
    long_runs,
    lowering,
    native,
    partial_order,
    proofs,
    reductions,
    reference,
    rests,
    runs,
    sizes,
    startup,
    unsound,
)

TOPICS = (
    ("The range rule", (*reference.RANGE, *native.RANGE, *lowering.RANGE)),
    ("Births and deaths", lowering.BIRTHS),
    ("Cuts", (*reference.CUTS, *native.CUTS, *lowering.CUTS)),
    ("Views", lowering.VIEWS),
    ("Lowering: how a write finds its object", lowering.ADDRESSING),
    ("Lowering: reconciles, budgets, restarts, timers", lowering.RECONCILES),
    ("Lowering: claims, names, amounts, starts", lowering.CLAIMS),
    ("Values", reference.VALUES),
    ("Layout", native.LAYOUT),
    ("Code generation", native.CODE),
    ("Search", (*reference.SEARCH, *native.SEARCH)),
    ("Long runs: files", long_runs.FILES),
    ("Long runs: checkpoints", long_runs.CHECKPOINTS),
    ("Long runs: hashes for states", long_runs.HASHES),
    ("Audits of a search", coverage.AUDITS),
    ("Vacuity", coverage.VACUITY),
    ("Statistics", coverage.STATISTICS),
    ("Slicing", reductions.SLICING),
    ("Symmetry", reductions.SYMMETRY),
    ("Partial order: who has to do with whom", partial_order.INDEPENDENT),
    ("Partial order: what waits", partial_order.CHOOSING),
    ("Partial order: what is said", partial_order.SAYING),
    ("From reduced runs to runs", reductions.LIFTING),
    ("Replay and the trace checker", reference.REPLAY),
    ("Runs: fairness", runs.FAIRNESS),
    ("Runs: products and their parts", runs.WALKING),
    ("Runs: formulas and lives", runs.FORMULAS),
    ("Runs: from answers to verdicts", runs.DRIVING),
    ("Proofs: the encoding to a solver", unsound.UNSOUND),
    ("Proofs: induction", proofs.INDUCTION),
    ("Proofs: whoever checks them", proofs.CHECKING),
    ("Bounded search for loops", hunters.LOOPS),
    ("The state machine of a system", hunters.MACHINES),
    ("Who is asked in which order", hunters.TURNS_TAKEN),
    ("Laws by a solver", laws.LAWS),
    ("Lemmas", lemmas.LEMMAS),
    ("Every size", sizes.EVERY),
    ("Worlds after effects", sizes.AFTER),
    ("Shown invariants and re-checks", rests.RESTS),
    ("Start-up", startup.STARTUP),
)

MUTANTS = tuple(mutant for _, mutants in TOPICS for mutant in mutants)
