"""Seconds of CPU of commands that people type often, the least of some rounds, against what the project promises.

`python -m benchmarks.startup` makes a demo in a scratch folder, or takes the one that --home names.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

ROUNDS = 3
# most seconds of CPU; of an import those above Great Expectations' own
LIMITS: dict[tuple[str, ...], float] = {
    ("--help",): 0.2,
    ("status",): 1.0,
    ("sql", "select * from reports.headline_indices limit 4"): 1.0,
}
IMPORT_LIMIT = 1.5


def cpu_seconds(*command: str) -> float:
    """User and system time of `command` and of what it waited for. Raises RuntimeError where it fails."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def program() -> str:
    """The command line as people start it."""
    return str(Path(sys.executable).with_name("breadthwise"))


def write_forty_rows(path: Path) -> None:
    """Bars of four stocks on ten days."""
    first = date(2025, 6, 2)
    days = [first + timedelta(days=week * 7 + day) for week in range(2) for day in range(5)]
    rows = [f"{day},M{symbol:02d},10,12,9,11,100" for day in days for symbol in range(4)]
    path.write_text("\n".join(["date,symbol,open,high,low,close,volume", *rows, ""]), encoding="utf-8")


def import_above_checks(folder: Path) -> list[float]:
    """What an import of forty rows costs more than the library of its checks alone, round by round, side by side."""
    write_forty_rows(folder / "forty.csv")
    options = ("--dataset", "equity_bars", "--basis", "raw")
    above = []
    for place in range(ROUNDS):
        alone = cpu_seconds(sys.executable, "-c", "import great_expectations")
        command = (program(), "--quiet", "--home", str(folder / f"home-{place}"), "import", str(folder / "forty.csv"))
        above.append(cpu_seconds(*command, *options) - alone)
    return above


def main(arguments: Sequence[str] | None = None) -> int:
    """1 where a promise is not kept."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--home", type=Path, help="a home with a build; else the demo is made")
    given = parser.parse_args(arguments)
    is_kept = True
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        home = given.home or folder / "demo"
        if given.home is None:
            subprocess.run([program(), "--quiet", "--home", str(home), "demo"], check=True, stdout=subprocess.DEVNULL)
        lines = [
            (" ".join(words), min(cpu_seconds(program(), "--home", str(home), *words) for _ in range(ROUNDS)), limit)
            for words, limit in LIMITS.items()
        ]
        lines.append(("import of 40 rows, above Great Expectations", min(import_above_checks(folder)), IMPORT_LIMIT))
        for name, seconds, limit in lines:
            is_kept &= seconds <= limit
            print(f"{name}: {seconds:.2f} s of CPU, at most {limit:g}: {'reached' if seconds <= limit else 'missed'}")
    return 0 if is_kept else 1


if __name__ == "__main__":
    sys.exit(main())
