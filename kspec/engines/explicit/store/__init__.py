"""Where states are kept: packed, in a table, in files, from one run to the next."""
