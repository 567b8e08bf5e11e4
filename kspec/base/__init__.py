"""The ground: sources, spans and diagnostics. Knows no other part of kspec."""
