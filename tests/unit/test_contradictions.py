"""Two files of one import that name one source: what both say is taken once, and what they say differently is refused."""

from __future__ import annotations

import gc
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from flows.ingest import contradictions
from flows.ingest.contradictions import _RowHashes
from flows.ingest.dry_run import DryRun, dry_run
from flows.ingest.import_plan import Import, WorkItem, plan_imports
from sources.base import Parsed, Request
from sources.providers import files as files_of_users
from warehouse import calendar
from warehouse.errors import FormatError
from warehouse.settings import Settings

NOW = datetime(2026, 1, 26, 12, 0, tzinfo=UTC)
HEADER = "date,symbol,close\n"


def tried(home: Path, files: dict[str, str], source: str = "") -> DryRun:
    for name, lines in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(HEADER + lines)
    plan = plan_imports(Import(home, "", "equity_bars", source=source, options={"basis": "raw"}), NOW)
    return dry_run(plan, NOW, Settings())


def test_the_second_of_two_files_that_say_otherwise_is_refused(tmp_path: Path) -> None:
    first = "2026-01-21,KO,70\n2026-01-22,KO,71\n2026-01-22,PEP,140\n"
    found = tried(tmp_path, {"a.csv": first, "b.csv": "2026-01-22,KO,71\n2026-01-22,PEP,141\n"}, "mine")
    assert (found.exit_code, found.accepted) == (3, 3)
    assert found.gaps == [
        f"{tmp_path}/b.csv is not taken: {tmp_path}/a.csv gives other values for 1 of its rows of equity_bars under the same "
        "source 'mine' (first: symbol PEP, session_date 2026-01-22, basis raw); import the right one alone, or each by itself "
        "with its own --source"
    ]


def test_two_folders_of_one_name_are_one_source(tmp_path: Path) -> None:
    files = {"x/2024/prices.csv": "2026-01-22,KO,71\n", "y/2024/prices.csv": "2026-01-22,KO,72\n"}
    found = tried(tmp_path, files)
    assert (found.exit_code, found.accepted, len(found.gaps)) == (3, 1, 1)
    assert (
        f"{tmp_path}/y/2024/prices.csv is not taken: {tmp_path}/x/2024/prices.csv gives other values" in found.gaps[0]
    )
    assert "under the same source '2024/prices'" in found.gaps[0]


@pytest.mark.parametrize(
    ("second", "source"),
    [
        ("2026-01-22,KO,71\n2026-01-23,KO,72\n", "mine"),  # the same again, and a day more
        ("2026-01-22,PEP,141\n", "mine"),  # another symbol
        ("2026-01-23,KO,75\n", "mine"),  # another day
        ("2026-01-22,KO,75\n", ""),  # another source: a.csv and b.csv
    ],
)
def test_files_that_agree_or_say_other_things_all_come(tmp_path: Path, second: str, source: str) -> None:
    found = tried(tmp_path, {"a.csv": "2026-01-22,KO,71\n", "b.csv": second}, source)
    assert (found.exit_code, found.gaps) == (0, [])


def test_files_of_many_symbols_are_compared_where_they_meet_in_a_day(tmp_path: Path) -> None:
    symbols = [f"A{chr(65 + place // 26)}{chr(65 + place % 26)}" for place in range(150)]
    first, second = ("".join(f"2026-01-{day},{symbol},50\n" for symbol in symbols) for day in (21, 22))
    files = {"a.csv": first, "b.csv": second, "c.csv": second.replace("AAC,50", "AAC,51")}
    found = tried(tmp_path, files, "mine")
    assert (found.accepted, len(found.gaps)) == (300, 1)
    assert f"{tmp_path}/b.csv gives other values for 1 of its rows" in found.gaps[0]


def test_a_file_that_was_refused_refuses_no_other(tmp_path: Path) -> None:
    days = {
        "a.csv": "2026-01-22,KO,71\n",
        "b.csv": "2026-01-22,KO,72\n2026-01-23,KO,73\n",
        "c.csv": "2026-01-23,KO,74\n",
    }
    found = tried(tmp_path, days, "mine")
    assert (found.accepted, [gap.split(" is not taken")[0] for gap in found.gaps]) == (2, [f"{tmp_path}/b.csv"])


