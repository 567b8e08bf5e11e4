"""From the name of a file to the systems of its scopes."""
