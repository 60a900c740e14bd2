"""The one list of what the page, the JSON and the workbook show: each table with its columns and their formats.

A column is `name:format`; the name without a language stands for `name_en`, `name_zh` where the table has a pair. Formats:
h head of the row, t text, d date, b yes or empty, and a number of decimals; + shows the sign and the colour of up and down.
A renamed column is a change of one line here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Shown:
    """A column that is shown: decimals None for texts; `is_signed` shows + and the colours of up and down."""

    name: str
    kind: str
    decimals: int | None = None
    is_signed: bool = False


@dataclass(frozen=True)
class TableLayout:
    """A table of schema reports: columns shown, the marts whose methods made it, and how many rows stand unfolded."""

    name: str
    columns: tuple[Shown, ...]
    marts: tuple[str, ...] = ()
    unfolded: int = 16


def _parse_shown_column(text: str) -> Shown:
    name, _, form = text.partition(":")
    if form.lstrip("+").isdecimal():
        return Shown(name, "number", int(form.lstrip("+")), form.startswith("+"))
    return Shown(name, {"h": "head", "t": "text", "d": "date", "b": "flag"}[form])


def _table_layout(name: str, columns: str, marts: str = "", unfolded: int = 16) -> TableLayout:
    return TableLayout(name, tuple(map(_parse_shown_column, columns.split())), tuple(marts.split()), unfolded)


TABLES = (
    _table_layout("headline", "topic:h text:t", "reports.headline"),
    _table_layout(
        "headline_indices",
        "label:h close:2 change_points:+2 return_1d_pct:+2 return_5d_pct:+2 return_mtd_pct:+2 return_ytd_pct:+2 "
        "return_252d_pct:+2 spread_1d_vs_spx_pp:+2 spread_ytd_vs_spx_pp:+2 streak_vs_spx:+0",
        "marts.index_returns marts.index_spreads",
    ),
    _table_layout("index_statistics", "label:h text:t", "marts.index_statistics", 400),
    _table_layout(
        "sector_performance",
        "label:h symbol:t close:2 return_1d_pct:+2 return_5d_pct:+2 return_21d_pct:+2 return_63d_pct:+2 return_ytd_pct:+2 "
        "return_252d_pct:+2 spread_1d_vs_benchmark_pp:+2 spread_ytd_vs_benchmark_pp:+2",
        "marts.sector_returns",
    ),
    _table_layout(
        "rotation",
        "label:h symbol:t return_21d_pct:+2 rank_5d:0 rank_21d:0 rank_63d:0 rank_ytd:0 rank_21d_change_5d:+0 "
        "rank_21d_change_21d:+0 rs_252d:2 rrg_weekly_14_rs_ratio:2 rrg_weekly_14_rs_momentum:2 rrg_weekly_14_quadrant:t",
        "marts.sector_rotation",
    ),
    _table_layout(
        "rotation_summary",
        "small_minus_large_1d_pp:+2 small_minus_large_21d_pp:+2 small_minus_large_ytd_pp:+2 small_vs_large_streak:+0 "
        "cyclical_minus_defensive_1d_pp:+2 cyclical_minus_defensive_21d_pp:+2 rotation_intensity_21d:2 dispersion_21d_pp:2",
        "marts.rotation_daily",
    ),
    _table_layout(
        "sector_scores",
        "label:h sector_score:1 sector_score_21d_ago:1 sector_score_change_21d:+1 technical_score:1 fundamental_score:1 "
        "members:0 scored:0 with_fundamentals:0",
        "marts.sector_scores",
    ),
    _table_layout(
        "breadth",
        "label:h members:0 advances:0 declines:0 unchanged:0 advance_pct:1 above_sma20_pct:1 above_sma50_pct:1 "
        "above_sma200_pct:1 new_highs_52w:0 new_lows_52w:0 mcclellan_oscillator:+1 trin:2 return_equal_weight_pct:+2 "
        "return_cap_weight_pct:+2 events:t",
        "marts.breadth_daily",
        11,
    ),
    _table_layout(
        "flows_by_cap_band",
        "label:h members:0 flow_1d_usd_m:+1 flow_1d_pct:+1 inflow_pct:1 cmf_flow_1d_usd_m:+1 cmf_21d:+3 unusual_buys:0 "
        "unusual_sells:0",
        "marts.flows_by_cap_band",
    ),
    _table_layout(
        "analyst_actions",
        "symbol:h sector_label:t firm:t action_label:t from_grade:t to_grade:t price_target_usd:2 target_upside_pct:+1 "
        "rated_date:d",
        "marts.rating_actions",
        12,
    ),
    _table_layout(
        "fundamental_leaders",
        "symbol:h label:t place:0 compared:0 sector_label:t revenue_growth_3y_pct:+1 revenue_growth_1y_pct:+1 "
        "eps_growth_3y_pct:+1 eps_growth_1y_pct:+1 net_margin_pct:+1 fiscal_year_end:d",
        "marts.fundamental_growth",
        15,
    ),
    _table_layout("policy_rates", "label:h value:2 unit:t value_21d_ago:2 change_21d:+2", "marts.macro_daily"),
    _table_layout(
        "precedents",
        "definition:h index_id:t horizon_sessions:0 matches:0 n:0 mean_pct:+2 median_pct:+2 up_pct:1 up_low_pct:1 "
        "up_high_pct:1 ahead_of_base_pct:1 days_mean_pct:+2 days_median_pct:+2 days_up_pct:1",
        "reports.precedents marts.precedents marts.precedent_outcomes",
        12,
    ),
    _table_layout("risk_flags", "label:h is_raised:b numbers:t reason:t", "reports.risk_flags"),
    _table_layout("data_quality", "label:h subject_label:t status:t rows:0 universes:t note:t", "", 12),
)
# the datasets without which a table has no row, for who has not brought them in yet
WANTS: Mapping[str, str] = {
    "headline": "index_bars",
    "headline_indices": "index_bars",
    "index_statistics": "index_bars",
    "sector_performance": "sector_bars",
    "sector_scores": "sector_bars",
    "rotation": "sector_bars",
    "rotation_summary": "index_bars, sector_bars",
    "breadth": "equity_bars",
    "flows_by_cap_band": "equity_bars, securities",
    "analyst_actions": "rating_actions",
    "fundamental_leaders": "fundamentals",
    "policy_rates": "macro_observations",
    "precedents": "index_bars",
    "risk_flags": "index_bars, equity_bars",
}
BY_NAME: Mapping[str, TableLayout] = {table.name: table for table in TABLES}


def cell_value(row: Mapping[str, Any], name: str, language: str) -> Any:
    """The value of the column `name`, in `language` where the table has a pair; None where it has no such column."""
    return row.get(f"{name}_{language}", row.get(name))


def column_in_language(columns: Mapping[str, Any], name: str, language: str) -> str:
    """The name that the column really has."""
    pair = f"{name}_{language}"
    return pair if pair in columns else name
