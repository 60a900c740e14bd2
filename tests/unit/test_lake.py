"""The lake on cases small enough to work out by hand."""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from tests.support.lake_support import at, bar, kept_view, table, view
from warehouse.contracts.datasets import CONTRACTS
from warehouse.errors import LakeError
from warehouse.lake import views
from warehouse.lake.lake import Lake
from warehouse.lake.quarantine import QUARANTINE_SCHEMA


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "home")


def put(lake: Lake, *rows: dict[str, object]) -> tuple[int, int]:
    done = lake.commit("run", {"equity_bars": table(rows)})
    return done.written["equity_bars"], done.known["equity_bars"]


def test_an_empty_lake_has_typed_empty_views(lake: Lake) -> None:
    with duckdb.connect() as con:
        lake.attach_views(con, lake.manifest())
        for contract in CONTRACTS.values():
            found = con.execute(f"describe lake.{contract.name}").fetchall()
            expected = [(c.name, c.duckdb_type) for c in contract.all_columns if c.name != "is_withdrawn"]
            assert [(row[0], row[1]) for row in found] == expected
        assert con.execute("select count(*) from lake.quarantine").fetchall() == [(0,)]
        assert con.execute("select level from lake.grades where spelling = 'Overweight'").fetchall() == [("buy",)]
        assert con.execute("select seq from lake.sessions where session_date = '1927-01-03'").fetchall() == [(0,)]


def test_a_newer_value_replaces_and_as_of_still_shows_the_older(lake: Lake) -> None:
    assert put(lake, bar(10.0, at(1), "a"), bar(20.0, at(1), "a", symbol="BBB")) == (2, 0)
    assert put(lake, bar(11.0, at(3), "b")) == (1, 0)
    assert view(lake, "symbol, close, payload_sha256") == [("AAA", 11.0, "b"), ("BBB", 20.0, "a")]
    assert view(lake, "symbol, close, payload_sha256", at(2)) == [("AAA", 10.0, "a"), ("BBB", 20.0, "a")]
    assert view(lake, "symbol", at(1).replace(year=2025)) == []


def test_what_is_known_is_not_written_again(lake: Lake) -> None:
    assert put(lake, bar(10.0, at(1), "a")) == (1, 0)
    before = lake.manifest()
    assert put(lake, bar(10.0, at(1), "a")) == (0, 1)
    assert lake.manifest() == before
    assert put(lake, bar(10.0, at(2), "b")) == (0, 1)
    assert put(lake, bar(10.0, at(2), "b")) == (0, 1)
    assert lake.manifest().fingerprint == before.fingerprint
    assert sum(f.rows for f in lake.manifest().confirmations) == 1
    assert view(lake, "close, known_at") == [(10.0, at(1))]


def test_a_b_a_ends_as_a(lake: Lake) -> None:
    for close, day in ((10.0, 1), (11.0, 2), (10.0, 3)):
        put(lake, bar(close, at(day), f"p{day}"))
    assert view(lake, "close, payload_sha256") == [(10.0, "p3")]
    assert view(lake, "close", at(2)) == [(11.0,)]


def test_a_b_a_ends_as_a_though_b_comes_last(lake: Lake) -> None:
    put(lake, bar(10.0, at(1), "p1"))
    assert put(lake, bar(10.0, at(3), "p3")) == (0, 1)
    done = lake.commit("run", {"equity_bars": table([bar(11.0, at(2), "p2")])})
    assert (done.written, done.promoted) == ({"equity_bars": 1}, {"equity_bars": 1})
    assert view(lake, "close, payload_sha256, known_at") == [(10.0, "p3", at(3))]
    assert view(lake, "close, payload_sha256", at(2)) == [(11.0, "p2")]
    assert view(lake, "close, payload_sha256", at(1)) == [(10.0, "p1")]


