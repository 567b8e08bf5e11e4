"""Engines that hand a `System` to a solver: bounded search and induction over z3.

The way of a question: `terms` (formulas as data), `values` and `encode` (expressions to terms),
`model` (initial states, steps, goals), `unroll` and `solver` (terms to z3, over many steps),
`bmc` and `kinduction` (who asks what), `decode` (what comes back). Nothing here evaluates a state:
every trace is replayed by whoever asked. Only `solver` knows z3.
"""
