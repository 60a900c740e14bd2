"""When somebody waits for a lock: what a test can go on with, in place of a pause."""

from __future__ import annotations

import threading
from typing import IO

import pytest

from warehouse import durable_io


def event_of_wait(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set once a lock was not free for one of the threads of this process."""
    waiting = threading.Event()
    take = durable_io._take_lock

    def take_or_set(handle: IO[str]) -> bool:
        is_taken = take(handle)
        if not is_taken:
            waiting.set()
        return is_taken

    monkeypatch.setattr(durable_io, "_take_lock", take_or_set)
    return waiting
