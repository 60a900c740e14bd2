"""One build after the other, each with the blocks that the ones before left: the tables are those of a build that has none."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from reports.texts import texts_for_sql
from tests.properties.market import table_of
from tests.support.block_builds import with_inputs
from tests.support.long_market import DAYS, NOW, Event, History, facts, histories
from transforms.build import BuildResult, build_warehouse
from transforms.engine.load import load_models
from transforms.engine.model import Model
from transforms.engine.names import Names
from transforms.restatements import Before
from warehouse.calendar import all_sessions, sessions_between
from warehouse.lake.lake import Lake
from warehouse.settings import Settings

EXAMPLES = int(os.environ.get("BREADTHWISE_BLOCK_HISTORIES", "2"))
WANTED = (
    "marts.breadth_daily", "marts.flows_by_cap_band", "marts.equity_facts", "marts.equities_latest", "marts.splits",
    "marts.suspect_rows", "marts.sector_scores", "intermediate.session_ledger", "intermediate.suspect_bars",
)  # fmt: skip
# universes that the older year brings, running sums, and windows over sums have other rows later on
_GOING_ON = (
    "intermediate.breadth_sums", "intermediate.breadth_events", "marts.breadth_daily", "marts.flows_by_cap_band",
)  # fmt: skip
SETTINGS = Settings(series_rank=(("equity_bars", "one", "raw"), ("equity_bars", "two", "split")))


def wanted_models() -> dict[str, Model]:
    return with_inputs(*WANTED)


def built(
    home: Path,
    name: str,
    length: int,
    cache: Path | None = None,
    before: Path | None = None,
    rules: Settings = SETTINGS,
    models: Mapping[str, Model] | None = None,
) -> BuildResult:
    lake = Lake(home)
    return build_warehouse(
        lake,
        lake.manifest(),
        home / f"{name}.duckdb",
        rules,
        code_version="test",
        built_at=NOW,
        before=None if before is None else Before(before),
        cache=cache,
        models=wanted_models() if models is None else models,
        texts=texts_for_sql(),
        block_sessions=length,
    )


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # a history takes seconds
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
@given(history=histories(), length=st.sampled_from([8, 16, 32, 64, 128, 256]), compactions=st.sets(st.integers(0, 3)))
def test_each_build_of_a_history_gives_what_one_without_blocks_gives(
    history: History, length: int, compactions: set[int]
) -> None:
    note(f"{history!r}, {length}, {compactions}")
    hold_against_builds_without_blocks(
        history.deliveries(), length, models=load_models(), is_compacted=compactions.__contains__
    )


def hold_against_builds_without_blocks(
    deliveries: list[dict[str, pa.Table]],
    length: int,
    rules: Settings = SETTINGS,
    models: Mapping[str, Model] | None = None,
    is_compacted: Callable[[int], bool] = lambda number: False,
) -> None:
    """Build after each delivery, also after the lake was compacted where that is so after the delivery."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        before: Path | None = None
        for number, tables in enumerate(deliveries):
            Lake(home).commit(f"run-{number}", tables)
            made = built(home, f"build-{number}", length, home / "cache", before, rules, models)
            plain = built(home, f"plain-{number}", 128, rules=rules, models=models)
            assert _different(made, plain) == [], f"after delivery {number}"
            before = made.path
            if is_compacted(number):
                Lake(home).compact(NOW)
                merged = built(home, f"merged-{number}", length, home / "cache", before, rules, models)
                assert _different(merged, plain) == [], f"after delivery {number} was compacted"
                before = merged.path


def halted(*events: Event) -> list[dict[str, pa.Table]]:
    """Two deliveries of a stock back after 300 sessions."""
    return History(1, (Event("gap", 1, 500, 300), *events), (850, 851)).deliveries()


def test_the_last_bar_before_a_halt_is_restated() -> None:
    history = History(1, (Event("gap", 1, 500, 150), Event("restated", 1, 499, 1, (3, 4), 1)), (700, 701))
    hold_against_builds_without_blocks(history.deliveries(), 64)


