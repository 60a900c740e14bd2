"""The sources that there are: every module of `sources/providers` is one."""

from __future__ import annotations

import importlib
import pkgutil
from typing import cast

from sources import providers
from sources.base import Adapter, Source
from warehouse.contracts.datasets import CONTRACTS
from warehouse.errors import SourceModuleError, UsageError
from warehouse.settings.kinds import suggest_name

_NEEDED = ("NAME", "DATASETS", "parse")
# of a source that has `fetch`
_NEEDED_LIVE = ("HOSTS", "PACE", "NEEDS_KEY", "requests_for")


def parsers_by_name() -> dict[str, Source]:
    """All sources by name, in alphabetical order: those that ask a host and those that only read.

    Raises SourceModuleError for a module that is none, and for two of one name.
    """
    files: dict[str, str] = {}
    found: dict[str, Source] = {}
    for stem in _module_stems():
        source = _load_source(stem)
        if source.NAME in found:
            both = f"{_file(files[source.NAME])} and {_file(stem)}"
            raise SourceModuleError(f"{both} have the same NAME, {source.NAME!r}; each source has its own")
        files[source.NAME], found[source.NAME] = stem, source
    return dict(sorted(found.items()))


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
    module = importlib.import_module(f"sources.providers.{stem}")
    needed = (*_NEEDED, *_NEEDED_LIVE) if hasattr(module, "fetch") else _NEEDED
    missing = [name for name in needed if not hasattr(module, name)]
    if missing:
        raise SourceModuleError(f"{_file(stem)} has no {missing[0]}; a source has {', '.join(needed)}")
    source = cast(Source, module)
    if not isinstance(source.DATASETS, tuple):
        raise SourceModuleError(
            f'{_file(stem)}: DATASETS is {source.DATASETS!r}; write a tuple, such as ("index_bars",)'
        )
    for dataset in source.DATASETS:
        if dataset not in CONTRACTS:
            raise SourceModuleError(f"{_file(stem)}: {dataset!r} is no dataset{suggest_name(dataset, CONTRACTS)}")
    return source


def _file(stem: str) -> str:
    return f"sources/providers/{stem}.py"