def test_only_the_first_confirmation_after_a_late_fact_is_promoted(lake: Lake) -> None:
    for day in (1, 4, 5, 6):
        put(lake, bar(10.0, at(day), f"p{day}"))
    put(lake, bar(11.0, at(3), "p3"))
    assert view(lake, "close, payload_sha256") == [(10.0, "p4")]
    assert sum(f.rows for f in lake.manifest().files) == 3
    put(lake, bar(12.0, at(5, 12), "p5b"))
    assert [view(lake, "close", at(day, 13)) for day in (1, 3, 4, 5, 6)] == [
        [(10.0,)],
        [(11.0,)],
        [(10.0,)],
        [(12.0,)],
        [(10.0,)],
    ]


def test_an_equal_fact_known_earlier_becomes_the_one_that_is_shown(lake: Lake) -> None:
    put(lake, bar(10.0, at(5), "late"))
    assert put(lake, bar(10.0, at(2), "early")) == (1, 0)
    assert view(lake, "known_at, payload_sha256") == [(at(2), "early")]
    other = Lake(lake.home.parent / "other")
    put(other, bar(10.0, at(2), "early"))
    put(other, bar(10.0, at(5), "late"))
    assert other.manifest().fingerprint == lake.manifest().fingerprint


def test_a_withdrawn_fact_is_absent_until_it_is_stated_again(lake: Lake) -> None:
    put(lake, bar(10.0, at(1), "a"))
    put(lake, bar(None, at(2), "b"))
    assert view(lake, "close") == []
    assert view(lake, "close", at(1)) == [(10.0,)]
    put(lake, bar(10.0, at(3), "c"))
    assert view(lake, "close, payload_sha256") == [(10.0, "c")]


def test_a_tombstone_alone_is_no_row(lake: Lake) -> None:
    put(lake, bar(None, at(1), "a"), bar(5.0, at(1), "a", symbol="BBB"))
    assert view(lake, "symbol") == [("BBB",)]


def test_prices_are_equal_at_a_millionth_and_zero_has_no_sign(lake: Lake) -> None:
    put(lake, bar(10.0, at(1), "a", market_cap=-0.0))
    assert put(lake, bar(10.0000004, at(2), "b", market_cap=0.0)) == (0, 1)
    assert put(lake, bar(10.0000006, at(3), "c", market_cap=0.0)) == (1, 0)
    assert view(lake, "close") == [(10.000001,)]


def test_two_equal_rows_of_one_batch_are_one_fact(lake: Lake) -> None:
    assert put(lake, bar(10.0, at(1), "a"), bar(10.0, at(1), "a"), bar(9.0, at(1), "a", symbol="B")) == (2, 1)
    assert view(lake, "symbol, close") == [("AAA", 10.0), ("B", 9.0)]


def test_several_facts_of_a_key_in_one_first_batch(lake: Lake) -> None:
    assert put(lake, bar(10.0, at(1), "a"), bar(11.0, at(2), "a"), bar(11.0, at(3), "a")) == (2, 1)
    assert view(lake, "close, known_at") == [(11.0, at(2))]


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ([bar(float("nan"), at(1), "a")], "1 values of close are NaN or infinite"),
        ([bar(1.0, at(1), "a", volume=1, market_cap=float("inf"))], "1 values of market_cap are NaN or infinite"),
        ([bar(1.0, at(1), "a") | {"symbol": None}], "1 values of symbol are null"),
        ([bar(1.0, at(1), "a") | {"known_at": None}], "1 values of known_at are null"),
        ([bar(1.0, at(1), "a"), bar(2.0, at(1), "a")], "1 rows contradict others"),
    ],
)
def test_what_would_break_the_lake_is_refused_whole(lake: Lake, rows: list[dict[str, object]], what: str) -> None:
    with pytest.raises(LakeError, match=what):
        lake.commit("run", {"equity_bars": table([bar(5.0, at(1), "a", symbol="GOOD"), *rows])})
    assert lake.manifest().files == ()
    assert view(lake, "symbol") == []


