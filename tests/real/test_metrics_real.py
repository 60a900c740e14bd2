"""The metrics on the real market, held line by line against the figures that were published or computed elsewhere."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb
import pytest

DAY = "2026-01-23"

SHEET = {
    "close": (6915.61, None),
    "change_1d_points": (2.26, date(2026, 1, 22)),
    "change_1d_pct": (0.03, date(2026, 1, 22)),
    "run_sessions": (3, date(2026, 1, 20)),
    "run_points": (118.75, date(2026, 1, 20)),
    "run_pct": (1.75, date(2026, 1, 20)),
    "run_points_largest_since": (118.75, date(2025, 12, 23)),
    "run_pct_largest_since": (1.75, date(2025, 12, 23)),
    "change_wtd_points": (-24.40, date(2026, 1, 16)),
    "change_wtd_pct": (-0.35, date(2026, 1, 16)),
    "run_weeks": (-2, date(2026, 1, 9)),
    "run_weeks_points": (-50.67, date(2026, 1, 9)),
    "run_weeks_pct": (-0.73, date(2026, 1, 9)),
    "run_weeks_pct_largest_since": (-0.73, date(2025, 11, 21)),
    "record_close": (6977.27, date(2026, 1, 12)),
    "from_record_close_pct": (-0.88, date(2026, 1, 12)),
    "low_52w": (4982.77, date(2025, 4, 8)),
    "from_low_52w_pct": (38.79, date(2025, 4, 8)),
    "change_52w_pct": (13.35, date(2025, 1, 24)),
    "low_year": (6796.86, date(2026, 1, 20)),
    "from_low_year_pct": (1.75, date(2026, 1, 20)),
    "nth_lowest_of_year": (6, None),
    "change_mtd_points": (70.11, date(2025, 12, 31)),
    "change_mtd_pct": (1.02, date(2025, 12, 31)),
    "change_ytd_points": (70.11, date(2025, 12, 31)),
    "change_ytd_pct": (1.02, date(2025, 12, 31)),
    "since_2024-11-05_pct": (19.59, date(2024, 11, 5)),
}

Connection = duckdb.DuckDBPyConnection


def rows(con: Connection, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    return con.execute(sql, list(values)).fetchall()


@pytest.mark.parametrize(("statistic", "line"), SHEET.items())
def test_the_sheet_of_the_index(real_warehouse: Connection, statistic: str, line: tuple[float, Any]) -> None:
    ((found, found_since),) = rows(
        real_warehouse,
        """select value, since_date from marts.index_statistics
        where session_date = ? and index_id = 'SPX' and statistic = ?""",
        DAY,
        statistic,
    )
    assert (round(found, 2), found_since) == line


def test_the_printed_sheet(real_warehouse: Connection) -> None:
    found = rows(
        real_warehouse,
        "select subject, text_en from reports.index_statistics where session_date = ? and index_id = 'SPX' order by position",
        DAY,
    )
    assert found == [
        ("day", "6,915.61, +2.26 points, +0.03 %"),
        (
            "run_of_sessions",
            "up three sessions, +118.75 points, +1.75 %, largest three-session gain since December 23, 2025",
        ),
        ("week", "−24.40 points, −0.35 %"),
        (
            "run_of_weeks",
            "down two weeks, −50.67 points, −0.73 %, largest two-week loss since the week ended November 21, 2025",
        ),
        ("record_close", "0.88 % below the record close of 6,977.27 on January 12, 2026"),
        (
            "range_52w",
            "0.88 % below the 52-week high of 6,977.27 on January 12, 2026, "
            "38.79 % above the 52-week low of 4,982.77 on April 8, 2025, +13.35 % from 52 weeks ago",
        ),
        (
            "year",
            "0.88 % below the high of the year of 6,977.27 on January 12, 2026, "
            "1.75 % above the low of the year of 6,796.86 on January 20, 2026, sixth lowest close of the year",
        ),
        ("to_date", "month and year to date +70.11 points, +1.02 %"),
        (
            "since",
            "+209.09 % since the pandemic low (March 23, 2020), "
            "+19.59 % since the 2024 presidential election (November 5, 2024), "
            "+15.32 % since the presidential inauguration (January 20, 2025)",
        ),
    ]


def test_nothing_bridges_the_gap_of_the_dow(real_warehouse: Connection) -> None:
    """The file has no close from 2022-11-21 to 2024-08-21: a record or a run across it is not known."""
    found = dict(
        rows(
            real_warehouse,
            """select statistic, reason from marts.index_statistics
            where session_date = '2024-08-22' and index_id = 'DJI' and value is null""",
        )
    )
    assert found["change_1d_pct"] == "no close of the session before"
    assert found["change_wtd_pct"] == "no close of the last session of the week before"
    assert found["record_close"].endswith("sessions since 2000-01-03 are absent")
    assert {"run_sessions", "high_52w", "low_year", "nth_lowest_of_year", "change_52w_pct"} <= set(found)


def test_streaks_of_small_over_large(real_warehouse: Connection) -> None:
    found = rows(
        real_warehouse,
        "select session_date, value from marts.precedents where definition_id = 'streak_end_RUT_SPX_8' order by session_date",
    )
    before = [row for row in found if row[0] < date(2026, 1, 1)]
    assert len(before) == 19
    assert max(before, key=lambda row: row[1]) == (date(1996, 5, 8), 16)
    assert (date(2008, 6, 9), 13) in before
    assert next(row for row in found if row[0] >= date(2026, 1, 1)) == (date(2026, 1, 23), 14)


@pytest.mark.parametrize(
    ("index_id", "mean", "up", "ahead", "all_days"),
    [("RUT", 2.50, 74, 74, 0.85), ("SPX", 1.33, 74, None, 0.83)],
)
def test_what_followed_the_streaks(
    real_warehouse: Connection, index_id: str, mean: float, up: int, ahead: int | None, all_days: float
) -> None:
    ((n, found_mean, found_up, found_ahead, found_days),) = rows(
        real_warehouse,
        """select n, mean_pct, up_pct, ahead_of_base_pct, days_mean_pct from reports.precedents
        where session_date = ? and definition_id = 'streak_end_RUT_SPX_8' and index_id = ? and horizon_sessions = 21""",
        DAY,
        index_id,
    )
    assert (n, found_mean, round(found_up), found_days) == (19, mean, up, all_days)
    assert (None if found_ahead is None else round(found_ahead)) == ahead


@pytest.mark.parametrize(
    ("session_of_year", "day", "matches", "mean"),
    [(14, "2026-01-22", 6, 21.2), (15, "2026-01-23", 8, -0.1), (16, "2026-01-26", 9, 3.8)],
)
def test_years_in_which_small_led_the_nasdaq(
    real_warehouse: Connection, session_of_year: int, day: str, matches: int, mean: float
) -> None:
    ((found, n, found_mean, is_match),) = rows(
        real_warehouse,
        """select matches, n, mean_pct, is_match from reports.precedents
        where session_date = ? and definition_id = ? and index_id = 'NDX' and horizon_sessions = 252""",
        day,
        f"ytd_lead_RUT_NDX_s{session_of_year}_2pp",
    )
    assert (found, n, is_match) == (matches, matches, True)
    assert found_mean == pytest.approx(mean, abs=0.051)


def test_the_years_by_name(real_warehouse: Connection) -> None:
    found = rows(
        real_warehouse,
        "select year(session_date) from marts.precedents where definition_id = 'ytd_lead_RUT_NDX_s15_2pp' order by 1",
    )
    assert [year for (year,) in found] == [1990, 1992, 2000, 2004, 2006, 2008, 2019, 2021, 2026]


def test_share_above_the_means(real_warehouse: Connection) -> None:
    """The newest list held backwards differs from the members of each day: that is survivorship bias."""
    for column, low, high in (("above_sma50_share", 0.002, 0.025), ("above_sma200_share", 0.002, 0.025)):
        ((n, least, most, difference),) = rows(
            real_warehouse,
            f"""select count(*), min(b.{column}), max(b.{column}), avg(abs(a.{column} - b.{column}))
            from marts.breadth_daily as a inner join marts.breadth_daily as b on a.session_date = b.session_date
            where a.universe = 'sp500_list' and b.universe = 'sp500' and a.{column} is not null and b.{column} is not null""",
        )
        assert n > 150
        assert 0 <= least < 0.5 < most <= 1
        assert low < difference < high


def test_flows_of_closes_alone(real_warehouse: Connection) -> None:
    """The screener has no highs and lows: the signed measure is there, the other says why not."""
    found = {
        band: (signed, cmf, reason)
        for band, signed, cmf, reason in rows(
            real_warehouse,
            "select cap_band, signed_volume_flow_usd, cmf_flow_usd, reason from marts.flows_by_cap_band where session_date = ?",
            DAY,
        )
    }
    assert set(found) == {"all", "mega", "large", "upper_mid", "mid", "small", "micro", "unknown"}
    assert sum(signed for band, (signed, _, _) in found.items() if band != "all") == pytest.approx(
        found["all"][0], rel=1e-12
    )
    signed, cmf, reason = found["small"]
    assert signed < 0
    assert cmf is None
    assert reason.startswith("cmf_flow_usd: 0 of ")


def test_policy_rates_as_public_on_the_day(real_warehouse: Connection) -> None:
    ((low, high, effective, slope, assets, trend, growth, reason),) = rows(
        real_warehouse,
        """select fed_funds_target_low_pct, fed_funds_target_high_pct, fed_funds_effective_pct, round(slope_10y_2y_pp, 2),
        fed_assets_date, fed_assets_trend, round(real_gdp_growth_qoq_pct, 1), reason
        from marts.macro_daily where session_date = ?""",
        DAY,
    )
    assert (low, high, effective, slope) == (3.5, 3.75, 3.64, 0.65)
    assert (assets, trend, growth) == (date(2026, 1, 21), "runoff", 4.4)
    assert reason == "fed_funds_projection_pct: no dated projection; real_gdp_projection_pct: no dated projection"


def test_assets_of_a_wednesday_are_known_on_friday(real_warehouse: Connection) -> None:
    found = rows(
        real_warehouse,
        """select session_date, fed_assets_date from marts.macro_daily
        where session_date between '2026-01-20' and '2026-01-23' order by 1""",
    )
    assert [known for _, known in found] == [date(2026, 1, 14)] * 3 + [date(2026, 1, 21)]


def test_signs_of_a_late_rotation(real_warehouse: Connection) -> None:
    found = {
        flag: (is_raised, numbers)
        for flag, is_raised, numbers in rows(
            real_warehouse, "select flag, is_raised, numbers_en from reports.risk_flags where session_date = ?", DAY
        )
    }
    assert found["lead_day_lost"] == (
        True,
        "Russell 2000 −1.86 pp against the S&P 500 on the day; sessions in a row ahead before it: 14; year to date +6.52 pp",
    )
    assert found["financials_weakest"] == (True, "Financials −1.38 %, the weakest of 11 sectors")
    assert found["spread_extreme"] == (
        True,
        "Russell 2000 +6.52 pp against the S&P 500 year to date, more than in 35 of 38 earlier years at session 15 of the year",
    )
    assert found["technology_climbing"][0] is False
    assert found["divergence"][0] is False
    assert found["hindenburg_omen"][0] is False


def test_sector_scores_say_what_they_are_made_of(real_warehouse: Connection) -> None:
    found = rows(
        real_warehouse,
        """select sector, sector_score, sector_rank, members, scored, with_fundamentals
        from marts.sector_scores where session_date = ?""",
        DAY,
    )
    assert sorted(rank for _, _, rank, _, _, _ in found) == list(range(1, 12))
    assert {sector for sector, _, rank, _, _, _ in found if rank <= 3} == {"Materials", "Energy", "Industrials"}
    assert all(
        0 < score < 100 and fundamental <= scored <= members for _, score, _, members, scored, fundamental in found
    )


def test_growth_by_when_it_was_public(real_warehouse: Connection) -> None:
    """Apple's year to September 2025 counts from 90 days after its end on, as the file has no filing dates."""
    found = rows(
        real_warehouse,
        """select session_date, fiscal_year_end, round(revenue_growth_1y_pct, 2), round(revenue_growth_3y_pct, 2),
        round(net_margin_pct, 2)
        from marts.fundamental_growth where symbol = 'AAPL' and session_date >= '2024-06-01' order by 1""",
    )
    assert found == [
        (date(2024, 12, 30), date(2024, 9, 30), 2.02, None, 23.97),
        (date(2025, 12, 29), date(2025, 9, 30), 6.43, 1.81, 26.92),
    ]
