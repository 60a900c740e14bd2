"""Fetching a dataset: fallback where the first source lacks, gaps for what nobody has, flat memory, stale answers."""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from flows.fetch.dataset import Fetched, fetch_dataset
from flows.fetch.pool import _AHEAD
from sources.base import Parsed, Request
from sources.payloads import ParsedPayload
from tests.unit.fetching import AT, WEEK, FakeSource, bar, store
from warehouse.errors import MalformedAnswer, NotFound, RateLimited, SettingsError, TransientSourceError
from warehouse.settings import Settings

FRI, TUE, WED, THU, LAST = WEEK


def full(name: str, *symbols: str, lacking: tuple[date, ...] = ()) -> FakeSource:
    bars = [(symbol, day, 100.0 + n) for symbol in symbols for n, day in enumerate(WEEK) if day not in lacking]
    return FakeSource(name, bars)


def fetch(
    home: Path, symbols: list[str], *sources: FakeSource, dataset: str = "index_bars", threads: int = 2
) -> tuple[Fetched, list[ParsedPayload]]:
    settings = Settings(sources={dataset: [source.NAME for source in sources]}, fetch_threads=threads)
    adapters: Any = {source.NAME: source for source in sources}
    client: Any = SimpleNamespace(masked=str)
    items: list[ParsedPayload] = []
    fetched = fetch_dataset(home, settings, dataset, symbols, WEEK, client, items.append, adapters)
    return fetched, items


def rows(items: list[ParsedPayload], dataset: str = "index_bars") -> list[tuple[str, str, date]]:
    found: list[tuple[str, str, date]] = []
    for item in items:
        table = item.rows.tables[dataset]
        names = ("source", "symbol", "session_date")
        found += zip(*(table[name].to_pylist() for name in names), strict=True)
    return sorted(found)


def test_where_the_first_source_has_all_nobody_else_is_asked(tmp_path: Path) -> None:
    first, second = full("first", "SPX", "RUT"), full("second", "SPX")
    fetching, items = fetch(tmp_path, ["SPX", "RUT"], first, second)
    assert (fetching.gaps, fetching.notes, fetching.requests) == ((), (), 2)
    assert rows(items) == [("first", symbol, day) for symbol in ("RUT", "SPX") for day in WEEK]
    assert second.asked == []
    assert fetching.account == "index_bars: 10 rows from first; second was not needed"
    assert {item.request.options["close_margin_minutes"] for item in items} == {"15"}


def test_where_no_stock_is_named_the_run_says_so(tmp_path: Path) -> None:
    fetching, items = fetch(tmp_path, [], FakeSource("first", dataset="equity_bars"), dataset="equity_bars")
    assert items == []
    nothing = "equity_bars: nothing was asked of first: no stock is named (`universe` in breadthwise.toml)"
    assert fetching.account == nothing


def test_a_lost_session_is_asked_of_the_next_source_with_its_neighbours(tmp_path: Path) -> None:
    first, second = full("first", "SPX", lacking=(WED,)), full("second", "SPX")
    fetching, items = fetch(tmp_path, ["SPX"], first, second)
    assert second.asked == [("SPX", TUE, THU)]
    assert fetching.account == "index_bars: 4 rows from first, 3 rows from second"
    assert [row for row in rows(items) if row[0] == "second"] == [("second", "SPX", day) for day in (TUE, WED, THU)]
    assert fetching.gaps == ()


def test_what_nobody_has_is_a_gap(tmp_path: Path) -> None:
    first, second = full("first", "SPX", lacking=(WED, LAST)), full("second", "SPX", lacking=(LAST,))
    fetching, _ = fetch(tmp_path, ["SPX"], first, second)
    (gap,) = fetching.gaps
    assert (gap.dataset, gap.source, gap.subject, gap.sessions, gap.error) == (
        "index_bars",
        "first",
        "SPX",
        (LAST,),
        "NoData",
    )
    assert str(gap) == "index_bars SPX 2026-01-23: NoData: no final bar from first, second; the next run asks again"


def test_an_error_of_the_first_source_is_made_good_by_the_second(tmp_path: Path) -> None:
    first, second = full("first", "SPX", "RUT"), full("second", "SPX")
    first.errors = {"SPX": RateLimited("first: slow down"), "RUT": TransientSourceError("first: lost")}
    fetching, items = fetch(tmp_path, ["SPX", "RUT"], first, second)
    assert rows(items) == [("second", "SPX", day) for day in WEEK]
    assert fetching.notes == ("index_bars SPX: another source has what first: slow down",)
    assert [str(gap) for gap in fetching.gaps] == [
        "index_bars RUT 2026-01-16, 2026-01-20, 2026-01-21 and 2 more sessions: TransientSourceError: first: lost;"
        " then second: nothing"
    ]


