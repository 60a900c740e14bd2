"""What a page links to is there: of each table a file and a sheet, with rows of the session or without."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest

from flows.report.version import page_version
from reports.layout import TABLES
from reports.page import PageOptions
from reports.reading import open_build
from reports.session import session_files
from tests.integration.conftest import LAST_SESSION
from tests.support.doctored import doctored

NAMES = {table.name for table in TABLES}
EMPTIED = {"precedents", "data_quality"}
# an older build, which did not have the table
LACKING = ("drop table reports.precedents", "delete from ops.builds where table_name = 'reports.precedents'")


def files_of(home: Path) -> dict[str, bytes]:
    with open_build(home / "warehouse.duckdb") as reading:
        return session_files(reading, date.fromisoformat(LAST_SESSION), ("en", "zh"), PageOptions(), page_version())


def links(files: dict[str, bytes]) -> set[str]:
    pages = "".join(files[name].decode() for name in ("en.html", "zh.html"))
    return set(re.findall(r'href="((?:tables/|report\.)[^"]+)"', pages))


@pytest.mark.parametrize(
    ("statements", "wanted"),
    [
        ([f"delete from reports.{name} where session_date = $day" for name in EMPTIED], NAMES),
        ([f"delete from reports.{name}" for name in NAMES - {"headline_indices"}], NAMES),
        (LACKING, NAMES - {"precedents"}),
    ],
    ids=["two without rows", "all but one without rows", "an older build"],
)
def test_every_link_leads_to_a_file(
    demo_template: Path, tmp_path: Path, statements: list[str], wanted: set[str]
) -> None:
    files = files_of(doctored(demo_template, tmp_path / "home", *statements))
    tables = {f"tables/{name}.{ending}" for name in wanted for ending in ("csv", "parquet")}
    assert {name for name in files if name.startswith("tables/")} == tables
    assert links(files) == tables | {"report.json", "report.xlsx"}
    sheets = openpyxl.load_workbook(io.BytesIO(files["report.xlsx"])).sheetnames
    assert sorted(sheets) == sorted(["about", *wanted])


def test_a_table_without_rows_is_its_header(demo_template: Path, tmp_path: Path) -> None:
    home = doctored(demo_template, tmp_path / "home", "delete from reports.precedents where session_date = $day")
    files = files_of(home)
    with open_build(home / "warehouse.duckdb") as reading:
        columns = [column.name for column in reading.table_columns("precedents")]
    assert list(csv.reader(io.StringIO(files["tables/precedents.csv"].decode("utf-8-sig")))) == [columns]
    parquet = pq.read_table(io.BytesIO(files["tables/precedents.parquet"]))
    assert (parquet.column_names, parquet.num_rows) == (columns, 0)
    sheet = openpyxl.load_workbook(io.BytesIO(files["report.xlsx"]))["precedents"]
    assert [str(cell.value).splitlines()[-1] for cell in sheet[1]] == columns
    assert sheet.max_row == 1
