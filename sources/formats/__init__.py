"""The formats of bulk files, one small module each; a module with a FORMAT is one, there is no registry."""

from __future__ import annotations

import importlib
import pkgutil
from functools import lru_cache

from sources.formats._base import Format
from warehouse.errors import UsageError


@lru_cache(maxsize=1)
def all_formats() -> dict[str, Format]:
    """All formats by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))
    found: list[Format] = [importlib.import_module(f"{__name__}.{name}").FORMAT for name in names]
    return {one.name: one for one in found}


def find_format(name: str) -> Format:
    """The format `name`. Raises UsageError for an unknown one, with the known ones."""
    if name not in all_formats():
        raise UsageError(f"no format {name!r}; known are {', '.join(all_formats())}")
    return all_formats()[name]
