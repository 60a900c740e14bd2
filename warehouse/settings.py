"""Settings: where the home is, and what `breadthwise.toml` in it says. Keys stay in the environment."""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from warehouse.errors import SettingsError

# (dataset, source, basis) in order of preference; what is not listed comes after, by name.
SERIES_RANK: tuple[tuple[str, str, str], ...] = (
    ("sector_bars", "etfs/etf_ohlcv_adjusted", "total_return"),
    ("sector_bars", "etfs/etf_close_adjusted", "total_return"),
    ("sector_bars", "etfs/etf_ohlcv_unadjusted_2026", "raw"),
    ("equity_bars", "nasdaq_screener", "raw"),
)


@dataclass(frozen=True)
class Settings:
    """What a build depends on besides the lake and the code; `digest` names a set of them."""

    benchmark: str = "SPY"
    coverage_gate: float = 0.90
    close_margin_minutes: int = 15
    reread_sessions: int = 15
    keep_builds_days: int = 14
    memory_limit: str = "1200MB"
    refused_share_limit: dict[str, float] = field(default_factory=dict)
    series_rank: tuple[tuple[str, str, str], ...] = SERIES_RANK

    @property
    def digest(self) -> str:
        text = json.dumps(asdict(self), sort_keys=True)
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
    if isinstance(default, float) and isinstance(value, int):
        value = float(value)
    if not isinstance(value, type(default)):
        raise SettingsError(f"{path}: {name} = {value!r} should be of type {type(default).__name__}")
    return value
