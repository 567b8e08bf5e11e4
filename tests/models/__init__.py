"""What the files of the library come to, verdict by verdict."""
