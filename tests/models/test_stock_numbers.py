"""The numbers of stocks and of their series hang on the stock alone: blocks that are kept name stocks by them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.models import harness
from transforms.engine import run
from warehouse.errors import ModelError

EQUITY_SERIES = "intermediate.equity_series"
_CALENDARS = ("staging.sessions", "staging.sessions_in_reach")
# symbol, session, source: a bar of basis raw
Bar = tuple[str, str, str]


def series_of(bars: Sequence[Bar]) -> dict[tuple[str, str], tuple[int, int]]:
    """Numbers of instrument and series, by id and source."""
    with harness.connection() as con:
        for table in ("staging.symbol_changes", *_CALENDARS):
            harness.make_input(con, table, None)
        rows = "".join(f"\n{symbol} | {day} | {source} | raw" for symbol, day, source in bars)
        harness.make_input(con, "staging.equity_bars", f"symbol | session_date | source | basis{rows}")
        names = "".join(f"\n{symbol} | {symbol} | 2000-01-03 | true" for symbol in sorted({bar[0] for bar in bars}))
        harness.make_input(con, "intermediate.instruments", f"symbol | instrument_id | valid_from | is_stock{names}")
        harness.make_input(con, "staging.series_rank", "dataset | source | basis | rank\nequity_bars | b | raw | 1")
        for name in ("symbol_spans", "bar_spans", "bar_runs", "bar_sessions", "changed_symbol_bars"):
            run.make_table(con, harness.models()[f"intermediate.{name}"], harness.VALUES)
        run.build_model(con, harness.models()[EQUITY_SERIES], harness.VALUES)
        found = con.execute(f"select instrument_id, source, instrument_no, series_no from {EQUITY_SERIES}").fetchall()
    return {(symbol, source): (number, series) for symbol, source, number, series in found}


def bars_of(*symbols: str, day: str = "2026-01-06", source: str = "a") -> list[Bar]:
    return [(symbol, day, source) for symbol in symbols]


def alike(count: int) -> list[str]:
    """So many symbols that begin with AAAAA and have the same hash, as far as the numbers of stocks go."""
    with harness.connection() as con:
        query = f"""select list('AAAAA' || i order by 'AAAAA' || i) from range(150000) as r (i)
            group by hash('AAAAA' || i) % 10000000 having count(*) = {count} limit 1"""
        return list(con.execute(query).fetchall()[0][0])


def test_neither_older_bars_nor_other_stocks_change_the_number_of_a_stock() -> None:
    before = series_of(bars_of("MMM", "NNN", "ZZZ"))
    older = [*bars_of("AAA", "MMB", "NNN", day="2019-03-04"), *bars_of("ZZZ", source="b")]
    after = series_of([*bars_of("MMM", "NNN", "ZZZ"), *older])
    assert {key: after[key] for key in before} == before
    assert len({number for number, _ in after.values()}) == 5


def test_numbers_follow_the_first_five_characters() -> None:
    found = series_of(bars_of("A", "A1W", "AA", "AAPL", "AAPLW", "AAPLY", "AB1", "0700", "9X", "B", "Z", "ZZZZZZ"))
    by_number = sorted(found, key=lambda key: found[key])
    begins = [symbol[:5] for symbol, _ in by_number]
    assert begins == sorted(begins)
    assert all(0 < number < 2**53 for number, _ in found.values())


def test_stocks_of_the_same_hash_have_numbers_in_the_order_of_their_ids() -> None:
    symbols = alike(3)
    numbers = [series_of(bars_of(*symbols))[symbol, "a"][0] for symbol in symbols]
    assert numbers == [numbers[0], numbers[0] + 1, numbers[0] + 2]
    assert numbers[0] % 4 == 1


def test_series_are_numbered_within_their_stock_in_the_order_of_their_names_not_of_ranks() -> None:
    found = series_of([*bars_of("MMM", source="b"), *bars_of("MMM", "NNN", day="2026-01-05")])
    number = found["MMM", "a"][0]
    assert found["MMM", "b"] == (number, 1000 * number + 2)
    assert found["MMM", "a"][1] == 1000 * number + 1
    assert found["NNN", "a"][1] == 1000 * found["NNN", "a"][0] + 1


def test_a_stock_with_more_series_than_places_is_refused() -> None:
    bars = [("MMM", "2026-01-06", f"s{source}") for source in range(1000)]
    with pytest.raises(ModelError, match="a number of its own"):
        series_of(bars)
