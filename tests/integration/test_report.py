"""The report of a session: its files, the same bytes wherever it is made, the folder as a site, hostile texts, and the states."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import jsonschema
import openpyxl
import pyarrow.parquet as pq
import pytest

from flows import cli
from flows.report.folder import show_failure, write_folder, write_index
from flows.report.verify import PageVerdict, verify_page
from flows.report.version import page_version
from flows.report.write import write_report
from reports.figures.question import parse_question
from reports.figures.resolver import Warehouse, resolve_figure
from reports.page import PageOptions, gather_material, render_page
from reports.reading import open_build
from reports.session import session_files, state_names
from reports.templating import read_template
from tests.integration.conftest import LAST_SESSION, ROOT
from tests.support.doctored import HOSTILE, HOSTILE_STATEMENTS, LONG, STATES, doctored
from warehouse.errors import UsageError
from warehouse.settings import Settings

DAY = date.fromisoformat(LAST_SESSION)
MOST_BYTES = 1_500_000


@pytest.fixture(scope="module")
def files(demo_template: Path) -> dict[str, bytes]:
    """The report of the demo's last session."""
    with open_build(demo_template / "warehouse.duckdb") as reading:
        return session_files(reading, DAY, ("en", "zh"), PageOptions(), page_version())


def test_the_demo_writes_its_report_and_says_where(demo_template: Path) -> None:
    folder = demo_template / "reports" / LAST_SESSION
    assert {"en.html", "zh.html", "report.json", "report.xlsx", "manifest.json"} <= {
        path.name for path in folder.iterdir()
    }
    assert "reports/2026-01-22/en.html and zh.html" in (demo_template.parent / "demo_output.txt").read_text(
        encoding="utf-8"
    )
    latest = json.loads((demo_template / "reports" / "latest.json").read_text(encoding="utf-8"))
    assert latest["pages"] == {"en": "2026-01-22/en.html", "zh": "2026-01-22/zh.html"}


def test_a_page_is_one_file_under_the_limit_that_asks_nobody(files: dict[str, bytes]) -> None:
    for language in ("en", "zh"):
        page = files[f"{language}.html"]
        assert len(page) < MOST_BYTES
        for sign in (b"http://", b"https://", b'<link rel="stylesheet', b"<script src", b"@import", b"url(http"):
            found = page.replace(b"http://www.w3.org/", b"")
            assert sign not in found, sign
        assert b"default-src 'none'" in page


