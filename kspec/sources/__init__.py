"""The only part that reads files: programs, manifests, the library of models."""
