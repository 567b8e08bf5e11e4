"""From text to the tree of a file, places kept; nothing here knows what a name means."""
