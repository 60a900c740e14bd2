"""`breadthwise run` in a process of its own, up to where it waits for a host that never answers; and the servers of its home."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from sources import plan
from tests.integration.conftest import ROOT
from tests.support.patience import HANG_SECONDS
from tests.support.silent import Silent

# asks for one series, and for nothing else
ONE_SERIES = "\n".join(
    [
        'symbols = { index_bars = ["SPX"] }',
        "[sources]",
        *(f"{name} = {['yahoo_bars'] if name == 'index_bars' else []}" for name in plan.ORDER),
    ]
)


def waiting_run(home: Path, host: Silent, settings: str = "") -> subprocess.Popen[str]:
    """`breadthwise run`, up to where it waits for its host."""
    home.mkdir()
    where = f'base_urls = {{ "*" = "http://127.0.0.1:{host.server_address[1]}" }}\n'
    (home / "breadthwise.toml").write_text(where + settings)
    command = [sys.executable, "-m", "flows.cli", "--home", str(home), "run", "--session", "2026-01-23"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment(), stderr=subprocess.PIPE, text=True)
    assert host.is_waiting.wait(HANG_SECONDS), process.poll()
    return process


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PREFECT")}


def servers(home: Path) -> list[tuple[int, int]]:
    records = (home / "prefect" / "servers").glob("*.json")
    return [(known["pid"], known["started"]) for known in (json.loads(record.read_text()) for record in records)]
