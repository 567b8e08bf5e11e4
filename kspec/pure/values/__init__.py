"""What is computed with: values, worlds of them, and operations that read no world."""
