"""Memory of processes: one unit, wherever it is shown."""

from __future__ import annotations

import resource
import sys

# Linux counts in units of 1,024 bytes, macOS in bytes
_UNIT = 1 if sys.platform == "darwin" else 1024


def peak_memory_mb() -> float:
    """Largest resident memory of this process so far, in MB (a million bytes)."""
    return resident_mb(resource.getrusage(resource.RUSAGE_SELF))


def resident_mb(usage: resource.struct_rusage) -> float:
    """The largest resident memory in the kernel's account of a process, in MB (a million bytes)."""
    return usage.ru_maxrss * _UNIT / 1e6
