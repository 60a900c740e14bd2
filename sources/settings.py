"""The settings of a home, with each name of a source, a host and a benchmark in them checked against those that exist."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sources import catalog, plan
from warehouse.contracts.datasets import CONTRACTS
from warehouse.names import universe_name
from warehouse.settings import Settings
from warehouse.settings import load_home_settings as load_unchecked
from warehouse.settings.addresses import find_mistaken_addresses
from warehouse.settings.kinds import suggest_name
from warehouse.settings.load import Mistake


def load_settings(home: Path) -> Settings:
    """The settings of this home. Raises SettingsError that names all mistakes of its file."""
    return load_unchecked(home, lambda given: find_mistaken_names(home, given))


def find_mistaken_names(home: Path, given: Mapping[str, Any]) -> Iterator[Mistake]:
    """Names in the values of a file that mean nothing. Values of a wrong type are left to the model."""
    yield from _source_mistakes(_settings_table(given, "sources"))
    hosts = _known_hosts() if "pace" in given or "base_urls" in given else set()
    for setting in ("pace", "base_urls"):
        for host in _settings_table(given, setting):
            if host not in hosts and not (setting == "base_urls" and host == "*"):
                yield Mistake((setting, host), f"is no host of a source{suggest_name(host, hosts)}")
    yield from _universe_mistakes(_settings_table(given, "symbols"))
    yield from _benchmark_mistakes(home, given)
    yield from find_mistaken_addresses(given)


def _source_mistakes(table: Mapping[str, Any]) -> Iterator[Mistake]:
    for dataset, names in table.items():
        if dataset not in CONTRACTS:
            continue
        for position, name in enumerate(names if isinstance(names, list) else []):
            fault = plan.fault_of_source(dataset, name) if isinstance(name, str) else None
            if fault is not None:
                yield Mistake(("sources", dataset, position), f"= {json.dumps(name)}: {fault}")


def _universe_mistakes(table: Mapping[str, Any]) -> Iterator[Mistake]:
    """Lists of members that are asked for under a name that no list may have."""
    names = table.get("memberships")
    for position, name in enumerate(names if isinstance(names, list) else []):
        try:
            universe_name(name if isinstance(name, str) else "sp500")
        except ValueError as error:
            yield Mistake(("symbols", "memberships", position), f"= {json.dumps(name)}: {error}")


def _known_hosts() -> set[str]:
    return {host for adapter in catalog.adapters_by_name().values() for host in adapter.HOSTS}


def _benchmark_mistakes(home: Path, given: Mapping[str, Any]) -> Iterator[Mistake]:
    """A fund that nobody asks for is looked up in the lake: files bring others."""
    name, asked = (
        given.get("benchmark"),
        _settings_table(given, "symbols").get("sector_bars", plan.SYMBOLS["sector_bars"]),
    )
    if not isinstance(name, str) or not name or not isinstance(asked, list | tuple) or name in asked:
        return
    held = _known_funds(home)
    if name not in held:
        known = {one for one in asked if isinstance(one, str)} | held
        yield Mistake(
            ("benchmark",),
            f"= {json.dumps(name)} is no fund of the lake or of symbols.sector_bars{suggest_name(name, known)}",
        )


def _known_funds(home: Path) -> set[str]:
    # every command reads settings, few need the lake for it, and the lake imports Arrow
    from warehouse.duck import cursor
    from warehouse.lake.facts import scan_files_sql
    from warehouse.lake.lake import Lake

    files = Lake(home).manifest().files_of_dataset("sector_bars")
    if not files:
        return set()
    with cursor() as con:
        return {
            name for (name,) in con.execute(f"select distinct symbol from {scan_files_sql(home, files)}").fetchall()
        }


def _settings_table(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = given.get(name)
    return value if isinstance(value, Mapping) else {}
