"""Every model gives, on the small inputs of its example file, the rows worked by hand."""

from __future__ import annotations

import pytest

from tests.models import harness


@pytest.mark.parametrize("case", harness.cases(), ids=lambda case: f"{case.model}: {case.description}")
def test_a_model_gives_the_rows_worked_by_hand(case: harness.Case) -> None:
    harness.check_case(case)


def test_a_wrong_figure_is_seen() -> None:
    case = next(case for case in harness.cases() if case.model == "marts.index_spreads")
    wrong = case.expected.replace("| 0.50", "| 0.51", 1)
    assert wrong != case.expected
    with pytest.raises(AssertionError, match="expected, not built"):
        harness.check_case(harness.Case(case.model, "", case.inputs, wrong, case.where, case.parameters))
