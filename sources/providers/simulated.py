"""A market that does not exist, made from a seed: every dataset of the lake, with no network.

The payload is a small description (seed, end, number of symbols, dataset); its bytes parse to the same rows every time.
What happened up to a session does not depend on where the market is cut: a later end only appends.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from sources.base import PLANNED, Parsed, Request, table_from_rows
from sources.parsing.finality import margin_of_request
from sources.parsing.values import quote_value
from sources.simulated import bars, economy, events
from sources.simulated.prices import Prices, simulate_prices
from sources.simulated.universe import EPOCH, Universe, make_universe, market_sessions
from warehouse import calendar
from warehouse.calendar_table import session_table
from warehouse.contracts.datasets import CONTRACTS
from warehouse.errors import MalformedAnswer, UsageError

if TYPE_CHECKING:
    from sources.http.client import Client

NAME = "simulated"
DATASETS: tuple[str, ...] = tuple(CONTRACTS)
HOSTS: tuple[str, ...] = ()
PACE = 1000.0
NEEDS_KEY: str | None = None
DEFAULT_SEED, DEFAULT_SYMBOLS, DEFAULT_YEARS = 7, 600, 3
FIRST_END = date(EPOCH.year + 2, 1, 4)
MAX_SYMBOLS = 20_000

# by which column a row belongs to a day: the day on which it became known
_KNOWN_ON = {
    "index_bars": "session_date",
    "sector_bars": "session_date",
    "equity_bars": "session_date",
    "splits": "ex_date",
    "dividends": "ex_date",
    "securities": "first_seen",
    "symbol_changes": "change_date",
    "memberships": "effective_date",
    "rating_actions": "rating_date",
    "fundamentals": "filed_date",
    "macro_observations": "available_at",
    "events": "event_date",
}
_REPORT_YEARS = 5
_LONGEST_PAYLOAD = 1000


@dataclass(frozen=True)
class SimulatedMarket:
    """Tables by dataset (each with the dataset's `row_schema`) for sessions `start` to `end`.

    `all_splits` has every split (the schema of `splits`), while the table `splits` has the third that is given.
    """

    seed: int
    symbols: int
    years: int
    start: date
    end: date
    tables: Mapping[str, pa.Table]
    all_splits: pa.Table


@dataclass(frozen=True)
class _World:
    """All that happens from the epoch to the end of the market, before it is cut to what a caller may see."""

    seed: int
    listed: Universe
    prices: Prices
    members: bars.Members
    index_bars: pa.Table
    sector_bars: pa.Table
    slow: Mapping[str, pa.Table]


def generate_market(
    seed: int = DEFAULT_SEED, *, end: date, symbols: int = DEFAULT_SYMBOLS, years: int = DEFAULT_YEARS
) -> SimulatedMarket:
    """The simulated market of the `years` up to the session `end` (or the last one before it).

    Raises UsageError where `end` is outside 2016 to mid 2027, `symbols` outside 60 to 20,000, or
    `years` below 1.
    """
    first, last = _session_span(end, symbols, years)
    days = market_sessions()
    world = _simulate_world(seed, symbols)
    tables = {dataset: _cut_dataset(world, dataset, first, last) for dataset in DATASETS}
    every = table_from_rows("splits", events.split_rows(world.listed, world.prices, given_only=False), NAME)
    return SimulatedMarket(
        seed, symbols, years, days[first], days[last], tables, _rows_between(every, "ex_date", EPOCH, days[last])
    )


def describe_payload(
    dataset: str,
    *,
    end: date,
    seed: int = DEFAULT_SEED,
    symbols: int = DEFAULT_SYMBOLS,
    years: int = DEFAULT_YEARS,
    start: date | None = None,
) -> bytes:
    """The payload for a dataset; with `start` only what became known after the session before it."""
    _session_span(end, symbols, years)
    description: dict[str, Any] = {
        "simulated": 1,
        "dataset": dataset,
        "seed": seed,
        "symbols": symbols,
        "years": years,
        "start": start.isoformat() if start else None,
        "end": end.isoformat(),
    }
    return json.dumps({**description, "check": _description_checksum(description)}, sort_keys=True).encode()


def complete_equity_bars(market: SimulatedMarket) -> pa.Table:
    """equity_bars of the market's sessions as a vendor has them that never lost or mixed one, sorted by symbol."""
    world = _simulate_world(market.seed, market.symbols)
    first, last = _session_span(market.end, market.symbols, market.years)
    table = bars.equity_bars(world.listed, world.prices, first, last, complete=True)
    return table.sort_by([("symbol", "ascending"), ("session_date", "ascending")])


def members_on(market: SimulatedMarket, universe_name: str, day: date) -> list[dict[str, Any]]:
    """Snapshot rows of memberships for `sp500` or `russell2000` on a session; none on other days or after the end."""
    days = market_sessions()
    if day > market.end or day not in days:
        return []
    world = _simulate_world(market.seed, market.symbols)
    inside = world.members.large if universe_name == "sp500" else world.members.small
    by_slot = events.listings_by_slot(world.listed)
    number = days.index(day)
    return events.listed_members(universe_name, world.listed, world.prices, inside[number], number, by_slot)


def requests_for(dataset: str, symbols: Sequence[str], start: date, end: date) -> list[Request]:
    """One request: the whole market from `start` to `end`; which symbols are wanted chooses nothing."""
    return [Request(NAME, dataset, PLANNED, start=start, end=end)]


def fetch(client: Client | None, request: Request) -> tuple[bytes, Request]:
    """The payload, with no I/O. Where the request has no instant of its own, an hour after the last session's close:
    so the same run of the simulated market is known at the same instants, whenever it is repeated."""
    end = request.end or request.session
    if end is not None and request.fetched_at == PLANNED:
        _session_span(end, DEFAULT_SYMBOLS, DEFAULT_YEARS)
        closed = calendar.session_close(max(day for day in market_sessions() if day <= end))
        request = replace(request, fetched_at=closed + timedelta(hours=1))
    return payload_for(request), request


def payload_for(request: Request) -> bytes:
    """The payload for a request: up to `request.end` or `.session`; options: seed, symbols, years."""
    end = request.end or request.session
    if end is None:
        raise UsageError("the simulated market wants the last session: give `end` or `session`")
    numbers = {name: int(request.options[name]) for name in ("seed", "symbols", "years") if name in request.options}
    return describe_payload(request.dataset, end=end, start=request.start or request.session, **numbers)


def parse(payload: bytes, request: Request) -> Parsed:
    """The rows that a payload describes. Raises MalformedAnswer where it is no description of a simulated market.

    Bars are final where `request.fetched_at` lies `close_margin_minutes` (an option, default 15) after the close.
    """
    description = _read_description(payload)
    dataset, end = description["dataset"], description["end"]
    first, last = _session_span(end, description["symbols"], description["years"])
    world = _simulate_world(description["seed"], description["symbols"])
    table = _cut_dataset(world, dataset, first, last)
    if description["start"] is not None:
        # what became known since the session before: also on a weekend
        before = max((day for day in market_sessions() if day < description["start"]), default=EPOCH)
        table = _rows_between(table, _KNOWN_ON[dataset], before + timedelta(days=1), end)
    if "is_final" in table.column_names:
        table = _mark_final_bars(table, request)
    return Parsed(tables={dataset: table})


def _description_checksum(description: Mapping[str, Any]) -> str:
    """A sum over a description: a damaged one must not make another market, of any size, that looks right."""
    return hashlib.sha256(json.dumps(description, sort_keys=True).encode()).hexdigest()[:16]


def _read_description(payload: bytes) -> dict[str, Any]:
    try:
        if len(payload) > _LONGEST_PAYLOAD:
            raise ValueError(f"it has {len(payload)} bytes")
        description = json.loads(payload)
        if description.pop("check") != _description_checksum(description):
            raise ValueError("its check sum is wrong")
        checked = {name: int(description[name]) for name in ("simulated", "seed", "symbols", "years")}
        dates = {
            name: date.fromisoformat(description[name]) if description[name] is not None else None
            for name in ("start", "end")
        }
        found: dict[str, Any] = {**checked, **dates, "dataset": str(description["dataset"])}
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise MalformedAnswer(f"simulated: this describes no simulated market ({quote_value(repr(error))})") from error
    if found["dataset"] not in CONTRACTS or found["simulated"] != 1 or found["end"] is None or found["seed"] < 0:
        raise MalformedAnswer(f"simulated: this describes no simulated market: {quote_value(str(description))}")
    try:
        _session_span(found["end"], found["symbols"], found["years"])
    except UsageError as error:
        raise MalformedAnswer(str(error)) from error
    return found


def _session_span(end: date, symbols: int, years: int) -> tuple[int, int]:
    """Numbers of the first and the last session that are shown."""
    days = market_sessions()
    if not FIRST_END <= end <= days[-1]:
        raise UsageError(f"the simulated market ends between {FIRST_END} and {days[-1]}, not on {end}")
    if not 60 <= symbols <= MAX_SYMBOLS:
        raise UsageError(f"the simulated market has 60 to {MAX_SYMBOLS} symbols, not {symbols}")
    if years < 1:
        raise UsageError(f"the simulated market has at least 1 year, not {years}")
    start = max(end - timedelta(days=round(365.25 * min(years, 100))), EPOCH)
    first = next(i for i, day in enumerate(days) if day >= start)
    last = max(i for i, day in enumerate(days) if day <= end)
    return first, last


@lru_cache(maxsize=2)
def _simulate_world(seed: int, symbols: int) -> _World:
    listed = make_universe(seed, symbols)
    prices = simulate_prices(seed, listed)
    who = bars.index_members(listed, prices)
    moves = bars.basket_ratios(listed, prices, who)
    funds = {s: 30.0 + 5.0 * i for i, s in enumerate(bars.SECTOR_FUNDS)} | bars.FUND_LEVELS
    slow = {
        "rating_actions": events.rating_rows(seed, listed, prices),
        "macro_observations": economy.macro_rows(seed, listed),
        "events": economy.event_rows(seed, listed),
        "splits": events.split_rows(listed, prices, given_only=True),
        "symbol_changes": events.symbol_change_rows(listed),
    }
    return _World(
        seed,
        listed,
        prices,
        who,
        bars.basket_bars("index_bars", bars.INDEX_LEVELS, moves, listed, seed, "raw"),
        # the funds pay no dividends, so that their prices are total returns
        bars.basket_bars("sector_bars", funds, moves, listed, seed, "total_return"),
        {name: table_from_rows(name, rows, NAME) for name, rows in slow.items()},
    )


def _cut_dataset(world: _World, dataset: str, first: int, last: int) -> pa.Table:
    """What a dataset shows of sessions `first` to `last` (numbers), and of what came before only what they rest on."""
    days = market_sessions()
    start, end = days[first], days[last]
    if dataset == "equity_bars":
        return bars.equity_bars(world.listed, world.prices, first, last)
    if dataset in ("index_bars", "sector_bars"):
        table: pa.Table = getattr(world, dataset)
        width = table.num_rows // len(days)
        return table.slice(first * width, (last - first + 1) * width)
    if dataset == "securities":
        return table_from_rows(dataset, events.security_rows(world.listed, first, last), NAME)
    if dataset == "memberships":
        rows = events.membership_rows(world.listed, world.prices, world.members, first, last)
        return table_from_rows(dataset, rows, NAME)
    if dataset == "dividends":
        return table_from_rows(dataset, events.dividend_rows(world.listed, world.prices, first, last), NAME)
    if dataset == "fundamentals":
        earliest = date(start.year - _REPORT_YEARS, 1, 1)
        return _rows_between(_company_reports(world.seed, world.listed.stocks, earliest), "filed_date", earliest, end)
    table = world.slow[dataset]
    # a year before the first session lets yearly and quarterly changes be known from it on
    begin = start - timedelta(days=400) if dataset == "macro_observations" else start
    return _rows_between(table, _KNOWN_ON[dataset], begin if dataset != "symbol_changes" else EPOCH, end)


@lru_cache(maxsize=2)
def _company_reports(seed: int, symbols: int, earliest: date) -> pa.Table:
    world = _simulate_world(seed, symbols)
    return table_from_rows("fundamentals", economy.fundamental_rows(seed, world.listed, world.prices, earliest), NAME)


def _rows_between(table: pa.Table, column: str, start: date, end: date) -> pa.Table:
    days = table.column(column).cast(pa.date32())
    return table.filter(pc.and_(pc.greater_equal(days, pa.scalar(start)), pc.less_equal(days, pa.scalar(end))))


def _mark_final_bars(table: pa.Table, request: Request) -> pa.Table:
    known = session_table()
    limit = pa.scalar(request.fetched_at - margin_of_request(request), pa.timestamp("us", tz="UTC"))
    ended = pc.less_equal(known.column("close_at"), limit)
    final_until = pc.max(pc.filter(known.column("session_date"), ended)).as_py()
    flags = pc.less_equal(table.column("session_date"), pa.scalar(final_until, pa.date32()))
    place = table.column_names.index("is_final")
    return table.set_column(place, table.schema.field("is_final"), pc.fill_null(flags, False))
