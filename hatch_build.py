"""The build hook: parse tables into the package; models, properties, error pages into the wheel.

Hatchling runs it for `pip install .`, `pip install -e .` and `python -m build`. The tables are
written beside the grammar, where an editable install finds them too; they are not kept in git.
"""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

TABLES = Path("kspec/syntax/tables.json")
LIBRARY = {"models": "models", "properties": "properties", "docs/errors": "errors"}


class CustomBuildHook(BuildHookInterface):  # type: ignore[misc]  # hatchling has no types here
    """What hatchling looks for."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before the files are collected: write the tables and name what else belongs in."""
        root = Path(self.root)
        if write_tables(root):
            build_data["artifacts"].append(f"/{TABLES.as_posix()}")
        if self.target_name == "wheel" and version != "editable":
            for name, inside in LIBRARY.items():
                if (root / name).is_dir():
                    build_data["force_include"][str(root / name)] = f"kspec/library/{inside}"


def write_tables(root: Path) -> bool:
    """Build the parser's tables with `kspec/syntax/tables.py`; False if there is no such file.

    The module is loaded by its path: importing kspec would need what is not installed yet.
    """
    source = root / "kspec" / "syntax" / "tables.py"
    if not source.is_file():
        return False
    spec = importlib.util.spec_from_file_location("kspec_syntax_tables", source)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    text = json.dumps(module.build(), sort_keys=True, separators=(",", ":"))
    (root / TABLES).write_text(text + "\n", encoding="utf-8")
    return True
