"""The pieces of work that are timed. Each runs in a process of its own, so that its peak memory is its own.

`python -m benchmarks.steps NAME JSON` does one of them and prints a JSON line of what it found.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

Found = dict[str, Any]
# the same metrics as in pandas and polars, and the session ledger, without which there is no build
_LEDGER = "intermediate.session_ledger"
SAME = ("intermediate.breadth_sums", "intermediate.breadth_momentum", "marts.sector_rotation", _LEDGER)
QUERIES = {
    "breadth_daily, one session": "select * from marts.breadth_daily where session_date = date '2025-12-31'",
    "breadth_daily, one universe": "select session_date, mcclellan_oscillator from marts.breadth_daily where universe = 'all'",
    "sector_rotation, one session": "select * from marts.sector_rotation where session_date = date '2025-12-31'",
    "sector_returns, one sector": "select * from marts.sector_returns where sector = 'Energy'",
    "index_returns, one index": "select * from marts.index_returns where index_id = 'SPX'",
    "index_statistics, one session": "select * from marts.index_statistics where session_date = date '2025-12-31'",
    "flows_by_cap_band, one session": "select * from marts.flows_by_cap_band where session_date = date '2025-12-31'",
    "equities_latest, the largest": "select symbol, return_1d_pct from marts.equities_latest order by market_cap desc limit 20",
    "equity_facts, one session": "select * from marts.equity_facts where session_date = date '2025-12-31'",
    "equity_facts, one stock": "select session_date, close from marts.equity_facts where symbol = 'P01000'",
    "reports.breadth, one session": "select * from reports.breadth where session_date = date '2025-12-31'",
}
# the bars of each stock sorted by session, splits allowed for: what pandas and polars are given as a file
_SORTED = ("intermediate.panel", _LEDGER)
_SCAN = """select min(symbol), min(session_date), sum(close), sum(previous_close), sum(volume), sum(market_cap),
    count_if(is_final) from lake.equity_bars"""


def deliver(home: str, symbols: int, years: int, step: str) -> Found:
    """Commit a part of the panel; see panel.py."""
    from benchmarks import panel

    began = time.perf_counter()
    rows = panel.deliver(Path(home), symbols, years, step)
    return {"rows": rows, "seconds": time.perf_counter() - began}


def export(home: str, folder: str) -> Found:
    """What pandas and polars read: the bars as one Parquet file by symbol and session, and the small tables."""
    from warehouse.lake.lake import Lake

    Path(folder).mkdir(parents=True, exist_ok=True)
    lake = Lake(Path(home))
    listings = """select s.symbol, any_value(s.sector) as sector, coalesce(any_value(m.sector), '') as gics,
        coalesce(any_value(m.universe), '') as listing
        from lake.securities as s left join lake.memberships as m using (symbol) group by s.symbol order by s.symbol"""
    bars = """select symbol, session_date, close, previous_close, volume, market_cap from lake.equity_bars
        order by symbol, session_date"""
    funds = "select symbol, session_date, close from lake.sector_bars order by symbol, session_date"
    with _connection() as con:
        con.execute(f"set memory_limit = '2GB'; set temp_directory = '{folder}/spill'")
        lake.attach_views(con, lake.manifest())
        for name, sql in {"bars": bars, "stocks": listings, "funds": funds}.items():
            con.execute(f"copy ({sql}) to '{folder}/{name}.parquet' (format parquet, compression zstd)")
        etfs = con.execute("select symbol, any_value(session_date) from lake.sector_bars group by symbol").fetchall()
    return {"symbols": sorted(symbol for symbol, _ in etfs)}


def scan(home: str) -> Found:
    """The yardstick: seven columns of all bars of the lake, read and added up on all cores."""
    from warehouse.lake.lake import Lake

    lake = Lake(Path(home))
    with _connection() as con:
        lake.attach_views(con, lake.manifest())
        took = _best(3, lambda: con.execute(_SCAN).fetchall())
        rows = con.execute("select count(*) from lake.equity_bars").fetchall()[0][0]
    size = sum(file.bytes for file in lake.manifest().files_of_dataset("equity_bars"))
    return {"seconds": took[0], "cpu": took[1], "rows": rows, "bytes": size}


def build(
    home: str,
    out: str,
    number: int,
    cache: str | None = None,
    only_same: bool = False,
    memory_limit: str | None = None,
    before: str | None = None,
) -> Found:
    """A build of the home into the new file `out`, with the caches in `cache` where it is given; `memory_limit` is by default
    that of the settings."""
    from benchmarks import panel
    from flows.build.version import code_version
    from reports import texts
    from transforms.build import build_warehouse as make
    from transforms.engine.load import load_models
    from transforms.restatements import Before
    from warehouse.lake.lake import Lake
    from warehouse.settings import Settings

    lake, path = Lake(Path(home)), Path(out)
    path.unlink(missing_ok=True)
    settings = Settings(memory_limit=memory_limit) if memory_limit else Settings()
    every = load_models()
    models = _closure(every, SAME) if only_same else every
    began, used = time.perf_counter(), time.process_time()
    result = make(
        lake,
        lake.manifest(),
        path,
        settings,
        code_version=code_version(),
        built_at=panel.built_at(number),
        before=Before(Path(before)) if before else None,
        cache=Path(cache) if cache else None,
        models=models,
        texts=texts.texts_for_sql(),
    )
    took = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - used}
    sorting = _closure(every, _SORTED)
    return {
        **took,
        "after_sorting": sum(spent for name, spent in result.seconds.items() if name in models and name not in sorting),
        "models": result.seconds,
        "hashes": result.hashes,
        "rows": result.rows,
        "bytes": path.stat().st_size,
    }


def _closure(models: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    from transforms.engine.graph import model_inputs
    from transforms.engine.model import LAYERS

    wanted, todo = {}, list(names)
    while todo:
        name = todo.pop()
        if name in models and name not in wanted:
            wanted[name] = models[name]
            todo += model_inputs(models[name], {"lake", *LAYERS})
    return wanted


def queries(path: str) -> Found:
    """Milliseconds of each query on a built file, the best of ten after a first one."""
    import duckdb

    with duckdb.connect(path, read_only=True) as con:
        found = {}
        for name, sql in QUERIES.items():
            con.execute(sql).fetchall()
            found[name] = 1000 * _best(10, partial(_read, con, sql))[0]
    return {"milliseconds": found}


def _read(con: Any, sql: str) -> None:
    con.sql(sql).to_arrow_table()


def pandas(folder: str, out: str | None = None, tail: int | None = None) -> Found:
    """Breadth and rotation in pandas; `tail` reads the last n sessions alone, for one more session."""
    import pandas as pd

    from benchmarks import in_pandas

    began, used = time.perf_counter(), time.process_time()
    days = pd.read_parquet(f"{folder}/funds.parquet", columns=["session_date"])["session_date"]
    first = pd.to_datetime(days).drop_duplicates().sort_values().iloc[-tail].date() if tail else None
    kept = [("session_date", ">=", first)] if first else None
    bars, funds = (pd.read_parquet(f"{folder}/{name}.parquet", filters=kept) for name in ("bars", "funds"))
    stocks = pd.read_parquet(f"{folder}/stocks.parquet")
    for frame in (bars, funds):
        frame["session_date"] = pd.to_datetime(frame["session_date"])
    bars["symbol"] = bars["symbol"].astype("category")
    breadth = in_pandas.breadth(bars, stocks)
    rotation = in_pandas.rotation(funds, "SPY", _sectors(funds["symbol"].unique()))
    took = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - used}
    if out:
        breadth.to_parquet(f"{out}/breadth_pandas.parquet")
        rotation.to_parquet(f"{out}/rotation_pandas.parquet")
    return took


def polars(folder: str, out: str | None = None) -> Found:
    """Breadth and rotation in polars."""
    import polars as pl

    from benchmarks import in_polars

    began, used = time.perf_counter(), time.process_time()
    funds = pl.read_parquet(f"{folder}/funds.parquet")
    days = funds["session_date"].unique().sort()
    breadth = in_polars.breadth(
        pl.scan_parquet(f"{folder}/bars.parquet"), pl.scan_parquet(f"{folder}/stocks.parquet"), days
    )
    rotation = in_polars.rotation(funds, "SPY", _sectors(funds["symbol"].unique().to_list()))
    took = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - used}
    if out:
        breadth.write_parquet(f"{out}/breadth_polars.parquet")
        rotation.write_parquet(f"{out}/rotation_polars.parquet")
    return took


def _sectors(symbols: Any) -> list[str]:
    return sorted(str(symbol) for symbol in symbols if str(symbol).startswith("XL"))


def _best(times: int, work: Callable[[], Any]) -> tuple[float, float]:
    """Wall and CPU seconds of the fastest of `times` runs."""
    found = []
    for _ in range(times):
        began, used = time.perf_counter(), time.process_time()
        work()
        found.append((time.perf_counter() - began, time.process_time() - used))
    return min(found)


@contextmanager
def _connection() -> Iterator[Any]:
    import duckdb

    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")
        yield con


_STEPS: dict[str, Callable[..., Found]] = {
    step.__name__: step for step in (deliver, export, scan, build, queries, pandas, polars)
}

if __name__ == "__main__":
    print(json.dumps(_STEPS[sys.argv[1]](**json.loads(sys.argv[2]))))
