"""Random modules: source text drawn at random, read by lowering and by the interpreter."""
