"""Proofs for every number of objects, and the larger scopes where there is none."""
