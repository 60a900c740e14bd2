"""Seams hang on nothing later: bars after a session, whatever they are, mark and unmark nothing at or before it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from reports.texts import texts_for_sql
from transforms.engine import run
from transforms.engine.databases import SEARCH_PATH, create_functions
from transforms.engine.load import load_models
from transforms.engine.model import LAYERS, PUBLISHED
from transforms.engine.values import model_values
from warehouse.calendar import sessions_between
from warehouse.calendar_table import session_table
from warehouse.contracts.datasets import CONTRACTS
from warehouse.lake.confirmations import sidecar_columns
from warehouse.settings import Settings

DAYS = sessions_between(date(2026, 1, 2), date(2026, 1, 20))
BEGAN = datetime(2026, 2, 1, tzinfo=UTC)
SERIES = [("one", "total_return"), ("two", "total_return"), ("three", "raw")]
MODELS = (
    "staging.sessions",
    "staging.series_rank",
    "staging.index_bars",
    "staging.sector_bars",
    "staging.index_bars_history",
    "staging.sector_bars_history",
    "staging.equity_bars_history",
    "intermediate.sector_map",
    "intermediate.reference_bars",
    "intermediate.fund_kinds",
    "intermediate.frozen_sessions",
    "intermediate.reference_steps",
    "intermediate.price_steps",
    "intermediate.reference_closes",
    "intermediate.sector_series",
    "staging.sector_bars_confirmations",
    "staging.dividends",
    "intermediate.restated_stock_facts",
    "intermediate.restated_bars",
    "intermediate.restated_steps",
    "intermediate.series_seams",
)

# a fact: symbol, series, day, how much its close was scaled, which of three fetches gave it
FACTS = st.lists(
    st.tuples(
        st.sampled_from(["XLE", "XLF", "SPY"]),
        st.sampled_from(SERIES),
        st.integers(0, len(DAYS) - 1),
        st.sampled_from([1.0, 0.99, 1.01, 0.5]),
        st.integers(0, 2),
    ),
    min_size=10,
    max_size=120,
    unique_by=lambda fact: (fact[0], fact[1], fact[2], fact[4]),
)


def _rows(facts: list[tuple[str, tuple[str, str], int, float, int]]) -> list[dict[str, Any]]:
    return [
        {
            "symbol": symbol, "session_date": DAYS[day], "source": source, "basis": basis, "is_final": True,
            "open": 100 * scale, "high": 110 * scale, "low": 90 * scale, "close": (100 + day) * scale,
            "known_at": BEGAN + timedelta(days=fetch), "payload_sha256": str(fetch) * 64, "is_withdrawn": False,
        }
        for symbol, (source, basis), day, scale, fetch in facts
    ]  # fmt: skip


def _seams(facts: list[tuple[str, tuple[str, str], int, float, int]]) -> list[tuple[Any, ...]]:
    """The seams of a lake with these facts, by day."""
    models = load_models()
    with duckdb.connect(config={"threads": 1}) as con:
        con.execute("set timezone = 'UTC'; attach ':memory:' as out; attach ':memory:' as scratch")
        con.execute("attach ':memory:' as kept; create schema kept.intermediate")
        for schema in LAYERS:
            con.execute(f"create schema {run.OUT if schema in PUBLISHED else run.SCRATCH}.{schema}")
        con.execute("create schema out.ops; use scratch")
        create_functions(con, texts_for_sql())
        con.execute(f"set search_path = '{SEARCH_PATH}'")
        con.register("calendar", session_table())
        con.execute("create table scratch.lake.sessions as select * from calendar")
        for name, contract in CONTRACTS.items():
            listed = ", ".join(f"{column.name} {column.duckdb_type}" for column in contract.all_columns)
            con.execute(
                f"create table scratch.lake.{name}_history ({listed}); create table scratch.lake.{name} ({listed})"
            )
            listed = ", ".join(f"{name} {contract.find_column(name).duckdb_type}" for name in sidecar_columns(contract))
            con.execute(f"create table scratch.lake.{contract.name}_confirmations ({listed})")
        con.execute(
            "create table scratch.lake.series_rank (dataset varchar, source varchar, basis varchar, rank integer)"
        )
        for rank, (source, basis) in enumerate(SERIES):
            con.execute("insert into scratch.lake.series_rank values ('sector_bars', ?, ?, ?)", [source, basis, rank])
        for row in _rows(facts):
            names, marks = ", ".join(row), ", ".join("?" for _ in row)
            con.execute(f"insert into scratch.lake.sector_bars_history ({names}) values ({marks})", list(row.values()))
        con.execute("""insert into scratch.lake.sector_bars from scratch.lake.sector_bars_history
            qualify row_number() over (partition by symbol, session_date, source, basis order by known_at desc) = 1""")
        # of stocks and splits there is nothing
        for name in ("session_moves", "stock_steps", "equity_series", "stated_splits"):
            listed = ", ".join(f'"{column.name}" {column.type}' for column in models[f"intermediate.{name}"].columns)
            con.execute(f"create table scratch.intermediate.{name} ({listed})")
        for name in MODELS:
            run.build_model(con, models[name], model_values(Settings()))
        return con.execute("""select s.session_date, m.* from intermediate.series_seams as m
            inner join lake.sessions as s on m.seq = s.seq order by all""").fetchall()


@settings(max_examples=12, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(facts=FACTS, until=st.integers(2, len(DAYS) - 1))
def test_later_bars_change_no_seam(facts: list[tuple[str, tuple[str, str], int, float, int]], until: int) -> None:
    all_seams = [seam for seam in _seams(facts) if seam[0] <= DAYS[until]]
    assert _seams([fact for fact in facts if fact[2] <= until]) == all_seams
