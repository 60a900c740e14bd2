"""The economy of the simulated market: policy rates, yields, output, speeches, and companies' reports."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np

from sources.simulated.prices import Prices
from sources.simulated.universe import Universe, random_stream

Row = dict[str, Any]

_MEETING_MONTHS = (1, 3, 5, 6, 7, 9, 11, 12)
_SPEAKERS = ("Alder", "Birch", "Cedar", "Elm", "Hazel")
_TOPICS = ("The Simulated Outlook", "Rates in a Simulated Economy", "Banks That Do Not Exist", "Random Numbers")


def meeting_sessions(world: Universe) -> list[int]:
    """Numbers of the sessions on which the simulated committee decides: the first one from the 15th of a month on."""
    found = []
    for day, when in enumerate(world.calendar):
        before = world.calendar[day - 1] if day else when
        if when.month in _MEETING_MONTHS and when.day >= 15 and (before.day < 15 or before.month != when.month):
            found.append(day)
    return found


def _target_rates(seed: int, world: Universe) -> list[float]:
    """Upper end of the target range on each session, in percent."""
    draws = random_stream(seed, 40).random(len(world.calendar))
    decides = set(meeting_sessions(world))
    upper, found = 2.0, []
    for day, draw in enumerate(draws.tolist()):
        if day in decides:
            leaning = 0.05 * (3.25 - upper)
            if draw < 0.25 - leaning and upper > 0.25:
                upper -= 0.25
            elif draw > 0.75 - leaning:
                upper += 0.25
        found.append(upper)
    return found


def macro_rows(seed: int, world: Universe) -> list[Row]:
    """All series over the whole span, each observation with the instant at which it is released."""
    upper = _target_rates(seed, world)
    noise = random_stream(seed, 41).standard_normal((len(world.calendar), 6)).tolist()
    found: list[Row] = []
    slope, level = 0.8, 0.4
    for day, (when, draws) in enumerate(zip(world.calendar, noise, strict=True)):
        slope += 0.004 * (0.8 - slope) + 0.03 * draws[0]
        level += 0.01 * (0.2 - level) + 0.03 * draws[1]
        middle, effective = upper[day] - 0.125, upper[day] - 0.17 + 0.01 * draws[2]
        following = world.calendar[min(day + 1, len(world.calendar) - 1)]
        daily = {
            "DFEDTARU": upper[day],
            "DFEDTARL": upper[day] - 0.25,
            "DFF": effective,
            "EFFR": effective,
            "SOFR": upper[day] - 0.16 + 0.02 * draws[3],
            "DGS2": max(middle + level, 0.05),
            "DGS10": max(middle + level + slope, 0.1),
            "DGS30": max(middle + level + 1.4 * slope, 0.15),
            "BAA10Y": max(2.0 - 0.2 * level + 0.05 * draws[5], 0.3),
            "AAA10Y": max(0.8 - 0.1 * level + 0.03 * draws[5], 0.1),
            "RRPONTSYD": max(120.0 + 40.0 * draws[5], 0.0),
        }
        for series, value in daily.items():
            released = when if series.startswith("DFEDTAR") else following
            found.append(_observation_row(series, when, round(value, 2), released, 13))
        if when.weekday() == 2:
            size = 7_000_000 + 900 * ((day % 1500) if day % 3000 < 1500 else 1500 - day % 1500) + 9_000 * draws[4]
            weekly = {
                "WALCL": float(round(size)),
                "WRESBAL": float(round(0.45 * size)),
                "NFCI": round(-0.4 - 0.3 * level, 2),
            }
            found += [
                _observation_row(name, when, value, when + timedelta(days=1), 20) for name, value in weekly.items()
            ]
    return found + _slow_series_rows(seed, world, upper)


def _slow_series_rows(seed: int, world: Universe, upper: list[float]) -> list[Row]:
    """Monthly, quarterly and yearly series."""
    noise = random_stream(seed, 42).standard_normal((len(world.calendar) // 15, 3)).tolist()
    months = sorted({(d.year, d.month) for d in world.calendar})
    found: list[Row] = []
    output, industry = 17_000.0, 98.0
    for number, (year, month) in enumerate(months):
        days = [i for i, d in enumerate(world.calendar) if (d.year, d.month) == (year, month)]
        first, after = date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)
        funds = sum(upper[i] for i in days) / len(days) - 0.17
        found.append(_observation_row("FEDFUNDS", first, round(funds, 2), after + timedelta(days=2), 20))
        industry *= 1 + 0.0012 + 0.006 * noise[number][0]
        found.append(_observation_row("INDPRO", first, round(industry, 4), after + timedelta(days=15), 13))
        if month % 3 == 1:
            output *= 1 + 0.0055 + 0.006 * noise[number][1]
            released = after + timedelta(days=61 + 28)
            found.append(_observation_row("GDPC1", first, round(output, 3), released, 12))
        if month == 3:
            # the committee's projections for the year, published in March
            announced, whole = date(year, 3, 20), date(year, 1, 1)
            found.append(_observation_row("FEDTARMD", whole, round(upper[days[0]] - 0.125, 3), announced, 19))
            found.append(_observation_row("GDPC1MD", whole, round(2.0 + 0.2 * noise[number][2], 1), announced, 19))
    return found


def _observation_row(series: str, period: date, value: float, released: date, hour: int) -> Row:
    at = datetime.combine(released, time(hour, 30), UTC)
    return {"series_id": series, "period_date": period, "vintage": "latest", "value": value, "available_at": at}


def event_rows(seed: int, world: Universe) -> list[Row]:
    """Speeches by invented people, about two a month, and the committee's decisions."""
    draws = random_stream(seed, 43).random((len(world.calendar), 3)).tolist()
    decides = set(meeting_sessions(world))
    found: list[Row] = []
    for day, (when, (chance, who, what)) in enumerate(zip(world.calendar, draws, strict=True)):
        if day in decides:
            found.append(
                {
                    "event_id": f"simulated-policy-{when:%Y%m%d}",
                    "event_date": when,
                    "kind": "policy",
                    "event_at": datetime.combine(when, time(19), UTC),
                    "title": "Simulated policy decision",
                }
            )
        elif chance < 0.1:
            speaker = _SPEAKERS[int(who * len(_SPEAKERS))]
            found.append(
                {
                    "event_id": f"simulated-speech-{speaker.lower()}{when:%Y%m%d}a",
                    "event_date": when,
                    "kind": "speech",
                    "event_at": datetime.combine(when, time(15 + int(4 * who), 30), UTC),
                    "title": _TOPICS[int(what * len(_TOPICS))],
                    "speaker": f"Simulated {speaker}",
                }
            )
    return found


