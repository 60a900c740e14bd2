"""No model without an example worked by hand, no example without its model, and no example that compares nothing."""

from __future__ import annotations

import pytest

from tests.models import harness

CASES = harness.cases()


def test_every_model_has_an_example_file() -> None:
    examples = {path.stem for path in harness.FOLDER.glob("*.yml")}
    assert sorted(set(harness.models()) - examples) == [], "models without tests/models/<model>.yml"
    assert sorted(examples - set(harness.models())) == [], "example files of models that do not exist"


@pytest.mark.parametrize("model", sorted(path.stem for path in harness.FOLDER.glob("*.yml")))
def test_an_example_file_shows_rows(model: str) -> None:
    of_model = [harness.read_table(case.expected) for case in CASES if case.model == model]
    assert any(rows for _, rows in of_model), f"no case of {model}.yml expects a row"
