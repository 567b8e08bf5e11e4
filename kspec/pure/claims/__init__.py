"""What is claimed apart from any run: laws and beliefs, and vectors with their answers."""
