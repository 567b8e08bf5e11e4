"""Reductions change no verdict: random systems, orbits, the library, and what would be wrong."""
