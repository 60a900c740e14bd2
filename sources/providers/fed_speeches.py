"""Speeches and monetary policy releases of the Federal Reserve Board, from its RSS feeds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from sources.base import PLANNED, Parsed, Request
from sources.parsing.documents import decode_text, error_from_message
from sources.parsing.publication_times import new_york_date
from sources.parsing.rows import Rows
from sources.parsing.values import FIRST_YEAR, LAST_YEAR, BadCell, quote_value, read_words
from warehouse.errors import ChangedShape, MalformedAnswer, NoData

if TYPE_CHECKING:
    from sources.http.client import Client

NAME = "fed_speeches"
DATASETS = ("events",)
HOSTS = ("www.federalreserve.gov",)
PACE = 1.0
NEEDS_KEY: str | None = None

FEEDS = ("speeches", "press_monetary")


def requests_for(dataset: str, symbols: Sequence[str], start: date, end: date) -> list[Request]:
    """One request a feed: a feed holds the newest items and cannot be asked for a time."""
    return [Request(NAME, dataset, PLANNED, series=feed, start=start, end=end) for feed in FEEDS]


def fetch(client: Client, request: Request) -> tuple[bytes, Request]:
    """One feed: `request.series` is `speeches` (the default) or `press_monetary`. Raises SourceErrors."""
    feed = request.series or FEEDS[0]
    if feed not in FEEDS:
        raise MalformedAnswer(f"fed_speeches: no feed {quote_value(feed)}; choose from {', '.join(FEEDS)}")
    answer = client.get(f"https://www.federalreserve.gov/feeds/{feed}.xml", expect="xml", pace=PACE)
    return answer.body, replace(request, fetched_at=answer.fetched_at, url=answer.url)


def parse(payload: bytes, request: Request) -> Parsed:
    """Rows of events, one for each item with its day in New York.

    Raises MalformedAnswer for what is no well-formed or no harmless XML (entities, a DTD), ChangedShape for another
    document, NoData for a feed without items.
    """
    what = f"fed_speeches {request.series or ''}".strip()
    items = [_item_texts(item) for item in _feed_items(payload, what)]
    if not items:
        raise NoData(f"{what}: the feed holds no items; the last good one stays in use")
    rows = Rows(NAME, "events")
    for item in items:
        rows.read_row("events", item, partial(_event_row, item))
    if rows.count_rows("events") == 0:
        raise ChangedShape(f"{what}: not one item can be read: {rows.rejected[0].reason}")
    return rows.to_parsed()


def _feed_items(payload: bytes, what: str) -> Iterator[Element]:
    text = decode_text(payload, what)
    if not text.lstrip().startswith("<"):
        raise error_from_message(text.strip(), what)
    try:
        root = fromstring(payload, forbid_dtd=True)
    except DefusedXmlException as error:
        raise MalformedAnswer(f"{what}: the XML declares entities or a DTD, which is not safe to read") from error
    except (ParseError, ValueError, LookupError) as error:
        raise MalformedAnswer(f"{what}: the answer is not whole XML ({quote_value(str(error))}); cut off?") from error
    channel = root.find("channel")
    if root.tag != "rss" or channel is None:
        raise ChangedShape(f"{what}: the document is {quote_value(root.tag)}, expected rss with a channel")
    return iter(channel.findall("item"))


def _item_texts(item: Element) -> dict[str, str]:
    """The item's own texts by name; of two elements of one name the first counts."""
    found: dict[str, str] = {}
    for child in item:
        if isinstance(child.tag, str):
            found.setdefault(child.tag, " ".join((child.text or "").split()))
    return found


def _event_row(texts: dict[str, str]) -> dict[str, Any]:
    at = _parse_instant(texts.get("pubDate", ""))
    url = _safe_address(texts.get("link") or texts.get("guid") or "")
    title = read_words(texts.get("title"), "title")
    if title is None:
        raise BadCell("an item without a title")
    is_policy = "monetary policy" in texts.get("category", "").lower() or "/pressreleases/" in url
    speaker, comma, rest = title.partition(", ")
    is_named = bool(comma) and not is_policy
    return {
        "event_id": read_words(texts.get("guid") or url, "guid"),
        "event_date": new_york_date(at),
        "event_at": at,
        "kind": "policy" if is_policy else "speech",
        "title": rest.strip() if is_named else title,
        "speaker": speaker.strip() if is_named else None,
        "url": url,
    }


def _parse_instant(text: str) -> datetime:
    """An RFC 822 date as UTC; one without a zone is taken as UTC."""
    try:
        found = parsedate_to_datetime(text)
        aware = found if found.tzinfo else found.replace(tzinfo=UTC)
        instant = aware.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError) as error:
        raise BadCell(f"pubDate is {quote_value(text)}, no date of RFC 822") from error
    if not FIRST_YEAR <= instant.year <= LAST_YEAR:
        raise BadCell(f"pubDate is {quote_value(text)}, beyond reason")
    return instant


def _safe_address(text: str) -> str:
    """Only a plain web address may reach a page: no script, no quote, no blank."""
    if not text.startswith(("https://", "http://")) or any(c in text for c in "\"'<>` \\") or not text.isascii():
        raise BadCell(f"link is {quote_value(text)}, no plain web address")
    return read_words(text, "link") or ""