def test_what_a_plan_parses_twice_does_not_contradict_itself(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEADER + "2026-01-22,KO,71\n2026-01-22,KO,72\n")
    (tmp_path / "b.csv").write_text(HEADER + "2026-01-22,PEP,140\n")
    plan = plan_imports(Import(tmp_path, "", "equity_bars", source="mine", options={"basis": "raw"}), NOW)
    for item in (*plan.items, *plan.items):
        assert item.parse_payload(item.read_payload().body, item.request).tables["equity_bars"].num_rows


def test_prices_that_the_lake_stores_alike_do_not_contradict(tmp_path: Path) -> None:
    files = {"a.csv": "2026-01-22,KO,273.399994\n", "b.csv": "2026-01-22,KO,273.3999939\n"}
    assert tried(tmp_path, files, "mine").gaps == []
    found = tried(tmp_path, files | {"c.csv": "2026-01-22,KO,273.399995\n"}, "mine")
    assert [gap.split(" for 1")[0] for gap in found.gaps] == [
        f"{tmp_path}/c.csv is not taken: {tmp_path}/a.csv gives other values"
    ]


def _count_parses(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    parsed: list[str] = []
    parse = files_of_users.parse_with_reading

    def counted(payload: bytes | Path, request: Request) -> tuple[Parsed, files_of_users.Reading]:
        parsed.append(request.options["file"])
        return parse(payload, request)

    monkeypatch.setattr(files_of_users, "parse_with_reading", counted)
    return parsed


def test_many_files_of_one_symbol_each_are_never_joined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All have the same days: that their symbols differ is known without a look at the rows."""
    parses = _count_parses(monkeypatch)
    monkeypatch.delattr(_RowHashes, "first_difference")
    days = "".join(f"2026-01-{day},{{0}},70\n" for day in (20, 21, 22))
    symbols = [f"{first}{second}" for first in "AB" for second in "ABCDEFGHIJKLMNOPQRST"]
    found = tried(tmp_path, {f"{symbol}.csv": days.format(symbol) for symbol in symbols}, "mine")
    assert (found.gaps, found.accepted, len(parses)) == ([], 120, 40)


def test_many_histories_of_one_symbol_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is a day longer than the one before; the last says otherwise of what the first and the last but one gave."""
    parses = _count_parses(monkeypatch)
    sessions = calendar.sessions_between(date(2025, 6, 2), date(2025, 8, 29))[:42]
    days = [f"{day},KO,{50 + place}\n" for place, day in enumerate(sessions)]
    files = {f"{place:02}.csv": "".join(days[: place + 2]) for place in range(40)}
    files["40.csv"] = "".join(days[:-2]) + days[40].replace(",90", ",91")
    files["41.csv"] = days[0].replace(",50", ",51") + days[40].replace(",90", ",91")
    found = tried(tmp_path, files, "mine")
    assert (len(parses), len(set(parses))) == (42, 42)
    assert [gap.split(" (first")[0] for gap in found.gaps] == [
        f"{tmp_path}/40.csv is not taken: {tmp_path}/39.csv gives other values for 1 of its rows of equity_bars under the "
        "same source 'mine'",
        f"{tmp_path}/41.csv is not taken: {tmp_path}/00.csv gives other values for 1 of its rows of equity_bars under the "
        "same source 'mine'",
    ]


def test_files_are_taken_by_several_threads_and_the_database_goes_with_the_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    home = tmp_path / "files"
    home.mkdir()
    for place in range(8):
        (home / f"{place}.csv").write_text(HEADER + f"2026-01-22,KO,{70 + place}\n")
    plan = plan_imports(Import(home, "", "equity_bars", source="mine", options={"basis": "raw"}), NOW)

    def is_taken(item: WorkItem) -> bool:
        try:
            return bool(item.parse_payload(item.read_payload().body, item.request))
        except FormatError:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(is_taken, plan.items)) == 1
    hashes = plan.items[0].earlier_files._hashes
    assert hashes
    assert hashes._con.execute("select count(*) from earlier").fetchall() == [(1,)]
    del hashes
    assert list(scratch.glob("breadthwise-*/rows.duckdb"))
    del plan
    gc.collect()
    assert list(scratch.iterdir()) == []


def test_a_disk_without_room_is_called_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contradictions, "_stored_value_sql", lambda _: "error('No space left on device')")
    found = tried(tmp_path, {"a.csv": "2026-01-22,KO,71\n", "b.csv": "2026-01-22,KO,71\n"}, "mine")
    assert found.gaps[0].startswith(
        f"{tmp_path}/a.csv cannot be compared with the files before it: Invalid Input Error: No space"
    )
