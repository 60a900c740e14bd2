"""Ctrl-C and SIGTERM: a command ends in its own time where that is short, else after three seconds without asking anybody."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from types import FrameType

_PATIENCE_SECONDS = 1.5
# what must not stay behind where the program leaves at once: a server in a process of its own
at_exit: list[Callable[[], None]] = []
_STOPPED, _ENDED = "stopped", "ended"
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# the handler of the `stoppable` that is open
_open: list[Callable[[int, FrameType | None], None]] = []


@contextmanager
def interrupt_on_signals(line: str) -> Iterator[None]:
    """Both signals raise KeyboardInterrupt inside; what holds it up longer than a few seconds is left where it stands.

    `line` is what a user then reads. Facts are committed whole, so nothing is half-written.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # of all that threads share only this may be touched in a handler: it interrupts whatever holds a lock, also of threading
    news: SimpleQueue[str] = SimpleQueue()
    stops: list[int] = []
    # who takes it ends the program, and alone says so
    last_word: SimpleQueue[None] = SimpleQueue()
    last_word.put(None)

    def watch_for_delay() -> None:
        if news.get() == _STOPPED:
            try:
                news.get(timeout=_PATIENCE_SECONDS)
            except Empty:
                if _take(last_word):
                    exit_process(line)

    def handle_signal(number: int, _frame: FrameType | None) -> None:
        if stops:
            exit_process(line)
        stops.append(number)
        news.put(_STOPPED)
        raise KeyboardInterrupt

    threading.Thread(target=watch_for_delay, name="stopping", daemon=True).start()

    before = {number: signal.signal(number, handle_signal) for number in _SIGNALS}
    _open.append(handle_signal)
    try:
        yield
    except Exception as error:
        # a library may turn the interruption into an error of its own
        if not stops:
            raise
        raise KeyboardInterrupt from error
    finally:
        news.put(_ENDED)
        _open.remove(handle_signal)
        for number, handler in before.items():
            signal.signal(number, handler)
        if stops and not _take(last_word):
            # the watcher is at it
            threading.Event().wait()


def _take(token: SimpleQueue[None]) -> bool:
    try:
        token.get_nowait()
    except Empty:
        return False
    return True


def reclaim_signals() -> None:
    """Take both signals back from a library that took one for itself and would wait for every thread; in its own time it
    restores what it found. Does nothing outside `stoppable`, where the library's parent process sees to the end."""
    if _open and threading.current_thread() is threading.main_thread():
        for number in _SIGNALS:
            signal.signal(number, _open[-1])


def leave_soon(error: BaseException) -> None:
    """Where `error` is a stop, and nobody here watches for its delay: a run in a process that a runner of Prefect started ends
    soon, though its threads may wait for a host. With code 0 the runner that stopped it records its
    state; any other runner records a crash."""
    if not isinstance(error, Exception) and not _open:
        listener = sys.modules.get("prefect._internal.control_listener")
        code = 0 if listener is not None and listener.get_intent() is not None else 1
        ending = threading.Timer(_PATIENCE_SECONDS, exit_process, kwargs={"code": code})
        ending.daemon = True
        ending.start()


def exit_process(line: str = "", code: int = 1) -> None:
    """End this process at once: threads that wait for a host cannot be stopped."""
    if line:
        print(line, file=sys.stderr)
    for clean_up in at_exit:
        with suppress(Exception):
            clean_up()
    with suppress(Exception):
        # named semaphores go (a progress bar of a library has one), else Python notes them as leaked; an import could wait
        if "multiprocessing.util" in sys.modules:
            sys.modules["multiprocessing.util"]._run_finalizers(0)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def exit_if_threads_wait() -> None:
    """After a stop: an ordinary end would wait for every thread that still asks a host, and for a server."""
    if at_exit or any(thread.is_alive() and not thread.daemon for thread in threading.enumerate()[1:]):
        exit_process()
