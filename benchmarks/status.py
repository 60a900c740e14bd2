"""How long `breadthwise status` takes on a home of 5,000 symbols x 25 years, the imports of the interpreter apart."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from flows.inspect import status
from warehouse import calendar
from warehouse.settings import Settings

# a day after the panel's last session
NOW = datetime(2026, 1, 5, tzinfo=UTC)


def seconds_of(home: Path, rounds: int = 3) -> float:
    """The slowest of some rounds, each reading lake, warehouse and journal anew; the calendar is imported before."""
    calendar.all_sessions()
    found = []
    for _ in range(rounds):
        began = time.perf_counter()
        shown = list(status.status_lines(home, Settings(), NOW))
        found.append(time.perf_counter() - began)
        assert shown
    return max(found)


if __name__ == "__main__":
    print(f"status: {seconds_of(Path(sys.argv[1])):.2f} s")
