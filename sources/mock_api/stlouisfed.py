"""FRED (CSV of its graphs, JSON with a key) and ALFRED (CSV of a vintage)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sources.mock_api.market import MarketView
from sources.mock_api.reply import Asked, Reply, csv_reply, html_reply, json_reply

HOSTS = ("fred.stlouisfed.org", "alfred.stlouisfed.org", "api.stlouisfed.org")
_INDICES = {"SP500": "SPX", "NASDAQCOM": "COMP", "DJIA": "DJI", "NASDAQ100": "NDX", "VIXCLS": "VIX"}
_EARLIEST, _LATEST = date(1776, 7, 4), date(9999, 12, 31)

Observations = list[tuple[date, str]]


def answer_request(asked: Asked, view: MarketView) -> Reply | None:
    if asked.host == "fred.stlouisfed.org" and asked.path == "/graph/fredgraph.csv":
        return _graph_reply(asked, view)
    if asked.host == "alfred.stlouisfed.org" and asked.path == "/graph/alfredgraph.csv":
        return _vintage_reply(asked, view)
    if asked.host == "api.stlouisfed.org" and asked.path == "/fred/series/observations":
        return _observations_reply(asked, view)
    return None


def _public_observations(name: str, view: MarketView, known: date) -> Observations | None:
    """What is public on the day `known`; weekdays without a value of a daily series are marked as missing."""
    if name in _INDICES:
        bars = view.find_series(_INDICES[name], "index_bars")
        if bars is None:
            return None
        closes = zip(bars.days, bars.prices["close"].tolist(), strict=True)
        return _with_holidays({day: f"{close:.2f}" for day, close in closes if day <= known})
    if name not in view.macro_rows:
        return None
    end = datetime.combine(known + timedelta(days=1), datetime.min.time(), UTC)
    found = {
        r["period_date"]: f"{r['value']:g}" if r["value"] < 1e5 else f"{r['value']:.1f}"
        for r in view.macro_rows[name]
        if r["available_at"] < end
    }
    return _with_holidays(found) if name.startswith("DGS") else sorted(found.items())


def _with_holidays(values: dict[date, str]) -> Observations:
    if not values:
        return []
    day, found = min(values), []
    while day <= max(values):
        if day.weekday() < 5:
            found.append((day, values.get(day, ".")))
        day += timedelta(days=1)
    return found


def _observations_between(found: Observations, start: date, end: date) -> Observations:
    return [(day, value) for day, value in found if start <= day <= end]


def _graph_reply(asked: Asked, view: MarketView) -> Reply:
    name = asked.query.get("id", "")
    found = _public_observations(name, view, view.end)
    if found is None:
        return html_reply("FRED: not found", 404)
    shown = _observations_between(found, asked.date_parameter("cosd", _EARLIEST), asked.date_parameter("coed", _LATEST))
    return csv_reply([f"observation_date,{name}", *(f"{day},{'' if value == '.' else value}" for day, value in shown)])


def _vintage_reply(asked: Asked, view: MarketView) -> Reply:
    name, vintage = asked.query.get("id", ""), asked.date_parameter("vintage_date", view.end)
    found = _public_observations(name, view, min(vintage, view.end))
    if found is None:
        return html_reply("ALFRED: not found", 404)
    shown = _observations_between(found, asked.date_parameter("cosd", _EARLIEST), asked.date_parameter("coed", _LATEST))
    return csv_reply([f"observation_date,{name}_{vintage:%Y%m%d}", *(f"{day},{value}" for day, value in shown)])


def _observations_reply(asked: Asked, view: MarketView) -> Reply:
    if not asked.query.get("api_key"):
        words = "Bad Request.  Variable api_key is not set.  Read https://fred.stlouisfed.org/docs/api/api_key.html"
        return json_reply({"error_code": 400, "error_message": words}, 400)
    found = _public_observations(asked.query.get("series_id", ""), view, view.end)
    if found is None:
        return json_reply({"error_code": 400, "error_message": "Bad Request.  The series does not exist."}, 400)
    shown = _observations_between(
        found, asked.date_parameter("observation_start", _EARLIEST), asked.date_parameter("observation_end", _LATEST)
    )
    now = {"realtime_start": view.end.isoformat(), "realtime_end": view.end.isoformat()}
    return json_reply(
        {
            **now,
            "observation_start": "1600-01-01",
            "observation_end": "9999-12-31",
            "units": "lin",
            "output_type": 1,
            "file_type": "json",
            "order_by": "observation_date",
            "sort_order": "asc",
            "count": len(shown),
            "offset": 0,
            "limit": 100000,
            "observations": [{**now, "date": day.isoformat(), "value": value} for day, value in shown],
        }
    )