def test_what_the_lake_has_is_no_gap_whoever_gave_it(tmp_path: Path) -> None:
    store(tmp_path, "index_bars", "bulk", [bar("SPX", WED, 102.0), bar("SPX", LAST, 104.0, is_final=False)])
    first = full("first", "SPX", lacking=(WED, LAST))
    fetching, _ = fetch(tmp_path, ["SPX"], first)
    # the bar of the last session is provisional, so it still lacks
    assert [gap.sessions for gap in fetching.gaps] == [(LAST,)]


def test_sessions_before_the_first_listing_are_no_gap_but_lost_ones_are(tmp_path: Path) -> None:
    store(tmp_path, "index_bars", "first", [bar("OLD", date(2026, 1, 14), 99.0)])
    first = full("first", "NEW", "OLD", lacking=(FRI, TUE))
    fetching, _ = fetch(tmp_path, ["NEW", "OLD"], first)
    assert [(gap.subject, gap.sessions) for gap in fetching.gaps] == [("OLD", (FRI, TUE))]


def test_a_source_of_the_whole_market_is_asked_once_for_a_session(tmp_path: Path) -> None:
    first = full("first", "A", "B", lacking=(WED,))
    market = FakeSource("market", [(s, d, 1.0) for s in "ABC" for d in WEEK], is_market=True)
    fetching, items = fetch(tmp_path, ["A", "B"], first, market)
    assert sorted(asked[0] for asked in market.asked) == [TUE, WED, THU]
    assert fetching.gaps == ()
    assert ("market", "C", WED) in rows(items)


def test_a_market_of_which_a_session_fails(tmp_path: Path) -> None:
    market = FakeSource("market", [("A", d, 1.0) for d in WEEK], is_market=True)
    market.errors = {"2026-01-21": TransientSourceError("market: lost")}
    fetching, _ = fetch(tmp_path, [], market)
    assert [str(gap) for gap in fetching.gaps] == ["index_bars 2026-01-21: TransientSourceError: market: lost"]


def test_a_source_without_its_key_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = full("first", "SPX")
    first.NEEDS_KEY = "FIRST_API_KEY"
    fetching, items = fetch(tmp_path, ["SPX"], first, full("second", "SPX"))
    assert {row[0] for row in rows(items)} == {"second"}
    assert fetching.notes == ("index_bars: first is not asked: FIRST_API_KEY is not in the environment",)
    fetching, items = fetch(tmp_path, ["SPX"], first)
    assert [str(gap) for gap in fetching.gaps] == [
        "index_bars: AccessRefused: no source can be asked; set FIRST_API_KEY in the environment",
    ]
    fetching, items = fetch(tmp_path, [], first)
    assert fetching.gaps == (), "nothing was asked of it"
    monkeypatch.setenv("FIRST_API_KEY", "x")
    fetching, items = fetch(tmp_path, ["SPX"], first)
    assert {row[0] for row in rows(items)} == {"first"}


def test_a_fallback_that_would_take_an_evening_is_not_asked(tmp_path: Path) -> None:
    slow = full("slow", "SPX", "RUT")
    slow.PACE = 1 / 3600
    fetching, _ = fetch(tmp_path, ["SPX", "RUT"], FakeSource("first"), slow)
    assert slow.asked == []
    assert fetching.notes == ("index_bars: slow is not asked: 2 requests take 120 minutes at its pace",)
    assert len(fetching.gaps) == 2


def _never(_payload: ParsedPayload) -> None:
    raise AssertionError("nothing is asked")


def test_settings_that_name_no_source_are_refused(tmp_path: Path) -> None:
    first = full("first", "SPX")
    client: Any = SimpleNamespace(masked=str)
    with pytest.raises(SettingsError, match="sources.index_bars: 'other' is no live source; choose from first"):
        fetch_dataset(
            tmp_path,
            Settings(sources={"index_bars": ["other"]}),
            "index_bars",
            [],
            WEEK,
            client,
            _never,
            {"first": first},
        )
    with pytest.raises(SettingsError, match="first does not serve events; these do: none"):
        fetch_dataset(
            tmp_path, Settings(sources={"events": ["first"]}), "events", [], WEEK, client, _never, {"first": first}
        )


