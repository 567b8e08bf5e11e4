"""Generated code that visits fewer states: one of each orbit, fewer orders of steps."""
