"""All files of a session's report, as bytes by name: pages, JSON, CSV, Parquet, workbook, and the manifest that lists them.

The same build, code and options give the same bytes, on any machine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from reports import numerals
from reports.exports.document import MANIFEST, json_bytes, report_document
from reports.exports.files import csv_bytes, parquet_bytes
from reports.exports.workbook import workbook_bytes
from reports.headline import make_headline
from reports.markup import strip_tags
from reports.page import Material, PageOptions, gather_material, render_page
from reports.reading import Reading, Row
from reports.states import page_states
from reports.texts import LANGUAGES
from warehouse import calendar

_SPARKLINE_SESSIONS = 63


def session_files(
    reading: Reading, day: date, languages: Sequence[str], options: PageOptions, page_version: str
) -> dict[str, bytes]:
    """The files of the report of `day` by their names in its folder. `page_version` names the code that makes them."""
    material = gather_material(reading, day, options)
    files = {f"{language}.html": render_page(material, language, languages).encode() for language in languages}
    files |= export_files(material)
    files[MANIFEST] = json_bytes(_report_manifest(material, languages, files, page_version))
    return files


def export_files(material: Material) -> dict[str, bytes]:
    """What stands beside the pages: report.json, report.xlsx, tables/*.csv and *.parquet; of a table without rows its header."""
    day, tables = material.day, material.tables
    columns = {name: material.reading.table_columns(name) for name in tables}
    made = report_document(day, material.note, tables, columns, headline_texts(material), state_names(material))
    files = {
        "report.json": json_bytes(made),
        "report.xlsx": workbook_bytes(tables, columns, material.note, day),
    }
    for name in material.table_names:
        arrow = material.reading.session_arrow_table(name, day)
        files[f"tables/{name}.csv"] = csv_bytes(arrow)
        files[f"tables/{name}.parquet"] = parquet_bytes(arrow)
    return files


def headline_texts(material: Material) -> dict[str, dict[str, Any]]:
    """Headline and deck by language, without tags."""
    found = {}
    for language in LANGUAGES:
        top = make_headline(
            material.tables,
            material.summary_before,
            language,
            is_session=calendar.is_session(material.day),
            is_first=material.is_first,
        )
        found[language] = {"title": strip_tags(top.title), "deck": [one.text for one in top.deck]}
    return found


def state_names(material: Material) -> list[str]:
    margin = material.options.close_margin_minutes
    return [
        one.name for one in page_states(material.reading, material.note, material.day, material.tables, margin, "en")
    ]


def _report_manifest(
    material: Material, languages: Sequence[str], files: Mapping[str, bytes], page_version: str
) -> dict[str, Any]:
    """What the index page and `verify` need of the report."""
    day, tables = material.day, material.tables
    summary = tables["rotation_summary"][0] if tables["rotation_summary"] else {}
    market = next((row for row in tables["breadth"] if row["universe"] == "all"), {})
    return {
        "session_date": day.isoformat(),
        "build_id": material.note.build_id,
        "built_at": material.note.built_at.isoformat(),
        "code_version": material.note.code_version,
        "page_version": page_version,
        "languages": list(languages),
        "options": {
            "up_is_red_in": list(material.options.up_is_red_in),
            "close_margin_minutes": material.options.close_margin_minutes,
        },
        "states": state_names(material),
        "headline": {language: one["title"] for language, one in headline_texts(material).items()},
        "small_minus_large_1d_pp": numerals.to_json_value(summary.get("small_minus_large_1d_pp")),
        "advance_pct": numerals.to_json_value(market.get("advance_pct")),
        "sparklines": {
            "spread": _sparkline_points(material.histories["spread"], "small_minus_large_21d_pp"),
            "breadth": _sparkline_points(material.histories["above_averages"], "above_sma50_pct"),
        },
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())},
    }


def _sparkline_points(rows: Sequence[Row], column: str) -> list[list[Any]]:
    return [
        [row["session_date"].isoformat(), numerals.to_json_value(row[column])] for row in rows[-_SPARKLINE_SESSIONS:]
    ]
