"""The Prefect flows that run when somebody asks: an import of files, and a build."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.states import Completed

from flows.build.publish import build_and_publish
from flows.console.context import Reporter
from flows.ingest.files import import_planned_files
from flows.ingest.import_plan import Import, plan_imports
from flows.orchestration.run_log import flow_run_log
from sources.settings import load_settings as load_settings
from warehouse.home import data_home as default_home
from warehouse.instants import parse_instant
from warehouse.runs.journal import Journal


@flow(name="import_files", flow_run_name="import {path}", persist_result=False)
def import_files(
    path: str,
    format: str,
    dataset: str = "",
    source: str = "",
    known_at: str = "",
    options: dict[str, str] | None = None,
    columns: dict[str, str] | None = None,
    home: str | None = None,
) -> Any:
    """Import bulk files as `breadthwise import` does; `home` defaults to BREADTHWISE_HOME."""
    folder = Path(home) if home else default_home()
    settings, now = load_settings(folder), datetime.now(UTC)
    wanted = Import(
        path,
        format,
        dataset,
        source,
        parse_instant(known_at) if known_at else None,
        options=options or {},
        columns=columns or {},
    )
    journal = Journal(folder)
    plan = plan_imports(wanted, now, settings.close_margin_minutes, journal.list_sources())
    with journal.record_run("import", {"path": path, "format": format}, now) as run:
        report = import_planned_files(folder, settings, run, plan, now, Reporter(log=flow_run_log()))
    if report.exit_code == 1:
        raise report.failures[0].error if report.failures else RuntimeError("; ".join(report.gaps))
    return Completed(message="; ".join(report.summary_lines()), name="Gaps" if report.exit_code else None)


@flow(name="build", flow_run_name="build", persist_result=False)
def build(home: str | None = None) -> Any:
    """Build and publish as `breadthwise build` does; `home` defaults to BREADTHWISE_HOME."""
    folder = Path(home) if home else default_home()
    now = datetime.now(UTC)
    with Journal(folder).record_run("build", {}, now) as run:
        published = build_and_publish(folder, load_settings(folder), run, now, Reporter(log=flow_run_log()))
    return Completed(message=published.result_line)
