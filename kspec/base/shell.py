"""Commands of kspec as a person can type them into a shell."""

from __future__ import annotations

from shlex import quote


def command(*words: str, note: str = "") -> str:
    """`kspec check a.kspec   # why`: every word quoted where it has to be."""
    said = " ".join(("kspec", *map(quote, words)))
    return f"{said}   # {note}" if note else said
