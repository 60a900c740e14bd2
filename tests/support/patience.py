"""How long a test waits for what must come: a guard against a hang and never a measure, for machines differ and are busy."""

from __future__ import annotations

import time
from collections.abc import Callable

# some hundred times what an idle machine needs for anything that is waited for; below pytest's own limit of a test
HANG_SECONDS = 1800.0
_POLL_SECONDS = 0.05


def wait_until(is_so: Callable[[], bool]) -> bool:
    """Whether `is_so` comes true; asked again and again, and given up after HANG_SECONDS only."""
    deadline = time.monotonic() + HANG_SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True
