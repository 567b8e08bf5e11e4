"""Analyses of systems that reductions are made of. They change nothing and decide nothing."""
