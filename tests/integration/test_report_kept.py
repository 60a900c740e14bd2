"""Which reports stay, which go, and what many reports leave behind however their writing ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from flows import cli
from flows.console.context import Reporter
from flows.report import bulk
from flows.report.folder import prune_reports, write_folder
from reports.session import session_files
from tests.integration.conftest import LAST_SESSION, ROOT
from tests.support.doctored import doctored
from tests.support.patience import HANG_SECONDS, wait_until
from warehouse.settings import Settings

ENGLISH = ("en",)
SESSIONS = ["2026-01-20", "2026-01-21", LAST_SESSION]


def kept(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("????-??-??"))


def written(folder: Path, session: str, on: str) -> None:
    write_folder(folder / session, {"manifest.json": b"{}"})
    instant = datetime.fromisoformat(on).replace(tzinfo=UTC).timestamp()
    os.utime(folder / session / "manifest.json", (instant, instant))


def test_a_report_stays_from_the_later_of_session_and_writing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(tmp_path, "2010-01-04", "2025-03-27")
    written(tmp_path, "2010-01-05", "2025-03-28")
    written(tmp_path, "2025-03-28", "2025-01-02")
    written(tmp_path, "2026-01-22", "2026-01-22")
    assert prune_reports(tmp_path, 300, Reporter()) == ["2010-01-04"]
    assert kept(tmp_path) == ["2010-01-05", "2025-03-28", "2026-01-22"]
    line = "reports removed, older than keep_reports_days (300) by session and by writing: 1\n"
    assert capsys.readouterr().err == line
    assert prune_reports(tmp_path, 300, Reporter()) == []
    assert capsys.readouterr().err == ""


@pytest.fixture
def in_threads(monkeypatch: pytest.MonkeyPatch) -> list[date]:
    """Reports of `write_reports` are written here by one thread; the list grows by each."""
    made: list[date] = []

    def counting(reading: Any, day: date, *rest: Any) -> dict[str, bytes]:
        made.append(day)
        return session_files(reading, day, *rest)

    @contextmanager
    def pool(folder: Path, processes: int) -> Iterator[ThreadPoolExecutor]:
        with ThreadPoolExecutor(1) as executor:
            yield executor

    monkeypatch.setattr(bulk, "_worker_pool", pool)
    monkeypatch.setattr(bulk, "_CHUNK", 1)
    monkeypatch.setattr(bulk, "session_files", counting)
    return made


def test_many_reports_past_the_setting_stay_and_are_not_written_again(
    demo_template: Path,
    tmp_path: Path,
    in_threads: list[date],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = doctored(demo_template, tmp_path / "home")
    settings = Settings(keep_reports_days=0)
    assert bulk.write_reports(home, settings, 3, ENGLISH, 1, Reporter()) == bulk.Written(3, 0)
    assert (kept(home / "reports"), capsys.readouterr().err) == (SESSIONS, "")
    page = home / "reports" / SESSIONS[1] / "en.html"
    page.write_bytes(page.read_bytes() + b" ")
    in_threads.clear()
    assert bulk.write_reports(home, settings, 3, ENGLISH, 1, Reporter()) == bulk.Written(1, 2)
    assert in_threads == [date.fromisoformat(SESSIONS[1])]
    other = Settings(keep_reports_days=0, up_is_red_in=["en"])
    assert bulk.write_reports(home, other, 1, ENGLISH, 1, Reporter()) == bulk.Written(1, 0)
    assert bulk.write_reports(home, other, 1, ("en", "zh"), 1, Reporter()) == bulk.Written(1, 0)
    monkeypatch.setattr(bulk, "page_version", lambda: "other code")
    assert bulk.write_reports(home, other, 1, ("en", "zh"), 1, Reporter()) == bulk.Written(1, 0)


def test_a_failure_leaves_the_index_with_what_is_written(
    demo_template: Path, tmp_path: Path, in_threads: list[date], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = doctored(demo_template, tmp_path / "home")

    def failing(reading: Any, day: date, *rest: Any) -> dict[str, bytes]:
        if day.isoformat() == SESSIONS[1]:
            raise OSError("no space")
        return session_files(reading, day, *rest)

    monkeypatch.setattr(bulk, "session_files", failing)
    with pytest.raises(OSError, match="no space"):
        bulk.write_reports(home, Settings(), 2, ENGLISH, 1, Reporter())
    assert links_of_index(home) == set(kept(home / "reports")) == {LAST_SESSION}


def links_of_index(home: Path) -> set[str]:
    index = home / "reports" / "index.html"
    return set(re.findall(r'href="(\d{4}-\d\d-\d\d)/', index.read_text(encoding="utf-8"))) if index.exists() else set()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_leaves_whole_reports_and_an_index_of_them(
    number: signal.Signals, demo_template: Path, tmp_path: Path
) -> None:
    home = doctored(demo_template, tmp_path / "home")
    process = subprocess.Popen(
        [sys.executable, "-m", "flows.cli", "--home", str(home), "report", "--last", "200", "--lang", "en"],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert wait_until(lambda: process.poll() is not None or len(kept(home / "reports")) > 0)
        # a terminal sends Ctrl-C to every process of the command
        (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)
        _, errors = process.communicate(timeout=HANG_SECONDS)
    finally:
        process.kill()
    assert (process.returncode, errors) == (
        1,
        "breadthwise report: stopped; what was committed stays, run it again to go on\n",
    )
    assert 0 < len(kept(home / "reports")) < 200
    assert links_of_index(home) == set(kept(home / "reports"))
    assert [path.name for path in (home / "reports").glob(".*") if path.is_dir()] == []


def test_a_report_of_an_old_session_is_there_after_the_next(demo_template: Path, tmp_path: Path) -> None:
    home = doctored(demo_template, tmp_path / "home")
    (home / "breadthwise.toml").write_text("keep_reports_days = 0\n", encoding="utf-8")
    for arguments in (["--session", "2025-06-02"], []):
        assert cli.main(["--home", str(home), "--quiet", "report", "--lang", "en", *arguments]) == 0
    assert kept(home / "reports") == ["2025-06-02", LAST_SESSION]
