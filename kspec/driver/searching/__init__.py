"""A search of all states: its reductions, its audit, its verdicts and what they are worth."""
