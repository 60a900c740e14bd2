"""The real market beside the project, imported and built: what `make real` and the tests over it run."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path

from flows.build.publish import build_and_publish
from flows.console.context import Reporter, timings_table
from flows.ingest.files import import_planned_files, summary_lines
from flows.ingest.import_plan import Import, Plan, plan_imports
from sources.parsing.finality import DEFAULT_MARGIN_MINUTES
from sources.settings import load_settings
from warehouse.errors import BreadthwiseError, UsageError
from warehouse.home import data_home as default_home
from warehouse.runs.journal import Journal


def real_imports(shared: Path) -> list[Import]:
    """Everything under `shared`/data: the real market data beside the project, as its README describes it."""
    data = shared / "data"
    adjusted = {"basis": "total_return"}
    imports = [
        Import(data / "indices", "bars", "index_bars"),
        Import(data / "etfs/etf_ohlcv_adjusted.parquet", "bars", "sector_bars", options=adjusted),
        Import(data / "etfs/etf_close_adjusted.parquet", "bars", "sector_bars", options=adjusted),
        Import(data / "etfs/etf_ohlcv_unadjusted_2026.csv", "bars", "sector_bars", options={"basis": "raw"}),
        Import(f"{data}/equities/screener_*.parquet", "screener"),
        Import(data / "equities/largecap_ohlcv_adjusted.parquet", "bars", "equity_bars", options=adjusted),
        Import(f"{data}/equities/security_master_*", "securities"),
        Import(data / "membership/sp500_intervals.csv", "membership_intervals"),
        Import(data / "membership/sp500_changes.csv", "membership_changes"),
        Import(f"{data}/membership/sp500_2*.csv", "membership_snapshot"),
        Import(data / "holdings", "holdings"),
        Import(data / "ratings", "ratings"),
        Import(data / "macro", "series_wide"),
    ]
    return imports + _income_imports(data) + _vintage_imports(data)


# TSM reports in New Taiwan dollars; the other companies of the data in US dollars.
_CURRENCIES = {"TSM": "TWD"}


def _income_imports(data: Path) -> list[Import]:
    return [
        Import(folder, "income", source="fundamentals", options={"currency": _CURRENCIES.get(folder.name, "USD")})
        for folder in sorted((data / "fundamentals").iterdir())
    ]


def _vintage_imports(data: Path) -> list[Import]:
    """Older states of the adjusted ETF series: the same source, known since the day in the file's name."""
    return [
        Import(
            path,
            "bars",
            "sector_bars",
            source="etfs/etf_ohlcv_adjusted",
            known_at=datetime.combine(date.fromisoformat(path.stem[-10:]), time(), UTC),
            options={"basis": "total_return"},
        )
        for path in sorted((data / "vintages").glob("*_as_of_*.csv"))
    ]


def plan_real(shared: Path, now: datetime, close_margin_minutes: int = DEFAULT_MARGIN_MINUTES) -> Plan:
    """The work of `make real`. Raises UsageError where `shared` does not hold the data."""
    if not (shared / "data").is_dir():
        raise UsageError(f"the real data is not at {shared / 'data'}; it is no part of the project")
    plans = [plan_imports(wanted, now, close_margin_minutes) for wanted in real_imports(shared)]
    items = tuple(item for plan in plans for item in plan.items)
    return Plan(items, tuple(name for plan in plans for name in plan.skipped))


def import_and_build(shared: Path, home: Path, reporter: Reporter) -> int:
    """Import all of `shared` into `home` and publish a build; prints what came of it and gives the exit code."""
    now, settings = datetime.now(UTC), load_settings(home)
    plan = plan_real(shared, now, settings.close_margin_minutes)
    with Journal(home).record_run("real", {"folder": shared}, now) as run:
        report = import_planned_files(home, settings, run, plan, now, reporter)
        published = build_and_publish(home, settings, run, now, reporter, exit_code=report.exit_code)
    for line in (*summary_lines(report, plan), *(f"gap: {gap}" for gap in report.gaps)):
        print(line)
    print(f"{home / 'warehouse.duckdb'}: build {published.result.build_id}")
    return report.exit_code


def _home(asked: Path | None) -> Path:
    """The home that was named, else one of its own beside the user's."""
    if asked is not None or os.environ.get("BREADTHWISE_HOME"):
        return (asked or default_home()).absolute()
    return default_home() / "real"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make real", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("../shared"), help="holds data/")
    parser.add_argument("--home", type=Path, help="data home (default: BREADTHWISE_HOME, else ./data, and real/ in it)")
    given = parser.parse_args(arguments)
    reporter = Reporter()
    try:
        code = import_and_build(given.folder, _home(given.home), reporter)
    except BreadthwiseError as error:
        print(f"make real: {error}", file=sys.stderr)
        return error.exit_code
    print(timings_table(reporter), file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
