"""An empty table of the report names the datasets that it is made of."""

from __future__ import annotations

from reports.layout import BY_NAME, WANTS
from reports.tables import table_view
from warehouse.contracts.datasets import CONTRACTS


def test_every_table_of_data_names_its_datasets() -> None:
    assert set(WANTS) == set(BY_NAME) - {"data_quality"}
    assert {name for text in WANTS.values() for name in text.split(", ")} <= set(CONTRACTS)
    view = table_view(BY_NAME["rotation"], [], [], "en")
    assert (view.is_empty, view.lake_datasets) == (True, "sector_bars")
