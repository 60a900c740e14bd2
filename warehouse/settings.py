"""Settings: where the home is, and what `breadthwise.toml` in it says. Keys stay in the environment."""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from warehouse.errors import SettingsError

# (dataset, source, basis) in order of preference; what is not listed comes after, by name.
SERIES_RANK: tuple[tuple[str, str, str], ...] = (
    ("index_bars", "yahoo_bars", "raw"),
    ("sector_bars", "etfs/etf_ohlcv_adjusted", "total_return"),
    ("sector_bars", "etfs/etf_close_adjusted", "total_return"),
    ("sector_bars", "etfs/etf_ohlcv_unadjusted_2026", "raw"),
    ("sector_bars", "yahoo_bars", "raw"),
    ("sector_bars", "tiingo_bars", "raw"),
    ("equity_bars", "nasdaq_screener", "raw"),
    ("equity_bars", "yahoo_bars", "raw"),
    ("equity_bars", "polygon_grouped", "raw"),
)
# How rows are fetched changes no build: these stand outside the digest.
OF_FETCHING = ("sources", "symbols", "universe", "pace", "base_urls", "fetch_threads", "reread_sessions")


@dataclass(frozen=True)
class Settings:
    """What a build depends on besides the lake and the code; `digest` names a set of them."""

    benchmark: str = "SPY"
    coverage_gate: float = 0.90
    cmf_window: int = 21
    close_margin_minutes: int = 15
    reread_sessions: int = 15
    keep_builds_days: int = 14
    memory_limit: str = "1200MB"
    refused_share_limit: dict[str, float] = field(default_factory=dict)
    series_rank: tuple[tuple[str, str, str], ...] = SERIES_RANK
    # A fallback's close fills a lost session where it is within this of the first series on both sides.
    fill_tolerance_pct: float = 0.05
    # Which sources serve a dataset, the first being asked first; what is not named is as `sources/plan.py` has it.
    sources: dict[str, list[str]] = field(default_factory=dict)
    # What is asked of them: symbols, series or universes by dataset; `universe` are the stocks.
    symbols: dict[str, list[str]] = field(default_factory=dict)
    universe: list[str] = field(default_factory=list)
    # Requests a second by host, and where a host's requests go instead (a mirror, or `breadthwise mock-api`).
    pace: dict[str, float] = field(default_factory=dict)
    base_urls: dict[str, str] = field(default_factory=dict)
    fetch_threads: int = 8

    @property
    def digest(self) -> str:
        values = {name: value for name, value in asdict(self).items() if name not in OF_FETCHING}
        text = json.dumps(values, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def home() -> Path:
    """The data home: BREADTHWISE_HOME, else ./data."""
    return Path(os.environ.get("BREADTHWISE_HOME") or "data").absolute()


def load(folder: Path) -> Settings:
    """The settings of this home. Raises SettingsError for unknown names or values of a wrong type."""
    path = folder / "breadthwise.toml"
    if not path.exists():
        return Settings()
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not valid TOML: {error}") from error
    known = {f.name for f in fields(Settings)}
    for name in given:
        if name not in known:
            raise SettingsError(f"{path}: unknown setting {name!r}; known are {', '.join(sorted(known))}")
    return Settings(**{name: _checked(path, name, value) for name, value in given.items()})


def _checked(path: Path, name: str, value: Any) -> Any:
    default = getattr(Settings(), name)
    if name == "series_rank":
        if not all(isinstance(row, list) and len(row) == 3 for row in value):
            raise SettingsError(f"{path}: series_rank wants rows of [dataset, source, basis]")
        return tuple(tuple(row) for row in value)
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if not isinstance(value, type(default)) or isinstance(value, bool):
        raise SettingsError(f"{path}: {name} = {value!r} should be of type {type(default).__name__}")
    fault = _FAULTS.get(name, lambda _: None)(value)
    if fault is not None:
        raise SettingsError(f"{path}: {name} {fault}")
    return value


def _texts(value: Any) -> str | None:
    return None if all(isinstance(text, str) for text in value) else f"wants a list of texts, and is {value!r}"


def _tables_of_texts(value: dict[str, Any]) -> str | None:
    for name, texts in value.items():
        if not isinstance(texts, list) or _texts(texts) is not None:
            return f"wants a list of texts for {name}, and has {texts!r}"
    return None


def _paces(value: dict[str, Any]) -> str | None:
    for host, pace in value.items():
        if not isinstance(pace, int | float) or isinstance(pace, bool) or not 0 < pace <= 10_000:
            return f"wants requests a second above 0 for {host}, and has {pace!r}"
    return None


def _addresses(value: dict[str, Any]) -> str | None:
    for host, address in value.items():
        if not isinstance(address, str) or not address.startswith(("http://", "https://")):
            return f"wants an address that begins with http:// or https:// for {host}, and has {address!r}"
    return None


def _above_zero(value: float) -> str | None:
    return None if value > 0 else f"should be above 0, and is {value!r}"


_FAULTS: dict[str, Callable[[Any], str | None]] = {
    "sources": _tables_of_texts,
    "symbols": _tables_of_texts,
    "universe": _texts,
    "pace": _paces,
    "base_urls": _addresses,
    "fetch_threads": _above_zero,
    "reread_sessions": _above_zero,
    "fill_tolerance_pct": _above_zero,
}
