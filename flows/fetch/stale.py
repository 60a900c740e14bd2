"""A whole market that stands still: an answer that repeats the session before is no new session."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from pathlib import Path

from sources.base import Parsed, Request
from warehouse import calendar
from warehouse.duck import cursor
from warehouse.errors import StaleAnswer
from warehouse.lake.lake import Lake

_Market = dict[str, tuple[float, int | None]]
# Nasdaq's screener repeated whole sessions; of a true one, less than a tenth of the stocks stands still.
_STALE_SHARE = 0.9
_FEWEST = 100


class StaleGuard:
    """Compares whole-market answers with what the lake of `home` holds of the session before."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._known: dict[tuple[str, date], _Market] = {}
        self._lock = threading.Lock()

    def check_staleness(self, parsed: Parsed, request: Request) -> None:
        """Raises StaleAnswer where close and volume of nearly all stocks are those of the session before."""
        table = parsed.tables.get("equity_bars")
        if request.symbol is not None or table is None or table.num_rows < _FEWEST:
            return
        days = set(table["session_date"].to_pylist())
        if len(days) != 1:
            return
        day = days.pop()
        earlier = self._market_before(request.source, day)
        rows = zip(*(table[name].to_pylist() for name in ("symbol", "close", "volume")), strict=True)
        compared = [earlier[symbol] == (close, volume) for symbol, close, volume in rows if symbol in earlier]
        if len(compared) >= _FEWEST and sum(compared) >= _STALE_SHARE * len(compared):
            raise StaleAnswer(
                f"{request.source}: {sum(compared)} of {len(compared)} stocks have close and volume of the session"
                f" before {day}: the vendor has not moved on; run again later, else the next session's previous closes"
                " fill it"
            )

    def _market_before(self, source: str, day: date) -> _Market:
        listed = calendar.sessions_between(day - timedelta(days=10), day - timedelta(days=1))
        if not listed:
            return {}
        key = (source, listed[-1])
        with self._lock:
            if key not in self._known:
                self._known[key] = self._read_market(*key)
            return self._known[key]

    def _read_market(self, source: str, day: date) -> _Market:
        lake = Lake(self.home)
        manifest = lake.manifest()
        if not manifest.files_of_dataset("equity_bars"):
            return {}
        with cursor() as con:
            found = con.execute(
                f"select symbol, close, volume from ({lake.current_sql('equity_bars', manifest)}) "
                "where source = ? and session_date = ?",
                [source, day],
            ).fetchall()
        return {symbol: (close, volume) for symbol, close, volume in found}
