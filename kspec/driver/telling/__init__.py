"""What reports need to tell a trace as its author wrote the program."""
