"""The `kspec` command: arguments, streams, exit codes. What it says is made elsewhere."""
