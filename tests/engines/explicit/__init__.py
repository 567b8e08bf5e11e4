"""The native explorer."""
