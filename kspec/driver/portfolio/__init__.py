"""A portfolio: whose turn it is, in which process, and whose answer counts."""
