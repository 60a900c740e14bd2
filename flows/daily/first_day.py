"""What a session without breadth lacks, and what can be had: by waiting, by asking, by importing; with requests and minutes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from flows.backfill import plan, runner
from flows.backfill.universes import symbols_named
from flows.console.hints import command_on_home
from sources import catalog
from sources import plan as source_plan
from warehouse import calendar
from warehouse.duck import connect
from warehouse.errors import UsageError
from warehouse.runs.attempts import open_attempts
from warehouse.settings import Settings

# enough for means of 200 sessions and for highs of 52 weeks
SESSIONS = 260
_INDEX_LIST = "sp500"
_WHOLE_MARKET = "polygon_grouped"


def first_day_advice(home: Path, settings: Settings, session: date, now: datetime) -> list[str]:
    """Lines for a user whose breadth of `session` is empty; none where the warehouse has it."""
    reason = _empty_breadth_reason(home, session)
    if reason is None:
        return []
    program = command_on_home(home)
    lines = [f"breadth of {session} is empty: {reason}. What fills it:"]
    lines.append(
        "  the next runs: advances and declines need 2 sessions of a stock, means 20, 50 or 200, highs of 52 weeks 252"
    )
    lines += _backfill_advice(home, settings, session, now, program)
    lines += _whole_market_advice(home, settings, session, now, program)
    lines.append(
        f"  files of your own: {program} import PATH --dataset equity_bars --basis raw --dry-run shows what they give"
    )
    return lines


def whole_market_needs(settings: Settings) -> list[str]:
    """What must be set before a backfill asks the source that gives the whole market a session in one answer."""
    source = catalog.find_adapter(_WHOLE_MARKET)
    listed = settings.sources.get("equity_bars", source_plan.ORDER["equity_bars"])
    needed = []
    if source_plan.missing_key(source) is not None:
        needed.append(f"{source.NEEDS_KEY} in the environment (a free account)")
    is_preferred = bool(listed) and listed[0] == _WHOLE_MARKET
    if _WHOLE_MARKET not in listed or (settings.universe and not is_preferred):
        # stocks that are named are asked one by one of the source that comes first
        needed.append(f'`equity_bars = ["{_WHOLE_MARKET}"]` under [sources] of breadthwise.toml')
    return needed


def _whole_market_advice(home: Path, settings: Settings, session: date, now: datetime, program: str) -> list[str]:
    """The backfill of all stocks of the sessions without the market, and what must come before it; none where it asks nothing."""
    source = catalog.find_adapter(_WHOLE_MARKET)
    first = _first_session(session)
    listed = calendar.sessions_between(first, session)
    with open_attempts(home, runner.attempts_since(now, False), to_write=False) as attempts:
        scope = plan.Scope(listed, {"equity_bars": []})
        count = plan.plan_source(home, settings, source, "equity_bars", scope, attempts).request_count
    if not count:
        return []
    needed = whole_market_needs(settings)
    before = f"{' and '.join(needed)}, then " if needed else ""
    return [
        f"  {before}{program} backfill {first} {session} --datasets equity_bars: the whole market, "
        f"{runner.count_with_noun(count, 'request')}, {runner.duration_in_words(count / plan.pace_of(source, settings))}"
    ]


def stocks_to_backfill(home: Path, settings: Settings, first: date, last: date) -> list[str]:
    """Whose history is asked for: nothing named where the settings have a universe, else the S&P 500 where its list is known."""
    if source_plan.symbols_for_dataset("equity_bars", settings):
        return []
    try:
        symbols_named(home, [_INDEX_LIST], first, last)
    except UsageError:
        return []
    return [_INDEX_LIST]


def _backfill_advice(home: Path, settings: Settings, session: date, now: datetime, program: str) -> Sequence[str]:
    first = _first_session(session)
    stocks = stocks_to_backfill(home, settings, first, session)
    scope = runner.scope_of(home, settings, first, session, now, (), stocks)
    if not scope.symbols.get("equity_bars"):
        return [
            "  a list of stocks: `universe` in breadthwise.toml, or a membership list (the next run asks for those of funds)"
        ]
    with open_attempts(home, runner.attempts_since(now, False), to_write=False) as attempts:
        planned = plan.make_plan(home, settings, scope, attempts, catalog.adapters_by_name())
    seconds = sum(
        len(chunk.requests) / plan.pace_of(catalog.adapters_by_name()[chunk.source], settings)
        for chunk in planned.chunks
    )
    of = f"the stocks of {stocks[0]}" if stocks else "the stocks of `universe`"
    return [
        f"  {program} run --with-history {SESSIONS}: indices, sectors and {of} ({len(scope.symbols['equity_bars']):,}), "
        f"{planned.request_count:,} requests, {runner.duration_in_words(seconds)}"
    ]


def _first_session(session: date) -> date:
    return history_start(session, SESSIONS)


def history_start(session: date, sessions: int) -> date:
    """The first of so many sessions up to `session`."""
    day = date.fromordinal(session.toordinal() - 2 * sessions - 14)
    return calendar.sessions_between(day, session)[-sessions:][0]


def _empty_breadth_reason(home: Path, session: date) -> str | None:
    """The reason that the build gives for the whole market's breadth; None where some universe has a figure."""
    with connect(home / "warehouse.duckdb", read_only=True) as con:
        ((advances, note),) = con.execute(
            "select max(advances), max(note_en) filter (where universe = 'all') from reports.breadth where session_date = ?",
            [session],
        ).fetchall()
    return None if advances is not None else str(note or "there are no bars of stocks")
