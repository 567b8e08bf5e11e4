"""What expressions say in a world: typed expressions to symbolic values, and claims over runs."""
