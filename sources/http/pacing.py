"""The pace of requests to one host: a token bucket in a small file, shared by all threads and processes of a home."""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warehouse.errors import LakeError

# A bucket that is ahead by more was written before the machine started again: monotonic clocks begin anew.
_AHEAD_SECONDS = 3600.0
_CREDIT_SECONDS = 0.1


@dataclass
class HostState:
    """What is known of a host: `next_at` on the monotonic clock, the rest for `doctor`."""

    next_at: float = 0.0
    last_good: str = ""
    latency_seconds: float = 0.0
    answered: int = 0
    failed: int = 0
    last_error: str = ""


class Pace:
    """Gives each caller its own moment to ask `host`. `monotonic` must be one clock for all processes."""

    def __init__(self, home: Path, monotonic: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self.folder = home / "pace"
        self._monotonic = monotonic
        self._sleep = sleep

    def wait_for_turn(self, host: str, per_second: float) -> None:
        """Sleep until a request may go out. Up to a tenth of a second of unused pace is made up for."""
        now = self._monotonic()

        def reserve_turn(state: HostState) -> float:
            ahead = state.next_at - now
            if ahead > _AHEAD_SECONDS or ahead < -_CREDIT_SECONDS:
                state.next_at = now
            if ahead < -_CREDIT_SECONDS and 1 / per_second < _CREDIT_SECONDS:
                state.next_at = now - _CREDIT_SECONDS + 1 / per_second
            slot = state.next_at
            state.next_at = slot + 1 / per_second
            return slot

        delay = self._change_state(host, reserve_turn) - now
        if delay > 0:
            self._sleep(delay)

    def hold_host(self, host: str, seconds: float) -> None:
        """Nobody asks `host` for `seconds`: it said so."""
        until = self._monotonic() + seconds

        def set_hold(state: HostState) -> None:
            state.next_at = max(state.next_at, until) if state.next_at - until < _AHEAD_SECONDS else until

        self._change_state(host, set_hold)

    def note_success(self, host: str, at: str, latency_seconds: float) -> None:
        def note(state: HostState) -> None:
            state.last_good, state.latency_seconds, state.answered = at, round(latency_seconds, 4), state.answered + 1

        self._change_state(host, note)

    def note_failure(self, host: str, message: str) -> None:
        def note(state: HostState) -> None:
            state.failed, state.last_error = state.failed + 1, message[:300]

        self._change_state(host, note)

    def read_state(self, host: str) -> HostState:
        """What is known of `host`; nothing is written."""
        path = self._state_path(host)
        return _parse_state(path.read_bytes()) if path.exists() else HostState()

    def _state_path(self, host: str) -> Path:
        return self.folder / (re.sub(r"[^a-z0-9.-]", "_", host.lower()).strip(".")[:100] or "_")

    def _change_state(self, host: str, change: Callable[[HostState], Any]) -> Any:
        handle = self._open_state_file(self._state_path(host))
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            before = os.pread(handle, 4096, 0)
            state = _parse_state(before)
            result = change(state)
            text = json.dumps(vars(state)).encode()
            os.pwrite(handle, text, 0)
            if len(before) > len(text):
                os.ftruncate(handle, len(text))
        finally:
            os.close(handle)
        return result

    def _open_state_file(self, path: Path) -> int:
        try:
            try:
                return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
            except FileNotFoundError:
                path.parent.mkdir(parents=True, exist_ok=True)
                return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise LakeError(f"cannot write {path}: {error.strerror}; is BREADTHWISE_HOME writable?") from error


def _parse_state(text: bytes) -> HostState:
    """A damaged or older file counts as an unused bucket: it holds nothing that cannot be learnt again."""
    try:
        return HostState(**json.loads(text))
    except (ValueError, TypeError):
        return HostState()
