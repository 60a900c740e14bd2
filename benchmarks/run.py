"""Measures the pipeline on the simulated panel and writes RESULTS.md. `make bench` runs it; --small takes a minute."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks import agreement, report
from benchmarks.process import Measured, best, measure

FULL = (5000, 25)
SMALL = (300, 3)
TAIL = 275
# little more than what a build needs
ROOMY_LIMIT = "1GB"
# with its own, 1 GB, most of its builds run out of memory in the sort of the bars
RELEASE_LIMIT = "2GB"
_HERE = Path(__file__).parent
# what is delivered, and the name of the build after it
_STEPS = {"session": "one more session", "restated": "restated bar", "backfill": "backfill"}


@dataclass
class Bench:
    """What is measured and where; `repeat` runs of what is quick enough, the fastest counts."""

    folder: Path
    symbols: int
    years: int
    repeat: int
    measured: dict[str, dict[str, Any]] = field(default_factory=dict)

    def note(self, name: str, run: Measured) -> Measured:
        self.measured[name] = asdict(run)
        print(
            f"{name}: {run.found.get('seconds', 0):.1f} s, {run.cpu:.1f} s of CPU, {run.peak_gb:.2f} GB",
            file=sys.stderr,
        )
        return run


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all of it; 1 where implementations or incremental and full build disagree."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument(
        "--small", action="store_true", help="300 symbols x 3 years: all steps, no figures worth quoting"
    )
    parser.add_argument("--symbols", type=int, help="another size than 5,000")
    parser.add_argument("--years", type=int, help="another length than 25")
    parser.add_argument(
        "--folder", type=Path, default=Path("data/bench"), help="where panel and builds go (removed first)"
    )
    parser.add_argument("--out", type=Path, default=_HERE, help="folder of RESULTS.md")
    parser.add_argument("--repeat", type=int, help="runs of each step, the fastest counts (default 3; 1 with --small)")
    parser.add_argument(
        "--release", type=Path, help="a checkout of an earlier release, with its .venv, that builds the same panel"
    )
    parser.add_argument("--no-series", action="store_true", help="leave out the cost against symbols and years")
    given = parser.parse_args(arguments)
    symbols, years = SMALL if given.small else FULL
    symbols, years = given.symbols or symbols, given.years or years
    folder = given.folder.absolute() / f"{symbols}x{years}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    bench = Bench(folder, symbols, years, given.repeat or (1 if given.small else 3))
    checks = _panel(bench, given.release and given.release.absolute())
    series = [] if given.no_series else _series(bench)
    results = {
        "symbols": symbols,
        "years": years,
        "repeat": bench.repeat,
        "machine": report.machine(),
        "series": series,
        "measured": bench.measured,
        "checks": checks,
        "date": date.today().isoformat(),
    }
    (folder / "results.json").write_text(json.dumps(results, indent=1))
    report.write(results, given.out)
    return 0 if all(check["is_right"] for check in checks) else 1


def _panel(bench: Bench, release: Path | None) -> list[dict[str, Any]]:
    """All steps on the panel; returns what was checked."""
    home, cache = bench.folder / "home", bench.folder / "home" / "cache"
    deliver: dict[str, Any] = {"home": str(home), "symbols": bench.symbols, "years": bench.years}
    build: dict[str, Any] = {"home": str(home), "cache": str(cache)}
    bench.note("deliver", measure("deliver", **deliver, step="base"))
    builds = [str(bench.folder / f"build-{number}.duckdb") for number in range(4)]
    bench.note("first build", measure("build", **build, out=builds[0], number=1))
    alone: dict[str, Any] = {"home": str(home), "cache": str(bench.folder / "cache-alone"), "only_same": True}
    first_alone, alone_out = str(bench.folder / "first-alone.duckdb"), str(bench.folder / "alone.duckdb")
    measure("build", **alone, out=first_alone, number=1)
    grown = None
    for number, (step, name) in enumerate(_STEPS.items(), 1):
        measure("deliver", **deliver, step=step)
        if step == "session":
            more = measure("build", **alone, out=alone_out, number=2, before=first_alone)
            bench.note("session of breadth and rotation", more)
        grown = bench.note(
            name, measure("build", **build, out=builds[number], number=number + 1, before=builds[number - 1])
        )
        Path(builds[number - 1]).unlink()
    assert grown is not None
    bench.measured["store"] = {"bytes": sum(path.stat().st_size for path in cache.iterdir())}
    bench.note("scan", best(bench.repeat, "scan", home=str(home)))
    shutil.rmtree(cache, ignore_errors=True)
    full = bench.folder / "full.duckdb"
    whole = bench.note("full", measure("build", **build, out=str(full), number=4))
    unchanged = str(bench.folder / "unchanged.duckdb")
    bench.note("unchanged", measure("build", **build, out=unchanged, number=5, before=str(full)))
    if release is not None:
        out = str(bench.folder / "release.duckdb")
        limit: dict[str, Any] = {"memory_limit": RELEASE_LIMIT}
        bench.note("release", measure("build", checkout=release, home=str(home), out=out, number=8, **limit))
    other = str(bench.folder / "roomy.duckdb")
    roomy = bench.note("roomy", measure("build", home=str(home), out=other, number=7, memory_limit=ROOMY_LIMIT))
    same = str(bench.folder / "same.duckdb")
    bench.note("same", best(bench.repeat, "build", home=str(home), out=same, number=6, only_same=True))
    bench.note("queries", measure("queries", path=str(full)))
    checks = [
        _same_tables("full build = one more session, a restated bar and a year's backfill, on blocks", whole, grown),
        _same_tables(f"full build = the same without a cache, with {ROOMY_LIMIT} of memory", whole, roomy),
    ]
    checks += _frames(bench, home, full)
    corrected = str(bench.folder / "corrected.duckdb")
    measure("deliver", **deliver, step="corrected")
    # from the start, as before 'unchanged': a file with so many blocks replaced would be written anew by the next build
    shutil.rmtree(cache)
    measure("build", **build, out=corrected, number=9, before=unchanged)
    again = str(bench.folder / "corrected-again.duckdb")
    bench.note("corrected", measure("build", **build, out=again, number=10, before=corrected))
    return checks


def _same_tables(what: str, one: Measured, other: Measured) -> dict[str, Any]:
    differ = sorted(table for table, made in one.found["hashes"].items() if other.found["hashes"].get(table) != made)
    detail = ", ".join(differ) or f"{len(one.found['hashes'])} tables"
    return {"what": f"hashes of all tables: {what}", "is_right": not differ, "detail": detail}


def _frames(bench: Bench, home: Path, built: Path) -> list[dict[str, Any]]:
    frames = bench.folder / "frames"
    measure("export", home=str(home), folder=str(frames))
    checks = []
    for engine in ("polars", "pandas"):
        bench.note(engine, best(bench.repeat, engine, folder=str(frames), out=str(frames)))
        found = agreement.compare(built, frames, engine)
        what = f"breadth and rotation in {engine}: counts equal, other numbers within {agreement.TOLERANCE}"
        is_right = found["differing"] == 0 and found["compared"] > 0
        detail = f"{found['compared']:,} cells compared, {found['differing']:,} differ"
        checks.append({"what": what, "is_right": is_right, "detail": detail})
    bench.note("pandas tail", best(bench.repeat, "pandas", folder=str(frames), tail=TAIL))
    return checks


def _series(bench: Bench) -> list[dict[str, Any]]:
    """Full builds of smaller panels and one more session of each; the panel's own stands at the end of both lines."""
    sizes = [(bench.symbols // part, bench.years) for part in (8, 4, 2)]
    sizes += [(bench.symbols, years) for years in (sorted({max(2, bench.years // part) for part in (8, 4, 2)}))]
    found = []
    for symbols, years in sizes:
        home = bench.folder / f"series-{symbols}x{years}"
        build: dict[str, Any] = {"home": str(home), "cache": str(home / "cache")}
        first, second = str(home / "first.duckdb"), str(home / "second.duckdb")
        for step in ("base", "backfill"):
            measure("deliver", home=str(home), symbols=symbols, years=years, step=step)
        run = measure("build", **build, out=first, number=1)
        bench.note(f"{symbols} symbols x {years} years", run)
        measure("deliver", home=str(home), symbols=symbols, years=years, step="session")
        more = measure("build", **build, out=second, number=2, before=first)
        bench.note(f"one more session of {symbols} symbols x {years} years", more)
        scan = measure("scan", home=str(home))
        found.append({**_point(symbols, years, run, scan.found["rows"]), "session_seconds": more.seconds})
        shutil.rmtree(home)
    full = bench.measured["full"]
    whole = Measured(full["found"], full["cpu"], full["peak_gb"])
    own = _point(bench.symbols, bench.years, whole, bench.measured["scan"]["found"]["rows"])
    return [*found, {**own, "session_seconds": bench.measured["one more session"]["found"]["seconds"]}]


def _point(symbols: int, years: int, run: Measured, rows: int) -> dict[str, Any]:
    return {
        "symbols": symbols,
        "years": years,
        "rows": rows,
        "seconds": run.seconds,
        "cpu": run.cpu,
        "peak_gb": run.peak_gb,
    }


if __name__ == "__main__":
    sys.exit(main())
