"""Ctrl-C: the first one asks to stop and keeps what is known, the second one is not patient.

Who may block for long in a solver says how long to wait (`patience`): questions are ended from a
thread at once, and what still goes on after that many seconds is interrupted as by a second Ctrl-C.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Final, final

POLL: Final = 0.1
"""Seconds between two tries to end what runs."""


@final
class Stop:
    """Whether somebody asked to stop."""

    def __init__(self, patience: float | None = None) -> None:
        self.asked = False
        self.patience = patience

    def __call__(self) -> bool:
        """Asked for between batches of a search."""
        return self.asked

    @contextmanager
    def listening(self) -> Iterator[None]:
        """While this is open, Ctrl-C ends the search and keeps what is known."""
        before = signal.signal(signal.SIGINT, self._interrupt)
        leave = _hurrying(self.patience) if self.patience is not None else None
        try:
            yield
        finally:
            # What is interrupted only now has nothing left to interrupt.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            if leave is not None:
                leave()
            signal.signal(signal.SIGINT, before)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True


def _hurrying(patience: float) -> Callable[[], None]:
    """Begin to end questions when Ctrl-C is heard; what is returned takes that back."""
    import socket
    from _thread import interrupt_main
    from threading import Event, Thread

    from kspec.base.blocking import end_all

    # A signal writes a byte here even while the main thread is in a solver and hears nothing.
    reading, writing = socket.socketpair()
    writing.setblocking(False)
    before = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
    ended = Event()

    def hurry() -> None:
        while (heard := reading.recv(1)) and heard[0] != signal.SIGINT:
            pass
        waited = 0.0
        while heard and not ended.wait(POLL):
            end_all()
            waited += POLL
            if waited >= patience:
                waited = 0.0
                interrupt_main()

    thread = Thread(target=hurry, daemon=True)
    thread.start()

    def leave() -> None:
        signal.set_wakeup_fd(before)
        ended.set()
        with suppress(OSError):
            writing.close()
        thread.join(1)
        reading.close()

    return leave
