"""The sources that there are: every module of `sources/providers` is one."""

from __future__ import annotations

import importlib
import pkgutil
from typing import cast

from sources import providers
from sources.base import Adapter, Source
from warehouse.errors import UsageError


def parsers_by_name() -> dict[str, Source]:
    """All sources by name, in alphabetical order: those that ask a host and those that only read."""
    return dict(sorted((source.NAME, source) for source in map(_load_source, _module_stems())))


def adapters_by_name() -> dict[str, Adapter]:
    """The sources that ask a host, by name."""
    return {name: cast(Adapter, source) for name, source in parsers_by_name().items() if hasattr(source, "fetch")}


def find_parser(name: str) -> Source:
    """The source of this name. Raises UsageError that lists the names."""
    # its file is most often called like it: then the others need not be imported
    found = _load_source(name) if name in _module_stems() else None
    if found is None or name != found.NAME:
        found = parsers_by_name().get(name)
    if found is None:
        raise UsageError(f"no source {name[:40]!r}; choose from {', '.join(parsers_by_name())}")
    return found


def find_adapter(name: str) -> Adapter:
    """The source of this name that asks a host. Raises UsageError that lists the names."""
    found = find_parser(name)
    if not hasattr(found, "fetch"):
        raise UsageError(f"{name} asks no host; live sources are {', '.join(adapters_by_name())}")
    return cast(Adapter, found)


def is_live(name: str) -> bool:
    """Whether there is a source of this name that asks a host."""
    try:
        return hasattr(find_parser(name), "fetch")
    except UsageError:
        return False


def _module_stems() -> list[str]:
    return [module.name for module in pkgutil.iter_modules(providers.__path__)]


def _load_source(stem: str) -> Source:
    return cast(Source, importlib.import_module(f"sources.providers.{stem}"))
