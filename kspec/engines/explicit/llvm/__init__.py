"""LLVM assembly: written, compiled, remembered. Nothing here knows what a state is."""