def test_bars_are_restated_withdrawn_and_given_back_before_and_after_the_lake_is_compacted() -> None:
    corrected = Event("restated", 1, 300, 5, (3, 4), 1), Event("restated", 2, 690, 1, (2, 1), 2)
    deliveries = History(1, corrected, (700, 701, 702, 703)).deliveries()
    taken = [row for row in deliveries[0]["equity_bars"].to_pylist() if row["symbol"] == "ST03"][40:50]
    values = ("open", "high", "low", "close", "previous_close", "volume", "market_cap", "is_final")
    for number, is_withdrawn in ((1, True), (3, False)):
        changes = dict.fromkeys(values) if is_withdrawn else {}
        known = {"known_at": NOW + timedelta(minutes=number), "is_withdrawn": is_withdrawn}
        rows = [{**row, **changes, **known, "payload_sha256": f"{number:064x}"} for row in taken]
        bars = deliveries[number]["equity_bars"]
        deliveries[number]["equity_bars"] = pa.concat_tables([bars, table_of("equity_bars", rows).cast(bars.schema)])
    hold_against_builds_without_blocks(deliveries, 32, models=load_models(), is_compacted=lambda number: number != 1)


def test_a_split_is_stated_once_the_halt_is_over() -> None:
    history = History(1, (Event("gap", 1, 300, 120), Event("split", 1, 305, 1, (2, 1), 1)), (700, 701, 702))
    hold_against_builds_without_blocks(history.deliveries(), 8)


def test_the_day_of_a_split_moves_into_a_halt() -> None:
    deliveries = halted()
    for number, (day, is_withdrawn) in {(0, 0): (480, False), (1, 0): (480, True), (1, 1): (520, False)}.items():
        row = {"symbol": "ST01", "ex_date": DAYS[day], "numerator": 5, "denominator": 4, "is_withdrawn": is_withdrawn}
        table = facts("splits", [row], number[0])
        known = deliveries[number[0]].get("splits")
        deliveries[number[0]]["splits"] = table if known is None else pa.concat_tables([known, table])
    hold_against_builds_without_blocks(deliveries, 64)


def test_another_company_bears_the_symbol_during_a_halt() -> None:
    deliveries = halted(Event("rename", 1, 500))
    rows = [
        {"symbol": "ST01", "session_date": DAYS[at], "source": "one", "basis": "raw", "high": 10.2, "low": 9.8,
         "close": 10 + at / 1000, "volume": 1000, "market_cap": 1e9, "is_final": True}
        for at in range(520, 561)
    ]  # fmt: skip
    deliveries[0]["equity_bars"] = pa.concat_tables([deliveries[0]["equity_bars"], facts("equity_bars", rows, 0)])
    hold_against_builds_without_blocks(deliveries, 64)


def test_a_stock_is_back_at_another_price_after_more_sessions_than_a_model_looks_back() -> None:
    deliveries = History(1, (Event("gap", 1, 640, 60),), (703, 704)).deliveries()
    rows = deliveries[0]["equity_bars"].to_pylist()
    for row in rows:
        if row["symbol"] == "ST01" and row["session_date"] == DAYS[700]:
            row["previous_close"] = 2 * row["close"]
    deliveries[0]["equity_bars"] = table_of("equity_bars", rows)
    hold_against_builds_without_blocks(deliveries, 64)


def test_the_year_of_a_return_is_longer_than_252_sessions() -> None:
    """Until 1970 the calendar has every weekday: the block of 128 that begins on 1955-12-30 looks 259 sessions back."""
    span = sessions_between(date(1954, 6, 1), date(1956, 2, 28))
    rows: list[dict[str, Any]] = [
        {"symbol": "SPX", "session_date": day, "basis": "raw", "close": 40.0 + at % 50, "is_final": True}
        for at, day in enumerate(span)
    ]
    corrected = [{**row, "close": row["close"] + 0.5} for row in rows if row["session_date"] == date(1956, 1, 3)]
    deliveries = [{"index_bars": facts("index_bars", given, n)} for n, given in enumerate((rows, corrected))]
    hold_against_builds_without_blocks(
        deliveries, 128, models=with_inputs("marts.index_returns", "intermediate.session_ledger")
    )


