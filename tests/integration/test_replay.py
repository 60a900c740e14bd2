"""Payloads parsed again: a mended parser's rows are known since the replay, and no old answer overrides a newer one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from flows import cli
from flows.console.context import Reporter
from flows.ingest.ingest import ingest_payloads
from flows.ingest.undo import undo_run
from flows.replay.kept import Kept
from flows.replay.replay import Replay, Replayed, Wanted
from sources.base import Parsed, Rejected, Request
from sources.providers import simulated, tiingo_bars
from tests.support.payloads import taken_in
from warehouse.errors import MalformedAnswer, UsageError
from warehouse.lake.lake import Lake
from warehouse.runs.journal import Journal
from warehouse.settings import Settings

D1, D2 = "2026-01-20", "2026-01-21"
FETCHED, LATER, REPLAYED, AGAIN = (datetime(2026, 1, day, 23, tzinfo=UTC) for day in (21, 22, 26, 27))
SETTINGS = Settings()
_right = tiingo_bars.parse


def payload(*bars: tuple[str, float]) -> bytes:
    """An answer of Tiingo's with these closes."""
    entries = [
        {
            "date": f"{day}T00:00:00.000Z",
            "open": close,
            "high": close,
            "low": close,
            "close": close,
            "volume": 1000,
            "splitFactor": 1.0,
            "divCash": 0.0,
        }
        for day, close in bars
    ]
    return json.dumps(entries).encode()


def take(home: Path, body: bytes, at: datetime, symbol: str = "AAA", kind: str = "daily") -> str:
    """Bring an answer into the lake as a daily run does, with whatever the parser is at the time; the run's name."""
    request = Request(
        "tiingo_bars", "equity_bars", at, symbol=symbol, start=date.fromisoformat(D1), end=date.fromisoformat(D2)
    )
    with Journal(home).record_run(kind, {}, at) as run:
        ingest_payloads(
            home, SETTINGS, run, [taken_in(home, body, request, tiingo_bars.parse)], at, Reporter(quiet=True)
        )
        return run.run_id


def replay(home: Path, at: datetime = REPLAYED, wanted: Wanted | None = None) -> Replayed:
    with Journal(home).record_run("replay", {}, at) as run:
        return Replay(home, SETTINGS, wanted or Wanted(), at, Reporter(quiet=True)).replay_payloads(run)


def closes(home: Path, as_of: datetime | None = None) -> list[Any]:
    lake = Lake(home)
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")
        return con.execute(
            f"select symbol, session_date::varchar, close from ({lake.current_sql('equity_bars', lake.manifest(), as_of)})"
            " order by all"
        ).fetchall()


def history(home: Path) -> int:
    lake = Lake(home)
    with duckdb.connect() as con:
        (count,) = con.sql(f"select count(*) from ({lake.history_sql('equity_bars', lake.manifest())})").fetchall()[0]
        return int(count)


def broken(monkeypatch: pytest.MonkeyPatch, days: Sequence[str] = (D2,)) -> None:
    """From now on the parser takes the closes of these days ten times too high; `mend` ends that."""

    def parse(body: bytes, request: Request) -> Parsed:
        parsed = _right(body, request)
        table = parsed.tables["equity_bars"]
        is_bad = pc.is_in(table["session_date"].cast(pa.string()), pa.array(list(days)))
        for name in ("open", "high", "low", "close"):
            values = pc.if_else(is_bad, pc.multiply(table[name], 10.0), table[name])
            table = table.set_column(table.schema.get_field_index(name), table.schema.field(name), values)
        return replace(parsed, tables={**parsed.tables, "equity_bars": table})

    monkeypatch.setattr(tiingo_bars, "parse", parse)


def mend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiingo_bars, "parse", _right)


def test_a_mended_parser_is_known_since_the_replay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken(monkeypatch)
    take(tmp_path, payload((D1, 10.0), (D2, 11.0)), FETCHED)
    assert closes(tmp_path) == [("AAA", D1, 10.0), ("AAA", D2, 110.0)]
    mend(monkeypatch)
    found = replay(tmp_path)
    assert (found.payloads, found.rows, found.changed["equity_bars"], found.new.total()) == (1, 2, 1, 0)
    (account,) = [one for one in found.report.accounts if one.dataset == "equity_bars"]
    assert (account.fetched, account.accepted, account.known, account.quarantined) == (2, 1, 1, 0)
    assert closes(tmp_path) == [("AAA", D1, 10.0), ("AAA", D2, 11.0)]
    # what was known before stays as it was
    assert closes(tmp_path, LATER) == [("AAA", D1, 10.0), ("AAA", D2, 110.0)]
    assert history(tmp_path) == 3


