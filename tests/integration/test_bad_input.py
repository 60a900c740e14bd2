"""Bad input through the command line: refused or quarantined with its reason, nothing else changed, no traceback."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from flows import cli
from warehouse.lake.lake import Lake

HEADER = "date,symbol,open,high,low,close,volume\n"
GOOD = "2026-01-22,AAPL,10,12,9,11,100\n"


def _import(home: Path, path: Path, *more: str) -> int:
    arguments = [
        "--home",
        str(home),
        "import",
        str(path),
        "--dataset",
        "equity_bars",
        "--format",
        "bars",
        "--basis",
        "raw",
    ]
    return cli.main([*arguments, *more])


def _facts(home: Path) -> tuple[int, str]:
    manifest = Lake(home).manifest()
    return sum(file.rows for file in manifest.files), manifest.fingerprint


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home that holds one good row already."""
    good = tmp_path / "good.csv"
    good.write_text(HEADER + "2026-01-21,MSFT,10,12,9,11,100\n")
    home = tmp_path / "home"
    assert _import(home, good) == 0
    return home


def _text(text: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / "bad.csv"
        path.write_text(text)
        return path

    return write


def _truncated_parquet(folder: Path) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = folder / "bad.parquet"
    pq.write_table(pa.table({"date": ["2026-01-22"], "symbol": ["AAPL"], "close": [11.0]}), path)
    path.write_bytes(path.read_bytes()[:-40])
    return path


def _climbing_zip(folder: Path) -> Path:
    path = folder / "bad.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../x.csv", HEADER + GOOD)
    return path


def _latin_name(folder: Path) -> Path:
    (folder / "files").mkdir()
    path = folder / "files" / os.fsdecode(b"lat\xe9.csv")
    path.write_text(HEADER + GOOD)
    return path


def _steering_name(folder: Path) -> Path:
    path = folder / "bad\x1b[31m\n.csv"
    path.write_text(HEADER + GOOD)
    return path


REFUSED = [
    (
        "a name that is not UTF-8",
        _latin_name,
        "gap: files/lat\\udce9.csv: its name, or its folder's, is not UTF-8; rename it",
    ),
    ("a name that steers a terminal", _steering_name, "/bad\\x1b[31m\\n.csv: its name, or its folder's, holds control"),
    ("truncated Parquet", _truncated_parquet, "bad.parquet"),
    ("HTML named .csv", _text("<!DOCTYPE html><html><body>Access denied</body></html>"), "bad.csv"),
    ("wrong columns", _text("when,what\n2026-01-22,AAPL\n"), "when, what"),
    ("a word for a price", _text(HEADER + "2026-01-22,AAPL,10,12,9,eleven,100\n"), "eleven"),
    ("an empty file", _text(""), "bad.csv"),
    ("a climbing zip", _climbing_zip, "../x.csv"),
]


