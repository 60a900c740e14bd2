"""`breadthwise parse`: rows to stdout, the rest to stderr, one line for an error, nothing stored."""

from __future__ import annotations

import csv
import gzip
import io
import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from flows.cli import main
from sources.base import Request
from sources.payloads import store_payload
from tests.sources.seeds import FOLDER
from warehouse.payloads.store import PayloadStore

BARS = FOLDER / "yahoo_bars.json"


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_csv_holds_all_columns_of_all_datasets(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["parse", "yahoo_bars", str(BARS), "--symbol", "ABCD", "--fetched-at", "2026-01-23T21:10:00Z"]) == 0
    out, err = capsys.readouterr()
    found = rows(out)
    assert [(r["dataset"], r["session_date"] or r["ex_date"]) for r in found] == [
        ("equity_bars", "2026-01-20"),
        ("equity_bars", "2026-01-21"),
        ("equity_bars", "2026-01-22"),
        ("equity_bars", "2026-01-23"),
        ("splits", "2026-01-22"),
        ("dividends", "2026-01-20"),
        ("dividends", "2026-01-23"),
    ]
    assert (found[0]["close"], found[0]["is_final"], found[3]["is_final"]) == ("100.5", "true", "false")
    assert found[0]["known_at"] == "2026-01-23T21:10:00+00:00"
    assert len(found[0]["payload_sha256"]) == 64
    assert "note: low of 0 taken as absent: 1" in err


def test_json_and_gzip(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    packed = tmp_path / "screener.json.gz"
    packed.write_bytes(gzip.compress((FOLDER / "nasdaq_screener.json").read_bytes()))
    assert main(["parse", "nasdaq_screener", str(packed), "--session", "2026-01-23", "--as", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(r["symbol"], r["close"]) for r in found if r["dataset"] == "equity_bars"] == [
        ("ABCD", 26.5),
        ("XY/B", 1069.12),
        ("NEW", 2.0),
    ]
    assert len([r for r in found if r["dataset"] == "securities"]) == 3


def test_an_error_is_one_line_with_its_class(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cut = tmp_path / "cut.json"
    cut.write_bytes(BARS.read_bytes()[:300])
    assert main(["parse", "yahoo_bars", str(cut)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("breadthwise parse: MalformedAnswer: yahoo_bars: the answer is not whole JSON")
    assert err.count("\n") == 1
    broken = tmp_path / "broken.gz"
    broken.write_bytes(gzip.compress(BARS.read_bytes())[:200])
    assert main(["parse", "yahoo_bars", str(broken)]) == 1
    assert "MalformedAnswer: the gzip file is damaged or cut off" in capsys.readouterr().err


def test_refused_rows_are_named_and_no_row_at_all_is_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(BARS.read_bytes())
    quotes = document["chart"]["result"][0]["indicators"]["quote"][0]
    quotes["close"][1] = None
    path = tmp_path / "holes.json"
    path.write_text(json.dumps(document))
    assert main(["parse", "yahoo_bars", str(path)]) == 0
    assert "refused: equity_bars: lost session" in capsys.readouterr().err
    quotes["close"] = [None] * 4
    del document["chart"]["result"][0]["events"]
    path.write_text(json.dumps(document))
    assert main(["parse", "yahoo_bars", str(path)]) == 1
    assert "no row of this answer can be taken" in capsys.readouterr().err


def test_a_payload_of_the_home_is_read_by_its_digest_with_what_was_asked_for_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fetched = datetime(2026, 1, 23, 21, 10, tzinfo=UTC)
    asked = Request("yahoo_bars", "equity_bars", fetched, symbol="ABCD", start=date(2026, 1, 20), end=date(2026, 1, 23))
    digest = store_payload(PayloadStore(tmp_path), BARS.read_bytes(), asked).digest
    main(["parse", "yahoo_bars", str(BARS), "--symbol", "ABCD", "--fetched-at", "2026-01-23T21:10:00Z"])
    of_file = capsys.readouterr().out
    home = ["--home", str(tmp_path), "parse", "yahoo_bars"]
    for name in (digest, digest[:12], digest[:6]):
        assert main([*home, name]) == 0
        assert capsys.readouterr().out == of_file
    assert main([*home, digest[:12], "--fetched-at", "2026-01-24T21:10:00Z"]) == 0
    assert rows(capsys.readouterr().out)[3]["is_final"] == "true", "an option counts before what is kept"
    assert main([*home, "0" * 12]) == 2
    assert f"no payload of {tmp_path} whose SHA-256 begins so" in capsys.readouterr().err


def test_the_beginning_of_two_digests_names_both(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    twins = ["ab" * 32, "ab" * 31 + "cd"]
    (tmp_path / "raw" / "ab").mkdir(parents=True)
    for twin in twins:
        (tmp_path / "raw" / "ab" / f"{twin}.gz").write_bytes(b"")
    assert main(["--home", str(tmp_path), "parse", "yahoo_bars", "ab" * 6]) == 2
    assert f"2 payloads begin with {'ab' * 6}: {', '.join(twins)}; write more of one" in capsys.readouterr().err


def test_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["parse", "nope", str(BARS)]) == 2
    assert "no source 'nope'; choose from alfred," in capsys.readouterr().err
    assert main(["parse", "yahoo_bars", str(tmp_path / "none.json")]) == 2
    assert "cannot read" in capsys.readouterr().err
    with pytest.raises(SystemExit) as caught:
        main(["parse", "yahoo_bars", str(BARS), "--session", "23.1.2026"])
    assert caught.value.code == 2
    assert "is no date; write it as 2026-01-23" in capsys.readouterr().err


def test_nothing_is_stored_and_nothing_heavy_is_imported(tmp_path: Path) -> None:
    code = (
        "import sys; from flows.cli import main; main(sys.argv[1:]);"
        "print(sorted({'prefect', 'great_expectations', 'requests'} & set(sys.modules)))"
    )
    arguments = ["--home", str(tmp_path / "home"), "parse", "yahoo_bars", str(BARS)]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert not (tmp_path / "home").exists()


def test_an_instant_without_a_zone_is_refused_here_as_everywhere(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["parse", "yahoo_bars", str(BARS), "--fetched-at", "2026-01-23T22:00:00"])
    assert caught.value.code == 2
    assert (
        "'2026-01-23T22:00:00' has no time zone; add Z for UTC or an offset such as -05:00" in capsys.readouterr().err
    )
