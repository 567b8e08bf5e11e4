"""From the syntax tree to the typed tree: names, types, units, and every error a person can fix."""