def test_answers_that_wait_are_few(tmp_path: Path) -> None:
    """A reader that is slow holds the threads back: memory stays flat however many symbols there are."""
    names = [f"S{n}" for n in range(60)]
    source = full("first", *names)
    answered = threading.Semaphore(0)
    source.before_answer = lambda _request: answered.release()
    settings = Settings(sources={"index_bars": ["first"]}, fetch_threads=2)
    adapters: Any = {"first": source}
    client: Any = SimpleNamespace(masked=str)
    taken: list[ParsedPayload] = []

    def take(payload: ParsedPayload) -> None:
        # all that may be asked before the reader takes the next one
        while not taken and answered.acquire(timeout=0.5):
            pass
        if not taken:
            assert len(source.asked) <= 2 * _AHEAD * 2
        taken.append(payload)

    fetch_dataset(tmp_path, settings, "index_bars", names, WEEK, client, take, adapters)
    assert len(taken) == 60


def test_payloads_are_kept_before_they_are_parsed(tmp_path: Path) -> None:
    fetching, _ = fetch(tmp_path, ["SPX"], FakeSource("first"))
    assert [gap.error for gap in fetching.gaps] == ["NoData"]
    assert len(list((tmp_path / "raw").glob("*/*.gz"))) == 1


def test_a_market_that_stands_still_is_no_new_session(tmp_path: Path) -> None:
    names = [f"S{n}" for n in range(120)]
    moved = {f"S{n}" for n in range(8)}
    store(tmp_path, "equity_bars", "market", [bar(name, THU, 10.0) for name in names])

    def market(close_of_moved: float) -> FakeSource:
        bars = [(name, LAST, close_of_moved if name in moved else 10.0) for name in names]
        return FakeSource("market", bars, dataset="equity_bars", is_market=True)

    settings = Settings(sources={"equity_bars": ["market"]})
    client: Any = SimpleNamespace(masked=str)
    adapters: Any = {"market": market(10.5)}
    fetching = fetch_dataset(tmp_path, settings, "equity_bars", [], [LAST], client, _never, adapters)
    (gap,) = fetching.gaps
    assert (gap.error, gap.sessions) == ("StaleAnswer", (LAST,))
    assert "112 of 120 stocks have close and volume of the session before 2026-01-23" in gap.message

    adapters = {"market": market(10.5)}
    adapters["market"].bars = [(name, LAST, 10.0 if name in moved else 11.0) for name in names]
    items: list[ParsedPayload] = []
    fetching = fetch_dataset(tmp_path, settings, "equity_bars", [], [LAST], client, items.append, adapters)
    assert len(items) == 1
    assert fetching.gaps == ()


def test_a_subject_that_fails_is_asked_of_the_next_source(tmp_path: Path) -> None:
    first = FakeSource(
        "first", errors={"A": NotFound("first: no A"), "B": NotFound("first: no B")}, dataset="rating_actions"
    )
    second = FakeSource("second", errors={"B": NotFound("second: no B")}, dataset="rating_actions")

    def parse(payload: bytes, request: Any) -> Any:
        from sources.base import Parsed, table_from_rows

        row = {"symbol": request.symbol, "rated_at": AT, "rating_date": LAST, "firm": "F", "to_grade": "Buy"}
        return Parsed({"rating_actions": table_from_rows("rating_actions", [row], "second")})

    second.parse = parse  # type: ignore[method-assign]
    fetching, items = fetch(tmp_path, ["A", "B"], first, second, dataset="rating_actions")
    assert [item.request.symbol for item in items] == ["A"]
    assert [str(gap) for gap in fetching.gaps] == [
        "rating_actions B 2026-01-23: NotFound: first: no B; then second: no B"
    ]


def test_nothing_new_is_no_gap_where_nothing_may_have_happened(tmp_path: Path) -> None:
    fetching, _ = fetch(tmp_path, ["A"], FakeSource("first", dataset="rating_actions"), dataset="rating_actions")
    assert (fetching.gaps, fetching.notes) == ((), ("rating_actions: first: nothing",))


def test_a_key_that_an_answer_gives_back_stands_in_no_gap(tmp_path: Path) -> None:
    class Quoting(FakeSource):
        def parse(self, payload: bytes, request: Request) -> Parsed:
            raise MalformedAnswer(f"first: close is 'hidden-key' in {len(payload)} bytes")

    client: Any = SimpleNamespace(masked=lambda text: text.replace("hidden-key", "***"))
    sources: Any = {"first": Quoting("first", [("SPX", WEEK[0], 1.0)])}
    settings = Settings(sources={"index_bars": ["first"]})
    fetched = fetch_dataset(tmp_path, settings, "index_bars", ["SPX"], WEEK, client, _never, sources)
    assert [gap.error for gap in fetched.gaps] == ["MalformedAnswer"]
    assert "hidden-key" not in str(fetched)
    assert "close is '***' in" in fetched.gaps[0].message
