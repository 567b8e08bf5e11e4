"""Proofs about every size, checked again: an encoder of its own, to scripts with quantifiers.

`words` are connectives and names, `rows` the shape of values, `expressions` and `steps` the meaning
of a system; `obligations` is what a proof rests on.
"""
