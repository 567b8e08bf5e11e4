"""Typed modules as machines that run: the second reading, beside lowering."""
