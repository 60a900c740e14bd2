"""Memory of processes: one unit, wherever it is shown; and how often Python looks for what is no longer in use."""

from __future__ import annotations

import gc
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# Linux counts in units of 1,024 bytes, macOS in bytes
_UNIT = 1 if sys.platform == "darwin" else 1024
_COLLECTED_EVERY = 50_000


def peak_memory_mb() -> float:
    """Largest resident memory of this process so far, in MB (a million bytes)."""
    return resident_mb(resource.getrusage(resource.RUSAGE_SELF))


def resident_mb(usage: resource.struct_rusage) -> float:
    """The largest resident memory in the kernel's account of a process, in MB (a million bytes)."""
    return usage.ru_maxrss * _UNIT / 1e6


@contextmanager
def long_lived() -> Iterator[None]:
    """What the block makes stays until the process ends: Python looks for cycles in it neither now nor later, and from now on
    a seventieth as often as by default.

    Meant for imports: with a million objects of libraries each full search takes a third of a second, and importing sets off
    one after the other.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(_COLLECTED_EVERY, *gc.get_threshold()[1:])
        if was_enabled:
            gc.enable()