def test_names_that_cannot_be_files_or_datasets_are_refused(lake: Lake) -> None:
    with pytest.raises(LakeError, match="cannot name a file"):
        lake.commit("../../x", {})
    with pytest.raises(LakeError, match="no dataset is called prices"):
        lake.commit("run", {"prices": table([])})
    with pytest.raises(LakeError, match="columns close are missing"):
        lake.commit("run", {"equity_bars": table([]).drop_columns(["close"])})
    with pytest.raises(LakeError, match="has no time zone"):
        view(lake, "symbol", datetime(2026, 1, 1))


def test_years_lie_apart_and_only_a_restated_one_needs_a_window(lake: Lake) -> None:
    put(lake, bar(1.0, at(1), "a", day="2024-06-03"), bar(2.0, at(1), "a"))
    put(lake, bar(3.0, at(2), "b"))
    files = {(f.year, f.rows, f.overlaps) for f in lake.manifest().files}
    assert files == {(2024, 1, 0), (2025, 1, 0), (2025, 1, 1)}
    sql = lake.current_sql("equity_bars", lake.manifest())
    assert sql.count("year=2025") > sql.count("year=2024") == 1
    assert view(lake, "close") == [(1.0,), (3.0,)]


def test_an_event_may_move_to_another_year(lake: Lake) -> None:
    row = {
        "event_id": "e",
        "event_date": at(1).date(),
        "kind": "speech",
        "title": "T",
        "source": "s",
        "payload_sha256": "a",
        "known_at": at(1),
        "is_withdrawn": False,
    }
    moved = row | {"event_date": at(1).replace(year=2025).date(), "payload_sha256": "b", "known_at": at(2)}
    for each in (row, moved):
        lake.commit("run", {"events": table([each], "events")})
    with duckdb.connect() as con:
        lake.attach_views(con, lake.manifest())
        assert con.execute("select event_date::varchar from lake.events").fetchall() == [("2025-01-01",)]


def test_a_snapshot_does_not_see_later_commits(lake: Lake) -> None:
    put(lake, bar(1.0, at(1), "a"))
    snapshot = lake.manifest()
    put(lake, bar(2.0, at(2), "b"))
    assert view(lake, "close", manifest=snapshot) == [(1.0,)]
    assert lake.manifest().generation == snapshot.generation + 1


def test_history_holds_all_facts_and_tombstones(lake: Lake) -> None:
    put(lake, bar(1.0, at(1), "a"))
    put(lake, bar(None, at(2), "b"))
    with duckdb.connect() as con:
        sql = lake.history_sql("equity_bars", lake.manifest())
        found = con.execute(f"select close, is_withdrawn from ({sql}) order by known_at").fetchall()
    assert found == [(1.0, False), (None, True)]


def test_who_gave_a_value_again_is_known_as_of_an_instant(lake: Lake) -> None:
    """One payload that gives an old value again and a new one: both are of one release."""
    put(lake, bar(1.0, at(1), "a"))
    put(lake, bar(1.0, at(2), "b"), bar(5.0, at(2), "b", symbol="BBB"))
    put(lake, bar(1.0, at(3), "c"))
    found = []
    for as_of in (at(1), at(2), None):
        with duckdb.connect() as con:
            lake.attach_views(con, lake.manifest(), as_of)
            query = "select symbol, payload_sha256, known_at from lake.equity_bars_confirmations order by known_at"
            found.append(con.execute(query).fetchall())
    assert found == [[], [("AAA", "b", at(2))], [("AAA", "b", at(2)), ("AAA", "c", at(3))]]


def test_the_same_refusal_is_kept_once_and_is_no_fact(lake: Lake) -> None:
    row = dict.fromkeys(QUARANTINE_SCHEMA.names, "x") | {"quarantined_at": at(1)}
    refused = pa.Table.from_pylist([row, row, row | {"rule": "y"}], schema=QUARANTINE_SCHEMA)
    assert lake.commit("r1", {}, refused).quarantined == 2
    before = lake.manifest()
    assert lake.commit("r2", {}, refused).quarantined == 0
    assert lake.manifest() == before
    assert before.fingerprint == ""
    with duckdb.connect() as con:
        found = con.execute(f"select rule, run_id from ({lake.quarantined_sql(before)}) order by rule").fetchall()
    assert found == [("x", "x"), ("y", "x")]


