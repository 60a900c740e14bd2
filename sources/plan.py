"""Which source serves which dataset, in which order, and what is asked of it: settings first, then these defaults."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date, timedelta

from sources import catalog
from sources.base import Adapter
from warehouse import calendar
from warehouse.errors import SettingsError
from warehouse.settings import Settings
from warehouse.settings.kinds import suggest_name

# The first one is asked first, the next one for what the first lacks. The screener behind `securities` gives the
# closes, volumes and market caps of the whole market too; stocks asked one by one are `universe` in the settings.
ORDER: dict[str, tuple[str, ...]] = {
    "index_bars": ("yahoo_bars", "fred"),
    "sector_bars": ("yahoo_bars", "tiingo_bars"),
    "equity_bars": ("yahoo_bars", "polygon_grouped"),
    "securities": ("nasdaq_screener", "nasdaq_symbols"),
    "memberships": ("blackrock_holdings",),
    "rating_actions": ("yahoo_ratings", "fmp_ratings"),
    "fundamentals": ("sec_fundamentals",),
    "macro_observations": ("fred", "nyfed_rates"),
    "events": ("fed_speeches",),
}
SYMBOLS: dict[str, tuple[str, ...]] = {
    "index_bars": ("SPX", "COMP", "DJI", "RUT", "NDX", "MID", "SML", "RUI", "RUA", "VIX", "RTY"),
    "sector_bars": (
        *("XLB", "XLC", "XLE", "XLF", "XLI", "XLK", "XLP", "XLRE", "XLU", "XLV", "XLY"),
        *("SPY", "QQQ", "DIA", "IWM", "IWB", "MDY", "IJR", "RSP", "IVW", "IVE", "IWF", "IWD"),
    ),
    "memberships": ("russell2000", "sp500"),
    "macro_observations": (
        *("DFEDTARL", "DFEDTARU", "EFFR", "DFF", "FEDFUNDS", "SOFR", "DGS2", "DGS10", "DGS30"),
        *("WALCL", "WRESBAL", "RRPONTSYD", "NFCI", "BAA10Y", "AAA10Y", "GDPC1", "INDPRO", "FEDTARMD", "GDPC1MD"),
    ),
}
BARS = ("index_bars", "sector_bars", "equity_bars")
# All that a company ever filed comes in one large answer: once a week is enough for what is filed once a quarter.
WEEKLY = ("fundamentals",)
# A revision of a macro series reaches back; two years hold the annual revisions of the national accounts.
_MACRO_DAYS = 730
_ANY_SESSION = date(2024, 1, 2)
_FIRST_OBSERVATION = date(1900, 1, 1)


def daily_datasets(settings: Settings) -> list[str]:
    """What a daily run asks for, in order. A dataset whose list of sources is empty in the settings is left out."""
    named = [*ORDER, *(name for name in settings.sources if name not in ORDER)]
    return [name for name in named if settings.sources.get(name, ORDER.get(name))]


def sources_for_dataset(
    dataset: str, settings: Settings, adapters: Mapping[str, Adapter] | None = None
) -> list[Adapter]:
    """The sources of `dataset` in the order in which they are asked.

    Raises SettingsError for a name that is no live source, or for one that does not serve the dataset.
    """
    known = catalog.adapters_by_name() if adapters is None else adapters
    found = []
    for name in settings.sources.get(dataset, list(ORDER.get(dataset, ()))):
        fault = fault_of_source(dataset, name, known)
        if fault is not None:
            raise SettingsError(f"sources.{dataset}: {fault}")
        found.append(known[name])
    return found


def fault_of_source(dataset: str, name: str, adapters: Mapping[str, Adapter] | None = None) -> str | None:
    """Why the source `name` cannot serve `dataset`, in words; None where it can."""
    if adapters is None and catalog.is_live(name):
        # the others need not be imported for this
        adapters = {name: catalog.find_adapter(name)} if dataset in catalog.find_adapter(name).DATASETS else None
    known = catalog.adapters_by_name() if adapters is None else adapters
    if name not in known:
        return f"{name!r} is no live source{suggest_name(name, known)}"
    if dataset not in known[name].DATASETS:
        serve = ", ".join(sorted(n for n, a in known.items() if dataset in a.DATASETS)) or "none"
        return f"{name} does not serve {dataset}; these do: {serve}"
    return None


def is_of_market(source: Adapter) -> bool:
    """Whether `source` gives the whole market of stocks where no symbols are asked for."""
    return "equity_bars" in source.DATASETS and bool(source.requests_for("equity_bars", [], _ANY_SESSION, _ANY_SESSION))


def sources_of_choices(settings: Settings) -> list[str]:
    """The sources of stock bars that give a choice of stocks and not the market: those asked one by one, and the settings'."""
    live = catalog.adapters_by_name()
    one_by_one = [name for name, one in live.items() if "equity_bars" in one.DATASETS and not is_of_market(one)]
    return [*one_by_one, *settings.part_market_sources]


def missing_key(adapter: Adapter) -> str | None:
    """The environment variable that `adapter` needs and does not find; None where it can be asked."""
    name = adapter.NEEDS_KEY
    return name if name is not None and not os.environ.get(name) else None


def describe_wanted_key(adapter: Adapter) -> str:
    """The variable that `adapter` needs, with what to put in it where that is no key."""
    name = adapter.NEEDS_KEY or ""
    return f"{name} (your name and e-mail address)" if name == "SEC_CONTACT" else name


def symbols_for_dataset(dataset: str, settings: Settings) -> list[str]:
    """What is asked of a source that is asked one by one: symbols, series ids or universes."""
    if dataset in settings.symbols:
        return list(settings.symbols[dataset])
    return list(SYMBOLS.get(dataset, tuple(settings.universe)))


def sessions_to_request(dataset: str, session: date, settings: Settings) -> list[date]:
    """The sessions that a run for `session` asks for: the window that is read again, oldest first.

    A fund's list of a day is published on the next one.
    """
    window = calendar.sessions_between(session - timedelta(days=2 * settings.reread_sessions + 14), session)
    if dataset == "memberships":
        return window[-2:-1]
    return window[-settings.reread_sessions :]


def request_span(dataset: str, wanted: list[date], is_known: bool) -> tuple[date, date]:
    """From when to when is asked: for a macro series two years, and all of it the first time."""
    if dataset != "macro_observations":
        return wanted[0], wanted[-1]
    return (wanted[0] - timedelta(days=_MACRO_DAYS) if is_known else _FIRST_OBSERVATION), wanted[-1]


def is_dataset_due(dataset: str, session: date, is_known: bool) -> bool:
    """False for what is asked once a week (on the last session of the week) and is known already."""
    if dataset not in WEEKLY or not is_known:
        return True
    following = calendar.sessions_between(session + timedelta(days=1), session + timedelta(days=10))
    return bool(following) and following[0].isocalendar()[1] != session.isocalendar()[1]
