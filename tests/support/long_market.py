"""A few stocks over three and a half years, drawn with what happens to stocks and to their vendors, and delivered in pieces."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st

from tests.properties.market import SECTORS, table_of
from warehouse.calendar import sessions_between

DAYS = sessions_between(date(2022, 6, 1), date(2026, 1, 30))
STOCKS = 8
NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)
_INDICES = ("SPX", "RUT")
_QUOTED = (*_INDICES, "SPY", *sorted(SECTORS.values()))
RATIOS = ((2, 1), (3, 2), (7, 1), (1, 3), (1, 7), (1, 15), (5, 4))


@dataclass(frozen=True)
class Event:
    """What happens on session number `at` of DAYS to stock number `stock`; `delivery` is the piece in which it becomes known,
    where that is not the one of its session."""

    kind: str
    stock: int
    at: int
    length: int = 1
    ratio: tuple[int, int] = (1, 1)
    delivery: int = 0


@dataclass(frozen=True)
class History:
    """Facts in the order in which they come: bars up to each session of `cuts`, those before `older` with delivery number
    `older_with`."""

    seed: int
    events: tuple[Event, ...]
    cuts: tuple[int, ...]
    older: int = 0
    older_with: int = 0

    def deliveries(self) -> list[dict[str, pa.Table]]:
        """The datasets of each delivery."""
        bars, funds = self._bars(), self._closes()
        found = []
        for number in range(len(self.cuts)):
            first = self.cuts[number - 1] if number else 0
            last = self.cuts[number]
            rows = [row for at, row in bars if self._delivery_of(at) == number]
            rows += self._corrections(bars, number)
            tables = {"equity_bars": facts("equity_bars", rows, number)}
            quoted = [row for at, row in funds if first <= at < last] + self._quotes_corrected(funds, number)
            tables["sector_bars"] = facts("sector_bars", [r for r in quoted if r["symbol"] not in _INDICES], number)
            tables["index_bars"] = facts("index_bars", [r for r in quoted if r["symbol"] in _INDICES], number)
            tables["splits"] = facts("splits", self._splits(number), number)
            tables["symbol_changes"] = facts("symbol_changes", self._changes(number), number)
            tables["rating_actions"] = facts("rating_actions", self._ratings(number), number)
            if number == 0:
                tables["securities"] = facts("securities", _securities(), 0)
                tables["memberships"] = facts("memberships", _memberships(), 0)
            found.append({name: table for name, table in tables.items() if table.num_rows})
        return found

    def _delivery_of(self, at: int) -> int:
        if at < self.older:
            return self.older_with
        return next(number for number, cut in enumerate(self.cuts) if at < cut)

    def _of(self, kind: str, stock: int) -> list[Event]:
        return [event for event in self.events if event.kind == kind and event.stock == stock]

    def _bars(self) -> list[tuple[int, dict[str, Any]]]:
        draws = np.random.default_rng([self.seed, 1])
        moves = draws.normal(0.0004, 0.012, (len(DAYS), STOCKS)).cumsum(axis=0)
        prices = (draws.uniform(15, 200, STOCKS) * np.exp(moves)).round(2)
        volumes = draws.integers(1, 40, (len(DAYS), STOCKS)) * 10_000
        caps = draws.uniform(0.1, 60, STOCKS) * 1e9
        found: list[tuple[int, dict[str, Any]]] = []
        for stock in range(STOCKS):
            last: dict[str, Any] | None = None
            for at in range(self.cuts[-1]):
                row = self._bar(stock, at, float(prices[at, stock]), int(volumes[at, stock]), last)
                if row is None:
                    continue
                row["market_cap"] = float(round(caps[stock] * prices[at, stock] / prices[0, stock]))
                found.append((at, row))
                last = row
                found += [(at, other) for other in self._other_bars(stock, at, row)]
        return found

    def _bar(
        self, stock: int, at: int, price: float, volume: int, last: dict[str, Any] | None
    ) -> dict[str, Any] | None:
        listed = max((event.at for event in self._of("listing", stock)), default=0)
        if at < listed or any(event.at <= at for event in self._of("end", stock)):
            return None
        if any(event.at <= at < event.at + event.length for event in self._of("gap", stock)):
            return None
        if last is not None and any(
            (e.kind == "frozen" and e.at == at) or (e.kind == "repeat" and (e.stock, e.at) == (stock, at))
            for e in self.events
        ):
            return {**last, "session_date": DAYS[at]}
        shares = 1.0
        for event in self._of("split", stock) + self._of("silent_split", stock):
            shares *= event.ratio[0] / event.ratio[1] if event.at <= at else 1.0
        wrong = 1.0
        for event in self._of("spike", stock):
            wrong *= event.ratio[0] / event.ratio[1] if event.at <= at < event.at + event.length else 1.0
        close = round(price * wrong / shares, 6)
        return {
            "symbol": self._symbol(stock, at),
            "session_date": DAYS[at],
            "source": "one",
            "basis": "raw",
            "high": close * 1.01,
            "low": close * 0.99,
            "close": close,
            "previous_close": None if last is None or stock % 3 == 0 else last["close"],
            "volume": 0 if any(e.at == at for e in self._of("untraded", stock)) else int(volume * shares),
            "is_final": not any(e.at <= at < e.at + e.length for e in self._of("provisional", stock)),
        }

    def _other_bars(self, stock: int, at: int, row: dict[str, Any]) -> list[dict[str, Any]]:
        """What a second source gives of the stock, adjusted or not, and what is served under its other name."""
        rows = []
        for event in self._of("other_source", stock):
            if event.at <= at < event.at + event.length:
                basis = "split" if event.ratio == (1, 1) else "raw"
                rows.append(
                    {
                        **row,
                        "source": "two",
                        "basis": basis,
                        "close": round(row["close"] * 1.0002, 6),
                        "previous_close": None,
                    }
                )
        for event in self._of("twin", stock):
            if event.at <= at < event.at + event.length:
                later = row["symbol"].startswith("N")
                rows.append({**row, "symbol": f"{'ST' if later else 'N'}{stock:02}"})
        return rows

    def _symbol(self, stock: int, at: int) -> str:
        renamed = [event for event in self._of("rename", stock) if event.at <= at]
        return f"N{stock:02}" if renamed else f"ST{stock:02}"

    def _corrections(self, bars: list[tuple[int, dict[str, Any]]], number: int) -> list[dict[str, Any]]:
        """Bars that this delivery gives anew or takes back; only of those that an earlier one gave."""
        rows = []
        for event in self.events:
            if event.kind not in ("restated", "withdrawn", "provisional") or event.delivery != number:
                continue
            for at, row in bars:
                is_known = self._delivery_of(at) < number
                if (
                    is_known
                    and event.at <= at < event.at + event.length
                    and row["symbol"].endswith(f"{event.stock:02}")
                ):
                    factor = event.ratio[0] / event.ratio[1]
                    is_withdrawn = event.kind == "withdrawn"
                    prices = {name: round(row[name] * factor, 6) for name in ("high", "low", "close")}
                    is_final = row["is_final"] or event.kind == "provisional"
                    rows.append({**row, **prices, "is_final": is_final, "is_withdrawn": is_withdrawn})
        return rows

    def _splits(self, number: int) -> list[dict[str, Any]]:
        """Stated with the delivery of their session, or later."""
        return [
            {
                "symbol": self._symbol(e.stock, e.at),
                "ex_date": DAYS[e.at],
                "numerator": e.ratio[0],
                "denominator": e.ratio[1],
            }
            for e in self.events
            if e.kind in ("split", "stated_split")
            and e.at < self.cuts[-1]
            and max(e.delivery, self._delivery_of(e.at)) == number
        ]

    def _ratings(self, number: int) -> list[dict[str, Any]]:
        """One on the day of each, under the name that the stock has by then; known with the delivery of its session, or later."""
        return [
            {
                "symbol": self._symbol(e.stock, e.at),
                "firm": "Firm",
                "rated_at": datetime.combine(DAYS[e.at], time(14), UTC),
                "rating_date": DAYS[e.at],
                "to_grade": "Buy" if e.at % 2 else "Sell",
                "price_target_usd": 100.0,
            }
            for e in self.events
            if e.kind == "rated" and e.at < self.cuts[-1] and max(e.delivery, self._delivery_of(e.at)) == number
        ]

    def _changes(self, number: int) -> list[dict[str, Any]]:
        return [
            {"from_symbol": f"ST{e.stock:02}", "to_symbol": f"N{e.stock:02}", "change_date": DAYS[e.at]}
            for e in self.events
            if e.kind == "rename" and e.at < self.cuts[-1] and max(e.delivery, self._delivery_of(e.at)) == number
        ]

    def _closes(self) -> list[tuple[int, dict[str, Any]]]:
        draws = np.random.default_rng([self.seed, 2])
        prices = (100 * np.exp(draws.normal(0.0003, 0.009, (len(DAYS), len(_QUOTED))).cumsum(axis=0))).round(2)
        holes = {(e.stock, at) for e in self.events if e.kind == "hole" for at in range(e.at, e.at + e.length)}
        return [
            (
                at,
                {
                    "symbol": s,
                    "session_date": DAYS[at],
                    "basis": "raw",
                    "close": float(prices[at, i]),
                    "is_final": True,
                },
            )
            for i, s in enumerate(_QUOTED)
            for at in range(self.cuts[-1])
            if (i, at) not in holes
        ]

    def _quotes_corrected(self, quotes: list[tuple[int, dict[str, Any]]], number: int) -> list[dict[str, Any]]:
        """Closes of indices and funds that this delivery gives anew; only of those that an earlier one gave."""
        return [
            {**row, "close": round(row["close"] * event.ratio[0] / event.ratio[1], 2)}
            for event in self.events
            if event.kind == "requoted" and event.delivery == number
            for at, row in quotes
            if event.at <= at < min(event.at + event.length, self.cuts[number - 1] if number else 0)
            and row["symbol"] == _QUOTED[event.stock]
        ]


def facts(dataset: str, rows: list[dict[str, Any]], number: int) -> pa.Table:
    """The rows as facts of one payload, each delivery a minute after the one before."""
    known = NOW + timedelta(minutes=number)
    unique = {
        tuple(
            row.get(name)
            for name in ("symbol", "session_date", "source", "basis", "ex_date", "from_symbol", "rated_at")
        ): row
        for row in rows
    }
    named = [
        {"payload_sha256": f"{number:064x}", "known_at": known, **row}
        for row in (rows if dataset in ("splits", "memberships") else unique.values())
    ]
    return table_of(dataset, named)


def _securities() -> list[dict[str, Any]]:
    kinds = ("Technology", "Finance", "Energy", None)
    return [
        {
            "symbol": f"{letters}{i:02}",
            "first_seen": DAYS[0],
            "name": f"Company {i} Common Stock",
            "sector": kinds[i % 4],
            "taxonomy": "nasdaq",
        }
        for i in range(STOCKS)
        for letters in ("ST", "N")
    ]


def _memberships() -> list[dict[str, Any]]:
    names = sorted(SECTORS)
    return [
        {
            "universe": "sp500" if i % 3 else "russell2000",
            "symbol": f"ST{i:02}",
            "kind": "snapshot",
            "effective_date": DAYS[0],
            "sector": names[i % 5],
        }
        for i in range(STOCKS)
    ]


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Histories whose deliveries end within a few sessions of each other, or of the edges of blocks."""
    last = draw(st.integers(600, len(DAYS)))
    sizes = draw(st.lists(st.sampled_from([1, 1, 2, 5, 40]), min_size=1, max_size=3))
    cuts = [last]
    for size in sizes:
        cuts.insert(0, cuts[0] - size)
    older = draw(st.sampled_from([0, 0, 60, 250]))
    kinds = (
        "split", "silent_split", "stated_split", "gap", "spike", "repeat", "frozen", "untraded", "other_source", "rename",
        "end", "listing", "restated", "withdrawn", "hole", "requoted", "rated", "twin",
        "provisional",
    )  # fmt: skip
    one = st.builds(
        Event,
        st.sampled_from(kinds),
        st.integers(0, STOCKS - 1),
        st.one_of(st.integers(1, last - 1), st.integers(last - 45, last - 1)),
        st.sampled_from([1, 1, 3, 30, 300]),
        st.sampled_from(RATIOS),
        st.integers(0, len(cuts) - 1),
    )
    events = draw(st.lists(one, min_size=2, max_size=14))
    # one change of name and one end a stock
    kept = {(e.kind, e.stock, e.at if e.kind not in ("rename", "end", "listing") else 0): e for e in events}
    short = [replace(e, at=min(e.at, 400)) if e.kind == "listing" else e for e in kept.values()]
    return History(draw(st.integers(0, 99)), tuple(short), tuple(cuts), older, draw(st.integers(0, len(cuts) - 1)))
