"""The New York Fed's reference rates and the Board's RSS feeds."""

from __future__ import annotations

from datetime import UTC, date
from email.utils import format_datetime
from html import escape
from typing import Any

from sources.mock_api.market import MarketView
from sources.mock_api.reply import Asked, Reply, as_json, as_xml

HOSTS = ("markets.newyorkfed.org", "www.federalreserve.gov")
_RATES = {
    "/api/rates/unsecured/effr/search.json": ("EFFR", "DFF"),
    "/api/rates/secured/sofr/search.json": ("SOFR", "SOFR"),
}
_FEEDS = {"/feeds/speeches.xml": ("speech", "FRB: Speeches"), "/feeds/press_monetary.xml": ("policy", "FRB: Press")}
_ITEMS = 15


def answer(asked: Asked, view: MarketView) -> Reply | None:
    if asked.path in _RATES:
        return _rates(asked, view, *_RATES[asked.path])
    if asked.path in _FEEDS:
        return _feed(view, *_FEEDS[asked.path])
    return None


def _rates(asked: Asked, view: MarketView, kind: str, series: str) -> Reply:
    """Newest first."""
    start, end = asked.day("startDate", date.min), asked.day("endDate", date.max)
    lower = {r["period_date"]: r["value"] for r in view.macro["DFEDTARL"]}
    upper = {r["period_date"]: r["value"] for r in view.macro["DFEDTARU"]}
    found: list[dict[str, Any]] = []
    for row in reversed(view.macro[series]):
        day = row["period_date"]
        if not start <= day <= end:
            continue
        entry: dict[str, Any] = {"effectiveDate": day.isoformat(), "type": kind, "percentRate": row["value"]}
        if kind == "EFFR":
            entry |= {"targetRateFrom": lower[day], "targetRateTo": upper[day]}
        found.append({**entry, "volumeInBillions": 100, "revisionIndicator": ""})
    return as_json({"refRates": found})


def _feed(view: MarketView, kind: str, title: str) -> Reply:
    items = "".join(_item(event) for event in [e for e in view.events if e["kind"] == kind][:_ITEMS])
    return as_xml(
        '<?xml version="1.0" encoding="utf-8" ?>\n<rss version="2.0"><channel>'
        f"<title>{title}</title><link><![CDATA[https://www.federalreserve.gov/feeds/feeds.htm]]></link>"
        f"<description><![CDATA[Simulated]]></description><language>en</language>{items}</channel></rss>\n"
    )


def _item(event: dict[str, Any]) -> str:
    speaker = (event["speaker"] or "").removeprefix("Simulated ")
    title = f"{speaker}, {event['title']}" if speaker else event["title"]
    link = f"https://www.federalreserve.gov/newsevents/{event['kind']}/{event['event_id']}.htm"
    at = format_datetime(event["event_at"].astimezone(UTC), usegmt=True)
    return (
        f"<item><title>{escape(title)}</title><link><![CDATA[{link}]]></link><guid><![CDATA[{link}]]></guid>"
        f"<description><![CDATA[Simulated]]></description><category>Simulated</category>"
        f"<pubDate><![CDATA[{at}]]></pubDate></item>"
    )