def test_an_interval_ends_with_the_last_session_of_a_block() -> None:
    number = {day: seq for seq, day in enumerate(all_sessions())}
    last = next(i for i in range(300, 660) if number[DAYS[i]] % 32 == 31 and DAYS[i] - DAYS[i - 1] == timedelta(days=1))
    members = [("ST00", DAYS[0], 0), ("ST06", DAYS[last - 1], 0), ("ST07", DAYS[last + 40], 1)]
    deliveries = History(1, (), (700,)).deliveries()
    deliveries.append({})
    for symbol, day, delivery in members:
        row = {"universe": "sp400", "symbol": symbol, "kind": "add", "effective_date": day}
        tables = deliveries[delivery]
        added = facts("memberships", [row], delivery)
        tables["memberships"] = pa.concat_tables([tables["memberships"], added]) if delivery == 0 else added
    hold_against_builds_without_blocks(deliveries, 32)


def test_indices_go_on_where_stocks_stay_behind() -> None:
    deliveries = History(1, (), (700, 740, 741)).deliveries()
    for tables in deliveries[1:]:
        del tables["equity_bars"]
    hold_against_builds_without_blocks(deliveries, 32)


def test_older_bars_of_a_stock_that_counted_as_new() -> None:
    events = (Event("listing", 7, 250), Event("spike", 7, 495, 1, (3, 1)))
    deliveries = History(1, events, (700, 701)).deliveries()
    bars = deliveries[0]["equity_bars"]
    is_old = pc.and_(pc.equal(bars["symbol"], "ST07"), pc.less(bars["session_date"], DAYS[300]))
    deliveries[0]["equity_bars"] = bars.filter(pc.invert(is_old))
    late = [{**row, "known_at": NOW + timedelta(minutes=1)} for row in bars.filter(is_old).to_pylist()]
    deliveries[1]["equity_bars"] = pa.concat_tables([deliveries[1]["equity_bars"], table_of("equity_bars", late)])
    rules = SETTINGS.model_copy(update={"stock_first_sessions": 200})
    hold_against_builds_without_blocks(deliveries, 64, rules)


def test_an_older_year_and_stocks_that_ended_in_it_leave_later_blocks_their_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[dict[tuple[str, int], str]] = []
    of_blocks = Names.of_blocks

    def noted(self: Names, model: Model) -> dict[int, str]:
        names = of_blocks(self, model)
        made[-1].update({(model.name, block): name for block, name in names.items()})
        return names

    monkeypatch.setattr(Names, "of_blocks", noted)
    history = History(1, (Event("gap", 1, 100, len(DAYS)),), (len(DAYS) - 1, len(DAYS)), older=150, older_with=1)
    for number, tables in enumerate(history.deliveries()):
        Lake(tmp_path).commit(f"run-{number}", tables)
        made.append({})
        result = built(tmp_path, f"build-{number}", 32, tmp_path / "cache")
    assert _different(result, built(tmp_path, "plain", 128)) == []
    first, last = min(block for _, block in made[1]), max(block for _, block in made[1])
    changed = {
        block
        for (name, block), named in made[1].items()
        if name not in _GOING_ON and made[0].get((name, block)) != named
    }
    # a session hangs on 320 before it at most; the last two blocks have a session more in what they look ahead to
    assert changed - {last - 1, last} <= set(range(first, first + (150 + 320) // 32 + 2))
    assert last - first > 25


def test_the_sql_of_a_view_is_part_of_the_names(tmp_path: Path) -> None:
    for number, tables in enumerate(History(1, (), (700, 701)).deliveries()):
        Lake(tmp_path).commit(f"run-{number}", tables)
    built(tmp_path, "before", 64, tmp_path / "cache")
    models = wanted_models()
    view = models["staging.equity_bars"]
    models[view.name] = replace(view, sql=view.sql.replace("nullif(market_cap, 0)", "nullif(market_cap * 3, 0)"))
    made = built(tmp_path, "made", 64, tmp_path / "cache", models=models)
    assert _different(made, built(tmp_path, "plain", 64, models=models)) == []


def _different(one: BuildResult, other: BuildResult) -> list[Any]:
    return [(name, one.rows[name], other.rows[name]) for name in one.hashes if one.hashes[name] != other.hashes[name]]
