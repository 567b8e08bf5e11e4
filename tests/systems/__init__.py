"""Systems written by hand as IR, for tests of everything behind the IR."""
