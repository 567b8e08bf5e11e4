"""`python -m tests.vectors DIR`: every file of vectors below DIR, one line of JSON each.

Exit 0 if nothing failed, 1 if something did, 2 if a file or a module cannot be read.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from tests.vectors.run import Outcome, Unreadable, line, run_directory


def main(arguments: Sequence[str]) -> int:
    """Print and judge; the exit code."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print("usage: python -m tests.vectors DIR", file=sys.stderr)
        return 2
    codes = [_tell(outcome) for outcome in run_directory(Path(arguments[0]))]
    if not codes:
        print(f"no *.json below {arguments[0]}", file=sys.stderr)
    return max(codes, default=2)


def _tell(outcome: Outcome | Unreadable) -> int:
    """Print a file's line, or what is wrong with it; its exit code."""
    if isinstance(outcome, Unreadable):
        print(outcome, file=sys.stderr)
        return 2
    print(line(outcome), flush=True)
    return 1 if outcome.report.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
