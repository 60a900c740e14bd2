"""Reads `breadthwise.toml`: all mistakes of the file in one error, each with its key, its line and what was expected."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from warehouse.errors import SettingsError
from warehouse.masking import mask_addresses
from warehouse.settings.describe import describe_expected_value, quote_key
from warehouse.settings.kinds import suggest_name
from warehouse.settings.model import SECRET_SETTINGS, Settings

FILE = "breadthwise.toml"
_HEADER = re.compile(r"\s*\[([^\[\]]+)\]\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")


@dataclass(frozen=True)
class Mistake:
    """What is wrong with the value at `path`: keys of tables, positions in lists. `text` follows the path in the message."""

    path: tuple[str | int, ...]
    text: str


Check = Callable[[Mapping[str, Any]], Iterable[Mistake]]


def load_home_settings(folder: Path, check: Check | None = None) -> Settings:
    """The settings of the home `folder`; the defaults where it has no file.

    `check` finds further mistakes in the file's values, which may be of any type. Raises SettingsError that names all
    mistakes.
    """
    path = folder / FILE
    given, text = read_settings_file(path)
    mistakes: list[Mistake] = []
    settings = Settings()
    try:
        settings = Settings(**given)
    except ValidationError as error:
        mistakes += mistakes_from_error(error)
    if check is not None:
        mistakes += check(given)
    if mistakes:
        raise SettingsError(_mistakes_message(path, mistakes, lines_of_keys(text)))
    return settings


def read_settings_file(path: Path) -> tuple[dict[str, Any], str]:
    """The values of the file and its text; both empty where there is no file. Raises SettingsError where it is no TOML."""
    try:
        if path.exists() and not path.is_file():
            kind = "a folder" if path.is_dir() else "a pipe or a device"
            raise SettingsError(f"{path} is {kind}, not a file of settings; move it away")
        # Windows' editors put a mark before UTF-8
        text = path.read_text(encoding="utf-8-sig")
        return tomllib.loads(text), text
    except FileNotFoundError:
        return {}, ""
    except NotADirectoryError as error:
        raise SettingsError(f"{path.parent} is a file, not a folder; choose another --home") from error
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror or error}; mend its permissions") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not valid TOML: {error}") from error
    except RecursionError as error:
        raise SettingsError(f"{path} is not valid TOML: its lists or tables are nested too deeply") from error


def mistakes_from_error(error: ValidationError) -> list[Mistake]:
    """The mistakes that pydantic found, in this house's words."""
    found = []
    for one in error.errors():
        path = tuple(part for part in one["loc"] if part != "[key]")
        is_key = "[key]" in one["loc"]
        if one["type"] == "extra_forbidden":
            found.append(Mistake(path, f"is no setting{suggest_name(str(path[0]), Settings.model_fields)}"))
            continue
        reason = one.get("ctx", {}).get("error") if one["type"] == "value_error" else None
        value = "(not shown)" if path[0] in SECRET_SETTINGS else f"= {_short_json(one['input'])}"
        shown = "" if is_key else value
        if reason is not None and str(reason):
            found.append(Mistake(path, f"{shown} {reason}".strip()))
        else:
            found.append(Mistake(path, f"{shown}; expected {describe_expected_value(path, is_key)}".lstrip("; ")))
    return found


def lines_of_keys(text: str) -> dict[tuple[str, ...], int]:
    """The line, from 1, on which each key of a TOML text stands; keys of inline tables have none."""
    found: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    fence = ""
    for number, line in enumerate(text.splitlines(), 1):
        if not fence:
            header, key = _HEADER.match(line), _KEY.match(line)
            if header and not key:
                table = _split_dotted_key(header[1])
                found.setdefault(table, number)
            elif key:
                found.setdefault((*table, *_split_dotted_key(key[1])), number)
        # what looks like a key inside a text of several lines is none
        for mark in ('"""', "'''"):
            if (not fence or fence == mark) and line.count(mark) % 2:
                fence = "" if fence else mark
                break
    return found


def line_of_path(path: tuple[str | int, ...], lines: Mapping[tuple[str, ...], int]) -> int | None:
    """The line of the longest beginning of `path` that stands on one."""
    keys = tuple(map(str, path))
    return next((lines[keys[:n]] for n in range(len(keys), 0, -1) if keys[:n] in lines), None)


def _key_path(path: tuple[str | int, ...]) -> str:
    """As TOML writes it, with positions in lists in brackets: pace."www.sec.gov", universe[0]."""
    shown = ".".join(quote_key(part) if isinstance(part, str) else f"[{part}]" for part in path)
    return shown.replace(".[", "[")


def _split_dotted_key(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))


def _short_json(value: Any) -> str:
    text = mask_addresses(json.dumps(value, ensure_ascii=False, default=str))
    return text if len(text) <= 60 else f"{text[:57]}..."


def _mistakes_message(path: Path, mistakes: list[Mistake], lines: Mapping[tuple[str, ...], int]) -> str:
    """One line where there is one mistake, else a line for each below the first."""
    numbered = []
    for mistake in mistakes:
        line = line_of_path(mistake.path, lines)
        key = _key_path(mistake.path)
        numbered.append((line or 0, f"{f'line {line}: ' if line else ''}{key} {mistake.text}".replace(" ;", ";")))
    texts = [text for _, text in sorted(numbered, key=lambda pair: pair[0])]
    if len(texts) == 1:
        return f"{path}: {texts[0]}"
    return "\n  ".join([f"{path} has {len(texts)} mistakes:", *texts])
