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
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from flows.console.context import Reporter
from flows.console.stopping import at_exit
from warehouse.durable_io import is_process_alive, process_start_time
from warehouse.errors import BreadthwiseError

_START_SECONDS = 600
_END_SECONDS = 1.0


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
    process, port, log = _start_server(home, is_scheduling)
    record = _write_record(home, process.pid)
    end = partial(_end_server, process, record)
    at_exit.append(end)
    url = f"http://127.0.0.1:{port}/api"
    try:
        os.environ["PREFECT_API_URL"] = url
        meanwhile()
        _wait_until_healthy(url, process, log)
        yield url
    except KeyboardInterrupt:
        # left to the end of the program, which is near: prefect's threads would complain of a server that is gone
        raise
    except BaseException:
        _close_server(end)
        raise
    else:
        _close_server(end)
    finally:
        os.environ.pop("PREFECT_API_URL", None)


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


def _write_record(home: Path, pid: int) -> Path:
    """Note the server and who started it, by pid and start time."""
    path = _records_folder(home) / f"{pid}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    me = os.getpid()
    started = {"started": process_start_time(pid) or 0, "by": me, "by_started": process_start_time(me) or 0}
    path.write_text(json.dumps({"pid": pid, **started}), encoding="utf-8")
    return path


def _start_server(home: Path, is_scheduling: bool) -> tuple[subprocess.Popen[bytes], int, Path]:
    port = _free_port()
    log = home / "prefect" / "server.log"
    command = [
        sys.executable,
        "-m",
        "prefect",
        "server",
        "start",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    # a run that ends soon needs neither a scheduler nor the user interface
    command += [] if is_scheduling else ["--no-ui", "--no-scheduler", "--no-late-runs"]
    with log.open("ab") as output:
        # a session of its own: Ctrl-C is for the command, which then ends the server in its own time
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            # the page asks the server that it came from, else it asks port 4200; and it advertises nothing
            env={**os.environ, "PREFECT_UI_API_URL": "/api", "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false"},
        )
    return process, port, log


def _end_server(process: subprocess.Popen[bytes], record: Path) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(timeout=_END_SECONDS)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    record.unlink(missing_ok=True)


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise ServerError(f"the Prefect server ended with code {process.returncode} before it was up; see {log}")
        if _health_status(url) == 200:
            return
        time.sleep(0.1)
    raise ServerError(f"the Prefect server was not up after {_START_SECONDS} s; see {log}")


def check_server_answers(url: str) -> None:
    """Raises ServerError where nobody answers at `url`, an address of Prefect's API; any status is an answer."""
    if _health_status(url) is None:
        raise ServerError(
            f"no Prefect server answers at {url} (PREFECT_API_URL); start it with `prefect server start`, or unset the "
            "variable: `run`, `backfill` and `serve` then start one of their own"
        )


def _health_status(url: str) -> int | None:
    """Of one request for the server's health; None where there is no answer."""
    # these take longer to import than the rest of this file, which is read to look for orphans
    import http.client
    import urllib.error
    import urllib.request

    try:
        with urllib.request.urlopen(f"{url.rstrip('/')}/health", timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (OSError, ValueError, http.client.HTTPException):
        return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
