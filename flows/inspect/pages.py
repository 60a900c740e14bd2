"""The generated pages under docs/: data dictionary, methods, settings, each from what declares it."""

from __future__ import annotations

from pathlib import Path

from sources.environment import environment_variables
from transforms.docs import generated_pages
from warehouse.durable_io import write_text
from warehouse.settings import pages as settings_pages


def texts_of_pages() -> dict[str, str]:
    """The text of each page by the name of its file."""
    return {**generated_pages(), "settings.md": settings_pages.settings_page(environment_variables())}


def stale_pages(folder: Path) -> list[Path]:
    """The pages in `folder` that are missing, or not what they are made from says."""
    paths = {folder / name: text for name, text in texts_of_pages().items()}
    return [path for path, text in paths.items() if not path.exists() or path.read_text(encoding="utf-8") != text]


def write_pages(folder: Path) -> list[Path]:
    """Write the stale pages into `folder`; returns which."""
    made, stale = texts_of_pages(), stale_pages(folder)
    for path in stale:
        write_text(path, made[path.name])
    return stale
