"""Claims over whole runs: decision procedures against each other and against walks."""
