"""What runs in the processes that are killed: pieces of a history, builds and compactions, with the project's own functions."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from tests.support import histories
from warehouse.errors import BreadthwiseError
from warehouse.runs.journal import Journal

READY = "ready"


def forking() -> Any:
    """Workers are forked from a server that has the imports done: some 20 ms each, not seconds."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.integration.chaos_warm", "tests.integration.chaos_worker"])
    return context


def compact(home: Path) -> None:
    from flows.maintenance.compact import compact_home

    now = datetime.now(UTC)
    with Journal(home).record_run("compact", {}, now) as run:
        compact_home(home, histories.SETTINGS, run, now, histories.QUIET, retention_days=0)


def carry_out(home: Path, step: tuple[str, int]) -> None:
    """A step is ('deliver', piece), ('build', number) or ('compact', 0)."""
    what, number = step
    if what == "deliver":
        histories.deliver(home, number)
    elif what == "build":
        histories.build(home, number)
    else:
        compact(home)


def die_at(call: int) -> None:
    """Let SIGKILL come at the given one of the calls that make things durable: fsync and rename."""
    counted = iter(range(1, call + 1))

    def counting(real: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any, **options: Any) -> Any:
            if next(counted, call) == call:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **options)

        return called

    os.fsync, os.replace = counting(os.fsync), counting(os.replace)


def one_step(home: Path, step: tuple[str, int], call: int) -> None:
    """One step in a process of its own that dies at a call, if it comes so far."""
    die_at(call)
    carry_out(home, step)


def several_steps(home: Path, steps: Sequence[tuple[str, int]], answers: Connection, call: int | None = None) -> None:
    """The steps one after the other; each is said when it is done, an internal error in its place. See `die_at`."""
    if call is not None:
        die_at(call)
    answers.send(READY)
    for number, step in enumerate(steps):
        try:
            carry_out(home, step)
        except BreadthwiseError as error:
            answers.send(f"{type(error).__name__}: {error}")
            return
        answers.send(number)
