"""How far a long work is: on a terminal a bar with the time that is left, elsewhere a line now and then."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING

from flows.console.context import Reporter

if TYPE_CHECKING:
    from rich.progress import Progress

_LINES = 20


class Bar:
    """A context manager that counts `total` steps; `advance` may be called by any thread."""

    def __init__(self, reporter: Reporter, name: str, total: int, every: int = 0) -> None:
        """`every`: steps from one line to the next where there is no terminal; 0 for about twenty lines in all."""
        self.done = 0
        self._reporter, self._name, self._total = reporter, name, total
        self._every = every or max(1, total // _LINES)
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self._rich: Progress | None = None

    def __enter__(self) -> Bar:
        if sys.stderr.isatty() and not self._reporter.quiet and self._total:
            self._rich = _rich_progress()
            self._rich.add_task(self._name, total=self._total)
            self._rich.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._rich is not None:
            self._rich.stop()

    def advance_bar(self, count: int = 1) -> None:
        with self._lock:
            before, self.done = self.done, self.done + count
            is_due = self.done // self._every > before // self._every
        if self._rich is not None:
            self._rich.advance(self._rich.task_ids[0], count)
        elif is_due:
            self._reporter.print_line(f"  {self._name}: {self.done:,} of {self._total:,}, {self._time_left()} left")

    def _time_left(self) -> str:
        """The time for the rest, at the speed so far."""
        seconds = round((time.monotonic() - self._began) / self.done * max(self._total - self.done, 0))
        return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _rich_progress() -> Progress:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("  {task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=Console(stderr=True), transient=False)
