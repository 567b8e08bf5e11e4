"""Documents to typed values and back, and what a model made of every path."""
