"""Each configured source tried with one small request: does it answer, how fast, and if not, what is to be done."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from flows.fetch.reachable import Reach, probe_hosts
from sources import plan
from sources.base import Adapter, Request
from sources.http.client import Client, HttpSettings
from warehouse.errors import NoData, SourceError
from warehouse.settings import Settings

# One look, no patience: who is slow or away is told so.
_SECONDS = 20.0
# What a source of single symbols is asked for where the settings name none.
_SAMPLE = "AAPL"
_THREADS = 8


@dataclass(frozen=True)
class Examined:
    """One line of the table. `state` is ok, failed or unasked, `latency_seconds` None where nothing was asked;
    `last_good` is from before, UTC."""

    source: str
    dataset: str
    state: str
    rows: int
    latency_seconds: float | None
    last_good: str
    message: str


@dataclass(frozen=True)
class Examination:
    """A line for each source; `offline` says in one line that not one host answers, and is '' where some do."""

    lines: list[Examined]
    offline: str = ""


def examine_sources(home: Path, settings: Settings, session: date, clock: Callable[[], datetime]) -> Examination:
    """All configured sources, each with the first dataset that it is configured for, about `session`.

    First all hosts are asked at once for a sign of life: where none gives one, nobody is asked more. Raises SettingsError
    for unknown sources.
    """
    first: dict[str, tuple[Adapter, str]] = {}
    for dataset in plan.daily_datasets(settings):
        for source in plan.sources_for_dataset(dataset, settings):
            first.setdefault(source.NAME, (source, dataset))
    impatient = HttpSettings(
        connect_seconds=5, read_seconds=_SECONDS, total_seconds=_SECONDS, attempts=1, pace=settings.pace
    )
    client = Client(home, clock, impatient, settings.base_urls)
    asked = [source for source, _ in first.values() if plan.missing_key(source) is None]
    # sources share hosts: what one is answered now is not from before for another
    last_good = {
        source.NAME: max((client.host_state(host).last_good for host in source.HOSTS), default="")[:19]
        for source, _ in first.values()
    }
    found = probe_hosts(home, settings, asked, clock)

    def examine(pair: tuple[Adapter, str]) -> Examined:
        return _examine_source(client, settings, session, found, last_good[pair[0].NAME], *pair)

    with ThreadPoolExecutor(_THREADS) as pool:
        lines = list(pool.map(examine, first.values()))
    return Examination(lines, str(found) if found.is_offline else "")


def _examine_source(
    client: Client, settings: Settings, session: date, found: Reach, last_good: str, source: Adapter, dataset: str
) -> Examined:
    if plan.missing_key(source) is not None:
        what_to_do = f"set {plan.describe_wanted_key(source)} in the environment"
        return Examined(source.NAME, dataset, "unasked", 0, None, last_good, what_to_do)
    if found.is_offline and source.HOSTS:
        message = (
            f"{source.HOSTS[0]}: {found.silent[source.HOSTS[0]]}; try again later, or see whether a proxy is in the way"
        )
        return Examined(source.NAME, dataset, "failed", 0, None, last_good, message)
    wanted = plan.sessions_to_request(dataset, session, settings)[-1:]
    symbols = plan.symbols_for_dataset(dataset, settings)[:1] or [_SAMPLE]
    requests = source.requests_for(dataset, symbols, wanted[-1], wanted[-1]) if wanted else []
    if not requests:
        nothing = f"nothing to ask about {session}; see symbols in breadthwise.toml"
        return Examined(source.NAME, dataset, "unasked", 0, None, last_good, nothing)
    began = time.monotonic()
    state, rows, message = _ask_source(client, source, requests[0])
    return Examined(source.NAME, dataset, state, rows, round(time.monotonic() - began, 3), last_good, message)


def _ask_source(client: Client, source: Adapter, request: Request) -> tuple[str, int, str]:
    try:
        payload, answered = source.fetch(client, request)
        parsed = source.parse(payload, answered)
    except NoData as error:
        return "ok", 0, f"answers, and has nothing: {client.masked(str(error))}"
    except SourceError as error:
        # a parser quotes the answer, which may give the key back
        return "failed", 0, client.masked(str(error))
    rows = sum(table.num_rows for table in parsed.tables.values())
    return "ok", rows, f"{len(parsed.rejected)} rows refused" if parsed.rejected else ""
