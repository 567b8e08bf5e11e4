"""Proofs for every number of objects: kinds as sorts without end, quantifiers left to the solver.

`values` are z3's terms in the shape of sorts, `encode` the meaning of expressions, `model` starts,
steps and what is asked about; `templates` proposes invariants, `prover` keeps those that hold.
Nothing here is believed: `kspec.certify.anysize` proves everything again in a way of its own.
"""