def fundamental_rows(seed: int, world: Universe, prices: Prices, earliest: date) -> list[Row]:
    """Quarterly and annual reports of every stock for periods from `earliest` on, filed 38 to 60 days after their end.

    A quarterly report holds the quarter, an annual one the year; as at the SEC, none is for the fourth quarter alone.
    """
    years = range(world.calendar[0].year - 4, world.calendar[-1].year + 1)
    shape = (len(years) * 4, world.stocks)
    rng = random_stream(seed, 44)
    traits = rng.random((world.stocks, 4))
    growth = 1 + (0.06 * traits[:, 0] - 0.012) + 0.03 * random_stream(seed, 45).standard_normal(shape)
    margin = 0.22 * traits[:, 1] - 0.04 + 0.03 * random_stream(seed, 46).standard_normal(shape)
    start = world.target_cap[: world.stocks] / (1.0 + 5.0 * traits[:, 2]) / 8.0
    revenue = np.rint(start * np.cumprod(growth, axis=0) / 1000.0) * 1000.0
    income = np.rint(revenue * margin / 1000.0) * 1000.0
    found: list[Row] = []
    numbers = {day: i for i, day in enumerate(world.calendar)}
    for listing in world.listings:
        if listing.kind != "stock":
            continue
        # who was there from the start has reported before
        listed = world.calendar[listing.start] if listing.start else date(years[0], 1, 1)
        gone = world.calendar[listing.stop] if listing.stop < len(world.calendar) else date.max
        for year in years:
            if date(year, 12, 31) < max(earliest, listed) or date(year, 1, 1) > gone:
                continue
            for quarter in range(4):
                report = _Report(listing.symbol, listing.company, year, quarter, int(traits[listing.slot, 3] * 20))
                if report.end < max(earliest, listed) or report.filed >= gone:
                    continue
                row = (year - years[0]) * 4 + quarter
                rows = slice(row - 3, row + 1) if quarter == 3 else slice(row, row + 1)
                day = min(
                    max(_session_number(numbers, report.end), listing.start), min(listing.stop, len(world.calendar)) - 1
                )
                found += report.figure_rows(
                    float(revenue[rows, listing.slot].sum()),
                    float(income[rows, listing.slot].sum()),
                    int(prices.shares[day, listing.slot]),
                )
    return found


def _session_number(numbers: dict[date, int], day: date) -> int:
    """Number of the last session at or before a day; 0 before the first."""
    for back in range(6):
        if day - timedelta(days=back) in numbers:
            return numbers[day - timedelta(days=back)]
    return 0


class _Report:
    """One filing of a company: `quarter` 0 to 2 of a year, or 3 for the whole year."""

    def __init__(self, symbol: str, company: int, year: int, quarter: int, delay: int) -> None:
        self.symbol, self.quarter = symbol, quarter
        self.end = date(year + (quarter + 1) // 4, (quarter + 1) * 3 % 12 + 1, 1) - timedelta(days=1)
        self.start = date(year, 1, 1) if quarter == 3 else date(year, quarter * 3 + 1, 1)
        self.accession = f"SIM-{company:06d}-{year % 100:02d}-{quarter + 1}"
        filed = self.end + timedelta(days=(50 if quarter == 3 else 35) + delay // 2)
        self.filed = filed - timedelta(days=max(filed.weekday() - 4, 0))

    def figure_rows(self, revenue: float, income: float, shares: int) -> list[Row]:
        """The figures of the filing; money in USD, shares as on the period's last day (splits later are not in it)."""
        diluted = float(shares + shares // 50)
        figures = (
            ("revenue", revenue, "USD"),
            ("net_income", income, "USD"),
            ("shares_diluted", diluted, "shares"),
            ("eps_diluted", round(income / diluted, 2), "USD/shares"),
        )
        base: Row = {
            "symbol": self.symbol,
            "period_start": self.start,
            "period_end": self.end,
            "accession": self.accession,
            "form": "10-K" if self.quarter == 3 else "10-Q",
            "filed_date": self.filed,
            "is_filed_assumed": False,
            "available_at": datetime.combine(self.filed, time(21), UTC),
        }
        return [{**base, "concept": concept, "value": value, "unit": unit} for concept, value, unit in figures]
