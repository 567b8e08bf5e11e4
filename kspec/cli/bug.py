"""What happens when kspec itself is wrong: a directory with everything that a report needs.

Exit code 101. The path is printed on stderr; nothing is sent anywhere.
"""

from __future__ import annotations

import platform
import sys
import tempfile
import traceback
from pathlib import Path

from kspec import __version__

LONGEST = 300
"""Characters of the error that are shown; all of it is in the bundle."""
ADVICE = "this is a mistake in kspec, not in what you wrote; please report it with this directory"


def report_bug(error: BaseException, arguments: list[str]) -> Path:
    """Write the bundle and say where it is."""
    bundle = Path(tempfile.mkdtemp(prefix="kspec-bug-"))
    about = [
        f"kspec {__version__}, Python {platform.python_version()}, {platform.platform()}",
        f"arguments: {arguments}",
        "",
        "".join(traceback.format_exception(error)),
    ]
    (bundle / "report.txt").write_text("\n".join(about), encoding="utf-8")
    system = getattr(error, "text", None)
    if isinstance(system, str):
        (bundle / "system.txt").write_text(system, encoding="utf-8")
    what = str(error).splitlines()[0] if str(error) else type(error).__name__
    what = what if len(what) <= LONGEST else f"{what[:LONGEST]}…"
    print(f"internal error: {what}", file=sys.stderr)
    print(f"  = note: {ADVICE}", file=sys.stderr)
    print(f"  = note: {bundle}", file=sys.stderr)
    return bundle
