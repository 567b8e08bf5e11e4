"""Machine code that was made before, in files: only a matter of time, never of answers.

A file is named by a hash of everything its contents depend on, and begins with a hash of them. What
is not exactly what was written is ignored; so is a directory that cannot be written, or that
somebody else may write to. Next: `jit`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path
from typing import Final, final

from kspec.base.record import frozen
from kspec.engines.explicit.llvm.jit import Compiled, kind_of_machine, machine_code

FORM: Final = b"kspec code 1\n"
MOST: Final = 64 << 20
"""Bytes of all files together; the oldest go first."""


@final
@frozen
class Codes:
    """Makes machine code, and remembers it in a directory if it is given one."""

    directory: Path | None = None

    def find(self, assembly: str, level: int) -> Compiled | None:
        """Code that was made before."""
        if self.directory is None:
            return None
        key = _key(assembly, level)
        code = _read(self.directory / key, key)
        return None if code is None else Compiled(assembly, level, code)

    def make(self, assembly: str, level: int) -> Compiled:
        """Code, made if need be; what is optimised is remembered."""
        code = machine_code(assembly, level)
        if self.directory is not None and level:
            key = _key(assembly, level)
            with contextlib.suppress(OSError):
                _write(self.directory, key, code)
        return Compiled(assembly, level, code)


def _key(assembly: str, level: int) -> str:
    text = f"{FORM!r} {kind_of_machine()} {level}\n{assembly}"
    return hashlib.sha256(text.encode()).hexdigest()


def _read(path: Path, key: str) -> bytes | None:
    """The code in a file, if it is ours and whole."""
    try:
        with path.open("rb") as file:
            if not _is_private(os.fstat(file.fileno())) or not _is_private(path.parent.stat()):
                return None
            data = file.read(MOST)
    except OSError:
        return None
    head = len(FORM) + 32
    said, code = data[len(FORM) : head], data[head:]
    if not data.startswith(FORM) or _checksum(key, code) != said:
        return None
    return code


def _is_private(stat: os.stat_result) -> bool:
    """Does nobody but us write there?"""
    mine = not hasattr(os, "getuid") or stat.st_uid == os.getuid()
    return mine and not stat.st_mode & 0o022


def _checksum(key: str, code: bytes) -> bytes:
    return hashlib.sha256(key.encode() + code).digest()


def _write(directory: Path, key: str, code: bytes) -> None:
    """Written aside and renamed, so that nobody sees half of it."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _is_private(directory.stat()):
        return
    _make_room(directory, len(code))
    import tempfile

    handle, name = tempfile.mkstemp(dir=directory)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(FORM + _checksum(key, code) + code)
        Path(name).replace(directory / key)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _make_room(directory: Path, size: int) -> None:
    stats = ((path.stat(), path) for path in directory.iterdir())
    files = sorted((stat.st_mtime, stat.st_size, path) for stat, path in stats)
    total = size + sum(length for _, length, _ in files)
    for _, length, path in files:
        if total <= MOST:
            break
        path.unlink(missing_ok=True)
        total -= length