def test_the_same_bytes_in_another_process_locale_zone_and_without_fonts(
    files: dict[str, bytes], demo_template: Path, tmp_path: Path
) -> None:
    program = (
        "import sys; from pathlib import Path; from datetime import date\n"
        "from flows.report.folder import write_folder; from flows.report.version import page_version\n"
        "from reports.page import PageOptions; from reports.reading import open_build\n"
        "from reports.session import session_files\n"
        "with open_build(Path(sys.argv[1])) as reading:\n"
        "    made = session_files(reading, date.fromisoformat(sys.argv[2]), ('en', 'zh'), PageOptions(), page_version())\n"
        "write_folder(Path(sys.argv[3]), made)\n"
    )
    command = [
        sys.executable,
        "-c",
        program,
        str(demo_template / "warehouse.duckdb"),
        LAST_SESSION,
        str(tmp_path / "made"),
    ]
    without_fonts = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs none /usr/share/fonts && exec "$@"', "sh"]
    (tmp_path / "fonts.conf").write_text("<fontconfig></fontconfig>", encoding="utf-8")
    is_allowed = (
        shutil.which("unshare") and not subprocess.run([*without_fonts, "true"], capture_output=True).returncode
    )
    done = subprocess.run(
        [*without_fonts, *command] if is_allowed else command,
        cwd=ROOT,
        env={
            **os.environ,
            "TZ": "Pacific/Auckland",
            "LC_ALL": "zh_CN.UTF-8",
            "PYTHONHASHSEED": "7",
            "FONTCONFIG_FILE": str(tmp_path / "fonts.conf"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    made = {str(path.relative_to(tmp_path / "made")): path for path in (tmp_path / "made").rglob("*") if path.is_file()}
    assert sorted(made) == sorted(files)
    assert [name for name, path in made.items() if path.read_bytes() != files[name]] == []


def test_the_json_follows_the_published_schema(files: dict[str, bytes], demo_template: Path) -> None:
    report = json.loads(files["report.json"])
    schema = json.loads(read_template("schema.json"))
    jsonschema.Draft202012Validator(schema).validate(report)
    assert (demo_template / "reports" / "schema.json").read_text(encoding="utf-8") == read_template("schema.json")
    assert report["is_simulated"] is True
    with duckdb.connect(str(demo_template / "warehouse.duckdb"), read_only=True) as con:
        closes = dict(
            con.execute("select index_id, close from reports.headline_indices where session_date = ?", [DAY]).fetchall()
        )
    assert {row["index_id"]: row["close"] for row in report["tables"]["headline_indices"]["rows"]} == closes


def test_csv_parquet_and_workbook_hold_the_tables(files: dict[str, bytes], demo_template: Path) -> None:
    with duckdb.connect(str(demo_template / "warehouse.duckdb"), read_only=True) as con:
        wanted = con.execute("select * from reports.breadth where session_date = ? order by position", [DAY]).fetchall()
    parquet = pq.read_table(io.BytesIO(files["tables/breadth.parquet"])).to_pylist()
    assert [tuple(row.values()) for row in parquet] == wanted
    lines = list(csv.DictReader(io.StringIO(files["tables/breadth.csv"].decode("utf-8-sig"))))
    assert [line["advances"] for line in lines] == [str(row["advances"]) for row in parquet]
    book = openpyxl.load_workbook(io.BytesIO(files["report.xlsx"]))
    sheet = book["headline_indices"]
    heads = [str(cell.value).splitlines()[-1] for cell in sheet[1]]
    assert heads[:4] == ["session_date", "position", "index_id", "label_en"]
    assert sheet.freeze_panes == "E2"
    change = sheet.cell(2, heads.index("return_1d_pct") + 1)
    assert change.number_format == '[>=0.005]+#,##0.00;[<=-0.005]\u2212#,##0.00;"0.00"'
    assert isinstance(change.value, float)
    assert sheet.cell(2, 1).number_format == "yyyy-mm-dd"


def test_hostile_texts_harm_neither_page_nor_csv_nor_workbook(demo_template: Path, tmp_path: Path) -> None:
    home = doctored(demo_template, tmp_path / "home", *HOSTILE_STATEMENTS)
    with open_build(home / "warehouse.duckdb") as reading:
        made = session_files(reading, DAY, ("en", "zh"), PageOptions(), page_version())
    for language in ("en", "zh"):
        page = made[f"{language}.html"].decode()
        assert "<script>document.title" not in page
        assert "<bdi>=cmd()|&#39;/c calc&#39;!A1 &lt;script&gt;document.title" in page
        assert LONG in page
    first = next(csv.DictReader(io.StringIO(made["tables/analyst_actions.csv"].decode("utf-8-sig"))))
    assert first["firm"] == "'" + HOSTILE
    assert first["to_grade"] == "'+1"
    assert first["sector_label_en"] == "'@SUM(A1)"
    assert first["price_target_usd"] == "1.5"
    book = openpyxl.load_workbook(io.BytesIO(made["report.xlsx"]))
    sheet = book["analyst_actions"]
    heads = [str(cell.value).splitlines()[-1] for cell in sheet[1]]
    firm = sheet.cell(2, heads.index("firm") + 1)
    assert (firm.value, firm.data_type) == (HOSTILE, "s")
    assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)


@pytest.mark.parametrize("state", sorted(STATES))
def test_each_state_has_its_page(demo_template: Path, tmp_path: Path, state: str) -> None:
    home = doctored(demo_template, tmp_path / "home", *STATES[state])
    with open_build(home / "warehouse.duckdb") as reading:
        material = gather_material(reading, DAY, PageOptions())
        names, page = state_names(material), render_page(material, "en")
    assert {state, "simulated"} <= set(names)
    assert f'data-state="{state}"' in page
    schema = json.loads(read_template("schema.json"))
    assert set(names) <= set(schema["properties"]["states"]["items"]["enum"])


def _page(home: Path, day: date = DAY) -> str:
    with open_build(home / "warehouse.duckdb") as reading:
        return render_page(gather_material(reading, day, PageOptions()), "en")


def test_a_session_whose_breadth_is_not_defined_has_its_page_without_the_bar(
    demo_template: Path, tmp_path: Path
) -> None:
    undefined = (
        "update reports.breadth set advances = null, declines = null, unchanged = null where session_date = $day"
    )
    assert 'class="breadth-line"' in _page(demo_template)
    assert 'class="breadth-line"' not in _page(doctored(demo_template, tmp_path / "home", undefined))


def test_what_a_first_session_does_not_have_is_left_out(demo_template: Path) -> None:
    page = _page(demo_template, date(2014, 1, 2))
    table = page.partition('<table data-t="headline_indices">')[2].partition("</table>")[0]
    assert re.findall(r'data-c="(\w+)"', table) == ["label_en", "close"]
    assert "record close" not in page
    # a dash alone, without the unit
    assert re.findall(r'data-ref="headline_indices\|0\|return_1d_pct">(.*?)</span>', page) == ["–</data>"]


def test_a_holiday_has_a_page_and_a_session_to_come_has_none(demo_template: Path, tmp_path: Path) -> None:
    home = doctored(demo_template, tmp_path / "home")
    folder = write_report(home, Settings(), date(2026, 1, 19))
    assert "The exchange was closed on Monday, January 19, 2026." in (folder / "en.html").read_text(encoding="utf-8")
    assert 'data-state="simulated"' in (folder / "en.html").read_text(encoding="utf-8")
    assert "The last session before it was Friday, January 16, 2026." in (folder / "en.html").read_text(
        encoding="utf-8"
    )
    assert "2026年1月19日（星期一），交易所休市" in (folder / "zh.html").read_text(encoding="utf-8")
    for name, title in (("en", "No session: the exchange was closed on this day"), ("zh", "当日休市，没有交易")):
        assert f"<title>{title}" in (folder / f"{name}.html").read_text(encoding="utf-8")
    # a session to come, the Saturday after it, and a holiday of the year after
    for day in (date(2026, 1, 23), date(2026, 1, 24), date(2027, 1, 1)):
        with pytest.raises(
            UsageError, match=f"{day} is not in the build: its newest session is 2026-01-22; run `breadth"
        ):
            write_report(home, Settings(), day)


def test_a_holiday_before_the_first_close_has_a_page(demo_template: Path, tmp_path: Path) -> None:
    folder = write_report(doctored(demo_template, tmp_path / "home"), Settings(), date(2014, 1, 1))
    assert "The exchange was closed on Wednesday, January 1, 2014." in (folder / "en.html").read_text(encoding="utf-8")


def test_a_session_of_provisional_bars_alone_says_so(demo_template: Path, tmp_path: Path) -> None:
    values = "('index_bars', date '2026-01-23', 'provisional')"
    row = f"insert into ops.session_ledger (dataset, session_date, status) values {values}"
    home = doctored(demo_template, tmp_path / "home", row)
    why = "index_bars of 2026-01-23 is provisional: known before the session had closed, so no figure uses the bars"
    with pytest.raises(UsageError, match=f"its newest session is 2026-01-22; {why}; `breadthwise run` asks"):
        write_report(home, Settings(), date(2026, 1, 23))
    question = parse_question("SPX close 2026-01-23")
    with Warehouse(home) as warehouse:
        found = resolve_figure(warehouse, question.entity, question.measure, date(2026, 1, 23))
    assert str(found.reason).endswith(f"to 2026-01-22 only; {why}")
    with pytest.raises(UsageError, match="2036-01-02 is not in the build: the calendar ends 2035-12-31"):
        write_report(home, Settings(), date(2036, 1, 2))


def test_an_export_of_a_day_to_come_says_so_and_writes_nothing(
    demo_template: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["--home", str(demo_template), "export", "--session", "2026-12-25", "--out", str(tmp_path / "out")]
    assert cli.main(command) == 2
    (line,) = capsys.readouterr().err.splitlines()
    newest = "its newest session is 2026-01-22; run `breadthwise run` or `build`"
    assert line == f"breadthwise export: 2026-12-25 is not in the build: {newest}"
    assert not (tmp_path / "out").exists()


def test_a_report_asked_for_by_its_session_is_there_however_old(demo_template: Path, tmp_path: Path) -> None:
    home = doctored(demo_template, tmp_path / "home")
    for day in (date(2026, 1, 22), date(2014, 1, 2)):
        folder = write_report(home, Settings(), day)
        assert (folder / "en.html").is_file(), day
    first = (folder / "zh.html").read_text(encoding="utf-8")
    assert 'data-state="first_day"' in first
    assert "尚无前一交易日可比" in first
    alone = write_report(home, Settings(), date(2014, 1, 2), ["zh"])
    assert not (alone / "en.html").exists()
    assert 'href="en.html"' in first
    assert 'href="en.html"' not in (alone / "zh.html").read_text(encoding="utf-8")
    assert "</span> <span data-text=" not in first


def test_a_failed_run_leaves_the_page_and_a_banner(demo_template: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(demo_template / "reports", home / "reports")
    page = (home / "reports" / LAST_SESSION / "en.html").read_bytes()
    with pytest.raises(RuntimeError), show_failure(home, datetime(2026, 1, 23, 23, 30, tzinfo=UTC)):
        raise RuntimeError("the disk <b>is full</b>")
    index = (home / "reports" / "index.html").read_text(encoding="utf-8")
    assert "The run of Jan 23, 2026, 23:30 UTC failed" in index
    assert "RuntimeError: the disk &lt;b&gt;is full&lt;/b&gt;" in index
    assert (home / "reports" / LAST_SESSION / "en.html").read_bytes() == page
    assert json.loads((home / "reports" / "latest.json").read_text(encoding="utf-8"))["last_run_failed_at"]
    write_index(home)
    assert 'data-state="failed"' not in (home / "reports" / "index.html").read_text(encoding="utf-8")


def test_a_page_of_a_day_without_a_session_is_not_the_newest(demo_template: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(demo_template / "reports", home / "reports")
    manifest = json.loads((home / "reports" / LAST_SESSION / "manifest.json").read_text(encoding="utf-8"))
    saturday = {**manifest, "session_date": "2026-01-24", "states": [*manifest["states"], "holiday"]}
    write_folder(home / "reports" / "2026-01-24", {"manifest.json": json.dumps(saturday).encode()})
    write_index(home)
    latest = json.loads((home / "reports" / "latest.json").read_text(encoding="utf-8"))
    assert latest["session_date"] == LAST_SESSION
    assert f"{LAST_SESSION}/en.html" in (home / "reports" / "index.html").read_text(encoding="utf-8").split("<table")[0]


def test_a_report_replaces_the_one_of_the_same_session_whole(tmp_path: Path) -> None:
    write_folder(tmp_path / "2026-01-22", {"en.html": b"old", "gone.csv": b""})
    write_folder(tmp_path / "2026-01-22", {"en.html": b"new", "tables/a.csv": b"1"})
    files = sorted(path for path in tmp_path.rglob("*.*") if path.is_file() and path.name != ".lock")
    assert [str(path.relative_to(tmp_path)) for path in files] == ["2026-01-22/en.html", "2026-01-22/tables/a.csv"]
    assert (tmp_path / "2026-01-22" / "en.html").read_bytes() == b"new"


def test_export_writes_the_tables_without_a_page(
    demo_template: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = doctored(demo_template, tmp_path / "home")
    assert cli.main(["--home", str(home), "--quiet", "export"]) == 0
    folder = home / "exports" / LAST_SESSION
    assert f"{folder}: " in capsys.readouterr().out
    names = {path.name for path in folder.rglob("*") if path.is_file()}
    assert {"report.json", "report.xlsx", "headline_indices.csv", "headline_indices.parquet"} <= names
    assert not any(name.endswith(".html") for name in names)
    other = tmp_path / "mine"
    other.mkdir()
    assert cli.main(["--home", str(home), "--quiet", "export", "--out", str(other)]) == 2
    assert "holds no export; choose another --out" in capsys.readouterr().err


def test_verify_compares_the_page_with_the_one_made_again(demo_template: Path, tmp_path: Path) -> None:
    shutil.copytree(demo_template / "reports", tmp_path / "reports")
    build = (demo_template / "warehouse.duckdb").resolve()
    found = verify_page(tmp_path, build.stem, build)
    assert found.is_equal
    assert found.line.startswith("page: reports/2026-01-22: all ")
    page = tmp_path / "reports" / LAST_SESSION / "en.html"
    page.write_bytes(page.read_bytes() + b" ")
    found = verify_page(tmp_path, build.stem, build)
    assert found == PageVerdict("page: reports/2026-01-22: changed since it was made: en.html", False)
    assert verify_page(tmp_path, "another", build).line.startswith("page: there is no report of this build")
