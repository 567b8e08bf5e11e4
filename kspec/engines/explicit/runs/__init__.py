"""Claims over whole runs: the graph of a finished search, times a monitor."""
