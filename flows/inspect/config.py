"""The settings as they hold in a home: each with its value, its origin, its bounds and its meaning. No key's value is shown."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sources.environment import environment_variables
from warehouse.errors import UsageError
from warehouse.masking import mask_addresses
from warehouse.settings import Settings
from warehouse.settings.addresses import hide_address
from warehouse.settings.describe import default_value_text, setting_fields, setting_words, to_toml_text
from warehouse.settings.kinds import suggest_name
from warehouse.settings.load import FILE, line_of_path, lines_of_keys, read_settings_file
from warehouse.settings.model import SECRET_SETTINGS

Entry = Mapping[str, Any]


def setting_entries(
    home: Path, settings: Settings, names: Collection[str] = (), only_changed: bool = False
) -> list[Entry]:
    """The settings in the order of docs/settings.md: name, value, origin ('default' or file and line), expects, meaning.

    Raises UsageError for a name that is no setting.
    """
    for name in names:
        if name not in Settings.model_fields:
            raise UsageError(f"{name!r} is no setting{suggest_name(name, Settings.model_fields)}")
    given, file = read_settings_file(home / FILE)
    lines = lines_of_keys(file)
    found: list[Entry] = []
    for section, name in setting_fields():
        if (names and name not in names) or (only_changed and name not in given):
            continue
        line = line_of_path((name,), lines) or next((n for path, n in lines.items() if path[0] == name), None)
        origin = "default" if name not in given else f"{FILE} line {line}" if line else FILE
        found.append(
            {
                "name": name,
                "section": section.title,
                "value": _shown_value(settings, name),
                "default": default_value_text(name),
                "origin": origin,
                "expects": setting_words(name),
                "meaning": Settings.model_fields[name].description,
            }
        )
    return found


def _shown_value(settings: Settings, name: str) -> Any:
    """The value as JSON has it, addresses without logins and keys; of an address of an alert its scheme."""
    if name in SECRET_SETTINGS:
        return [hide_address(address) for address in getattr(settings, name)]
    return _without_logins(settings.shown_settings()[name])


def _without_logins(value: Any) -> Any:
    """The value with the logins and keys of addresses in it masked."""
    if isinstance(value, dict):
        return {name: _without_logins(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_without_logins(one) for one in value]
    return mask_addresses(value) if isinstance(value, str) else value


def settings_lines(home: Path, found: Sequence[Entry], with_keys: bool) -> Iterator[str]:
    """The entries for a reader, with `with_keys` also which keys of vendors are in the environment."""
    yield f"settings of {home / FILE}{'' if (home / FILE).exists() else ' (not there: all defaults)'}"
    section = ""
    for entry in found:
        if entry["section"] != section:
            section = entry["section"]
            yield f"\n{section}"
        yield f"  {entry['name']} = {to_toml_text(entry['value'])}    ({entry['origin']})"
        if entry["origin"] != "default":
            yield f"      default {entry['default']}"
        yield f"      {entry['expects']}"
        yield from textwrap.wrap(entry["meaning"], 110, initial_indent=" " * 6, subsequent_indent=" " * 6)
    if with_keys:
        yield "\nEnvironment"
        for name, meaning in environment_variables():
            yield f"  {name:<26} {'set' if os.environ.get(name) else 'not set':<8} {meaning}"
