"""The interpreter of typed modules, on modules whose state spaces are counted by hand."""
