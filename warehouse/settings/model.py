"""The settings, each declared once: name, type, bounds, default and meaning. Errors, `breadthwise config` and docs/settings.md
follow from here.

A new setting is one field of the section that it belongs to. A number or text of BuildSettings or FaultSettings is also a
`$parameter` of that name in the SQL models; its stand-in for the SQL linter goes into pyproject.toml.
"""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from warehouse.settings.faults import FaultSettings
from warehouse.settings.kinds import (
    Address,
    AlertAddress,
    Anchors,
    DatasetName,
    Host,
    HostOrAll,
    Memory,
    Name,
    SeriesRank,
    Symbol,
)
from warehouse.settings.section import Section, Share

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

# Days that the index sheet counts from.
ANCHORS: tuple[tuple[str, str, str], ...] = (
    ("2020-03-23", "the pandemic low", "新冠疫情低点"),
    ("2024-11-05", "the 2024 presidential election", "2024年美国大选"),
    ("2025-01-20", "the presidential inauguration", "美国总统就职日"),
)

RequestsPerSecond = Annotated[float, Field(gt=0, le=10_000)]


class BuildSettings(Section):
    """What the tables of a build depend on besides the lake and the code. Only these are in the digest."""

    title: ClassVar[str] = "Build: what the tables depend on"

    benchmark: Symbol = Field(
        default="SPY", description="Fund that sectors are compared with (relative strength, rotation)."
    )
    coverage_gate: Share = Field(
        default=0.90, description="Share of a universe's members that must have a value; below it a figure is NULL."
    )
    cmf_window: int = Field(
        default=21, ge=2, le=252, description="Sessions of the Chaikin money flow in the sector scores (a month)."
    )
    fill_tolerance_pct: float = Field(
        default=0.05,
        gt=0,
        le=5,
        description="Closes that differ by at most this, in percent, agree: a series may fill a hole of the other or follow it.",
    )
    part_market_sources: list[Name] = Field(
        default=["equities/largecap_ohlcv_adjusted"],
        description="Sources of stock bars that give a choice of stocks and not the market: where one begins, breadth does not.",
    )
    series_rank: SeriesRank = Field(
        default=SERIES_RANK,
        description="Which series of bars is preferred where several have a session; unlisted ones come after, by name.",
    )
    anchors: Anchors = Field(
        default=ANCHORS,
        description="Days that the index sheet gives the change since, each with what it was, in English and Chinese.",
    )


class FetchSettings(Section):
    """What is asked of whom, and how fast. How rows are fetched changes no build."""

    title: ClassVar[str] = "Fetching: what is asked of whom"

    sources: dict[DatasetName, list[Name]] = Field(
        default_factory=dict,
        description="Live sources of a dataset, the first being asked first; an empty list leaves the dataset out.",
    )
    symbols: dict[DatasetName, list[Name]] = Field(
        default_factory=dict,
        description="What is asked for by dataset, instead of the defaults: symbols, series ids or universes.",
    )
    universe: list[Symbol] = Field(
        default_factory=list, description="Stocks that are asked for one by one: bars, ratings, fundamentals."
    )
    pace: dict[Host, RequestsPerSecond] = Field(
        default_factory=dict, description="Requests a second by host, instead of the source's own pace."
    )
    base_urls: dict[HostOrAll, Address] = Field(
        default_factory=dict,
        description="Where a host's requests go instead: a mirror, or `breadthwise mock-api`.",
    )
    fetch_threads: int = Field(default=8, ge=1, le=64, description="Requests under way at the same time.")
    reread_sessions: int = Field(
        default=15, ge=1, le=252, description="Sessions that a daily run asks for again, so that corrections are seen."
    )


class IngestSettings(Section):
    """When a bar is final, and how bad a batch may be."""

    title: ClassVar[str] = "Checking what came"

    close_margin_minutes: int = Field(
        default=15, ge=0, le=600, description="Minutes after the close from which on a session's bars are final."
    )
    refused_share_limit: dict[DatasetName, Share] = Field(
        default_factory=dict,
        description="Share of the rows of a file or an answer that may be refused, by dataset; one with more is stopped whole. "
        "The default is the contract's (docs/dictionary.md).",
    )
    refused_rows_allowed: int = Field(
        default=5,
        ge=0,
        le=1000,
        description="Refused rows of a file or an answer up to which it is taken without them, whatever their share, where they "
        "are fewer than half of it and its limit is not 0: one bad row stops no small file. Not where days that are no "
        "sessions say that its dates are wrong.",
    )


