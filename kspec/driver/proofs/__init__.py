"""Proofs of the scopes of a file, their certificates and what they are worth."""
