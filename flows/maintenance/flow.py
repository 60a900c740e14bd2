"""The Prefect flow of the weekly maintenance: compaction, packing, pruning. Thin over a plain function."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.states import Completed

from flows.alerts.notifying import record_run
from flows.console.context import Reporter
from flows.maintenance.compact import RETENTION_DAYS, compact_home, summary_lines
from flows.orchestration.run_log import flow_run_log
from sources.settings import load_settings as load_settings
from warehouse.home import data_home as default_home


@flow(name="maintenance", flow_run_name="maintenance", persist_result=False)
def maintenance(home: str | None = None, retention_days: float = RETENTION_DAYS) -> Any:
    """Compact as `breadthwise compact` does; `home` defaults to BREADTHWISE_HOME. A home without a lake is a no-op."""
    folder = Path(home) if home else default_home()
    reporter = Reporter(log=flow_run_log())
    if not (folder / "lake").is_dir():
        return Completed(message=f"there is no lake under {folder} yet: nothing to compact", name="NoLake")
    now = datetime.now(UTC)
    with record_run(folder, "compact", {"retention_days": retention_days}, now, reporter) as run:
        found = compact_home(folder, load_settings(folder), run, now, reporter, retention_days)
    for line in summary_lines(found, False):
        reporter.print_line(line)
    return Completed(message=run.message)
