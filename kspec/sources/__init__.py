"""Finding and reading files: the only package that opens one for the driver."""
