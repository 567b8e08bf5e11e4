"""Analyses of systems against what the reference does."""
