"""All that was checked, in order of declaration."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from kspec.base.node import Node
from kspec.base.record import frozen

if TYPE_CHECKING:
    from kspec.analysis.typed.behaviour import TAction, TComponent, TGhost
    from kspec.analysis.typed.claims import TLaw, TProperty, TVectors
    from kspec.analysis.typed.data import (
        EnumDecl,
        TFn,
        TKindDecl,
        TParamDecl,
        TRecordDecl,
        TUniverseDecl,
    )
    from kspec.analysis.typed.scenarios import TScenario


@final
@frozen(eq=False, repr=False)
class Program(Node):
    """A file with everything it imports, checked; every table in order of declaration.

    `files` are the names of the sources, the one asked for last.
    """

    files: tuple[str, ...]
    enums: tuple[EnumDecl, ...]
    records: tuple[TRecordDecl, ...]
    kinds: tuple[TKindDecl, ...]
    params: tuple[TParamDecl, ...]
    universes: tuple[TUniverseDecl, ...]
    functions: tuple[TFn, ...]
    components: tuple[TComponent, ...]
    faults: tuple[TAction, ...]
    ghosts: tuple[TGhost, ...]
    properties: tuple[TProperty, ...]
    laws: tuple[TLaw, ...]
    vectors: tuple[TVectors, ...]
    scenarios: tuple[TScenario, ...]
