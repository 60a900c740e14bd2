"""A simulated build with something done to its tables: the states that a page may be in, without a market for each."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb

HOSTILE = "=cmd()|'/c calc'!A1 <script>document.title='taken'</script> &amp; \u202egnp.exe\u202c \"'"
LONG = "x" * 300


def doctored(home: Path, folder: Path, *statements: str, day: date | None = None) -> Path:
    """A home in `folder` whose only build is that of `home` after `statements`; `$day` in them is the newest session."""
    builds = folder / "builds"
    builds.mkdir(parents=True)
    path = builds / "doctored.duckdb"
    shutil.copy((home / "warehouse.duckdb").resolve(), path)
    path.chmod(0o644)
    with duckdb.connect(str(path)) as con:
        newest = day or con.execute("select max(session_date) from reports.headline_indices").fetchall()[0][0]
        for statement in statements:
            con.execute(statement.replace("$day", f"date '{newest}'"))
    (folder / "warehouse.duckdb").symlink_to(Path("builds") / path.name)
    return folder


STOCK_TABLES = ("breadth", "flows_by_cap_band", "sector_scores", "fundamental_leaders", "analyst_actions")

# what is done for each state that the page has a banner for
STATES: dict[str, Sequence[str]] = {
    "first_day": [
        "create temp table first as select $day as day",
        *(
            f"delete from reports.{table} where session_date < (select day from first)"
            for table in (
                "headline_indices",
                "sector_performance",
                "rotation",
                "rotation_summary",
                "breadth",
                "policy_rates",
            )
        ),
    ],
    "missing": [
        "update ops.session_ledger set status = 'missing', rows = 0 where dataset = 'sector_bars' and session_date = $day",
        *(
            f"delete from reports.{table} where session_date = $day"
            for table in ("sector_performance", "rotation", "rotation_summary")
        ),
    ],
    "no_stocks": [
        "delete from ops.session_ledger where dataset = 'equity_bars'",
        *(f"delete from reports.{table}" for table in STOCK_TABLES),
    ],
    "provisional": ["update ops.session_ledger set status = 'provisional' where session_date = $day"],
    "partial": [
        "update ops.session_ledger set status = 'partial' where dataset = 'equity_bars' and session_date = $day",
    ],
    "implied": [
        "update ops.session_ledger set status = 'implied' where dataset = 'equity_bars' and session_date = $day"
    ],
    "not_begun": ["delete from ops.session_ledger where dataset = 'sector_bars'"],
    "stale": ["update ops.builds set built_at = built_at + interval 20 days"],
    "set_aside": [
        "insert into reports.data_quality (session_date, position, item, label_en, label_zh, subject, status, rows, "
        "note_en, note_zh) "
        "values ($day, 99, 'suspect_rows', 'Suspect rows', '可疑行', 'mixed_session', 'set aside', 5123, "
        "'rows hold the values of another session', '行中为另一交易日的数值')",
    ],
}

HOSTILE_STATEMENTS = (
    "insert into reports.analyst_actions (session_date, position, symbol, firm, from_grade, to_grade, action, action_label_en, "
    "action_label_zh, sector_label_en, sector_label_zh, price_target_usd, note_en, note_zh) select $day, 0, 'EVIL', "
    f"'{HOSTILE.replace(chr(39), chr(39) * 2)}', '{LONG}', '+1', 'up', 'upgrade', '上调', '@SUM(A1)', '\u200f\u202eabc', 1.5, "
    f"'{HOSTILE.replace(chr(39), chr(39) * 2)}', '{LONG}'",
)
