"""The simulated market as a home of its own: settings that ask no host, three years of history, a first build."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from flows.build.publish import build_and_publish
from flows.console.context import Reporter
from flows.ingest.ingest import ingest_payloads
from sources import payloads
from sources.base import Request
from sources.payloads import ParsedPayload
from sources.providers import simulated
from sources.settings import load_settings as load_settings
from transforms.build import BuildResult
from warehouse.durable_io import write_text
from warehouse.errors import UsageError
from warehouse.payloads.store import PayloadStore
from warehouse.runs.journal import Run

_HEAD = "# A simulated market: no figure of it is real, and no host is asked.\n"
_YEARS_OF_INDICES = 20
# which column says of whom a row is, where the daily run asks by name
_NAMED = {"index_bars": "symbol", "sector_bars": "symbol", "memberships": "universe", "macro_observations": "series_id"}


def prepare_demo_home(home: Path) -> None:
    """Write the settings of a simulated home. Raises UsageError for a home whose settings ask real sources."""
    path = home / "breadthwise.toml"
    if not path.exists():
        write_text(path, _settings_text())
    elif any(names != ["simulated"] for names in load_settings(home).sources.values()):
        raise UsageError(
            f"{path} asks real sources; simulated rows are never mixed with real ones: choose another --home"
        )


def _settings_text() -> str:
    market = simulated.generate_market(end=simulated.FIRST_END)
    lines = [_HEAD, "[sources]"]
    lines += [f'{dataset} = ["simulated"]' for dataset in simulated.DATASETS]
    lines += ["", "[symbols]"]
    for dataset, column in _NAMED.items():
        lines.append(f"{dataset} = {json.dumps(sorted(set(market.tables[dataset][column].to_pylist())))}")
    return "\n".join(lines) + "\n"


def load_history(home: Path, run: Run, end: date, now: datetime, reporter: Reporter) -> BuildResult:
    """Three simulated years (of indices: all) up to the session `end` into the lake, and the warehouse from it."""
    settings = load_settings(home)
    with run.record_step("simulate and import"), reporter.time_step("simulate and import three years of 600 symbols"):
        report = ingest_payloads(home, settings, run, _demo_payloads(home, end, now), now, reporter)
    for line in report.summary_lines():
        reporter.print_line(f"  {line}")
    run.exit_code = report.exit_code
    return build_and_publish(home, settings, run, now, reporter, exit_code=report.exit_code).result


def _demo_payloads(home: Path, end: date, now: datetime) -> Iterator[ParsedPayload]:
    store = PayloadStore(home)
    for dataset in simulated.DATASETS:
        # indices from the market's first session on: a lead of small companies is held against ten earlier years
        options = {"years": str(_YEARS_OF_INDICES)} if dataset == "index_bars" else {}
        request = Request(simulated.NAME, dataset, now, end=end, options=options)
        payload = payloads.store_payload(store, simulated.payload_for(request), request)
        yield payloads.parse_payload(payload, simulated.parse)
