"""The home that is measured: the simulated panel in a lake, delivered in the steps that are timed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from sources.simulated.panel import DEFAULT_END, panel_companions, simulate_panel
from warehouse.contracts.datasets import CONTRACTS
from warehouse.lake.lake import Lake

KNOWN_AT = datetime(2026, 1, 2, tzinfo=UTC)
LAST_SESSION = DEFAULT_END
STEPS = ("base", "session", "restated", "backfill", "corrected")
# the stock of which one bar is restated, and by how much restated closes differ
_RESTATED, _FACTOR = "P00007", 1.01


def first_year(years: int) -> int:
    """The year that is backfilled: the oldest of the panel."""
    return DEFAULT_END.year - years + 1


def deliver(home: Path, symbols: int, years: int, step: str, seed: int = 7) -> int:
    """Commit a part of the panel to the lake of `home`; returns how many bars.

    'base' is all but the oldest year and the last session, 'session' the last session, 'backfill' the oldest year. The
    securities, lists and closes of funds and indices come with the base. 'restated' is one bar of the third year anew,
    'corrected' one of each year.
    """
    lake = Lake(home)
    if step == "base":
        companions = panel_companions(symbols, years, seed)
        lake.commit("companions", {name: as_facts(name, table) for name, table in companions.items()})
    if step == "restated":
        return _restate_a_bar(lake, symbols, years, seed)
    if step == "corrected":
        tables = enumerate(simulate_panel(symbols, years, seed), first_year(years))
        return sum(_restate(lake, f"corrected-{year}", table.slice(table.num_rows // 2, 1)) for year, table in tables)
    rows = 0
    for number, table in enumerate(simulate_panel(symbols, years, seed), first_year(years)):
        part = _part(table, number, years, step)
        if part.num_rows:
            lake.commit(f"{step}-{number}", {"equity_bars": as_facts("equity_bars", part)})
            rows += part.num_rows
    return rows


def _restate_a_bar(lake: Lake, symbols: int, years: int, seed: int) -> int:
    third = next(
        table for number, table in enumerate(simulate_panel(symbols, years, seed)) if number == min(2, years - 1)
    )
    return _restate(lake, "restated", third.filter(pc.equal(third["symbol"], _RESTATED)).slice(60, 1))


def _restate(lake: Lake, run_id: str, bars: pa.Table) -> int:
    """Commit the bars with another close, an hour later; returns how many they are."""
    if bars.num_rows:
        close = pc.round(pc.multiply(bars["close"], _FACTOR), 2)
        bars = bars.set_column(bars.schema.get_field_index("close"), "close", close)
        facts = as_facts("equity_bars", bars)
        later = pa.repeat(pa.scalar(KNOWN_AT + timedelta(hours=1), pa.timestamp("us", tz="UTC")), bars.num_rows)
        facts = facts.set_column(facts.schema.get_field_index("known_at"), facts.schema.field("known_at"), later)
        lake.commit(run_id, {"equity_bars": facts})
    return int(bars.num_rows)


def _part(table: pa.Table, year: int, years: int, step: str) -> pa.Table:
    if year == first_year(years):
        return table if step == "backfill" else table.slice(0, 0)
    if step == "backfill":
        return table.slice(0, 0)
    is_last = pc.equal(table["session_date"], pa.scalar(LAST_SESSION, pa.date32()))
    return table.filter(is_last if step == "session" else pc.invert(is_last))


def as_facts(dataset: str, table: pa.Table) -> pa.Table:
    """`table` (the dataset's `row_schema`) as facts known at one instant from one payload."""
    rows = table.num_rows
    facts = {name: table[name] for name in table.column_names}
    facts["payload_sha256"] = pa.repeat(f"{0:064x}", rows)
    facts["known_at"] = pa.repeat(pa.scalar(KNOWN_AT, pa.timestamp("us", tz="UTC")), rows)
    facts["is_withdrawn"] = pa.repeat(False, rows)
    schema = CONTRACTS[dataset].lake_schema
    return pa.table({name: facts[name] for name in schema.names}, schema=schema)


def built_at(number: int) -> datetime:
    """The instant of the benchmark's n-th build: builds are named by it."""
    return datetime.combine(date(2026, 1, 3), time(0, 0, number), UTC)
