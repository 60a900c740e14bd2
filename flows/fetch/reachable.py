"""Is anybody there: all hosts of some sources asked at once for a sign of life, before any real work is begun."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sources import plan
from sources.base import Adapter
from warehouse.errors import TransientSourceError
from warehouse.settings import Settings

if TYPE_CHECKING:
    from sources.http.client import Client

LIMIT_SECONDS = 4.0


class OfflineError(TransientSourceError):
    """Not one of the hosts answers."""


@dataclass(frozen=True)
class Reach:
    """Of each host asked '' where it answers, else why it does not. `is_local`: some source needs no host at all."""

    silent: dict[str, str]
    is_local: bool = False

    @property
    def is_offline(self) -> bool:
        """Nobody answers, and nothing can be had without an answer."""
        return bool(self.silent) and all(self.silent.values()) and not self.is_local

    def __str__(self) -> str:
        hosts = f"{len(self.silent)} hosts" if len(self.silent) > 1 else f"1 host ({', '.join(self.silent)})"
        return f"none of {hosts} answers; is this machine online?"


def askable_sources(datasets: Iterable[str], settings: Settings) -> dict[str, list[Adapter]]:
    """The sources of each dataset that can be asked: those whose key is there. Raises SettingsError for unknown ones."""
    return {
        dataset: [source for source in plan.sources_for_dataset(dataset, settings) if plan.missing_key(source) is None]
        for dataset in datasets
    }


def probe_hosts(home: Path, settings: Settings, sources: Iterable[Adapter], clock: Callable[[], datetime]) -> Reach:
    """Ask the hosts of `sources`, all at once; whoever says nothing within LIMIT_SECONDS counts as silent."""
    from sources.http.client import Client, HttpSettings

    listed = list(sources)
    hosts = sorted({host for source in listed for host in source.HOSTS})
    client = Client(home, clock, HttpSettings(), settings.base_urls)
    found: dict[str, str] = {}
    # daemons: the resolution of a name cannot be given up, and must not hold the program back
    threads = [threading.Thread(target=_probe_host, args=(client, host, found), daemon=True) for host in hosts]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + LIMIT_SECONDS
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    answers = dict(found)
    return Reach(
        {host: answers.get(host, "no answer in time") for host in hosts},
        is_local=any(not source.HOSTS for source in listed),
    )


def _probe_host(client: Client, host: str, found: dict[str, str]) -> None:
    found[host] = client.why_silent(host, LIMIT_SECONDS)


def offline_gap_lines(reach: Reach, asked: dict[str, list[Adapter]]) -> list[str]:
    """What nobody gave, as the lines of one table: dataset, the sources that would be asked, why their hosts did not answer."""
    rows = [("dataset", "asked of", "what happened")]
    for dataset, sources in asked.items():
        causes = {reach.silent[host]: None for source in sources for host in source.HOSTS}
        if sources:
            rows.append((dataset, ", ".join(source.NAME for source in sources), "; ".join(causes)))
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    return [f"{one:<{widths[0]}}  {two:<{widths[1]}}  {three}" for one, two, three in rows]
