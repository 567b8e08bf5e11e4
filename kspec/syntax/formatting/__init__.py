"""From the tree back to text: one way to write each node, comments kept."""
