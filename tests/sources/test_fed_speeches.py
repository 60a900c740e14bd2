"""The Federal Reserve's feeds: speaker and title apart, the day in New York, nothing unsafe."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from sources.base import Parsed, Request
from sources.providers import fed_speeches
from tests.sources.recorder import AT, Recorder
from warehouse.errors import ChangedShape, MalformedAnswer, NoData, SourceError

SITE = "https://www.federalreserve.gov/newsevents"


def item(
    title: str = "Doe, On Rates", when: str = "Thu, 3 Sep 2026 12:30:00 GMT", link: str = f"{SITE}/speech/a.htm"
) -> str:
    return (
        f"<item><title>{title}</title><link><![CDATA[{link}]]></link><guid><![CDATA[{link}]]></guid>"
        f"<category>Speech</category><pubDate><![CDATA[{when}]]></pubDate></item>"
    )


def feed(*items: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>{"".join(items)}</channel></rss>'.encode()
    )


def parsed(payload: bytes) -> Parsed:
    return fed_speeches.parse(payload, Request("fed_speeches", "", AT))


def test_an_item_gives_speaker_title_and_instant() -> None:
    (row,) = parsed(feed(item("Doe, On Rates, and  &lt;more&gt;"))).tables["events"].to_pylist()
    assert row == {
        "event_id": f"{SITE}/speech/a.htm",
        "event_date": date(2026, 9, 3),
        "event_at": datetime(2026, 9, 3, 12, 30, tzinfo=UTC),
        "kind": "speech",
        "title": "On Rates, and <more>",
        "speaker": "Doe",
        "url": f"{SITE}/speech/a.htm",
        "source": "fed_speeches",
    }


@pytest.mark.parametrize(
    ("when", "instant", "day"),
    [
        ("Thu, 3 Sep 2026 12:30:00 EDT", datetime(2026, 9, 3, 16, 30, tzinfo=UTC), date(2026, 9, 3)),
        ("Thu, 3 Sep 2026 12:30:00 -0500", datetime(2026, 9, 3, 17, 30, tzinfo=UTC), date(2026, 9, 3)),
        ("Fri, 4 Sep 2026 01:15:00 GMT", datetime(2026, 9, 4, 1, 15, tzinfo=UTC), date(2026, 9, 3)),
        ("4 Jan 2026 04:59:00 +0000", datetime(2026, 1, 4, 4, 59, tzinfo=UTC), date(2026, 1, 3)),
        ("Thu, 3 Sep 2026 12:30:00", datetime(2026, 9, 3, 12, 30, tzinfo=UTC), date(2026, 9, 3)),
    ],
)
def test_zones_and_the_day_in_new_york(when: str, instant: datetime, day: date) -> None:
    (row,) = parsed(feed(item(when=when))).tables["events"].to_pylist()
    assert (row["event_at"], row["event_date"]) == (instant, day)


def test_a_policy_release_has_no_speaker() -> None:
    release = item("Fed issues statement, with votes", link=f"{SITE}/pressreleases/monetary20260128a.htm")
    (row,) = parsed(feed(release)).tables["events"].to_pylist()
    assert (row["kind"], row["speaker"], row["title"]) == ("policy", None, "Fed issues statement, with votes")


def test_items_that_cannot_be_taken_are_rejected() -> None:
    found = parsed(
        feed(
            item(),
            item(when="next Thursday"),
            item(link="javascript:alert(1)"),
            item(link='https://x.org/"onload="x'),
            item(title=" "),
        )
    )
    assert found.tables["events"].num_rows == 1
    assert [bad.reason.split(" is ")[0] for bad in found.rejected] == [
        "pubDate",
        "link",
        "link",
        "an item without a title",
    ]


BOMB = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><rss><channel>&b;</channel></rss>'
FILE = b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel>&x;</channel></rss>'
ERRORS: list[tuple[str, bytes, type[SourceError]]] = [
    ("empty", b"", MalformedAnswer),
    ("html", b"<!DOCTYPE html><html></html>", MalformedAnswer),
    ("cut", feed(item())[:-20], MalformedAnswer),
    ("entities", BOMB, MalformedAnswer),
    ("a file", FILE, MalformedAnswer),
    ("a DTD", b'<!DOCTYPE rss SYSTEM "http://x.org/rss.dtd"><rss><channel/></rss>', MalformedAnswer),
    ("unknown encoding", b'<?xml version="1.0" encoding="klingon"?><rss/>', MalformedAnswer),
    ("text", b"moved", MalformedAnswer),
    ("another document", b"<feed><entry/></feed>", ChangedShape),
    ("no channel", b"<rss/>", ChangedShape),
    ("no items", feed(), NoData),
    ("nothing readable", feed("<item><title>A, B</title></item>"), ChangedShape),
]


@pytest.mark.parametrize(("name", "body", "kind"), ERRORS, ids=[name for name, _, _ in ERRORS])
def test_error_matrix(name: str, body: bytes, kind: type[SourceError]) -> None:
    with pytest.raises(SourceError) as caught:
        parsed(body)
    assert type(caught.value) is kind
    assert "root:" not in str(caught.value)


def test_fetch_asks_both_feeds() -> None:
    client = Recorder({"https://www.federalreserve.gov/feeds/": feed()})
    for request in fed_speeches.requests_for("events", [], date(2026, 1, 1), date(2026, 1, 2)):
        fed_speeches.fetch(client, request)
    assert [url.rsplit("/", 1)[1] for url, _, _ in client.asked] == ["speeches.xml", "press_monetary.xml"]
    with pytest.raises(MalformedAnswer, match="no feed"):
        fed_speeches.fetch(client, Request("fed_speeches", "events", AT, series="../x"))
