"""Which source is asked for what: defaults of the house, overridden by the settings."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from sources import catalog, plan
from sources.settings import load_settings as load_settings
from warehouse.settings import Settings

SESSION = date(2026, 1, 23)


def test_every_default_source_exists_and_serves_its_dataset() -> None:
    for dataset in plan.daily_datasets(Settings()):
        assert [source.NAME for source in plan.sources_for_dataset(dataset, Settings())] == list(plan.ORDER[dataset])


def test_every_live_source_can_be_planned_without_network() -> None:
    for name, adapter in catalog.adapters_by_name().items():
        for dataset in adapter.DATASETS:
            symbols = plan.symbols_for_dataset(dataset, Settings(universe=["AAPL", "BRK/B"]))
            requests = adapter.requests_for(dataset, symbols, date(2026, 1, 20), SESSION)
            assert {request.source for request in requests} <= {name}
            assert {request.dataset for request in requests} <= {dataset}


def test_the_settings_choose_sources_and_symbols(tmp_path: Path) -> None:
    (tmp_path / "breadthwise.toml").write_text(
        'universe = ["AAPL"]\n'
        '[sources]\nindex_bars = ["fred"]\nevents = []\nsplits = ["simulated"]\n'
        '[symbols]\nindex_bars = ["SPX"]\n'
        '[pace]\n"query1.finance.yahoo.com" = 200\n'
        '[base_urls]\n"*" = "http://127.0.0.1:8900"\n'
    )
    settings = load_settings(tmp_path)
    assert "events" not in plan.daily_datasets(settings)
    assert plan.daily_datasets(settings)[-1] == "splits"
    assert [source.NAME for source in plan.sources_for_dataset("index_bars", settings)] == ["fred"]
    assert plan.symbols_for_dataset("index_bars", settings) == ["SPX"]
    assert (
        plan.symbols_for_dataset("equity_bars", settings)
        == plan.symbols_for_dataset("fundamentals", settings)
        == ["AAPL"]
    )
    assert settings.build_digest == Settings().build_digest, "how rows are fetched changes no build"


def test_the_window_that_is_read_again() -> None:
    window = plan.sessions_to_request("index_bars", SESSION, Settings())
    assert (len(window), window[0], window[-1]) == (15, date(2026, 1, 2), SESSION)
    assert plan.sessions_to_request("memberships", SESSION, Settings()) == [date(2026, 1, 22)]


def test_macro_series_are_read_whole_once_and_two_years_later() -> None:
    assert plan.request_span("macro_observations", [SESSION], False) == (date(1900, 1, 1), SESSION)
    assert plan.request_span("macro_observations", [SESSION], True) == (date(2024, 1, 24), SESSION)
    assert plan.request_span("index_bars", [date(2026, 1, 22), SESSION], False) == (date(2026, 1, 22), SESSION)


@pytest.mark.parametrize(
    ("day", "is_known", "due"),
    [
        (date(2026, 1, 23), True, True),  # a Friday
        (date(2026, 1, 22), True, False),
        (date(2026, 1, 22), False, True),
        (date(2026, 4, 2), True, True),  # the Thursday before Good Friday
    ],
)
def test_filings_are_asked_for_on_the_last_session_of_the_week(day: date, is_known: bool, due: bool) -> None:
    assert plan.is_dataset_due("fundamentals", day, is_known) is due
    assert plan.is_dataset_due("rating_actions", day, is_known)
