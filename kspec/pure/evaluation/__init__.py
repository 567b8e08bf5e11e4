"""What expressions mean in a world, and what statements make of one."""
