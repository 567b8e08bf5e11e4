"""Random systems: what they contain, and engines compared on them."""
