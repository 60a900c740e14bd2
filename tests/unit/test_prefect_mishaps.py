"""What goes wrong with Prefect's server, its address and its schedule: one line each, with what to do."""

from __future__ import annotations

import importlib
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from flows import cli
from flows.console.mishaps import to_breadthwise_error
from flows.orchestration import server, server_faults
from flows.orchestration.serve import _check_cron
from warehouse.durable_io import process_start_time
from warehouse.errors import UsageError

# the library that Prefect's client asks through
httpx: Any = importlib.import_module("httpx")
NOW = datetime(2026, 1, 23, 23, 30, tzinfo=UTC)


@contextmanager
def _answering(status: int, body: bytes) -> Iterator[str]:
    """The address of a program that answers whatever it is asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Silent: pytest's output is for tests."""

    with HTTPServer(("127.0.0.1", 0), Handler) as answering:
        threading.Thread(target=answering.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{answering.server_address[1]}"
        answering.shutdown()


@pytest.mark.parametrize(
    ("status", "body"), [(200, b"<!doctype html>"), (404, b'{"detail":"Not Found"}'), (200, b"{}")]
)
def test_an_address_of_another_program_is_named(
    status: int, body: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page of Prefect's user interface, which answers anything without `/api`, among them."""
    with _answering(status, body) as url:
        monkeypatch.setenv("PREFECT_API_URL", url)
        assert cli.main(["--home", str(tmp_path), "deploy"]) == 1
    assert capsys.readouterr().err == (
        f"breadthwise deploy: what answers at {url} (PREFECT_API_URL) is no Prefect API; the address ends in /api, such as "
        "http://127.0.0.1:4200/api\n"
    )


@pytest.mark.parametrize(("status", "body"), [(200, b"true"), (401, b""), (503, b"")])
def test_a_server_that_wants_a_key_or_is_in_trouble_may_be_prefect(status: int, body: bytes) -> None:
    with _answering(status, body) as url:
        server.check_server_answers(url)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (
            "sqlalchemy.exc.DatabaseError: (sqlite3.DatabaseError) file is not a database",
            "its database {database} is damaged; move it away, with any -wal and -shm beside it, and run the same command again: "
            "only the history of flow runs is lost with prefect.db",
        ),
        (
            "(sqlite3.OperationalError) database or disk is full",
            "the disk of {folder} is full; free space and run the same command again",
        ),
        (
            "sqlite3.OperationalError: attempt to write a readonly database",
            "its database {database} cannot be written; see that {folder} is writable",
        ),
        (
            "Can't locate revision identified by 'abc'",
            "its database {database} is not one of this Prefect; move it away",
        ),
        ("anything else", ""),
    ],
)
def test_why_a_server_did_not_come_up(said: str, why: str, tmp_path: Path) -> None:
    database = server_faults.database_of(tmp_path)
    database.parent.mkdir()
    found = server_faults.explain_end(tmp_path, said)
    assert found.startswith(why.format(database=database, folder=database.parent))
    assert bool(found) == bool(why)


def test_who_holds_a_locked_database_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = server_faults.database_of(tmp_path)
    database.parent.mkdir()
    own = os.getpid()
    monkeypatch.setattr(os, "getpid", lambda: own + 1)
    with database.open("wb"):
        found = server_faults.explain_end(tmp_path, "sqlite3.OperationalError: database is locked")
    holder = (
        f" by {Path('/proc/self/comm').read_text().strip()} (process {own})" if Path("/proc/self/fd").exists() else ""
    )
    assert (
        found
        == f"its database {database} is locked{holder}; end the program that holds it and run the same command again"
    )


def test_a_database_is_moved_with_what_lies_beside_it(tmp_path: Path) -> None:
    database = server_faults.database_of(tmp_path)
    database.parent.mkdir()
    for suffix in ("", "-wal"):
        database.with_name(database.name + suffix).write_text(suffix)
    aside = server_faults.move_damaged_database(tmp_path, NOW)
    assert sorted(path.name for path in database.parent.iterdir()) == [aside.name, f"{aside.name}-wal"]
    assert aside.name == "prefect.db.damaged-20260123T233000"


def test_a_server_that_went_away_is_no_internal_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setenv("BREADTHWISE_HOME", str(tmp_path))
    found = to_breadthwise_error(httpx.ConnectError("All connection attempts failed"))
    assert str(found) == (
        f"the Prefect server (log: {tmp_path}/prefect/server.log) did not do what it was asked: All connection attempts failed; "
        "what was committed stays, and the same command goes on where this one ended"
    )
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:4200/api")
    found = to_breadthwise_error(httpx.ReadTimeout(""))
    assert "http://127.0.0.1:4200/api (PREFECT_API_URL) did not do what it was asked: ReadTimeout" in str(found)


@pytest.mark.parametrize("cron", ["0 18 LW * *", "0 30 18 * * 1-5"])
def test_a_schedule_that_prefect_refuses_is_wrong_use(
    cron: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    with pytest.raises(UsageError, match="Prefect refuses it; write minute, hour, day, month and weekday"):
        _check_cron(cron)
    _check_cron("30 18 * * 1-5")


def test_another_serve_of_the_home_is_known_by_its_record(tmp_path: Path) -> None:
    folder = tmp_path / "prefect" / "servers"
    folder.mkdir(parents=True)
    parent = os.getppid()
    record = {"pid": 1, "started": 1, "by": parent, "by_started": process_start_time(parent), "is_scheduling": True}
    for name, by_started in (("alive", record["by_started"]), ("dead", 1)):
        (folder / "1.json").write_text(json.dumps({**record, "by_started": by_started}))
        assert server.is_served_by_another(tmp_path) == (name == "alive")
    (folder / "1.json").write_text(json.dumps({**record, "is_scheduling": False}))
    assert not server.is_served_by_another(tmp_path)
