"""The kinds of values that settings have besides numbers: each says what it expects and refuses what is something else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from warehouse.symbols import canonical_symbol

_UNITS = {"KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}
_MEMORY = re.compile(r"(\d+(?:\.\d+)?) ?([KMGT]i?B)", re.IGNORECASE)
_LEAST_MEMORY = 100e6
# more than any machine has; DuckDB takes no size beyond 64 bits
_MOST_MEMORY = 100e12
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_ADDRESS = re.compile(r"https?://[^\s/]+\S*")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d+)?")
_CRON_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_CRON_NAMES = re.compile(
    r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat)\b", re.IGNORECASE
)
_BASES = ("raw", "split", "total_return")


@dataclass(frozen=True)
class Kind:
    """Marks a type: `expects` goes into errors and documentation; `check` returns the value, or raises ValueError where
    it is none of the kind. A ValueError with a text says more than `expects`."""

    expects: str
    check: Callable[[Any], Any]
    is_before: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        wrap = (
            core_schema.no_info_before_validator_function
            if self.is_before
            else core_schema.no_info_after_validator_function
        )
        return wrap(self.check, handler(source))


def suggest_name(name: str, known: Iterable[str]) -> str:
    """', did you mean X?' for a slip of the pen, else '; choose from ...'."""
    by_letters = {one.casefold(): one for one in sorted(known)}
    close = get_close_matches(name.casefold(), by_letters, n=1, cutoff=0.6)
    return f"; did you mean {by_letters[close[0]]}?" if close else f"; choose from {', '.join(by_letters.values())}"


def memory_bytes(text: str) -> float:
    """The bytes of a size such as '1200MB' or '2 GiB'. Raises ValueError for anything else."""
    found = _MEMORY.fullmatch(text.strip())
    if found is None:
        raise ValueError
    return float(found[1]) * _UNITS[found[2].upper()]


def _check_memory(text: str) -> str:
    if not _LEAST_MEMORY <= memory_bytes(text) <= _MOST_MEMORY:
        raise ValueError
    return text


def _pattern_check(pattern: re.Pattern[str]) -> Callable[[str], str]:
    def check_pattern(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError
        return text

    return check_pattern


def _check_address(text: str) -> str:
    try:
        parts = urlsplit(text)
        is_address = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or not _ADDRESS.fullmatch(text):
        raise ValueError
    return text


def _check_cron(text: str) -> str:
    """Five fields of numbers, names, lists, ranges and steps. Whether such a day ever comes is not asked."""
    fields = text.split()
    if len(fields) != len(_CRON_RANGES):
        raise ValueError
    for value, (low, high) in zip(fields, _CRON_RANGES, strict=True):
        for part in _CRON_NAMES.sub("1", value).split(","):
            span, slash, step = part.partition("/")
            if slash and not (step.isdecimal() and int(step) > 0):
                raise ValueError
            ends = [] if span == "*" else span.split("-")
            if len(ends) > 2 or not all(end.isdecimal() and low <= int(end) <= high for end in ends):
                raise ValueError
    return text


def _check_name(text: str) -> str:
    if not text or text != text.strip() or any(c.isspace() or not c.isprintable() for c in text) or len(text) > 40:
        raise ValueError
    return text


def _check_symbol(text: str) -> str:
    try:
        canonical_symbol(text)
    except ValueError as error:
        raise ValueError from error
    return text


def _check_dataset(text: str) -> str:
    # late: contracts bring pyarrow, which a home without such settings never needs
    from warehouse.contracts.datasets import CONTRACTS

    if text not in CONTRACTS:
        raise ValueError(f"is no dataset{suggest_name(text, CONTRACTS)}")
    return text


def _check_series_rank(rows: Any) -> Any:
    if not isinstance(rows, list | tuple):
        raise ValueError
    for row in rows:
        if not isinstance(row, list | tuple) or len(row) != 3 or not all(isinstance(one, str) and one for one in row):
            raise ValueError(f"has the row {row!r}; expected [dataset, source, basis]")
        if row[0] not in _BAR_DATASETS:
            raise ValueError(
                f"has the row {list(row)!r}: {row[0]!r} has no series{suggest_name(row[0], _BAR_DATASETS)}"
            )
        if row[2] not in _BASES:
            raise ValueError(f"has the row {list(row)!r}: {row[2]!r} is no basis{suggest_name(row[2], _BASES)}")
        if row[0] == "index_bars" and row[2] != "raw":
            raise ValueError(
                f"has the row {list(row)!r}: an index is taken as it is published, and index_bars are raw alone; "
                "write raw, or leave the row out"
            )
    return tuple(tuple(row) for row in rows)


def _check_anchors(rows: Any) -> Any:
    if not isinstance(rows, list | tuple):
        raise ValueError
    for row in rows:
        if not isinstance(row, list | tuple) or len(row) != 3 or not all(isinstance(one, str) and one for one in row):
            raise ValueError(f"has the row {row!r}; expected [day, name in English, name in Chinese]")
        try:
            date.fromisoformat(row[0])
        except ValueError as error:
            raise ValueError(f"has the row {list(row)!r}: {row[0]!r} is no day such as 2024-11-05") from error
    if len({row[0] for row in rows}) < len(rows):
        raise ValueError("names a day twice")
    return tuple(tuple(row) for row in rows)


_BAR_DATASETS = ("index_bars", "sector_bars", "equity_bars")

Memory = Annotated[str, Kind("a size such as 1200MB or 2GB, from 100MB to 100TB", _check_memory)]
ClockTime = Annotated[str, Kind("a time of day such as 18:30", _pattern_check(_CLOCK))]
Cron = Annotated[str, Kind('a cron line of five fields such as "30 18 * * 1-5"', _check_cron)]
Address = Annotated[str, Kind("an address that begins with http:// or https://", _check_address)]
Host = Annotated[str, Kind("the name of a host, without https:// and path", _pattern_check(_HOST))]
AlertAddress = Annotated[
    str,
    Kind(
        "an address in Apprise's form such as mailto://, slack://, jsons://, or ${NAME} of the environment",
        _pattern_check(re.compile(r"(?=.*(://|\$\{)).+")),
    ),
]
HostOrAll = Annotated[
    str, Kind('the name of a host, or "*" for all', _pattern_check(re.compile(rf"\*|{_HOST.pattern}")))
]
Symbol = Annotated[str, Kind("a symbol such as AAPL or BRK/B", _check_symbol)]
Name = Annotated[str, Kind("a name without blanks, at most 40 characters", _check_name)]
DatasetName = Annotated[str, Kind("the name of a dataset", _check_dataset)]
SeriesRank = Annotated[
    tuple[tuple[str, str, str], ...],
    Kind("a list of rows [dataset, source, basis], the preferred first", _check_series_rank, is_before=True),
]
Anchors = Annotated[
    tuple[tuple[str, str, str], ...],
    Kind("a list of rows [day, name in English, name in Chinese]", _check_anchors, is_before=True),
]
