"""From what a rule of the grammar was made of to its node: one function for each rule."""
