"""What every command is given: the home, its settings, and a place to report progress to."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.controls import printable_lines
from warehouse.process import peak_memory_mb

if TYPE_CHECKING:
    from warehouse.settings import Settings

# of a log of a long step, such as cron's, before it says how far the step is
_SILENT_SECONDS = 30.0


@dataclass
class Reporter:
    """Progress of long work, to stderr: a moving bar on a terminal, plain lines elsewhere.

    `timings` collects (step, seconds, peak resident memory in MB so far) of every step, `problems` the lines of what did not
    come. `log` is given every line as well, with its level, also what `quiet` leaves out. What a terminal would obey is an
    escape in all of them, wherever it came from.
    """

    timings: list[tuple[str, float, float]] = field(default_factory=list)
    quiet: bool = False
    log: Callable[[int, str], None] = lambda level, text: None
    problems: list[str] = field(default_factory=list)
    _last_line_at: float = field(default_factory=time.monotonic, init=False, repr=False, compare=False)

    def print_line(self, text: str) -> None:
        text = printable_lines(text)
        self._last_line_at = time.monotonic()
        self.log(logging.INFO, text)
        if not self.quiet:
            print(text, file=sys.stderr, flush=True)

    def print_problem(self, text: str) -> None:
        """What did not come, and why: said under --quiet too, which leaves out progress and no reason."""
        text = printable_lines(text)
        self.problems.append(text)
        self.log(logging.WARNING, text)
        print(text, file=sys.stderr, flush=True)

    def print_result(self, text: str) -> None:
        """What came of it, to stdout, under --quiet too."""
        text = printable_lines(text)
        self.log(logging.INFO, text)
        print(text, flush=True)

    @contextmanager
    def time_step(self, name: str) -> Iterator[None]:
        """Time one step of the work and say that it is under way."""
        started = self._last_line_at = time.monotonic()
        if self._is_terminal and not self.quiet:
            print(f"  {name} ...", end="\r", file=sys.stderr, flush=True)
        yield
        seconds = time.monotonic() - started
        self.timings.append((name, seconds, peak_memory_mb()))
        self.print_line(f"  {name}: {seconds:.1f} s")

    def show_progress(self, text: str, done: int, total: int) -> None:
        """How far a step is: on a terminal one line that is written over, elsewhere a line after half a minute without any."""
        if self._is_terminal:
            if not self.quiet:
                print(f"  [{done}/{total}] {text:<60.60}", end="\r", file=sys.stderr, flush=True)
        elif time.monotonic() - self._last_line_at >= _SILENT_SECONDS:
            self.print_line(f"  {text}: {done:,} of {total:,}")

    @property
    def _is_terminal(self) -> bool:
        return sys.stderr.isatty()


@dataclass(frozen=True)
class Context:
    """Handed to `run` of a command. `settings` are read when first asked for, so that help needs none."""

    home: Path
    reporter: Reporter

    @property
    def settings_by_form(self) -> Settings:
        """The settings with names of sources taken as they stand: to know them, every source is imported.

        A file that is refused for its form is refused with all its mistakes, those in names too.
        """
        from warehouse.errors import SettingsError
        from warehouse.settings import load_home_settings

        try:
            return load_home_settings(self.home)
        except SettingsError:
            return self.settings

    @property
    def settings(self) -> Settings:
        from sources.settings import load_settings

        return load_settings(self.home)


def timings_table(reporter: Reporter) -> str:
    """The steps as a table: seconds, and peak memory of the process at the step's end."""
    lines = [f"{'step':<40} {'seconds':>8} {'peak MB':>8}"]
    lines += [f"{name:<40} {seconds:>8.2f} {peak:>8.0f}" for name, seconds, peak in reporter.timings]
    return "\n".join(lines)
