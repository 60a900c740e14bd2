"""The tables of `reports` as an editor would meet them: on the simulated market's two last years."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.support.report_tables import english_left, negative_zeros, report_tables, workbook_sheets

Connection = duckdb.DuckDBPyConnection


@pytest.fixture(scope="module")
def warehouse(demo_template: Path) -> Iterator[Connection]:
    with duckdb.connect(str(demo_template / "warehouse.duckdb"), read_only=True) as con:
        yield con


def test_places_count_from_one_on_each_session(warehouse: Connection) -> None:
    for table in report_tables(warehouse):
        wrong = warehouse.execute(
            f"""select session_date from {table} group by session_date
            having count(*) <> count(distinct position) or min(position) < 1 limit 3"""
        ).fetchall()
        assert (table, wrong) == (table, [])


def test_no_figure_is_a_negative_zero(warehouse: Connection) -> None:
    assert negative_zeros(warehouse) == []


def test_every_table_can_be_written_to_a_workbook(warehouse: Connection, tmp_path: Path) -> None:
    tables = report_tables(warehouse)
    assert workbook_sheets(warehouse, tmp_path / "reports.xlsx") == [table.removeprefix("reports.") for table in tables]


def test_chinese_texts_are_chinese(warehouse: Connection) -> None:
    assert english_left(warehouse) == []


def test_every_flag_is_defined_within_two_years(warehouse: Connection) -> None:
    rows = warehouse.execute(
        """select flag, count(is_raised) from reports.risk_flags
        where session_date > (select max(session_date) - interval 2 year from reports.risk_flags) group by flag order by flag"""
    ).fetchall()
    assert [flag for flag, defined in rows if not defined] == []
    assert len(rows) == 6


def test_what_nobody_prints_is_not_printed(warehouse: Connection) -> None:
    """Changes of nil with a sign, places behind the tenth, instants where a day is meant."""
    found = warehouse.execute("select text_en from reports.index_statistics where text_en is not null").fetchall()
    texts = [
        text for (text,) in found if re.search(r"(up|down) .*[+−]0\.00 %|\d(st|nd|rd|th) (high|low)est|00:00", text)
    ]
    assert texts[:5] == []
    assert len(found) > 5000


def test_leaders_lead(warehouse: Connection) -> None:
    rows = warehouse.execute(
        """select session_date, cap_band, count(place), min(compared), count(*) from reports.fundamental_leaders
        group by session_date, cap_band"""
    ).fetchall()
    assert max(row[2] for row in rows) == 10
    assert all(count == lines for _, _, count, _, lines in rows if count)
    assert all(lines == 1 for _, _, count, _, lines in rows if not count)


def test_each_session_has_a_headline_and_one_line_on_its_data(warehouse: Connection) -> None:
    ((sessions, headlines, summaries),) = warehouse.execute(
        """select count(distinct s.session_date), count(distinct h.session_date), count(distinct q.session_date)
        from reports.headline_indices as s
        left join reports.headline as h on s.session_date = h.session_date and h.position = 1
        left join reports.data_quality as q on s.session_date = q.session_date and q.item = 'summary'"""
    ).fetchall()
    assert (headlines, summaries) == (sessions, sessions)
