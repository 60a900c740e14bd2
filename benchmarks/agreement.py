"""Do pipeline, pandas and polars say the same? Counts to the last stock, other numbers within 1e-9."""

from __future__ import annotations

from pathlib import Path

import duckdb

TOLERANCE = 1e-9
_COUNTS = (
    "members",
    "eligible",
    "advances",
    "declines",
    "unchanged",
    "sma20_members",
    "sma50_members",
    "sma200_members",
    "range_52w_members",
    "new_highs_52w",
    "new_lows_52w",
    "up_volume",
    "down_volume",
    "ad_line",
)
_FLOATS = (
    "above_sma20_share",
    "above_sma50_share",
    "above_sma200_share",
    "mcclellan_oscillator",
    "mcclellan_summation",
)
_RANKS = ("rank_5d", "rank_21d", "rank_63d", "rank_ytd")
_GRAPHS = (
    "rs",
    "rrg_daily_50_rs_ratio",
    "rrg_daily_50_rs_momentum",
    "rrg_weekly_14_rs_ratio",
    "rrg_weekly_14_rs_momentum",
)
# what the mart leaves out on a session below the coverage gate, and highs and lows where nothing has a range
_ONLY_DEFINED = ("advances", "declines", "unchanged", "up_volume", "down_volume")
_ONLY_RANGED = ("new_highs_52w", "new_lows_52w")


def compare(built: Path, folder: Path, engine: str) -> dict[str, int]:
    """How many cells of the marts in `built` were compared, and how many differ, for the files of `engine`.

    Nulls must stand in the same places.
    """
    with duckdb.connect() as con:
        con.execute(f"attach '{built}' as built (read_only)")
        for name in ("breadth", "rotation"):
            con.execute(f"create view {name} as select * from '{folder}/{name}_{engine}.parquet'")
        # the mart has a row for an empty universe too
        mart = "(select * from built.marts.breadth_daily where members > 0)"
        seen = [_differences(con, mart, _of_breadth(), ("universe", "session_date"), _COUNTS, _FLOATS)]
        mart = "(select * from built.marts.sector_rotation)"
        seen.append(_differences(con, mart, "(select * from rotation)", ("symbol", "session_date"), _RANKS, _GRAPHS))
    return {"compared": sum(cells for cells, _ in seen), "differing": sum(wrong for _, wrong in seen)}


def _of_breadth() -> str:
    """The engine's breadth with NULL where the mart says that there is no value."""
    defined = ", ".join(f"if(is_defined, {name}, null) as {name}" for name in _ONLY_DEFINED)
    ranged = ", ".join(f"if(is_defined and range_52w_members > 0, {name}, null) as {name}" for name in _ONLY_RANGED)
    return f"""(select b.* replace ({defined}, {ranged})
        from (select * replace (cast(session_date as date) as session_date) from breadth) as b)"""


def _differences(
    con: duckdb.DuckDBPyConnection,
    left: str,
    right: str,
    key: tuple[str, ...],
    exact: tuple[str, ...],
    close: tuple[str, ...],
) -> tuple[int, int]:
    """Cells compared and cells that differ; a row that only one side has differs in every cell."""
    wrong = [f"m.{name} is distinct from cast(e.{name} as bigint)" for name in exact]
    for name in close:
        near = f"abs(m.{name} - e.{name}) <= {TOLERANCE} * greatest(abs(m.{name}), abs(e.{name}), 1)"
        wrong.append(
            f"not coalesce(if(isnan(e.{name}), m.{name} is null, {near}), m.{name} is null and e.{name} is null)"
        )
    counted = " + ".join(f"cast({test} as integer)" for test in wrong)
    joined = " and ".join(f"m.{name} = e.{name}" for name in key)
    query = f"select count(*) * {len(wrong)}, coalesce(sum({counted}), 0) from {left} as m full join {right} as e on {joined}"
    cells, differing = con.execute(query).fetchall()[0]
    return int(cells), int(differing)
