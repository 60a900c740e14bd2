"""A stranger's query in a process of its own: one SELECT, read-only, with limits of memory, time and rows, and a kill.

Run as a module it is the child: it reads a request as JSON from its standard input and answers as JSON.
"""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from warehouse.errors import UsageError

# of the processor, so that a busy machine refuses nothing; by the clock five times as many, where it is very busy
SECONDS = 4
_CLOCK_SECONDS_A_SECOND = 5
ROWS = 1000
# of the child: data that it may hold, and what DuckDB may use of that
_DATA_BYTES = 450 * 2**20
_DUCKDB_LIMIT = "200MB"
_TEXT = 500
_ITEMS = 100
_ANSWER_BYTES = 4 * 2**20


def run_query(path: Path, sql: str, rows: int = ROWS, seconds: int = SECONDS) -> dict[str, Any]:
    """`columns` (name, type) and `rows` of a SELECT on the build at `path`, and whether it `is_cut` at `rows` rows.

    Raises UsageError where `rows` is out of bounds, and where the query is refused, fails, or does not end within its limits.
    """
    if not 1 <= rows <= ROWS:
        raise UsageError(f"rows is {rows}; an answer has from 1 to {ROWS:,} rows")
    request = json.dumps({"path": str(path), "sql": sql, "rows": rows, "seconds": seconds})
    child = subprocess.Popen(
        [sys.executable, "-m", "reports.assistants.sandbox"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        start_new_session=True,
    )
    try:
        answer, _ = child.communicate(request.encode(), timeout=seconds * _CLOCK_SECONDS_A_SECOND)
        is_in_time = child.returncode != -signal.SIGXCPU
    except subprocess.TimeoutExpired:
        child.kill()
        child.communicate()
        is_in_time = False
    if not is_in_time:
        raise UsageError(f"the query was stopped after {seconds} seconds; ask for fewer rows or a simpler question")
    if child.returncode != 0 or not answer:
        raise UsageError("the query needed more memory than it may have (about 0.45 GB) and was stopped; ask for less")
    found: dict[str, Any] = json.loads(answer)
    if "error" in found:
        raise UsageError(found["error"])
    return found


def clean_text(text: str) -> str:
    """A vendor's text as data: without control and direction marks, and no longer than a note is."""
    # direction marks and zero-width signs are of category Cf, which is not printable
    kept = "".join(c for c in text if c.isprintable())
    return kept if len(kept) <= _TEXT else f"{kept[:_TEXT]} ... ({len(kept)} characters)"


def to_json_value(value: Any) -> Any:
    """A cell as JSON has it: whole numbers beyond 2**53, instants, NaN and Infinity as texts."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else json.dumps(value)
    if isinstance(value, list | tuple):
        cut = [f"... ({len(value)} items, {_ITEMS} are given)"] if len(value) > _ITEMS else []
        return [to_json_value(one) for one in value[:_ITEMS]] + cut
    if isinstance(value, dict):
        kept = {clean_text(str(name)): to_json_value(one) for name, one in list(value.items())[:_ITEMS]}
        return kept | ({"...": f"{len(value)} entries, {_ITEMS} are given"} if len(value) > _ITEMS else {})
    return clean_text(value.isoformat() if hasattr(value, "isoformat") else str(value))


def _answer_request(request: dict[str, Any]) -> dict[str, Any]:
    import duckdb

    from warehouse.duck import connect, without_end_mark

    try:
        statements = duckdb.extract_statements(request["sql"])
    except duckdb.Error as error:
        return {"error": f"not SQL: {_first_line(error)}"}
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        return {"error": "only one SELECT is taken; no other statement, and no second one behind a semicolon"}
    try:
        limits = {"threads": 1, "memory_limit": _DUCKDB_LIMIT, "temp_directory": ""}
        con = connect(Path(request["path"]), read_only=True, **limits)
        con.execute("set enable_external_access = false; set lock_configuration = true")
        query = without_end_mark(request["sql"])
        relation = con.sql(query)
        columns = list(zip(relation.columns, map(str, relation.types), strict=True))
        names = [f"c{number}" for number in range(len(columns))]
        # DuckDB gives instants with a zone to Python by a library that is not here
        given = [f"{n}::varchar as {n}" if "TIME ZONE" in t else n for n, (_, t) in zip(names, columns, strict=True)]
        sql = f"select {', '.join(given)} from ({query}\n) as q({', '.join(names)})"
        rows = con.sql(sql).limit(request["rows"] + 1).fetchall()
    except duckdb.OutOfMemoryException:
        return {"error": f"the query needs more than the {_DUCKDB_LIMIT} that it may use; ask for less"}
    except duckdb.Error as error:
        return {"error": f"the query failed: {_first_line(error)}"}
    kept = [[to_json_value(cell) for cell in row] for row in rows[: request["rows"]]]
    return {
        "columns": [{"name": clean_text(name), "type": kind} for name, kind in columns],
        "rows": kept,
        "is_cut": len(rows) > request["rows"],
    }


def _first_line(error: Exception) -> str:
    """DuckDB's message with its hint, without the excerpt of the statement."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return clean_text(" ".join(line for line in lines if not line.startswith(("LINE ", "^"))))


def _run_child_process() -> None:
    import resource

    request = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_DATA, (_DATA_BYTES, _DATA_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    # at the first limit the system sends SIGXCPU, at the second it kills
    resource.setrlimit(resource.RLIMIT_CPU, (request["seconds"], request["seconds"] + 1))
    answer = json.dumps(_answer_request(request))
    if len(answer) > _ANSWER_BYTES:
        answer = json.dumps(
            {"error": f"the answer has {len(answer):,} bytes; at most {_ANSWER_BYTES:,} are given; ask for less"}
        )
    sys.stdout.write(answer)


if __name__ == "__main__":
    _run_child_process()
