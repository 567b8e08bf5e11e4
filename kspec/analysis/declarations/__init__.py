"""Declarations, one kind a module: what each is made of, and what may stand in it."""