@pytest.mark.parametrize(("what", "write", "message"), REFUSED, ids=[case[0] for case in REFUSED])
def test_a_file_that_is_not_of_its_format_is_refused_whole(
    what: str,
    write: Callable[[Path], Path],
    message: str,
    home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = _facts(home)
    capsys.readouterr()
    assert _import(home, write(tmp_path)) == 1
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
    assert "\x1b" not in error
    assert _facts(home) == before
    assert len(list((home / "raw").rglob("*.gz"))) == 1, "only the good file is kept"


QUARANTINED = [
    ("not a number", "2026-01-22,AAPL,10,12,9,NaN,100\n", "close_finite"),
    ("infinite", "2026-01-22,AAPL,10,inf,9,11,100\n", "high_finite"),
    ("negative price", "2026-01-22,AAPL,10,12,-9,11,100\n", "low_minimum"),
    ("a date in the future", "2031-01-22,AAPL,10,12,9,11,100\n", "session_date_not_in_future"),
    ("a holiday", "2026-01-19,AAPL,10,12,9,11,100\n", "session_date_on_session"),
    ("high below low", "2026-01-22,AAPL,10,8,9,9,100\n", "close_not_above_high"),
    ("two values for one key", GOOD + GOOD.replace(",11,", ",12,"), "duplicate_key"),
    ("a statement for a symbol", "2026-01-22,'; drop table x,10,12,9,11,100\n", "unreadable"),
    ("a path for a symbol", "2026-01-22,../../x,10,12,9,11,100\n", "unreadable"),
]


@pytest.mark.parametrize(("what", "rows", "rule"), QUARANTINED, ids=[case[0] for case in QUARANTINED])
def test_a_row_that_breaks_a_rule_is_quarantined_with_its_reason(
    what: str, rows: str, rule: str, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, _ = _facts(home)
    path = tmp_path / "some.csv"
    # enough good rows that the batch is not stopped for its share of bad ones
    good = "".join(f"2026-01-22,T{number},10,12,9,11,100\n" for number in range(100))
    path.write_text(HEADER + good + rows)
    assert _import(home, path) == 0
    assert "100 new" in capsys.readouterr().out
    assert _facts(home)[0] == before + 100
    assert cli.main(["--home", str(home), "quarantine", "list"]) == 0
    assert rule in capsys.readouterr().out


def test_what_a_text_holds_cannot_steer_the_terminal(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "ratings.csv"
    rows = [f"2026-01-22,T{number},Firm,Buy" for number in range(100)]
    path.write_text(
        "\n".join(["rating_date,ticker,analyst_firm,rating", *rows, "2026-01-22,KO,a\x1b[31m\u202eb,Buy", ""])
    )
    for arguments in (["import", str(path), "--dry-run"], ["import", str(path)]):
        assert cli.main(["--home", str(home), *arguments]) == 0
    assert "100 new" in capsys.readouterr().out
    assert cli.main(["--home", str(home), "quarantine", "list", "--dataset", "rating_actions"]) == 0
    listed = capsys.readouterr().out
    assert "unreadable" in listed
    assert not {"\x1b", "\u202e"} & set(listed)


def test_a_universe_of_the_build_is_refused_before_anything_is_stored(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, before = tmp_path / "list.csv", _facts(home)
    path.write_text("ticker,snapshot_date\nMSFT,2026-01-22\n")
    asked = ["--home", str(home), "import", str(path), "--format", "membership_snapshot", "--universe"]
    assert cli.main([*asked, "all"]) == 2
    assert "--universe 'all' is a universe that the build makes itself" in capsys.readouterr().err
    path.write_text("ticker,snapshot_date,universe\nMSFT,2026-01-22,cap:mega\n")
    assert cli.main(asked[:-1]) == 1
    assert "universe 'cap:mega' is a universe that the build makes itself" in capsys.readouterr().err
    assert _facts(home) == before
    assert cli.main([*asked[:-1], "--source", "bad name"]) == 2
    assert "--source 'bad name' is no name of a source" in capsys.readouterr().err


def test_a_batch_of_bad_rows_is_stopped_and_said(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mostly_bad.csv"
    path.write_text(HEADER + GOOD + GOOD.replace("AAPL", "IBM").replace("100\n", "-1\n"))
    before = _facts(home)
    assert _import(home, path) == 1
    error = capsys.readouterr().err
    assert "50" in error
    assert "equity_bars" in error
    assert _facts(home) == before


MISTAKES = [
    (["import", "nowhere.csv", "--dataset", "equity_bars", "--format", "bars"], "nowhere.csv"),
    (["import", ".", "--format", "parquet"], "bars"),
    (["build", "--as-of", "2026-01-23T23:00:00Z"], "--out"),
    (["sql", "select * from reports.headlines"], "breadthwise"),
]


@pytest.mark.parametrize(("arguments", "message"), MISTAKES, ids=[" ".join(case[0][:2]) for case in MISTAKES])
def test_a_mistake_is_one_line_that_says_what_to_do(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["--home", str(tmp_path / "none"), *arguments]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert message in error
