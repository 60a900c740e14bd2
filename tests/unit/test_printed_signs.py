"""How SQL prints a figure with its sign: a typographic minus, commas, and no sign before what rounds to zero."""

from __future__ import annotations

import pytest

from tests.models import harness


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (-0.003, 2, "0.00"),
        (0.003, 2, "0.00"),
        (0.0, 2, "0.00"),
        (-0.007, 2, "\u22120.01"),
        (0.007, 2, "+0.01"),
        (-0.04, 1, "0.0"),
        (0.4, 0, "0"),
        (-0.6, 0, "\u22121"),
        (1234.5, 2, "+1,234.50"),
        (-1234.5, 1, "\u22121,234.5"),
        (None, 2, None),
    ],
)
def test_what_rounds_to_zero_has_no_sign(value: float | None, digits: int, shown: str | None) -> None:
    with harness.connection() as con:
        (found,) = con.execute(f"select lake.signed(?::double, {digits})", [value]).fetchone() or ()
    assert found == shown