class HomeSettings(Section):
    """Memory, disk and files of this home. They change no table."""

    title: ClassVar[str] = "Memory, disk and files"

    memory_limit: Memory = Field(
        default="280MB",
        description="What DuckDB may use in a build before it spills to disk; the process takes some 250 MB besides.",
    )
    keep_builds_days: int = Field(
        default=14, ge=0, le=36_500, description="Days after which a build that is no longer current is deleted."
    )
    storage_version: Literal["v1.2.0", "v1.3.0", "v1.4.0", "v1.5.0", "v2.0.0"] = Field(
        default="v1.5.0",
        description="Storage format of the published file: the oldest DuckDB that must be able to open it.",
    )


Language = Literal["en", "zh"]


def _default_languages() -> list[Language]:
    return ["zh"]


class ReportSettings(Section):
    """How reports are printed. They change no table."""

    title: ClassVar[str] = "Reports"

    up_is_red_in: list[Language] = Field(
        default_factory=_default_languages,
        description="Languages whose pages show rises in red and falls in green, as Chinese readers expect.",
    )
    keep_reports_days: int = Field(
        default=400,
        ge=0,
        le=36_500,
        description="Days that a report stays, from the later of its session and the day on which it was written, to the newest "
        "session with a report; one that is older is removed at the next report, which says how many went.",
    )


AlertEvent = Literal["failed", "gaps", "suspect", "restated", "missed"]


def _all_events() -> list[AlertEvent]:
    return ["failed", "gaps", "suspect", "restated", "missed"]


class AlertSettings(Section):
    """Who is told of a run that needs somebody's attention. They change no table, and the addresses are secrets."""

    title: ClassVar[str] = "Alerts: who is told when a run needs attention"

    alerts: list[AlertAddress] = Field(
        default_factory=list,
        repr=False,
        description="Addresses in Apprise's form (mail, Slack, Teams, webhooks ...) that are told; `${NAME}` in one stands for "
        "the variable of the environment. No command shows more of one than its scheme.",
    )
    alert_on: list[AlertEvent] = Field(
        default_factory=_all_events,
        description="Of what: a run that failed or was cut off; gaps or rows in dispute; bars of the newest session set aside; "
        "published figures restated; a scheduled run that did not take place. That a fault is over is told of each.",
    )


SECRET_SETTINGS = frozenset(AlertSettings.model_fields) - {"alert_on"}


class Settings(
    HomeSettings, AlertSettings, ReportSettings, IngestSettings, FetchSettings, FaultSettings, BuildSettings
):
    """All settings of a home. Raises pydantic's ValidationError where a value is out of its bounds."""

    @property
    def build_digest(self) -> str:
        """Names the settings that a build depends on."""
        text = json.dumps(self.build_settings(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def shown_settings(self) -> dict[str, Any]:
        """All settings by name, as JSON has them, without those that are secrets."""
        return self.model_dump(mode="json", exclude=set(SECRET_SETTINGS))

    def build_settings(self) -> dict[str, Any]:
        """The settings that a build depends on, by name, as JSON has them."""
        return self.model_dump(mode="json", include={*BuildSettings.model_fields, *FaultSettings.model_fields})

    def sql_parameters(self) -> dict[str, str | int | float | list[str]]:
        """What SQL models may use as `$name`: numbers, texts and names among the settings of a build, and $anchors as JSON."""
        found = {name: value for name, value in self.build_settings().items() if name not in ("series_rank", "anchors")}
        anchors = [{"day": day, "en": english, "zh": chinese} for day, english, chinese in self.anchors]
        return {**found, "anchors": json.dumps(anchors, ensure_ascii=False)}


SECTIONS: tuple[type[Section], ...] = (
    BuildSettings,
    FaultSettings,
    FetchSettings,
    IngestSettings,
    ReportSettings,
    AlertSettings,
    HomeSettings,
)
