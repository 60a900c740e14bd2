"""Who withdrew a row of a session, and why: its tombstone in the lake, with the run of the journal that wrote it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from warehouse.contracts.datasets import CONTRACTS
from warehouse.duck import instant_literal, quote_identifiers
from warehouse.lake.commit import open_workspace
from warehouse.lake.facts import scan_facts_sql
from warehouse.lake.lake import Lake
from warehouse.runs.journal import Journal

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_KINDS = ("withdraw", "import undo")


def describe_withdrawals(home: Path, symbol: str, day: date, known_by: datetime) -> list[str]:
    """A line for each row of the symbol and session that stands withdrawn at `known_by`: of which source, when, by whom, why."""
    manifest = Lake(home).manifest()
    lines = []
    for contract in CONTRACTS.values():
        files = manifest.files_of_dataset(contract.name, {day.year})
        if not {"symbol", "session_date"} <= set(contract.key) or not files:
            continue
        query = f"""select source, known_at from {scan_facts_sql(contract, home, files)}
            where symbol = ? and session_date = ? and known_at <= {instant_literal(known_by)}
            qualify row_number() over (
                partition by {quote_identifiers(contract.key)} order by known_at desc, payload_sha256 desc
            ) = 1 and is_withdrawn order by known_at desc, source"""
        with open_workspace(home) as con:
            rows = con.execute(query, [symbol, day]).fetchall()
        for source, instant in rows:
            found = find_withdrawal(home, instant)
            by = f" by run {found[0]}: {found[1]}" if found else ""
            lines.append(f"its row of {source} in {contract.name} was withdrawn on {instant:%Y-%m-%d}{by}")
    return lines


def withdrawals_of_row(home: Path, key: Mapping[str, str], known_by: datetime) -> str:
    """The same of the row with this key, each after a semicolon; '' where it names no session, or no symbol or index."""
    symbol = key.get("symbol") or key.get("index_id") or key.get("instrument_id")
    day = _DAY.fullmatch(key.get("session_date", ""))
    if not symbol or not day:
        return ""
    return "".join(f"; {line}" for line in describe_withdrawals(home, symbol, date.fromisoformat(day[0]), known_by))


def find_withdrawal(home: Path, instant: datetime) -> tuple[str, str] | None:
    """The withdrawal or undo of that instant, and what it says of itself; None where the journal has none."""
    for run in Journal(home).list_runs():
        if run["kind"] in _KINDS and run["started_at"] == instant:
            return run["run_id"], run["message"]
    return None