def test_a_payload_with_news_is_parsed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken(monkeypatch)
    take(tmp_path, payload((D1, 10.0), (D2, 11.0)), FETCHED)
    parsed = []

    def parse(body: bytes, request: Request) -> Parsed:
        parsed.append(request.symbol)
        return _right(body, request)

    monkeypatch.setattr(tiingo_bars, "parse", parse)
    assert replay(tmp_path).changed["equity_bars"] == 1
    assert parsed == ["AAA"]
    assert list((tmp_path / "tmp").glob("replay-*")) == []


def test_what_is_kept_comes_back_as_it_was(tmp_path: Path) -> None:
    first = Parsed(
        {"splits": pa.table({"a": [1, None], "b": ["x", "y"]})}, (Rejected("splits", "row", "why", True),), {"n": 2}
    )
    with Kept(tmp_path / "parsed") as kept:
        kept.add(7, first)
        kept.add(3, Parsed({}))
        assert kept.get(7) == first
        assert kept.get(3) == Parsed({})
        kept.add(9, first)
        assert kept.get(9) == first


def test_a_second_replay_adds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken(monkeypatch)
    take(tmp_path, payload((D1, 10.0), (D2, 11.0)), FETCHED)
    mend(monkeypatch)
    replay(tmp_path)
    found = replay(tmp_path, AGAIN)
    # the replay keeps no request of its own: there is one still
    assert (found.payloads, found.changed.total(), found.report.accounts) == (1, 0, [])
    assert history(tmp_path) == 3
    newest = Journal(tmp_path).list_runs(1)[0]
    assert (newest["fetched"], newest["accepted"], newest["known"]) == (2, 0, 2)


def test_a_second_mend_puts_right_what_the_first_one_wrote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    take(tmp_path, payload((D1, 10.0), (D2, 11.0)), FETCHED)
    broken(monkeypatch)
    replay(tmp_path)
    assert closes(tmp_path)[1] == ("AAA", D2, 110.0)
    mend(monkeypatch)
    replay(tmp_path, AGAIN)
    assert closes(tmp_path)[1] == ("AAA", D2, 11.0)


def test_an_old_answer_overrides_no_newer_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken(monkeypatch, (D1, D2))
    take(tmp_path, payload((D1, 10.0), (D2, 11.0)), FETCHED)
    mend(monkeypatch)
    # the vendor has put its close right since
    take(tmp_path, payload((D2, 12.0)), LATER)
    assert closes(tmp_path) == [("AAA", D1, 100.0), ("AAA", D2, 12.0)]
    found = replay(tmp_path)
    assert found.changed["equity_bars"] == 1
    assert closes(tmp_path) == [("AAA", D1, 10.0), ("AAA", D2, 12.0)]
    assert history(tmp_path) == 4


def test_an_answer_that_only_confirmed_the_wrong_value_counts_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken(monkeypatch)
    take(tmp_path, payload((D1, 10.0), (D2, 11.0)), FETCHED)
    take(tmp_path, payload((D2, 11.0)), LATER)
    assert history(tmp_path) == 2
    mend(monkeypatch)
    replay(tmp_path)
    assert closes(tmp_path)[1] == ("AAA", D2, 11.0)
    assert history(tmp_path) == 3


def test_what_could_not_be_read_at_all_comes_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(body: bytes, request: Request) -> Parsed:
        raise MalformedAnswer("tiingo_bars AAA: cannot be read")

    monkeypatch.setattr(tiingo_bars, "parse", parse)
    take(tmp_path, payload((D1, 10.0)), FETCHED)
    assert replay(tmp_path).exit_code == 3
    mend(monkeypatch)
    found = replay(tmp_path, AGAIN)
    assert (found.new["equity_bars"], found.exit_code) == (1, 0)
    assert closes(tmp_path) == [("AAA", D1, 10.0)]
    assert closes(tmp_path, REPLAYED) == []


