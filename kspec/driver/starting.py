"""`kspec init`: the files of a new project, as text; nothing is written here.

Without manifests it is the little project beside `kspec.cli`; with them, a program that starts
with them and imports the models of the library that describe what is in them.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from kspec.base.source import SourceFile
from kspec.driver.formatting import formatted
from kspec.manifests.node import Document
from kspec.sources.described import describing
from kspec.syntax.formatting.expressions import quoted


def program_of(path: str, documents: Iterable[Document]) -> tuple[str, tuple[str, ...]]:
    """A program about the manifests at a path, and the kinds in them that no model describes."""
    wanted = [(d.api_version or "", d.kind or "") for d in documents]
    modules, missing = describing(wanted)
    known = f"import {', '.join(modules)}\n" if modules else ""
    text = f'''"""What must be true of the manifests in {_shown(path)}."""
{known}
cluster mine from {quoted(path)}

# A first property: there is a start. Replace it by what must be true of every state, such as
#   invariant enough "never fewer than two": all d: Deployment | d.replicas >= 2
property begins "the manifests make a cluster to start from": reachable true

check begins
'''
    made = formatted(SourceFile("cluster.kspec", text))
    assert made.text is not None
    return made.text, tuple(f"{kind} ({version})" for version, kind in missing)


def _shown(path: str) -> str:
    name = PurePosixPath(path).as_posix()
    return "".join(c if c.isprintable() and c not in '"\\' else "?" for c in name)
