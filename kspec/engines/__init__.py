"""How we look: engines are strangers to each other and to the reference semantics."""
