"""One piece of work in a process of its own: what it found, its CPU time and its peak memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warehouse.process import resident_mb


class StepFailed(Exception):
    """A step ended with an error; the text is the end of what it said."""


@dataclass(frozen=True)
class Measured:
    """`peak_gb` (a billion bytes) is the largest resident set of the process, the interpreter and its libraries included."""

    found: dict[str, Any]
    cpu: float
    peak_gb: float

    @property
    def seconds(self) -> float:
        return float(self.found["seconds"])


def measure(name: str, *, checkout: Path | None = None, **arguments: Any) -> Measured:
    """Run the step `name` of steps.py, of another `checkout` with an environment of its own where it is given, and wait for it.

    Raises StepFailed.
    """
    python = sys.executable if checkout is None else str(checkout / ".venv" / "bin" / "python")
    command = [python, "-m", "benchmarks.steps", name, json.dumps(arguments)]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdout=out, stderr=errors, cwd=checkout)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        if process.returncode != 0:
            raise StepFailed(f"{name}({arguments}): {errors.read().decode(errors='replace')[-2000:]}")
        found = json.loads(out.read().splitlines()[-1])
    return Measured(found, usage.ru_utime + usage.ru_stime, resident_mb(usage) / 1000)


def best(times: int, name: str, **arguments: Any) -> Measured:
    """The fastest of several runs; its peak is the largest of all."""
    runs = [measure(name, **arguments) for _ in range(times)]
    fastest = min(runs, key=lambda run: run.seconds)
    return Measured(fastest.found, fastest.cpu, max(run.peak_gb for run in runs))
