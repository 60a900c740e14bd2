"""The report as JSON: session, build, headline and every row of every report table. `schema.json` describes it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from reports import numerals
from reports.reading import BuildNote, Column, Row
from reports.templating import read_template

SCHEMA_VERSION = 1
# what the index page and `verify` read of a report's folder
MANIFEST = "manifest.json"


def report_document(
    day: date,
    note: BuildNote,
    tables: Mapping[str, Sequence[Row]],
    columns: Mapping[str, Sequence[Column]],
    words: Mapping[str, Mapping[str, Any]],
    states: Sequence[str],
) -> dict[str, Any]:
    """`words` are headline and deck by language, `states` the names of what a reader must know first."""
    return {
        "schema_version": SCHEMA_VERSION,
        "session_date": day.isoformat(),
        "is_simulated": "simulated" in states,
        "states": list(states),
        "build": {
            "build_id": note.build_id,
            "built_at": note.built_at.isoformat(),
            "as_of": note.as_of.isoformat() if note.as_of else None,
            "code_version": note.code_version,
            "lake_fingerprint": note.lake_fingerprint,
        },
        "headline": {language: dict(words[language]) for language in sorted(words)},
        "tables": {
            name: {
                "hash": note.hashes.get(f"reports.{name}"),
                "columns": [{"name": one.name, "type": one.type, "description": one.comment} for one in columns[name]],
                "rows": [{key: numerals.to_json_value(value) for key, value in row.items()} for row in rows],
            }
            for name, rows in tables.items()
        },
    }


def json_bytes(value: Any) -> bytes:
    """UTF-8, one space of indent, keys in their order: the same bytes for the same values."""
    return (json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def schema_bytes() -> bytes:
    """The published JSON Schema of the report and of latest.json."""
    return read_template("schema.json").encode()