def test_a_provisional_bar_stays_provisional(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_session = datetime(2026, 1, 21, 18, tzinfo=UTC)
    broken(monkeypatch)
    take(tmp_path, payload((D2, 11.0)), in_session)
    mend(monkeypatch)
    replay(tmp_path)
    lake = Lake(tmp_path)
    with duckdb.connect() as con:
        found = con.sql(f"select close, is_final from ({lake.current_sql('equity_bars', lake.manifest())})").fetchall()
    assert found == [(11.0, False)]


def test_only_what_is_wanted_and_a_dry_run_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken(monkeypatch)
    take(tmp_path, payload((D1, 10.0), (D2, 11.0)), FETCHED)
    mend(monkeypatch)
    files = sorted(path for path in (tmp_path / "lake").rglob("*.parquet"))
    found = Replay(tmp_path, SETTINGS, Wanted("tiingo_bars"), REPLAYED, Reporter(quiet=True)).replay_payloads(None)
    assert found.changed["equity_bars"] == 1
    assert sorted(path for path in (tmp_path / "lake").rglob("*.parquet")) == files
    assert replay(tmp_path, REPLAYED, Wanted(dataset="splits")).changed.total() == 0
    for nothing in (Wanted("yahoo_bars"), Wanted(since=LATER)):
        with pytest.raises(UsageError, match="no payload of"):
            replay(tmp_path, REPLAYED, nothing)


def test_every_dataset_replays_to_nothing_new(tmp_path: Path) -> None:
    """Datasets have columns called as the replay calls its own: none of them may look changed for it."""
    home = tmp_path / "home"
    now = datetime(2026, 1, 24, 3, 0, tzinfo=UTC)
    requests = [
        Request(simulated.NAME, dataset, now, end=date(2016, 3, 31), options={"symbols": "60", "years": "1"})
        for dataset in simulated.DATASETS
    ]
    items = [taken_in(home, simulated.payload_for(request), request, simulated.parse) for request in requests]
    with Journal(home).record_run("import", {}, now) as run:
        accepted = ingest_payloads(home, Settings(), run, items, now, Reporter(quiet=True)).total_rows("accepted")
    found = Replay(home, Settings(), Wanted(), now + timedelta(days=1), Reporter(quiet=True)).replay_payloads(None)
    assert found.rows >= accepted > 10_000
    assert dict(found.changed) == {}
    assert dict(found.new) == {}


@pytest.mark.parametrize("is_compacted", [False, True])
def test_an_import_that_is_taken_back_stays_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], is_compacted: bool
) -> None:
    good, bad = payload((D1, 10.0)), payload((D1, 100.0), (D2, 110.0))
    take(tmp_path, good, FETCHED, kind="import")
    wrong = take(tmp_path, bad, LATER, kind="import")
    undone = undo_run(tmp_path, wrong, LATER + timedelta(hours=1))[-1].removeprefix("run ")
    if is_compacted:
        Lake(tmp_path).compact(REPLAYED, grace=timedelta(0))
    with Journal(tmp_path).record_run("replay", {}, REPLAYED) as run:
        found = Replay(tmp_path, SETTINGS, Wanted(), REPLAYED, Reporter()).replay_payloads(run)
    assert (found.payloads, found.rows, found.changed.total(), found.new.total()) == (2, 3, 0, 0)
    assert closes(tmp_path) == [("AAA", D1, 10.0)]
    assert f"equity_bars: 2 rows of tiingo_bars left out: import {wrong} is taken back" in capsys.readouterr().err
    newest = Journal(tmp_path).list_runs(1)[0]
    assert (newest["fetched"], newest["accepted"], newest["known"]) == (3, 0, 3)
    # brought back, or imported again, it is replayed as any other is
    undo_run(tmp_path, undone, REPLAYED + timedelta(hours=1))
    assert replay(tmp_path, AGAIN).rows == 3
    assert closes(tmp_path) == [("AAA", D1, 100.0), ("AAA", D2, 110.0)]


def test_a_payload_that_another_import_gives_is_replayed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken(monkeypatch)
    body = payload((D1, 10.0), (D2, 11.0))
    wrong = take(tmp_path, body, FETCHED, kind="import")
    undo_run(tmp_path, wrong, FETCHED + timedelta(hours=1))
    assert replay(tmp_path, FETCHED + timedelta(hours=2)).new.total() == 0
    assert closes(tmp_path) == []
    take(tmp_path, body, LATER, kind="import")
    mend(monkeypatch)
    replay(tmp_path)
    assert closes(tmp_path) == [("AAA", D1, 10.0), ("AAA", D2, 11.0)]


def test_damaged_payloads_are_named_and_the_others_are_replayed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, symbol in enumerate(("AAA", "BBB", "CCC", "DDD")):
        take(tmp_path, payload((D1, 10.0 + number)), FETCHED, symbol)
    found = sorted((tmp_path / "raw").glob("??/*.gz"))
    whole = [path.read_bytes() for path in found]
    for path, body in zip(found, (b"", whole[1][:60], whole[2][:-20]), strict=False):
        path.write_bytes(body)
    for arguments in (["--dry-run"], [], ["--source", "tiingo_bars"]):
        assert cli.main(["--home", str(tmp_path), "--quiet", "replay", *arguments]) == 3
        lines = capsys.readouterr().out.splitlines()
        assert lines[0] == "4 payloads, 1 rows; 0 payloads say nothing, 3 are damaged"
        gaps = [line for line in lines if line.startswith("gap: ") and "restore it from a backup" in line]
        assert [path.stem in line for path, line in zip(found[:3], gaps, strict=True)] == [True] * 3
    assert cli.main(["--home", str(tmp_path), "--quiet", "replay", "--since", "2026-02-01"]) == 3
    assert capsys.readouterr().out.startswith("2 payloads, 0 rows; 0 payloads say nothing, 2 are damaged")
