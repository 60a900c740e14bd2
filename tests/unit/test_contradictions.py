"""Two files of one import that name one source: what both say is taken once, and what they say differently is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.ingest.dry_run import DryRun, dry_run
from flows.ingest.import_plan import Import, plan_imports
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
