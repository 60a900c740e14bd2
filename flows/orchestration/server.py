"""A Prefect server of the home for as long as a command runs; its record lets a later command end one that was orphaned."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from flows.console.context import Reporter
from flows.console.stopping import at_exit
from flows.orchestration import server_faults
from warehouse.durable_io import is_process_alive, process_start_time
from warehouse.errors import BreadthwiseError

_START_SECONDS = 600
_END_SECONDS = 1.0
_WATCH_SECONDS = 0.5
_MOST_RESTARTS = 3
_SERVER_SETTINGS = {
    # the page asks the server that it came from, else it asks port 4200; and it advertises nothing
    "PREFECT_UI_API_URL": "/api",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    # a server that is started again knows who holds which slot; in memory it would cut off the runs that hold one
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
}


class ServerError(BreadthwiseError):
    """The Prefect server could not be started or reached."""


@contextlib.contextmanager
def running_server(
    home: Path, reporter: Reporter, *, is_scheduling: bool, meanwhile: Callable[[], None] = lambda: None
) -> Iterator[str]:
    """The address of a Prefect server: the one that PREFECT_API_URL names, else one on a free port of the loopback.

    Its database lies under the home. `is_scheduling`: with its scheduler and its user interface, which a single run does
    not need. While the block runs PREFECT_API_URL names it; call `use_home` before, and import prefect inside, or in
    `meanwhile`, which is done while the server starts. Raises ServerError.
    """
    configured = os.environ.get("PREFECT_API_URL")
    if configured:
        check_server_answers(configured)
        meanwhile()
        yield configured
        return
    reporter.print_line(f"starting a Prefect server (about {20 if is_scheduling else 10} seconds) ...")
    server = _Server(home, reporter, is_scheduling)
    server.start()
    at_exit.append(server.end)
    try:
        os.environ["PREFECT_API_URL"] = server.url
        meanwhile()
        server.wait_until_healthy()
        server.watch()
        yield server.url
    except KeyboardInterrupt:
        # left to the end of the program, which is near: prefect's threads would complain of a server that is gone
        raise
    except BaseException:
        _close_server(server.end)
        raise
    else:
        _close_server(server.end)
    finally:
        os.environ.pop("PREFECT_API_URL", None)


def is_configured() -> bool:
    """Whether PREFECT_API_URL names a server, so that commands start none; ask before one is started."""
    return bool(os.environ.get("PREFECT_API_URL"))


class _Server:
    """A server of one command: started, started again where it ends before its time, and ended with the command."""

    def __init__(self, home: Path, reporter: Reporter, is_scheduling: bool) -> None:
        self._home, self._reporter, self._is_scheduling = home, reporter, is_scheduling
        self._port = _free_port()
        self.url = f"http://127.0.0.1:{self._port}/api"
        self._log = home / "prefect" / "server.log"
        self._ending = threading.Event()
        self._lock = threading.Lock()

    def start(self) -> None:
        self._log_start = self._log.stat().st_size if self._log.exists() else 0
        self._process = _start_process(self._log, self._port, self._is_scheduling)
        self._record = _write_record(self._home, self._process.pid, self._is_scheduling)

    def wait_until_healthy(self) -> None:
        """Raises ServerError where the server ends before, with the reason; a database that is damaged is moved aside once."""
        moved = False
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                log_text = self._new_log_text()
                if moved or not server_faults.is_database_damaged(log_text):
                    raise ServerError(self._describe_end(log_text))
                aside = server_faults.move_damaged_database(self._home, datetime.now(UTC))
                self._reporter.print_problem(
                    f"the Prefect database was damaged: it is now {aside}, and a new one is begun; only the history of flow "
                    "runs is lost"
                )
                moved = True
                self._record.unlink(missing_ok=True)
                self.start()
            elif _health_answer(self.url)[1]:
                return
            time.sleep(0.1)
        raise ServerError(f"the Prefect server was not up after {_START_SECONDS} s; see {self._log}")

    def _new_log_text(self) -> str:
        with contextlib.suppress(OSError), self._log.open("rb") as handle:
            handle.seek(self._log_start)
            return handle.read().decode("utf-8", "replace")
        return ""

    def _describe_end(self, log_text: str) -> str:
        why = server_faults.explain_end(self._home, log_text)
        ended = f"the Prefect server ended with code {self._process.returncode} before it was up"
        return f"{ended}: {why} (log: {self._log})" if why else f"{ended}; see {self._log}"

    def watch(self) -> None:
        """From now on a server that ends is started again on the same port: who asks it asks again for a minute."""
        threading.Thread(target=self._start_again, name="prefect server", daemon=True).start()

    def _start_again(self) -> None:
        times = 0
        while not self._ending.wait(_WATCH_SECONDS):
            if self._process.poll() is None:
                continue
            ended = f"the Prefect server ended (code {self._process.returncode}; log: {self._log})"
            if times == _MOST_RESTARTS:
                self._reporter.print_problem(f"{ended} once more, and is not started again")
                return
            times += 1
            with self._lock:
                if self._ending.is_set():
                    return
                self._reporter.print_problem(f"{ended}; it is started again, and the work goes on")
                self._record.unlink(missing_ok=True)
                self.start()

    def end(self) -> None:
        self._ending.set()
        with self._lock:
            _end_process(self._process)
            self._record.unlink(missing_ok=True)


def _close_server(end: Callable[[], None]) -> None:
    _flush_prefect_logs()
    end()
    at_exit.remove(end)


def _flush_prefect_logs() -> None:
    """Prefect sends its log and what became of its tasks from threads, which should not find the server gone."""
    for name in ("prefect.flow_runs", "prefect.task_runs"):
        for handler in logging.getLogger(name).handlers:
            handler.flush()
    if "prefect.events.worker" in sys.modules:
        sys.modules["prefect.events.worker"].EventsWorker.drain_all(timeout=_END_SECONDS)


def end_orphans(home: Path) -> None:
    """End the servers of this home whose command is gone. A pid alone names nobody: its start time must fit, too."""
    for record in _records_folder(home).glob("*.json"):
        try:
            known = json.loads(record.read_text(encoding="utf-8"))
            server, owner = (int(known["pid"]), int(known["started"])), (int(known["by"]), int(known["by_started"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if is_process_alive(*owner):
            continue
        if is_process_alive(*server):
            with contextlib.suppress(OSError):
                os.killpg(server[0], signal.SIGTERM)
        with contextlib.suppress(OSError):
            record.unlink()


def _records_folder(home: Path) -> Path:
    return home / "prefect" / "servers"


def is_served_by_another(home: Path) -> bool:
    """Whether another command that is alive runs a server with a scheduler for this home: another `serve`."""
    for record in _records_folder(home).glob("*.json"):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            known = json.loads(record.read_text(encoding="utf-8"))
            owner = int(known["by"]), int(known["by_started"])
            if known.get("is_scheduling") and owner[0] != os.getpid() and is_process_alive(*owner):
                return True
    return False


def _write_record(home: Path, pid: int, is_scheduling: bool) -> Path:
    """Note the server and who started it, by pid and start time."""
    path = _records_folder(home) / f"{pid}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    me = os.getpid()
    started = {"started": process_start_time(pid) or 0, "by": me, "by_started": process_start_time(me) or 0}
    path.write_text(json.dumps({"pid": pid, **started, "is_scheduling": is_scheduling}), encoding="utf-8")
    return path


def _start_process(log: Path, port: int, is_scheduling: bool) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    # a run that ends soon needs neither a scheduler nor the user interface
    command += [] if is_scheduling else ["--no-ui", "--no-scheduler", "--no-late-runs"]
    with log.open("ab") as output:
        # a session of its own: Ctrl-C is for the command, which then ends the server in its own time
        return subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"} | _SERVER_SETTINGS,
        )


def _end_process(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(timeout=_END_SECONDS)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def check_server_answers(url: str) -> None:
    """Raises ServerError where nobody answers at `url`, or what answers is no API of Prefect."""
    status, is_healthy = _health_answer(url)
    if status is None:
        raise ServerError(
            f"no Prefect server answers at {url} (PREFECT_API_URL); start it with `prefect server start`, or unset the "
            "variable: `run`, `backfill` and `serve` then start one of their own"
        )
    # who asks for a key, or is in trouble for the moment, may be Prefect
    if not is_healthy and status not in (401, 403) and status < 500:
        raise ServerError(
            f"what answers at {url} (PREFECT_API_URL) is no Prefect API; the address ends in /api, such as "
            "http://127.0.0.1:4200/api"
        )


def _health_answer(url: str) -> tuple[int | None, bool]:
    """The status of one request for the server's health, None where there is no answer; and whether it is Prefect's yes."""
    # these take longer to import than the rest of this file, which is read to look for orphans
    import http.client
    import urllib.error
    import urllib.request

    try:
        with urllib.request.urlopen(f"{url.rstrip('/')}/health", timeout=5) as answer:
            return int(answer.status), answer.read(100).strip() == b"true"
    except urllib.error.HTTPError as error:
        return error.code, False
    except (OSError, ValueError, http.client.HTTPException):
        return None, False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
