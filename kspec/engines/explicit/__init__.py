"""The native engine: states packed into words, searched by code made for the system."""
