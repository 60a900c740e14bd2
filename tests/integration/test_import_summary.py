"""What the command says at the end of an import: rows that came and do not count."""

from __future__ import annotations

from pathlib import Path

import pytest

from expectations.suite import Validated
from flows import cli


@pytest.fixture(autouse=True)
def _without_gx(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "expectations.suite.validate_batch", lambda contract, table, checked: Validated(contract.name, 0, 0, {})
    )


def summary(home: Path, text: str, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, list[str]]:
    """The exit code, and the lines behind what the file was taken for, up to the run's."""
    path = home / "bars.csv"
    path.write_text("date,symbol,close\n" + text)
    code = cli.main(["--home", str(home), "--quiet", "import", str(path), "--dataset", "index_bars", *options])
    return code, capsys.readouterr().out.splitlines()[1:3]


def test_a_bare_day_makes_the_bar_of_that_day_provisional_and_the_import_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "2026-01-22,SPX,6913\n2026-01-23,SPX,6915\n"
    early = "1 bar is provisional: known before the close of its session, 2026-01-23"
    assert summary(tmp_path, text, capsys, "--known-at", "2026-01-23") == (
        0,
        [
            "index_bars: 2 rows = 2 new + 0 known + 0 quarantined",
            f"index_bars: {early} (`close_margin_minutes` included); no figure uses it",
        ],
    )
    code, lines = summary(tmp_path, text, capsys, "--known-at", "2026-01-23T22:00Z")
    assert (code, lines[0]) == (0, "index_bars: 2 rows = 1 new + 1 known + 0 quarantined")
    assert not any("provisional" in line for line in lines)


def test_quarantined_saturdays_of_old_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "".join(f"1928-01-{day:02d},SPX,17\n" for day in range(2, 8))
    why = "Saturdays before June 1952, which were sessions then and are not in the calendar"
    assert summary(tmp_path, text, capsys) == (
        3,
        [
            "index_bars: 6 rows = 5 new + 0 known + 1 quarantined",
            f"index_bars: 1 of the quarantined rows: {why}",
        ],
    )


def test_rows_older_than_what_the_lake_knows_are_said_not_to_be_shown_and_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    summary(tmp_path, "2026-01-21,SPX,6900\n2026-01-22,SPX,6913\n", capsys, "--source", "v")
    older = ("--source", "v", "--known-at", "2026-01-24T12:00Z")
    said = []
    for text in ("2026-01-21,SPX,1\n2026-01-22,SPX,2\n", "2026-01-20,SPX,3\n2026-01-22,SPX,4\n", "2026-01-20,SPX,3\n"):
        path = tmp_path / "bars.csv"
        path.write_text("date,symbol,close\n" + text)
        command = ["--home", str(tmp_path), "--quiet", "import", str(path), "--dataset", "index_bars", *older]
        assert cli.main(command) == 0
        said.append([line for line in capsys.readouterr().out.splitlines() if "what is built for today: " in line])
    newer = "shown in what is built for today: the lake holds newer facts than 2026-01-24 12:00 UTC of the same "
    newer += "keys, or withdrawals of them; "
    assert [len(lines) for lines in said] == [1, 1, 0]
    assert said[0][0].startswith(f"none of this import's rows is {newer}a build `--as-of` that time shows them; ")
    assert said[1][0].startswith(f"1 of this import's rows are not {newer}")
    assert "import it again without --known-at or with a later one" in said[0][0]
    assert "`breadthwise import undo RUN_ID`" in said[0][0]
