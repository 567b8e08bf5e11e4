"""Expressions and actions of a system as generated code."""