def test_a_damaged_manifest_is_named(lake: Lake) -> None:
    put(lake, bar(1.0, at(1), "a"))
    (lake.home / "lake" / "manifest.json").write_text('{"generation": 1}')
    with pytest.raises(LakeError, match="manifest.json is damaged"):
        lake.manifest()


def test_a_lost_manifest_is_no_empty_lake(lake: Lake) -> None:
    put(lake, bar(1.0, at(1), "a"))
    (file,) = lake.manifest().files
    (lake.home / "lake" / "manifest.json").unlink()
    os.utime(lake.home / file.path, (0, 0))
    for ask in (lake.manifest, lambda: put(lake, bar(2.0, at(2), "b")), lambda: lake.compact(at(10))):
        with pytest.raises(LakeError, match="manifest.json is missing, though data files .*; restore it from a backup"):
            ask()
    assert (lake.home / file.path).exists()


def test_a_first_commit_that_was_killed_leaves_an_empty_lake(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def kill(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("warehouse.lake.commit.switch_manifest", kill)
    with pytest.raises(KeyboardInterrupt):
        put(lake, bar(1.0, at(1), "a"))
    monkeypatch.undo()
    assert list((lake.home / "lake").rglob("*.parquet"))
    assert (lake.manifest().generation, lake.manifest().files) == (0, ())
    put(lake, bar(2.0, at(2), "b"))
    assert view(lake, "close") == [(2.0,)]


def test_a_missing_file_is_named_not_skipped(lake: Lake) -> None:
    put(lake, bar(1.0, at(1), "a"))
    (lake.home / lake.manifest().files[0].path).unlink()
    with pytest.raises(LakeError, match=r"run-000001\.[0-9a-f]{16}\.parquet is missing from the lake"):
        put(lake, bar(2.0, at(2), "b"))


def test_a_home_may_have_any_name(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "O'Neil's [old] home? *")
    put(lake, bar(1.0, at(1), "a"))
    put(lake, bar(2.0, at(2), "b"))
    lake.compact(at(3))
    assert view(lake, "close") == [(2.0,)]


@pytest.mark.parametrize("compared", [1, 2, 5, 1_000_000])
def test_years_are_compared_together_or_in_parts(lake: Lake, monkeypatch: pytest.MonkeyPatch, compared: int) -> None:
    monkeypatch.setattr(views, "_COMPARED_ROWS", compared)
    days = [date(year, 1, 5) for year in (2021, 2022, 2023, 2024)]
    put(lake, *(bar(1.0, at(1), "a", symbol=name, session_date=day) for name in "ABC" for day in days))
    # nothing new of 2023; C is withdrawn in 2024
    put(lake, *(bar(2.0, at(2), "b", symbol="B", session_date=day) for day in (days[0], days[1], days[3])))
    put(lake, bar(None, at(3), "c", symbol="C", session_date=days[3]))
    expected = [
        (name, day, 2.0 if name == "B" and day != days[2] else 1.0)
        for name in "ABC"
        for day in days
        if (name, day) != ("C", days[3])
    ]
    assert view(lake, "symbol, session_date, close") == expected
    assert kept_view(lake, "symbol, session_date, close") == expected
    assert view(lake, "symbol, session_date, close", at(1)) == [(name, day, 1.0) for name in "ABC" for day in days]


def test_bars_are_scanned_where_some_of_them_were_changed_and_not_kept_in_memory(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "home")
    for number, count in enumerate((4000, 300)):
        rows = [bar(10.0 + number, at(1 + number), "ab"[number], symbol=f"S{i:04}") for i in range(count)]
        lake.commit(f"r{number}", {"equity_bars": table(rows)})
    with duckdb.connect() as con:
        lake.attach_views(con, lake.manifest(), is_compared_once=True)
        assert con.execute("select count(*), sum(close) from lake.equity_bars").fetchall() == [(4000, 40_300.0)]
        plan = con.execute("explain select sum(close) from lake.equity_bars").fetchall()[0][1]
    assert "MARK" in plan
    assert "RIGHT" not in plan
