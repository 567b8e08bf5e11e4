"""Jobs side by side, each in a process of its own; what they come to, in the order of the jobs.

Nothing here decides anything: whoever asks for the outcome of a job gets what `turns.perform` comes
to, whether the job was done in another process meanwhile or is done here and now. A process that
dies takes its own job with it and no other. None outlives its parent: each ends when what it reads
from ends, and Ctrl-C is for the parent alone. Next: `turns`.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from types import TracebackType
from typing import IO, Any, Final, TypeAlias, final

from kspec.base.internal import InternalError
from kspec.driver.portfolio.turns import Failed, Job, Outcome, Tell, perform
from kspec.engines.api import Moment, Progress

POLL: Final = 0.1
"""Seconds after which somebody who waits looks whether to stop."""
BEGUN: Final = "begun"
"""What a process says first. One that dies before that did not even start."""
CHILD: Final = (
    "import sys; sys.path[:0] = {!r}; from kspec.driver.portfolio.side_by_side import work; work()"
)


class Fault(InternalError):
    """What was impossible happened in another process; `text` is the system, if there is one."""

    def __init__(self, said: str, text: str | None) -> None:
        super().__init__(said)
        self.text = text

    def __reduce__(self) -> tuple[type[Fault], tuple[str, str | None]]:
        return Fault, (str(self), self.text)


_Message: TypeAlias = tuple[int, Any]


@final
class SideBySide:
    """Jobs, `most` of them at once; with `most` of 1 each is done here, when it is asked for.

    `is_stopped` tells whether somebody has asked to stop, `is_over` whether time is up, too.
    `busy` is told, by their places, which are being done; `tell` how far they are.
    """

    def __init__(
        self,
        jobs: tuple[Job, ...],
        most: int,
        is_stopped: Callable[[], bool],
        is_over: Callable[[], bool],
        busy: Callable[[tuple[int, ...]], None],
        tell: Tell,
    ) -> None:
        self._jobs, self._is_stopped, self._is_over = jobs, is_stopped, is_over
        self._busy, self._tell = busy, tell
        self._most = most if most > 1 and len(jobs) > 1 and can_start() else 0
        self._waiting = list(range(len(jobs)))
        self._running: dict[int, tuple[subprocess.Popen[bytes], Thread]] = {}
        self._begun: set[int] = set()
        self._done: dict[int, Outcome | Fault] = {}
        self._said: SimpleQueue[_Message] = SimpleQueue()

    def __enter__(self) -> SideBySide:
        self._fill()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        for place in tuple(self._running):
            self._end(place)

    def outcome(self, place: int) -> Outcome | None:
        """What a job comes to; None if it is too late for that. Raises `InternalError`."""
        while place not in self._done:
            if place not in self._running:
                # Here and now: there are no processes, or this one could not be started.
                self._waiting = [n for n in self._waiting if n != place]
                self._busy((place,))
                self._done[place] = perform(self._jobs[place], self._is_stopped, self._tell)
            elif self._is_over():
                return None
            else:
                self._hear()
        found = self._done[place]
        if isinstance(found, Fault):
            raise found
        return found

    def drop(self, place: int) -> None:
        """A job whose outcome cannot matter any more."""
        self._waiting = [n for n in self._waiting if n != place]
        if place in self._running:
            self._end(place)
            self._fill()

    # ---- processes ----------------------------------------------------------------------------

    def _fill(self) -> None:
        """Begin as many jobs as may be done at once."""
        while self._waiting and len(self._running) < self._most:
            place = self._waiting.pop(0)
            try:
                # Text first: what is nested too deep is found out here.
                text = pickle.dumps(self._jobs[place], pickle.HIGHEST_PROTOCOL)
                process = _started()
            except (OSError, RecursionError):
                continue
            listens = Thread(target=_listen, args=(place, process, text, self._said), daemon=True)
            self._running[place] = process, listens
            listens.start()
        if self._running:
            self._busy(tuple(sorted(self._running)))

    def _hear(self) -> None:
        """Take one message, or wait a little."""
        try:
            place, said = self._said.get(timeout=POLL)
        except Empty:
            return
        if place not in self._running:
            return
        if isinstance(said, Progress | Moment):
            self._tell(said)
            return
        if said == BEGUN:
            self._begun.add(place)
            return
        process, _ = self._running[place]
        if said is not None:
            self._done[place] = said
        elif place in self._begun:
            self._done[place] = _died(process)
        self._end(place)
        self._fill()

    def _end(self, place: int) -> None:
        process, listens = self._running.pop(place)
        with suppress(OSError):
            process.kill()
        process.wait()
        listens.join()


def can_start() -> bool:
    """Can this program be started again as it is?"""
    return bool(sys.executable) and not getattr(sys, "frozen", False)


def _started() -> subprocess.Popen[bytes]:
    here = Path(__file__).parents[3].as_posix()
    command = [sys.executable, "-c", CHILD.format([here])]
    with _deaf():
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


@contextmanager
def _deaf() -> Iterator[None]:
    """What is started meanwhile never hears of Ctrl-C, not even before its first line."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _died(process: subprocess.Popen[bytes]) -> Failed:
    code = process.wait()
    how = f"by signal {-code}" if code < 0 else f"with exit code {code}"
    return Failed(f"its process was ended {how}")


def _listen(
    place: int, process: subprocess.Popen[bytes], text: bytes, said: SimpleQueue[_Message]
) -> None:
    """Give a process its job and pass on what it says; None when it says no more."""
    assert process.stdin is not None and process.stdout is not None
    with suppress(Exception):  # it died; nothing that it said is half believed
        process.stdin.write(text)
        process.stdin.flush()
        while True:
            said.put((place, pickle.load(process.stdout)))
    said.put((place, None))
    for stream in (process.stdin, process.stdout):
        with suppress(OSError):
            stream.close()


# ---- in the other process ----------------------------------------------------------------------


def work() -> None:
    """Do the job that stands on stdin, and say on stdout what it came to. Does not return."""
    import gc

    gc.set_threshold(100_000)
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else is printed is no answer
    job: Job = pickle.load(sys.stdin.buffer)
    _say(out, BEGUN)
    Thread(target=_outlived, args=(sys.stdin.buffer,), daemon=True).start()
    _say(out, _answer(job, out))
    os._exit(0)


def _answer(job: Job, out: IO[bytes]) -> Outcome | Fault:
    try:
        return perform(job, lambda: False, lambda how_far: _say(out, how_far))
    except InternalError as error:
        text = getattr(error, "text", None)
        return Fault(str(error), text if isinstance(text, str) else None)


def _say(out: IO[bytes], message: object) -> None:
    pickle.dump(message, out, pickle.HIGHEST_PROTOCOL)
    out.flush()


def _outlived(stream: IO[bytes]) -> None:
    """End with the parent: what it writes to ends when it does."""
    stream.read()
    os._exit(1)


__all__ = ["Fault", "SideBySide", "can_start", "work"]
