"""What stands inside declarations: types of expressions, and of the statements that some hold."""
