"""A scenario at one point of its sweep, finite and known: who there is, what runs, what starts."""
