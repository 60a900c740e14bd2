"""An import that is only tried: what it would take, refuse and give back as exit code; nothing is stored."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.ingest.dry_run import DryRun, dry_run
from flows.ingest.import_plan import Import, plan_imports
from sources.base import Parsed, Request
from sources.providers import files
from warehouse.settings import Settings

NOW = datetime(2026, 1, 26, 12, 0, tzinfo=UTC)


def tried(path: Path, settings: Settings | None = None) -> DryRun:
    plan = plan_imports(Import(path, "", "equity_bars", options={"basis": "raw"}), NOW)
    return dry_run(plan, NOW, settings or Settings())


def test_rows_are_held_against_the_rules(tmp_path: Path) -> None:
    good = "".join(f"2026-01-{day},KO,10,12,9,11\n" for day in (20, 21, 22, 23))
    good += "".join(f"2026-01-{day},PEP,10,12,9,11\n" for day in range(12, 17))
    many = "".join(f"2025-12-{day:02d},KO,10,12,9,11\n" for day in (1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 15, 16, 17, 18))
    (tmp_path / "prices.csv").write_text(
        "date,symbol,open,high,low,close\n" + good + many + "2026-01-19,KO,10,12,9,11\n"
    )
    found = tried(tmp_path / "prices.csv")
    assert (found.exit_code, found.gaps, found.accepted) == (0, [], 23)
    assert found.lines[1:4] == [
        "  equity_bars: 23 rows would be taken, 1 refused (session_date_on_session 1)",
        "    symbol  session_date  basis  open  high  low  close  is_final",
        "    KO      2026-01-20    raw    10.0  12.0  9.0  11.0   True",
    ]
    assert found.lines[-1].startswith("    refused: KO, 2026-01-19, raw: session_date_on_session (")
    assert [line for line in found.lines if "2026-01-19" in line] == found.lines[-1:]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["prices.csv"]


def test_what_an_import_would_stop_is_a_gap_here_too(tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("date,symbol,open,high,low,close\n2026-01-22,KO,10,8,9,9\n")
    found = tried(tmp_path / "bad.csv")
    assert (found.exit_code, found.accepted) == (1, 0)
    assert "is stopped: 1 of 1 rows (100.0%) are refused" in found.gaps[0]
    assert "quarantine" not in found.gaps[0], "nothing is stored, so nothing lies in quarantine"
    assert found.gaps[0].endswith(
        "the limit is 5.0%; mend the file if it is one of yours, or raise refused_share_limit.equity_bars in breadthwise.toml"
    )
    assert len(found.lines) == 3, "no row is shown that would not be taken"
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    (tmp_path / "good.csv").write_text("date,symbol,close\n2026-01-22,KO,9\n")
    both = tried(tmp_path)
    assert (both.exit_code, both.accepted, len(both.gaps)) == (3, 1, 2)


def test_the_limits_of_the_settings_hold_here_too(tmp_path: Path) -> None:
    days = "".join(f"2026-01-{day},KO,{close}\n" for day, close in ((20, 9), (21, -9), (22, 9)))
    (tmp_path / "prices.csv").write_text("date,symbol,close\n" + days)
    part = tried(tmp_path / "prices.csv")
    assert (part.exit_code, part.accepted, len(part.gaps)) == (3, 2, 1)
    assert part.gaps[0].endswith("is taken in part: 1 of 3 rows (33.3%) are refused (close_minimum 1)")
    assert tried(tmp_path / "prices.csv", Settings(refused_rows_allowed=0)).exit_code == 1
    assert tried(tmp_path / "prices.csv", Settings(refused_share_limit={"equity_bars": 0.4})).exit_code == 0


def test_a_parser_that_dies_is_named_with_the_file_and_nothing_is_said_to_be_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dying(_body: bytes, _request: Request) -> Parsed:
        raise KeyError("close")

    (tmp_path / "prices.csv").write_text("date,symbol,close\n2026-01-22,KO,9\n")
    monkeypatch.setattr(files, "parse_with_reading", dying)
    (gap,) = tried(tmp_path / "prices.csv").gaps
    assert gap.startswith(f"{tmp_path.name}/prices.csv: the parser of {tmp_path.name}/prices failed on payload ")
    assert gap.endswith("(KeyError: 'close'): please report it")


def test_provisional_bars_are_counted_by_the_newest_session(tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text("date,symbol,close\n2026-01-22,KO,9\n2026-01-23,KO,9\n2026-01-23,PEP,9\n")
    said = []
    for known_at in (datetime(2026, 1, 22, tzinfo=UTC), datetime(2026, 1, 23, tzinfo=UTC), NOW):
        wanted = Import(tmp_path / "prices.csv", "", "equity_bars", options={"basis": "raw"}, known_at=known_at)
        settings = Settings(refused_share_limit={"equity_bars": 0.9})
        lines = dry_run(plan_imports(wanted, NOW), NOW, settings).lines
        said.append([line for line in lines if "close_margin_minutes" in line])
    early, margin = "provisional: known before the close of", "(`close_margin_minutes` included); no figure uses"
    assert said == [
        [f"  equity_bars: 1 bar is {early} its session, 2026-01-22 {margin} it"],
        [f"  equity_bars: 2 bars are {early} their sessions, the newest 2026-01-23 {margin} them"],
        [],
    ]


def test_saturdays_that_were_sessions_are_named_in_place_of_a_limit_to_raise(tmp_path: Path) -> None:
    week, old, strict = (
        "".join(f"1928-01-{day:02d},KO,9\n" for day in range(3, 8)),
        tmp_path / "old.csv",
        Settings(refused_rows_allowed=0),
    )
    old.write_text("date,symbol,close\n" + week)
    why = "Saturdays before June 1952, which were sessions then and are not in the calendar"
    assert tried(old, strict).gaps[0].endswith(f"the limit is 5.0%; 1 of them: {why}; import the file without them")
    old.write_text("date,symbol,close\n" + week.replace("06,KO,9", "06,KO,-9"))
    assert f"{why}; import the file without them; for the others mend the file" in tried(old, strict).gaps[0]
    taken = tried(old, Settings(refused_share_limit={"equity_bars": 0.9})).lines
    assert (
        "  equity_bars: 1 of the quarantined rows: Saturdays before June 1952, which were sessions then"
        in "\n".join(taken)
    )


def test_what_was_rounded_is_said(tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text("date,symbol,close,volume\n2026-01-22,KO,9,1234.9\n")
    assert tried(tmp_path / "prices.csv").lines[1] == "  note: volume rounded to a whole number: 1"


def test_rows_that_cannot_be_read_are_shown_with_their_reasons(tmp_path: Path) -> None:
    bad = "".join(f"2026-01-{day},KO,9,EUR\n" for day in (12, 13, 14, 15, 16, 20))
    good = "2026-01-21,KO,9,USD\n2026-01-22,KO,9,USD\n"
    (tmp_path / "prices.csv").write_text("date,symbol,close,currency\n" + bad + good)
    lines = [line for line in tried(tmp_path / "prices.csv").lines if "unreadable" in line]
    assert lines[0] == "  equity_bars: 0 rows would be taken, 6 refused (unreadable 6)"
    assert lines[1].startswith("    unreadable: currency: 'EUR', and prices are in USD: {")
    assert '"session_date": "2026-01-12", "symbol": "KO"' in lines[1]
    assert len(lines) == 6, "the first five"
