"""The New York Fed's reference rates and the Board's RSS feeds."""

from __future__ import annotations

from datetime import UTC, date
from email.utils import format_datetime
from html import escape
from typing import Any

from sources.mock_api.market import MarketView
from sources.mock_api.reply import Asked, Reply, json_reply, xml_reply

HOSTS = ("markets.newyorkfed.org", "www.federalreserve.gov")
_RATES = {
    "/api/rates/unsecured/effr/search.json": ("EFFR", "DFF"),
    "/api/rates/secured/sofr/search.json": ("SOFR", "SOFR"),
}
_FEEDS = {"/feeds/speeches.xml": ("speech", "FRB: Speeches"), "/feeds/press_monetary.xml": ("policy", "FRB: Press")}
_ITEMS = 15


def answer_request(asked: Asked, view: MarketView) -> Reply | None:
    if asked.path in _RATES:
        return _rates_reply(asked, view, *_RATES[asked.path])
    if asked.path in _FEEDS:
        return _feed_reply(view, *_FEEDS[asked.path])
    return None


def _rates_reply(asked: Asked, view: MarketView, kind: str, series: str) -> Reply:
    """Newest first."""
    start, end = asked.date_parameter("startDate", date.min), asked.date_parameter("endDate", date.max)
    lower = {r["period_date"]: r["value"] for r in view.macro_rows["DFEDTARL"]}
    upper = {r["period_date"]: r["value"] for r in view.macro_rows["DFEDTARU"]}
    found: list[dict[str, Any]] = []
    for row in reversed(view.macro_rows[series]):
        day = row["period_date"]
        if not start <= day <= end:
            continue
        entry: dict[str, Any] = {"effectiveDate": day.isoformat(), "type": kind, "percentRate": row["value"]}
        if kind == "EFFR":
            entry |= {"targetRateFrom": lower[day], "targetRateTo": upper[day]}
        found.append({**entry, "volumeInBillions": 100, "revisionIndicator": ""})
    return json_reply({"refRates": found})


def _feed_reply(view: MarketView, kind: str, title: str) -> Reply:
    items = "".join(_feed_item(event) for event in [e for e in view.events if e["kind"] == kind][:_ITEMS])
    return xml_reply(
        '<?xml version="1.0" encoding="utf-8" ?>\n<rss version="2.0"><channel>'
        f"<title>{title}</title><link><![CDATA[https://www.federalreserve.gov/feeds/feeds.htm]]></link>"
        f"<description><![CDATA[Simulated]]></description><language>en</language>{items}</channel></rss>\n"
    )


def _feed_item(event: dict[str, Any]) -> str:
    speaker = (event["speaker"] or "").removeprefix("Simulated ")
    title = f"{speaker}, {event['title']}" if speaker else event["title"]
    link = f"https://www.federalreserve.gov/newsevents/{event['kind']}/{event['event_id']}.htm"
    at = format_datetime(event["event_at"].astimezone(UTC), usegmt=True)
    return (
        f"<item><title>{escape(title)}</title><link><![CDATA[{link}]]></link><guid><![CDATA[{link}]]></guid>"
        f"<description><![CDATA[Simulated]]></description><category>Simulated</category>"
        f"<pubDate><![CDATA[{at}]]></pubDate></item>"
    )
